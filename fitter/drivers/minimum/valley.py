"""Profiles along one parameter: the objective with the others refitted, many points at once."""

from __future__ import annotations

import numpy as np

from ..minimise_batch import minimise_batch
from ..objective import WALL, Objective
from ..target import Array

__all__ = ["Valley"]

# Bounds this many errors away do not stop a refit.
_FAR = 6.0


class Valley:
    """The lowest objective at given values of one parameter.

    The others are refitted from where the covariance at the minimum says that they are, in
    coordinates in which it says that they are independent.

    Parameters
    ----------
    objective : Objective
        Columns that it holds stay where each starting point has them.
    column : int
    centre : (d,) array
        The minimum, in internal coordinates.
    covariance : (d, d) array
        In internal coordinates; may be NaN.
    steps : (d,) array
        Typical changes, used where the covariance has nothing to say.
    """

    def __init__(
        self, objective: Objective, column: int, centre: Array, covariance: Array, steps: Array
    ) -> None:
        self.objective, self.column, self.centre = objective, column, centre
        self.others = np.array([i for i in objective.free if i != column], dtype=int)
        self.bounds = objective.target.bounds[self.others]
        use = np.unique([column, *self.others]).astype(int)
        if not np.isfinite(covariance[np.ix_(use, use)]).all():
            covariance = _typical(objective, steps)
        own = covariance[column, column]
        across = covariance[self.others, column]
        self.slope = across / own
        rest = covariance[np.ix_(self.others, self.others)] - np.outer(across, across) / own
        self.boxed = self._boxed(np.sqrt(np.maximum(np.diag(rest), 1e-300)))
        self.matrix = _factor(rest, self.boxed)

    def _boxed(self, errors: Array) -> Array:
        """Others whose bounds are so near that they have to be kept in sight."""
        low, high = self.bounds.T
        place = self.centre[self.others]
        distance: Array = np.minimum(place - low, high - place)
        result: Array = distance < _FAR * errors
        return result

    def shifted(self, points: Array, values: Array) -> Array:
        """Points (n, d) moved to values of the parameter, the others along the covariance."""
        moved = np.array(points, float)
        change = values - moved[:, self.column]
        moved[:, self.column] = values
        moved[:, self.others] = np.clip(
            moved[:, self.others] + change[:, None] * self.slope, *self.bounds.T
        )
        return moved

    def solve(self, starts: Array, tolerance: float = 1e-5) -> tuple[Array, Array, Array]:
        """Refit the others at full points.

        Parameters
        ----------
        starts : (n, d) array
        tolerance : float
            Estimated distance to the minimum at which a refit ends.

        Returns
        -------
        points : (n, d) array
        values : (n,) array
        good : (n,) bool array
            Refits that converged at a likelihood that is not zero.
        """
        starts = np.array(starts, float)
        low, high = self.bounds.T

        def place(z: Array, which: Array) -> tuple[Array, Array]:
            theta = starts[which].copy()
            moved = theta[:, self.others] + z @ self.matrix.T
            clipped = np.clip(moved, low, high)
            inside = np.all((clipped == moved) | self.boxed, axis=1)
            theta[:, self.others] = clipped
            return theta, inside

        def function(z: Array, which: Array) -> Array:
            theta, inside = place(z, which)
            return self.objective.at(theta, inside)

        offset = self.bounds[None] - starts[:, self.others][:, :, None]
        ends = np.empty_like(offset)
        ends[:, self.boxed] = offset[:, self.boxed] / np.diag(self.matrix)[self.boxed][:, None]
        ends[:, ~self.boxed] = np.array([-np.inf, np.inf])
        found = minimise_batch(
            function, np.zeros((len(starts), len(self.others))), ends, tolerance=tolerance
        )
        points, _ = place(found.points, np.arange(len(starts)))
        return points, found.values, found.converged & (found.values < WALL)


def _typical(objective: Objective, steps: Array) -> Array:
    """Covariance of correlated priors, and squares of typical changes of the others: (d, d)."""
    metric = objective.target.metric
    coupled = (metric != 0.0).sum(axis=1) > 1
    size = np.where(coupled, 1.0, steps / np.diag(metric))
    scaled = metric * size
    result: Array = scaled @ scaled.T
    return result


def _factor(covariance: Array, boxed: Array) -> Array:
    """Square root of a covariance that leaves the boxed coordinates alone: (k, k)."""
    errors = np.sqrt(np.maximum(np.diag(covariance), 1e-300))
    matrix = np.diag(errors)
    free = np.flatnonzero(~boxed)
    if len(free):
        held = np.flatnonzero(boxed)
        scaled = covariance / np.outer(errors, errors)
        part = scaled[np.ix_(free, free)]
        if len(held):
            mixed = scaled[np.ix_(free, held)]
            inverse = np.linalg.pinv(scaled[np.ix_(held, held)], rcond=1e-9)
            part = part - mixed @ inverse @ mixed.T
        values, vectors = np.linalg.eigh(part)
        root = vectors * np.sqrt(np.maximum(values, 1e-10))
        matrix[np.ix_(free, free)] = errors[free, None] * root
    return matrix
