"""Parameters that are angles: both ends of their range are the same point."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from .priors import Array
from .table import ParameterTable

__all__ = ["SEAM", "closed", "nearest"]

SEAM = 1e-3
"""Part of a turn by which the ends of the range of an angle may miss each other, as of 6.28."""

# Points of the prior at which both ends of a range are compared, and places in the range besides.
_DRAWS, _PLACES = 4, 8


def nearest(theta: Array, centre: Array, periods: Array) -> Array:
    """Points with every angle turned by whole periods to where it is nearest to that of a centre.

    Parameters
    ----------
    theta, centre : (..., d) arrays
    periods : (d,) array

    Returns
    -------
    (..., d) array
    """
    turns = np.round((np.asarray(theta) - centre) / periods) * periods
    result: Array = np.where(np.isfinite(periods), theta - np.nan_to_num(turns), theta)
    return result


def closed(
    table: ParameterTable, coefficients: Callable[[Array], Mapping[str, Array]], column: int
) -> str:
    """Whether the range of a parameter is a full period: both ends give the same coefficients.

    Parameters
    ----------
    table : ParameterTable
    coefficients : callable
        From points (n, d) to Wilson coefficients by name, (1, ...) or (n, ...) arrays.
    column : int

    Returns
    -------
    str
        Empty if they do, else the coefficient that differs most and its values.
    """
    lower, upper = table.bounds[column]
    draws = table.transform(np.random.default_rng(1).uniform(0.1, 0.9, (_DRAWS, table.ndim)))
    theta = np.repeat(draws, _PLACES + 1, axis=0)
    theta[:, column] = np.tile(np.linspace(lower, upper, _PLACES + 1), _DRAWS)
    worst, told = 2.0 * np.pi * SEAM, ""
    for name, values in coefficients(theta).items():
        full = np.broadcast_to(values, (len(theta), *np.shape(values)[1:]))
        turn = full.reshape(_DRAWS, _PLACES + 1, -1)  # of matrices each element
        seam = abs(turn[:, -1] - turn[:, 0])
        span = abs(turn - turn[:, :1]).max(axis=1)
        part = np.divide(seam, span, out=np.zeros(seam.shape), where=span > 0.0)
        if part.max() > worst:
            worst = float(part.max())
            row, element = np.unravel_index(int(part.argmax()), part.shape)
            first, last = turn[row, [0, -1], element]
            told = f"{name} = {first:.4g} at {lower:g} and {last:.4g} at {upper:g}"
    return told
