"""Flat priors: uniform in the parameter, or in its logarithm. They are no constraints."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from ...errors import ParameterError
from .prior_base import Array, Prior, check_ends, masked

__all__ = ["LogUniform", "Uniform"]


@final
@dataclass(frozen=True)
class Uniform(Prior):
    """Constant density between two ends.

    Parameters
    ----------
    lower, upper : float
        Ends, in the parameter's unit; finite.
    """

    is_constraint: ClassVar[bool] = False
    lower: float
    upper: float

    def __post_init__(self) -> None:
        check_ends("uniform", self.lower, self.upper)
        if not math.isfinite(self.upper - self.lower):
            raise ParameterError("a uniform prior needs a finite width.")

    @property
    def support(self) -> tuple[Array, Array]:
        """Lower and upper ends."""
        return np.array([self.lower]), np.array([self.upper])

    @property
    def centre(self) -> Array:
        """Middle."""
        return np.array([self.lower + 0.5 * (self.upper - self.lower)])

    @property
    def description(self) -> str:
        """Text for tables."""
        return f"uniform [{self.lower:g}, {self.upper:g}]"

    def log_pdf(self, x: Array) -> Array:
        """-log(upper - lower) inside."""
        value = x[:, 0]
        inside = (value >= self.lower) & (value <= self.upper)
        return np.where(inside, -math.log(self.upper - self.lower), -np.inf)

    def ppf(self, u: Array) -> Array:
        """Linear in u."""
        return np.clip(self.lower + u * (self.upper - self.lower), self.lower, self.upper)

    def cdf(self, x: Array) -> Array:
        """Linear in x."""
        return np.clip((x - self.lower) / (self.upper - self.lower), 0.0, 1.0)

    def step(self, x: Array) -> Array:
        """A twentieth of the width."""
        return np.array([(self.upper - self.lower) / 20.0])


@final
@dataclass(frozen=True)
class LogUniform(Prior):
    """Density proportional to 1/x between two positive ends.

    Parameters
    ----------
    lower, upper : float
        Ends, in the parameter's unit; positive, finite.
    """

    is_constraint: ClassVar[bool] = False
    logarithmic: ClassVar[bool] = True
    lower: float
    upper: float

    def __post_init__(self) -> None:
        check_ends("log-uniform", self.lower, self.upper)
        if not (self.lower > 0.0 and math.isfinite(self.upper)):
            raise ParameterError("a log-uniform prior needs a lower end above 0 and finite ends.")

    @property
    def _width(self) -> float:
        return math.log(self.upper) - math.log(self.lower)

    @property
    def support(self) -> tuple[Array, Array]:
        """Lower and upper ends."""
        return np.array([self.lower]), np.array([self.upper])

    @property
    def centre(self) -> Array:
        """Geometric middle."""
        return np.array([math.sqrt(self.lower) * math.sqrt(self.upper)])

    @property
    def description(self) -> str:
        """Text for tables."""
        return f"log-uniform [{self.lower:g}, {self.upper:g}]"

    def log_pdf(self, x: Array) -> Array:
        """-log(x log(upper / lower)) inside."""
        value = x[:, 0]
        inside = (value >= self.lower) & (value <= self.upper)
        return masked(inside, -np.log(np.where(inside, value, 1.0)) - math.log(self._width))

    def ppf(self, u: Array) -> Array:
        """Linear in u for log x."""
        return np.clip(np.exp(math.log(self.lower) + u * self._width), self.lower, self.upper)

    def cdf(self, x: Array) -> Array:
        """Linear in log x."""
        inside = np.clip(x, self.lower, self.upper)
        return np.clip((np.log(inside) - math.log(self.lower)) / self._width, 0.0, 1.0)

    def step(self, x: Array) -> Array:
        """A twentieth of the logarithmic width, at x; at most a twentieth of the width."""
        return np.minimum(np.abs(x) * self._width, self.upper - self.lower) / 20.0
