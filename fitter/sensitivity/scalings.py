"""Flat directions that turn on the way, but are changes of scale: only products count."""

from __future__ import annotations

import numpy as np

from ..drivers.target import Array
from .flat_space import sparse_basis

__all__ = ["scalings"]

# Points at which directions must be the same changes of scale, and how well.
_POINTS = 3
_SAME = 1e-3
# Components of unit vectors below it are zero.
_ZERO = 1e-5


def scalings(points: Array, turning: Array, scale: Array) -> Array:
    """Powers of a common factor along directions that turn from point to point.

    Where predictions depend on the product of two couplings, the flat direction at a point is
    that along which one grows and the other falls by the same relative amount: in logarithms of the
    parameters it is the same everywhere.

    Parameters
    ----------
    points : (p, d) array
    turning : (p, b, d) array
        The flat directions at each point, in units of `scale`; zero where they are not known.
    scale : (d,) array
        Typical changes.

    Returns
    -------
    (b, d) array
        Row by row the power of a factor with which each parameter is multiplied while predictions
        stay the same, the largest 1 or -1; no rows if the directions are not of that kind.
    """
    count, columns = turning.shape[1:]
    nothing = np.empty((0, columns))
    known = abs(turning).max(axis=(1, 2), initial=0.0) > 0.0
    if not count or known.sum() < _POINTS:
        return nothing
    moving = abs(turning[known]) > _ZERO
    there = np.broadcast_to(points[known][:, None], moving.shape)
    if (there[moving] == 0.0).any():
        return nothing
    relative = np.where(moving, turning[known] * scale, 0.0)
    relative = np.divide(relative, there, out=np.zeros_like(relative), where=moving)
    # Orthonormal bases, to be compared by the projections onto what they span.
    bases = np.linalg.svd(relative, full_matrices=False)[2]
    projections = np.einsum("pbi,pbj->pij", bases, bases)
    if abs(projections - projections[0]).max() > _SAME:
        return nothing
    rows = sparse_basis(bases[0])
    rows = np.where(abs(rows) < _SAME, 0.0, rows)
    result: Array = rows / abs(rows).max(axis=1, keepdims=True)
    return result
