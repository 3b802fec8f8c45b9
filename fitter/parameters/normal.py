"""Normal priors: one parameter, cut at ends, or a correlated block. They are constraints."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import ClassVar, final

import numpy as np
from numpy.typing import NDArray

from ...errors import ParameterError
from ..analysis_file.names import MAX_SIGMAS
from .prior_base import Array, Prior, check_ends, masked

__all__ = ["CorrelatedNormal", "Normal", "TruncatedNormal"]

_LOG_SQRT_2PI = 0.5 * math.log(2.0 * math.pi)
# The unit cube has ends; a normal quantile there would be infinite. 2^-53 is 8.2 sigma.
_EDGE = 2.0**-53


def _check_normal(mean: float, sigma: float) -> None:
    if not (math.isfinite(mean) and math.isfinite(sigma) and sigma > 0.0):
        raise ParameterError(
            f"a normal prior needs a finite mean and a sigma above 0, not {mean:g} and {sigma:g}."
        )


@final
@dataclass(frozen=True)
class Normal(Prior):
    """Normal density.

    Parameters
    ----------
    mean, sigma : float
        In the parameter's unit.
    """

    is_constraint: ClassVar[bool] = True
    mean: float
    sigma: float

    def __post_init__(self) -> None:
        _check_normal(self.mean, self.sigma)

    @property
    def support(self) -> tuple[Array, Array]:
        """The whole line."""
        return np.array([-np.inf]), np.array([np.inf])

    @property
    def centre(self) -> Array:
        """The mean."""
        return np.array([self.mean])

    @property
    def description(self) -> str:
        """Text for tables."""
        return f"normal {self.mean:g} ± {self.sigma:g}"

    def log_pdf(self, x: Array) -> Array:
        """-(x - mean)^2 / (2 sigma^2) - log(sigma sqrt(2 pi))."""
        return _log_normal(x[:, 0], self.mean, self.sigma)

    def ppf(self, u: Array) -> Array:
        """Normal quantile."""
        from scipy.special import ndtri

        return np.asarray(self.mean + self.sigma * ndtri(np.clip(u, _EDGE, 1.0 - _EDGE)))

    def cdf(self, x: Array) -> Array:
        """Normal distribution function."""
        from scipy.special import ndtr

        return np.asarray(ndtr((x - self.mean) / self.sigma))

    def scores(self, x: Array) -> Array:
        """(x - mean) / sigma."""
        return (x - self.mean) / self.sigma

    def from_scores(self, z: Array) -> Array:
        """Mean + sigma z."""
        return self.mean + self.sigma * z

    def step(self, x: Array) -> Array:
        """Sigma."""
        return np.array([self.sigma])


def _log_normal(x: Array, mean: float, sigma: float) -> Array:
    # Far away the square overflows to infinity, which is the right answer.
    with np.errstate(over="ignore"):
        log_density = -0.5 * ((x - mean) / sigma) ** 2 - (math.log(sigma) + _LOG_SQRT_2PI)
    return np.where(np.isnan(log_density), -np.inf, log_density)


def _log_difference(large: Array, small: Array) -> Array:
    """log(exp(large) - exp(small)); minus infinity where a rounding makes them change places."""
    with np.errstate(divide="ignore"):
        return large + np.log1p(-np.exp(np.minimum(small - large, 0.0)))


@final
@dataclass(frozen=True)
class TruncatedNormal(Prior):
    """Normal density cut at one or two ends and normalised again.

    Works in logarithms and from the nearer tail, so that a cut far from the mean keeps its
    precision.

    Parameters
    ----------
    mean, sigma : float
        Of the normal before the cut, in the parameter's unit.
    lower, upper : float
        Ends; may be infinite. The nearer one at most 30 sigma from the mean.
    """

    is_constraint: ClassVar[bool] = True
    mean: float
    sigma: float
    lower: float = -math.inf
    upper: float = math.inf
    # If the support lies above the mean its mirror image is used: the lower tail is precise.
    _sign: float = field(init=False, repr=False)
    _log_low: float = field(init=False, repr=False)  # log of Phi at the (image's) lower end
    _log_mass: float = field(init=False, repr=False)  # log of the part that is kept
    _mean_score: float = field(init=False, repr=False)  # that of `centre`

    def __post_init__(self) -> None:
        from scipy.special import log_ndtr

        _check_normal(self.mean, self.sigma)
        check_ends("truncated normal", self.lower, self.upper)
        near, sigma = float(self.centre[0]), self.sigma
        if abs(near - self.mean) > MAX_SIGMAS * sigma:
            raise ParameterError(
                f"the ends [{self.lower:g}, {self.upper:g}] of a normal prior are more than "
                f"{MAX_SIGMAS:g} sigma from its mean {self.mean:g}: nothing is left of it."
            )
        sign = -1.0 if self.lower > self.mean else 1.0
        ends = sorted(sign * (end - self.mean) / sigma for end in (self.lower, self.upper))
        low, high = (float(log_ndtr(end)) for end in ends)
        if not low < high:
            raise ParameterError(
                f"the ends [{self.lower:g}, {self.upper:g}] of a normal prior are too close "
                f"together for its sigma {sigma:g}: use uniform."
            )
        object.__setattr__(self, "_sign", sign)
        object.__setattr__(self, "_log_low", low)
        object.__setattr__(self, "_log_mass", high + math.log(-math.expm1(low - high)))
        object.__setattr__(self, "_mean_score", float(self.scores(self.centre[None])[0, 0]))

    @property
    def support(self) -> tuple[Array, Array]:
        """Lower and upper ends."""
        return np.array([self.lower]), np.array([self.upper])

    @property
    def centre(self) -> Array:
        """The mean, or the end next to it."""
        return np.array([min(max(self.mean, self.lower), self.upper)])

    @property
    def description(self) -> str:
        """Text for tables."""
        return f"normal {self.mean:g} ± {self.sigma:g} in [{self.lower:g}, {self.upper:g}]"

    def log_pdf(self, x: Array) -> Array:
        """The normal's log density minus the log of the part that is kept."""
        value = x[:, 0]
        inside = (value >= self.lower) & (value <= self.upper)
        return masked(inside, _log_normal(value, self.mean, self.sigma) - self._log_mass)

    def ppf(self, u: Array) -> Array:
        """Quantile, by the inverse of the log distribution function."""
        from scipy.special import ndtri_exp

        part = np.clip(u if self._sign > 0.0 else 1.0 - u, _EDGE, 1.0 - _EDGE)
        # A rounding above log 1 would be NaN.
        log_cdf = np.minimum(np.logaddexp(self._log_low, np.log(part) + self._log_mass), -_EDGE)
        quantile = self.mean + self._sign * self.sigma * ndtri_exp(log_cdf)
        return np.asarray(np.clip(quantile, self.lower, self.upper))

    def cdf(self, x: Array) -> Array:
        """Distribution function."""
        from scipy.special import log_ndtr

        # 1000 sigma are as good as infinity, and free of inf - inf.
        score = (np.clip(x, self.lower, self.upper) - self.mean) / self.sigma
        log_cdf = log_ndtr(np.clip(self._sign * score, -1000.0, 1000.0))
        above = -np.expm1(np.minimum(self._log_low - log_cdf, 0.0))
        part = np.clip(np.exp(log_cdf - self._log_mass) * above, 0.0, 1.0)
        return np.asarray(part if self._sign > 0.0 else 1.0 - part)

    def _tails(self, upper: NDArray[np.bool_]) -> tuple[Array, Array]:
        """Logs of Phi at both ends, (n, 1) each, in the mirror image where `upper`."""
        from scipy.special import log_ndtr

        low, high = ((end - self.mean) / self.sigma for end in (self.lower, self.upper))
        return log_ndtr(np.where(upper, -high, low)), log_ndtr(np.where(upper, -low, high))

    def scores(self, x: Array) -> Array:
        """Normal quantile of the distribution function, from the nearer tail of each point."""
        from scipy.special import log_ndtr, ndtri_exp

        distance = (np.clip(x, self.lower, self.upper) - self.mean) / self.sigma
        # Points above the mean are mirrored: the lower tail is precise.
        upper = distance > 0.0
        low, high = self._tails(upper)
        log_at = log_ndtr(-np.abs(distance))
        below = _log_difference(log_at, low) - self._log_mass
        above = _log_difference(high, log_at) - self._log_mass
        lower_half = below < above
        tail = ndtri_exp(np.minimum(np.where(lower_half, below, above), 0.0))
        return np.asarray(np.where(lower_half ^ upper, tail, -tail))

    def from_scores(self, z: Array) -> Array:
        """Inverse of ``scores``."""
        from scipy.special import log_ndtr, ndtri_exp

        upper = z > self._mean_score
        low, high = self._tails(upper)
        mirrored = np.where(upper, -z, z)
        from_below = np.logaddexp(low, log_ndtr(mirrored) + self._log_mass)
        from_above = _log_difference(high, log_ndtr(-mirrored) + self._log_mass)
        log_at = np.where(mirrored < 0.0, from_below, from_above)
        # At and below the mean, whatever the rounding.
        distance = ndtri_exp(np.minimum(log_at, -math.log(2.0)))
        quantile = self.mean + self.sigma * np.where(upper, -distance, distance)
        return np.asarray(np.clip(quantile, self.lower, self.upper))

    def step(self, x: Array) -> Array:
        """Sigma, at most a quarter of the width."""
        return np.array([min(self.sigma, (self.upper - self.lower) / 4.0)])


@final
@dataclass(frozen=True, eq=False)
class CorrelatedNormal(Prior):
    """Normal density of several parameters with a covariance.

    Parameters
    ----------
    mean : (m,) array
        In the parameters' units.
    covariance : (m, m) array
        Positive definite.
    label : str
        What the block is, for tables.
    """

    is_constraint: ClassVar[bool] = True
    mean: Array
    covariance: Array
    label: str = ""
    _sigma: Array = field(init=False, repr=False)
    _factor: Array = field(init=False, repr=False)
    _whiten: Array = field(init=False, repr=False)
    _log_norm: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        mean, covariance = np.array(self.mean, float), np.array(self.covariance, float)
        where = f" of {self.label}" if self.label else ""
        if mean.ndim != 1 or covariance.shape != (mean.size, mean.size):
            raise ParameterError(
                f"the correlated prior{where} has {mean.shape} means and a {covariance.shape} "
                "covariance: (m,) and (m, m) are needed."
            )
        variance = np.diag(covariance)
        finite = bool(np.isfinite(mean).all() and np.isfinite(covariance).all())
        if not finite or not (variance > 0.0).all() or not np.allclose(covariance, covariance.T):
            raise ParameterError(
                f"the covariance{where} must be finite and symmetric with variances above 0."
            )
        # Coefficients may differ by orders of magnitude: factorise the correlation.
        sigma = np.sqrt(variance)
        try:
            factor = np.linalg.cholesky(covariance / np.outer(sigma, sigma))
        except np.linalg.LinAlgError:
            smallest = np.linalg.eigvalsh(covariance / np.outer(sigma, sigma))[0]
            raise ParameterError(
                f"the covariance{where} is not positive definite (smallest eigenvalue of the "
                f"correlation {smallest:.2g}): leave out a coefficient that the others determine."
            ) from None
        values = (mean, covariance, sigma, factor, np.linalg.inv(factor))
        names = ("mean", "covariance", "_sigma", "_factor", "_whiten")
        for name, value in zip(names, values, strict=True):
            value.setflags(write=False)
            object.__setattr__(self, name, value)
        log_det = float(np.log(sigma).sum() + np.log(np.diag(factor)).sum())
        object.__setattr__(self, "_log_norm", log_det + mean.size * _LOG_SQRT_2PI)

    @property
    def size(self) -> int:
        """Number of parameters of the block."""
        return int(self.mean.size)

    @property
    def support(self) -> tuple[Array, Array]:
        """The whole space."""
        return np.full(self.size, -np.inf), np.full(self.size, np.inf)

    @property
    def centre(self) -> Array:
        """The mean."""
        return self.mean

    @property
    def description(self) -> str:
        """Text for tables."""
        what = f" ({self.label})" if self.label else ""
        return f"correlated normal of {self.size}{what}"

    def _white(self, x: Array) -> Array:
        return ((x - self.mean) / self._sigma) @ self._whiten.T

    def log_pdf(self, x: Array) -> Array:
        """-(x - mean)^T C^-1 (x - mean) / 2 - log sqrt(det(2 pi C))."""
        finite = np.asarray(np.isfinite(x).all(axis=1))
        with np.errstate(over="ignore"):
            square = (self._white(np.where(finite[:, None], x, self.mean)) ** 2).sum(axis=1)
        return masked(finite, -0.5 * square - self._log_norm)

    def ppf(self, u: Array) -> Array:
        """Mean plus the Cholesky factor times normal quantiles."""
        from scipy.special import ndtri

        white = ndtri(np.clip(u, _EDGE, 1.0 - _EDGE))
        return self.from_scores(white)

    def cdf(self, x: Array) -> Array:
        """Normal distribution function of the whitened point: the inverse of ``ppf``."""
        from scipy.special import ndtr

        return np.asarray(ndtr(self._white(x)))

    def scores(self, x: Array) -> Array:
        """The whitened point."""
        return self._white(x)

    def from_scores(self, z: Array) -> Array:
        """Mean plus the Cholesky factor times z."""
        return np.asarray(self.mean + self._sigma * (z @ self._factor.T))

    def step(self, x: Array) -> Array:
        """Sigmas."""
        return self._sigma
