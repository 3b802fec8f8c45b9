"""Normal priors of one parameter, whole or cut at ends. They are constraints."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, final

import numpy as np
from numpy.typing import NDArray

from ...errors import ParameterError
from ..analysis_file.names import MAX_SIGMAS
from .prior_base import Array, Prior, check_ends, masked

__all__ = ["EDGE", "LOG_SQRT_2PI", "Normal", "TruncatedNormal"]

LOG_SQRT_2PI = 0.5 * math.log(2.0 * math.pi)
# The unit cube has ends; a normal quantile there would be infinite. 2^-53 is 8.2 sigma.
EDGE = 2.0**-53
# Width in sigmas at which Phi certainly differs at both ends.
_WIDE = 1e-3


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

    @property
    def measured(self) -> Array:
        """The mean."""
        return np.array([self.mean])

    def log_measured(self, x: Array, measured: Array) -> Array:
        """The same around another mean."""
        return _log_normal(x[:, 0], measured[:, 0], self.sigma)

    def sample_measured(self, x: Array, rng: np.random.Generator) -> Array:
        """X + sigma times standard normal numbers."""
        return np.asarray(x + self.sigma * rng.standard_normal(x.shape))

    def ppf(self, u: Array) -> Array:
        """Normal quantile."""
        from scipy.special import ndtri

        return np.asarray(self.mean + self.sigma * ndtri(np.clip(u, EDGE, 1.0 - EDGE)))

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


def _log_normal(x: Array, mean: float | Array, sigma: float) -> Array:
    # Far away the square overflows to infinity, which is the right answer.
    with np.errstate(over="ignore"):
        log_density = -0.5 * ((x - mean) / sigma) ** 2 - (math.log(sigma) + LOG_SQRT_2PI)
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

    def __post_init__(self) -> None:
        _check_normal(self.mean, self.sigma)
        check_ends("truncated normal", self.lower, self.upper)
        near, sigma = float(self.centre[0]), self.sigma
        if abs(near - self.mean) > MAX_SIGMAS * sigma:
            raise ParameterError(
                f"the ends [{self.lower:g}, {self.upper:g}] of a normal prior are more than "
                f"{MAX_SIGMAS:g} sigma from its mean {self.mean:g}: nothing is left of it."
            )
        wide = self.upper - self.lower > _WIDE * sigma
        if not wide and not self._log_ends[0] < self._log_ends[1]:
            raise ParameterError(
                f"the ends [{self.lower:g}, {self.upper:g}] of a normal prior are too close "
                f"together for its sigma {sigma:g}: use uniform."
            )

    # What follows is made when it is first asked for: scipy takes its time to load.

    @property
    def _sign(self) -> float:
        """-1 if the mirror image is used, for a support above the mean: lower tails are precise."""
        return -1.0 if self.lower > self.mean else 1.0

    @cached_property
    def _log_ends(self) -> tuple[float, float]:
        """Logs of Phi at both ends, or their images."""
        from scipy.special import log_ndtr

        ends = (self._sign * (end - self.mean) / self.sigma for end in (self.lower, self.upper))
        low, high = (float(log_ndtr(end)) for end in sorted(ends))
        return low, high

    @property
    def _log_low(self) -> float:
        return self._log_ends[0]

    @cached_property
    def _log_mass(self) -> float:
        """Log of the part that is kept."""
        low, high = self._log_ends
        return high + math.log(-math.expm1(low - high))

    @cached_property
    def _mean_score(self) -> float:
        """Score of `centre`."""
        return float(self.scores(self.centre[None])[0, 0])

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
        return self._cut(x[:, 0], self.mean)

    def _cut(self, value: Array, mean: float | Array) -> Array:
        inside = (value >= self.lower) & (value <= self.upper)
        return masked(inside, _log_normal(value, mean, self.sigma) - self._log_mass)

    @property
    def measured(self) -> Array:
        """The mean, which may lie beyond the ends."""
        return np.array([self.mean])

    def log_measured(self, x: Array, measured: Array) -> Array:
        """The same around another mean, with the same ends and norm."""
        return self._cut(x[:, 0], measured[:, 0])

    def sample_measured(self, x: Array, rng: np.random.Generator) -> Array:
        """X + sigma times standard normal numbers: what is measured knows of no ends."""
        return np.asarray(x + self.sigma * rng.standard_normal(x.shape))

    def ppf(self, u: Array) -> Array:
        """Quantile, by the inverse of the log distribution function."""
        from scipy.special import ndtri_exp

        part = np.clip(u if self._sign > 0.0 else 1.0 - u, EDGE, 1.0 - EDGE)
        # A rounding above log 1 would be NaN.
        log_cdf = np.minimum(np.logaddexp(self._log_low, np.log(part) + self._log_mass), -EDGE)
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
