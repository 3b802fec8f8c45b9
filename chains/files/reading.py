"""Reading a results file: checked before HDF5 sees it, and nothing in it believed."""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import StoreError, printable
from ..records import (
    SCHEMA_VERSION,
    Alternative,
    BestFit,
    Ensemble,
    ParameterRecord,
    PostFitSpectrum,
    Prediction,
    RunFile,
    Scan,
    SupportReport,
)
from .codec import read_record, read_table
from .guarded import Budget, Guarded
from .seal import Seal, checksums, fingerprint_digest, holds, read_seal

__all__ = [
    "FORMAT",
    "LISTS",
    "damaged_parts",
    "intact",
    "parse",
    "read",
    "refusal",
    "stored_fingerprint",
]

FORMAT = "bsinv results"

LISTS: dict[str, Any] = {
    "scans": Scan,
    "predictions": Prediction,
    "spectra": PostFitSpectrum,
    "alternatives": Alternative,
}

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
# Characters of an analysis file, which is refused beyond 1 MB when it is read.
_LONGEST_ANALYSIS = 1_000_000


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
    except (OSError, ValueError) as error:
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


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def refusal(error: Exception) -> str:
    """What is told of a file that cannot be read: one sentence, whatever text is in it.

    Parameters
    ----------
    error : Exception
        What `parse` raised.
    """
    if isinstance(error, _NotOurs):
        return str(error)
    text = printable(str(error).partition("\n")[0], "").rstrip(".")[:300]
    return f"damaged results file: {text or type(error).__name__}."


class _NotOurs(StoreError):
    """Whole, but not a file for this version of the package."""


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


def check_signature(file: Any) -> None:
    """Refuse what is no HDF5 file; its signature is at the start or at a power of two from 512.

    Parameters
    ----------
    file : binary file
    """
    size, place = os.fstat(file.fileno()).st_size, 0
    while place + len(_SIGNATURE) <= size:
        file.seek(place)
        if file.read(len(_SIGNATURE)) == _SIGNATURE:
            file.seek(0)
            return
        place = 2 * place or 512
    raise _NotOurs("cannot be read as HDF5: it is another kind of file, or truncated.")


def parse(file: Any) -> RunFile:
    """Read the records of an open file.

    Parameters
    ----------
    file : binary file

    Returns
    -------
    RunFile

    Raises
    ------
    Exception
        Of many kinds, if the file is damaged.
    """
    import h5py

    check_signature(file)
    try:
        opened = h5py.File(file, "r")
    except OSError as error:
        raise _NotOurs(
            f"cannot be read as HDF5: it is another kind of file, or truncated ({error})."
        ) from error
    with opened:
        root = Guarded(opened, Budget(os.fstat(file.fileno()).st_size))
        _check_format(root)
        return _read_run(root)


def damaged_parts(file: Any) -> tuple[str, ...] | None:
    """Names of the parts whose checksums do not agree; None if the file has none.

    Parameters
    ----------
    file : binary file
        That `parse` reads.
    """
    import h5py

    with h5py.File(file, "r") as opened:
        if "checksums" not in opened:
            return None
        root = Guarded(opened, Budget(os.fstat(file.fileno()).st_size))
        told = json.loads(root.text("checksums"))
        found = checksums(opened)
    names = sorted({*told, *found})
    return tuple(name for name in names if told.get(name) != found.get(name))


def _check_format(root: Guarded) -> None:
    if not root.has_attribute("format") or root.attribute("format") != FORMAT:
        raise _NotOurs("an HDF5 file, but not a results file of bsinv.")
    version = int(root.attribute("schema_version"))
    if version > SCHEMA_VERSION:
        raise _NotOurs(
            f"written by a newer bsinv (layout {version}; this one reads up to {SCHEMA_VERSION}): "
            "update bsinv to read it."
        )


def _read_run(root: Guarded) -> RunFile:
    lists: dict[str, Any] = {}
    for name, kind in LISTS.items():
        if name not in root:  # files written before there were alternatives
            continue
        group = root.group(name)
        lists[name] = tuple(read_record(group.group(str(i)), kind) for i in range(len(group)))
    ensembles = root.group("ensembles")
    return RunFile(
        name=_text(root, "name"),
        analysis_text=root.text("analysis_text", _LONGEST_ANALYSIS),
        seed=int(_text(root, "seed")),
        parameters=read_table(root.group("parameters"), ParameterRecord),
        fingerprint=_json(root, "fingerprint", dict),
        versions=_json(root, "versions", dict),
        created=_text(root, "created"),
        best_fit=read_record(root.group("best_fit"), BestFit) if "best_fit" in root else None,
        support=read_record(root.group("support"), SupportReport) if "support" in root else None,
        ensembles=tuple(
            _read_ensemble(ensembles.group(str(index))) for index in range(len(ensembles))
        ),
        notes=tuple(str(note) for note in _json(root, "notes", list)),
        schema_version=int(root.attribute("schema_version")),
        **lists,
    )


def _text(root: Guarded, name: str) -> str:
    found = root.attribute(name)
    if not isinstance(found, str):
        raise StoreError(f"{root.where(name)} is no text")
    return found


def _json(root: Guarded, name: str, kind: type) -> Any:
    """Mapping or list of texts, in which a control character may hide behind an escape."""
    found: Any = json.loads(root.text(name))
    fits = isinstance(found, kind)
    if not fits:
        raise StoreError(f"/{name} is not a JSON {kind.__name__}")
    if kind is dict:
        return {printable(key): printable(str(value)) for key, value in found.items()}
    return [printable(str(value)) for value in found]


def _read_ensemble(group: Guarded) -> Ensemble:
    # emcee may have grown the datasets past its commit mark, the attribute `iteration`.
    steps, thin = (int(group.attribute(name)) for name in ("iteration", "thin"))
    if steps < 0 or thin < 1:
        raise StoreError(f"{group.where('iteration')} is {steps}, thin {thin}")
    blobs = group.array("blobs", steps)
    state: list[Any] = []
    while group.has_attribute(name := f"random_state_{len(state)}"):
        state.append(group.attribute(name))
    return Ensemble(
        names=group.texts("names"),
        chain=group.array("chain", steps),
        log_posterior=group.array("log_prob", steps),
        log_likelihood=blobs["log_likelihood"],
        log_prior=blobs["log_prior"],
        accepted=group.array("accepted"),
        random_state=tuple(state),
        thin=thin,
        # Files made before there were periodic parameters have none.
        periods=group.array("periods") if "periods" in group else np.empty(0),
    )


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
