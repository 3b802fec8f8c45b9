"""Observables whose kinematics are fixed by their names: ``BR(B+->Knunu)[q2min=1, q2max=6]``.

So a measurement in a bin of q2 needs one name, as one of a total rate does: in likelihood terms,
tables, the workspace of a batch, an analysis file and on the command line.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any

from ..errors import PredictionError, UnknownNameError
from .observable import LIMITS, Observable, check_limits, check_points

__all__ = ["Kinematics", "fix", "spell_name", "split_name"]

Kinematics = Mapping[str, float | bool]

# Keywords that are numbers in GeV^2; the others are switches.
_NUMBERS = ("q2", *LIMITS)
_SWITCH: Mapping[str, bool] = MappingProxyType({"true": True, "false": False})
_LATEX: Mapping[str, str] = MappingProxyType(
    {"q2": "q^2", "q2min": r"q^2_\mathrm{min}", "q2max": r"q^2_\mathrm{max}"}
)


def split_name(name: str) -> tuple[str, dict[str, float | bool]] | None:
    """Take a name apart into that of the observable and its kinematics.

    Parameters
    ----------
    name : str
        Such as ``"BR(B+->Knunu)[q2min=1, q2max=6]"``: numbers in GeV^2, switches true or false.

    Returns
    -------
    (str, dict) or None
        None for a name without such brackets; ``R_K[1.1,6.0]`` has none.

    Raises
    ------
    PredictionError
        If the brackets hold anything else, or one keyword twice.
    """
    text = name.strip()
    base, bracket, inside = text.rpartition("[")
    if not bracket or not inside.endswith("]") or "=" not in inside:
        return None
    found: dict[str, float | bool] = {}
    for part in inside[:-1].split(","):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not (key and equals and value):
            raise PredictionError(
                f"{name}: {part.strip()!r} is not allowed in the brackets: write each as key=value,"
                " such as [q2min=1, q2max=6]."
            )
        if key in found:
            raise PredictionError(f"{name}: {key} is given twice.")
        found[key] = _value(name, key, value)
    return base.strip(), found


def _value(name: str, key: str, text: str) -> float | bool:
    if text.lower() in _SWITCH:
        return _SWITCH[text.lower()]
    try:
        return float(text)
    except ValueError:
        raise PredictionError(
            f"{name}: {key} = {text!r} is not allowed: it must be a number in GeV^2, or true or "
            "false for a switch."
        ) from None


def spell_name(name: str, kinematics: Mapping[str, Any]) -> str:
    """Name with its kinematics in brackets, in the order given; without any if there are none."""
    words = ", ".join(f"{key}={_spelt(value)}" for key, value in kinematics.items())
    return f"{name}[{words}]" if words else name


def _spelt(value: float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(float(value)).removesuffix(".0")


def fix(record: Observable, kinematics: Mapping[str, Any]) -> Observable:
    """The same observable at given kinematics, which its name then says.

    Parameters
    ----------
    record : Observable
    kinematics : mapping of str to float or bool
        All that it needs and any that it takes; GeV^2.

    Returns
    -------
    Observable
        That takes no kinematics.

    Raises
    ------
    UnknownNameError
        If the observable does not take one of them.
    PredictionError
        If one is missing, no number where one is needed, or the limits of q2 do not increase.
    """
    allowed = (*record.kinematics, *record.optional)
    for key, value in kinematics.items():
        if key not in allowed:
            raise UnknownNameError("kinematic variable", key, allowed, record.name)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if key in _NUMBERS and not (number and math.isfinite(value)):
            raise PredictionError(
                f"{record.name}: {key} = {value} is not allowed: it must be one finite number, in "
                "GeV^2."
            )
        if key not in _NUMBERS and not isinstance(value, bool):
            raise PredictionError(
                f"{record.name}: {key} = {value} is not allowed: it must be true or false."
            )
    missing = [key for key in record.kinematics if key not in kinematics]
    if missing:
        raise PredictionError(f"{record.name} needs a value of {', '.join(missing)} (GeV^2).")
    ordered = {key: kinematics[key] for key in allowed if key in kinematics}
    if "q2" in ordered:
        check_points(record.name, ordered["q2"])
    check_limits(record.name, {key: ordered[key] for key in LIMITS if key in ordered})
    return replace(
        record,
        name=spell_name(record.name, ordered),
        latex=record.latex + _latex(ordered),
        function=partial(record.function, **ordered),
        kinematics=(),
        optional=(),
    )


def _latex(kinematics: Kinematics) -> str:
    """Kinematics as an index of the symbol; a range of q2 as one."""
    if set(kinematics) == set(LIMITS):
        low, high = (_spelt(kinematics[key]) for key in LIMITS)
        return f"_{{[{low},{high}]}}"
    words = ", ".join(
        f"{_LATEX[key]}={_spelt(value)}" for key, value in kinematics.items() if key in _LATEX
    )
    return f"_{{[{words}]}}" if words else ""
