"""HistFactory models compiled to arrays, with the per-bin factors profiled analytically.

A model (pyhf JSON) predicts, in bin b, ``nu_b = sum_s gamma_sb r_sb(alpha)`` with
``r = w (nominal + histogram shifts) x (normalisation factors)``; ``w`` is the weight of the signal
bins. Each sample and bin has its own factor gamma with a normal constraint of width
``delta = error / nominal`` (CERN-OPEN-2012-016, also for the interpolations), so for
given alpha the minimum over all gammas of ``-ln L`` is the root of one quadratic per bin,

    nu^2 - (R - V) nu - n V = 0,   R = sum_s r_s,   V = sum_s delta_s^2 r_s^2,

with ``gamma_s = 1 + u delta_s^2 r_s`` and ``u = n/nu - 1``. The constrained alphas remain
(`likelihoods.histfactory.profile`).

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
from .interpolation import (
    Array,
    bend,
    bend_curvature,
    log_factor_curvature,
    log_factors,
    polynomial_table,
)

__all__ = ["HistFactoryModel", "ModelData", "Rates"]

# Counts of an empty bin: n ln(nu) is nothing, and n/nu still has its limit where nu vanishes.
NO_COUNTS = 1e-100


@dataclass(frozen=True)
class ModelData:
    """Data sets of a model, one for all points of a batch or one each.

    Attributes
    ----------
    counts : (m, B) array
    centres : (m, n_alpha) array or None
        Auxiliary data of the alphas: centres of their constraints. None if all are zero.
    factors : (m, S, B) array or None
        Auxiliary data of the bin factors; 1 where an entry has none. None if all are 1.
    """

    counts: Array
    centres: Array | None = None
    factors: Array | None = None

    def __len__(self) -> int:
        return len(self.counts)

    def take(self, rows: Array | slice) -> ModelData:
        """Data of some of the points; data that all points share stay as they are."""
        if len(self) == 1:
            return self
        return ModelData(
            self.counts[rows],
            None if self.centres is None else self.centres[rows],
            None if self.factors is None else self.factors[rows],
        )


@dataclass(frozen=True)
class Rates:
    """Expected counts of every sample and what follows from them at one batch of points.

    Entries are laid out as (slot, bin), slot-major: slot 0 is the signal, the others the
    backgrounds in the order of the file; bins of all channels follow one another.

    Attributes
    ----------
    alpha : (n, n_alpha) array
        Nuisance parameters of the points.
    factor : (n, S, B) array
        Normalisation factors times signal weights.
    rate : (n, S, B) array
        r of each sample, events.
    spread : (n, S, B) array
        delta^2 r of each sample, events.
    excess : (n, B) array
        u = n_obs / nu - 1 with nu profiled over the bin factors.
    expected : (n, B) array
        nu, events.
    variance : (n, B) array
        V, events^2.
    bend_slope : (n, K) array
        Derivative of the even interpolation.
    log_slope : (n, J) array
        Derivative of the logarithms of the normalisation factors.
    data : ModelData
        What the points are compared with.
    signal_width2 : (n, B) array or None
        delta^2 of the signal where it differs from point to point; None where it is the model's.
    """

    alpha: Array
    factor: Array
    rate: Array
    spread: Array
    excess: Array
    expected: Array
    variance: Array
    bend_slope: Array
    log_slope: Array
    data: ModelData
    signal_width2: Array | None = None

    @property
    def counts(self) -> Array:
        """n, with a number in place of zero of which the logarithm exists: (m, B)."""
        return self.data.counts

    @property
    def pulls(self) -> Array:
        """Distance of the alphas from the centres of their constraints: (n, n_alpha)."""
        return self.alpha if self.data.centres is None else self.alpha - self.data.centres

    @property
    def gamma(self) -> Array:
        """Bin factors at their minimum: (n, S, B)."""
        gamma: Array = self.excess[:, None, :] * self.spread
        gamma += 1.0 if self.data.factors is None else self.data.factors
        return gamma


@dataclass(frozen=True)
class HistFactoryModel:
    """A compiled HistFactory model.

    Attributes
    ----------
    channels : tuple of (name, slice)
        Channels and their bins.
    samples : tuple of dict
        Names of the samples of each channel, by slot.
    observed : (B,) array
        Observed counts.
    nominal : (S, B) array
        Nominal expected counts, zero where a channel lacks the slot.
    relative_error : (S, B) array
        Width of the constraint of each bin factor.
    shape_names, scale_names : tuples of str
        Names of the K histogram and J normalisation variations.
    odd, even : (K, S, B) arrays
        S and A of the histogram interpolation, events.
    log_lo, log_hi : (J,) arrays
    coefficients : (7, J) array
    applies : (J, S, B) array
        1 where a normalisation factor multiplies an entry.
    shape_index, scale_index : (K,), (J,) integer arrays
        Position of each variation in `alpha_names`.
    alpha_names : tuple of str
        Names of the constrained nuisance parameters, in order.
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
    alpha_names: tuple[str, ...]
    _flat: dict[str, Array] = field(init=False, repr=False, compare=False)
    measured: ModelData = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        shapes, scales = len(self.shape_names), len(self.scale_names)
        size = self.nominal.size
        embed = np.zeros((shapes + scales, len(self.alpha_names)))
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
        object.__setattr__(self, "_flat", flat)
        object.__setattr__(self, "measured", self.data(self.observed[None]))

    @property
    def n_alpha(self) -> int:
        """Number of constrained nuisance parameters besides the bin factors."""
        return len(self.alpha_names)

    @property
    def n_factors(self) -> int:
        """Number of constrained bin factors."""
        return int(np.count_nonzero(self.relative_error))

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
        centres : (m, n_alpha) array, optional
            Centres of the constraints of the alphas, zero by default.
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
        return ModelData(np.maximum(counts, NO_COUNTS), centres, full)

    @property
    def places(self) -> tuple[Array, Array]:
        """Slot and bin of each bin factor: two (n_factors,) integer arrays."""
        slots, bins = np.nonzero(self.relative_error)
        return slots, bins

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
            In standard deviations.
        weights : (n, B) array
            Factor on the signal in each bin (1 in bins without signal).
        signal_width2 : (n, B) array, optional
            delta^2 of the bin factors of the signal at each point, in place of the model's.
        data : ModelData, optional
            One data set, or one for each point; the measured one by default.

        Returns
        -------
        Rates
        """
        data = data or self.measured
        slots, bins = self.nominal.shape
        shape, scale = alpha[:, self.shape_index], alpha[:, self.scale_index]
        curve, slope = bend(shape)
        logs, log_slope = log_factors(scale, self.log_lo, self.log_hi, self._flat["table"])
        factor = np.exp(logs @ self._flat["applies"]).reshape(-1, slots, bins)
        factor[:, 0] *= weights
        rate = np.concatenate([shape, curve], axis=1) @ self._flat["interpolation"]
        rate = rate.reshape(-1, slots, bins)
        rate += self.nominal
        rate *= factor
        spread = self._flat["width2"] * rate
        if signal_width2 is not None:
            np.multiply(signal_width2, rate[:, 0], out=spread[:, 0])
        variance = np.einsum("nsb,nsb->nb", spread, rate)
        total = rate if data.factors is None else data.factors * rate
        expected = _quadratic_root(total.sum(axis=1) - variance, data.counts * variance)
        excess = data.counts / expected - 1.0
        return Rates(
            alpha,
            factor,
            rate,
            spread,
            excess,
            expected,
            variance,
            slope,
            log_slope,
            data,
            signal_width2,
        )

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
        nu, n, pulls = rates.expected, rates.counts, rates.pulls
        deviance = nu - n - n * np.log(nu / n)
        moved = 0.5 * rates.variance * rates.excess**2
        objective: Array = (deviance + moved).sum(axis=1) + 0.5 * np.einsum(
            "ni,ni->n", pulls, pulls
        )
        return objective

    def gradient(self, rates: Rates) -> Array:
        """Gradient of `objective` in alpha: (n, n_alpha)."""
        n, shapes = len(rates.alpha), len(self.shape_names)
        slope = self._rate_slope(rates)
        parts = (slope * rates.factor).reshape(n, -1) @ self._flat["interpolation_back"]
        slope *= rates.rate
        scales = slope.reshape(n, -1) @ self._flat["applies_back"]
        scales *= rates.log_slope
        parts[:, shapes:] *= rates.bend_slope
        variations = np.concatenate([parts[:, :shapes] + parts[:, shapes:], scales], axis=1)
        # A product, since several variations may share one nuisance parameter.
        gradient: Array = rates.pulls + variations @ self._flat["embed"]
        return gradient

    def signal_slope(self, rates: Rates) -> Array:
        """Derivative of `objective` in the logarithm of a factor on all signal: (n,)."""
        slope = -(rates.excess * rates.gamma[:, 0] * rates.rate[:, 0]).sum(axis=1)
        return np.asarray(slope)

    def hessian(self, rates: Rates) -> Array:
        """Exact Hessian of `objective` in alpha, bin factors profiled.

        With ``c = n / (nu^2 + n V)`` the second derivatives of the profiled bin term are
        ``c (dR + u dV)^2 - u d2R - (u^2/2) d2V``; the full Hessian in all nuisance parameters has
        the determinant of this one times that of the bin factors (Schur complement).

        Parameters
        ----------
        rates : Rates

        Returns
        -------
        (n, n_alpha, n_alpha) array
        """
        n, size = len(rates.rate), self.nominal.size
        u, width2 = rates.excess[:, None, :], self._width2(rates)
        shapes, scales = len(self.shape_names), len(self.scale_names)
        unit, log = self._derivatives(rates)
        jacobian = np.concatenate([unit, rates.rate[..., None] * log], axis=-1)
        per_bin = self._per_bin(rates, jacobian)
        curvature = rates.counts / (rates.expected**2 + rates.counts * rates.variance)
        local = _gram(per_bin, curvature)
        local += _gram(
            jacobian.reshape(n, size, shapes + scales), -(u**2 * width2).reshape(n, size)
        )
        slope = self._rate_slope(rates)
        log = log.reshape(n, size, scales)
        weighted = slope.reshape(n, size, 1) * unit.reshape(n, size, shapes)
        cross = np.swapaxes(weighted, 1, 2) @ log
        local[:, :shapes, shapes:] += cross
        local[:, shapes:, :shapes] += np.swapaxes(cross, 1, 2)
        local[:, shapes:, shapes:] += _gram(log, (slope * rates.rate).reshape(n, size))
        diagonal = np.concatenate(
            [
                bend_curvature(rates.alpha[:, self.shape_index])
                * ((slope * rates.factor).reshape(n, -1) @ self._flat["interpolation"][shapes:].T),
                log_factor_curvature(rates.alpha[:, self.scale_index], self.coefficients)
                * ((slope * rates.rate).reshape(n, -1) @ self._flat["applies_back"]),
            ],
            axis=1,
        )
        index = np.arange(shapes + scales)
        local[:, index, index] += diagonal
        embed = self._flat["embed"]
        hessian: Array = embed.T @ local @ embed + np.eye(self.n_alpha)
        return hessian

    def bin_jacobian(self, rates: Rates) -> Array:
        """``dR + u dV`` in each bin: (n, B, n_alpha).

        The derivative of the expected counts nu, bin factors profiled, is this divided by
        ``1 + n V / nu^2``.
        """
        embedded: Array = self._per_bin(rates, self.jacobian(rates))
        return embedded

    def jacobian(self, rates: Rates) -> Array:
        """Derivative of the rates of all samples in alpha: (n, S, B, n_alpha)."""
        unit, log = self._derivatives(rates)
        variations = np.concatenate([unit, rates.rate[..., None] * log], axis=-1)
        embedded: Array = variations @ self._flat["embed"]
        return embedded

    def mixed_derivatives(self, rates: Rates) -> tuple[Array, Array]:
        """Derivatives of `gradient` in the counts and in the centres of the bin factors.

        From ``du/dn = nu / (nu^2 + n V)`` and ``du/dc_s = -c r_s`` at fixed rates, with the c of
        `hessian`.

        Parameters
        ----------
        rates : Rates

        Returns
        -------
        (n, B, n_alpha) array, 1/events
        (n, S * B, n_alpha) array
        """
        jacobian = self.jacobian(rates)
        per_bin = self._per_bin(rates, jacobian)
        square = rates.expected**2 + rates.counts * rates.variance
        counts = -per_bin * (rates.expected / square)[..., None]
        curvature = (rates.counts / square)[:, None, :] * rates.rate
        factors = curvature[..., None] * per_bin[:, None]
        factors -= rates.excess[:, None, :, None] * jacobian
        return counts, factors.reshape(len(rates.rate), -1, self.n_alpha)

    def _derivatives(self, rates: Rates) -> tuple[Array, Array]:
        """dr/dalpha of the histogram and d(ln r)/dalpha of the normalisation variations."""
        odd, even = np.moveaxis(self.odd, 0, -1), np.moveaxis(self.even, 0, -1)
        unit = rates.factor[..., None] * (odd + even * _mid(rates.bend_slope))
        return unit, np.moveaxis(self.applies, 0, -1) * _mid(rates.log_slope)

    def _per_bin(self, rates: Rates, jacobian: Array) -> Array:
        centres = 1.0 if rates.data.factors is None else rates.data.factors
        slope = centres + 2.0 * rates.excess[:, None, :] * rates.spread
        summed: Array = np.einsum("nsb,nsbk->nbk", slope, jacobian)
        return summed

    def log_determinant_of_factors(self, rates: Rates) -> Array:
        """``ln det`` of the block of the bin factors in the full Hessian: (n,).

        In each bin the block is ``diag(1/delta^2) + (n/nu^2) r r^T``, whose determinant is
        ``(1 + n V / nu^2) / prod delta^2``. The widths in the product are the model's, as in
        `constant`: where those of the signal differ from point to point, they cancel between this
        determinant and the normalisation of the constraints, and are left out of both.

        A bin without counts needs no approximation: the integral over its factors, as far as the
        expected counts are positive, is Phi(z) (times ``e^(z^2/2)`` where the minimum is at zero
        counts), with ``z = (R - V)/sqrt(V)``, in place of 1.
        """
        widths = self.relative_error[self.relative_error > 0]
        empty = rates.counts == NO_COUNTS
        ratio = np.where(empty, 0.0, rates.counts * rates.variance / rates.expected**2)
        logs: Array = np.log1p(ratio).sum(axis=1) - 2.0 * np.log(widths).sum()
        if empty.any():
            logs -= 2.0 * np.where(empty, _log_integral_of_empty(rates), 0.0).sum(axis=1)
        return logs

    def _width2(self, rates: Rates) -> Array:
        """delta^2 of every sample and bin: (1, S, B) or (n, S, B)."""
        if rates.signal_width2 is None:
            return self._flat["width2"]
        width2 = np.repeat(self._flat["width2"], len(rates.signal_width2), axis=0)
        width2[:, 0] = rates.signal_width2
        return width2

    def _rate_slope(self, rates: Rates) -> Array:
        # d(objective)/dr_s = -u gamma_s: the envelope theorem for the bin factors.
        u = rates.excess[:, None, :]
        slope: Array = rates.gamma
        slope *= -u
        return slope

    @property
    def constant(self) -> float:
        """What `objective` leaves out of ``-ln L`` with all constants, for the measured data."""
        return float(self.constants(self.measured)[0])

    def constants(self, data: ModelData) -> Array:
        """What `objective` leaves out of ``-ln L`` with all constants: (m,).

        ``sum_b (n - n ln n + ln n!)``, ``(1/2) ln 2 pi`` for each constrained parameter, and
        ``ln delta`` for each bin factor: the normal densities of alphas (width 1) and factors.
        """
        from scipy.special import gammaln, xlogy

        n = data.counts
        poisson: Array = (n - xlogy(n, n) + gammaln(n + 1.0)).sum(axis=1)
        widths = self.relative_error[self.relative_error > 0]
        normals = 0.5 * np.log(2.0 * np.pi) * (self.n_alpha + widths.size) + np.log(widths).sum()
        constants: Array = poisson + normals
        return constants


def _mid(columns: Array) -> Array:
    return columns[:, None, None, :]


def _gram(vectors: Array, weights: Array) -> Array:
    """``sum_i w_i v_i v_i^T``: (n, i, k), (n, i) -> (n, k, k)."""
    product: Array = np.swapaxes(vectors * weights[..., None], 1, 2) @ vectors
    return product


def _log_integral_of_empty(rates: Rates) -> Array:
    """``ln int e^(-F) / e^(-F_min)`` over the factors of bins without counts, nu >= 0: (n, B)."""
    from scipy.special import log_ndtr

    # At the minimum 1 + u = n/nu is zero where nu is positive, and (V - R)/V = -z/sqrt(V) else.
    with np.errstate(divide="ignore", invalid="ignore"):
        at_zero = -(1.0 + rates.excess) * np.sqrt(rates.variance)
        z = np.where(rates.expected > 1e-50, rates.expected / np.sqrt(rates.variance), at_zero)
    z = np.where(rates.variance > 0, z, np.inf)
    logs: Array = log_ndtr(z) + np.where(z < 0, 0.5 * z * z, 0.0)
    return logs


def _quadratic_root(b: Array, c: Array) -> Array:
    """Positive root of ``x^2 - b x - c = 0`` for c >= 0, without cancellation."""
    root = np.sqrt(b * b + 4.0 * c)
    with np.errstate(divide="ignore", invalid="ignore"):
        positive: Array = np.where(b >= 0, 0.5 * (b + root), 2.0 * c / (root - b))
    return positive
