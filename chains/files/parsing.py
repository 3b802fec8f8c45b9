"""From an open HDF5 file to records; nothing in it is believed."""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np

from ...errors import StoreError, printable
from ..records import (
    SCHEMA_VERSION,
    Alternative,
    BestFit,
    Ensemble,
    LimitScan,
    NonNestedToys,
    ParameterRecord,
    PostFitSpectrum,
    Prediction,
    PredictiveCheck,
    RunFile,
    Scan,
    ScanSignificance,
    SupportReport,
    ToyStudy,
    WeightedSamples,
)
from .codec import read_record, read_table
from .guarded import Budget, Guarded
from .seal import checksums

__all__ = ["FORMAT", "LISTS", "damaged_parts", "parse", "refusal"]

FORMAT = "bsinv results"

LISTS: dict[str, Any] = {
    "scans": Scan,
    "predictions": Prediction,
    "spectra": PostFitSpectrum,
    "alternatives": Alternative,
    "weighted": WeightedSamples,
    "toys": ToyStudy,
    "limits": LimitScan,
    "significances": ScanSignificance,
    "non_nested": NonNestedToys,
    "predictive": PredictiveCheck,
}

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
# Characters of an analysis file, which is refused beyond 1 MB when it is read.
_LONGEST_ANALYSIS = 1_000_000
# Files that an analysis names, as JSON.
_LONGEST_FILES = 40_000_000
# Plugins of a run, as JSON.
_LONGEST_PLUGINS = 12_000_000


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
    lists: dict[str, Any] = dict(_fraction(root))
    for name, kind in LISTS.items():
        if name not in root:  # files written before there were such records
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
        files=_files(root) if "files" in root else {},
        plugins=_plugins(root) if "plugins" in root else {},
        schema_version=int(root.attribute("schema_version")),
        **lists,
    )


def _text(root: Guarded, name: str) -> str:
    found = root.attribute(name)
    if not isinstance(found, str):
        raise StoreError(f"{root.where(name)} is no text")
    return found


def _files(root: Guarded) -> dict[str, str]:
    found = json.loads(root.text("files", _LONGEST_FILES))
    if not isinstance(found, dict):
        raise StoreError("/files is not a JSON dict")
    return {printable(key): printable(str(text), "\n\t\r") for key, text in found.items()}


def _fraction(root: Guarded) -> dict[str, float]:
    """Part of the prior that cuts leave; nothing without cuts."""
    keys = ("prior_fraction", "prior_fraction_error")
    found = {key: float(root.attribute(key)) for key in keys if root.has_attribute(key)}
    if not all(0.0 <= value <= 1.0 for value in found.values()):
        raise StoreError(f"{root.where('prior_fraction')} is no part of a prior")
    return found


def _plugins(root: Guarded) -> dict[str, str]:
    """Names and texts of plugins, as they were but for characters that control a terminal."""
    found = json.loads(root.text("plugins", _LONGEST_PLUGINS))
    if not isinstance(found, dict):
        raise StoreError("/plugins is not a JSON dict")
    return {printable(key): printable(str(text), "\n\t\r\f") for key, text in found.items()}


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
