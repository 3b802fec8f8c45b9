"""Files that are replaced as a whole: written beside the old one, synced, then renamed over it."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ...errors import StoreError
from .kinds import HEAD, RESULTS, kind_of

__all__ = ["host_name", "remove_stale_temporaries", "replace_file", "write_file"]

# Bytes handed to one call of the system.
_PIECE = 1 << 24
# From this size on a thread of its own is worth its start.
_LARGE = 1 << 22
# Characters of a target's name in that of its temporary file: names have at most 255 bytes.
_LONGEST_STEM = 40
# Files written by hand or by others, as `kind_of` calls them.
_INPUTS = ("an analysis", "a HistFactory workspace")


def _nothing() -> None:
    """Allow every replacement."""


def replace_file(
    path: Path,
    content: bytes | memoryview,
    allowed: Callable[[], None] = _nothing,
    front: Callable[[], bytes] = bytes,
) -> None:
    """Put a content in the place of a file; when this returns, the whole of it is on disk.

    The old file is intact until it is replaced, in one step. The temporary file has a name that
    cannot be guessed, is made by this call alone and never through a link, and is gone after a
    failure.

    Parameters
    ----------
    path : Path
        Target. A link is followed, so that the file is replaced and not the link.
    content : bytes or memoryview
    allowed : callable, optional
        Called once all is written, right before the old file is replaced; what it raises stops
        that.
    front : callable, optional
        Makes what stands in place of the first bytes of the content, while the disk is at work:
        such as a checksum of the others.

    Raises
    ------
    OSError
        If the file cannot be written; the old one is then as it was.
    """
    target = path.resolve()
    temporary = target.parent / _temporary_name(target.name)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(temporary, flags, _mode(target))
        try:
            _write_synced(descriptor, memoryview(content).cast("B"), front)
        finally:
            os.close(descriptor)
        allowed()
        os.replace(temporary, target)
        _sync_directory(target.parent)
    except BaseException:
        # Also where the process was told to stop.
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def _mode(target: Path) -> int:
    """Permissions of the file that is replaced; those that the system gives to new files else."""
    with contextlib.suppress(OSError):
        return target.stat().st_mode & 0o666 | 0o200
    return 0o666


def _write_synced(descriptor: int, content: memoryview, front: Callable[[], bytes]) -> None:
    if len(content) < _LARGE:
        made = front()
        _write_all(descriptor, memoryview(made))
        _write_all(descriptor, content[len(made) :])
    else:
        # Few bytes are synced again, in less than a millisecond.
        with ThreadPoolExecutor(1) as pool:
            promised = pool.submit(front)
            _write_all(descriptor, content)
            os.fsync(descriptor)
        os.lseek(descriptor, 0, os.SEEK_SET)
        _write_all(descriptor, memoryview(promised.result()))
    os.fsync(descriptor)


def _write_all(descriptor: int, content: memoryview) -> None:
    while content:
        # A disk that fills up takes a part; the next call tells why.
        written = os.write(descriptor, content[:_PIECE])
        content = content[written:]


def _sync_directory(directory: Path) -> None:
    if os.name != "posix":
        return  # directories cannot be opened there
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def host_name() -> str:
    """Name of this machine, of letters, digits, dots and hyphens only."""
    return re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname())[:60] or "unknown"


def _temporary_name(name: str) -> str:
    return f".{name[:_LONGEST_STEM]}.{host_name()}.{os.getpid()}.{secrets.token_hex(8)}.tmp"


def remove_stale_temporaries(path: str | Path, age: float = 60.0) -> tuple[Path, ...]:
    """Remove the temporary files that writers which were killed left beside a file.

    One is stale if its process ran on this machine and is gone, or, where that cannot be known (on
    another machine that shares the disk, or if the number of the process was given to another one),
    if nothing was written to it for a while.

    Parameters
    ----------
    path : str or Path
        The file that they stood for.
    age : float
        Seconds since the last change that make one stale in any case.

    Returns
    -------
    tuple of Path
        The files removed.
    """
    target = Path(path).resolve()
    pattern = re.compile(
        re.escape(f".{target.name[:_LONGEST_STEM]}.") + r"(?:([A-Za-z0-9.-]+)\.)?(\d{1,10})"
        r"(?:\.[0-9a-f]{16})?\.tmp"
    )
    removed = []
    for entry in target.parent.iterdir() if target.parent.is_dir() else ():
        match = pattern.fullmatch(entry.name)
        with contextlib.suppress(OSError):
            if match and _stale(entry, match[1], int(match[2]), age):
                entry.unlink()
                removed.append(entry)
    return tuple(removed)


def _stale(entry: Path, host: str | None, process: int, age: float) -> bool:
    if process == os.getpid() and host in (None, host_name()):
        return False
    # A clock that is behind makes it look young, never old.
    old = time.time() - entry.lstat().st_mtime >= age
    if host is None:  # the form of earlier versions, which did not name the machine
        return old and not _runs(process)
    return old or (host == host_name() and not _runs(process))


def _runs(process: int) -> bool:
    if os.name != "posix":
        return True  # os.kill would end the process there
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        pass  # it runs under another user
    return True


def write_file(path: Path, content: bytes | memoryview) -> None:
    """Write a file whole or not at all, making the folder that it needs.

    Parameters
    ----------
    path : Path
    content : bytes-like

    Raises
    ------
    StoreError
        If that cannot be, or results, an analysis or a workspace are there and the content is
        something else.
    """
    _keep_results(path, content)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{path.parent}: cannot be made: {error.strerror or error}.") from error
    try:
        remove_stale_temporaries(path)
        replace_file(path, content)
    except OSError as error:
        raise StoreError(f"{path}: cannot be written: {error.strerror or error}.") from error


def _keep_results(path: Path, content: bytes | memoryview) -> None:
    """Raise if a text or a picture would take the place of results, maybe of hours, or of an input.

    Only what ends as such files do is looked at, but for results, whose names are free.
    """
    try:
        if not path.is_file():  # a pipe would wait for a writer
            return
        with path.open("rb") as file:
            there = kind_of(file.read(HEAD))
    except (OSError, ValueError):
        return  # not there; what cannot be read is told of by the writer
    kept = there == RESULTS or (there in _INPUTS and path.suffix in (".yaml", ".yml", ".json"))
    if kept and kind_of(bytes(memoryview(content)[:HEAD])) != there:
        raise StoreError(f"{path}: is there and {there}: give another name, or remove it.")
