"""Upper limits on a rate with the method CLs, in the asymptotic limit.

The statistic is q~_mu (1007.1727, eq. 16): -2 ln of the ratio of the likelihood at mu to the
largest one with mu >= 0, zero where the best mu is above. Its distributions are those of eq. (66),
with the set of Asimov (section 3.2) at mu = 0 and nuisance parameters where they describe the
measured data best at mu = 0. CLs = p_mu / (1 - p_b) (A. Read, J. Phys. G28 (2002) 2693).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri

from .limit_curves import Curves, RateProblem
from .row_searches import cross_rows
from .target import Array

__all__ = ["SIGMAS", "Limits", "asymptotic", "cls_level", "null_size"]

SIGMAS = (-2.0, -1.0, 0.0, 1.0, 2.0)
"""Fluctuations of the background at which expected limits are quoted."""


@dataclass(frozen=True, eq=False)
class Limits:
    """Limits at n points of a scan and l levels.

    Attributes
    ----------
    best : (n,) array
        Best rate >= 0; NaN where no rate of the range would be seen.
    lower, upper : (n, l) arrays
        Ends of the interval; the lower one is zero for an upper limit. Infinite where it is beyond
        the range of the rate.
    expected : (n, l, 5) array
        Of background alone, at `SIGMAS`; NaN for a method without.
    errors, lower_errors : (n, l) arrays
        Of the upper and the lower end, from the number of toys or draws; zero without any.
    failed : (n,) array
        Toys left out since their fits failed.
    """

    best: Array
    lower: Array
    upper: Array
    expected: Array
    errors: Array
    lower_errors: Array
    failed: Array

    @classmethod
    def joined(cls, parts: Sequence[Limits]) -> Limits:
        """Limits of parts of a scan, one after the other."""
        return cls(
            *(
                np.concatenate([getattr(part, entry.name) for part in parts])
                for entry in fields(cls)
            )
        )


def cls_level(statistic: Array, asimov: Array) -> Array:
    """Ln CLs from q~_mu of the data and of the set of Asimov.

    1007.1727, eq. (66): below q_A the square root of q~ is normal with width one, above it
    (q + q_A) / (2 sqrt(q_A)) is.

    Parameters
    ----------
    statistic, asimov : arrays
        Not negative.

    Returns
    -------
    array
    """
    root = np.sqrt(np.maximum(asimov, 1e-300))
    inside = np.sqrt(statistic)
    both = np.where(statistic <= asimov, inside, (statistic + asimov) / (2.0 * root))
    alone = np.where(statistic <= asimov, inside - root, (statistic - asimov) / (2.0 * root))
    found: Array = log_ndtr(-both) - log_ndtr(-alone)
    return found


def asymptotic(of: RateProblem, scan: Array, levels: tuple[float, ...]) -> tuple[Limits, Array]:
    """Observed and expected limits at all points of a scan, as one batch.

    Parameters
    ----------
    of : RateProblem
    scan : (n, a) array
    levels : tuple of float

    Returns
    -------
    Limits
    size : (n,) array
        Error of the rate with background alone.
    """
    problem, n, count = of.problem, len(scan), len(levels)
    every, zero = np.arange(n), np.zeros(n)
    measured = Curves(of, of.at(scan), problem.measured)
    null = measured.conditional(every, zero)
    flat = Curves(of, null, problem.asimov(null))
    base = flat.profile(every, zero)
    size = null_size(of, flat, base)
    finite = np.where(np.isfinite(size), size, of.upper)
    best, lowest = measured.best(finite)

    # Rows of all levels at once: (n, l) flattened.
    which = np.repeat(every, count)
    alpha = 1.0 - np.tile(levels, n)
    many = Curves(of, measured.points[which], problem.measured)
    flats = Curves(of, flat.points[which], flat.data.take(which))

    def exclusion(rows: Array, rate: Array) -> Array:
        at = which[rows]
        q_asimov = np.maximum(flats.profile(rows, rate) - base[at], 0.0)
        q = np.maximum(many.profile(rows, rate) - lowest[at], 0.0)
        q = np.where(rate < best[at], 0.0, q)
        return np.asarray(np.log(alpha[rows]) - cls_level(q, q_asimov))

    guess = np.minimum(best + 2.0 * finite, of.upper)[which]
    upper = cross_rows(exclusion, 1e-9 * finite[which], guess, of.upper)
    upper = np.where(np.isfinite(lowest)[which], upper, np.nan)
    return Limits(
        best=np.where(np.isfinite(size), best, np.nan),  # none where nothing depends on the rate
        lower=np.zeros((n, count)),
        upper=upper.reshape(n, count),
        expected=_expected(of, flat, base, finite, levels),
        errors=np.zeros((n, count)),
        lower_errors=np.zeros((n, count)),
        failed=np.zeros(n),
    ), finite


def null_size(of: RateProblem, flat: Curves, base: Array) -> Array:
    """Where q of the set of Asimov is one, infinite where it is below up to the end: (n,)."""
    begin = np.full(len(flat), 1e-4 * of.upper)

    def rise(rows: Array, rate: Array) -> Array:
        return np.asarray(np.sqrt(np.maximum(flat.profile(rows, rate) - base[rows], 0.0)) - 1.0)

    return cross_rows(rise, np.zeros(len(flat)), begin, of.upper, 1e-2)


def _expected(
    of: RateProblem, flat: Curves, base: Array, size: Array, levels: tuple[float, ...]
) -> Array:
    """Limits where background is -2 to 2 sigma from what is expected: (n, l, 5).

    CLs = Phi(N - sqrt(q_A)) / Phi(N) is 1 - level where sqrt(q_A) = N + Phi^-1(1 - alpha Phi(N)).
    """
    n = len(flat)
    sigmas = np.array(SIGMAS)
    alpha = 1.0 - np.array(levels)[:, None]
    wanted = np.tile((sigmas - ndtri(alpha * ndtr(sigmas))).ravel(), n)
    which = np.repeat(np.arange(n), len(levels) * len(sigmas))
    rows_of = Curves(of, flat.points[which], flat.data.take(which))

    def rise(rows: Array, rate: Array) -> Array:
        q = np.maximum(rows_of.profile(rows, rate) - base[which[rows]], 0.0)
        return np.asarray(np.sqrt(q) - wanted[rows])

    guess = np.minimum(size[which] * wanted, of.upper)
    found = cross_rows(rise, np.zeros(len(which)), guess, of.upper)
    return found.reshape(n, len(levels), len(sigmas))
