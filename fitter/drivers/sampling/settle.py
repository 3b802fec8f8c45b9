"""Bring walkers that begin far outside of a posterior down to it.

Differential evolution moves a walker by differences of others. Where the data know a parameter to a
per cent of its prior, a walker that begins at the other end takes steps of that per cent, and stays
away for thousands of steps: its likelihood is hopeless and yet the chain does not end.
"""

from __future__ import annotations

import numpy as np

from ..minimum.descent import descend
from ..objective import Objective
from ..target import Array, Target

__all__ = ["settle"]

# Far outside: -2 ln L above the best by this and by this for each parameter. A mode so high would
# need e^50 times the volume of the best one to matter; nearer walkers arrive by themselves.
_FAR, _FAR_EACH = 100.0, 10.0
# Distance to the minimum at which a descent ends, in -2 ln L: a walker need not be at the bottom.
_NEAR = 1.0
# Part of a difference of two walkers that sets a copy apart.
_APART = 1e-3


def settle(target: Target, points: Array, rng: np.random.Generator) -> Array:
    """Starting points with those far outside of the posterior moved down to it.

    Each of them is minimised from where it lies. Those that end in a trap, still far outside, begin
    beside one of the others.

    Parameters
    ----------
    target : Target
    points : (n, d) array
        With a finite posterior.
    rng : Generator

    Returns
    -------
    (n, d) array
    """
    objective = Objective(target)
    inner = objective.target
    inside = inner.forward(points)
    values = objective.batch(inside)
    limit = _FAR + _FAR_EACH * len(target.names)
    far = np.flatnonzero(_outside(values, limit))
    if not len(far) or not len(objective.free):
        return points
    found = descend(objective, inside[far], tolerance=_NEAR)
    values[far] = found.values
    settled = points.copy()
    settled[far] = inner.backward(found.points)
    settled[far] = np.clip(settled[far], *np.asarray(target.bounds).T)
    left = np.flatnonzero(_outside(values, limit) | ~_possible(target, settled))
    good = np.setdiff1d(np.arange(len(points)), left)
    if not len(good):
        return points
    if len(left):
        near, first, second = rng.choice(good, (3, len(left)))
        beside = settled[near] + _APART * (settled[first] - settled[second])
        allowed = _possible(target, beside)
        settled[left] = np.where(allowed[:, None], beside, settled[near])
    return settled


def _outside(values: Array, limit: float) -> Array:
    """Which of the values of an objective are above the lowest by more than a limit: (n,) bool."""
    return np.asarray(values - values.min() > limit)


def _possible(target: Target, points: Array) -> Array:
    """Where the posterior is finite: (n,) bool."""
    allowed = np.isfinite(target.log_prior(points))
    allowed[allowed] = np.isfinite(target.log_likelihood(points[allowed]))
    return np.asarray(allowed)
