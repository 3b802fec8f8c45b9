"""Fits of one problem to many data sets at once, each with a minimum of its own.

All take their BFGS steps together (`minimise_batch`), in coordinates whose sizes are those of the
measured data at one point. A toy may lie in another valley than the point it was drawn at, and a
coupling at zero is stationary: every data set is fitted from more than one start.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from functools import partial

import numpy as np

from ...dataset import Dataset
from ...problem import Problem
from ..coordinates import internal
from ..minimise_batch import LONGEST, minimise_batch
from ..minimum.descent import natural_steps
from ..objective import WALL, Objective
from ..target import Array

__all__ = ["STEP", "DataFits", "DataFitter"]

# Rows evaluated at once: each has a copy of its data set.
_ROWS = 8192
# Searches that did not converge begin again from where they ended, with curvatures forgotten.
_AGAIN = 2
# Step of second differences in the size of a coordinate: the noise of a profiled likelihood (1e-9)
# and the fourth derivative then both change an error by far less than a per cent.
STEP = 0.1
# Minima whose -2 ln L differ by less are the same, or of equal depth.
_TIE = 1e-4
# Evaluations of one part of the second differences.
_PART = 40_000


@dataclass(frozen=True)
class DataFits:
    """Minima, one for each data set.

    Attributes
    ----------
    points : (n, d) array
        In the parameters' units.
    values : (n,) array
        ``-2 (ln L + ln constraints)``.
    converged : (n,) bool array
    """

    points: Array
    values: Array
    converged: Array

    @property
    def finite(self) -> Array:
        """Where there is a likelihood: (n,) bool."""
        return np.asarray(np.isfinite(self.values) & (self.values < WALL))

    def lower(self, other: DataFits) -> DataFits:
        """Data set by data set the lower minimum; of two that are equal the first."""
        better = other.converged & ~self.converged & (other.values < self.values + _TIE)
        take = better | (other.values < self.values - _TIE)
        return DataFits(
            np.where(take[:, None], other.points, self.points),
            np.where(take, other.values, self.values),
            np.where(take, other.converged, self.converged),
        )


class DataFitter:
    """The fits of a problem to n data sets, some parameters held.

    Parameters
    ----------
    problem : Problem
    data : Dataset
        n data sets.
    origin : (d,) array
        Where the sizes of the coordinates are taken.
    held : mapping of int to float or (n,) array
        Columns that are held, and their values, one for all data sets or one for each.
    """

    def __init__(
        self, problem: Problem, data: Dataset, origin: Array, held: Mapping[int, float | Array]
    ) -> None:
        self.problem, self.data = problem, data
        self.target = internal(problem)
        outer = np.array(origin, float)
        outer[list(held)] = [np.ravel(value)[0] for value in held.values()]
        self.origin = self.target.forward(outer[None])[0]
        self._hold(held)
        fixed = {column: float(self.origin[column]) for column in held}
        objective = Objective(self.target, fixed)
        self.free = objective.free
        diagonal = np.diag(objective.metric)
        self.coupled = (objective.metric != 0.0).sum(axis=1) > 1
        sizes = diagonal
        if len(self.free):
            sizes = natural_steps(objective, self.origin[self.free][None])[0]
        ratio = np.where(self.coupled, 1.0, sizes / diagonal)
        self.metric = objective.metric * ratio
        self.longest = LONGEST * np.maximum(1.0, 1.0 / ratio)
        self.ends = np.array(objective.bounds, float).reshape(len(self.free), 2)
        bounds = (self.ends - self.origin[self.free, None]) / np.diag(self.metric)[:, None]
        self.bounds = np.where(self.coupled[:, None], [-np.inf, np.inf], bounds)

    def _hold(self, held: Mapping[int, float | Array]) -> None:
        """Hold columns, each data set at values of its own."""
        outer = np.repeat(self.target.backward(self.origin[None]), len(self.data), axis=0)
        for column, value in held.items():
            outer[:, column] = value
        self.columns = list(held)
        self.held = self.target.forward(outer)[:, self.columns]

    def other(self, data: Dataset, held: Mapping[int, float | Array]) -> DataFitter:
        """Fitter with the same coordinates of other data sets, the same columns held elsewhere."""
        made = copy(self)
        made.data = data
        made._hold(held)
        return made

    def __len__(self) -> int:
        return len(self.data)

    def fit(self, starts: Array) -> DataFits:
        """Minimise from one start for each data set, (n, d) in the parameters' units."""
        z = self._coordinates(starts)
        found = self._search(z, np.arange(len(self)))
        z, values, converged = found
        for _ in range(_AGAIN):
            left = np.flatnonzero(~converged & (values < WALL))
            if not len(left):
                break
            before = values[left]
            z[left], values[left], converged[left] = self._search(z[left], left)
            # At a kink, or beside noise of the likelihood, no slope vanishes: nothing is lower.
            converged[left] |= before - values[left] < _TIE
        return DataFits(self._outer(z, np.arange(len(self))), values, converged & (values < WALL))

    def fit_from_best(self, candidates: Array) -> DataFits:
        """Minimise each from that of the candidates (c, d) which describes it best."""
        n, c = len(self), len(candidates)
        values = self.values(
            np.tile(self._coordinates(candidates), (n, 1)), np.repeat(np.arange(n), c)
        )
        return self.fit(candidates[values.reshape(n, c).argmin(axis=1)])

    def at(self, points: Array) -> Array:
        """``-2 (ln L + ln constraints)`` of each data set at its point (n, d): (n,)."""
        return self.values(self._coordinates(points), np.arange(len(self)))

    def values(self, z: Array, which: Array) -> Array:
        """Objective at coordinates (m, k) for the data sets `which` (m,): (m,)."""
        found = np.empty(len(z))
        for at in range(0, len(z), _ROWS):
            rows = slice(at, at + _ROWS)
            theta, data = self._outer(z[rows], which[rows]), self.data.take(which[rows])
            total = self.problem.log_likelihood(theta, data)
            total = total + self.problem.log_constraint(theta, data)
            found[rows] = np.where(np.isfinite(total), np.minimum(-2.0 * total, WALL), WALL)
        return found

    def points(self, z: Array) -> Array:
        """Points in the parameters' units of coordinates (m, k) of the first data set: (m, d)."""
        return self._outer(z, np.zeros(len(z), int))

    def errors(self, fits: DataFits) -> Array:
        """Errors from the second derivatives at the minima, HESSE's: (n, d).

        Returns
        -------
        (n, d) array
            In the parameters' units. NaN for held ones, within a step of a bound (the others are
            those with it held), and where the matrix is not positive.
        """
        result = np.full(fits.points.shape, np.nan)
        k = len(self.free)
        if not k:
            return result
        z = self._coordinates(fits.points)
        part = max(_PART // (1 + k + k * k), 1)
        variances = [
            self._variances(z[rows], np.arange(len(self))[rows])
            for rows in (slice(at, at + part) for at in range(0, len(z), part))
        ]
        inner = np.sqrt(np.concatenate(variances))
        slope = np.where(self.target.logarithmic, fits.points, 1.0)
        result[:, self.free] = inner * abs(slope[:, self.free])
        return result

    def _variances(self, z: Array, which: Array) -> Array:
        """Diagonal of the covariance in internal coordinates: (n, k)."""
        n, k = z.shape
        low, high = self.bounds.T
        edge = np.asarray((z - STEP < low) | (z + STEP > high))
        step = STEP * np.eye(k)
        first, second = np.triu_indices(k, 1)
        moves = np.concatenate([np.zeros((1, k)), step, -step])
        both = step[first] + step[second]
        moves = np.concatenate([moves, both, -both])
        trial = np.clip((z[:, None] + moves).reshape(-1, k), low, high)
        values = self.values(trial, np.repeat(which, len(moves))).reshape(n, len(moves))
        centre, up, down = values[:, 0], values[:, 1 : k + 1], values[:, k + 1 : 2 * k + 1]
        pairs = values[:, 2 * k + 1 :].reshape(n, 2, len(first)).sum(axis=1)
        single = up + down
        hessian = np.zeros((n, k, k))
        diagonal = np.arange(k)
        hessian[:, diagonal, diagonal] = (single - 2.0 * centre[:, None]) / STEP**2
        mixed = (pairs - single[:, first] - single[:, second] + 2.0 * centre[:, None]) / (
            2.0 * STEP**2
        )
        hessian[:, first, second] = hessian[:, second, first] = mixed
        held = edge[:, :, None] | edge[:, None, :]
        hessian = np.where(held, 2.0 * np.eye(k), hessian)
        good = np.asarray(np.isfinite(hessian).all(axis=(1, 2)) & (values < WALL).all(axis=1))
        hessian[~good] = np.eye(k)
        good = good & (np.linalg.eigvalsh(hessian) > 0.0).all(axis=1)
        hessian[~good] = np.eye(k)
        covariance = self.metric @ (2.0 * np.linalg.inv(hessian)) @ self.metric.T
        variances = np.einsum("nii->ni", covariance)
        bad = ~good[:, None] | (edge & ~self.coupled)
        return np.where(bad, np.nan, variances)

    def _search(self, z: Array, which: Array) -> tuple[Array, Array, Array]:
        found = minimise_batch(partial(self._of, which), z, self.bounds, longest=self.longest[None])
        return found.points, found.values, found.converged

    def _of(self, which: Array, z: Array, rows: Array) -> Array:
        return self.values(z, which[rows])

    def _coordinates(self, points: Array) -> Array:
        """Coordinates of points (m, d) in the parameters' units: (m, k)."""
        inner = self.target.nearest(self.target.forward(points), self.origin)[:, self.free]
        inner = np.clip(inner, *self.ends.T)
        moved: Array = np.linalg.solve(self.metric, (inner - self.origin[self.free]).T).T
        return moved

    def _outer(self, z: Array, which: Array) -> Array:
        """Points in the parameters' units of coordinates (m, k) of data sets `which`: (m, d)."""
        inner = np.repeat(self.origin[None], len(z), axis=0)
        inner[:, self.columns] = self.held[which]
        moved = self.origin[self.free] + z @ self.metric.T
        # Rounding must not lead out of the box.
        inside = np.clip(moved, *self.ends.T)
        inner[:, self.free] = np.where(self.coupled, moved, inside)
        return self.target.backward(inner)
