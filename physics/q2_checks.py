"""Checks of the q2 and the limits of q2 that observables are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import PredictionError
from .arrays import Array

__all__ = ["LIMITS", "check_limits", "check_points", "check_range"]

LIMITS = ("q2min", "q2max")


def check_points(name: str, q2: Any) -> None:
    """Refuse q2 that is not a finite number or a list of them."""
    array = _array(q2)
    if array.ndim > 1 or array.dtype.kind not in "iuf" or not np.isfinite(array).all():
        raise PredictionError(
            f"{name}: q2 = {q2} is not allowed: it must be a finite number, or an array (k,) of "
            "finite numbers, in GeV^2."
        )


def check_limits(name: str, limits: Mapping[str, Any]) -> None:
    """Refuse limits of q2 that are not finite numbers, or do not increase."""
    for key, value in limits.items():
        array = _array(value)
        if array.ndim > 0 or array.dtype.kind not in "iuf" or not np.isfinite(array):
            raise PredictionError(
                f"{name}: {key} = {value} is not allowed: it must be one finite number, in GeV^2; "
                "without limits the range is the physical region."
            )
    lower = limits.get("q2min", 0.0)
    if "q2max" in limits and not lower < limits["q2max"]:
        raise PredictionError(
            f"{name}: q2max = {limits['q2max']:g} is not allowed: it must be above q2min = "
            f"{lower:g} GeV^2."
        )


def check_range(name: str, q2min: float, q2max: float, end: float) -> None:
    """Refuse limits of q2 between which nothing of the physical region lies.

    Parameters
    ----------
    name : str
        What was asked for.
    q2min, q2max : float, GeV^2
    end : float, GeV^2
        Kinematic end point, the largest if there are several; the region starts at zero.

    Raises
    ------
    PredictionError
        With the limits and the physical region.
    """
    if q2min < end and q2max > 0.0:
        return
    upper = "" if np.isinf(q2max) else f" to {q2max:g}"
    raise PredictionError(
        f"{name}: the bin of q2 from {q2min:g}{upper} GeV^2 holds nothing of the physical region, "
        f"from 0 to {end:.6g} GeV^2."
    )


def _array(value: Any) -> Array:
    """Value as an array; of text if it has no shape, such as lists of unequal lengths."""
    try:
        return np.asarray(value)
    except ValueError:
        return np.asarray("")
