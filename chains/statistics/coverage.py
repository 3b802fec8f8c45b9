"""What toys say of fits: coverage of their intervals, bias and pulls of parameters.

Definitions with formulas and references are in docs/statistics/statistics.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..records import ToyStudy
from ..records.arrays import Array
from .toys import LEVELS, binomial_error, converged

__all__ = ["Coverage", "Pull", "coverage", "pulls"]

UPPER_LEVELS = (0.90, 0.95)


@dataclass(frozen=True)
class Coverage:
    """How often intervals of one kind hold the truth.

    Attributes
    ----------
    kind : str
        ``"likelihood ratio"``, ``"HESSE"`` or ``"upper limit"``.
    parameters : str
    level : float
        What they should hold.
    fraction, error : float
        What they hold, with its binomial error.
    total : int
        Toys that have such an interval.
    missing : int
        Toys that have none, or whose fits failed.
    """

    kind: str
    parameters: str
    level: float
    fraction: float
    error: float
    total: int
    missing: int


def coverage(study: ToyStudy) -> tuple[Coverage, ...]:
    """Coverage of the intervals that a fit gives, at the point of the toys.

    - likelihood ratio: all psi with ``-2 ln lambda(psi) <= F^-1(level)``, F of the chi-square with
      as many degrees of freedom as there are tested parameters (MINOS for one);
    - HESSE: best fit plus and minus its error times the normal quantile, for each tested parameter;
    - upper limit, for one: the largest psi with ``q_mu <= (Phi^-1(level))^2`` (1007.1727 eq. 14).

    Returns
    -------
    tuple of Coverage
        Empty if no parameter is tested.
    """
    from scipy.special import ndtri
    from scipy.stats import chi2

    if not study.tested:
        return ()
    good, q = converged(study), study.statistic
    name = ", ".join(study.tested)
    found = []
    for level in LEVELS:
        cut = chi2.ppf(level, len(study.tested))
        found.append(_covered("likelihood ratio", name, level, q <= cut, good))
    for one in study.tested:
        place = study.names.index(one)
        error = study.errors[:, place]
        distance = abs(study.values[:, place] - study.truths[:, place])
        for level in LEVELS:
            with np.errstate(invalid="ignore"):
                inside = distance <= error * ndtri(0.5 + 0.5 * level)
            found.append(_covered("HESSE", one, level, inside, good & np.isfinite(error)))
    if len(study.tested) == 1:
        place = study.names.index(name)
        below = study.values[:, place] < study.truths[:, place]
        for level in UPPER_LEVELS:
            inside = ~(below & (q > ndtri(level) ** 2))
            found.append(_covered("upper limit", name, level, inside, good))
    return tuple(found)


def _covered(kind: str, name: str, level: float, inside: Array, good: Array) -> Coverage:
    total, count = int(good.sum()), int((inside & good).sum())
    fraction = count / total if total else math.nan
    missing = len(good) - total
    return Coverage(kind, name, level, fraction, binomial_error(count, total), total, missing)


@dataclass(frozen=True)
class Pull:
    """Distribution of the best fits of one parameter over toys.

    Attributes
    ----------
    name : str
    bias : float
        Mean of best fit minus truth, in the parameter's unit.
    bias_error : float
    spread : float
        Standard deviation of best fit minus truth.
    mean, mean_error, width, width_error : float
        Of the pulls, (best fit - truth) / error; NaN with fewer than two.
    total : int
        Toys whose fits converged.
    without : int
        Of these, how many have no error, so no pull.
    """

    name: str
    bias: float
    bias_error: float
    spread: float
    mean: float
    mean_error: float
    width: float
    width_error: float
    total: int
    without: int


def pulls(study: ToyStudy) -> tuple[Pull, ...]:
    """Bias, spread and pulls of every free parameter."""
    good = converged(study)
    found = []
    for place, name in enumerate(study.names):
        away = (study.values - study.truths)[good, place]
        error = study.errors[good, place]
        has = np.isfinite(error) & (error > 0.0)
        bias, spread = _moments(away)
        mean, width = _moments(away[has] / error[has])
        count, many = len(away), int(has.sum())
        found.append(
            Pull(
                name,
                bias,
                spread / math.sqrt(count) if count else math.nan,
                spread,
                mean,
                width / math.sqrt(many) if many else math.nan,
                width,
                width / math.sqrt(2.0 * (many - 1)) if many > 1 else math.nan,
                count,
                count - many,
            )
        )
    return tuple(found)


def _moments(values: Array) -> tuple[float, float]:
    """Mean and standard deviation; NaN where there are too few."""
    mean = float(values.mean()) if len(values) else math.nan
    return mean, float(values.std(ddof=1)) if len(values) > 1 else math.nan
