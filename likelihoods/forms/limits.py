"""Upper limits: from a quoted confidence level alone, or with the counts behind it.

Errors of predictions are not added. In the Standard Model the decays in question are orders of
magnitude below the limits, and so are the errors taken there; and near a limit a relative error r
of the prediction would change the width by a fraction of order r^2, below what is lost in reading a
likelihood off a limit.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ...errors import DataError
from ..base import Quoted, Term, name_of, predict_one, unit_of
from ..batches import (
    LOG_UNIT_NORMAL,
    Array,
    Data,
    count_values,
    data_values,
    drawn_counts,
    log_poisson_at_mean,
    poisson_log,
    real_prediction,
    true_prediction,
)

if TYPE_CHECKING:
    from ...physics.inputs import Inputs
    from ...physics.observable import Observable
    from ...physics.wilson import Wilson

__all__ = ["CountingLimit", "HalfGaussianLimit", "check_limit", "half_gaussian_width"]


def check_limit(name: str, limit: float | Array, level: float) -> None:
    """Refuse limits that are not positive, and levels not between 0 and 1, with a DataError."""
    if not (np.isfinite(limit).all() and np.all(np.asarray(limit) > 0)):
        raise DataError(f"{name}: limit {limit!r} must be positive")
    if not 0 < level < 1:
        raise DataError(f"{name}: confidence level {level!r} must lie between 0 and 1")


def half_gaussian_width(limit: float | Array, level: float) -> Array:
    """``limit / Phi^-1((1 + CL)/2)``: see `HalfGaussianLimit`."""
    from scipy.special import ndtri

    return np.asarray(limit / ndtri(0.5 * (1.0 + level)))


class _Limit(Term):
    """What both forms share: a bound on one branching fraction that cannot be negative."""

    includes_constants = False

    def __init__(
        self,
        name: str,
        description: str,
        observable: str | Observable,
        limit: float,
        level: float,
        data_ids: tuple[str, ...],
    ) -> None:
        check_limit(name, limit, level)
        self.name, self.description = name, description
        self.observables, self.data_ids = (name_of(observable),), data_ids
        self._asked = observable
        self.limit, self.level = limit, level

    def predict(self, wilson: Wilson, inputs: Inputs) -> Array:
        """Prediction of the bounded observable: (n,)."""
        return predict_one(self._asked, wilson, inputs)

    def quoted(self) -> tuple[Quoted, ...]:
        """The limit and its level."""
        (name,), unit = self.observables, unit_of(self._asked)
        limit, level = self.limit, self.level
        return (Quoted(name, unit, "upper limit", limit=limit, level=level),)


class HalfGaussianLimit(_Limit):
    """An upper limit of which only the confidence level is known.

    ``ln L = -x^2 / (2 sigma^2)`` for x > 0, with ``sigma = limit / Phi^-1((1 + CL)/2)``: the
    likelihood of a value measured to be zero whose flat-prior credible bound at CL is the limit.
    It is 0 at x = 0 (constants are not included).

    That is ``ln L = -(v - max(x, 0))^2 / (2 sigma^2)`` at v = 0. Data are drawn as v ~ N(x, sigma),
    which may be negative. The value zero is an assumption: it says nothing of how good a fit is, so
    there is no saturated model.

    Parameters
    ----------
    name, description : str
    observable : str or Observable
        Name, or a record of one's own.
    limit : float
        In the unit of the observable.
    level : float
        Confidence level, such as 0.9.
    data_ids : tuple of str

    Raises
    ------
    DataError
        If the limit is not positive or the level not between 0 and 1.
    """

    limit_form = "half-gaussian"

    @property
    def sigma(self) -> float:
        """Width, in the unit of the observable."""
        return float(half_gaussian_width(self.limit, self.level))

    @cached_property
    def data(self) -> Data:
        """The value zero: (1, 1)."""
        return Data(np.zeros((1, 1)))

    @property
    def log_normalisation(self) -> float:
        """``-ln(sigma sqrt(2 pi))``: that of N(v; x, sigma), sigma in the observable's unit."""
        return LOG_UNIT_NORMAL - float(np.log(self.sigma))

    def pull(self, prediction: Array, data: Data | None = None) -> Array:
        """``(v - x) / sigma``, of the limit itself ``-x / sigma``: (n,)."""
        x = real_prediction(self.name, prediction)
        pull: Array = -(x - self._value(data, x)) / self.sigma
        return pull

    def log_likelihood(self, prediction: Array, data: Data | None = None) -> Array:
        """``-((v - x)/sigma)^2 / 2`` for x > 0, that of x = 0 below: (n,)."""
        x = real_prediction(self.name, prediction)
        distance = self._value(data, x) - np.where(x < 0, 0.0, x)
        log: Array = -0.5 * (distance / self.sigma) ** 2
        return log

    def sample(self, prediction: Array, rng: np.random.Generator) -> Data:
        """Values of N(x, sigma), with zero for x below it: (n, 1)."""
        x = self.asimov(prediction).values
        return Data(x + self.sigma * rng.standard_normal(x.shape))

    def asimov(self, prediction: Array) -> Data:
        """The prediction as the value, or zero: (n, 1)."""
        return Data(np.maximum(true_prediction(self.name, prediction), 0.0)[:, None])

    def _value(self, data: Data | None, x: Array) -> Array | float:
        return 0.0 if data is None else data_values(self.name, data, 1, x.size)[:, 0]


class CountingLimit(_Limit):
    """An upper limit with observed and background counts (a gamma form).

    ``L(x) = Poisson(n | b + k x)``, relative to its maximum over ``k x >= -b``. The sensitivity k
    is fixed by asking that the flat-prior credible bound at CL be the quoted limit,
    ``Q(n+1, b + k limit) = (1 - CL) Q(n+1, b)`` with the regularised upper incomplete gamma
    function Q, unless it is given. Unlike the half Gaussian it keeps an excess or a deficit.
    Data are drawn as Poisson counts; b and k are taken as known.

    Parameters
    ----------
    name, description : str
    observable : str
    limit, level : float
        As for `HalfGaussianLimit`; no limit where the source has counts alone, with a sensitivity.
    observed, background : float
        Counts; the background is positive, or zero where nothing was observed.
    data_ids : tuple of str
    sensitivity : float, optional
        Expected signal events for each unit of the observable, above zero.

    Raises
    ------
    DataError
        If the limit, level, a count or the sensitivity is out of range, or neither limit nor
        sensitivity is given.
    """

    def __init__(
        self,
        name: str,
        description: str,
        observable: str | Observable,
        limit: float | None,
        level: float,
        observed: float,
        background: float,
        data_ids: tuple[str, ...],
        sensitivity: float | None = None,
    ) -> None:
        if limit is None and sensitivity is None:
            raise DataError(f"{name}: counts need a limit or a sensitivity")
        published = 1.0 if limit is None else limit
        super().__init__(name, description, observable, published, level, data_ids)
        if not (observed >= 0 and (background > 0 or background == observed == 0)):
            raise DataError(
                f"{name}: observed {observed!r} must not be negative, "
                f"background {background!r} must be positive"
            )
        self.observed, self.background = observed, background
        if sensitivity is not None and not (np.isfinite(sensitivity) and sensitivity > 0):
            raise DataError(f"{name}: sensitivity {sensitivity!r} must be positive")
        self.sensitivity = (
            self._signal_at_bound() / self.limit if sensitivity is None else sensitivity
        )
        self.quotes_limit = limit is not None

    def bound(self) -> float:
        """Credible bound with a flat prior, at the level of the limit and in its unit."""
        return self._signal_at_bound() / self.sensitivity

    def _signal_at_bound(self) -> float:
        from scipy.special import gammaincc, gammainccinv

        shape = self.observed + 1.0
        outside = (1.0 - self.level) * gammaincc(shape, self.background)
        return float(gammainccinv(shape, outside) - self.background)

    def quoted(self) -> tuple[Quoted, ...]:
        """The limit and its level, if one was published."""
        if self.quotes_limit:
            return super().quoted()
        return (Quoted(self.observables[0], unit_of(self._asked)),)

    @cached_property
    def data(self) -> Data:
        """The observed count: (1, 1)."""
        return Data(np.array([[float(self.observed)]]))

    @property
    def log_normalisation(self) -> float:
        """``ln P(n; n)``, at which `log_likelihood` is zero."""
        return log_poisson_at_mean(self.observed)

    def pull(self, prediction: Array, data: Data | None = None) -> Array:
        """Signed square root of twice the drop of ln L from its maximum: (n,)."""
        observed, expected = self._counts(prediction, data)
        drop = np.sqrt(np.maximum(-2.0 * poisson_log(observed, expected), 0.0))
        pull: Array = drop * np.sign(observed - expected)
        return pull

    def log_likelihood(self, prediction: Array, data: Data | None = None) -> Array:
        """Poisson logarithm relative to its maximum: (n,)."""
        return poisson_log(*self._counts(prediction, data))

    def sample(self, prediction: Array, rng: np.random.Generator) -> Data:
        """Poisson counts: (n, 1)."""
        return drawn_counts(self.name, self.asimov(prediction).values[:, 0], rng)

    def asimov(self, prediction: Array) -> Data:
        """Events expected, not rounded: (n, 1)."""
        return Data(self._expected(true_prediction(self.name, prediction))[:, None])

    def saturated(self, data: Data | None = None) -> Array:
        """Zero, where as many events are expected as observed: (m,)."""
        return np.zeros(1 if data is None else len(count_values(self.name, data)))

    def _counts(self, prediction: Array, data: Data | None) -> tuple[Array | float, Array]:
        """Observed and expected."""
        expected = self._expected(prediction)
        if data is None:
            return self.observed, expected
        return count_values(self.name, data, expected.size), expected

    def _expected(self, prediction: Array) -> Array:
        x = real_prediction(self.name, prediction)
        expected: Array = self.background + self.sensitivity * np.where(x < 0, 0.0, x)
        return expected
