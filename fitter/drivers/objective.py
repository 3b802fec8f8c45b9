"""The function that a fit minimises, in internal coordinates, its gradient as one batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from .coordinates import InternalTarget, internal
from .target import Array, Target

__all__ = ["WALL", "Objective"]

# Fraction of the typical size of a parameter used in central differences: the noise of a profiled
# likelihood (1e-9) and the third derivative then both contribute less than 1e-5 of an error.
DIFFERENCE = 1e-3
# Where the likelihood is zero MINUIT needs a finite number to step back from. It is above all
# values that occur: a relic density of 10^4 is 10^7 of its errors, and -2 ln L is 10^14; at the
# end of a prior of 10^12 errors it is 10^24.
WALL = 1e30


class Objective:
    """``-2 (ln L + ln constraints)`` of a target, with a batched numerical gradient.

    It remembers the lowest of all points that it was asked for.

    Parameters
    ----------
    target : Target
    fixed : mapping of int to float, optional
        Columns held at a value (for profiles), in internal coordinates.
    progress : callable, optional
        Called with the number of points evaluated so far.

    Attributes
    ----------
    free : (k,) array of int
        Columns that are not held; points have these alone.
    scale, bounds, metric : arrays (k,), (k, 2), (k, k)
        Those of the target, of the free columns.
    calls : int
        Points evaluated.
    lowest, lowest_value : (d,) array and float
        The best point seen, with all columns, and its value.
    """

    def __init__(
        self,
        target: Target,
        fixed: Mapping[int, float] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.target: InternalTarget = internal(target)
        self.fixed = dict(fixed or {})
        free = [column for column in range(len(target.names)) if column not in self.fixed]
        self.free = np.array(free, dtype=int)
        self.scale = self.target.scale[self.free]
        self.bounds = self.target.bounds[self.free]
        self.metric = self.target.metric[np.ix_(self.free, self.free)]
        self.calls = 0
        self.lowest, self.lowest_value = self.target.start, np.inf
        self._progress = progress

    def holding(self, fixed: Mapping[int, float]) -> Objective:
        """The same with further columns held, to be given back to `absorb`."""
        other = Objective(self.target, {**self.fixed, **fixed}, self._progress)
        other.calls = self.calls
        return other

    def absorb(self, other: Objective) -> None:
        """Count the points of one that `holding` made, and remember its lowest."""
        self.calls = max(self.calls, other.calls)
        if other.lowest_value < self.lowest_value:
            self.lowest, self.lowest_value = other.lowest, other.lowest_value

    def embed(self, points: Array) -> Array:
        """Full parameter points from the free columns: (n, d)."""
        theta = np.empty((len(points), len(self.target.names)))
        theta[:, self.free] = points
        for column, value in self.fixed.items():
            theta[:, column] = value
        return theta

    def batch(self, points: Array) -> Array:
        """Objective at points of the free parameters: (n,).

        A high wall where ln L = -inf, and outside the supports.
        """
        points = np.atleast_2d(points)
        if not len(points):
            return np.empty(0)
        low, high = self.bounds.T
        inside = np.all((points >= low) & (points <= high), axis=1)
        return self.at(self.embed(np.clip(points, low, high)), inside)

    def at(self, theta: Array, inside: Array | None = None) -> Array:
        """Objective at full points (n, d), whatever is held: (n,); a wall where not `inside`."""
        self.calls += len(theta)
        if self._progress:
            self._progress(self.calls)
        total = self.target.log_likelihood(theta) + self.target.log_constraint(theta)
        good = np.isfinite(total) if inside is None else np.isfinite(total) & inside
        values = np.where(good, np.minimum(-2.0 * total, WALL), WALL)
        first = int(values.argmin())
        if values[first] < min(self.lowest_value, WALL):
            self.lowest, self.lowest_value = theta[first].copy(), float(values[first])
        return values

    def __call__(self, point: Sequence[float] | Array) -> float:
        """Objective at one point."""
        return float(self.batch(np.asarray(point, float)[None])[0])

    def gradient(self, point: Sequence[float] | Array, steps: Array | None = None) -> Array:
        """Central differences, one-sided at a bound: (k,)."""
        centre = np.asarray(point, float)
        step = np.diag(DIFFERENCE * (self.scale if steps is None else steps))
        low, high = self.bounds.T
        up, down = np.clip(centre + step, low, high), np.clip(centre - step, low, high)
        values = self.batch(np.concatenate([up, down]))
        width = np.diagonal(up - down)
        gradient: Array = (values[: len(centre)] - values[len(centre) :]) / width
        return gradient

    def walled(self, point: Sequence[float] | Array, steps: Array) -> bool:
        """Whether the likelihood is zero within a thousandth of a typical change of a point."""
        centre = np.asarray(point, float)
        step = np.diag(DIFFERENCE * steps)
        low, high = self.bounds.T
        around = np.clip(np.concatenate([centre + step, centre - step]), low, high)
        return bool((self.batch(around) >= WALL).any())
