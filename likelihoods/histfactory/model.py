"""HistFactory models compiled to arrays, with the per-bin factors profiled analytically.

A model (pyhf JSON) predicts, in bin b, ``nu_b = sum_s gamma_sb r_sb(alpha)`` with
``r = w (nominal + histogram shifts) x (normalisation factors)``; ``w`` is the weight of the signal
bins. Each sample and bin has its own factor gamma with a normal constraint of width
``delta = error / nominal`` (CERN-OPEN-2012-016, also for the interpolations), so for
given alpha the minimum over all gammas of ``-ln L`` is the root of one quadratic per bin,

    nu^2 - (R - V) nu - n V = 0,   R = sum_s r_s,   V = sum_s delta_s^2 r_s^2,

with ``gamma_s = 1 + u delta_s^2 r_s`` and ``u = n/nu - 1``. The constrained alphas remain
(`likelihoods.histfactory.profile`).
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

__all__ = ["HistFactoryModel", "Rates"]


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
    signal_width2: Array | None = None


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

    def __post_init__(self) -> None:
        shapes, scales = len(self.shape_names), len(self.scale_names)
        size = self.nominal.size
        embed = np.zeros((shapes + scales, len(self.alpha_names)))
        place = np.concatenate([self.shape_index, self.scale_index])
        embed[np.arange(shapes + scales), place] = 1.0
        interpolation = np.concatenate([self.odd, self.even]).reshape(2 * shapes, size)
        flat = {
            "embed": embed,
            # A bin without events has no logarithm: n ln(nu/n) is then 0 ln(nu).
            "positive": np.where(self.observed > 0, self.observed, 1.0),
            "interpolation": interpolation,
            "interpolation_back": np.ascontiguousarray(interpolation.T),
            "table": polynomial_table(self.coefficients),
            "applies": self.applies.reshape(scales, size),
            "applies_back": np.ascontiguousarray(self.applies.reshape(scales, size).T),
            "width2": (self.relative_error**2)[None],
        }
        object.__setattr__(self, "_flat", flat)

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

    def rates(self, alpha: Array, weights: Array, signal_width2: Array | None = None) -> Rates:
        """Expected counts at given nuisance parameters, bin factors profiled.

        Parameters
        ----------
        alpha : (n, n_alpha) array
            In standard deviations.
        weights : (n, B) array
            Factor on the signal in each bin (1 in bins without signal).
        signal_width2 : (n, B) array, optional
            delta^2 of the bin factors of the signal at each point, in place of the model's.

        Returns
        -------
        Rates
        """
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
        expected = _quadratic_root(rate.sum(axis=1) - variance, self.observed * variance)
        excess = self.observed / expected - 1.0
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
        nu, n = rates.expected, self.observed
        deviance = nu - n - n * np.log(nu / self._flat["positive"])
        pulls = 0.5 * rates.variance * rates.excess**2
        objective: Array = (deviance + pulls).sum(axis=1) + 0.5 * np.einsum(
            "ni,ni->n", rates.alpha, rates.alpha
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
        gradient: Array = rates.alpha + variations @ self._flat["embed"]
        return gradient

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
        curvature = self.observed / (rates.expected**2 + self.observed * rates.variance)
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
        unit, log = self._derivatives(rates)
        jacobian = np.concatenate([unit, rates.rate[..., None] * log], axis=-1)
        embedded: Array = self._per_bin(rates, jacobian) @ self._flat["embed"]
        return embedded

    def _derivatives(self, rates: Rates) -> tuple[Array, Array]:
        """dr/dalpha of the histogram and d(ln r)/dalpha of the normalisation variations."""
        odd, even = np.moveaxis(self.odd, 0, -1), np.moveaxis(self.even, 0, -1)
        unit = rates.factor[..., None] * (odd + even * _mid(rates.bend_slope))
        return unit, np.moveaxis(self.applies, 0, -1) * _mid(rates.log_slope)

    def _per_bin(self, rates: Rates, jacobian: Array) -> Array:
        slope = 1.0 + 2.0 * rates.excess[:, None, :] * rates.spread
        summed: Array = np.einsum("nsb,nsbk->nbk", slope, jacobian)
        return summed

    def log_determinant_of_factors(self, rates: Rates) -> Array:
        """``ln det`` of the block of the bin factors in the full Hessian: (n,).

        In each bin the block is ``diag(1/delta^2) + (n/nu^2) r r^T``, whose determinant is
        ``(1 + n V / nu^2) / prod delta^2``. The widths in the product are the model's, as in
        `constant`: where those of the signal differ from point to point, they cancel between this
        determinant and the normalisation of the constraints, and are left out of both.
        """
        widths = self.relative_error[self.relative_error > 0]
        ratio = self.observed * rates.variance / rates.expected**2
        logs: Array = np.log1p(ratio).sum(axis=1) - 2.0 * np.log(widths).sum()
        return logs

    def _width2(self, rates: Rates) -> Array:
        """delta^2 of every sample and bin: (1, S, B) or (n, S, B)."""
        if rates.signal_width2 is None:
            return self._flat["width2"]
        width2 = np.repeat(self._flat["width2"], len(rates.signal_width2), axis=0)
        width2[:, 0] = rates.signal_width2
        return width2

    def _rate_slope(self, rates: Rates) -> Array:
        # d(objective)/dr_s = -u (1 + u delta_s^2 r_s): the envelope theorem for the bin factors.
        u = rates.excess[:, None, :]
        slope: Array = u * rates.spread
        slope += 1.0
        slope *= -u
        return slope

    @property
    def constant(self) -> float:
        """What `objective` leaves out of ``-ln L`` with all constants.

        ``sum_b (n - n ln n + ln n!)``, ``(1/2) ln 2 pi`` for each constrained parameter, and
        ``ln delta`` for each bin factor: the normal densities of alphas (width 1) and factors.
        """
        from scipy.special import gammaln, xlogy

        n = self.observed
        poisson = float((n - xlogy(n, n) + gammaln(n + 1.0)).sum())
        widths = self.relative_error[self.relative_error > 0]
        normals = 0.5 * np.log(2.0 * np.pi) * (self.n_alpha + widths.size) + np.log(widths).sum()
        return poisson + float(normals)


def _mid(columns: Array) -> Array:
    return columns[:, None, None, :]


def _gram(vectors: Array, weights: Array) -> Array:
    """``sum_i w_i v_i v_i^T``: (n, i, k), (n, i) -> (n, k, k)."""
    product: Array = np.swapaxes(vectors * weights[..., None], 1, 2) @ vectors
    return product


def _quadratic_root(b: Array, c: Array) -> Array:
    """Positive root of ``x^2 - b x - c = 0`` for c >= 0, without cancellation."""
    root = np.sqrt(b * b + 4.0 * c)
    with np.errstate(divide="ignore", invalid="ignore"):
        positive: Array = np.where(b >= 0, 0.5 * (b + root), 2.0 * c / (root - b))
    return positive
