"""Upper limits: from a quoted confidence level alone, or with the counts behind it.

Errors of predictions are not added. In the Standard Model the decays in question are orders of
magnitude below the limits, and so are the errors taken there; and near a limit a relative error r
of the prediction would change the width by a fraction of order r^2, below what is lost in reading a
likelihood off a limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import DataError
from .base import Array, Quoted, Term, predict_one, real_prediction, unit_of

if TYPE_CHECKING:
    from ..physics.inputs import Inputs
    from ..physics.wilson import Wilson

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
        observable: str,
        limit: float,
        level: float,
        data_ids: tuple[str, ...],
    ) -> None:
        check_limit(name, limit, level)
        self.name, self.description = name, description
        self.observables, self.data_ids = (observable,), data_ids
        self.limit, self.level = limit, level

    def predict(self, wilson: Wilson, inputs: Inputs) -> Array:
        """Prediction of the bounded observable: (n,)."""
        return predict_one(self.observables[0], wilson, inputs)

    def quoted(self) -> tuple[Quoted, ...]:
        """The limit and its level."""
        name = self.observables[0]
        limit, level = self.limit, self.level
        return (Quoted(name, unit_of(name), "upper limit", limit=limit, level=level),)


class HalfGaussianLimit(_Limit):
    """An upper limit of which only the confidence level is known.

    ``ln L = -x^2 / (2 sigma^2)`` for x > 0, with ``sigma = limit / Phi^-1((1 + CL)/2)``: the
    likelihood of a value measured to be zero whose flat-prior credible bound at CL is the limit.
    It is 0 at x = 0 (constants are not included).

    Parameters
    ----------
    name, description : str
    observable : str
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

    @property
    def sigma(self) -> float:
        """Width, in the unit of the observable."""
        return float(half_gaussian_width(self.limit, self.level))

    def pull(self, prediction: Array) -> Array:
        """``-x / sigma``: (n,)."""
        pull: Array = -real_prediction(self.name, prediction) / self.sigma
        return pull

    def log_likelihood(self, prediction: Array) -> Array:
        """``-(x/sigma)^2 / 2`` for x > 0, zero below: (n,)."""
        x = real_prediction(self.name, prediction)
        log: Array = -0.5 * (np.where(x < 0, 0.0, x) / self.sigma) ** 2
        return log


class CountingLimit(_Limit):
    """An upper limit with observed and background counts (a gamma form).

    ``L(x) = Poisson(n | b + k x)``, relative to its maximum over ``k x >= -b``. The sensitivity k
    is fixed by asking that the flat-prior credible bound at CL be the quoted limit,
    ``Q(n+1, b + k limit) = (1 - CL) Q(n+1, b)`` with the regularised upper incomplete gamma
    function Q, unless it is given. Unlike the half Gaussian it keeps an excess or a deficit.

    Parameters
    ----------
    name, description : str
    observable : str
    limit, level : float
        As for `HalfGaussianLimit`.
    observed, background : float
        Counts; the background is positive, or zero where nothing was observed.
    data_ids : tuple of str
    sensitivity : float, optional
        Expected signal events for each unit of the observable, above zero.

    Raises
    ------
    DataError
        If the limit, level, a count or the sensitivity is out of range.
    """

    def __init__(
        self,
        name: str,
        description: str,
        observable: str,
        limit: float,
        level: float,
        observed: float,
        background: float,
        data_ids: tuple[str, ...],
        sensitivity: float | None = None,
    ) -> None:
        super().__init__(name, description, observable, limit, level, data_ids)
        if not (observed >= 0 and (background > 0 or background == observed == 0)):
            raise DataError(
                f"{name}: observed {observed!r} must not be negative, "
                f"background {background!r} must be positive"
            )
        self.observed, self.background = observed, background
        if sensitivity is not None and not (np.isfinite(sensitivity) and sensitivity > 0):
            raise DataError(f"{name}: sensitivity {sensitivity!r} must be positive")
        self.sensitivity = self._signal_at_bound() / limit if sensitivity is None else sensitivity

    def bound(self) -> float:
        """Credible bound with a flat prior, at the level of the limit and in its unit."""
        return self._signal_at_bound() / self.sensitivity

    def _signal_at_bound(self) -> float:
        from scipy.special import gammaincc, gammainccinv

        shape = self.observed + 1.0
        outside = (1.0 - self.level) * gammaincc(shape, self.background)
        return float(gammainccinv(shape, outside) - self.background)

    def pull(self, prediction: Array) -> Array:
        """Signed square root of twice the drop of ln L from its maximum: (n,)."""
        drop = np.sqrt(np.maximum(-2.0 * self.log_likelihood(prediction), 0.0))
        pull: Array = drop * np.sign(self.observed - self._expected(prediction))
        return pull

    def log_likelihood(self, prediction: Array) -> Array:
        """Poisson logarithm relative to its maximum: (n,)."""
        from scipy.special import xlogy

        expected, n = self._expected(prediction), self.observed
        log: Array = xlogy(n, expected) - expected - (xlogy(n, n) - n)
        return log

    def _expected(self, prediction: Array) -> Array:
        x = real_prediction(self.name, prediction)
        expected: Array = self.background + self.sensitivity * np.where(x < 0, 0.0, x)
        return expected
