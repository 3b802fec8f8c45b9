"""Damped Newton steps with the exact Hessian: for reference points, and points that BFGS loses."""

from __future__ import annotations

import numpy as np

from .curvature import hessian
from .interpolation import Array
from .model import HistFactoryModel
from .steps import MAX_STEPS, TOLERANCE, Batch, Points, line_search

__all__ = ["damped_newton"]


def damped_newton(
    model: HistFactoryModel, batch: Batch, start: Array, scale: Array | None = None
) -> tuple[Array, Array, Array]:
    """Newton steps with the exact Hessian made positive, and backtracking: slow and sure.

    Parameters at a bound that the objective pushes outwards stay there.
    """
    bounds = model.parameters
    alpha = np.clip(start, bounds.lower, bounds.upper) if bounds.bounded else start
    rates = batch.rates(model, alpha)
    objective = model.objective(rates)
    decrement = np.full(len(start), np.inf)
    index = np.arange(len(start))
    for _ in range(MAX_STEPS):
        gradient, second = model.gradient(rates), hessian(model, rates)
        if bounds.bounded:
            gradient, second = _held_at_bounds(model, alpha, gradient, second)
        direction, decrement = _newton_direction(gradient, second, scale)
        if (decrement < TOLERANCE * 1e-3).all():
            break
        points = Points(index, index, batch, alpha, objective, gradient, direction, alpha[:, None])
        length, trial, trial_rates, trial_objective = line_search(model, points, scale, True)
        if not (length > 0).any():
            break
        moved = (length > 0)[:, None]
        alpha = np.where(moved, trial, alpha)
        objective = np.where(moved[:, 0], trial_objective, objective)
        rates = trial_rates if moved.all() else batch.rates(model, alpha)
    return alpha, objective, (decrement < 1e3 * TOLERANCE) & np.isfinite(objective)


def _newton_direction(gradient: Array, second: Array, scale: Array | None) -> tuple[Array, Array]:
    """Step downhill and half of what it promises, curvature at least 0.1 in units of `scale`."""
    if scale is not None:
        gradient, second = gradient * scale, second * (scale[:, None] * scale)
    # Where a point is lost its Hessian is not finite, and the others must go on.
    lost = ~np.isfinite(second).all(axis=(1, 2))
    second = np.where(lost[:, None, None], np.eye(second.shape[1]), second)
    eigenvalues, vectors = np.linalg.eigh(second)
    along = np.einsum("nji,nj->ni", vectors, gradient)
    scaled = along / np.maximum(abs(eigenvalues), 0.1 if scale is None else 1e-4)
    direction = -np.einsum("nij,nj->ni", vectors, scaled)
    decrement = np.where(lost, np.nan, 0.5 * (along * scaled).sum(axis=1))
    return direction if scale is None else direction * scale, decrement


def _held_at_bounds(
    model: HistFactoryModel, alpha: Array, gradient: Array, second: Array
) -> tuple[Array, Array]:
    """Gradient and Hessian without the parameters that are held by their bounds."""
    bounds = model.parameters
    held = ((alpha <= bounds.lower) & (gradient > 0)) | ((alpha >= bounds.upper) & (gradient < 0))
    if not held.any():
        return gradient, second
    free = ~held
    index = np.arange(second.shape[1])
    diagonal = second[:, index, index]
    second = second * free[:, :, None] * free[:, None, :]
    second[:, index, index] = np.where(held, np.maximum(abs(diagonal), 1.0), diagonal)
    return np.where(held, 0.0, gradient), second
