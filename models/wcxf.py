"""Wilson coefficients in the exchange format WCxf (arXiv:1712.05298), sector sbnunu, basis flavio.

CL_bsnu{x}nu{y} multiplies (sbar gamma_mu P_L b)(nubar_y gamma^mu (1 - gamma_5) nu_x): the first
flavour is that of the antineutrino, so it is the entry i = y, j = x of dC_L. Like dC_L it is a
shift from the Standard Model, normalised to (4 G_F/sqrt 2) V_tb V_ts* alpha/(4 pi).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import ParameterError, PredictionError, UnknownNameError
from ..physics.wilson import Wilson
from .wet import FLAVOURS, WET

__all__ = [
    "WCXF_NAMES",
    "parameters_from_wcxf",
    "read_wcxf",
    "wcxf_from_parameters",
    "wcxf_from_wilson",
    "wilson_from_wcxf",
    "write_wcxf",
]

_EFT, _BASIS = "WET", "flavio"

# Name in WCxf: Wilson coefficient, i, j.
WCXF_NAMES: Mapping[str, tuple[str, int, int]] = MappingProxyType(
    {
        f"{prefix}_bsnu{FLAVOURS[j]}nu{FLAVOURS[i]}": (key, i, j)
        for prefix, key in (("CL", "dC_L"), ("CR", "dC_R"))
        for j in range(3)
        for i in range(3)
    }
)


def read_wcxf(path: str | Path) -> dict[str, Any]:
    """Read a WCxf file in JSON.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    dict
        For `wilson_from_wcxf` or `parameters_from_wcxf`.

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
        Made by `wcxf_from_wilson` or `wcxf_from_parameters`.
    """
    Path(path).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def wilson_from_wcxf(document: Mapping[str, Any], *, ignore_others: bool = False) -> Wilson:
    """Wilson coefficients of a WCxf document.

    Parameters
    ----------
    document : mapping
        With the keys eft, basis, scale (GeV) and values.
    ignore_others : bool
        Pass over coefficients of other sectors instead of refusing them.

    Returns
    -------
    Wilson, of one point

    Raises
    ------
    ParameterError
        If a key is missing, the EFT or basis is another, or a value is not a number.
    UnknownNameError
        If a coefficient is not of the sector sbnunu.
    """
    matrices: dict[str, Any] = {}
    for (key, i, j), value in _entries(document, ignore_others).items():
        matrices.setdefault(key, np.zeros((1, 3, 3), dtype=complex))[0, i, j] = value
    return Wilson(matrices)


def parameters_from_wcxf(
    document: Mapping[str, Any], *, ignore_others: bool = False
) -> dict[str, float]:
    """Values of parameters of the model ``wet`` of a WCxf document.

    Parameters and errors are those of `wilson_from_wcxf`.

    Returns
    -------
    dict of str to float
        Real part of each coefficient, and its imaginary part if it is not zero.
    """
    values = {}
    for (key, i, j), value in _entries(document, ignore_others).items():
        name = f"{key}_{FLAVOURS[i]}{FLAVOURS[j]}"
        values[name] = value.real
        if value.imag != 0.0:
            values[f"Im_{name}"] = value.imag
    return values


def wcxf_from_wilson(wilson: Wilson, *, point: int = 0, scale: float = 4.8) -> dict[str, Any]:
    """WCxf document of one parameter point.

    Parameters
    ----------
    wilson : Wilson
    point : int
        Index on the batch axis.
    scale : float, GeV
        Renormalisation scale to state; the vector operators do not run in QCD.

    Returns
    -------
    dict

    Raises
    ------
    PredictionError
        If a coefficient that WCxf does not have is not zero, or there is no such point.
    """
    if not 0 <= point < wilson.size:
        raise PredictionError(f"there is no point {point}: the batch has {wilson.size}.")
    at = {key: array[point if len(array) > 1 else 0] for key, array in wilson.items()}
    known = {key for key, _, _ in WCXF_NAMES.values()}
    for key, array in at.items():
        if key not in known and np.any(array):
            raise PredictionError(
                f"the coefficient {key} has no name in the WCxf basis {_BASIS!r} of the {_EFT}, "
                f"which has {', '.join(sorted(known))}; set it to zero to export the others."
            )
    values = {}
    for name, (key, i, j) in WCXF_NAMES.items():
        value = complex(at[key][i, j]) if key in at else 0.0j
        if value != 0.0:
            values[name] = {"Re": value.real, "Im": value.imag} if value.imag else value.real
    return {"eft": _EFT, "basis": _BASIS, "scale": scale, "values": values}


def wcxf_from_parameters(values: Mapping[str, ArrayLike], *, scale: float = 4.8) -> dict[str, Any]:
    """WCxf document of values of parameters of the model ``wet``.

    Parameters
    ----------
    values : mapping of str to number
        Those not named are zero.
    scale : float, GeV
        Renormalisation scale to state.

    Returns
    -------
    dict

    Raises
    ------
    UnknownNameError
        If a name is not a parameter of ``wet``.
    PredictionError
        If a coefficient that WCxf does not have is not zero.
    """
    return wcxf_from_wilson(Wilson(WET.matrices(WET.complete(values))), scale=scale)


def _entries(
    document: Mapping[str, Any], ignore_others: bool
) -> dict[tuple[str, int, int], complex]:
    """Checked values by Wilson coefficient and flavours."""
    for key in ("eft", "basis", "scale", "values"):
        if key not in document:
            raise ParameterError(f"WCxf: the key {key!r} is missing.")
    for key, only in (("eft", _EFT), ("basis", _BASIS)):
        if document[key] != only:
            raise ParameterError(f"WCxf: {key} is {document[key]!r}; only {only!r} can be read.")
    if not isinstance(document["values"], Mapping):
        raise ParameterError("WCxf: values must map names of coefficients to numbers.")
    found = {}
    for name, value in document["values"].items():
        if name in WCXF_NAMES:
            found[WCXF_NAMES[name]] = _number(name, value)
        elif not ignore_others:
            raise UnknownNameError("WCxf coefficient", name, WCXF_NAMES, "the sector sbnunu")
    return found


def _number(name: str, value: object) -> complex:
    """Real number, or complex number given as {Re, Im}."""
    parts: list[object] = [value, 0.0]
    if isinstance(value, Mapping):
        if not value or set(value) - {"Re", "Im"}:
            raise ParameterError(f"WCxf: {name} must be a number or have the keys Re and Im.")
        parts = [value.get("Re", 0.0), value.get("Im", 0.0)]
    if not all(isinstance(part, int | float) and not isinstance(part, bool) for part in parts):
        raise ParameterError(f"WCxf: {name} is {value!r}, which is not a number.")
    real, imaginary = (float(part) for part in parts)  # type: ignore[arg-type]
    if not np.isfinite([real, imaginary]).all():
        raise ParameterError(f"WCxf: {name} is {value!r}, which is not finite.")
    return complex(real, imaginary)
