"""Densities of the priors of a stored analysis, to be drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...chains.records.prior_densities import PriorDensity
from ..parameters.correlated import CorrelatedNormal
from ..parameters.normal import Normal, TruncatedNormal
from ..parameters.prior_base import Array
from ..parameters.priors import Prior
from ..problem import Problem

__all__ = ["prior_densities"]

_POINTS = 600
# Of the prior outside the drawn values, on each side where no end of the support is near.
_TAIL = 1e-6
# Points of the prior where ties or cuts leave but a part of it, and bins of their histogram.
_SAMPLES, _BINS = 40_000, 50


def prior_densities(
    problem: Problem, names: Sequence[str] = (), seed: int = 0
) -> tuple[PriorDensity, ...]:
    """Marginal densities of the priors of free parameters.

    Exact, but where cuts, or ties with ranges, leave only a part of the prior: then the density is
    that of points drawn from it.

    Parameters
    ----------
    problem : Problem
    names : sequence of str
        Those wanted; all if empty.
    seed : int
        Of the points.

    Returns
    -------
    tuple of PriorDensity
        In the order of the problem; names that are not free are left out.
    """
    table = problem.table
    limited = bool(table.cuts or table.formulas) or any(r.bounded for r in table.model.values())
    points = None
    if limited:
        points = table.sample_prior(np.random.default_rng(seed), _SAMPLES)
        limited = bool(table.cuts) or not _all_allowed(problem, seed)
    made, column = [], 0
    for prior in table.priors:
        for place in range(prior.size):
            name = problem.names[column]
            if not names or name in names:
                drawn = points[:, column] if limited and points is not None else None
                made.append(_density(name, prior, place, drawn))
            column += 1
    return tuple(made)


def _all_allowed(problem: Problem, seed: int) -> bool:
    """Whether ties leave all of the prior."""
    rng = np.random.default_rng([seed, 1])
    points = problem.table.transform(rng.random((_SAMPLES // 10, problem.table.ndim)))
    return bool(np.isfinite(problem.table.log_prior(points)).all())


def _density(name: str, prior: Prior, place: int, drawn: Array | None) -> PriorDensity:
    centre, sigma = _measured(prior, place)
    if drawn is not None:
        values, density = _histogram(drawn, prior.logarithmic)
        return PriorDensity(name, values, density, prior.logarithmic, centre, sigma)
    if isinstance(prior, CorrelatedNormal):
        values = centre + sigma * np.linspace(-5.0, 5.0, _POINTS)
        density = np.exp(-0.5 * ((values - centre) / sigma) ** 2) / (np.sqrt(2 * np.pi) * sigma)
        return PriorDensity(name, values, density, False, centre, sigma)
    low, high = (float(end) for end in prior.ppf(np.array([[_TAIL], [1.0 - _TAIL]]))[:, 0])
    lower, upper = float(prior.support[0][0]), float(prior.support[1][0])
    # out to the ends of the support, unless these are far out in the tail of a normal prior
    near = 1e-3 * (high - low)
    low = lower if lower > low - near else low
    high = upper if upper < high + near else high
    if prior.logarithmic:
        values = np.clip(np.geomspace(low, high, _POINTS), low, high)
    else:
        values = np.linspace(low, high, _POINTS)
    density = np.exp(prior.log_pdf(values[:, None]))
    if prior.logarithmic:
        density = density * values
    # down to zero at the ends of the support
    values = np.concatenate([values[:1], values, values[-1:]])
    density = np.concatenate([[0.0], density, [0.0]])
    return PriorDensity(name, values, density, prior.logarithmic, centre, sigma)


def _measured(prior: Prior, place: int) -> tuple[float, float]:
    if isinstance(prior, CorrelatedNormal):
        return float(prior.mean[place]), float(np.sqrt(prior.covariance[place, place]))
    if isinstance(prior, Normal | TruncatedNormal):
        return float(prior.mean), float(prior.sigma)
    return np.nan, np.nan


def _histogram(drawn: Array, logarithmic: bool) -> tuple[Array, Array]:
    """Density of points, in steps, with zero at both ends."""
    straight = np.log(drawn) if logarithmic else drawn
    density, edges = np.histogram(straight, _BINS, density=True)
    values = np.repeat(edges, 2)
    heights = np.concatenate([[0.0], np.repeat(density, 2), [0.0]])
    return np.exp(values) if logarithmic else values, heights
