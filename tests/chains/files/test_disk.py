"""Full and failing disks: nothing is lost, nothing is left behind."""

import errno
import os
import socket
import subprocess
import sys
import time

import pytest
from attacks import FailingDisk, small_disk
from bsinv.chains.files import disk, store
from bsinv.chains.records import RunFile
from bsinv.errors import StoreError


def test_a_file_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "file"
    disk.replace_file(path, b"one")
    path.chmod(0o640)
    disk.replace_file(path, memoryview(b"two"))
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["file"]


def test_what_must_not_be_replaced_stays(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def forbidden():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        disk.replace_file(path, b"new", forbidden)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("run.h5", "a results file"),
        ("mine.yaml", "an analysis"),
        ("w.json", "a HistFactory workspa"),
    ],
)
def test_results_and_inputs_do_not_give_way_to_tables(tmp_path, name, kind):
    path = tmp_path / name
    if name.endswith(".h5"):
        store.write(path, RunFile("one", "{}", 1))
    elif name.endswith(".yaml"):
        path.write_text("model: wet\nlikelihoods: [b2snunu]\n")
    else:
        path.write_text('{"channels": [], "measurements": []}')
    before = path.read_bytes()
    with pytest.raises(StoreError, match=rf"{name}: is there and {kind}.*give another name"):
        disk.write_file(path, b"a,b\n")
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == [name]
    disk.write_file(path, before)  # the same kind may
    # Notes that quote an analysis are no analysis.
    notes = tmp_path / "notes.md"
    notes.write_bytes(b"model: wet\nlikelihoods: []\n")
    disk.write_file(notes, b"new")
    assert notes.read_bytes() == b"new"


@pytest.mark.parametrize("size", [10, disk._LARGE])
def test_the_front_is_made_while_the_rest_is_written(tmp_path, size):
    path, content = tmp_path / "file", bytes(size)
    disk.replace_file(path, content, front=lambda: b"front")
    assert path.read_bytes() == b"front" + content[5:]

    def fail():
        raise MemoryError

    with pytest.raises(MemoryError):
        disk.replace_file(path, content, front=fail)
    assert path.read_bytes() == b"front" + content[5:]
    assert os.listdir(tmp_path) == ["file"]


def test_the_temporary_file_is_made_by_the_write_alone(tmp_path, monkeypatch):
    """A link with its name, put there by somebody else, is not followed."""
    monkeypatch.setattr(disk.secrets, "token_hex", lambda size: "0" * 2 * size)
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / disk._temporary_name("file")).symlink_to(victim)
    with pytest.raises(FileExistsError):
        disk.replace_file(tmp_path / "file", b"new")
    assert victim.read_bytes() == b"precious"


@pytest.mark.parametrize("large", [disk._LARGE, 0])
def test_every_call_of_the_system_may_fail(run, tmp_path, monkeypatch, large):
    """One after the other: either the old file is there, or the new one, and nothing else."""
    monkeypatch.setattr(disk, "_LARGE", large)
    path = store.write(tmp_path / "run.h5", run)
    old = path.read_bytes()
    number, failed = 0, 0
    while True:
        number += 1
        with monkeypatch.context() as patch:
            faults = FailingDisk(patch, number, errno.ENOSPC if number % 2 else errno.EIO)
            try:
                store.write(path, RunFile("other", "", 1))
                told = None
            except StoreError as error:
                told = str(error)
        if len(faults.calls) < number:
            break
        content = path.read_bytes()
        assert content == old or store.read(path).name == "other", faults.calls
        if told is not None:
            failed += 1
            assert "\n" not in told
            # Only the sync of the directory comes after the file has been replaced.
            assert content == old or "replace" in faults.calls[:-1]
        # The lease may stay behind where giving it back fails; the next one clears it away.
        left = set(os.listdir(tmp_path)) - {".run.h5.lock", ".run.h5.writer"}
        assert left == {"run.h5"}
        disk.replace_file(path, old)
    assert failed >= 5
    assert os.listdir(tmp_path) == ["run.h5"]
    assert {"open", "write", "fsync", "replace"} <= set(faults.calls)


def test_a_disk_that_fills_up(run, tmp_path):
    with small_disk(tmp_path / "disk", "1m") as directory:
        path = store.write(directory / "run.h5", RunFile("small", "", 1))
        old = path.read_bytes()
        for size in range(300_000, 900_000, 100_000):  # ever less room
            (directory / "ballast").write_bytes(bytes(size))
            with pytest.raises(StoreError, match="cannot write the results: No space left"):
                store.write(path, run)
            assert path.read_bytes() == old
            assert sorted(os.listdir(directory)) == ["ballast", "run.h5"]
        (directory / "ballast").write_bytes(bytes(10))
        store.write(path, RunFile("other", "", 1))
        assert store.read(path).name == "other"


@pytest.mark.skipif(os.name != "posix", reason="limits of file size are of POSIX")
@pytest.mark.parametrize("limit", [0, 300_000])
def test_files_that_cannot_grow(run, tmp_path, limit):
    path = store.write(tmp_path / "run.h5", run)
    old = path.read_bytes()
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from bsinv.chains.files import store; from bsinv.errors import StoreError\n"
        "run = store.read(sys.argv[1])\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        "try: store.write(sys.argv[1], run)\n"
        "except StoreError as error: sys.exit(str(error))"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith(str(tmp_path.resolve()))
    assert "File too large" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert path.read_bytes() == old
    disk.remove_stale_temporaries(path)
    assert set(os.listdir(tmp_path)) <= {"run.h5", ".run.h5.lock"}


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"Not a directory|File exists"):
        store.write(tmp_path / "file" / "run.h5", RunFile("x", "", 1))


def test_stale_temporaries(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    here, ending = disk.host_name(), "0123456789abcdef.tmp"
    names = {
        "dead": f".run.h5.{here}.{dead.pid}.{ending}",
        "ours": f".run.h5.{here}.{os.getpid()}.{ending}",
        "alive": f".run.h5.{here}.{os.getppid()}.{ending}",
        "number given to another": f".run.h5.{here}.{os.getppid()}.f{ending[1:]}",
        "elsewhere": f".run.h5.elsewhere.{dead.pid}.{ending}",
        "elsewhere, silent": f".run.h5.elsewhere.{dead.pid}.f{ending[1:]}",
        "another file": f".run2.h5.{here}.{dead.pid}.{ending}",
        "an older form": f".run.h5.{dead.pid}.tmp",
        "an older form, silent": f".run.h5.{dead.pid}0000.tmp",
        "of the user": ".run.h5.notes.tmp",
    }
    for key, name in names.items():
        (tmp_path / name).touch()
        if "silent" in key or "another" in key or key == "of the user":
            os.utime(tmp_path / name, (time.time() - 3600,) * 2)
    removed = disk.remove_stale_temporaries(tmp_path / "run.h5")
    assert {entry.name for entry in removed} == {
        names[key]
        for key in (
            "dead", "number given to another", "elsewhere, silent", "an older form, silent",
        )
    }  # fmt: skip
    assert disk.remove_stale_temporaries(tmp_path / "missing" / "run.h5") == ()


def test_long_and_odd_names(tmp_path, monkeypatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "a machine/with\x1b[2J" + "x" * 300)
    path = tmp_path / ("n" * 250)
    disk.replace_file(path, b"x")
    assert os.listdir(tmp_path) == [path.name]
