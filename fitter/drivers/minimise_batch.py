"""Minimise one function from many starting points at once, each point with its own solution.

Profiles and contours need the same small minimisation at hundreds of points of a grid. Likelihoods
here cost far less per point in a batch than alone, so all points take their BFGS steps together;
gradients are central differences, evaluated as one batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .along_walls import slide
from .objective import WALL
from .target import Array

__all__ = ["BatchResult", "minimise_batch"]

# In coordinates whose typical change is 1: the noise of a profiled likelihood (1e-9) and the third
# derivative then both stay far below the tolerance.
DIFFERENCE = 1e-3
# Estimated distance to the minimum, in the units of the function (-2 ln L), at which a point is
# done.
TOLERANCE = 1e-5
# Times that a point at a wall is moved along it.
_SLIDES = 30
# No step moves a coordinate by more than this many typical changes.
LONGEST = 3.0
# Part of what the slope promises that a step must win for longer ones to be tried (of a parabola a
# step to its bottom wins half), and how often they grow by a factor of four.
_STRAIGHT = 0.75
_LONGER = 8


@dataclass(frozen=True)
class BatchResult:
    """Minima of a batch.

    Attributes
    ----------
    points : (n, k) array
    values : (n,) array
    converged : (n,) bool array
    steps : int
        Steps of the slowest point.
    """

    points: Array
    values: Array
    converged: Array
    steps: int


def minimise_batch(
    function: Callable[[Array, Array], Array],
    start: Array,
    bounds: Array,
    max_steps: int = 60,
    tolerance: float = TOLERANCE,
    longest: Array | float = LONGEST,
) -> BatchResult:
    """Minimise a function over k coordinates from each of n starting points.

    Projected BFGS: coordinates at a bound that want to leave the box are held there for the step,
    and so are those that would step into a wall, where there is no likelihood. Along walls points
    slide (`along_walls`).

    Parameters
    ----------
    function : callable
        Of ((m, k) points, (m,) integers that say to which of the n problems each belongs), giving
        (m,) values; not below minus infinity, and `objective.WALL` where there is no likelihood.
    start : (n, k) array
        In coordinates whose typical change is 1.
    bounds : (k, 2) or (n, k, 2) array
        Lower and upper ends, infinite where open; the same for all points, or of each.
    max_steps : int
    tolerance : float
        Estimated distance to the minimum at which a point is done.
    longest : float or (n, k) array
        Largest change of each coordinate in one step.

    Returns
    -------
    BatchResult
    """
    n, k = start.shape
    bounds = np.broadcast_to(bounds, (n, k, 2))
    longest = np.broadcast_to(longest, (n, k))
    points = np.clip(start, bounds[..., 0], bounds[..., 1])
    everyone = np.arange(n)
    found, walled = _descend(function, points, everyone, bounds, max_steps, tolerance, longest)
    points, values, converged = found.points, found.values, found.converged & (found.values < WALL)
    index = everyone[walled & (values < WALL)]
    for _ in range(_SLIDES if len(index) else 0):
        moved, lower = slide(
            function, points[index], values[index], index, bounds[index], DIFFERENCE, WALL
        )
        # Where it goes on for ever the point is told not to have converged.
        better = lower < values[index] - tolerance
        converged[index] = ~better
        index, moved = index[better], moved[better]
        if not len(index):
            break
        again, _ = _descend(
            function, moved, index, bounds[index], max_steps, tolerance, longest[index]
        )
        points[index], values[index] = again.points, again.values
    return BatchResult(points, values, converged, found.steps)


def _descend(
    function: Callable[[Array, Array], Array],
    start: Array,
    which: Array,
    bounds: Array,
    max_steps: int,
    tolerance: float,
    longest: Array,
) -> tuple[BatchResult, Array]:
    """Descend from points of the problems `which`, and whether a wall is next to each: (n,)."""
    n, k = start.shape

    def own(points: Array, rows: Array) -> Array:
        return function(points, which[rows])

    points, everyone = np.array(start), np.arange(n)
    values = own(points, everyone)
    walled = np.zeros(n, dtype=bool)
    if not k or not n:
        return BatchResult(points, values, np.ones(n, dtype=bool), 0), walled
    gradient, blocked = _gradient(own, points, values, everyone, bounds)
    # The constraint of a nuisance parameter alone contributes a curvature of 2.
    inverse = np.repeat(0.5 * np.eye(k)[None], n, axis=0)
    converged = np.zeros(n, dtype=bool)
    active = everyone
    for step in range(max_steps):
        direction, slope = _direction(
            points[active],
            gradient[active],
            inverse[active],
            bounds[active],
            longest[active],
            blocked[active],
        )
        # Nothing below the rounding of the function can be told.
        rounding = np.where(values[active] < WALL, 1e-13 * abs(values[active]), 0.0)
        done = -0.5 * slope < np.maximum(tolerance, rounding)
        converged[active[done]] = True
        active, direction, slope = active[~done], direction[~done], slope[~done]
        if not len(active):
            return BatchResult(points, values, converged, step), _anywhere(blocked)
        moved, found = _search(
            own, points[active], values[active], direction, slope, active, bounds[active]
        )
        change = moved - points[active]
        stuck = ~(found < values[active])
        new_gradient, near = _gradient(own, moved, found, active, bounds[active])
        _update(inverse, active, change, new_gradient - gradient[active])
        points[active], values[active], gradient[active] = moved, found, new_gradient
        blocked[active] = near
        # Where no step goes down, a steepest-descent step is tried once more; then it is given up.
        fresh = stuck & (abs(inverse[active] - 0.5 * np.eye(k)).max(axis=(1, 2)) > 1e-12)
        inverse[active[stuck]] = 0.5 * np.eye(k)
        active = active[~stuck | fresh]
    return BatchResult(points, values, converged, max_steps), _anywhere(blocked)


def _anywhere(blocked: Array) -> Array:
    """Whether a wall is next to a point in any direction: (n, 2, k) to (n,)."""
    return np.asarray(blocked.any(axis=(1, 2)))


def _gradient(
    function: Callable[[Array, Array], Array],
    points: Array,
    values: Array,
    which: Array,
    bounds: Array,
) -> tuple[Array, Array]:
    """Central differences, one-sided at a bound or a wall: (n, k); and walls: (n, 2, k) bool.

    Walls above and below each coordinate, within a step. A point inside the wall has slopes of -1
    or 1 that lead out of it.
    """
    n, k = points.shape
    low, high = bounds[:, None, :, 0], bounds[:, None, :, 1]
    step = DIFFERENCE * np.eye(k)
    up = np.clip(points[:, None] + step, low, high)
    down = np.clip(points[:, None] - step, low, high)
    batch = np.concatenate([up.reshape(n * k, k), down.reshape(n * k, k)])
    owners = np.concatenate([np.repeat(which, k)] * 2)
    above, below = function(batch, owners).reshape(2, n, k)
    centre, walls = values[:, None], np.stack([above >= WALL, below >= WALL], axis=1)
    ends = np.stack([np.einsum("nii->ni", up), np.einsum("nii->ni", down)], axis=1)
    if walls.any() or (values >= WALL).any():
        inside = centre < WALL
        sides = np.where(walls, centre[:, None], np.stack([above, below], axis=1))
        ends = np.where(walls, points[:, None], ends)
        above = np.where(inside, sides[:, 0], np.sign(above - below))
        below = np.where(inside, sides[:, 1], 0.0)
        width = np.where(inside, ends[:, 0] - ends[:, 1], 1.0)
    else:
        width = ends[:, 0] - ends[:, 1]
    gradient: Array = (above - below) / np.where(width > 0, width, 1.0)
    return gradient, walls & (values < WALL)[:, None, None]


def _direction(
    points: Array,
    gradient: Array,
    inverse: Array,
    bounds: Array,
    longest: Array,
    blocked: Array,
) -> tuple[Array, Array]:
    """Direction ``-B g`` over the coordinates that are not held, and its slope."""
    low, high = bounds[..., 0], bounds[..., 1]
    above, below = (points >= high) | blocked[:, 0], (points <= low) | blocked[:, 1]
    held = (below & (gradient > 0)) | (above & (gradient < 0))
    free = np.where(held, 0.0, gradient)
    direction = np.where(held, 0.0, -np.einsum("nij,nj->ni", inverse, free))
    slope = np.einsum("ni,ni->n", direction, gradient)
    uphill = slope > 0  # the projection can spoil a BFGS direction
    direction[uphill] = -0.5 * free[uphill]
    slope = np.einsum("ni,ni->n", direction, gradient)
    shrink = 1.0 / np.maximum(1.0, (abs(direction) / longest).max(axis=1))
    return direction * shrink[:, None], slope


def _search(
    function: Callable[[Array, Array], Array],
    points: Array,
    values: Array,
    direction: Array,
    slope: Array,
    which: Array,
    bounds: Array,
) -> tuple[Array, Array]:
    """Backtracking inside the box; points where nothing goes down stay where they are.

    Where the whole step still goes straight down, longer ones are tried: a valley may be a hundred
    times longer than it is wide.
    """
    low, high = bounds[..., 0], bounds[..., 1]
    length = np.ones(len(points))
    best, found = points.copy(), values.copy()
    left = np.arange(len(points))
    for _ in range(12):
        trial = np.clip(points[left] + length[left, None] * direction[left], low[left], high[left])
        value = function(trial, which[left])
        good = value < values[left] + 1e-4 * length[left] * np.minimum(slope[left], 0.0)
        best[left[good]], found[left[good]] = trial[good], value[good]
        left = left[~good]
        if not len(left):
            break
        length[left] *= 0.3
    left = np.flatnonzero(values - found > _STRAIGHT * abs(slope))
    for power in range(1, _LONGER + 1):
        if not len(left):
            break
        trial = np.clip(points[left] + 4.0**power * direction[left], low[left], high[left])
        value = function(trial, which[left])
        good = value < found[left]
        left = left[good]
        best[left], found[left] = trial[good], value[good]
    return best, found


def _update(inverse: Array, active: Array, change: Array, difference: Array) -> None:
    """BFGS update of the inverse Hessians of the active points, in place."""
    product = np.einsum("ni,ni->n", change, difference)
    usable = product > 1e-10
    index, s, y = active[usable], change[usable], difference[usable]
    if not len(index):
        return
    rho = 1.0 / product[usable]
    mapped = np.einsum("nij,nj->ni", inverse[index], y)
    weight = rho * (1.0 + rho * np.einsum("ni,ni->n", y, mapped))
    cross = np.einsum("n,ni,nj->nij", rho, mapped, s)
    inverse[index] += np.einsum("n,ni,nj->nij", weight, s, s) - cross - np.swapaxes(cross, 1, 2)
