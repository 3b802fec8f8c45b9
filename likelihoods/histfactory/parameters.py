"""The parameters of a model besides its bin factors: names, constraints, bounds.

A parameter has a normal constraint, a Poisson one (a bin factor that cannot be eliminated), or none
(norm and shape factors). The centre of a constraint is an auxiliary datum.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .factors import poisson_cost
from .interpolation import Array

if TYPE_CHECKING:
    from .rates import ModelData, Rates

__all__ = ["Parameters"]


@dataclass(frozen=True)
class Parameters:
    """Parameters of a model, in order.

    Attributes
    ----------
    names : tuple of str
    centre : (n_alpha,) array
        Nominal centre of each constraint; the initial value of a free parameter.
    width : (n_alpha,) array
        Width of a normal constraint; infinite for a free parameter.
    tau : (n_alpha,) array
        Auxiliary counts of a Poisson constraint at 1; zero for other parameters.
    lower, upper : (n_alpha,) arrays
        Bounds of free parameters, infinite for others.
    """

    names: tuple[str, ...]
    centre: Array
    width: Array
    tau: Array
    lower: Array
    upper: Array

    @classmethod
    def standard(cls, names: tuple[str, ...]) -> Parameters:
        """Parameters with normal constraints of width 1 around 0."""
        size = len(names)
        infinite = np.full(size, np.inf)
        return cls(names, np.zeros(size), np.ones(size), np.zeros(size), -infinite, infinite)

    @cached_property
    def is_standard(self) -> bool:
        """Whether all constraints are normal, of width 1 around 0."""
        return bool((self.centre == 0).all() and (self.width == 1).all())

    @cached_property
    def precision(self) -> Array:
        """Inverse square of the widths; zero for free parameters and Poisson constraints."""
        return np.where(self.normal, 1.0 / np.where(self.normal, self.width, 1.0) ** 2, 0.0)

    @cached_property
    def normal(self) -> Array:
        """Which have a normal constraint."""
        return np.asarray(np.isfinite(self.width) & (self.tau == 0))

    @cached_property
    def constrained(self) -> Array:
        """Positions of those that have a constraint, hence auxiliary data."""
        return np.flatnonzero(self.normal | (self.tau > 0))

    @cached_property
    def free(self) -> Array:
        """Positions of those without a constraint."""
        return np.flatnonzero(~self.normal & (self.tau == 0))

    @cached_property
    def bounded(self) -> bool:
        """Whether any has bounds."""
        return bool(np.isfinite(self.lower).any() or np.isfinite(self.upper).any())

    @property
    def n_normal(self) -> int:
        """Number of normal constraints."""
        return int(self.normal.sum())

    def full(self, centres: Array | None) -> Array | None:
        """Centres of all parameters from those of the constrained ones: (m, n_alpha)."""
        if self.is_standard:
            return centres
        if centres is None:
            return self.centre[None]
        full = np.repeat(self.centre[None], len(centres), axis=0)
        full[:, self.constrained] = centres
        return full

    def cost(self, rates: Rates) -> Array:
        """``-ln`` of all constraints relative to their best value: (n,)."""
        pulls = rates.pulls
        if self.is_standard:
            cost: Array = 0.5 * np.einsum("ni,ni->n", pulls, pulls)
            return cost
        cost = 0.5 * np.einsum("ni,i,ni->n", pulls, self.precision, pulls)
        if (self.tau > 0).any():
            value, centre, tau = self._poisson(rates)
            cost = cost + poisson_cost(value, centre, tau).sum(axis=1)
        return cost

    def slope(self, rates: Rates) -> Array:
        """Gradient of `cost`: (n, n_alpha)."""
        if self.is_standard:
            return rates.pulls
        slope: Array = rates.pulls * self.precision
        if (self.tau > 0).any():
            value, centre, tau = self._poisson(rates)
            slope[:, self.tau > 0] = tau * (1.0 - centre / value)
        return slope

    def curvature(self, rates: Rates) -> Array:
        """Diagonal of the Hessian of `cost`: (n_alpha,) or (n, n_alpha)."""
        if not (self.tau > 0).any():
            return self.precision
        curvature = np.repeat(self.precision[None], len(rates.alpha), axis=0)
        value, centre, tau = self._poisson(rates)
        curvature[:, self.tau > 0] = tau * centre / value**2
        return curvature

    def _poisson(self, rates: Rates) -> tuple[Array, Array, Array]:
        columns = self.tau > 0
        centres = self.centre[None] if rates.data.centres is None else rates.data.centres
        # Below zero there is no density: a line search that comes there does not stay.
        value = np.where(rates.alpha[:, columns] > 0, rates.alpha[:, columns], np.nan)
        return value, centres[:, columns], self.tau[columns]

    def log_widths(self) -> float:
        """Sum of the logarithms of the widths of all normal constraints."""
        return float(np.log(self.width[self.normal]).sum())

    def poisson_constant(self, data: ModelData) -> Array | float:
        """What `cost` leaves out of ``-ln`` of Poisson constraints: (m,) or zero."""
        from scipy.special import gammaln, xlogy

        columns = self.tau > 0
        if not columns.any():
            return 0.0
        centres = self.centre[None] if data.centres is None else data.centres
        n = self.tau[columns] * centres[:, columns]
        constant: Array = (n - xlogy(n, n) + gammaln(n + 1.0)).sum(axis=1)
        return constant
