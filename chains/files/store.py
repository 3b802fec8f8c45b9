"""The results file: written whole beside the old one, synced, then renamed over it.

A run can be killed at any instant: the file at its path is always either the one before or the one
after, both complete. HDF5 builds it in memory, so that a full disk is no concern of that library.
A checksum stands in front (`seal`), others of each part inside. Chains are stored as emcee stores
them, one group per ensemble, so that
``emcee.backends.HDFBackend(path, name="ensembles/0", read_only=True)`` reads them.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import LeaseError, StoreError
from ..records import SCHEMA_VERSION, Ensemble, ParameterRecord, RunFile
from ..records.arrays import Array
from .codec import write_record, write_table
from .disk import remove_stale_temporaries, replace_file
from .lease import Lease
from .parsing import FORMAT, LISTS
from .reading import intact, read, stored_fingerprint
from .seal import BLOCK, checksum, checksums, fingerprint_digest, seal

__all__ = ["check_fingerprint", "read", "refuse_other_file", "remove_stale_temporaries", "write"]

_BLOBS = np.dtype([("log_prior", "f8"), ("log_likelihood", "f8")])


def write(path: str | Path, run: RunFile, lease: Lease | None = None) -> Path:
    """Write a results file; when this returns, the whole of it is on disk.

    Parameters
    ----------
    path : str or Path
        Target; its directory is made if need be.
    run : RunFile
        What to write.
    lease : Lease, optional
        Held by the run that writes: the file is replaced only as long as it is held, and only if
        it belongs to the same run. Without it one is taken for this write alone, and whatever is
        there is replaced.

    Returns
    -------
    Path
        The path written.

    Raises
    ------
    StoreError
        If it cannot be written (no space, no permission); the old file is then as it was.
    LeaseError
        If another process writes it.
    """
    target = Path(path).resolve()

    def block() -> bytes:
        return seal(image, run.fingerprint)

    try:
        image = _image(run)
        target.parent.mkdir(parents=True, exist_ok=True)
        if lease is not None:
            replace_file(target, image, lambda: _allow(target, run, lease), block)
        else:
            with Lease(target) as own:
                replace_file(target, image, own.check, block)
    except (OSError, RuntimeError, MemoryError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error) or "not enough memory"
        raise StoreError(f"{path}: cannot write the results: {why}") from error
    return Path(path)


def _allow(target: Path, run: RunFile, lease: Lease) -> None:
    """Raise unless a run may replace the file."""
    found = stored_fingerprint(target)
    if found not in (None, fingerprint_digest(run.fingerprint)):
        raise LeaseError(
            f"{target}: now holds the results of another run; they are left as they are, and this "
            "run stops."
        )
    lease.check()  # last, right before the file is replaced


def refuse_other_file(path: str | Path, run: RunFile) -> None:
    """Look whether a file on disk is whole and belongs to a run.

    Parameters
    ----------
    path : str or Path
    run : RunFile

    Raises
    ------
    StoreError
        If it does not.
    """
    if not intact(path, run.fingerprint):
        raise StoreError(f"{path}: not the file that was written: damaged or replaced since.")


def _image(run: RunFile) -> memoryview:
    """Bytes of the HDF5 file of a run, but for the block in front."""
    import h5py

    buffer = io.BytesIO()
    chains = {f"ensembles/{index}": _arrays(entry) for index, entry in enumerate(run.ensembles)}
    # Nearly all of a file are chains: a thread sums them up while they are copied.
    with (
        ThreadPoolExecutor(1) as pool,
        h5py.File(buffer, "w", userblock_size=BLOCK) as file,
    ):
        known = {
            part: {name: pool.submit(checksum, data) for name, data in arrays.items()}
            for part, arrays in chains.items()
        }
        file.attrs["format"] = FORMAT
        file.attrs["schema_version"] = SCHEMA_VERSION
        file.attrs["name"] = run.name
        file.attrs["created"] = run.created
        # A seed may be wider than 64 bits; as text it is kept whole.
        file.attrs["seed"] = str(run.seed)
        if run.prior_fraction != 1.0:
            for name in ("prior_fraction", "prior_fraction_error"):
                file.attrs[name] = getattr(run, name)
        attached = [name for name in ("files", "plugins") if getattr(run, name)]
        for name in ("analysis_text", "fingerprint", "versions", "notes", *attached):
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
        for name in LISTS:
            group = file.create_group(name)
            for index, record in enumerate(getattr(run, name)):
                write_record(group.create_group(str(index)), record)
        file.create_group("ensembles")
        for ensemble, (part, arrays) in zip(run.ensembles, chains.items(), strict=True):
            _write_ensemble(file.create_group(part), ensemble, arrays)
        file.create_dataset("checksums", data=json.dumps(checksums(file, known)))
    return buffer.getbuffer()


def _arrays(ensemble: Ensemble) -> dict[str, Array]:
    """Large arrays of an ensemble, by the names that emcee gives them."""
    blobs = np.empty(ensemble.log_prior.shape, dtype=_BLOBS)
    blobs["log_prior"], blobs["log_likelihood"] = ensemble.log_prior, ensemble.log_likelihood
    return {"chain": ensemble.chain, "log_prob": ensemble.log_posterior, "blobs": blobs}


def _write_ensemble(group: Any, ensemble: Ensemble, arrays: Mapping[str, Array]) -> None:
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
    group.create_dataset("accepted", data=ensemble.accepted)
    for name, data in arrays.items():
        group.create_dataset(name, data=data, maxshape=(None, *data.shape[1:]), chunks=True)
    group.create_dataset("names", data=list(ensemble.names))
    group.create_dataset("periods", data=ensemble.periods)


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
