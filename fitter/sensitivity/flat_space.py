"""Directions along which nothing moves: null spaces of Jacobians, and changes of scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..drivers.target import Array

__all__ = ["FlatSpace", "flat_space", "scalings", "sparse_basis"]

# Singular values below this part of the largest one count as zero: differences leave 1e-7 or so.
_ZERO = 1e-5
# Jacobians all of whose entries are smaller have no direction in which anything moves.
_NOTHING = 1e-7
# Fresh points at which nothing moves, one after the other, that a straight direction needs.
_FRESH = 3
# Points at which directions must be the same changes of scale, and how well.
_POINTS = 3
_SAME = 1e-3
# Components of unit vectors below it are zero.
_STILL = 1e-5


@dataclass(frozen=True)
class FlatSpace:
    """Null spaces of the Jacobians at several points.

    Attributes
    ----------
    straight : (s, m) array
        Unit vectors along which nothing moves at any of the points: the same everywhere.
    bent : (b, m) array
        Further ones at the point `base`. There are as many at every point, but others: moving
        along, they turn.
    base : int
        A point with the fewest of them.
    special : (k, m) array
        Those of the first point, but for the straight ones, if it has more than other points have.
    turning : (p, b, m) array
        The bent ones at each point; zero at points that have more of them than others.
    """

    straight: Array
    bent: Array
    base: int
    special: Array
    turning: Array


def flat_space(
    jacobians: Sequence[Array], along: Callable[[Array], Array] | None = None
) -> FlatSpace:
    """Find the directions along which nothing moves at first order.

    By the theorem of constant rank, directions that exist at every point are tangents of curves
    along which nothing moves at all; they need not be straight.

    Parameters
    ----------
    jacobians : sequence of (k, m) arrays
        Of the same predictions in the same parameters, at one or more points.
    along : callable, optional
        Derivatives along unit vectors (u, m) at a fresh point, another one at each call: (k, u).
        Few points do not suffice to tell what is the same everywhere; with it, directions count as
        straight only if nothing moves along them at some more points.

    Returns
    -------
    FlatSpace
    """
    columns = jacobians[0].shape[1]
    spaces = [_null_space(jacobian) for jacobian in jacobians]
    sizes = [len(space) for space in spaces]
    base = int(np.argmin(sizes))
    nothing = np.empty((0, columns))
    if not sizes[base]:
        special = sparse_basis(spaces[0]) if sizes[0] else nothing
        return FlatSpace(nothing, nothing, base, special, np.empty((len(spaces), 0, columns)))
    scales = [max(float(abs(jacobian).max(initial=0.0)), _NOTHING) for jacobian in jacobians]
    common = _null_space(
        np.concatenate([part / scale for part, scale in zip(jacobians, scales, strict=True)])
    )
    if along is not None:
        common = _narrowed(common, along, max(scales))
    more = sizes[0] > sizes[base]
    bent = _without(spaces[base], common)
    turning = np.zeros((len(spaces), *bent.shape))
    for space, own in zip(spaces, turning, strict=True):
        if len(space) == sizes[base]:
            own[:] = _without(space, common)
    return FlatSpace(
        straight=sparse_basis(common),
        bent=sparse_basis(bent),
        base=base,
        special=sparse_basis(_without(spaces[0], common)) if more else nothing,
        turning=turning,
    )


def _narrowed(space: Array, along: Callable[[Array], Array], scale: float) -> Array:
    """Part of a space along which nothing moves at fresh points either."""
    unmoved = 0
    while len(space) and unmoved < _FRESH:
        kept = _null_space(along(space), scale)
        unmoved = unmoved + 1 if len(kept) == len(space) else 0
        space = kept @ space
    return space


def _null_space(jacobian: Array, scale: float | None = None) -> Array:
    """Orthonormal rows along which a Jacobian is zero, compared with its scale."""
    columns = jacobian.shape[1]
    if not columns:
        return np.empty((0, 0))
    _, values, vectors = np.linalg.svd(jacobian, full_matrices=True)
    padded = np.zeros(columns)
    padded[: len(values)] = values
    size = padded.max() if scale is None else scale
    null: Array = vectors[padded < _ZERO * max(size, _NOTHING)]
    return null


def _without(space: Array, part: Array) -> Array:
    """Orthonormal basis of a space without a part of it: rows."""
    rest = space - (space @ part.T) @ part
    left, _, _ = np.linalg.svd(rest.T, full_matrices=False)
    # The part lies in the space but for the tolerance of both: values are 1 or 0.
    kept: Array = left.T[: max(len(space) - len(part), 0)]
    return kept


def sparse_basis(space: Array) -> Array:
    """Unit vectors that span a space, with few components each.

    Parameters
    ----------
    space : (k, m) array
        Independent rows.

    Returns
    -------
    (k, m) array
        Each has a component that is zero in all others (reduced row echelon form), the first
        component positive.
    """
    rows = np.array(space, dtype=float)
    if not rows.size:
        return rows
    left = list(range(len(rows)))
    while left:
        # The largest element that is left is the safest to divide by.
        row, column = np.unravel_index(int(abs(rows[left]).argmax()), rows[left].shape)
        pivot = left.pop(int(row))
        rows[pivot] /= rows[pivot, column]
        others = np.arange(len(rows)) != pivot
        rows[others] -= rows[others, column, None] * rows[pivot]
    rows[abs(rows) < 1e-6] = 0.0
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    first = (rows != 0.0).argmax(axis=1)
    # Adding zero takes the sign off zeros.
    signed: Array = rows * np.sign(rows[np.arange(len(rows)), first])[:, None] + 0.0
    return signed[np.argsort(first, kind="stable")]


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
    moving = abs(turning[known]) > _STILL
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
