"""Nuisance parameters marginalised in the Laplace approximation, with the exact Hessian."""

from __future__ import annotations

import numpy as np

from .curvature import hessian, log_determinant_of_factors
from .interpolation import Array
from .model import HistFactoryModel
from .rates import ModelData

__all__ = ["log_volume"]


def log_volume(
    model: HistFactoryModel,
    alpha: Array,
    weights: Array,
    signal_width2: Array | None = None,
    data: ModelData | None = None,
) -> Array:
    """``-ln`` of the Gaussian integral over all constrained parameters, relative to the maximum.

    Parameters
    ----------
    model : HistFactoryModel
        Without free parameters, which have no prior.
    alpha : (n, n_alpha) array
        At the minimum, as profiled.
    weights : (n, P * B) array
    signal_width2 : (n, B) array, optional
    data : ModelData, optional

    Returns
    -------
    (n,) array
        NaN where the Hessian is not positive.
    """
    # The determinant changes at first order in alpha, the profiled likelihood only at second:
    # one Newton step takes the error of 1e-5 that profiling leaves to less than 1e-9.
    rates = model.rates(alpha, weights, signal_width2, data)
    step = np.linalg.solve(hessian(model, rates), model.gradient(rates)[..., None])
    rates = model.rates(alpha - step[..., 0], weights, signal_width2, data)
    sign, log_determinant = np.linalg.slogdet(hessian(model, rates))
    log_determinant = np.where(sign > 0, log_determinant, np.nan)
    log_determinant = log_determinant + log_determinant_of_factors(model, rates)
    dimension = model.n_alpha + model.n_factors
    volume: Array = 0.5 * log_determinant - 0.5 * dimension * np.log(2.0 * np.pi)
    return volume
