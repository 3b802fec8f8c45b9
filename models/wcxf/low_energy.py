"""Low-energy coefficients in the exchange format WCxf (arXiv:1712.05298), basis flavio.

Which name of WCxf is which coefficient of a `Wilson`, with what sign and order of flavours, is in
the table `bsinv.physics.wcxf_names`. Coefficients are shifts from the Standard Model on both sides.
Those of meson mixing are taken from the scale of a document to that of a `Wilson` and back with QCD
at leading order; vector operators with leptons do not run in QCD; dipoles and the scalar and tensor
operators of b -> c are read and written at 4.8 GeV alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ...errors import ParameterError, PredictionError, UnknownNameError
from ...physics.arrays import Array
from ...physics.wcxf_names import MIXING_SECTORS, SCALES, WCXF_COEFFICIENTS, WcxfCoefficient
from ...physics.wilson import WILSON_NAMES, Wilson
from ...physics.wilson_names import FLAVOURS, MIXING_OPERATORS
from ..running import delta_f2_between
from ..wet.models import WET_FULL
from .documents import (
    check_one_point,
    read_wcxf,
    scale_and_values,
    wcxf_document,
    write_wcxf,
)

__all__ = [
    "add_place",
    "parameters_from_wcxf",
    "read_wcxf",
    "wcxf_from_parameters",
    "wcxf_from_wilson",
    "wilson_from_wcxf",
    "write_wcxf",
]

_EFTS, _BASIS = ("WET", "WET-4", "WET-3"), "flavio"
_SCALE = 4.8
_DIPOLES = ("dC_7", "C_7p", "dC_8", "C_8p")
_RUNNING = (*_DIPOLES, "C_SL_cb", "C_SR_cb", "C_T_cb")
# Where leading order is good to a per cent.
_LOWEST, _HIGHEST = 2.0, 10.0


def wilson_from_wcxf(document: Mapping[str, Any], *, ignore_others: bool = False) -> Wilson:
    """Wilson coefficients of a WCxf document.

    Parameters
    ----------
    document : mapping
        With the keys eft (WET, or WET-4 and WET-3 for mixing of kaons and D mesons), basis
        (flavio), scale (GeV) and values.
    ignore_others : bool
        Pass over coefficients that a `Wilson` does not have instead of refusing them.

    Returns
    -------
    Wilson, of one point

    Raises
    ------
    ParameterError
        If a key is missing, the EFT, basis or scale does not fit, or a value is not a number.
    UnknownNameError
        If a coefficient has no counterpart in a `Wilson`.
    """
    scale, values = scale_and_values(document, _EFTS, (_BASIS,))
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name not in WCXF_COEFFICIENTS:
            if ignore_others:
                continue
            raise UnknownNameError("WCxf coefficient", name, WCXF_COEFFICIENTS, "bsinv")
        add_place(found, WCXF_COEFFICIENTS[name], np.array([value]))
    _check_scale(found, scale, ParameterError)
    for pair in MIXING_SECTORS:
        found |= _mixing(found, pair, scale, _low_scale(pair))
    real = {key: np.real(value) for key, value in found.items() if WILSON_NAMES[key].real}
    return Wilson({**found, **real})


def wcxf_from_wilson(
    wilson: Wilson, *, point: int = 0, scale: float = _SCALE, ignore_others: bool = False
) -> dict[str, Any]:
    """WCxf document of one parameter point, EFT WET.

    What searches bound (M_sLQ, decays_sLQ, max_coupling and so on) is no coefficient: left out.

    Parameters
    ----------
    wilson : Wilson
    point : int
        Index on the batch axis.
    scale : float, GeV
        Renormalisation scale of the document.
    ignore_others : bool
        Pass over coefficients that WCxf does not have instead of refusing them.

    Returns
    -------
    dict

    Raises
    ------
    PredictionError
        If a coefficient that WCxf does not have is not zero, there is no such point, or the scale
        does not fit.
    """
    if not 0 <= point < wilson.size:
        raise PredictionError(f"there is no point {point}: the batch has {wilson.size}.")
    at = {key: array[point if len(array) > 1 else 0] for key, array in wilson.items()}
    at = {key: array for key, array in at.items() if np.any(array)}
    known = {key for place in WCXF_COEFFICIENTS.values() for key, _ in place.parts}
    for key in at:
        if key not in known and not _is_bound(key) and not ignore_others:
            raise PredictionError(
                f"the coefficient {key} has no name in the WCxf basis {_BASIS!r} of the "
                f"{_EFTS[0]}; set it to zero, or ask to pass over it, to export the others."
            )
    _check_scale(at, scale, PredictionError)
    for pair in MIXING_SECTORS:
        at |= _mixing(at, pair, _low_scale(pair), scale)
    values = {
        name: _sum(place, at)
        for name, place in WCXF_COEFFICIENTS.items()
        if any(key in at for key, _ in place.parts)
    }
    return wcxf_document(_EFTS[0], _BASIS, scale, values)


def parameters_from_wcxf(
    document: Mapping[str, Any], *, ignore_others: bool = False
) -> dict[str, float]:
    """Values of parameters of the model ``wet-full`` of a WCxf document.

    Coefficients of b -> s nu nubar are parameters of ``wet`` with the same names. Parameters and
    errors are those of `wilson_from_wcxf`.

    Returns
    -------
    dict of str to float
        Real and imaginary parts that are not zero.

    Raises
    ------
    UnknownNameError
        Also if a coefficient is not a parameter of the model.
    """
    values: dict[str, float] = {}
    wilson = wilson_from_wcxf(document, ignore_others=ignore_others)
    for key, array in wilson.items():
        if key not in WET_FULL.units:
            if ignore_others:
                continue
            raise UnknownNameError("coefficient", key, WET_FULL.units, "the model 'wet-full'")
        for index, value in np.ndenumerate(array[0] / WET_FULL.units[key]):
            suffix = f"_{FLAVOURS[index[0]]}{FLAVOURS[index[1]]}" if index else ""
            if value.real != 0.0:
                values[f"{key}{suffix}"] = float(value.real)
            if value.imag != 0.0:
                values[f"Im_{key}{suffix}"] = float(value.imag)
    return values


def wcxf_from_parameters(
    values: Mapping[str, ArrayLike], *, scale: float = _SCALE
) -> dict[str, Any]:
    """WCxf document of values of parameters of the model ``wet-full``, or ``wet``.

    Parameters
    ----------
    values : mapping of str to number
        Those not named are zero.
    scale : float, GeV
        Renormalisation scale of the document.

    Returns
    -------
    dict

    Raises
    ------
    UnknownNameError
        If a name is not a parameter of ``wet-full``.
    PredictionError
        As for `wcxf_from_wilson`, or if several values of a parameter are given.
    """
    complete = WET_FULL.complete(values)
    check_one_point(complete)
    return wcxf_from_wilson(Wilson(WET_FULL.matrices(complete)), scale=scale)


def add_place(found: dict[str, Array], place: WcxfCoefficient, value: Array) -> None:
    """Add a coefficient of WCxf to the arrays of a `Wilson` that it belongs to.

    Parameters
    ----------
    found : dict of str to (n,) or (n, 3, 3) array
        Added to.
    place : WcxfCoefficient
    value : (n,) array
    """
    value = np.conj(value) if place.conjugate else value
    # The parts of two names over the same keys are orthogonal: the inverse is the transpose.
    norm = sum(factor * factor for _, factor in place.parts)
    for key, factor in place.parts:
        own = np.asarray(factor / norm * value, dtype=complex)
        if place.at:
            matrix = np.zeros((len(own), 3, 3), dtype=complex)
            matrix[:, place.at[0], place.at[1]] = own
            if place.sector == "ffnunu" and place.at[0] != place.at[1]:
                matrix[:, place.at[1], place.at[0]] = own.conj()
            own = matrix
        found[key] = found[key] + own if key in found else own


def _sum(place: WcxfCoefficient, at: Mapping[str, Array]) -> complex:
    """Value of WCxf of the arrays of a point."""
    total = sum(factor * complex(at[key][place.at]) for key, factor in place.parts if key in at)
    return complex(total).conjugate() if place.conjugate else complex(total)


def _mixing(at: Mapping[str, Any], pair: str, start: float, end: float) -> dict[str, Any]:
    """Coefficients of meson mixing taken from one low scale to another, GeV."""
    own = {name: at[f"C_{name}_{pair}"] for name in MIXING_OPERATORS if f"C_{name}_{pair}" in at}
    if not own or start == end:
        return {}
    factors = delta_f2_between(start, end)
    found = {f"C_{name}_{pair}": factors[name] * value for name, value in own.items()}
    if "VLR" in own:
        key = f"C_SLR_{pair}"
        found[key] = found.get(key, 0.0) + factors["VLR->SLR"] * own["VLR"]
    return found


def _low_scale(pair: str) -> float:
    """Scale of the coefficients of mixing of a pair of quarks, GeV."""
    return SCALES[MIXING_SECTORS[pair]][0]


def _check_scale(at: Mapping[str, Any], scale: float, error: type[Exception]) -> None:
    """Refuse a scale at which coefficients that run cannot be converted."""
    for key in at:
        if key in _RUNNING and scale != _SCALE:
            raise error(
                f"WCxf: {key} is that at {_SCALE} GeV, not at {scale:g} GeV; run the coefficients "
                f"to {_SCALE} GeV first, for example with the package wilson."
            )
        mixes = key.endswith(tuple(f"_{pair}" for pair in MIXING_SECTORS))
        if mixes and WILSON_NAMES[key].unit == "GeV^-2" and not _LOWEST <= scale <= _HIGHEST:
            raise error(
                f"WCxf: {key} is converted between {_LOWEST:g} and {_HIGHEST:g} GeV, not at "
                f"{scale:g} GeV; run the coefficients to {_SCALE} GeV first, for example with the "
                "package wilson."
            )


def _is_bound(key: str) -> bool:
    """Whether a name stands for a mass or a size of couplings, not for an operator."""
    known = WILSON_NAMES[key]
    # Products with a cubic coupling of scalars are operators, with the unit of a mass.
    a_mass = known.unit in ("GeV", "TeV") and not key.startswith("med")
    return a_mass or known.columns > 0 or key == "max_coupling"
