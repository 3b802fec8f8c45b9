"""Limits and intervals from toys: CLs with distributions of toys, and Feldman and Cousins.

Toys are drawn at a rate with all other parameters where they describe the measured data best for
it, and auxiliary data are drawn too (1305.2050; ToyCalculator of pyhf).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from ..dataset import Dataset
from .limit_curves import Curves, RateProblem
from .limits import SIGMAS, Limits
from .target import Array

__all__ = ["ToyOptions", "cls_toys", "feldman_cousins"]

# Spawn key of the random numbers, apart from those of samplers and of other toys.
_KEY = 4
# Rates at which CLs is found from toys, and those around an observed limit.
_GRID = 12
_NEARBY = (0.85, 0.95, 1.05, 1.15)
# Rates of the first grid of Feldman and Cousins, and refinements of a crossing.
_COARSE, _REFINED = 13, 12
# Rates around a crossing, in normal quantiles of p, and how many are needed.
_AROUND, _AROUND_CLS, _LEAST = 0.35, 0.6, 3
# Error of a crossing, in parts of the interval.
_WANTED = 0.1
# Statistics that differ by less are equal.
_EQUAL = 1e-4


@dataclass(frozen=True)
class ToyOptions:
    """How many toys, from which random numbers.

    Attributes
    ----------
    number : int
        Toys at each rate.
    seed : int
    first : int
        Place in the whole scan of the first point, which has random numbers of its own.
    """

    number: int
    seed: int
    first: int = 0


class _Point:
    """Toys at one point of a scan, and the measured data."""

    def __init__(self, of: RateProblem, scan: Array, place: int, size: float, options: ToyOptions):
        self.of, self.size, self.options, self.place = of, size, options, options.first + place
        self.point = of.at(scan[None])
        self.measured = Curves(of, self.point, of.problem.measured)
        (self.best,), (self.lowest,) = self.measured.best(np.array([size]))
        self.failed = 0
        self._drawn = 0

    def statistic(self, rates: Array) -> Array:
        """``-2 ln lambda`` of the measured data at rates: (r,)."""
        at = np.zeros(len(rates), dtype=int)
        values = np.concatenate(
            [self.measured.profile(at[:1], rates[i : i + 1]) for i in range(len(rates))]
        )
        found: Array = np.maximum(values - self.lowest, 0.0)
        return found

    def toys(self, rate: float) -> tuple[Curves, Array, Array]:
        """Toys at a rate with their best rates and values there; those that failed are left out."""
        (truth,) = self.measured.conditional(np.zeros(1, dtype=int), np.array([rate]))
        self._drawn += 1
        key = (_KEY, self.place, self._drawn)
        rng = np.random.default_rng(np.random.SeedSequence(self.options.seed, spawn_key=key))
        truths = np.repeat(truth[None], self.options.number, axis=0)
        data: Dataset = self.of.problem.sample(truths, rng)
        curves = Curves(self.of, truths, data)
        best, lowest = curves.best(np.full(len(truths), self.size))
        good = np.isfinite(lowest)
        self.failed += int((~good).sum())
        left = Curves(self.of, curves.points[good], data.take(good))
        return left, best[good], lowest[good]


def _ratio(curves: Curves, lowest: Array, rate: float) -> Array:
    """``-2 ln lambda`` of toys at one rate: (n,)."""
    rows = np.arange(len(curves))
    found: Array = np.maximum(curves.profile(rows, np.full(len(rows), rate)) - lowest, 0.0)
    return found


def _capped(ratio: Array, best: Array, rate: float | Array) -> Array:
    """q~_mu: zero where the best rate is above."""
    return np.where(best > rate, 0.0, ratio)


def _beyond(sample: Array, value: Array) -> Array:
    """Part of a sample (n,) that is at least each of the values (m,)."""
    ordered = np.sort(sample)
    found: Array = 1.0 - np.searchsorted(ordered, value - _EQUAL) / len(ordered)
    return found


def cls_toys(
    of: RateProblem,
    scan: Array,
    levels: tuple[float, ...],
    about: Limits,
    size: Array,
    options: ToyOptions,
) -> Limits:
    """Limits with distributions of q~_mu from toys at mu and at zero.

    Expected limits are quantiles of the limits of the toys at zero.

    Parameters
    ----------
    of : RateProblem
    scan : (n, a) array
    levels : tuple of float
    about : Limits
        Asymptotic ones, around which rates are chosen.
    size : (n,) array
        Error of the rate with background alone.
    options : ToyOptions

    Returns
    -------
    Limits
    """
    n, count = len(scan), len(levels)
    best, failed = np.full(n, np.nan), np.zeros(n)
    upper, errors = np.full((n, count), np.nan), np.full((n, count), np.nan)
    expected = np.full((n, count, len(SIGMAS)), np.nan)
    for place in range(n):
        ends = np.concatenate([about.upper[place], about.expected[place].ravel()])
        if not np.isfinite(ends).all():  # beyond the range of the rate
            best[place], upper[place], expected[place] = about.best[place], np.inf, np.inf
            errors[place] = 0.0
            continue
        here = _Point(of, scan[place], place, float(size[place]), options)
        rates = _rates(about.upper[place], ends, of.upper)
        both, alone, seen = _distributions(here, rates)
        best[place], failed[place] = here.best, here.failed
        q = _capped(here.statistic(rates), np.full(len(rates), here.best), rates)
        for k, level in enumerate(levels):
            alpha = 1.0 - level
            upper[place, k], errors[place, k] = _toy_limit(rates, both, alone, q, alpha)
            bands = _band(rates, both, alone, seen, alpha)
            expected[place, k] = bands
    zero = np.zeros((n, count))
    return Limits(best, zero, upper, expected, errors, zero, failed)


def _rates(observed: Array, ends: Array, upper: float) -> Array:
    """Rates for all limits, more of them around those observed."""
    low, high = 0.5 * ends.min(), min(1.4 * ends.max(), upper)
    around = np.outer(observed, _NEARBY).ravel()
    found: Array = np.unique(np.append(np.geomspace(low, high, _GRID), around[around < high]))
    return found


def _distributions(here: _Point, rates: Array) -> tuple[list[Array], list[Array], Array]:
    """q~ of toys at each rate, of toys at zero at each rate, and the latter as a table."""
    null, null_best, null_lowest = here.toys(0.0)
    both, alone = [], []
    for rate in rates.tolist():
        toys, best, lowest = here.toys(rate)
        both.append(_capped(_ratio(toys, lowest, rate), best, rate))
        alone.append(_capped(_ratio(null, null_lowest, rate), null_best, rate))
    return both, alone, np.stack(alone, axis=1)


def _toy_limit(
    rates: Array, both: list[Array], alone: list[Array], q: Array, alpha: float
) -> tuple[float, float]:
    """Where CLs of the data falls to alpha, and its error from the number of toys."""
    numbers = np.array([[len(x), len(y)] for x, y in zip(both, alone, strict=True)])
    parts = np.array(
        [
            [_beyond(x, value)[0], _beyond(y, value)[0]]
            for x, y, value in zip(both, alone, q[:, None], strict=True)
        ]
    )
    parts = np.maximum(parts, 0.5 / numbers)  # none of the toys is not impossible
    ratio = np.clip(parts[:, 0] / parts[:, 1], 0.25 / numbers[:, 0], 1.0 - 0.5 / numbers[:, 0])
    if ratio[-1] > alpha:
        return np.inf, 0.0
    spread = ratio * np.sqrt(((1.0 - parts) / (parts * numbers)).sum(axis=1))
    return _line(
        rates, ndtri(ratio), spread / _density(ndtri(ratio)), float(ndtri(alpha)), _AROUND_CLS
    )


def _density(z: Array) -> Array:
    found: Array = np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi)
    return found


def _line(x: Array, z: Array, spread: Array, aim: float, around: float) -> tuple[float, float]:
    """Where a line through z of the rates x around is `aim`, and the error."""
    away = abs(z - aim)
    near = away <= around
    # The nearest on either side too, so that a line does not have to go on beyond them.
    for side in (z >= aim, z < aim):
        near |= side & (away == np.where(side, away, np.inf).min())
    if near.sum() < _LEAST:
        near = np.isin(np.arange(len(z)), away.argsort()[:_LEAST])
    weight = 1.0 / np.maximum(spread[near], 1e-6)
    middle = float(np.average(x[near], weights=weight))
    rows = np.stack([np.ones(near.sum()), x[near] - middle], axis=1) * weight[:, None]
    covariance = np.linalg.pinv(rows.T @ rows)
    offset, slope = covariance @ rows.T @ ((z[near] - aim) * weight)
    shift = -offset / slope
    change = np.array([1.0, shift])
    error = float(np.sqrt(change @ covariance @ change) / abs(slope))
    return float(np.clip(middle + shift, x[0], x[-1])), error


def _quantile(above: Array, below: Array) -> Array:
    """Normal quantile of CLs, which is nearly straight in the rate."""
    ratio = above / np.maximum(below, 1e-12)
    found: Array = ndtri(np.clip(ratio, 1e-3, 1.0 - 1e-3))
    return found


def _band(rates: Array, both: list[Array], alone: list[Array], seen: Array, alpha: float) -> Array:
    """Quantiles of the limits of toys at zero: (5,)."""
    curves = np.stack(
        [
            _quantile(_beyond(x, seen[:, i]), _beyond(y, seen[:, i]))
            for i, (x, y) in enumerate(zip(both, alone, strict=True))
        ],
        axis=1,
    )
    limits, _, _ = _falls(rates, curves, float(ndtri(alpha)))
    found: Array = np.quantile(limits, ndtr(np.array(SIGMAS)), method="inverted_cdf")
    return found


def _falls(rates: Array, curves: Array, wanted: float) -> tuple[Array, Array, Array]:
    """Last crossing of each curve (m, r) below a value: place, slope, index of the rate before."""
    m = len(curves)
    over = curves > wanted
    # The last rate that is not excluded; CLs of few toys is not strictly falling.
    i = np.where(over.any(axis=1), over.shape[1] - 1 - over[:, ::-1].argmax(axis=1), 0)
    inner = np.minimum(i, curves.shape[1] - 2)
    every = np.arange(m)
    rise = curves[every, inner + 1] - curves[every, inner]
    step = rates[inner + 1] - rates[inner]
    with np.errstate(all="ignore"):
        slope = rise / step
        place = rates[inner] + (wanted - curves[every, inner]) / slope
    place = np.where(over.any(axis=1), place, rates[0])
    return np.where(i == curves.shape[1] - 1, np.inf, place), slope, inner


def feldman_cousins(
    of: RateProblem,
    scan: Array,
    levels: tuple[float, ...],
    about: Limits,
    size: Array,
    options: ToyOptions,
) -> Limits:
    """Intervals with -2 ln lambda as the order (physics/9711021), distributions from toys.

    The statistic is t~_mu (1007.1727, eq. 11), the best rate not negative. A rate belongs to the
    interval if at least 1 - level of the toys drawn at it have a statistic as large as that of the
    data. Rates are added, each with toys of its own, until the error of every end is below a tenth
    of the interval.

    Parameters
    ----------
    of, scan, levels, about, size, options
        As for `cls_toys`.

    Returns
    -------
    Limits
        Without expected ones.
    """
    n, count = len(scan), len(levels)
    best, failed = np.full(n, np.nan), np.zeros(n)
    lower, upper = np.full((n, count), np.nan), np.full((n, count), np.nan)
    errors, low_errors = np.full((n, count), np.nan), np.full((n, count), np.nan)
    for place in range(n):
        here = _Point(of, scan[place], place, float(size[place]), options)
        belt = _Belt(here)
        for k, level in enumerate(levels):
            ends, sigma = belt.interval(1.0 - level)
            lower[place, k], upper[place, k] = ends
            low_errors[place, k], errors[place, k] = sigma
        # None where nothing depends on the rate.
        best[place] = here.best if np.isfinite(about.best[place]) else np.nan
        failed[place] = here.failed
    none = np.full((n, count, len(SIGMAS)), np.nan)
    return Limits(best, lower, upper, none, errors, low_errors, failed)


class _Belt:
    """p-values of rates at one point of a scan."""

    def __init__(self, here: _Point) -> None:
        self.here = here
        self.rates, self.p = np.empty(0), np.empty(0)
        self.totals = np.empty(0)
        spread = self._spread()
        low = max(here.best - 4.0 * spread, 0.0)
        self.add(np.unique(np.append(0.0, np.linspace(low, here.best + 4.0 * spread, _COARSE))))

    def _spread(self) -> float:
        """Error of the rate of the measured data, from where the statistic is four."""
        spread = 0.5 * self.here.size
        for _ in range(30):
            (value,) = self.here.statistic(np.array([self.here.best + 2.0 * spread]))
            if value >= 4.0:
                return spread
            spread *= 1.3
        return spread

    def add(self, rates: Array) -> None:
        """Draw toys at further rates, within the range."""
        rates = np.unique(np.clip(rates, 0.0, self.here.of.upper))
        rates = np.array([rate for rate in rates.tolist() if rate not in self.rates])
        if not len(rates):
            return
        observed = self.here.statistic(rates)
        p, totals = [], []
        for rate, value in zip(rates.tolist(), observed.tolist(), strict=True):
            toys, _, lowest = self.here.toys(rate)
            p.append(_beyond(_ratio(toys, lowest, rate), np.array([value]))[0])
            totals.append(len(toys))
        order = np.append(self.rates, rates).argsort()
        self.rates = np.append(self.rates, rates)[order]
        self.p = np.append(self.p, p)[order]
        self.totals = np.append(self.totals, totals)[order]

    def interval(self, alpha: float) -> tuple[tuple[float, float], tuple[float, float]]:
        """Lower and upper end, and their errors."""
        for _ in range(_REFINED):
            if not (self.p > alpha).any():  # the best rate alone belongs to every interval
                self.add(np.array([self.here.best]))
            lower, low_error = self._end(alpha, self.rates <= self.here.best)
            upper, high_error = self._end(alpha, self.rates >= self.here.best)
            end = self.rates[-1]
            if np.isinf(upper):
                if end >= self.here.of.upper:
                    break
                self.add(np.array([2.0 * end - self.here.best]))
                continue
            wanted = _WANTED * (upper - lower)
            more = [
                place + min(error, 0.5 * (upper - lower)) * np.array([-0.7, 0.0, 0.7])
                for place, error in ((lower, low_error), (upper, high_error))
                if error > wanted
            ]
            if not more:
                break
            self.add(np.concatenate(more))
        return (lower, upper), (low_error, high_error)

    def _end(self, alpha: float, side: Array) -> tuple[float, float]:
        """Where p is alpha on one side of the best rate, and its error.

        From a line through the normal quantile of p, which is nearly straight, at rates around:
        each is of a finite number of toys.
        """
        rates, p, total = self.rates[side], self.p[side], self.totals[side]
        left = len(rates) == 0 or rates[-1] <= self.here.best
        outermost = 0 if left else -1
        if not len(rates) or p[outermost] > alpha:
            return (0.0 if left else np.inf), 0.0
        z, aim = ndtri(np.clip(p, 0.5 / total, 1.0 - 0.5 / total)), ndtri(alpha)
        chance = np.maximum(p * (1.0 - p), 1.0 / total)
        return _line(rates, z, np.sqrt(chance / total) / _density(z), float(aim), _AROUND)
