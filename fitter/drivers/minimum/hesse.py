"""Covariance from second differences of the objective, in the parameters themselves.

MINUIT differentiates in a variable in which a parameter between two bounds is an arc sine; beside a
bound the error that comes back from there is far too large. Here the differences stay inside the
bounds, and all of them are one batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..objective import WALL, Objective
from ..target import Array

__all__ = ["Covariance", "near_bounds", "second_derivatives", "with_errors"]

_Batch = Callable[[Array], Array]

# Steps, in the error that a parameter has with the others held: the objective changes by 2.5e-3,
# far above its noise (1e-9) and so little that only its curvature matters.
STEP = 0.05
# Eigenvalues of the Hessian, in units of its diagonal, that are not told from zero.
_FLAT = 1e-6
# Growth of the curvature, when the step is halved, above which there is a kink (which has 2).
_KINK = 1.5


@dataclass(frozen=True)
class Covariance:
    """What the curvature at a minimum says.

    Attributes
    ----------
    matrix : (d, d) array
        In the parameters' units; NaN for parameters that are held or have no error.
    errors : (d,) array
    accurate : bool
        False if the curvature is not positive in some direction that no bound stops.
    kinked : (d,) bool array
        Parameters along which the curvature depends on the step: the minimum is a kink.
    """

    matrix: Array
    errors: Array
    accurate: bool
    kinked: Array


def with_errors(objective: Objective, point: Array, steps: Array) -> Covariance:
    """Covariance of the free parameters of an objective at its minimum.

    Parameters
    ----------
    objective : Objective
    point : (k,) array
        Minimum, in the free columns and internal coordinates.
    steps : (k,) array
        Typical changes there.

    Returns
    -------
    Covariance
        A parameter that lies on a bound has no error where the objective does not curve up there;
        the others then have theirs with it held.
    """
    d, free = len(objective.target.names), objective.free
    matrix = np.full((d, d), np.nan)
    if not len(free):
        return Covariance(matrix, np.full(d, np.nan), True, np.zeros(d, dtype=bool))
    hessian, width, inside = second_derivatives(objective, point, steps)
    kept = np.arange(len(free))
    block, accurate = _inverted(hessian)
    if not accurate and not inside.all():
        kept = np.flatnonzero(inside)
        block, accurate = _inverted(hessian[np.ix_(kept, kept)])
    columns = free[kept]
    errors = np.full(d, np.nan)
    with np.errstate(invalid="ignore", over="ignore"):
        matrix[np.ix_(columns, columns)] = block * np.outer(width[kept], width[kept])
        errors[columns] = np.sqrt(np.diag(block)) * width[kept]
    kinked = np.zeros(d, dtype=bool)
    # In units of errors from steps twice as long every diagonal element is 2.
    kinked[free] = np.diag(hessian) > 2.0 * _KINK
    matrix[kinked, :] = matrix[:, kinked] = errors[kinked] = np.nan
    return Covariance(matrix, errors, accurate, kinked)


def second_derivatives(
    objective: Objective, point: Array, steps: Array
) -> tuple[Array, Array, Array]:
    """Hessian in the parameters themselves.

    Parameters
    ----------
    objective, point, steps
        As for `with_errors`.

    Returns
    -------
    hessian : (k, k) array
        In units of `width`. Where a bound is nearer than a step, of a point one step off it; NaN
        where the likelihood is zero within a step.
    width : (k,) array
        Error of each parameter with the others held.
    inside : (k,) bool array
        Parameters that are not on a bound.
    """
    target = objective.target
    theta = target.backward(objective.embed(np.asarray(point, float)[None]))[0]
    slope = target.slope(objective.embed(np.asarray(point, float)[None])[0])
    bounds = target.ends[objective.free]
    low, high = bounds.T
    width = np.minimum(abs(steps) * slope[objective.free], (high - low) / 4.0)

    def values(points: Array) -> Array:
        full = np.repeat(theta[None], len(points), axis=0)
        full[:, objective.free] = points
        return objective.at(target.forward(full))

    centre = theta[objective.free]
    for _ in range(3):
        width = _conditional_error(values, centre, 2.0 * STEP * width, bounds)
    inside = (centre - low > 2e-3 * width) & (high - centre > 2e-3 * width)
    step = STEP * width
    middle = np.clip(centre, low + step, high - step)
    return _differences(values, middle, step) * STEP**-2, width, inside


def _conditional_error(values: _Batch, centre: Array, step: Array, bounds: Array) -> Array:
    """Errors with the others held, from second differences with a step in each: (k,)."""
    low, high = bounds.T
    middle = np.clip(centre, low + step, high - step)
    k = len(centre)
    around = np.repeat(centre[None], 3 * k, axis=0)
    for number, sign in enumerate((-1.0, 0.0, 1.0)):
        rows = number * k + np.arange(k)
        around[rows, np.arange(k)] = middle + sign * step
    down, here, up = values(around).reshape(3, k)
    bend = up - 2.0 * here + down
    usable = (bend > 1e-7) & (np.maximum(up, down) < WALL)
    factor = np.sqrt(2.0 / np.where(usable, bend, 2.0))
    # What is flat keeps its step; no jump by more than two orders at once.
    found = step * np.where(usable, np.clip(factor, 1e-2, 1e3), 0.5 / STEP)
    result: Array = np.minimum(found, (high - low) / 4.0)
    return result


def _differences(values: _Batch, centre: Array, step: Array) -> Array:
    """All second differences at a point: (k, k)."""
    k = len(centre)
    one, other = np.triu_indices(k, 1)
    shifts = np.diag(step)
    pairs = [
        centre + a * shifts[one] + b * shifts[other]
        for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1))
    ]
    found = values(np.concatenate([centre[None], centre + shifts, centre - shifts, *pairs]))
    here, rest = found[0], found[1 + 2 * k :].reshape(4, len(one))
    hessian = np.diag(found[1 : 1 + k] - 2.0 * here + found[1 + k : 1 + 2 * k])
    mixed = (rest[0] - rest[1] - rest[2] + rest[3]) / 4.0
    hessian[one, other] = hessian[other, one] = mixed
    return np.full((k, k), np.nan) if found.max() >= WALL else hessian


def _inverted(hessian: Array) -> tuple[Array, bool]:
    """Covariance 2 / H, forced positive where it is not; and whether that was not needed."""
    k = len(hessian)
    if not k:
        return np.empty((0, 0)), True
    if not np.isfinite(hessian).all():
        return np.full((k, k), np.nan), False
    diagonal = np.diag(hessian)
    largest = abs(diagonal).max()
    if not largest > 0.0:
        return np.full((k, k), np.nan), False
    size = np.sqrt(np.where(diagonal > 0.0, diagonal, np.maximum(abs(diagonal), 1e-300)))
    values, vectors = np.linalg.eigh(hessian / np.outer(size, size))
    good = bool((diagonal > 0.0).all() and values[0] > _FLAT)
    forced = np.maximum(abs(values), _FLAT)
    block = 2.0 * (vectors / forced) @ vectors.T / np.outer(size, size)
    return block, good


def near_bounds(values: Array, errors: Array, bounds: Array) -> Array:
    """Parameters one of whose bounds is nearer than one error: (d,) of -1 (lower), 1, or 0."""
    low, high = (np.asarray(bounds, float)).T
    with np.errstate(invalid="ignore"):
        below, above = (values - low) / errors, (high - values) / errors
    side = np.where(below <= above, -1, 1)
    nearest = np.minimum(below, above)
    return np.where(np.isfinite(nearest) & (nearest < 1.0 - 1e-9), side, 0)
