"""Documents of the exchange format WCxf (arXiv:1712.05298): files, keys and numbers."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import ParameterError, PredictionError
from ...physics.arrays import Array

__all__ = [
    "check_one_point",
    "encoded",
    "read_wcxf",
    "scale_and_values",
    "wcxf_document",
    "write_wcxf",
]


def read_wcxf(path: str | Path) -> dict[str, Any]:
    """Read a WCxf file in JSON.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    dict
        For `bsinv.models.wcxf.low_energy.wilson_from_wcxf` and the like.

    Raises
    ------
    ParameterError
        If the file cannot be read or is not JSON.
    """
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ParameterError(f"{path}: cannot be read ({error.strerror}).") from None
    except ValueError as error:
        raise ParameterError(f"{path}: not a WCxf file in JSON ({error}).") from None
    if not isinstance(document, dict):
        raise ParameterError(f"{path}: a WCxf file holds a mapping, not {type(document).__name__}.")
    return document


def write_wcxf(path: str | Path, document: Mapping[str, Any]) -> None:
    """Write a WCxf document as JSON.

    Parameters
    ----------
    path : str or Path
    document : mapping
        Made by `bsinv.models.wcxf.low_energy.wcxf_from_wilson` and the like.
    """
    Path(path).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def check_one_point(values: Mapping[str, Array]) -> None:
    """Refuse a batch of parameter points, of which a document could only hold one.

    Parameters
    ----------
    values : mapping of str to (1,) or (n,) array

    Raises
    ------
    PredictionError
        With the first parameter that has several values.
    """
    for name, value in values.items():
        if value.size > 1:
            raise PredictionError(
                f"a WCxf document holds one parameter point, but {name} has {value.size} values."
            )


def scale_and_values(
    document: Mapping[str, Any], efts: Collection[str], bases: Collection[str]
) -> tuple[float, dict[str, complex]]:
    """Checked scale (GeV) and values of a document.

    Parameters
    ----------
    document : mapping
        With the keys eft, basis, scale and values.
    efts, bases : collection of str
        Those that can be read.

    Raises
    ------
    ParameterError
        If a key is missing, the EFT or basis is another, or a value is not a finite number.
    """
    if not isinstance(document, Mapping):
        given = type(document).__name__
        raise ParameterError(f"WCxf: a document is a mapping, not {given}: read_wcxf reads a file.")
    for key in ("eft", "basis", "scale", "values"):
        if key not in document:
            raise ParameterError(f"WCxf: the key {key!r} is missing.")
    for key, only in (("eft", efts), ("basis", bases)):
        if document[key] not in only:
            allowed = " or ".join(repr(name) for name in only)
            raise ParameterError(f"WCxf: {key} is {document[key]!r}; only {allowed} can be read.")
    scale = _number("scale", document["scale"])
    if scale.imag or not scale.real > 0.0:
        raise ParameterError(f"WCxf: scale is {document['scale']!r}; give a positive number, GeV.")
    if not isinstance(document["values"], Mapping):
        raise ParameterError("WCxf: values must map names of coefficients to numbers.")
    return scale.real, {name: _number(name, value) for name, value in document["values"].items()}


def wcxf_document(
    eft: str, basis: str, scale: float, values: Mapping[str, complex]
) -> dict[str, Any]:
    """Document of values, those that are zero left out; scale in GeV."""
    encodings = {name: encoded(value) for name, value in values.items() if value != 0.0}
    return {"eft": eft, "basis": basis, "scale": scale, "values": encodings}


def encoded(value: complex) -> float | dict[str, float]:
    """Real number, or complex number as {Re, Im}."""
    value = complex(value)
    return {"Re": value.real, "Im": value.imag} if value.imag else value.real


def _number(name: str, value: object) -> complex:
    """Real number, or complex number given as {Re, Im}."""
    parts: list[object] = [value, 0.0]
    if isinstance(value, Mapping):
        if not value or set(value) - {"Re", "Im"}:
            raise ParameterError(f"WCxf: {name} must be a number or have the keys Re and Im.")
        parts = [value.get("Re", 0.0), value.get("Im", 0.0)]
    numbers = []
    for part in parts:
        if not isinstance(part, int | float) or isinstance(part, bool):
            raise ParameterError(f"WCxf: {name} is {value!r}, which is not a number.")
        numbers.append(float(part))
    if not np.isfinite(numbers).all():
        raise ParameterError(f"WCxf: {name} is {value!r}, which is not finite.")
    return complex(*numbers)
