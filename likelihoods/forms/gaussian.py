"""One value with errors: a Gaussian, in two pieces where the errors differ."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ...errors import DataError
from ..base import Quoted, Term, name_of, predict_one, unit_of
from ..batches import Array, Data, data_values, real_prediction, true_prediction

if TYPE_CHECKING:
    from ...physics.inputs import Inputs
    from ...physics.observable import Observable
    from ...physics.wilson import Wilson

__all__ = ["LOG_2PI", "TwoPieceGaussian", "check_distance", "check_error", "check_value"]

LOG_2PI = float(np.log(2.0 * np.pi))
# Errors between a value and zero: beyond, squares would overflow or be lost in rounding.
_FARTHEST = 1e12


def check_value(name: str, observable: str, value: float) -> None:
    """Refuse a value that is not finite with a DataError."""
    if not np.isfinite(value):
        raise DataError(f"{name}: value {value!r} of {observable} must be finite")


def check_error(name: str, observable: str, error: float) -> None:
    """Refuse an error that is not positive and finite with a DataError."""
    if not (np.isfinite(error) and error > 0):
        raise DataError(f"{name}: error {error!r} of {observable} must be positive")


def check_distance(name: str, observable: str, value: float, error: float) -> None:
    """Refuse a value so many errors from zero that the square overflows with a DataError."""
    if not abs(value) / error < _FARTHEST:
        raise DataError(
            f"{name}: value {value:g} of {observable} is {value / error:.3g} errors from zero; "
            f"allowed: up to {_FARTHEST:g}"
        )


class TwoPieceGaussian(Term):
    """A value with an upper and a lower error; a Gaussian if they are equal.

    ``ln L = -(x - v)^2 / (2 s^2)``, with ``s`` the upper error for predictions x above the value v
    and the lower one below, normalised with ``s -> (s_+ + s_-)/2`` (a density in v for fixed
    errors; physics/0406120 discusses the forms in use). The error of the prediction is added in
    quadrature on both sides, ``s_+-^2 = measured_+-^2 + theory^2``, and drawn with the measurement.

    Data are drawn from that density: ``v = x - s_+ |z|`` with probability s_+/(s_+ + s_-), else
    ``x + s_- |z|``, z standard normal.

    Parameters
    ----------
    name, description : str
    observable : str or Observable
        Name of the observable measured, or a record of one's own.
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
        If the value is not finite, an error not positive and finite, or that of the prediction
        negative or not finite.
    """

    includes_constants = True

    def __init__(
        self,
        name: str,
        description: str,
        observable: str | Observable,
        value: float,
        error_plus: float,
        error_minus: float,
        data_ids: tuple[str, ...],
        theory_error: float = 0.0,
    ) -> None:
        measured = name_of(observable)
        check_value(name, measured, value)
        for error in (error_plus, error_minus):
            check_error(name, measured, error)
            check_distance(name, measured, value, error)
        if not (np.isfinite(theory_error) and theory_error >= 0):
            raise DataError(
                f"{name}: theory error {theory_error!r} of {measured} must not be negative"
            )
        self.name, self.description = name, description
        self.observables, self.data_ids = (measured,), data_ids
        self._asked = observable
        self.value, self.theory_error = value, theory_error
        self.measured_plus, self.measured_minus = error_plus, error_minus
        self.error_plus = float(np.hypot(error_plus, theory_error))
        self.error_minus = float(np.hypot(error_minus, theory_error))

    def predict(self, wilson: Wilson, inputs: Inputs) -> Array:
        """Prediction of the observable: (n,)."""
        return predict_one(self._asked, wilson, inputs)

    @cached_property
    def data(self) -> Data:
        """The value: (1, 1)."""
        return Data(np.array([[self.value]]))

    def pull(self, prediction: Array, data: Data | None = None) -> Array:
        """``(v - x)/s`` with the error of the side: (n,)."""
        x = real_prediction(self.name, prediction)
        value = self.value if data is None else data_values(self.name, data, 1, x.size)[:, 0]
        distance = value - x
        pull: Array = distance / np.where(distance < 0, self.error_plus, self.error_minus)
        return pull

    def log_likelihood(self, prediction: Array, data: Data | None = None) -> Array:
        """Logarithm of the normalised density: (n,)."""
        width = 0.5 * (self.error_plus + self.error_minus)
        log: Array = -0.5 * self.pull(prediction, data) ** 2 - 0.5 * LOG_2PI - np.log(width)
        return log

    def sample(self, prediction: Array, rng: np.random.Generator) -> Data:
        """Values drawn from the density: (n, 1)."""
        x = true_prediction(self.name, prediction)
        size = np.abs(rng.standard_normal(len(x)))
        below = rng.random(len(x)) * (self.error_plus + self.error_minus) < self.error_plus
        return Data((x + np.where(below, -self.error_plus, self.error_minus) * size)[:, None])

    def asimov(self, prediction: Array) -> Data:
        """The prediction as the value: (n, 1)."""
        return Data(true_prediction(self.name, prediction)[:, None])

    def saturated(self, data: Data | None = None) -> Array:
        """Logarithm of the density at its peak: (m,)."""
        data = self.data if data is None else data
        return self.log_likelihood(data_values(self.name, data, 1)[:, 0], data)

    def quoted(self) -> tuple[Quoted, ...]:
        """Value with the errors measured, and the error of the prediction."""
        return (
            Quoted(
                self.observables[0],
                unit_of(self._asked),
                "value",
                self.value,
                self.measured_plus,
                self.measured_minus,
                self.theory_error,
            ),
        )
