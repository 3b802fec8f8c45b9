"""Along a wall: descent where the likelihood drops to zero on one side, as at a cut of the prior.

A step of one coordinate into the wall is no step, and yet there may be lower points along it. They
are looked for in the planes of a coordinate that the wall blocks and another that moves the wall:
on circles around the point, just inside of where they cross the wall.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .target import Array

__all__ = ["slide"]

Function = Callable[[Array, Array], Array]

# Directions in a plane, radii of the circles in typical changes, and halvings of the angle between
# two of the directions at which a circle crosses the wall.
_ANGLES = np.linspace(0.0, 2.0 * np.pi, 17)[:-1]
_RADII = np.geomspace(1e-3, 3.0, 7)
_HALVINGS = 14
# Change of another coordinate that shows whether the wall depends on it.
_ASIDE = (0.03, 0.3)


def slide(
    function: Function,
    points: Array,
    values: Array,
    which: Array,
    bounds: Array,
    step: float,
    wall: float,
) -> tuple[Array, Array]:
    """Lowest point that one move along the wall reaches.

    Parameters
    ----------
    function : callable
        As of `minimise_batch`.
    points : (n, k) array
    values : (n,) array
        Below the wall.
    which : (n,) array of int
        Problem of each.
    bounds : (n, k, 2) array
    step : float
        Distance at which a wall blocks a coordinate.
    wall : float
        Value of the function at and beyond which there is no likelihood.

    Returns
    -------
    (n, k) array, (n,) array
        Points and values, those given where nothing is lower.
    """
    best, found = points.copy(), values.copy()
    k = points.shape[1]
    for column in range(k):
        for sign in (-1.0, 1.0):
            inwards = np.zeros(k)
            inwards[column] = sign * step
            ahead = np.clip(points + inwards, bounds[..., 0], bounds[..., 1])
            rows = np.flatnonzero(function(ahead, which) >= wall)
            if not len(rows):
                continue
            here = _Moves(function, points[rows], which[rows], bounds[rows], wall)
            here.straight(np.geomspace(1e-7, 1.0, 15)[:, None] * inwards)
            for other in here.beside(ahead[rows], column):
                here.around(column, other)
            lower = here.values < found[rows]
            best[rows[lower]], found[rows[lower]] = here.best[lower], here.values[lower]
    return best, found


class _Moves:
    """Moves from some points, of which the lowest are kept: `best` (n, k), `values` (n,)."""

    def __init__(
        self, function: Function, points: Array, which: Array, bounds: Array, wall: float
    ) -> None:
        self.function, self.points, self.which = function, points, which
        self.low, self.high, self.wall = bounds[..., 0], bounds[..., 1], wall
        self.best, self.values = points.copy(), np.full(len(points), np.inf)

    def evaluate(self, rows: Array, moves: Array) -> Array:
        """Values after moves (m, k) of the points `rows` (m,): (m,); the lowest are kept."""
        trial = np.clip(self.points[rows] + moves, self.low[rows], self.high[rows])
        values = self.function(trial, self.which[rows])
        order = np.argsort(-values, kind="stable")  # the last one written is the lowest
        lower = order[values[order] < self.values[rows[order]]]
        self.best[rows[lower]], self.values[rows[lower]] = trial[lower], values[lower]
        return values

    def straight(self, moves: Array) -> None:
        """Moves (m, k) of every point."""
        n = len(self.points)
        self.evaluate(np.repeat(np.arange(n), len(moves)), np.tile(moves, (n, 1)))

    def beside(self, ahead: Array, column: int) -> list[int]:
        """Coordinates that lead out of the wall, into which `column` alone leads."""
        k, found = self.points.shape[1], []
        for other in range(k):
            aside = np.zeros((2 * len(_ASIDE), k))
            aside[:, other] = [*_ASIDE, *(-size for size in _ASIDE)]
            low, high = self.low[:, None], self.high[:, None]
            trial = np.clip(ahead[:, None] + aside, low, high).reshape(-1, k)
            values = self.function(trial, np.repeat(self.which, len(aside)))
            if other != column and (values < self.wall).any():
                found.append(other)
        return found

    def around(self, column: int, other: int) -> None:
        """Moves on circles in the plane of two coordinates, most of them along the wall."""
        n, k = self.points.shape

        def move(radii: Array, angles: Array) -> Array:
            made = np.zeros((len(angles), k))
            made[:, column], made[:, other] = radii * np.cos(angles), radii * np.sin(angles)
            return made

        shape = n, len(_RADII), len(_ANGLES)
        rows, circles, places = (index.ravel() for index in np.indices(shape))
        values = self.evaluate(rows, move(_RADII[circles], _ANGLES[places]))
        free = (values < self.wall).reshape(shape)
        for sign in (-1, 1):
            # Between a free direction next to the wall and that in it.
            edge = np.argwhere(free & ~np.roll(free, -sign, axis=-1))
            rows, radii, near = edge[:, 0], _RADII[edge[:, 1]], _ANGLES[edge[:, 2]]
            width = sign * (_ANGLES[1] - _ANGLES[0])
            for _ in range(_HALVINGS if len(edge) else 0):
                width *= 0.5
                inside = self.evaluate(rows, move(radii, near + width)) < self.wall
                near = np.where(inside, near + width, near)
