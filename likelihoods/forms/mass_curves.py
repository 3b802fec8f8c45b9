"""Limits and values of a signal that were published against the mass of a particle.

The mass is a parameter of the model (or a Wilson coefficient). Between the masses of the table
numbers are interpolated linearly in the mass, limits and errors in their logarithms. At masses
outside the table there is no constraint, ln L = 0; and ln L is relative to no signal, so that it is
zero there at every mass: what is known without a signal does not depend on a mass that would be
its.
"""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ...errors import DataError, PredictionError
from ..base import Quoted, Term, name_of, predict_one, unit_of
from ..batches import LOG_UNIT_NORMAL, Array, Data, data_values, real_prediction, true_prediction
from .limits import check_limit, half_gaussian_width

if TYPE_CHECKING:
    from ...physics.inputs import Inputs
    from ...physics.observable import Observable
    from ...physics.wilson import Wilson

__all__ = ["LimitCurve", "LimitInWidths", "ValueCurve"]

FEWEST_MASSES = 2
# Lower edges of intervals that far from zero, in errors, are zero: tables are rounded.
_EDGE = 1e-9


class _MassCurve(Term):
    """What both forms share: an observable, a mass, and a table against it.

    The prediction is the observable in units of the (geometric mean of the) errors, since rates of
    1e-6 beside masses of order one would pass for rounding errors, and the mass: (n, 2).

    Attributes
    ----------
    mass : str
        Parameter of the model that is the mass.
    mass_unit : str
        Unit of the masses of the table, which must be that of the parameter.
    unit : float
        Unit of the observable in predictions.
    """

    includes_constants = False

    def __init__(
        self,
        name: str,
        description: str,
        observable: str | Observable,
        mass: str,
        mass_unit: str,
        curve: Array,
        data_ids: tuple[str, ...],
        columns: int,
    ) -> None:
        self.name, self.description = name, description
        self.observables, self.data_ids = (name_of(observable),), data_ids
        self._asked = observable
        self.mass, self.mass_unit = mass, mass_unit
        self.curve = np.array(curve, float)
        if self.curve.ndim != 2 or self.curve.shape[1] != columns or len(curve) < FEWEST_MASSES:
            raise DataError(f"{name}: a curve against {mass} needs {FEWEST_MASSES} or more masses")
        masses = self.curve[:, 0]
        if not np.isfinite(self.curve).all() or masses[0] < 0 or (np.diff(masses) <= 0).any():
            raise DataError(
                f"{name}: the masses of the curve must be finite, not negative, and rise"
            )
        self.unit = 1.0

    def predict(self, wilson: Wilson, inputs: Inputs) -> Array:
        """Observable in `unit`, and mass: (n, 2)."""
        from ...physics.workspace import parameter_of

        value = predict_one(self._asked, wilson, inputs) / self.unit
        mass = parameter_of(self.mass, wilson, self.name)
        # Either may be the same at all points, and then is given once.
        return np.stack(np.broadcast_arrays(value, mass), axis=1)

    def observable_values(self, prediction: Array) -> Array:
        """The observable: (n, 1)."""
        return np.asarray(prediction, float)[:, :1] * self.unit

    def covers(self, mass: Array) -> Array:
        """Whether masses lie inside the table: (n,) bool."""
        return np.asarray((mass >= self.curve[0, 0]) & (mass <= self.curve[-1, 0]))

    def quoted(self) -> tuple[Quoted, ...]:
        """No single number."""
        return (Quoted(self.observables[0], unit_of(self._asked)),)

    def notes(self) -> tuple[str, ...]:
        """Where it constrains."""
        low, high = self.curve[0, 0], self.curve[-1, 0]
        return (
            f"{self.name}: no constraint for {self.mass} outside {low:g} to {high:g} "
            f"{self.mass_unit}.",
        )


class LimitInWidths(Term):
    """What limits against masses and lifetimes share: one excess in widths, with a half Gaussian.

    The prediction is the observable in `unit`, and what the limit depends on: (n, columns).

    Attributes
    ----------
    level : float
        Confidence level of the limits.
    unit : float
        Unit of the observable in predictions.
    columns : int
        Those of a prediction.
    """

    level: float
    unit: float
    columns: int

    @abstractmethod
    def limit_at(self, *where: Array) -> Array:
        """Limit where it is asked for, infinite where there is none: (n,) each to (n,)."""

    @property
    def log_normalisation(self) -> float:
        """That of the density N(t; x/sigma, 1) of the excess t in widths."""
        return LOG_UNIT_NORMAL

    def log_likelihood(self, prediction: Array, data: Data | None = None) -> Array:
        """Half Gaussian in the observable, zero without a limit: (n,)."""
        log: Array = -0.5 * self._excess(prediction, data) ** 2
        return log

    def pull(self, prediction: Array, data: Data | None = None) -> Array:
        """Minus the observable in widths, NaN without a limit: (n,)."""
        excess = self._excess(prediction, data)
        known = np.isfinite(self.limit_at(*np.asarray(prediction, float).T[1:]))
        return np.where(known, excess, np.nan)

    @cached_property
    def data(self) -> Data:
        """No excess: (1, 1)."""
        return Data(np.zeros((1, 1)))

    def sample(self, prediction: Array, rng: np.random.Generator) -> Data:
        """Excess in widths: (n, 1)."""
        widths = self.asimov(prediction).values
        return Data(widths + rng.standard_normal(widths.shape))

    def asimov(self, prediction: Array) -> Data:
        """The observable in widths: (n, 1)."""
        return Data(self._widths(true_prediction(self.name, prediction, self.columns))[:, None])

    def _excess(self, prediction: Array, data: Data | None) -> Array:
        widths = self._widths(real_prediction(self.name, prediction, self.columns))
        if data is None:
            return -widths
        excess: Array = data_values(self.name, data, 1, len(widths))[:, 0] - widths
        return excess

    def _widths(self, prediction: Array) -> Array:
        """Observable in widths, zero below zero, NaN for NaN: (n,)."""
        value, *where = prediction.T
        width = half_gaussian_width(self.limit_at(*where), self.level) / self.unit
        return np.where(value < 0, 0.0, value) / width


class LimitCurve(LimitInWidths, _MassCurve):
    """Upper limits against a mass, each a half Gaussian in the observable.

    ``ln L = -(x/sigma(m))^2/2`` for x > 0, ``sigma = limit(m)/Phi^-1((1 + CL)/2)`` as for
    `limits.HalfGaussianLimit`; the logarithm of the limit is interpolated. Data are drawn as
    t ~ N(x/sigma, 1), one excess in widths for the whole curve, as for
    `dark_matter.DarkMatterLimit`; then ``ln L = -(t - x/sigma)^2/2``.

    Parameters
    ----------
    name, description : str
    observable : str or Observable
    mass, mass_unit : str
        Parameter of the model that is the mass, and its unit in the table.
    curve : (k, 2) array
        Masses, rising, and limits in the unit of the observable.
    level : float
        Confidence level of the limits.
    data_ids : tuple of str

    Raises
    ------
    DataError
        If a limit is not positive, the masses do not rise or the level is not between 0 and 1.
    """

    def __init__(
        self,
        name: str,
        description: str,
        observable: str | Observable,
        mass: str,
        mass_unit: str,
        curve: Array,
        level: float,
        data_ids: tuple[str, ...],
    ) -> None:
        super().__init__(name, description, observable, mass, mass_unit, curve, data_ids, 2)
        check_limit(name, self.curve[:, 1], level)
        self.level, self.columns = level, 2
        self._log_limits = np.log(self.curve[:, 1])
        self.unit = float(np.exp(self._log_limits.mean()))

    def limit_at(self, *where: Array) -> Array:
        """Limit for a mass, infinite outside the table: (n,) to (n,)."""
        (mass,) = where
        log = np.interp(mass, self.curve[:, 0], self._log_limits, left=np.inf, right=np.inf)
        found: Array = np.exp(log)
        return found


class ValueCurve(_MassCurve):
    """Values of a signal with errors against its mass, relative to no signal.

    ``ln L = (v(m)/s(0))^2/2 - ((x - v(m))/s(x))^2/2``, with ``s`` the upper error for x above the
    value v and the lower one below, as for `gaussian.TwoPieceGaussian`. Values are interpolated,
    and the logarithms of their errors. Where the lower edge of an interval, value less lower error,
    is zero, it is the boundary of what was allowed and no error: the upper error is used on both
    sides. The values at two masses are two views of the same events,
    of which the table does not say enough to draw data.

    Parameters
    ----------
    name, description : str
    observable : str or Observable
        A signal: zero without the particle.
    mass, mass_unit : str
        Parameter of the model that is the mass, and its unit in the table.
    curve : (k, 4) array
        Masses, rising; values, upper and lower errors in the unit of the observable. A lower error
        may be zero for a value of zero.
    data_ids : tuple of str

    Raises
    ------
    DataError
        If an error is not positive or the masses do not rise.
    """

    def __init__(
        self,
        name: str,
        description: str,
        observable: str | Observable,
        mass: str,
        mass_unit: str,
        curve: Array,
        data_ids: tuple[str, ...],
    ) -> None:
        super().__init__(name, description, observable, mass, mass_unit, curve, data_ids, 4)
        values, plus, minus = self.curve[:, 1:].T
        self.at_boundary = (minus >= 0) & (np.abs(values - minus) <= _EDGE * plus)
        self.curve[:, 3] = np.where(self.at_boundary, plus, minus)
        if (self.curve[:, 2:] <= 0).any():
            raise DataError(f"{name}: the errors of the curve must be positive")
        self._log_errors = np.log(self.curve[:, 2:].T)
        self.unit = float(np.exp(self._log_errors.mean()))

    def log_likelihood(self, prediction: Array, data: Data | None = None) -> Array:
        """Gaussian relative to no signal, zero outside the table: (n,)."""
        if data is not None:
            raise self._lacks()
        value, mass = real_prediction(self.name, prediction, 2).T
        nothing = self._distance(np.zeros_like(value), mass)
        log = 0.5 * (nothing**2 - self._distance(value, mass) ** 2)
        log = np.where(self.covers(mass), log, 0.0)
        found: Array = np.where(np.isnan(value) | np.isnan(mass), np.nan, log)
        return found

    def pull(self, prediction: Array, data: Data | None = None) -> Array:
        """``(v - x)/s``, NaN outside the table: (n,)."""
        if data is not None:
            raise self._lacks()
        value, mass = real_prediction(self.name, prediction, 2).T
        return np.where(self.covers(mass), self._distance(value, mass), np.nan)

    def _distance(self, value: Array, mass: Array) -> Array:
        """Measured less predicted in units of the error on that side: (n,)."""
        masses, values = self.curve[:, 0], self.curve[:, 1] / self.unit
        distance = np.interp(mass, masses, values) - value
        plus, minus = (
            np.exp(np.interp(mass, masses, logs)) / self.unit for logs in self._log_errors
        )
        found: Array = distance / np.where(distance < 0, plus, minus)
        return found

    def notes(self) -> tuple[str, ...]:
        """Where it constrains, and where an interval ended at its boundary."""
        if not self.at_boundary.any():
            return super().notes()
        count = int(self.at_boundary.sum())
        return (
            *super().notes(),
            f"{self.name}: at {count} of {len(self.curve)} masses the interval begins at zero, its "
            "boundary: the upper error is used on both sides there.",
        )

    def _lacks(self, member: str = "", words: str = "") -> PredictionError:
        return self._no_data(
            "values against a mass do not say how those at different masses go together: leave it "
            "out of toys."
        )
