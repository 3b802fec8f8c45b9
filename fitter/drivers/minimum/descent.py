"""Minimise an objective from many starts at once, whatever the sizes of its parameters.

The first step that a prior suggests may be a million times too long: a coefficient known to 1 with
a prior up to 1e6. So the size of each coordinate is measured where the search is, from the second
difference of the objective, and measured again as the search moves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..minimise_batch import LONGEST, minimise_batch
from ..objective import WALL, Objective
from ..target import Array

__all__ = ["Descent", "descend", "natural_steps"]

# Second difference of the objective, over one step, above which the step is too long; a quadratic
# has 2 over one error.
_BEND = 8.0
# Searches from the solution of the search before, with the sizes found there.
_ROUNDS = 8
# A size that changes by more than this factor along the way spoils differences and steps.
_SAME_SIZE = 8.0


@dataclass(frozen=True)
class Descent:
    """Where searches ended.

    Attributes
    ----------
    points : (n, k) array
        In the free columns of the objective.
    values : (n,) array
    converged : (n,) bool array
    steps : (n, k) array
        Size of each coordinate there: the objective bends by about 2 over one.
    """

    points: Array
    values: Array
    converged: Array
    steps: Array


def descend(objective: Objective, starts: Array, tolerance: float = 1e-8) -> Descent:
    """Minimise from each start.

    Parameters
    ----------
    objective : Objective
    starts : (n, k) array
        In its free columns.
    tolerance : float
        Estimated distance to the minimum, in units of -2 ln L, at which a search ends.

    Returns
    -------
    Descent
    """
    low, high = objective.bounds.T
    points = np.clip(np.asarray(starts, float), low, high)
    n, k = points.shape
    values = objective.batch(points)
    converged = np.full(n, not k)
    steps = np.repeat(objective.scale[None], n, axis=0)
    active = np.arange(n) if k else np.arange(0)
    for turn in range(_ROUNDS):
        sizes = natural_steps(objective, points[active])
        if turn:
            change = abs(np.log(sizes / steps[active])).max(axis=1, initial=0.0)
            again = ~converged[active] | (change > np.log(_SAME_SIZE))
            active, sizes = active[again], sizes[again]
        if not len(active):
            break
        steps[active] = sizes
        before = values[active]
        points[active], values[active], converged[active] = _search(
            objective, points[active], sizes, tolerance
        )
        # A search that leads nowhere with the right sizes will not with the same again.
        gained = before - values[active]
        active = active[converged[active] | (gained > tolerance) | (turn == 0)]
    return Descent(points, values, converged, steps)


def natural_steps(objective: Objective, points: Array, off_walls: bool = False) -> Array:
    """Size of each coordinate at points: the objective bends by a few units over one.

    Parameters
    ----------
    objective : Objective
    points : (n, k) array
    off_walls : bool
        Beside a wall, where the likelihood drops to zero, take the size from the side where it is
        not zero. A search needs the other one, which is no longer than the way to the wall.

    Returns
    -------
    (n, k) array
        Not longer than the first step of the prior; that of correlated priors as it is.
    """
    low, high = objective.bounds.T
    steps = np.repeat(np.minimum(objective.scale, (high - low) / 4.0)[None], len(points), axis=0)
    own = (objective.metric != 0.0).sum(axis=1) == 1
    rows, columns = np.nonzero(np.broadcast_to(own, steps.shape))
    for _ in range(12):
        if not len(rows):
            break
        step = steps[rows, columns]
        bend = abs(_bend(objective, points[rows], columns, step, off_walls))
        too_long = bend > _BEND
        rows, columns, bend = rows[too_long], columns[too_long], bend[too_long]
        shorter = step[too_long] * np.clip(np.sqrt(2.0 / bend), 1e-4, 0.5)
        least = 64.0 * np.finfo(float).eps * abs(points[rows, columns])
        steps[rows, columns] = np.maximum(shorter, np.maximum(least, 1e-300))
    return steps


def _bend(
    objective: Objective, points: Array, columns: Array, step: Array, off_walls: bool
) -> Array:
    """Second differences, each along one column and inside of the bounds: (m,)."""
    low, high = objective.bounds[columns].T
    rows = np.arange(len(points))
    middle = points.copy()
    middle[rows, columns] = np.clip(points[rows, columns], low + step, high - step)
    up, down = middle.copy(), middle.copy()
    up[rows, columns] = np.minimum(middle[rows, columns] + step, high)
    down[rows, columns] = np.maximum(middle[rows, columns] - step, low)
    values = objective.batch(np.concatenate([up, middle, down])).reshape(3, -1)
    bend: Array = values[0] - 2.0 * values[1] + values[2]
    if not off_walls:
        return bend
    walled = values >= WALL
    for side, away in ((0, -2.0), (2, 2.0)):
        beside = np.flatnonzero(walled[side] & ~walled[1] & ~walled[2 - side])
        further = middle[beside]
        further[np.arange(len(beside)), columns[beside]] += away * step[beside]
        bend[beside] = objective.batch(further) - 2.0 * values[2 - side, beside] + values[1, beside]
    return bend


def _search(
    objective: Objective, points: Array, sizes: Array, tolerance: float
) -> tuple[Array, Array, Array]:
    """One search from each point, in coordinates of these sizes: points, values, converged."""
    diagonal = np.diag(objective.metric)
    coupled = (objective.metric != 0.0).sum(axis=1) > 1
    ratio = np.where(coupled, 1.0, sizes / diagonal)

    def place(z: Array, which: Array) -> Array:
        moved: Array = points[which] + (z * ratio[which]) @ objective.metric.T
        # Rounding must not lead out of the box.
        return np.where(coupled, moved, np.clip(moved, *objective.bounds.T))

    ends = (objective.bounds[None] - points[:, :, None]) / (ratio * diagonal)[:, :, None]
    ends[:, coupled] = np.array([-np.inf, np.inf])
    found = minimise_batch(
        lambda z, which: objective.batch(place(z, which)),
        np.zeros_like(points),
        ends,
        tolerance=tolerance,
        longest=LONGEST * np.maximum(1.0, 1.0 / ratio),
    )
    everyone = np.arange(len(points))
    return place(found.points, everyone), found.values, found.converged & (found.values < WALL)
