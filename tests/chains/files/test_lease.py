"""One writer at a time."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from bsinv.chains.files import store
from bsinv.chains.files.lease import Lease
from bsinv.chains.records import RunFile
from bsinv.errors import LeaseError, StoreError

HOLD = """\
import sys, time
from bsinv.chains.files.lease import Lease
lease = Lease(sys.argv[1], beat=float(sys.argv[2]))
lease.acquire()
print("held", flush=True)
for line in sys.stdin:
    try:
        lease.check()
        print("mine", flush=True)
    except Exception as error:
        print(error, flush=True)
"""


@pytest.fixture
def holder(tmp_path):
    """Processes that hold the lease of a file and are ended after the test."""
    started = []

    def start(beat=10.0):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, tmp_path / "run.h5", str(beat)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def foreign(lock, text=None):
    """Make a lock file look like that of another machine."""
    lines = [
        "host=far-away" if line.startswith("host=") else line
        for line in (text or lock.read_text()).splitlines()
    ]
    lock.write_text("\n".join(lines) + "\n")


def test_the_second_is_refused_with_the_name_of_the_first(holder, tmp_path):
    first = holder()
    message = (
        rf"run\.h5 is being written by process {first.pid} on \S+, since \d{{4}}-\d\d-\d\d "
        r"\d\d:\d\d:\d\d\S*: wait until it is done, stop it, or choose another directory"
    )
    with pytest.raises(LeaseError, match=message):
        Lease(tmp_path / "run.h5").acquire()
    with pytest.raises(LeaseError, match=message):
        store.write(tmp_path / "run.h5", RunFile("x", "", 1))
    assert not (tmp_path / "run.h5").exists()


def test_nothing_is_left_behind(tmp_path):
    with Lease(tmp_path / "run.h5") as lease:
        lease.check()
        assert sorted(os.listdir(tmp_path)) == [".run.h5.lock", ".run.h5.writer"]
    assert os.listdir(tmp_path) == []
    lease.release()  # twice does no harm


def test_a_killed_process_is_recognised_at_once(holder, tmp_path):
    first = holder()
    first.kill()
    first.wait()
    assert (tmp_path / ".run.h5.lock").exists()
    began = time.monotonic()
    with Lease(tmp_path / "run.h5") as lease:
        assert time.monotonic() - began < 2.0
        lease.check()


def test_the_number_of_a_dead_process_given_to_another(holder, tmp_path):
    """The start of the process tells them apart."""
    first = holder()
    lock = tmp_path / ".run.h5.lock"
    text = lock.read_text()
    first.kill()
    first.wait()
    lock.write_text(text.replace(f"pid={first.pid}", f"pid={os.getppid()}"))
    with Lease(tmp_path / "run.h5"):
        pass


def test_a_stopped_process_of_this_machine_keeps_its_lease(holder, tmp_path):
    first = holder(beat=0.2)
    os.kill(first.pid, signal.SIGSTOP)
    time.sleep(1.2)  # twice as long as a lease lasts without a beat
    with pytest.raises(LeaseError, match=rf"process {first.pid} on"):
        Lease(tmp_path / "run.h5", beat=0.2).acquire()
    os.kill(first.pid, signal.SIGCONT)
    first.stdin.write("\n")
    assert first.stdout.readline() == "mine\n"


def test_another_machine_is_gone_after_three_beats(holder, tmp_path):
    first = holder(beat=0.2)
    foreign(tmp_path / ".run.h5.lock")
    # It still beats.
    with pytest.raises(LeaseError, match="on far-away"):
        Lease(tmp_path / "run.h5", beat=0.2).acquire()
    os.kill(first.pid, signal.SIGSTOP)
    time.sleep(0.7)
    said = []
    began = time.monotonic()
    second = Lease(tmp_path / "run.h5", beat=0.2).acquire(tell=said.append)
    assert 0.5 < time.monotonic() - began < 5.0
    assert "on far-away" in said[0]
    assert "has not been heard of for 1 s: waiting 1 s for a sign of it" in said[0]
    # It comes back, and must not write.
    os.kill(first.pid, signal.SIGCONT)
    first.stdin.write("\n")
    told = first.stdout.readline()
    assert f"taken over by process {os.getpid()} on" in told
    assert "nothing more is written" in told
    second.check()
    second.release()


def test_a_sign_of_life_ends_the_wait(holder, tmp_path):
    first = holder(beat=0.2)
    lock = tmp_path / ".run.h5.lock"
    foreign(lock)
    os.kill(first.pid, signal.SIGSTOP)
    time.sleep(0.7)
    waking = threading.Timer(0.2, os.kill, (first.pid, signal.SIGCONT))
    waking.start()
    with pytest.raises(LeaseError, match="on far-away"):
        Lease(tmp_path / "run.h5", beat=0.2).acquire()
    waking.join()


def test_clocks_are_not_believed(holder, tmp_path):
    """A heartbeat from the future is no proof of life, and none of death."""
    first = holder(beat=0.2)
    foreign(tmp_path / ".run.h5.lock")
    os.kill(first.pid, signal.SIGSTOP)
    os.utime(tmp_path / ".run.h5.lock", (time.time() + 1e6,) * 2)
    Lease(tmp_path / "run.h5", beat=0.2).acquire().release()


@pytest.mark.parametrize("kind", ["empty", "garbage", "long", "binary", "link", "fifo"])
def test_lock_files_that_are_none(tmp_path, kind):
    lock, victim = tmp_path / ".run.h5.lock", tmp_path / "victim"
    victim.write_text("precious")
    if kind == "link":
        lock.symlink_to(victim)
    elif kind == "fifo":
        os.mkfifo(lock)
    else:
        content = {"empty": b"", "garbage": b"x\n", "long": b"1\n" * 10**6, "binary": b"\0\xff"}
        lock.write_bytes(content[kind])
    began = time.monotonic()
    with Lease(tmp_path / "run.h5") as lease:
        lease.check()
        assert time.monotonic() - began < 10.0
    assert victim.read_text() == "precious"
    assert os.listdir(tmp_path) == ["victim"]


def test_a_directory_in_place_of_the_lock(tmp_path):
    (tmp_path / ".run.h5.lock").mkdir()
    with pytest.raises(StoreError, match=r"\.run\.h5\.lock: cannot be made, .*: Is a directory"):
        Lease(tmp_path / "run.h5").acquire()


@pytest.mark.parametrize("what", ["removed", "replaced", "emptied"])
def test_a_lease_that_is_taken_away(tmp_path, what):
    path, lock = tmp_path / "run.h5", tmp_path / ".run.h5.lock"
    with Lease(path) as lease:
        store.write(path, RunFile("x", "", 1), lease)
        old = path.read_bytes()
        if what == "emptied":
            lock.write_bytes(b"")
        else:
            text = lock.read_text()
            lock.unlink()
            if what == "replaced":
                foreign(lock, text.replace("token=", "token=0"))
        with pytest.raises(LeaseError, match="the lease of this run was taken over"):
            store.write(path, RunFile("x", "y", 1), lease)
        assert path.read_bytes() == old
    # Nothing of the other's is removed.
    assert lock.exists() == (what == "replaced")


def test_two_threads_are_two_writers(tmp_path):
    with Lease(tmp_path / "run.h5"), pytest.raises(LeaseError, match=f"process {os.getpid()}"):
        Lease(tmp_path / "run.h5").acquire()


def test_the_file_of_another_run_is_not_replaced(tmp_path):
    path = tmp_path / "run.h5"
    mine = RunFile("x", "", 1, fingerprint={"seed": "1"})
    with Lease(path) as lease:
        store.write(path, mine, lease)
        store.write(path, mine, lease)
        other = tmp_path / "other.h5"
        store.write(other, RunFile("x", "", 2, fingerprint={"seed": "2"}))
        os.replace(other, path)
        with pytest.raises(LeaseError, match="now holds the results of another run"):
            store.write(path, mine, lease)
        assert store.read(path).seed == 2


def test_control_characters_of_a_note_are_not_shown(holder, tmp_path):
    holder()
    note = tmp_path / ".run.h5.writer"
    text = note.read_text()
    since = text.partition('"since": "')[2]
    note.write_text(text.replace(since, "\\u001b[2J" + since))
    foreign(tmp_path / ".run.h5.lock")
    with pytest.raises(LeaseError) as caught:
        Lease(tmp_path / "run.h5").acquire()
    assert "\x1b" not in str(caught.value)
