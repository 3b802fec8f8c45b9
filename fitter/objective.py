"""The function that a fit minimises, with its gradient evaluated as one batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from .target import Array, Target

__all__ = ["WALL", "Objective"]

# Fraction of the typical size of a parameter used in central differences: the noise of a profiled
# likelihood (1e-9) and the third derivative then both contribute less than 1e-5 of an error.
DIFFERENCE = 1e-3
# Where the likelihood is zero MINUIT needs a finite number to step back from. It is above all
# values that occur: a relic density of 10^4 is 10^7 of its errors, and -2 ln L is 10^14.
WALL = 1e16


class Objective:
    """``-2 (ln L + ln constraints)`` of a target, with a batched numerical gradient.

    Parameters
    ----------
    target : Target
    fixed : mapping of int to float, optional
        Columns held at a value (for profiles).
    progress : callable, optional
        Called with the number of points evaluated so far.
    """

    def __init__(
        self,
        target: Target,
        fixed: dict[int, float] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.target = target
        self.fixed = fixed or {}
        free = [column for column in range(len(target.names)) if column not in self.fixed]
        self.free = np.array(free, dtype=int)
        self.scale = np.asarray(target.scale)[self.free]
        self.bounds = np.asarray(target.bounds)[self.free]
        self.calls = 0
        self._progress = progress

    def embed(self, points: Array) -> Array:
        """Full parameter points from the free columns: (n, d)."""
        theta = np.empty((len(points), len(self.target.names)))
        theta[:, self.free] = points
        for column, value in self.fixed.items():
            theta[:, column] = value
        return theta

    def batch(self, points: Array) -> Array:
        """Objective at points of the free parameters: (n,); a high wall where ln L = -inf."""
        theta = self.embed(np.atleast_2d(points))
        self.calls += len(theta)
        if self._progress:
            self._progress(self.calls)
        total = self.target.log_likelihood(theta) + self.target.log_constraint(theta)
        return np.where(np.isfinite(total), -2.0 * total, WALL)

    def __call__(self, point: Sequence[float] | Array) -> float:
        """Objective at one point."""
        return float(self.batch(np.asarray(point, float)[None])[0])

    def gradient(self, point: Sequence[float] | Array) -> Array:
        """Central differences, one-sided at a bound: (d_free,)."""
        centre = np.asarray(point, float)
        step = np.diag(DIFFERENCE * self.scale)
        low, high = self.bounds.T
        up, down = np.clip(centre + step, low, high), np.clip(centre - step, low, high)
        values = self.batch(np.concatenate([up, down]))
        width = np.diagonal(up - down)
        gradient: Array = (values[: len(centre)] - values[len(centre) :]) / width
        return gradient

    def walled(self, point: Sequence[float] | Array) -> bool:
        """Whether the likelihood is zero within a thousandth of a typical change of a point."""
        centre = np.asarray(point, float)
        step = np.diag(DIFFERENCE * np.asarray(self.target.scale)[self.free])
        low, high = self.bounds.T
        around = np.clip(np.concatenate([centre + step, centre - step]), low, high)
        return bool((self.batch(around) >= WALL).any())
