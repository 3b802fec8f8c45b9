"""Gaussian forms: symmetric, two-piece and correlated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import DataError
from .base import Array, Quoted, Term, predict_observables, predict_one, real_prediction, unit_of

if TYPE_CHECKING:
    from ..physics.inputs import Inputs
    from ..physics.wilson import Wilson

__all__ = ["CorrelatedGaussian", "TwoPieceGaussian", "check_error"]

LOG_2PI = float(np.log(2.0 * np.pi))


def check_error(name: str, observable: str, error: float) -> None:
    """Refuse an error that is not positive and finite with a DataError."""
    if not (np.isfinite(error) and error > 0):
        raise DataError(f"{name}: error {error!r} of {observable} must be positive")


class TwoPieceGaussian(Term):
    """A value with an upper and a lower error; a Gaussian if they are equal.

    ``ln L = -(x - v)^2 / (2 s^2)``, with ``s`` the upper error for predictions x above the value v
    and the lower one below, normalised with ``s -> (s_+ + s_-)/2`` (a density in v for fixed
    errors; physics/0406120 discusses the forms in use). The error of the prediction is added in
    quadrature on both sides, ``s_+-^2 = measured_+-^2 + theory^2``.

    Parameters
    ----------
    name, description : str
    observable : str
        Name of the observable measured.
    value, error_plus, error_minus : float
        In the unit of the observable; errors positive.
    data_ids : tuple of str
        Identifiers for the overlap table.
    theory_error : float
        Error of the prediction, in the unit of the observable.

    Attributes
    ----------
    measured_plus, measured_minus, theory_error : float
        The parts.
    error_plus, error_minus : float
        In quadrature.

    Raises
    ------
    DataError
        If an error is not positive and finite, or that of the prediction negative or not finite.
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
        theory_error: float = 0.0,
    ) -> None:
        for error in (error_plus, error_minus):
            check_error(name, observable, error)
        if not (np.isfinite(theory_error) and theory_error >= 0):
            raise DataError(
                f"{name}: theory error {theory_error!r} of {observable} must not be negative"
            )
        self.name, self.description = name, description
        self.observables, self.data_ids = (observable,), data_ids
        self.value, self.theory_error = value, theory_error
        self.measured_plus, self.measured_minus = error_plus, error_minus
        self.error_plus = float(np.hypot(error_plus, theory_error))
        self.error_minus = float(np.hypot(error_minus, theory_error))

    def predict(self, wilson: Wilson, inputs: Inputs) -> Array:
        """Prediction of the observable: (n,)."""
        return predict_one(self.observables[0], wilson, inputs)

    def pull(self, prediction: Array) -> Array:
        """``(v - x)/s`` with the error of the side: (n,)."""
        distance = self.value - real_prediction(self.name, prediction)
        pull: Array = distance / np.where(distance < 0, self.error_plus, self.error_minus)
        return pull

    def log_likelihood(self, prediction: Array) -> Array:
        """Logarithm of the normalised density: (n,)."""
        width = 0.5 * (self.error_plus + self.error_minus)
        log: Array = -0.5 * self.pull(prediction) ** 2 - 0.5 * LOG_2PI - np.log(width)
        return log

    def quoted(self) -> tuple[Quoted, ...]:
        """Value with the errors measured, and the error of the prediction."""
        return (
            Quoted(
                self.observables[0],
                unit_of(self.observables[0]),
                "value",
                self.value,
                self.measured_plus,
                self.measured_minus,
                self.theory_error,
            ),
        )


class CorrelatedGaussian(Term):
    """Several values with a covariance matrix, and possibly with different errors on each side.

    ``ln L = -z^T R^-1 z / 2``, ``z_i = (x_i - v_i) / s_i``, with the correlation matrix R and the
    total errors s_i of measured and theory covariance together. Where upper and lower errors are
    given, s_i is that of the side of x_i, as for `TwoPieceGaussian`, and R stays that of the
    covariance: so ln L is continuous. It is normalised with the means of the two sides.

    Parameters
    ----------
    name, description : str
    observables : tuple of str
        The k observables measured.
    values : (k,) array
    covariance : (k, k) array
        Of the values measured. Symmetric, positive definite.
    data_ids : tuple of str
    theory_covariance : (k, k) array, optional
        Of the predictions.
    sides : (2, k) array, optional
        Upper and lower errors measured, in place of the square roots of the diagonal.

    Attributes
    ----------
    measured_covariance, theory_covariance, covariance : (k, k) arrays
        The parts and their sum.
    measured, errors : (2, k) arrays
        Upper and lower errors: measured, and with the theory error in quadrature.

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
        theory_covariance: Array | None = None,
        sides: Array | None = None,
    ) -> None:
        covariance = np.asarray(covariance, float)
        shape = (len(observables),) * 2
        # No absolute tolerance: squared errors of branching fractions are of the order 1e-12.
        if covariance.shape != shape or not np.allclose(covariance, covariance.T, 1e-10, 0.0):
            raise DataError(f"{name}: the covariance must be a symmetric matrix of shape {shape}")
        theory = np.zeros(shape) if theory_covariance is None else np.asarray(theory_covariance)
        self.name, self.description = name, description
        self.observables, self.data_ids = observables, data_ids
        self.values = np.asarray(values, float)
        self.measured_covariance, self.theory_covariance = covariance, theory
        self.covariance = covariance + theory
        self._whitening = self._whitened()
        diagonal = np.sqrt(np.diag(covariance))
        self.measured = np.stack([diagonal] * 2) if sides is None else np.asarray(sides, float)
        self.errors = np.sqrt(self.measured**2 + np.diag(theory))
        volume = np.log(self.errors.mean(axis=0)).sum() - np.log(np.diag(self._whitening)).sum()
        self._constant = -0.5 * LOG_2PI * len(observables) - volume

    def _whitened(self) -> Array:
        """Inverse of the Cholesky factor of the correlation matrix."""
        variances = np.diag(self.covariance)
        try:
            if not (variances > 0).all():
                raise np.linalg.LinAlgError
            correlation = self.covariance / np.sqrt(np.outer(variances, variances))
            return np.linalg.inv(np.linalg.cholesky(correlation))
        except np.linalg.LinAlgError:
            raise DataError(f"{self.name}: the covariance is not positive definite") from None

    def predict(self, wilson: Wilson, inputs: Inputs) -> Array:
        """Predictions of the observables: (n, k)."""
        return predict_observables(self.observables, wilson, inputs)

    def chi2(self, prediction: Array) -> Array:
        """``z^T R^-1 z``: (n,)."""
        white = self.observable_pulls(prediction) @ self._whitening.T
        chi2: Array = (white * white).sum(axis=1)
        return chi2

    def pull(self, prediction: Array) -> Array:
        """NaN, as k correlated values have no single signed pull: (n,)."""
        return np.full(len(prediction), np.nan)

    def observable_pulls(self, prediction: Array) -> Array:
        """``(v_i - x_i)/s_i`` with the total error of the side: (n, k)."""
        distance = self.values - real_prediction(self.name, prediction, len(self.values))
        pulls: Array = distance / np.where(distance < 0, self.errors[0], self.errors[1])
        return pulls

    def log_likelihood(self, prediction: Array) -> Array:
        """Logarithm of the normalised density: (n,)."""
        log: Array = self._constant - 0.5 * self.chi2(prediction)
        return log

    def quoted(self) -> tuple[Quoted, ...]:
        """Values with the errors measured, and the errors of the predictions."""
        theory = np.sqrt(np.diag(self.theory_covariance))
        return tuple(
            Quoted(name, unit_of(name), "value", *(float(number) for number in numbers))
            for name, *numbers in zip(
                self.observables, self.values, *self.measured, theory, strict=True
            )
        )
