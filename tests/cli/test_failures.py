"""Machines that fail, runs that meet, signals at any time: one sentence, and nothing is lost."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from attacks import command, small_disk
from bsinv.chains.files.store import read, write

Command = Callable[..., tuple[int, str, str]]


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bsinv", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    )


def wait_for(process: subprocess.Popen[str], start: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(start):
            return
    raise AssertionError(f"never said: {start}")


@pytest.fixture
def endless(quick: Path) -> Path:
    quick.write_text(quick.read_text().replace("target_ess: 200", "target_ess: 1.0e9"))
    return quick


def test_the_second_of_two_runs_is_refused(endless: Path, bsinv: Command, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = start("sample", endless, "--out", out)
    wait_for(first, "saved")
    for arguments in (
        ("run", endless, "--out", out),
        ("run", endless, "--out", out, "--fresh"),
        ("sample", out / "run.h5"),
    ):
        code, text, told = bsinv(*arguments)
        assert (code, text) == (2, "")
        assert f"run.h5 is being written by process {first.pid} on " in told
        assert ", since 20" in told
        assert len(told.splitlines()) == 1
    assert not list(out.glob("run-*.h5"))
    assert bsinv("show", out / "run.h5")[0] == 0  # reading needs no lease
    first.kill()
    first.communicate()
    # The killed one does not stand in the way.
    assert bsinv("sample", endless, "--out", out, "--max-steps", 1)[0] == 0
    assert [entry.name for entry in out.iterdir()] == ["run.h5"]


def test_a_run_that_lost_its_lease_stops(endless: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = start("sample", endless, "--out", out)
    wait_for(first, "saved")
    with contextlib.suppress(FileNotFoundError):
        (out / ".run.h5.lock").unlink()
    told = first.communicate(timeout=60)[1].splitlines()
    assert first.returncode == 2
    assert told[-1].startswith(f"bsinv: error: {out.resolve() / 'run.h5'}: the lease of this run")
    read(out / "run.h5")


def test_a_full_disk_is_one_sentence(quick: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "120k") as directory:
        out = directory / "out"
        ended = command(["fit", str(quick), "--out", str(out)])
        assert ended.code == 2
        last = ended.told.splitlines()[-1]
        assert last.startswith("bsinv: error: ")
        assert last.endswith("No space left on device.") or "No space left on device" in last
        for entry in out.iterdir():
            assert entry.suffix != ".tmp"
            assert entry.stat().st_size
        read(out / "run.h5")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("stage", ["fit", "predictions", "pictures"])
def test_signals_act_in_every_stage(
    quick: Path, bsinv: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    stage: str, number: signal.Signals,
) -> None:  # fmt: skip
    from bsinv.fitter.runs.progress import PlainReporter

    say = PlainReporter.say

    def and_signal(self: PlainReporter, sentence: str) -> None:
        say(self, sentence)
        if sentence == stage:
            os.kill(os.getpid(), number)

    monkeypatch.setattr(PlainReporter, "say", and_signal)
    out = tmp_path / "out"
    code, text, told = bsinv("run", quick, "--out", out)
    assert (code, text) == (128 + number, "")
    saved = f"what was done before is saved in {out / 'run.h5'}"
    where = "nothing is saved yet" if stage == "fit" else saved
    stage = stage if stage != "fit" else "the fit"
    assert told.splitlines()[-1] == (
        f"bsinv: stopped during {stage if stage.startswith('the ') else 'the ' + stage}; {where}. "
        "The same command (without --fresh) goes on from there."
    )
    assert not list(out.glob(".*"))
    if (out / "run.h5").exists():
        assert read(out / "run.h5").ensembles
    if number == signal.SIGTERM:  # once for each stage
        monkeypatch.undo()
        monkeypatch.chdir(tmp_path)
        assert bsinv("run", quick, "--out", out)[0] == 0


def test_a_signal_outside_of_a_run() -> None:
    code = (
        "import os, signal, sys, bsinv.cli.commands as cli\n"
        "import bsinv.fitter.analysis as face\n"
        "face.load = lambda file, **own: os.kill(os.getpid(), int(sys.argv[1]))\n"
        "cli.main(['validate', 'x.yaml'])"
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        done = subprocess.run(
            [sys.executable, "-c", code, str(int(number))], capture_output=True, text=True
        )
        assert done.returncode == 128 + number
        lines = [line for line in done.stderr.splitlines() if line]  # click begins a new line
        assert lines == ["bsinv: interrupted; what was reported as saved is on disk."]


@pytest.mark.parametrize("name", ["", "  "])
@pytest.mark.parametrize("arguments", [("run",), ("fit",), ("sample",), ("check",), ("validate",)])
def test_an_empty_name_is_no_analysis(bsinv: Command, arguments: tuple[str], name: str) -> None:
    code, text, told = bsinv(*arguments, name)
    assert (code, text) == (2, "")
    assert told.startswith("bsinv: error: the name of the analysis is empty; known: ")
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (MemoryError(), "not enough memory"),
        (OSError(errno.EIO, "Input/output error", "/dev/sdx"), "/dev/sdx: Input/output error"),
        (OSError("the disk is on fire"), "the disk is on fire"),
    ],
)
def test_the_last_resort(
    bsinv: Command, monkeypatch: pytest.MonkeyPatch, error: Exception, sentence: str
) -> None:
    from bsinv.fitter import analysis as face

    def fail(file: str, **own: object) -> None:
        raise error

    monkeypatch.setattr(face, "load", fail)
    assert bsinv("validate", "x.yaml") == (
        2,
        "",
        f"bsinv: error: {sentence}; what was reported as saved is on disk.\n",
    )


def test_a_run_looks_whether_its_files_are_there(
    quick: Path, bsinv: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bsinv.chains.files import disk

    monkeypatch.setattr(disk, "replace_file", lambda path, content: None)
    code, _, told = bsinv("fit", quick, "--out", tmp_path / "out")
    assert code == 2
    last = told.splitlines()[-1]
    assert last.startswith(f"bsinv: error: {tmp_path / 'out'}: not written or removed since: ")
    assert "run.h5" not in last
    for name in ("spectrum.png", "dbdq2.png", "summary.md"):
        assert name in last


def test_results_that_were_exchanged_during_the_run(
    quick: Path, bsinv: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bsinv.fitter.runs import stages

    path = tmp_path / "out" / "run.h5"
    finish = stages.finish

    def exchange(*arguments: object) -> dict[str, str]:
        files = finish(*arguments)  # type: ignore[arg-type]
        path.write_bytes(path.read_bytes()[:-1] + b"x")
        return files

    monkeypatch.setattr(stages, "finish", exchange)
    code, _, told = bsinv("fit", quick, "--out", path.parent)
    assert code == 2
    assert told.splitlines()[-1] == (
        f"bsinv: error: {path}: not the file that was written: damaged or replaced since."
    )


def test_a_stored_text_does_not_reach_the_terminal(
    quick: Path, bsinv: Command, tmp_path: Path
) -> None:
    from dataclasses import replace

    assert bsinv("fit", quick, "--out", tmp_path / "out")[0] == 0
    results = read(tmp_path / "out" / "run.h5")
    bad = "\x1b[2J\x9b31m\x07[bold red]"
    best = results.best_fit
    assert best is not None
    harmful = replace(
        results,
        name=bad,
        notes=(bad,),
        versions={"bsinv": bad},
        best_fit=replace(best, status=bad, term_names=tuple(bad for _ in best.term_names)),
        parameters=tuple(replace(entry, unit=bad, prior=bad) for entry in results.parameters),
    )
    path = write(tmp_path / "bad.h5", harmful)
    for arguments in (("show", path), ("show", path, "--latex"), ("show", path, "--json")):
        code, text, told = bsinv(*arguments)
        assert code == 0
        assert "[2J" in text
        assert not {"\x1b", "\x9b", "\x07"} & set(text + told)
        if "--latex" not in arguments:
            assert r"\x1b[2J\x9b31m\x07[bold red]" in text.replace("\\\\", "\\")
    assert bsinv("plot", path, "--out", tmp_path / "pictures")[0] == 0
    summary = (tmp_path / "pictures" / "summary.md").read_text()
    assert not {"\x1b", "\x9b", "\x07"} & set(summary)


def test_damaged_files_are_refused_quickly(quick: Path, bsinv: Command, tmp_path: Path) -> None:
    import h5py
    from attacks import unsealed

    path = tmp_path / "out" / "run.h5"
    assert bsinv("fit", quick, "--out", path.parent)[0] == 0
    unsealed(path)
    with h5py.File(path, "a") as file:
        del file["analysis_text"], file["best_fit/values"]
        file["analysis_text"] = "x" * 50_000_000
        file["best_fit"].create_dataset("values", (10**12,), chunks=(1000,), dtype="f8")
    for name in ("show", "plot", "sample"):
        ended = command([name, str(path)])
        assert ended.one_sentence, ended.told
        assert ended.memory < 500e6
        # Of CPU, on a machine that may be busy; a quiet one: docs/project/reliability.md.
        assert ended.seconds < 10


def test_records_that_make_no_sense_together(quick: Path, bsinv: Command, tmp_path: Path) -> None:
    """Each can be read, but no picture can be drawn of them: told in one sentence."""
    from dataclasses import replace

    import numpy as np

    path = tmp_path / "out" / "run.h5"
    assert bsinv("fit", quick, "--out", path.parent, "--profile", "dC_L")[0] == 0
    results = read(path)
    axes = (np.full(len(results.scans[0].axes[0]), np.nan),)
    write(path, replace(results, scans=(replace(results.scans[0], axes=axes),)))
    code, _, told = bsinv("plot", path)
    assert code == 2
    assert told.startswith(f"bsinv: error: {path}: what is in it cannot be shown: ValueError: ")
    assert len(told.splitlines()) == 1


def test_old_and_new_times(tmp_path: Path) -> None:
    """A clock that was set back does not make a file of this run stale."""
    from bsinv.chains.files.disk import remove_stale_temporaries

    name = f".run.h5.elsewhere.{os.getpid()}.0123456789abcdef.tmp"
    (tmp_path / name).touch()
    os.utime(tmp_path / name, (time.time() + 1e6,) * 2)
    assert remove_stale_temporaries(tmp_path / "run.h5") == ()
