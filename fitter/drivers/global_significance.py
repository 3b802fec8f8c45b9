"""How likely is so large an excess anywhere in a scan: the data and toys at all of its points.

At each point q = -2 ln of the ratio of the likelihood without the rate to the largest one with a
rate >= 0 (q_0 of 1007.1727, eq. 12). The statistic is the largest q. Toys are drawn without the
rate, other parameters where they describe the measured data best so (1305.2050). A chunk of toys is
a function of the search, the seed and its number alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import FitError, ParameterError
from ..dataset import Dataset
from .joint_excess import JointExcess, joint_excess
from .limit_curves import Curves, RateProblem
from .limits import null_size
from .target import Array

__all__ = ["CHUNK_SIZE", "ExcessSearch", "excess_search", "row_excess", "toy_excesses"]

CHUNK_SIZE = 250
"""Toys of a chunk."""

# Spawn key of the random numbers, apart from those of other toys.
_KEY = 6
# Rows, data sets times points, that are fitted at once.
_ROWS = 4096
# Differences of -2 ln L of the same fit.
_NULL = 1e-3


@dataclass(frozen=True, eq=False)
class ExcessSearch:
    """A scan of n points, l of which see a rate, and what is found there of the measured data.

    Attributes
    ----------
    of : RateProblem
    truth : (d,) array
        Where toys are drawn.
    points : (l, d) array
    size : (l,) array
        Error of the rate without fluctuation.
    live : (n,) bool array
        Points where some rate of the range would be seen; at others q is zero.
    joint : JointExcess or None
        Fits that find all at once, where the problem is of that form.
    measured, rates : (n,) arrays
        q of the measured data and their best rates, NaN where none is seen.
    """

    of: RateProblem
    truth: Array
    points: Array
    size: Array
    live: Array
    joint: JointExcess | None
    measured: Array
    rates: Array


def excess_search(of: RateProblem, scan: Array) -> ExcessSearch:
    """Fit the measured data at all points of a scan, and make ready for toys.

    Parameters
    ----------
    of : RateProblem
    scan : (n, a) array

    Returns
    -------
    ExcessSearch

    Raises
    ------
    ParameterError
        If the fit without the rate depends on what is scanned.
    FitError
        If a fit of the measured data fails.
    """
    data = Curves(of, of.at(scan), of.problem.measured)
    every, zero = np.arange(len(scan)), np.zeros(len(scan))
    base = data.profile(every, zero)
    _refuse_other_null(base)
    null = data.conditional(every, zero)
    flat = Curves(of, null, of.problem.asimov(null))
    size = null_size(of, flat, flat.profile(every, zero))
    live, truth = np.isfinite(size), null[0]
    points = np.repeat(truth[None], int(live.sum()), axis=0)
    points[:, list(of.scanned)] = scan[live]
    joint = None
    if live.any():
        joint = joint_excess(of, points, size[live], of.problem.asimov(truth[None]))
    measured, rates = np.zeros(len(scan)), np.full(len(scan), np.nan)
    made = ExcessSearch(of, truth, points, size[live], live, joint, measured, rates)
    if live.any():
        found, measured[live] = (one[0] for one in _excess(made, of.problem.measured))
        rates[live] = found
    if np.isnan(measured).any():
        raise FitError("significance: a fit of the measured data did not converge.")
    return made


def _refuse_other_null(base: Array) -> None:
    """Raise unless the data are described equally well without the rate at all points."""
    if not np.isfinite(base).all():
        raise FitError("significance: the data cannot be fitted without the rate.")
    if np.ptp(base) > _NULL:
        raise ParameterError(
            "significance: without the rate, predictions must not depend on what is scanned; "
            f"-2 ln L changes by {np.ptp(base):.3g}."
        )


def toy_excesses(
    search: ExcessSearch, seed: int, number: int, first: int = 0, last: int = CHUNK_SIZE
) -> Array:
    """Q of toys of a chunk, from the first to before the last of them: (last - first, n).

    NaN where a fit failed. The random numbers of a toy do not depend on which ones are asked for.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_KEY, number)))
    truths = np.repeat(search.truth[None], CHUNK_SIZE, axis=0)
    data = search.of.problem.sample(truths, rng).take(slice(first, last))
    q = np.zeros((len(data), len(search.live)))
    if search.live.any():
        q[:, search.live] = _excess(search, data)[1]
    return q


def _excess(search: ExcessSearch, data: Dataset) -> tuple[Array, Array]:
    """Best rates and q of data sets at the points that see one: (t, l) each."""
    shape = (len(data), len(search.points))
    rate, q = np.full(shape, np.nan), np.full(shape, np.nan)
    if search.joint is not None:
        rate, q = search.joint.excess(data)
    toy, point = np.nonzero(np.isnan(q))
    for at in range(0, len(toy), _ROWS):
        rows = toy[at : at + _ROWS], point[at : at + _ROWS]
        curves = Curves(search.of, search.points[rows[1]], data.take(rows[0]))
        rate[rows], q[rows] = row_excess(curves, search.size[rows[1]])
    return rate, q


def row_excess(curves: Curves, size: Array) -> tuple[Array, Array]:
    """Best rates of rows and q by a search along the rate, NaN where a fit failed."""
    rate, lowest = curves.best(size)
    rows = np.arange(len(curves))
    q = curves.profile(rows, np.zeros(len(rows))) - lowest
    return rate, np.where(rate > 0.0, np.maximum(q, 0.0), np.where(np.isnan(q), np.nan, 0.0))
