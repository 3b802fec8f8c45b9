"""Gaussian forms: symmetric, two-piece and correlated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import DataError
from .base import Array, Term, predict_observables

if TYPE_CHECKING:
    from ..physics.inputs import Inputs
    from ..physics.wilson import Wilson

__all__ = ["CorrelatedGaussian", "TwoPieceGaussian"]

LOG_2PI = float(np.log(2.0 * np.pi))


class TwoPieceGaussian(Term):
    """A value with an upper and a lower error; a Gaussian if they are equal.

    ``ln L = -(x - v)^2 / (2 s^2)``, with ``s`` the upper error for predictions x above the value v
    and the lower one below, normalised with ``s -> (s_+ + s_-)/2`` (a density in v for fixed
    errors; physics/0406120 discusses the forms in use).

    Parameters
    ----------
    name, description : str
    observable : str
        Name of the observable measured.
    value, error_plus, error_minus : float
        In the unit of the observable; errors positive.
    data_ids : tuple of str
        Identifiers for the overlap table.

    Raises
    ------
    DataError
        If an error is not positive and finite.
    """

    includes_constants = True

    def __init__(
        self,
        name: str,
        description: str,
        observable: str,
        value: float,
        error_plus: float,
        error_minus: float,
        data_ids: tuple[str, ...],
    ) -> None:
        for error in (error_plus, error_minus):
            if not (np.isfinite(error) and error > 0):
                raise DataError(f"{name}: error {error!r} of {observable} must be positive")
        self.name, self.description = name, description
        self.observables, self.data_ids = (observable,), data_ids
        self.value, self.error_plus, self.error_minus = value, error_plus, error_minus

    def predict(self, wilson: Wilson, inputs: Inputs) -> Array:
        """Prediction of the observable: (n,)."""
        column: Array = predict_observables(self.observables, wilson, inputs)[:, 0]
        return column

    def pull(self, prediction: Array) -> Array:
        """``(v - x)/s`` with the error of the side: (n,)."""
        distance = self.value - np.asarray(prediction, float)
        pull: Array = distance / np.where(distance < 0, self.error_plus, self.error_minus)
        return pull

    def log_likelihood(self, prediction: Array) -> Array:
        """Logarithm of the normalised density: (n,)."""
        width = 0.5 * (self.error_plus + self.error_minus)
        log: Array = -0.5 * self.pull(prediction) ** 2 - 0.5 * LOG_2PI - np.log(width)
        return log


class CorrelatedGaussian(Term):
    """Several values with a covariance matrix.

    Parameters
    ----------
    name, description : str
    observables : tuple of str
        The k observables measured.
    values : (k,) array
    covariance : (k, k) array
        Symmetric, positive definite.
    data_ids : tuple of str

    Raises
    ------
    DataError
        If the covariance is not symmetric and positive definite.
    """

    includes_constants = True

    def __init__(
        self,
        name: str,
        description: str,
        observables: tuple[str, ...],
        values: Array,
        covariance: Array,
        data_ids: tuple[str, ...],
    ) -> None:
        covariance = np.asarray(covariance, float)
        shape = (len(observables),) * 2
        # No absolute tolerance: squared errors of branching fractions are of the order 1e-12.
        if covariance.shape != shape or not np.allclose(covariance, covariance.T, 1e-10, 0.0):
            raise DataError(f"{name}: the covariance must be a symmetric matrix of shape {shape}")
        try:
            cholesky = np.linalg.cholesky(covariance)
        except np.linalg.LinAlgError:
            raise DataError(f"{name}: the covariance is not positive definite") from None
        self.name, self.description = name, description
        self.observables, self.data_ids = observables, data_ids
        self.values, self.covariance = np.asarray(values, float), covariance
        self._whitening = np.linalg.inv(cholesky)
        self._constant = -0.5 * LOG_2PI * len(observables) - np.log(np.diag(cholesky)).sum()

    def predict(self, wilson: Wilson, inputs: Inputs) -> Array:
        """Predictions of the observables: (n, k)."""
        return predict_observables(self.observables, wilson, inputs)

    def chi2(self, prediction: Array) -> Array:
        """``(x - v)^T C^-1 (x - v)``: (n,)."""
        white = (np.asarray(prediction, float) - self.values) @ self._whitening.T
        chi2: Array = (white * white).sum(axis=1)
        return chi2

    def pull(self, prediction: Array) -> Array:
        """NaN, as k correlated values have no single signed pull: (n,)."""
        return np.full(len(prediction), np.nan)

    def log_likelihood(self, prediction: Array) -> Array:
        """Logarithm of the normalised density: (n,)."""
        log: Array = self._constant - 0.5 * self.chi2(prediction)
        return log
