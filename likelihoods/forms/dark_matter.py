"""Density of the dark matter, and limits that depend on its mass and on its share of all of it.

Limits of direct searches are curves in the mass, quoted for a halo of this particle alone, and the
limit of the cosmic microwave background holds for annihilation of all of the dark matter. A
particle that is only the part ``xi = min(1, Omega_phi/Omega_c)`` scatters with xi times the rate
and injects xi^2 times the energy. Which is meant is the option ``abundance``: ``all`` (xi = 1,
whatever the predicted density) or ``relic`` (xi of the prediction; belongs to ``omega_form:
upper``).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ...errors import DataError, UnknownNameError
from ..base import Quoted, Term, predict_one, unit_of
from ..batches import LOG_UNIT_NORMAL, Array, Data, data_values, real_prediction, true_prediction
from ..options import check_choice
from .gaussian import check_error, check_value
from .limits import check_limit, half_gaussian_width

if TYPE_CHECKING:
    from ...physics.inputs import Inputs
    from ...physics.wilson import Wilson

__all__ = ["DENSITY", "POWERS", "DarkMatterLimit", "UpperGaussian"]

DENSITY = "Omega_phi h^2"
DENSITY_ID = "planck_2018_omegac"
# Power of the share of the dark matter that a rate is in proportion to.
POWERS = {"sigma_SI(phi)": 1, "f_eff*sigmav/m(phi)": 2}


class DarkMatterLimit(Term):
    """An upper limit on a rate of dark matter, half-Gaussian in the rate.

    ``ln L = -(xi^p x/limit(m))^2 q^2/2`` with ``q = Phi^-1((1 + CL)/2)``, as
    `limits.HalfGaussianLimit`: zero rate is the best fit. The limit is interpolated in the
    logarithms of mass and cross section. Outside the curve there is no constraint, ``ln L = 0``.

    That is ``ln L = -(t - d)^2/2`` at t = 0, with the rate in widths ``d = xi^p x q/limit(m)`` (0
    outside the curve). Data are drawn as t ~ N(d, 1): one excess in widths stands for the curve, as
    if it were the same at every mass, and L is a density of t wherever prediction and mass lie. As
    for `limits.HalfGaussianLimit`, t = 0 is an assumption and there is no saturated model.

    Parameters
    ----------
    name, description : str
    observable : str
        One of `POWERS`, which gives p.
    limit : float or (k, 2) array
        In the unit of the observable; or a curve of masses in GeV, increasing, and limits.
    level : float
        Confidence level, such as 0.9.
    data_ids : tuple of str
    abundance : {"all", "relic"}
        Whether xi is 1 or that of the predicted relic density.

    Attributes
    ----------
    unit : float
        Geometric mean of the limits, the unit of the rate in predictions.

    Raises
    ------
    DataError
        If a limit is not positive, the masses do not increase or the level is not between 0 and 1.
    UnknownNameError
        If the observable is no such rate.
    ParameterError
        If the abundance is not known.
    """

    includes_constants = False

    def __init__(
        self,
        name: str,
        description: str,
        observable: str,
        limit: float | Array,
        level: float,
        data_ids: tuple[str, ...],
        abundance: str = "all",
    ) -> None:
        if observable not in POWERS:
            place = f"likelihood {name!r}"
            raise UnknownNameError("rate of dark matter", observable, POWERS, place)
        curve = np.asarray(limit, float)
        limits, masses = (curve, np.empty(0)) if curve.ndim == 0 else (curve[:, 1], curve[:, 0])
        check_limit(name, limits if masses.size else float(limits), level)
        if masses.size and not (masses[0] > 0 and (np.diff(masses) > 0).all()):
            raise DataError(f"{name}: the masses of the curve must be positive and increase")
        self.name, self.description = name, description
        self.observables, self.data_ids = (observable,), data_ids
        self.level, self.power = level, POWERS[observable]
        self.abundance = check_choice(name, "abundance", abundance)
        self._log_masses, self._log_limits = np.log(masses), np.log(limits)
        # Rates of 1e-26 beside masses of order one would pass for rounding errors.
        self.unit = float(np.exp(self._log_limits.mean()))

    def limit_at(self, mass: Array) -> Array:
        """Limit for a mass in GeV: (n,) to (n,), infinite outside the curve."""
        mass = np.asarray(mass, float)
        if not self._log_masses.size:
            return np.full(mass.shape, np.exp(self._log_limits))
        log_mass = np.log(np.where(mass > 0, mass, np.nan))
        log_limit = np.interp(
            log_mass, self._log_masses, self._log_limits, left=np.inf, right=np.inf
        )
        found: Array = np.exp(log_limit)
        return found

    def predict(self, wilson: Wilson, inputs: Inputs) -> Array:
        """Rate if all dark matter is this particle, its mass in GeV, and xi: (n, 3).

        The rate is in units of the (geometric mean of the) limit.
        """
        from ...physics.dark_matter.chiral_annihilation import dark_matter_mass

        rate = predict_one(self.observables[0], wilson, inputs)
        mass = np.broadcast_to(dark_matter_mass(wilson, self.name), rate.shape)
        share = np.ones(len(rate))
        if self.abundance == "relic":
            density = predict_one(DENSITY, wilson, inputs)
            share = np.minimum(density / measured_density(), 1.0)
        return np.stack(np.broadcast_arrays(rate / self.unit, mass, share), axis=1)

    @cached_property
    def data(self) -> Data:
        """No excess: (1, 1)."""
        return Data(np.zeros((1, 1)))

    @property
    def log_normalisation(self) -> float:
        """That of the density N(t; rate/sigma, 1) of the excess t in widths."""
        return LOG_UNIT_NORMAL

    def log_likelihood(self, prediction: Array, data: Data | None = None) -> Array:
        """Half-Gaussian in the rate, zero outside the curve: (n,)."""
        log: Array = -0.5 * self._excess(prediction, data) ** 2
        return log

    def pull(self, prediction: Array, data: Data | None = None) -> Array:
        """Data minus the rate in units of the width, NaN outside the curve: (n,)."""
        excess = self._excess(prediction, data)
        return np.where(np.isinf(self.limit_at(np.asarray(prediction)[:, 1])), np.nan, excess)

    def sample(self, prediction: Array, rng: np.random.Generator) -> Data:
        """Excess in widths: (n, 1)."""
        rate = self.asimov(prediction).values
        return Data(rate + rng.standard_normal(rate.shape))

    def asimov(self, prediction: Array) -> Data:
        """The rate in widths: (n, 1)."""
        return Data(self._rate(true_prediction(self.name, prediction, 3))[:, None])

    def observable_values(self, prediction: Array) -> Array:
        """The rate if all dark matter is this particle: (n, 1)."""
        return np.asarray(prediction, float)[:, :1] * self.unit

    def quoted(self) -> tuple[Quoted, ...]:
        """The limit and its level; of a curve only that it is there."""
        name = self.observables[0]
        if self._log_masses.size:
            return (Quoted(name, unit_of(name)),)
        limit = float(np.exp(self._log_limits))
        return (Quoted(name, unit_of(name), "upper limit", limit=limit, level=self.level),)

    def _excess(self, prediction: Array, data: Data | None) -> Array:
        """Data minus prediction in widths: (n,)."""
        rate = self._rate(real_prediction(self.name, prediction, 3))
        if data is None:
            return -rate
        excess: Array = data_values(self.name, data, 1, len(rate))[:, 0] - rate
        return excess

    def _rate(self, prediction: Array) -> Array:
        """Rate of this part of the dark matter in units of the width: (n,)."""
        rate, mass, share = prediction.T
        width = half_gaussian_width(self.limit_at(mass), self.level)
        return np.asarray(share**self.power * rate * self.unit / width)


class UpperGaussian(Term):
    """A measured value that a prediction may stay below.

    ``ln L = -(x - v)^2/(2 s^2)`` for predictions x above the value v, else zero: for a particle
    that may be a part of the dark matter.

    It is the Gaussian of the density of all dark matter, x and a rest r >= 0 that nothing else
    constrains, at the best r. Data are drawn with r at that of the measured value v_0, as for every
    nuisance parameter: ``v ~ N(max(x, v_0), s)``. A profile likelihood is no density of v.

    Parameters
    ----------
    name, description : str
    observable : str
    value, error : float
        In the unit of the observable.
    data_ids : tuple of str

    Raises
    ------
    DataError
        If the value is not finite, or the error not positive and finite.
    """

    includes_constants = False

    def __init__(
        self,
        name: str,
        description: str,
        observable: str,
        value: float,
        error: float,
        data_ids: tuple[str, ...],
    ) -> None:
        check_value(name, observable, value)
        check_error(name, observable, error)
        self.name, self.description = name, description
        self.observables, self.data_ids = (observable,), data_ids
        self.value, self.error = value, error

    def predict(self, wilson: Wilson, inputs: Inputs) -> Array:
        """Prediction of the observable: (n,)."""
        return predict_one(self.observables[0], wilson, inputs)

    @cached_property
    def data(self) -> Data:
        """The value: (1, 1)."""
        return Data(np.array([[self.value]]))

    def log_likelihood(self, prediction: Array, data: Data | None = None) -> Array:
        """Half-Gaussian above the value: (n,)."""
        log: Array = -0.5 * self.pull(prediction, data) ** 2
        return log

    def pull(self, prediction: Array, data: Data | None = None) -> Array:
        """``(v - x)/s`` above the value, zero below: (n,)."""
        x = real_prediction(self.name, prediction)
        value = self.value if data is None else data_values(self.name, data, 1, x.size)[:, 0]
        return np.minimum((value - x) / self.error, 0.0)

    def sample(self, prediction: Array, rng: np.random.Generator) -> Data:
        """Values drawn with the rest of the dark matter that fits best: (n, 1)."""
        total = self.asimov(prediction).values
        return Data(total + self.error * rng.standard_normal(total.shape))

    def asimov(self, prediction: Array) -> Data:
        """Density of all dark matter, that fits best: (n, 1)."""
        return Data(np.maximum(true_prediction(self.name, prediction), self.value)[:, None])

    def saturated(self, data: Data | None = None) -> Array:
        """Zero: (m,)."""
        return np.zeros(1 if data is None else len(data_values(self.name, data, 1)))

    def quoted(self) -> tuple[Quoted, ...]:
        """Value and error."""
        name = self.observables[0]
        error = self.error
        return (Quoted(name, unit_of(name), "value", self.value, error, error),)


def measured_density() -> float:
    """Omega_c h^2 of Planck."""
    from ...data.measurements import measurement

    values = measurement(DENSITY_ID).values
    if values is None:
        raise DataError(f"measurement {DENSITY_ID!r} has no value")
    return float(values[0])
