"""Second derivatives of a compiled model, bin factors profiled.

With ``c = n / (nu^2 + n V)`` and ``t_g = gamma_g + u delta_g^2 rho_g`` for each bin factor, the
second derivatives of the profiled bin term are ``c (sum t drho)^2 - u^2 sum delta^2 drho^2 -
u sum gamma d2rho`` (`factors`; normal constraints give ``c (dR + u dV)^2 - u d2R - (u^2/2) d2V``).
The full Hessian in all nuisance parameters has the determinant of this one times that of the bin
factors (Schur complement).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .factors import NO_COUNTS, log_integral_of_empty
from .interpolation import Array, bend_curvature, exponential_curvature, log_factor_curvature

if TYPE_CHECKING:
    from .model import HistFactoryModel
    from .rates import Rates

__all__ = [
    "bin_jacobian",
    "hessian",
    "jacobian",
    "log_determinant_of_factors",
    "mixed_derivatives",
]


def hessian(model: HistFactoryModel, rates: Rates) -> Array:
    """Exact Hessian of `HistFactoryModel.objective` in alpha, bin factors profiled.

    Parameters
    ----------
    model : HistFactoryModel
    rates : Rates

    Returns
    -------
    (n, n_alpha, n_alpha) array
    """
    n, size = len(rates.rate), model.nominal.size
    u, width2 = rates.excess[:, None, :], _width2(model, rates)
    shapes, scales = len(model.shape_names), len(model.scale_index)
    unit, log = _derivatives(model, rates)
    change = np.concatenate([unit, rates.rate[..., None] * log], axis=-1)
    per_bin = _per_bin(model, rates, change)
    curvature = rates.counts / (rates.expected**2 + rates.counts * rates.variance)
    local = _gram(per_bin, curvature)
    grouped = change
    if model.members is not None:
        grouped = np.einsum("nsbk,sgb->ngbk", change, model.members)
    local += _gram(grouped.reshape(n, size, shapes + scales), -(u**2 * width2).reshape(n, size))
    slope = model.rate_slope(rates)
    log = log.reshape(n, size, scales)
    weighted = slope.reshape(n, size, 1) * unit.reshape(n, size, shapes)
    cross = np.swapaxes(weighted, 1, 2) @ log
    local[:, :shapes, shapes:] += cross
    local[:, shapes:, :shapes] += np.swapaxes(cross, 1, 2)
    local[:, shapes:, shapes:] += _gram(log, (slope * rates.rate).reshape(n, size))
    shape = rates.alpha[:, model.shape_index]
    diagonal = np.concatenate(
        [
            bend_curvature(shape, model.codes[0])
            * ((slope * rates.factor).reshape(n, size) @ model.flat["interpolation"][shapes:].T),
            _log_curvature(model, rates)
            * ((slope * rates.rate).reshape(n, size) @ model.flat["applies_back"]),
        ],
        axis=1,
    )
    index = np.arange(shapes + scales)
    local[:, index, index] += diagonal
    embed = model.flat["embed"]
    full: Array = embed.T @ local @ embed
    index = np.arange(model.n_alpha)
    full[:, index, index] += model.parameters.curvature(rates)
    return full


def _log_curvature(model: HistFactoryModel, rates: Rates) -> Array:
    """Second derivative of the logarithms of all factors: (n, J + L)."""
    interpolated = len(model.scale_names)
    scale = rates.alpha[:, model.scale_index[:interpolated]]
    if model.codes[1] == "1":
        curvature = exponential_curvature(scale, model.log_lo, model.log_hi)
    else:
        curvature = log_factor_curvature(scale, model.coefficients)
    linear = rates.log_slope[:, interpolated:]
    return np.concatenate([curvature, -(linear**2)], axis=1) if linear.size else curvature


def bin_jacobian(model: HistFactoryModel, rates: Rates) -> Array:
    """``sum_g t_g drho_g`` in each bin: (n, B, n_alpha).

    The derivative of the expected counts nu, bin factors profiled, is this divided by
    ``1 + n V / nu^2``.
    """
    return _per_bin(model, rates, jacobian(model, rates))


def jacobian(model: HistFactoryModel, rates: Rates) -> Array:
    """Derivative of the rates of all samples in alpha: (n, S, B, n_alpha)."""
    unit, log = _derivatives(model, rates)
    variations = np.concatenate([unit, rates.rate[..., None] * log], axis=-1)
    embedded: Array = variations @ model.flat["embed"]
    return embedded


def mixed_derivatives(model: HistFactoryModel, rates: Rates) -> tuple[Array, Array]:
    """Derivatives of the gradient in the counts and in the centres of the bin factors.

    From ``du/dn = nu / (nu^2 + n V)``, and ``du/dc_g = -c rho_g`` and ``dgamma_g/dc_g = 1`` for
    normal constraints, at fixed rates. For Poisson ones the second is a guess, good near centres.

    Parameters
    ----------
    model : HistFactoryModel
    rates : Rates

    Returns
    -------
    (n, B, n_alpha) array, 1/events
    (n, S * B, n_alpha) array
    """
    change = jacobian(model, rates)
    per_bin = _per_bin(model, rates, change)
    if model.members is not None:
        change = np.einsum("nsbk,sgb->ngbk", change, model.members)
    square = rates.expected**2 + rates.counts * rates.variance
    counts = -per_bin * (rates.expected / square)[..., None]
    curvature = (rates.counts / square)[:, None, :] * rates.grouped
    factors = curvature[..., None] * per_bin[:, None]
    factors -= rates.excess[:, None, :, None] * change
    return counts, factors.reshape(len(rates.rate), model.nominal.size, model.n_alpha)


def log_determinant_of_factors(model: HistFactoryModel, rates: Rates) -> Array:
    """``ln det`` of the block of the bin factors in the full Hessian: (n,).

    In each bin the block is ``diag(1/delta^2) + (n/nu^2) rho rho^T``, whose determinant is
    ``(1 + n V / nu^2) / prod delta^2``. The widths in the product are the model's, as in its
    constants: where those of the signal differ from point to point, they cancel between this
    determinant and the normalisation of the constraints, and are left out of both.

    A bin without counts needs no approximation if its constraints are normal: the integral over its
    factors, as far as the expected counts are positive, is Phi(z) (times ``e^(z^2/2)`` where the
    minimum is at zero counts), with ``z = (R - V)/sqrt(V)``, in place of 1.
    """
    widths = model.relative_error[model.relative_error > 0]
    empty = rates.counts == NO_COUNTS
    ratio = np.where(empty, 0.0, rates.counts * rates.variance / rates.expected**2)
    logs: Array = np.log1p(ratio).sum(axis=1) - 2.0 * np.log(widths).sum()
    if rates.poisson is not None and rates.poisson.width2 is not None and model.tau is not None:
        logs = logs - np.log(rates.poisson.width2[:, model.tau > 0]).sum(axis=1)
    if empty.any():
        integral = log_integral_of_empty(rates.expected, rates.excess, rates.variance)
        logs = logs - 2.0 * np.where(empty, integral, 0.0).sum(axis=1)
    return logs


def _derivatives(model: HistFactoryModel, rates: Rates) -> tuple[Array, Array]:
    """dr/dalpha of the histogram variations and d(ln r)/dalpha of the factors."""
    odd, even = np.moveaxis(model.odd, 0, -1), np.moveaxis(model.even, 0, -1)
    unit = rates.factor[..., None] * (odd + even * _mid(rates.bend_slope))
    return unit, np.moveaxis(model.applies, 0, -1) * _mid(rates.log_slope)


def _per_bin(model: HistFactoryModel, rates: Rates, change: Array) -> Array:
    tilt = rates.gamma + rates.excess[:, None, :] * rates.spread
    summed: Array = np.einsum("nsb,nsbk->nbk", model.spread_over_members(tilt), change)
    return summed


def _width2(model: HistFactoryModel, rates: Rates) -> Array:
    """delta^2 of every bin factor: (1, S, B) or (n, S, B)."""
    width2 = model.flat["width2"]
    if rates.poisson is not None and rates.poisson.width2 is not None:
        return np.where(rates.poisson.width2 > 0, rates.poisson.width2, width2)
    if rates.signal_width2 is None:
        return width2
    width2 = np.repeat(width2, len(rates.signal_width2), axis=0)
    width2[:, 0] = rates.signal_width2
    return width2


def _mid(columns: Array) -> Array:
    return columns[:, None, None, :]


def _gram(vectors: Array, weights: Array) -> Array:
    """``sum_i w_i v_i v_i^T``: (n, i, k), (n, i) -> (n, k, k)."""
    product: Array = np.swapaxes(vectors * weights[..., None], 1, 2) @ vectors
    return product
