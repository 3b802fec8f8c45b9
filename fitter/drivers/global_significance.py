"""How likely is so large an excess anywhere in a scan: toys, and bounds of the same probability.

At each point i of a scan q_i = -2 ln of the ratio of the likelihood without the rate to the largest
one with a rate >= 0 (q_0 of 1007.1727, eq. 12). The statistic is the largest q_i. Toys are drawn
without the rate, other parameters where they describe the measured data best so (1305.2050).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from ...errors import FitError, ParameterError
from .limit_curves import Curves, RateProblem
from .limits import null_size
from .target import Array

__all__ = [
    "REFERENCE",
    "Excesses",
    "Probability",
    "crossing_bound",
    "excesses",
    "local_probability",
    "tail_deviates",
    "toy_probability",
    "tread_bound",
    "up_crossings",
]

REFERENCE = 0.5
"""Level at which up-crossings are counted, as in 1005.1891."""

# Spawn key of the random numbers, apart from those of other toys.
_KEY = 6
# Rows, toys times points, that are fitted at once.
_ROWS = 4096
# Statistics that differ by less are equal: of a toy and the data, and of points of one tread.
_EQUAL, _TREAD = 1e-4, 0.05
# Differences of -2 ln L of the same fit.
_NULL = 1e-3
# Levels at which the tail is compared with that of chi2, and deviations that are none.
_TAIL_LEVELS, _SIGMAS, _PART = (1.0, 2.71), 4.0, 0.2


@dataclass(frozen=True, eq=False)
class Excesses:
    """The statistic at n points of a scan.

    Attributes
    ----------
    measured, rates : (n,) arrays
        q of the measured data, and their best rates.
    toys : (t, n) array
        q of toys without the rate; those of which a fit failed are left out.
    failed : int
        How many those are.
    """

    measured: Array
    rates: Array
    toys: Array
    failed: int


@dataclass(frozen=True)
class Probability:
    """A probability and its error."""

    value: float
    error: float


def excesses(
    of: RateProblem,
    scan: Array,
    most: int,
    seed: int,
    wanted: float,
    report: Callable[[int, int], None] | None = None,
) -> Excesses:
    """Q of the data and of toys at all points of a scan.

    Parameters
    ----------
    of : RateProblem
    scan : (n, a) array
    most : int
        Toys at most.
    seed : int
    wanted : float
        Relative error of the global p-value at which no more toys are drawn.
    report : callable, optional
        Told how many toys are done, and of how many at most.

    Returns
    -------
    Excesses
        Points where no rate of the range would be seen have q = 0 and no best rate.

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
    live = np.isfinite(size)
    measured, rates = np.zeros(len(scan)), np.full(len(scan), np.nan)
    found = np.zeros((0, len(scan)))
    if not live.any():
        return Excesses(measured, rates, found, 0)
    points, truth = data.points[live], null[0]
    rates[live], measured[live] = _excess(Curves(of, points, of.problem.measured), size[live])
    if np.isnan(measured).any():
        raise FitError("significance: a fit of the measured data did not converge.")
    chunk, number, failed = min(max(_ROWS // len(points), 1), most), 0, 0
    while failed + len(found) < most:
        key = np.random.SeedSequence(seed, spawn_key=(_KEY, number))
        toys = _chunk(
            of,
            truth,
            points,
            size[live],
            np.random.default_rng(key),
            min(chunk, most - failed - len(found)),
        )
        good = np.isfinite(toys).all(axis=1)
        rows = np.zeros((int(good.sum()), len(scan)))
        rows[:, live] = toys[good]
        found, failed, number = (
            np.concatenate([found, rows]),
            failed + int((~good).sum()),
            number + 1,
        )
        if report is not None:
            report(failed + len(found), most)
        known = toy_probability(found, float(measured.max())) if len(found) else None
        if known is not None and known.value > 0.0 and known.error <= wanted * known.value:
            break
    return Excesses(measured, rates, found, failed)


def _refuse_other_null(base: Array) -> None:
    """Raise unless the data are described equally well without the rate at all points."""
    if not np.isfinite(base).all():
        raise FitError("significance: the data cannot be fitted without the rate.")
    if np.ptp(base) > _NULL:
        raise ParameterError(
            "significance: without the rate, predictions must not depend on what is scanned; "
            f"-2 ln L changes by {np.ptp(base):.3g}."
        )


def _excess(curves: Curves, size: Array) -> tuple[Array, Array]:
    """Best rates of rows and q, NaN where a fit failed."""
    rate, lowest = curves.best(size)
    rows = np.arange(len(curves))
    q = curves.profile(rows, np.zeros(len(rows))) - lowest
    return rate, np.where(rate > 0.0, np.maximum(q, 0.0), np.where(np.isnan(q), np.nan, 0.0))


def _chunk(
    of: RateProblem,
    truth: Array,
    points: Array,
    size: Array,
    rng: np.random.Generator,
    number: int,
) -> Array:
    """Q of toys (number, n), each fitted at all points."""
    data = of.problem.sample(np.repeat(truth[None], number, axis=0), rng)
    begin = np.repeat(truth[None], len(points), axis=0)
    begin[:, list(of.scanned)] = points[:, list(of.scanned)]
    which = np.repeat(np.arange(number), len(points))
    curves = Curves(of, np.tile(begin, (number, 1)), data.take(which))
    _, q = _excess(curves, np.tile(size, number))
    return q.reshape(number, len(points))


def local_probability(statistic: Array) -> Array:
    """``P(q >= c)`` at one point in the asymptotic limit: half of that of chi2 (1 degree).

    1007.1727, section 3.5; one where c is zero.
    """
    found: Array = np.where(statistic > 0.0, 0.5 * chi2.sf(statistic, 1), 1.0)
    return found


def toy_probability(toys: Array, level: float) -> Probability:
    """Part of the toys (t, n) with the largest statistic at least `level`, and binomial error.

    None of t toys gives zero with the error 1 / t.
    """
    number = len(toys)
    above = int((toys.max(axis=1) >= level - _EQUAL).sum())
    value = above / number
    return Probability(value, max(np.sqrt(value * (1.0 - value) / number), 1.0 / number))


def up_crossings(toys: Array, level: float) -> Probability:
    """Mean number of times the statistic of a toy (t, n) rises through a level along the scan."""
    below, above = toys[:, :-1] < level, toys[:, 1:] >= level
    counts = (below & above).sum(axis=1)
    return Probability(float(counts.mean()), float(counts.std() / np.sqrt(len(counts))))


def crossing_bound(toys: Array, level: float, reference: float = REFERENCE) -> Probability:
    """Bound of Gross and Vitells: P <= P(chi2 > c) / 2 + <N(c0)> exp(-(c - c0) / 2).

    1005.1891, eq. (3), of a process whose q is half of chi2 (1 degree) at each point.

    Parameters
    ----------
    toys : (t, n) array
        q along a scan fine enough for q to be continuous.
    level : float
        c.
    reference : float
        c0, up to which there is no bound but one.

    Returns
    -------
    Probability
        Not above 1; the error is that of the mean number of up-crossings.
    """
    if level <= reference:
        return Probability(1.0, 0.0)
    crossings = up_crossings(toys, reference)
    fall = float(np.exp(-0.5 * (level - reference)))
    value = float(local_probability(np.array(level))) + crossings.value * fall
    return Probability(min(value, 1.0), crossings.error * fall)


def tread_bound(toys: Array, measured: Array, level: float) -> tuple[float, int]:
    """Sum of local probabilities over the treads of a staircase, and their number.

    Neighbours of which no toy, nor the data, tells one from the other are one tread; points where
    the rate does nothing are none.

    Parameters
    ----------
    toys : (t, n) array
    measured : (n,) array
    level : float

    Returns
    -------
    bound : float
    treads : int
    """
    every = np.concatenate([measured[None], toys])
    live = (every > 0.0).any(axis=0)
    every = every[:, live]
    if not every.shape[1]:
        return 1.0, 0
    apart = (abs(np.diff(every, axis=1)) > _TREAD).any(axis=0)
    treads = 1 + int(apart.sum())
    return min(treads * float(local_probability(np.array(level))), 1.0), treads


def tail_deviates(toys: Array) -> int | None:
    """Point at which the tail of q (t, n) is not half of that of chi2 (1 degree); None if nowhere.

    Parts of the toys beyond two levels may deviate by four binomial errors and a fifth. Points
    where q is always zero have nothing to say.
    """
    live = np.flatnonzero((toys > 0.0).any(axis=0))
    for level in _TAIL_LEVELS:
        p = float(local_probability(np.array(level)))
        allowed = _SIGMAS * np.sqrt(p * (1.0 - p) / len(toys)) + _PART * p
        away = abs((toys[:, live] >= level).mean(axis=0) - p)
        if len(live) and away.max() > allowed:
            return int(live[away.argmax()])
    return None
