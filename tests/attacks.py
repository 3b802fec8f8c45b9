"""What machines and strangers do to results files: for the tests, and for longer campaigns."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

__all__ = [
    "Ended",
    "FailingDisk",
    "command",
    "kill_later",
    "mutations",
    "resealed",
    "small_disk",
    "unsealed",
    "verdict",
]

BLOCK = 512


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    output: str
    told: str
    seconds: float
    memory: int

    @property
    def one_sentence(self) -> bool:
        """Whether it was refused with one line on standard error, no traceback, no crash."""
        lines = self.told.splitlines()
        return self.code == 2 and len(lines) == 1 and lines[0].startswith("bsinv: error: ")


# Of a process of its own: a child of a large one counts that one's memory as its own.
_MEASURED = """
import resource, subprocess, sys
code = subprocess.run([sys.executable, "-m", "bsinv", *sys.argv[2:]]).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w") as file:
    print(used.ru_utime + used.ru_stime, 1024 * used.ru_maxrss, file=file)
sys.exit(code if code >= 0 else 128 - code)
"""


def command(arguments: Sequence[str], timeout: float = 120.0, **options: Any) -> Ended:
    """Run the command line and measure CPU seconds and memory (bytes) of it and its children."""
    with tempfile.TemporaryDirectory() as folder:
        usage = Path(folder) / "usage"
        done = subprocess.run(
            [sys.executable, "-c", _MEASURED, str(usage), *arguments],
            capture_output=True,
            text=True,
            timeout=timeout,
            errors="backslashreplace",
            **options,
        )
        seconds, memory = usage.read_text().split()
    return Ended(done.returncode, done.stdout, done.stderr, float(seconds), int(memory))


def unsealed(path: Path) -> Path:
    """Turn a results file into one of a version that had no checksums."""
    import h5py

    raw = path.read_bytes()
    if raw.startswith(b"bsinv results\n"):
        path.write_bytes(raw[BLOCK:])
    with h5py.File(path, "a") as file:
        if "checksums" in file:
            del file["checksums"]
    return path


def resealed(raw: bytes) -> bytes:
    """Changed bytes with a checksum that agrees: what someone who means harm can make."""
    from bsinv.chains.files.seal import seal

    return seal(memoryview(raw), {}) + raw[BLOCK:]


def mutations(raw: bytes, number: int, seed: int) -> Iterator[bytes]:
    """Damaged copies: flipped bits, overwritten, removed, doubled and exchanged pieces."""
    source = random.Random(seed)
    for _ in range(number):
        yield _mutated(bytearray(raw), source)


def _mutated(data: bytearray, source: random.Random) -> bytes:
    # Half of the changes go to the first 8 kB, where HDF5 describes what follows.
    near = min(len(data), 8192)

    def place() -> int:
        return source.randrange(near if source.random() < 0.5 else len(data))

    kind = source.choice(("bit", "bytes", "word", "cut", "remove", "double", "exchange", "zero"))
    first, length = place(), source.choice((1, 4, 16, 512, 4096))
    if kind == "bit":
        for _ in range(source.choice((1, 1, 3, 30))):
            data[place()] ^= 1 << source.randrange(8)
    elif kind == "bytes":
        data[first : first + length] = source.randbytes(len(data[first : first + length]))
    elif kind == "word":
        word = source.choice((0, 1, 2**31 - 1, 2**32, 2**63 - 1, 2**64 - 1))
        data[first : first + 8] = word.to_bytes(8, "little")
    elif kind == "cut":
        del data[first:]
    elif kind == "remove":
        del data[first : first + length]
    elif kind == "double":
        data[first:first] = data[first : first + length]
    elif kind == "exchange":
        other = place()
        one, two = data[first : first + length], data[other : other + length]
        data[first : first + len(two)], data[other : other + len(one)] = two, one
    else:
        data[first : first + length] = bytes(len(data[first : first + length]))
    return bytes(data)


def verdict(work: Callable[[], None], seconds: int = 10) -> str:
    """Do something in a forked process, with limits: "done", "refused" or how else it ended."""
    from bsinv.errors import StoreError

    child = os.fork()
    if child == 0:
        code = 3
        with contextlib.suppress(BaseException):
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            try:
                work()
                code = 0
            except StoreError:
                code = 2
        os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return signal.Signals(os.WTERMSIG(status)).name
    return {0: "done", 2: "refused"}.get(os.WEXITSTATUS(status), "another error")


class FailingDisk:
    """Makes one call of the system fail: the n-th of those that write to a disk.

    Attributes
    ----------
    calls : list of str
        Names of the calls made.
    """

    NAMES = ("open", "write", "fsync", "replace", "utime")

    def __init__(self, monkeypatch: pytest.MonkeyPatch, number: int, error: int) -> None:
        self.calls: list[str] = []
        self._number, self._error = number, error
        for name in self.NAMES:
            monkeypatch.setattr(os, name, self._wrapped(name, getattr(os, name)))

    def _wrapped(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **options: Any) -> Any:
            self.calls.append(name)
            if len(self.calls) == self._number:
                raise OSError(self._error, os.strerror(self._error))
            return call(*arguments, **options)

        return wrapped


@contextlib.contextmanager
def small_disk(directory: Path, size: str) -> Iterator[Path]:
    """Mount a file system in memory that holds so much; skip where that is not allowed."""
    directory.mkdir()
    order = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(directory)]
    try:
        subprocess.run(order, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no small disk can be mounted here")
    try:
        yield directory
    finally:
        subprocess.run(["umount", "-l", str(directory)], check=True)


def kill_later(process: subprocess.Popen[str], seconds: float) -> bool:
    """Kill a process after a while; False if it had ended by then."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True
    return False
