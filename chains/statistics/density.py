"""Density of one mode of a distribution, from samples of it: smooth, falling from its peak."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..records import Array
from .modes import NOISE, quantiles

__all__ = ["Branch", "branch_of"]

# Points at which the density of a mode is taken.
_POINTS = 400
# The half width of the triangular kernel at a point, at one effective sample, in units of the
# distance that the next 15 % of the samples take. At the peak of a normal distribution this is
# Silverman's rule, 0.9 sigma n^(-1/5), for a kernel as efficient (2.43 times wider).
_NEAR, _WIDTH = 0.15, 0.9 * 2.43 / 0.385
# The kernel is not made wider than for so many effective samples.
_WIDEST = 50.0


@dataclass(frozen=True, eq=False)
class Branch:
    """Density of one mode, falling strictly on both sides of its peak, at ascending points."""

    points: Array
    density: Array

    @property
    def top(self) -> int:
        """Index of the point of the peak."""
        return int(np.argmax(self.density))

    def above(self, level: float) -> tuple[float, float] | None:
        """Interval in which the density is above a level; None if it is nowhere."""
        top = self.top
        if level > self.density[top]:
            return None
        lower = np.interp(level, self.density[: top + 1], self.points[: top + 1])
        upper = np.interp(-level, -self.density[top:], self.points[top:])
        return float(lower), float(upper)


def branch_of(values: Array, weight: float, ess: float, atom: float) -> Branch:
    """Density of one mode times its weight.

    Parameters
    ----------
    values : (n,) array
        Samples of the mode in ascending order.
    weight : float
        Probability of the mode.
    ess : float
        Effective number of its samples.
    atom : float
        Width that a value is given which is repeated throughout.

    Returns
    -------
    Branch
    """
    ranks = np.linspace(0.0, 1.0, min(_POINTS, max(2, len(values))))
    points = quantiles(values, ranks)
    rounding = NOISE * max(abs(points[0]), abs(points[-1])) + np.finfo(float).tiny
    if points[-1] - points[0] <= rounding:
        density = np.array([1.0, 1.0 + 1e-9]) * weight / atom
        return Branch(points[[0, -1]], density)
    mirrored = np.concatenate(
        [2.0 * values[0] - values[::-1], values, 2.0 * values[-1] - values[::-1]]
    )
    # Nearby samples, ten effective ones at least, on the side where they are nearer: in a tail that
    # is the side of the peak.
    part = min(0.5, max(_NEAR, 5.0 / ess))
    behind = np.where(ranks + part <= 1.0, quantiles(values, ranks + part) - points, np.inf)
    before = np.where(ranks - part >= 0.0, points - quantiles(values, ranks - part), np.inf)
    spread = np.minimum(behind, before)
    half = np.maximum(_WIDTH * max(ess, _WIDEST) ** -0.2 * spread, rounding)
    half = np.minimum(half, points[-1] - points[0])
    density = weight * _kernel_density(mirrored, points, half, len(values))
    return Branch(points, _unimodal(density, points))


def _kernel_density(mirrored: Array, points: Array, half: Array, count: int) -> Array:
    """Density with a triangular kernel of a half width at each point: (k,)."""
    first = np.searchsorted(mirrored, points - half)
    middle = np.searchsorted(mirrored, points)
    last = np.searchsorted(mirrored, points + half)
    origin = mirrored[len(mirrored) // 2]
    sums = np.concatenate([[0.0], np.cumsum(mirrored - origin)])
    left = (sums[middle] - sums[first]) - (middle - first) * (points - half - origin)
    right = (last - middle) * (points + half - origin) - (sums[last] - sums[middle])
    density: Array = np.maximum(left + right, 0.0) / half / half / count
    return density


def _unimodal(density: Array, points: Array) -> Array:
    """Nearest density that falls strictly on both sides of the largest value: (k,).

    Isotonic regression on either side, and a slope too small to see on what is flat.
    """
    from scipy.optimize import isotonic_regression

    width = np.gradient(points) + np.finfo(float).tiny
    top = int(np.argmax(density))
    up = isotonic_regression(density[: top + 1], weights=width[: top + 1]).x
    down = isotonic_regression(density[top:], weights=width[top:], increasing=False).x
    peak = max(up[-1], down[0])
    flat = np.concatenate([up[:-1], [peak], down[1:]])
    floor = np.maximum(flat, 1e-12 * peak)
    distance = abs(np.arange(len(points)) - top) / len(points)
    result: Array = floor * (1.0 - 1e-6 * distance)
    return result
