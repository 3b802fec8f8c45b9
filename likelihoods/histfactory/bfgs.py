"""BFGS steps on a whole batch, with the inverse Hessians of a few reference points.

The inverse Hessian of a point is that of its reference point, shared by the batch, plus a low-rank
update, ``B_k = B_ref + sum_i (x_i v_i^T + v_i x_i^T)``: no matrix per point.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .interpolation import Array
from .steps import MAX_STEPS, TOLERANCE, Minimised, Points, Rows, line_search

__all__ = ["bfgs", "blockwise"]


def bfgs(
    model: Minimised,
    batch: Rows,
    start: Array,
    inverse: Array,
    reference: Array,
) -> tuple[Array, Array, Array, int]:
    """BFGS from `start`; `inverse` holds the inverse Hessians of all reference points."""
    alpha, objective = start.copy(), np.full(len(start), np.nan)
    converged = np.zeros(len(start), dtype=bool)
    points = _begin(model, batch, start, inverse, reference)
    for step in range(MAX_STEPS):
        decrement = -0.5 * np.einsum("ni,ni->n", points.direction, points.gradient)
        # The last step is still taken (quadratic gain for free): a point is done when the step
        # just proposed promises less than the tolerance.
        done = abs(decrement) < TOLERANCE
        # Uphill, or not finite: rounding has spoiled what is known of the curvatures.
        lost = ~(decrement > -TOLERANCE)
        if lost.any():
            points, done = points.keep(~lost), done[~lost]
            if not len(points.index):
                break
        if done.any():
            finished = points.index[done]
            alpha[finished], objective[finished] = points.alpha[done], points.objective[done]
            converged[finished] = np.isfinite(points.objective[done])
            if done.all():
                return alpha, objective, converged, step
            points = points.keep(~done)
        points, alive = _advance(model, points, inverse)
        points = points.keep(alive) if not alive.all() else points
        if not len(points.index):
            break
    return alpha, objective, converged, MAX_STEPS


def _begin(
    model: Minimised,
    batch: Rows,
    start: Array,
    inverse: Array,
    reference: Array,
) -> Points:
    rates = batch.rates(model, start)
    gradient = model.gradient(rates)
    return Points(
        np.arange(len(start)),
        reference,
        batch,
        start,
        model.objective(rates),
        gradient,
        -blockwise(gradient, inverse, reference),
        np.empty((len(start), 0, model.n_alpha)),
    )


def _advance(model: Minimised, points: Points, inverse: Array) -> tuple[Points, Array]:
    """One BFGS step of every point; False where no step along the direction goes down."""
    length, alpha, rates, objective = line_search(model, points)
    alive = length > 0
    gradient = model.gradient(rates)
    change = gradient - points.gradient
    moved = length[:, None] * points.direction
    applied = blockwise(gradient, inverse, points.reference)
    if points.updates.shape[1]:
        applied += _low_rank(points.updates, gradient)
    curvature = np.einsum("ni,ni->n", moved, change)
    usable = curvature > 1e-14
    inverse_curvature = np.where(usable, 1.0 / np.where(usable, curvature, 1.0), 0.0)
    # B y = B g_new - B g_old, and -B g_old is the direction just used.
    mapped = applied + points.direction
    weight = (
        0.5 * inverse_curvature * (1.0 + np.einsum("ni,ni->n", change, mapped) * inverse_curvature)
    )
    partner = np.where(
        usable[:, None], weight[:, None] * moved - inverse_curvature[:, None] * mapped, 0.0
    )
    updates = np.concatenate([points.updates, np.stack([moved, partner], axis=1)], axis=1)
    applied += _low_rank(updates[:, -2:], gradient)
    return (
        replace(
            points,
            alpha=alpha,
            objective=objective,
            gradient=gradient,
            direction=-applied,
            updates=updates,
        ),
        alive & np.isfinite(objective),
    )


def blockwise(vectors: Array, matrices: Array, block: Array) -> Array:
    """``vectors[i] @ matrices[block[i]]`` for increasing `block`: (n, a), (m, a, b) -> (n, b)."""
    result = np.empty((len(vectors), matrices.shape[2]))
    ends = np.searchsorted(block, np.arange(len(matrices)), side="right")
    first = 0
    for matrix, last in zip(matrices, ends.tolist(), strict=True):
        if last > first:
            np.matmul(vectors[first:last], matrix, out=result[first:last])
        first = last
    return result


def _low_rank(updates: Array, vectors: Array) -> Array:
    """``sum_i (x_i v_i^T + v_i x_i^T) g`` for pairs stored as rows x_0, v_0, x_1, v_1, ..."""
    products = np.einsum("nki,ni->nk", updates, vectors)
    swapped = products.reshape(len(products), updates.shape[1] // 2, 2)[:, :, ::-1].reshape(
        products.shape
    )
    result: Array = np.einsum("nk,nki->ni", swapped, updates)
    return result
