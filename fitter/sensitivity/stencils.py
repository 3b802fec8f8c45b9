"""Differences at points of a prior that never leave its support."""

from __future__ import annotations

import numpy as np

from ..drivers.target import Array

__all__ = ["stencil"]


def stencil(points: Array, steps: Array, bounds: Array | None) -> tuple[Array, Array, Array]:
    """Where to evaluate functions, and how to combine the values to derivatives along steps.

    Central differences; at an end of the support the three-point formula to the inner side, which
    is of second order too, so that what is quadratic at the end has no slope there.

    Parameters
    ----------
    points : (m, d) array
    steps : (m, d) array
    bounds : (d, 2) array or None
        Ends of the support; None if there are none.

    Returns
    -------
    one, other : (m, d) array
        Two points for each, besides itself.
    weights : (3, m) array
        Of the values at `one`, at `other` and at the point: their sum is the derivative per step.
    """
    central = np.array([0.5, -0.5, 0.0])
    inner = np.array([2.0, -0.5, -1.5])
    weights = np.repeat(central[:, None], len(points), axis=1)
    one, other = points + steps, points - steps
    if bounds is None:
        return one, other, weights
    low, high = bounds.T

    def inside(way: float) -> Array:
        moved = points + way * steps
        result: Array = np.all((moved >= low) & (moved <= high), axis=1)
        return result

    forward = ~inside(-1.0) & inside(1.0) & inside(2.0)
    backward = ~inside(1.0) & inside(-1.0) & inside(-2.0)
    other = np.where(forward[:, None], points + 2.0 * steps, other)
    one = np.where(backward[:, None], points - steps, one)
    other = np.where(backward[:, None], points - 2.0 * steps, other)
    weights[:, forward], weights[:, backward] = inner[:, None], -inner[:, None]
    return one, other, weights
