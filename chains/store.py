"""The results file: written whole beside the old one, synced, then renamed over it.

A run can be killed at any instant: the file at its path is always either the one before or the one
after, both complete. Chains are stored as emcee stores them, one group per ensemble, so that
``emcee.backends.HDFBackend(path, name="ensembles/0", read_only=True)`` reads them.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import StoreError
from .codec import read_record, read_table, write_record, write_table
from .records import (
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

__all__ = ["check_fingerprint", "read", "remove_stale_temporaries", "write"]

FORMAT = "bsinv results"

_BLOBS = np.dtype([("log_prior", "f8"), ("log_likelihood", "f8")])
_LISTS = {
    "scans": Scan,
    "predictions": Prediction,
    "spectra": PostFitSpectrum,
    "alternatives": Alternative,
}


def write(path: str | Path, run: RunFile) -> Path:
    """Write a results file; when this returns, the whole of it is on disk.

    The file is built at ``.<name>.<pid>.tmp`` in the same directory, closed, synced and renamed
    over the target; then the directory is synced. The old file is intact until the rename.

    Parameters
    ----------
    path : str or Path
        Target; its directory is made if need be.
    run : RunFile
        What to write.

    Returns
    -------
    Path
        The path written.

    Raises
    ------
    StoreError
        If it cannot be written (no space, no permission); the old file is then as it was.
    """
    # A link is followed, so that the rename replaces the file and not the link.
    target = Path(path).resolve()
    temporary = target.parent / f".{target.name}.{os.getpid()}.tmp"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _build(temporary, run)
        _sync(temporary)
        os.replace(temporary, target)
        _sync(target.parent)
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        # h5py tells of a full disk by OSError or, when it closes the file, by RuntimeError.
        if isinstance(error, OSError | RuntimeError):
            raise StoreError(f"{path}: cannot write the results: {error}") from error
        raise
    return Path(path)


def _sync(path: Path) -> None:
    if path.is_dir() and os.name != "posix":
        return  # directories cannot be opened there
    descriptor = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _build(path: Path, run: RunFile) -> None:
    """Write the content of a run to a new HDF5 file."""
    import h5py

    with h5py.File(path, "w") as file:
        file.attrs["format"] = FORMAT
        file.attrs["schema_version"] = run.schema_version
        file.attrs["name"] = run.name
        file.attrs["created"] = run.created
        # A seed may be wider than 64 bits; as text it is kept whole.
        file.attrs["seed"] = str(run.seed)
        for name in ("analysis_text", "fingerprint", "versions", "notes"):
            value = getattr(run, name)
            if isinstance(value, Mapping):
                value = dict(value)
            text = value if isinstance(value, str) else json.dumps(value, indent=1)
            file.create_dataset(name, data=text)
        write_table(file.create_group("parameters"), run.parameters, ParameterRecord)
        if run.best_fit is not None:
            write_record(file.create_group("best_fit"), run.best_fit)
        if run.support is not None:
            write_record(file.create_group("support"), run.support)
        for name in _LISTS:
            group = file.create_group(name)
            for index, record in enumerate(getattr(run, name)):
                write_record(group.create_group(str(index)), record)
        group = file.create_group("ensembles")
        for index, ensemble in enumerate(run.ensembles):
            _write_ensemble(group.create_group(str(index)), ensemble)


def _write_ensemble(group: Any, ensemble: Ensemble) -> None:
    """Write one ensemble in the layout of emcee.backends.HDFBackend (emcee 3)."""
    steps, walkers, ndim = ensemble.chain.shape
    group.attrs["version"] = "3.1.6"  # of emcee, whose layout this is; its backend never asks
    group.attrs["nwalkers"] = walkers
    group.attrs["ndim"] = ndim
    group.attrs["iteration"] = steps
    group.attrs["has_blobs"] = True
    group.attrs["thin"] = ensemble.thin
    for index, value in enumerate(ensemble.random_state):
        group.attrs[f"random_state_{index}"] = value
    blobs = np.empty((steps, walkers), dtype=_BLOBS)
    blobs["log_prior"], blobs["log_likelihood"] = ensemble.log_prior, ensemble.log_likelihood
    group.create_dataset("accepted", data=ensemble.accepted)
    for name, data in (
        ("chain", ensemble.chain),
        ("log_prob", ensemble.log_posterior),
        ("blobs", blobs),
    ):
        group.create_dataset(name, data=data, maxshape=(None, *data.shape[1:]), chunks=True)
    group.create_dataset("names", data=list(ensemble.names))
    group.create_dataset("periods", data=ensemble.periods)


def read(path: str | Path) -> RunFile:
    """Read a results file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    RunFile

    Raises
    ------
    StoreError
        If the file does not exist, is not HDF5, is not ours, is damaged, or was written by a
        newer version whose layout is not known here.
    """
    import h5py

    if not Path(path).is_file():
        raise StoreError(f"{path}: no such results file.")
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be read as HDF5: it is another kind of file, or truncated ({error})."
        ) from error
    with file:
        _check_format(path, file)
        try:
            return _read_run(file)
        except (KeyError, OSError, ValueError, TypeError) as error:
            raise StoreError(f"{path}: damaged results file: {error}") from error


def _check_format(path: str | Path, file: Any) -> None:
    if file.attrs.get("format") != FORMAT:
        raise StoreError(f"{path}: an HDF5 file, but not a results file of bsinv.")
    version = int(file.attrs["schema_version"])
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"{path}: written by a newer bsinv (layout {version}; this one reads up to "
            f"{SCHEMA_VERSION}): update bsinv to read it."
        )


def _read_run(file: Any) -> RunFile:
    lists: dict[str, Any] = {
        name: tuple(read_record(file[name][str(i)], kind) for i in range(len(file[name])))
        for name, kind in _LISTS.items()
        if name in file  # files written before there were alternatives have none
    }
    groups = [file["ensembles"][str(index)] for index in range(len(file["ensembles"]))]
    return RunFile(
        name=file.attrs["name"],
        analysis_text=file["analysis_text"].asstr()[()],
        seed=int(file.attrs["seed"]),
        parameters=read_table(file["parameters"], ParameterRecord),
        fingerprint=json.loads(file["fingerprint"].asstr()[()]),
        versions=json.loads(file["versions"].asstr()[()]),
        created=file.attrs["created"],
        best_fit=read_record(file["best_fit"], BestFit) if "best_fit" in file else None,
        support=read_record(file["support"], SupportReport) if "support" in file else None,
        ensembles=tuple(_read_ensemble(group) for group in groups),
        notes=tuple(json.loads(file["notes"].asstr()[()])),
        schema_version=int(file.attrs["schema_version"]),
        **lists,
    )


def _read_ensemble(group: Any) -> Ensemble:
    # emcee may have grown the datasets past its commit mark, the attribute `iteration`.
    steps = int(group.attrs["iteration"])
    blobs = group["blobs"][:steps]
    keys = sorted(key for key in group.attrs if key.startswith("random_state_"))
    state = [group.attrs[key] for key in keys]
    return Ensemble(
        names=tuple(group["names"].asstr()[()]) if group["names"].size else (),
        chain=group["chain"][:steps],
        log_posterior=group["log_prob"][:steps],
        log_likelihood=blobs["log_likelihood"],
        log_prior=blobs["log_prior"],
        accepted=group["accepted"][()],
        random_state=tuple(x.item() if isinstance(x, np.generic) else x for x in state),
        thin=int(group.attrs["thin"]),
        # Files made before there were periodic parameters have none.
        periods=group["periods"][()] if "periods" in group else np.empty(0),
    )


def check_fingerprint(stored: Mapping[str, str], current: Mapping[str, str]) -> None:
    """Refuse to resume a run that is no longer the same.

    Parameters
    ----------
    stored, current : mapping of str to str
        Fingerprint in the file and of the run at hand.

    Raises
    ------
    StoreError
        Naming each key that differs, with both values.
    """
    differing = [
        key for key in {**stored, **current} if stored.get(key, None) != current.get(key, None)
    ]
    if not differing:
        return
    lines = [
        f"  {key}: {_shown(stored.get(key))} in the file, {_shown(current.get(key))} now"
        for key in differing
    ]
    raise StoreError(
        "the results file belongs to another run; to resume, undo what changed, otherwise choose "
        "another file, or set this one aside (--fresh):\n" + "\n".join(lines)
    )


def _shown(value: str | None) -> str:
    if value is None:
        return "absent"
    return repr(value) if len(value) <= 60 else repr(value[:57] + "...")


def remove_stale_temporaries(path: str | Path, age: float = 60.0) -> tuple[Path, ...]:
    """Remove what writers that were killed left beside a results file.

    A temporary file is stale if no process of its number runs here and nothing was written to it
    for a while; the second condition protects a writer on another machine that shares the disk.

    Parameters
    ----------
    path : str or Path
        The results file.
    age : float
        Seconds since the last change.

    Returns
    -------
    tuple of Path
        The files removed.
    """
    target = Path(path).resolve()
    pattern = re.compile(re.escape(f".{target.name}.") + r"(\d+)\.tmp")
    removed = []
    for entry in target.parent.iterdir() if target.parent.is_dir() else ():
        match = pattern.fullmatch(entry.name)
        with contextlib.suppress(OSError):
            if match and time.time() - entry.stat().st_mtime >= age and not _runs(match[1]):
                entry.unlink()
                removed.append(entry)
    return tuple(removed)


def _runs(pid: str) -> bool:
    if os.name != "posix":
        return int(pid) == os.getpid()  # os.kill would end the process there
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        pass  # it runs under another user
    return True
