"""Several values with correlated errors, which may differ upwards and downwards."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ...errors import DataError, PredictionError
from ..base import Quoted, Term, name_of, predict_observables, unit_of
from ..batches import Array, Data, data_values, real_prediction, true_prediction
from .gaussian import LOG_2PI, check_distance, check_error, check_value

if TYPE_CHECKING:
    from ...physics.inputs import Inputs
    from ...physics.observable import Observable
    from ...physics.wilson import Wilson

__all__ = ["CorrelatedGaussian"]

# Proposals made at once at least, and for each one accepted at most.
SMALLEST_BATCH, FEWEST_ACCEPTED = 64, 100_000


class CorrelatedGaussian(Term):
    """Several values with a covariance matrix, and possibly with different errors on each side.

    ``ln L = -z^T R^-1 z / 2``, ``z_i = (x_i - v_i) / s_i``, with the correlation matrix R and the
    total errors s_i of measured and theory covariance together. Where upper and lower errors are
    given, s_i is that of the side of x_i, as for `TwoPieceGaussian`, and R stays that of the
    covariance: so ln L is continuous. It is normalised with the means of the two sides. Correlation
    changes the integral by the constant ``1 + (2/pi) sum_{i<j} d_i d_j asin(R_ij)``, which is left
    out: to second order in ``d = (s_+ - s_-)/(s_+ + s_-)``, exactly for up to three values, and
    5e-5 for the data that are shipped.

    Data are drawn as ``v_i = x_i - s_i(z_i) z_i``, z ~ N(0, R) accepted in proportion to
    ``prod_i s_i(z_i)``: the density that ln L is the logarithm of, since dv = prod_i s_i dz. The
    theory errors are drawn with those of the measurement.

    Parameters
    ----------
    name, description : str
    observables : tuple of str or Observable
        The k observables measured: names, or records of one's own.
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
        If the covariance is not symmetric and positive definite, a value not finite or an error on
        one side not positive.
    """

    includes_constants = True

    def __init__(
        self,
        name: str,
        description: str,
        observables: tuple[str | Observable, ...],
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
        self.observables, self.data_ids = tuple(map(name_of, observables)), data_ids
        self._asked = observables
        self.values = np.asarray(values, float)
        self.measured_covariance, self.theory_covariance = covariance, theory
        self.covariance = covariance + theory
        self._whitening = self._whitened()
        diagonal = np.sqrt(np.diag(covariance))
        self.measured = np.stack([diagonal] * 2) if sides is None else np.asarray(sides, float)
        if self.values.shape != shape[:1] or self.measured.shape != (2, *shape[:1]):
            raise DataError(f"{name}: {len(observables)} values with two errors each are needed")
        for observable, value, *errors in zip(
            self.observables, self.values, *self.measured, strict=True
        ):
            check_value(name, observable, float(value))
            for error in errors:
                check_error(name, observable, float(error))
                check_distance(name, observable, float(value), float(error))
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
        return predict_observables(self._asked, wilson, inputs)

    @cached_property
    def data(self) -> Data:
        """The values: (1, k)."""
        return Data(self.values[None])

    def chi2(self, prediction: Array, data: Data | None = None) -> Array:
        """``z^T R^-1 z``: (n,)."""
        white = self.observable_pulls(prediction, data) @ self._whitening.T
        chi2: Array = (white * white).sum(axis=1)
        return chi2

    def pull(self, prediction: Array, data: Data | None = None) -> Array:
        """NaN, as k correlated values have no single signed pull: (n,)."""
        return np.full(len(self.observable_pulls(prediction, data)), np.nan)

    def observable_pulls(self, prediction: Array, data: Data | None = None) -> Array:
        """``(v_i - x_i)/s_i`` with the total error of the side: (n, k)."""
        k = len(self.values)
        x = real_prediction(self.name, prediction, k)
        distance = (self.values if data is None else data_values(self.name, data, k, len(x))) - x
        pulls: Array = distance / np.where(distance < 0, self.errors[0], self.errors[1])
        return pulls

    def log_likelihood(self, prediction: Array, data: Data | None = None) -> Array:
        """Logarithm of the density: (n,)."""
        log: Array = self._constant - 0.5 * self.chi2(prediction, data)
        return log

    def sample(self, prediction: Array, rng: np.random.Generator) -> Data:
        """Values drawn from the density: (n, k).

        Raises
        ------
        PredictionError
            If a prediction is not finite, or the errors are so unequal that hardly a proposal is
            accepted.
        """
        x = true_prediction(self.name, prediction, len(self.values))
        z = self._drawn(len(x), rng)
        return Data(x - np.where(z > 0, self.errors[0], self.errors[1]) * z)

    def _drawn(self, size: int, rng: np.random.Generator) -> Array:
        """``(x_i - v_i)/s_i``, of the density N(0, R) prod_i s_i(z_i): (size, k).

        N(0, R) is the same at z and -z, so a pair is accepted with the sum of the two products,
        over its largest value, and then one of the two chosen by them: all pairs if k = 1.
        """
        lower = np.linalg.inv(self._whitening)
        # Relative to the larger errors: products of many small errors would underflow.
        upper, under = self.errors / self.errors.max(axis=0)
        largest = 1.0 + float(np.prod(np.minimum(upper, under)))
        parts, missing, tried = [np.empty((0, len(lower)))], size, 0
        while missing:
            proposed = rng.standard_normal((max(2 * missing, SMALLEST_BATCH), len(lower))) @ lower.T
            positive = proposed > 0
            here = np.where(positive, upper, under).prod(axis=1)
            there = np.where(positive, under, upper).prod(axis=1)
            u = largest * rng.random(len(proposed))
            proposed[(u >= here) & (u < here + there)] *= -1.0
            parts.append(proposed[u < here + there][:missing])
            missing -= len(parts[-1])
            tried += len(proposed)
            if tried > FEWEST_ACCEPTED * (size - missing + 1):
                raise PredictionError(
                    f"{self.name}: data cannot be drawn, since upper and lower errors of "
                    f"{len(lower)} values are so unequal that of {tried} proposals only "
                    f"{size - missing} were accepted"
                )
        return np.concatenate(parts)

    def asimov(self, prediction: Array) -> Data:
        """The prediction as the values: (n, k)."""
        return Data(true_prediction(self.name, prediction, len(self.values)))

    def saturated(self, data: Data | None = None) -> Array:
        """Logarithm of the density at its peak: (m,)."""
        data = self.data if data is None else data
        return np.full(len(data_values(self.name, data, len(self.values))), self._constant)

    def quoted(self) -> tuple[Quoted, ...]:
        """Values with the errors measured, and the errors of the predictions."""
        theory = np.sqrt(np.diag(self.theory_covariance))
        return tuple(
            Quoted(name_of(asked), unit_of(asked), "value", *(float(number) for number in numbers))
            for asked, *numbers in zip(
                self._asked, self.values, *self.measured, theory, strict=True
            )
        )
