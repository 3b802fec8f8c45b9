"""HistFactory models compiled to arrays, with the per-bin factors profiled analytically.

A model (pyhf JSON) predicts, in bin b, ``nu_b = sum_s gamma_sb r_sb(alpha)`` with
``r = w (nominal + histogram shifts) x (factors)``; ``w`` is the weight of the signal bins. The
factors are interpolated normalisations and parameters that multiply as they are: norm factors,
luminosity, bins of shape factors. Each sample and bin may have its own factor gamma, or one that
several samples share, with a normal or a Poisson constraint (CERN-OPEN-2012-016, also for the
interpolations). For given other parameters the minimum over all gammas of ``-ln L`` follows bin by
bin (`factors`). The other parameters, here called alphas, remain (`profile`): most have a normal
constraint, of width 1 around 0 for interpolations; free factors have none.

Data are counts n and the centres of all constraints, those of the alphas and those of the bin
factors, which are 1 as published: with centres c_s, ``R = sum_s c_s r_s`` and
``gamma_s = c_s + u delta_s^2 r_s``. A bin without counts has the same minimum, ``nu = R - V``, as
long as that is positive, and else ``nu = 0`` with ``u = -R/V``, where the gammas share what they
must move so that nothing is expected.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ...errors import DataError
from .factors import NO_COUNTS, eliminate, eliminate_poisson, poisson_cost
from .interpolation import (
    Array,
    bend,
    exponential_factors,
    log_factors,
    polynomial_table,
)
from .parameters import Parameters
from .rates import ModelData, Rates

__all__ = ["NO_COUNTS", "HistFactoryModel", "ModelData", "Rates"]

# A factor of zero has no logarithm; rates are linear in it, so that this one gives its derivative.
SMALLEST_FACTOR = 1e-12


@dataclass(frozen=True)
class HistFactoryModel:
    """A compiled HistFactory model.

    Attributes
    ----------
    channels : tuple of (name, slice)
        Channels and their bins.
    samples : tuple of dict
        Names of the samples of each channel, by slot.
    signals : int
        Slots of weighted samples, P, the first ones; 1 if no channel has several.
    observed : (B,) array
        Observed counts.
    nominal : (S, B) array
        Nominal expected counts, zero where a channel lacks the slot.
    relative_error : (S, B) array
        Width of the normal constraint of each bin factor.
    tau : (S, B) array or None
        Auxiliary counts of the Poisson constraint of each bin factor, zero for normal ones; None if
        there is no Poisson one.
    members : (S, S, B) array or None
        1 where a sample (first axis) is multiplied by the factor of a slot (second axis); None if
        that is the slot of the sample everywhere.
    shape_names, scale_names : tuples of str
        Names of the K histogram and J normalisation variations.
    codes : (str, str)
        Interpolation codes of histograms and normalisations.
    odd, even : (K, S, B) arrays
        S and A of the histogram interpolation, events.
    log_lo, log_hi : (J,) arrays
    coefficients : (7, J) array
    applies : (J + L, S, B) array
        1 where a factor multiplies an entry: interpolated ones, then parameters themselves.
    shape_index, scale_index : (K,), (J + L,) integer arrays
        Position of each variation and factor among the parameters.
    parameters : Parameters
        Names and constraints of the parameters besides bin factors.
    extra_constant : float
        ``-ln`` of the constraints of parameters that are held.
    measured : ModelData
        The observed counts, constraints centred at their nominal values.
    """

    channels: tuple[tuple[str, slice], ...]
    samples: tuple[dict[int, str], ...]
    observed: Array
    nominal: Array
    relative_error: Array
    shape_names: tuple[str, ...]
    scale_names: tuple[str, ...]
    odd: Array
    even: Array
    log_lo: Array
    log_hi: Array
    coefficients: Array
    applies: Array
    shape_index: Array
    scale_index: Array
    parameters: Parameters
    signals: int = 1
    codes: tuple[str, str] = ("4p", "4")
    tau: Array | None = None
    members: Array | None = None
    extra_constant: float = 0.0
    flat: dict[str, Array] = field(init=False, repr=False, compare=False)
    measured: ModelData = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        shapes, scales = len(self.shape_names), len(self.scale_index)
        size = self.nominal.size
        embed = np.zeros((shapes + scales, self.n_alpha))
        place = np.concatenate([self.shape_index, self.scale_index])
        embed[np.arange(shapes + scales), place] = 1.0
        interpolation = np.concatenate([self.odd, self.even]).reshape(2 * shapes, size)
        flat = {
            "embed": embed,
            "interpolation": interpolation,
            "interpolation_back": np.ascontiguousarray(interpolation.T),
            "table": polynomial_table(self.coefficients),
            "applies": self.applies.reshape(scales, size),
            "applies_back": np.ascontiguousarray(self.applies.reshape(scales, size).T),
            "width2": (self.relative_error**2)[None],
        }
        object.__setattr__(self, "flat", flat)
        object.__setattr__(self, "measured", self.data(self.observed[None]))

    @property
    def alpha_names(self) -> tuple[str, ...]:
        """Names of the parameters besides the bin factors, in order."""
        return self.parameters.names

    @property
    def n_alpha(self) -> int:
        """Number of parameters besides the bin factors."""
        return len(self.parameters.names)

    @property
    def n_factors(self) -> int:
        """Number of constrained bin factors."""
        return len(self.places[0])

    @property
    def places(self) -> tuple[Array, Array]:
        """Slot and bin of each bin factor: two (n_factors,) integer arrays."""
        constrained = self.relative_error > 0
        if self.tau is not None:
            constrained = constrained | (self.tau > 0)
        slots, bins = np.nonzero(constrained)
        return slots, bins

    @property
    def signal(self) -> Array:
        """Whether an entry is weighted and has events: (P * B,)."""
        return np.asarray(self.nominal[: self.signals].reshape(-1) > 0)

    def channel(self, name: str) -> slice:
        """Bins of a channel.

        Raises
        ------
        DataError
            If there is no such channel.
        """
        for known, bins in self.channels:
            if known == name:
                return bins
        raise DataError(f"no channel {name!r} in this HistFactory model: {self.channels}")

    def data(
        self, counts: Array, centres: Array | None = None, factors: Array | None = None
    ) -> ModelData:
        """Data sets to compare with.

        Parameters
        ----------
        counts : (m, B) array
            Observed counts, not negative.
        centres : (m, c) array, optional
            Centres of the constraints of the constrained alphas, the nominal ones by default.
        factors : (m, n_factors) array, optional
            Those of the bin factors in the order of `places`, 1 by default.

        Returns
        -------
        ModelData
        """
        full = None
        if factors is not None:
            full = np.ones((len(factors), *self.nominal.shape))
            slots, bins = self.places
            full[:, slots, bins] = factors
        return ModelData(np.maximum(counts, NO_COUNTS), self.parameters.full(centres), full)

    def rates(
        self,
        alpha: Array,
        weights: Array,
        signal_width2: Array | None = None,
        data: ModelData | None = None,
    ) -> Rates:
        """Expected counts at given nuisance parameters, bin factors profiled.

        Parameters
        ----------
        alpha : (n, n_alpha) array
        weights : (n, P * B) array
            Factor on each weighted sample in each bin (1 in bins without signal).
        signal_width2 : (n, B) array, optional
            delta^2 of the bin factors of the first signal at each point, in place of the model's.
        data : ModelData, optional
            One data set, or one for each point; the measured one by default.

        Returns
        -------
        Rates
        """
        if data is None:
            data = self.measured
        slots, bins = self.nominal.shape
        shape = alpha[:, self.shape_index]
        curve, slope = bend(shape, self.codes[0])
        factor, log_slope = self._factor(alpha)
        factor[:, : self.signals] *= weights.reshape(len(weights), self.signals, bins)
        rate = np.concatenate([shape, curve], axis=1) @ self.flat["interpolation"]
        rate = rate.reshape(len(alpha), slots, bins)
        rate += self.nominal
        rate *= factor
        grouped = rate
        if self.members is not None:
            grouped = np.einsum("nsb,sgb->ngb", rate, self.members)
        spread = self.flat["width2"] * grouped
        if signal_width2 is not None:
            np.multiply(signal_width2, rate[:, 0], out=spread[:, 0])
        if self.tau is None:
            left = eliminate(grouped, spread, data.counts, data.factors)
        else:
            left = eliminate_poisson(grouped, spread, data.counts, data.factors, self.tau)
        return Rates(
            alpha,
            factor,
            rate,
            grouped,
            left.spread,
            left.excess,
            left.expected,
            left.variance,
            slope,
            log_slope,
            data,
            signal_width2,
            None if self.tau is None else left,
        )

    def _factor(self, alpha: Array) -> tuple[Array, Array]:
        """Product of all factors of each entry, and the slopes of their logarithms."""
        slots, bins = self.nominal.shape
        interpolated = len(self.scale_names)
        scale = alpha[:, self.scale_index]
        if self.codes[1] == "1":
            logs, slope = exponential_factors(scale[:, :interpolated], self.log_lo, self.log_hi)
        else:
            logs, slope = log_factors(
                scale[:, :interpolated], self.log_lo, self.log_hi, self.flat["table"]
            )
        if interpolated == len(self.scale_index):
            factor = np.exp(logs @ self.flat["applies"])
            return factor.reshape(len(alpha), slots, bins), slope
        value = scale[:, interpolated:]
        value = np.where(abs(value) < SMALLEST_FACTOR, SMALLEST_FACTOR, value)
        logs = np.concatenate([logs, np.log(abs(value))], axis=1)
        factor = np.exp(logs @ self.flat["applies"])
        if (value < 0).any():
            odd = (value < 0) @ self.flat["applies"][interpolated:] % 2.0
            factor *= 1.0 - 2.0 * odd
        slope = np.concatenate([slope, 1.0 / value], axis=1)
        return factor.reshape(len(alpha), slots, bins), slope

    def objective(self, rates: Rates) -> Array:
        """``-ln L`` up to constants, profiled over the bin factors, with all constraints.

        Parameters
        ----------
        rates : Rates

        Returns
        -------
        (n,) array
            Relative to the saturated model, ``sum_b nu - n - n ln(nu/n)`` plus half the squared
            pulls, so that differences do not lose digits to large constants.
        """
        nu, n = rates.expected, rates.counts
        deviance = nu - n - n * np.log(nu / n)
        if self.tau is None:
            moved = 0.5 * rates.variance * rates.excess**2
        else:
            moved = self._moved(rates, self.tau)
        objective: Array = (deviance + moved).sum(axis=1) + self.parameters.cost(rates)
        return objective

    def _moved(self, rates: Rates, tau: Array) -> Array:
        """What the constraints of the bin factors cost where some are Poisson: (n, B)."""
        centres = 1.0 if rates.data.factors is None else rates.data.factors
        gamma = rates.gamma
        poisson = tau > 0
        width2 = self.flat["width2"]
        normal = 0.5 * (gamma - centres) ** 2 / np.where(width2 > 0, width2, 1.0)
        positive = np.where(poisson, gamma, 1.0)
        cost = poisson_cost(positive, np.where(poisson, centres, 1.0), tau)
        moved: Array = np.where(poisson, cost, np.where(width2 > 0, normal, 0.0)).sum(axis=1)
        return moved

    def gradient(self, rates: Rates) -> Array:
        """Gradient of `objective` in alpha: (n, n_alpha)."""
        n, shapes = len(rates.alpha), len(self.shape_names)
        slope = self.rate_slope(rates)
        parts = (slope * rates.factor).reshape(n, self.nominal.size) @ self.flat[
            "interpolation_back"
        ]
        slope *= rates.rate
        scales = slope.reshape(n, self.nominal.size) @ self.flat["applies_back"]
        scales *= rates.log_slope
        parts[:, shapes:] *= rates.bend_slope
        variations = np.concatenate([parts[:, :shapes] + parts[:, shapes:], scales], axis=1)
        # A product, since several variations may share one nuisance parameter.
        gradient: Array = self.parameters.slope(rates) + variations @ self.flat["embed"]
        return gradient

    def signal_slope(self, rates: Rates) -> Array:
        """Derivative of `objective` in the logarithm of a factor on all signal: (n,)."""
        slope = (self.rate_slope(rates) * rates.rate)[:, : self.signals].sum(axis=(1, 2))
        return np.asarray(slope)

    def entry_factors(self, rates: Rates) -> Array:
        """Bin factor that multiplies each sample: (n, S, B)."""
        return self.spread_over_members(rates.gamma)

    def spread_over_members(self, values: Array) -> Array:
        """What belongs to bin factors, for each sample that they multiply: (n, S, B)."""
        if self.members is None:
            return values
        spread: Array = np.einsum("ngb,sgb->nsb", values, self.members)
        return spread

    def rate_slope(self, rates: Rates) -> Array:
        """d(objective)/dr: (n, S, B).

        ``-u gamma`` by the envelope theorem for the bin factors.
        """
        slope = self.entry_factors(rates)
        if self.members is None and rates.poisson is not None:
            slope = slope.copy()
        slope *= -rates.excess[:, None, :]
        return slope

    @property
    def constant(self) -> float:
        """What `objective` leaves out of ``-ln L`` with all constants, for the measured data."""
        return float(self.constants(self.measured)[0])

    def constants(self, data: ModelData) -> Array:
        """What `objective` leaves out of ``-ln L`` with all constants: (m,).

        ``sum (n - n ln n + ln n!)`` over counts, and auxiliary counts of Poisson constraints;
        ``(1/2) ln 2 pi`` and the logarithm of the width for each normal constraint.
        """
        constants = _poisson_constant(data.counts)
        widths = self.relative_error[self.relative_error > 0]
        size = self.parameters.n_normal + widths.size
        normals = 0.5 * np.log(2.0 * np.pi) * size + np.log(widths).sum()
        constants = constants + normals + self.parameters.log_widths() + self.extra_constant
        constants = constants + self.parameters.poisson_constant(data)
        if self.tau is not None:
            poisson = self.tau > 0
            centres = np.ones((1, *self.tau.shape)) if data.factors is None else data.factors
            constants = constants + _poisson_constant((self.tau * centres)[:, poisson])
        return np.asarray(constants)


def _poisson_constant(n: Array) -> Array:
    from scipy.special import gammaln, xlogy

    constant: Array = (n - xlogy(n, n) + gammaln(n + 1.0)).sum(axis=1)
    return constant
