"""Parameters along which the likelihood is a staircase, and where its lowest tread is.

The mass of a narrow peak changes a binned likelihood only when the peak moves into another bin.
Such a likelihood has no curvature: errors come from its profile alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..objective import WALL, Objective
from ..target import Array
from .valley import Valley

__all__ = ["Tread", "lowest_tread", "stepped_columns", "tread_edges"]

# Rise of the objective up to which it is looked at, and points on each side up to there.
_RISE, _POINTS = 4.0, 16
# A change between neighbouring points is made of steps if this much stays in an interval that was
# halved so often, and this part of it; of what is smooth 2^-12 stays.
_JUMP, _HALVINGS, _PART = 2e-3, 12, 0.02
# Part of the changes looked at that has to be made of steps.
_SHARE = 0.3
# Rise of the objective at the end of a tread, and differences that are none.
_EDGE, _LEVEL = 0.02, 5e-4
# Estimated distance to the minimum at which a refit ends on the way to the lowest tread, and there.
_ROUGH, _FINAL = 2e-3, 1e-6
# Points over the support of such a parameter, and around the best of them.
_COARSE, _FINE = 121, 61
# Typical changes to which it is looked at where the support is open.
_TAIL = 8.0


def stepped_columns(objective: Objective, point: Array, steps: Array) -> list[int]:
    """Free columns along which the objective is a staircase around a point.

    Along each, the intervals with the largest changes, and those whose change stands out from its
    neighbours', are halved until what is continuous has become small.

    Parameters
    ----------
    objective : Objective
    point : (k,) array
        In the free columns.
    steps : (k,) array
        Typical changes.

    Returns
    -------
    list of int
        In the numbering of all columns.
    """
    grids = _grids(objective, point, steps)
    k, size = grids.shape
    values = _along(objective, point, grids.ravel(), np.repeat(np.arange(k), size)).reshape(k, size)
    change = np.diff(values, axis=1)
    change[(values[:, 1:] >= WALL) | (values[:, :-1] >= WALL)] = 0.0  # that is a wall
    rows, left = np.nonzero(_suspect(abs(change)))
    if not len(rows):
        return []
    jumps = _halved(objective, point, rows, grids[rows, left], grids[rows, left + 1])
    size = abs(change[rows, left])
    tested, found = np.zeros(k), np.zeros(k)
    np.add.at(tested, rows, size)
    np.add.at(found, rows, np.where((jumps > _JUMP) & (jumps > _PART * size), size, 0.0))
    stepped = (found > 0.0) & (found > _SHARE * tested)
    return [int(column) for column in objective.free[stepped]]


def _grids(objective: Objective, point: Array, steps: Array) -> Array:
    """Points along each free column, up to where the objective has risen: (k, size)."""
    low, high = objective.bounds.T
    k = len(point)
    reach = steps[:, None] * 2.0 ** np.arange(-5, 13)[None]
    offsets = np.concatenate([-reach, reach], axis=1)
    places = np.clip(point[:, None] + offsets, low[:, None], high[:, None])
    columns = np.repeat(np.arange(k), places.shape[1])
    values = _along(objective, point, places.ravel(), columns).reshape(k, 2, -1)
    places = places.reshape(k, 2, -1)
    here = objective(point)
    ends = np.empty((k, 2))
    for i in range(k):
        for side in (0, 1):
            beyond = np.flatnonzero(values[i, side] > here + _RISE)
            last = beyond[0] if len(beyond) else -1
            if len(beyond) and values[i, side, last] >= WALL:
                last = max(last - 1, 0)
            ends[i, side] = places[i, side, last]
    part = np.linspace(0.0, 1.0, _POINTS + 1)
    below = ends[:, :1] + (point[:, None] - ends[:, :1]) * part
    above = point[:, None] + (ends[:, 1:] - point[:, None]) * part
    return np.concatenate([below, above[:, 1:]], axis=1)


def _along(objective: Objective, point: Array, values: Array, columns: Array) -> Array:
    """Objective with one coordinate changed: (m,)."""
    points = np.repeat(point[None], len(values), axis=0)
    points[np.arange(len(values)), columns] = values
    return objective.batch(points)


def _suspect(change: Array) -> Array:
    """Intervals to be halved: the largest of each row, and those that stand out: (k, m) bool."""
    padded = np.pad(change, ((0, 0), (1, 1)), mode="edge")
    beside = np.minimum(padded[:, :-2], padded[:, 2:])
    found: Array = (change > 0.05) & (change > 2.0 * beside)
    half = change.shape[1] // 2
    for first in (0, half):
        largest = first + change[:, first : first + half].argmax(axis=1)
        found[np.arange(len(change)), largest] = True
    result: Array = found & (change > _EDGE)
    return result


def _halved(objective: Objective, point: Array, columns: Array, one: Array, other: Array) -> Array:
    """Change of the objective left in the worse half of intervals, halved many times: (m,)."""
    jumps = np.zeros(len(columns))
    one, other = one.copy(), other.copy()
    first = _along(objective, point, one, columns)
    last = _along(objective, point, other, columns)
    left = np.arange(len(columns))
    for _ in range(_HALVINGS):
        middle = 0.5 * (one[left] + other[left])
        value = _along(objective, point, middle, columns[left])
        low, high = abs(value - first[left]), abs(last[left] - value)
        lower = low > high
        other[left], last[left] = np.where(lower, [middle, value], [other[left], last[left]])
        one[left], first[left] = np.where(lower, [one[left], first[left]], [middle, value])
        left = left[np.maximum(low, high) > _JUMP]
        if not len(left):
            break
    jumps[left] = abs(last[left] - first[left])
    jumps[(first >= WALL) | (last >= WALL)] = 0.0
    return jumps


@dataclass(frozen=True)
class Tread:
    """Profile along a column with steps.

    Attributes
    ----------
    places : (m,) array
        Ascending values of the column, in internal coordinates.
    values : (m,) array
        Objective with the others refitted.
    points : (m, d) array
        Where they were then.
    """

    places: Array
    values: Array
    points: Array

    @property
    def best(self) -> int:
        """Number of the lowest point."""
        return int(self.values.argmin())


def lowest_tread(valley: Valley, starts: Array) -> Tread:
    """Profile over the support of a column, finer around its lowest point.

    Parameters
    ----------
    valley : Valley
        Of the column.
    starts : (n, d) array
        Points at which refits begin: the lowest at each place.

    Returns
    -------
    Tread
        Its lowest point stands in the middle of its tread.
    """
    target = valley.objective.target
    low, high = target.bounds[valley.column]
    ends = valley.centre[valley.column] + _TAIL * target.scale[valley.column] * np.array([-1, 1])
    low, high = (
        end if np.isfinite(end) else far for end, far in zip((low, high), ends, strict=True)
    )
    places = np.linspace(low, high, _COARSE)
    coarse = _profile(valley, places, starts)
    around = places[max(coarse.best - 3, 0)], places[min(coarse.best + 3, _COARSE - 1)]
    begin = coarse.points[[coarse.best]]
    found = _joined(coarse, _profile(valley, np.linspace(*around, _FINE), begin))
    # The edges of the tread, so that its middle is told, or its lower end if it is not level.
    lower, upper = tread_edges(valley, found)
    inside = np.array([0.5 * (lower + upper), lower, upper])
    tread = _profile(valley, inside, found.points[[found.best]], _FINAL)
    chosen = 0 if tread.values[0] <= tread.values.min() + _LEVEL else tread.best
    if tread.values[chosen] > found.values[found.best] + _LEVEL:
        return found
    # Within a tread all values are the same to rounding: let the chosen one be the lowest.
    value = min(tread.values[chosen], found.values.min() - 1e-12)
    one = Tread(inside[[chosen]], np.array([value]), tread.points[[chosen]])
    return _joined(found, one)


def tread_edges(valley: Valley, profile: Tread, rise: float = _EDGE) -> tuple[float, float]:
    """Where the profile first rises by more than something on the two sides of its lowest point.

    Parameters
    ----------
    valley : Valley
    profile : Tread
    rise : float

    Returns
    -------
    lower, upper : float
        In internal coordinates, inside of the rise, found by halving; the end of the profile if it
        does not rise.
    """
    best = profile.best
    level = profile.values[best] + rise
    ends = []
    for way in (-1, 1):
        beyond = best
        while 0 <= beyond < len(profile.places) and profile.values[beyond] <= level:
            beyond += way
        if not 0 <= beyond < len(profile.places):
            ends.append(float(profile.places[0 if way < 0 else -1]))
            continue
        inner, outer = profile.places[beyond - way], profile.places[beyond]
        start = profile.points[[beyond - way]]
        for _ in range(20):
            middle = 0.5 * (inner + outer)
            one = _profile(valley, np.array([middle]), start)
            if one.values[0] <= level:
                inner, start = middle, one.points
            else:
                outer = middle
        ends.append(float(inner))
    return ends[0], ends[1]


def _profile(valley: Valley, places: Array, starts: Array, tolerance: float = _ROUGH) -> Tread:
    """Profile at some values, each refit from the best start there."""
    m = len(places)
    each = np.concatenate(
        [valley.shifted(np.repeat(one[None], m, axis=0), places) for one in starts]
    )
    values = valley.objective.at(each).reshape(len(starts), m)
    chosen = each.reshape(len(starts), m, -1)[values.argmin(axis=0), np.arange(m)]
    points, values, _ = valley.solve(chosen, tolerance)
    return Tread(places, values, points)


def _joined(one: Tread, other: Tread) -> Tread:
    places = np.concatenate([one.places, other.places])
    order = np.argsort(places, kind="stable")
    values = np.concatenate([one.values, other.values])[order]
    return Tread(places[order], values, np.concatenate([one.points, other.points])[order])
