"""Bayesian upper limits on a rate, with a prior flat in the rate.

Nuisance parameters inside terms are marginalised by the terms (``nuisances: laplace``). Other
parameters are averaged over draws from their priors.
"""

from __future__ import annotations

import numpy as np

from ...errors import FitError
from .limit_curves import RateProblem
from .limits import SIGMAS, Limits
from .target import Array

__all__ = ["DRAWS", "bayesian"]

DRAWS = 200
"""Draws from the priors of other parameters."""

# Rates of the grid, and how far ln of the posterior has fallen at its end.
_GRID, _FALLEN = 201, 14.0
# Part of the largest density that is left at the end of the range.
_SEEN = 1e-3
# Fewest draws that count, after their likelihoods.
_FEWEST = 20.0


def bayesian(
    of: RateProblem, scan: Array, levels: tuple[float, ...], size: Array, seed: int
) -> Limits:
    """Upper limits with a posterior probability of `levels`, prior flat between 0 and the end.

    Parameters
    ----------
    of : RateProblem
    scan : (n, a) array
    levels : tuple of float
    size : (n,) array
        Error of the rate with background alone, for the grid.
    seed : int

    Returns
    -------
    Limits
        `errors` are those of the draws; the best rate is that of the largest posterior.

    Raises
    ------
    FitError
        If so few draws count that the average tells nothing.
    """
    n, count = len(scan), len(levels)
    best, upper = np.full(n, np.nan), np.full((n, count), np.nan)
    errors = np.zeros((n, count))
    draws = _draws(of, seed)
    for place in range(n):
        points = draws.copy()
        points[:, list(of.scanned)] = scan[place]
        rates = _grid(of, points[:1], float(size[place]))
        logs = _logs(of, points, rates)
        weights = np.exp(logs - logs.max())
        shares = weights.sum(axis=1)
        if shares.sum() ** 2 / (shares**2).sum() < min(_FEWEST, len(points)):
            raise FitError(
                "Bayesian limit: the data constrain other parameters so well that few draws of "
                "their priors count: fix them, or sample with `bsinv sample`."
            )
        density = weights.mean(axis=0)
        best[place] = rates[density.argmax()]
        if rates[-1] >= of.upper and density[-1] > _SEEN * density.max():
            upper[place] = np.inf  # the end of the range, not the data, would be the limit
            continue
        upper[place] = _quantiles(rates, density, levels)
        if len(points) > 1:
            errors[place] = _jackknife(rates, weights, levels)
    return Limits(
        best,
        np.zeros((n, count)),
        upper,
        np.full((n, count, len(SIGMAS)), np.nan),
        errors,
        np.zeros((n, count)),
        np.zeros(n),
    )


def _draws(of: RateProblem, seed: int) -> Array:
    """Points (k, d) drawn from the priors; one if no other parameter is free."""
    if not len(of.others):
        return of.origin[None].copy()
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(5,)))
    return of.problem.sample_prior(rng, DRAWS)


def _grid(of: RateProblem, point: Array, size: float) -> Array:
    """Rates from zero to where the posterior has fallen, or to the end of the range."""
    far = min(8.0 * size, of.upper)
    while True:
        rates = np.linspace(0.0, far, _GRID)
        logs = _logs(of, point, rates)[0]
        if far >= of.upper or logs.max() - logs[-1] > _FALLEN:
            break
        far = min(1.6 * far, of.upper)
    inside = rates[logs > logs.max() - _FALLEN - 2.0]
    return np.linspace(max(inside[0] - rates[1], 0.0), min(inside[-1] + rates[1], far), _GRID)


def _logs(of: RateProblem, points: Array, rates: Array) -> Array:
    """Ln L at all rates for all points: (k, r)."""
    theta = np.repeat(points, len(rates), axis=0)
    theta[:, of.column] = np.tile(rates, len(points))
    found: Array = of.problem.log_likelihood(theta).reshape(len(points), len(rates))
    return found


def _quantiles(rates: Array, density: Array, levels: tuple[float, ...]) -> Array:
    from scipy.integrate import cumulative_simpson

    content = cumulative_simpson(density, x=rates, initial=0.0)
    found: Array = np.interp(np.array(levels) * content[-1], content, rates)
    return found


def _jackknife(rates: Array, weights: Array, levels: tuple[float, ...]) -> Array:
    """Errors from ten groups of draws, each left out once: (l,)."""
    groups = np.arange(len(weights)) % 10
    found = np.stack(
        [_quantiles(rates, weights[groups != group].mean(axis=0), levels) for group in range(10)]
    )
    spread: Array = np.sqrt(9.0 / 10.0 * ((found - found.mean(axis=0)) ** 2).sum(axis=0))
    return spread
