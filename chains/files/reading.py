"""Reading a results file: checked before HDF5 sees it, by another process where need be."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ...errors import StoreError
from ..records import RunFile
from .kinds import HEAD, RESULTS, kind_of
from .parsing import parse, refusal
from .seal import Seal, fingerprint_digest, holds, read_seal

__all__ = ["intact", "read", "stored_fingerprint"]


def _silent(sentence: str) -> None:
    """Say nothing."""


def read(
    path: str | Path,
    *,
    verify: bool = True,
    foreign: bool = False,
    tell: Callable[[str], None] = _silent,
) -> RunFile:
    """Read a results file.

    Links, references and filters inside the file are not followed; what its checksum does not vouch
    for is first read by a process of its own, with limits of time and memory.

    Parameters
    ----------
    path : str or Path
    verify : bool
        False reads a file that another program has changed since it was written.
    foreign : bool
        The file may be made to harm: it is first read by a process of its own even if its checksum
        agrees, which anybody can compute.
    tell : callable, optional
        Told, in one sentence, if the file has no checksum.

    Returns
    -------
    RunFile

    Raises
    ------
    StoreError
        If the file does not exist, is not HDF5, is not ours, is damaged, or was written by a
        newer version whose layout is not known here.
    """
    with _opened(path) as file:
        _refuse_other_kind(path, file)
        told = read_seal(file.fileno()) if verify else None
        if told is None or not holds(told, file.fileno()):
            _rehearse(path, file, verify, told)
            if verify:
                tell(
                    f"{path}: has no checksum (written by an earlier version): damage to its "
                    "numbers would not be seen."
                )
        elif foreign:
            _rehearse(path, file, False, None)
        file.seek(0)
        try:
            return parse(file)
        except MemoryError:
            raise StoreError(f"{path}: not enough memory to read it.") from None
        except Exception as error:
            raise StoreError(f"{path}: {refusal(error)}") from error


@contextlib.contextmanager
def _opened(path: str | Path) -> Iterator[Any]:
    """Open a regular file; what is a device or waits for a writer is not opened for reading."""
    try:
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        raise StoreError(f"{path}: no such results file.") from None
    except (OSError, ValueError, TypeError) as error:
        raise StoreError(f"{path}: cannot be read: {_why(error)}.") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise StoreError(f"{path}: not a results file, but a directory or a device.")
    # Unbuffered: HDF5 asks for large pieces.
    with open(descriptor, "rb", buffering=0) as file:
        try:
            yield file
        except OSError as error:
            raise StoreError(f"{path}: cannot be read: {_why(error)}.") from error


def _refuse_other_kind(path: str | Path, file: Any) -> None:
    """Say what a file is, where that is known not to be results."""
    kind = kind_of(file.read(HEAD))
    file.seek(0)
    if kind not in ("", RESULTS):
        made = f": 'bsinv run {path}' makes one" if kind == "an analysis" else ""
        raise StoreError(f"{path}: this is {kind}, and a results file (*.h5) is needed{made}.")


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _rehearse(path: str | Path, file: Any, verify: bool, told: Seal | None) -> None:
    """Have a file read by a process that may fail; raise what it found."""
    from .rehearsal import rehearse

    size = os.fstat(file.fileno()).st_size
    if told is not None and size < told.size:
        raise StoreError(f"{path}: damaged results file: truncated to {size} of {told.size} bytes.")
    found = rehearse(file, verify)
    if verify and (found.parts or (found.fault is None and (told is not None or found.checked))):
        what = ", ".join(found.parts) or "the file, though not of its parts,"
        raise StoreError(
            f"{path}: damaged results file: the checksum of {what} does not agree"
            + (f" ({found.fault.rstrip('.')})" if found.fault else "")
            + ". If another program changed it on purpose, bsinv.chains.read(path, verify=False) "
            "reads it."
        )
    if found.fault is not None:
        raise StoreError(f"{path}: {found.fault}")


def stored_fingerprint(path: Path) -> str | None:
    """Digest of the fingerprint of the run whose results are in a file; None if there is none.

    Parameters
    ----------
    path : Path

    Raises
    ------
    StoreError
        If the file is not a results file.
    """
    if not path.exists():
        return None
    with _opened(path) as file:
        told = read_seal(file.fileno())
    return told.fingerprint if told is not None else fingerprint_digest(read(path).fingerprint)


def intact(path: str | Path, fingerprint: Mapping[str, str]) -> bool:
    """Whether the checksum of a file agrees, and it belongs to a run.

    Parameters
    ----------
    path : str or Path
    fingerprint : mapping of str to str
        Of the run.
    """
    with _opened(path) as file:
        told = read_seal(file.fileno())
        if told is None or told.fingerprint != fingerprint_digest(fingerprint):
            return False
        return holds(told, file.fileno())
