"""The bin factors of a model at their minimum, for given rates.

In a bin with expected counts ``nu = sum_g gamma_g rho_g`` each factor gamma_g, of one sample or
shared by several, has a constraint centred at c_g: normal of width delta_g (staterror), or Poisson
with ``a_g = tau_g c_g`` auxiliary counts that expect ``tau_g gamma_g`` (shapesys). With
``u = n/nu - 1`` the minimum over all of them is at

    gamma_g = c_g + u delta_g^2 rho_g,    or    gamma_g = a_g / (tau_g - u rho_g).

Normal constraints alone leave one quadratic equation for nu,

    nu^2 - (R - V) nu - n V = 0,   R = sum_g c_g rho_g,   V = sum_g delta_g^2 rho_g^2;

with Poisson ones ``(1 + u) nu(u) = n`` is solved by Newton steps inside a bracket. Near the minimum
a Poisson constraint acts like a normal one with ``delta^2 = gamma^2/a``, so that all derivatives
have the same form.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .interpolation import Array

__all__ = ["NO_COUNTS", "Eliminated", "eliminate", "eliminate_poisson", "log_integral_of_empty"]

# Counts of an empty bin: n ln(nu) is nothing, and n/nu still has its limit where nu vanishes.
NO_COUNTS = 1e-100
ROOT_STEPS = 60
# Expected counts are at least this, so that a bin without any rate has numbers that none feels.
NO_RATE = 1e-150


class Eliminated(NamedTuple):
    """What is left of a bin.

    Attributes
    ----------
    expected, excess, variance : (n, B) arrays
        nu in events, u, and V in events^2.
    spread : (n, S, B) array
        delta^2 rho of each factor, events.
    gamma : (n, S, B) array or None
        The factors, where they are not simply the centre plus u times the spread.
    width2 : (n, S, B) array or None
        delta^2 where it follows from the factors.
    """

    expected: Array
    excess: Array
    variance: Array
    spread: Array
    gamma: Array | None = None
    width2: Array | None = None


def eliminate(grouped: Array, spread: Array, counts: Array, centres: Array | None) -> Eliminated:
    """Minimum with normal constraints only.

    Parameters
    ----------
    grouped, spread : (n, S, B) arrays
        rho and delta^2 rho, events.
    counts : (m, B) array
        Not below `NO_COUNTS`; m is 1 or n.
    centres : (m, S, B) array or None
        c, 1 if None.

    Returns
    -------
    Eliminated
    """
    variance = np.einsum("nsb,nsb->nb", spread, grouped)
    total = grouped if centres is None else centres * grouped
    expected = _quadratic_root(total.sum(axis=1) - variance, counts * variance)
    np.maximum(expected, NO_RATE, out=expected)
    return Eliminated(expected, counts / expected - 1.0, variance, spread)


def eliminate_poisson(
    grouped: Array, spread: Array, counts: Array, centres: Array | None, tau: Array
) -> Eliminated:
    """Minimum where some constraints are Poisson.

    Parameters
    ----------
    grouped, spread, counts, centres
        As for `eliminate`; the spread of Poisson factors is zero.
    tau : (S, B) array
        Auxiliary counts for a factor of 1; zero where the constraint is normal.

    Returns
    -------
    Eliminated
    """
    poisson = tau > 0
    rate = np.where(poisson, tau, 1.0)
    centre = np.broadcast_to(1.0 if centres is None else centres, grouped.shape)
    auxiliary = np.where(poisson, tau * centre, 0.0)
    fixed = np.where(poisson, 0.0, centre * grouped).sum(axis=1)
    normal = np.einsum("nsb,nsb->nb", spread, grouped)
    slopes = np.where(poisson, grouped / rate, 0.0)  # u may reach 1/max
    top = slopes.max(axis=1)
    upper = np.where(top > 0, (1.0 - 1e-13) / np.where(top > 0, top, 1.0), np.inf)

    def at(u: Array) -> tuple[Array, Array]:
        """Nu and its derivative in u."""
        gamma = np.where(poisson, auxiliary / (rate * (1.0 - u[:, None] * slopes)), 0.0)
        moved = np.where(poisson, gamma**2 / np.where(auxiliary > 0, auxiliary, 1.0), 0.0)
        nu = fixed + u * normal + (gamma * grouped).sum(axis=1)
        return nu, normal + (moved * grouped**2).sum(axis=1)

    u = _excess(at, counts, upper)
    nu, variance = at(u)
    expected = np.maximum(nu, NO_RATE)
    remaining = rate * (1.0 - u[:, None] * slopes)
    gamma = np.where(poisson, auxiliary / remaining, centre + u[:, None] * spread)
    width2 = np.where(poisson, gamma**2 / np.where(auxiliary > 0, auxiliary, 1.0), 0.0)
    spread = np.where(poisson, width2 * grouped, spread)
    return Eliminated(expected, u, variance, spread, gamma, width2)


def _excess(at: Callable[[Array], tuple[Array, Array]], counts: Array, upper: Array) -> Array:
    """Root of ``(1 + u) nu(u) = n`` between -1 and `upper`."""
    nu, slope = at(np.zeros_like(upper))
    low, high = np.full_like(upper, -1.0), upper.copy()
    u = np.zeros_like(upper)
    for _ in range(ROOT_STEPS):
        value = (1.0 + u) * nu - counts
        low, high = np.where(value < 0, u, low), np.where(value > 0, u, high)
        derivative = nu + (1.0 + u) * slope
        with np.errstate(divide="ignore", invalid="ignore"):
            trial = u - value / derivative
        middle = np.where(np.isfinite(high), 0.5 * (low + high), 2.0 * abs(u) + 1.0)
        trial = np.where((trial > low) & (trial < high), trial, middle)
        done = abs(trial - u) <= 1e-14 * (1.0 + abs(u))
        u = np.where(value == 0, u, trial)
        nu, slope = at(u)
        if (done | (value == 0)).all():
            break
    return u


def poisson_cost(gamma: Array, centres: Array, tau: Array) -> Array:
    """``-ln`` of Poisson constraints relative to their best value: shape of `gamma`.

    Parameters
    ----------
    gamma : array
        Factors, positive.
    centres : array
        c, positive.
    tau : array
        Auxiliary counts for a factor of 1.

    Returns
    -------
    array
    """
    ratio = gamma / centres
    cost: Array = tau * centres * (ratio - 1.0 - np.log(ratio))
    return cost


def log_integral_of_empty(expected: Array, excess: Array, variance: Array) -> Array:
    """``ln int e^(-F) / e^(-F_min)`` over normal factors of empty bins, nu >= 0: (n, B)."""
    from scipy.special import log_ndtr

    # At the minimum 1 + u = n/nu is zero where nu is positive, and (V - R)/V = -z/sqrt(V) else.
    with np.errstate(divide="ignore", invalid="ignore"):
        at_zero = -(1.0 + excess) * np.sqrt(variance)
        z = np.where(expected > 1e-50, expected / np.sqrt(variance), at_zero)
    z = np.where(variance > 0, z, np.inf)
    logs: Array = log_ndtr(z) + np.where(z < 0, 0.5 * z * z, 0.0)
    return logs


def _quadratic_root(b: Array, c: Array) -> Array:
    """Positive root of ``x^2 - b x - c = 0`` for c >= 0, without cancellation."""
    larger = 0.5 * (np.sqrt(b * b + 4.0 * c) + abs(b))
    positive: Array = np.where(b >= 0, larger, c / np.maximum(larger, NO_RATE))
    return positive
