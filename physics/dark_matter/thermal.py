"""Thermal averages of annihilation, and the degrees of freedom of the early Universe.

The amplitude is constant; thresholds are included. For the relic density of many points the average
is a table at fixed m/T.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from ...data.tables import table
from ..arrays import Array

__all__ = [
    "LOWEST_TEMPERATURE",
    "ThermalTable",
    "entropy_degrees",
    "log_thermal_factor",
    "sqrt_g_star",
    "thermal_factor",
    "thermal_table",
    "zero_temperature_factor",
]

# Step and range of ln s in which the trapezoidal rule has an error of about 1e-10 for every x and
# z: the singularities of the integrand at s = 0 and at s = -delta lie off the real axis of ln s.
_STEP, _LOWEST, _HIGHEST = 0.35, -16.0, 4.0


def thermal_factor(x: ArrayLike, z: ArrayLike, difference: ArrayLike = 0.0) -> Array:
    """Thermal average of the phase space of two mesons.

    For a constant amplitude M and S = 1/2 for identical mesons, else 1, the average of Gondolo and
    Gelmini (Nucl. Phys. B360 (1991) 145, equation 3.8) is

        <sigma v> = S |M|^2/(64 pi m^2) eta(x, z),
        eta = 4 x/K_2(x)^2 int_max(1,z)^inf de sqrt((e - 1)(1 - z/e)(1 - d/e)) K_1(2 x sqrt(e)),

    with e = s/(4 m^2), z = ((m_1 + m_2)/(2 m))^2 and d = ((m_1 - m_2)/(2 m))^2. It tends to
    2 sqrt((1 - z)(1 - d)) for large x and z < 1, and to zero exponentially for z > 1. With
    sqrt(e) = u_0 + s/(2 x), u_0 = max(1, sqrt z), the integrand is sqrt(s (s + delta)) exp(-s)
    times a smooth function, and the trapezoidal rule in ln s is good to 1e-9, also for delta -> 0
    at the threshold.

    Parameters
    ----------
    x : array_like
        m/T, from about 1 on.
    z : array_like
        Square of the mean mass of the final mesons over that of the annihilating particle.
    difference : array_like
        d above, at most z; zero for equal masses.

    Returns
    -------
    array
        eta, of the shape to which the arguments broadcast.
    """
    eta: Array = np.exp(log_thermal_factor(x, z, difference))
    return eta


def log_thermal_factor(x: ArrayLike, z: ArrayLike, difference: ArrayLike = 0.0) -> Array:
    """Logarithm of `thermal_factor`, finite where that is too small for a number."""
    from scipy.special import k1e, kve

    x, z, d = (np.asarray(value, float)[..., None] for value in (x, z, difference))
    s, weight = _nodes()
    root = np.sqrt(z)
    upper, lower = np.maximum(1.0, root), np.minimum(1.0, root)
    delta = 2.0 * x * (upper - lower)
    u = upper + s / (2.0 * x)
    # de = 2 u du; the factors that vanish at u = upper and u = lower are in sqrt(s (s + delta)).
    smooth = np.sqrt((u + upper) * (u + lower) * (1.0 - d / u**2)) * k1e(2.0 * x * u)
    integral = (weight * np.sqrt(s * (s + delta)) * smooth).sum(axis=-1)
    x, upper = x[..., 0], upper[..., 0]
    log: Array = np.log(2.0 / x * integral / kve(2, x) ** 2) - 2.0 * x * (upper - 1.0)
    return log


@lru_cache(maxsize=1)
def _nodes() -> tuple[Array, Array]:
    """Points s and weights of the trapezoidal rule for int_0^inf ds exp(-s)."""
    s = np.exp(np.arange(_LOWEST, _HIGHEST, _STEP))
    return s, _STEP * s * np.exp(-s)


def zero_temperature_factor(z: ArrayLike, difference: ArrayLike = 0.0) -> Array:
    """Limit of `thermal_factor` at rest, 2 sqrt((1 - z)(1 - d)); zero for closed channels."""
    z, d = np.asarray(z, float), np.asarray(difference, float)
    # Written so that NaN, which a mass that is not positive gives, stays NaN.
    eta: Array = 2.0 * np.sqrt(np.maximum(1.0 - z, 0.0) * np.maximum(1.0 - d, 0.0))
    return eta


# sqrt(z) = 1 + _THRESHOLD_SCALE sinh(t): close together near the threshold, where eta changes
# over 1/x.
_THRESHOLD_SCALE, _TABLE_STEPS = 2e-4, 300
_HIGHEST_ROOT = 10.0


class ThermalTable:
    """Cubic splines of ln eta in the position of the threshold, one for each x.

    Good to 2e-5 for x from 5 to 3000. Above sqrt(z) = 10 the factor is set to its value there,
    below exp(-2 x 9).

    Parameters
    ----------
    x : (k,) array
        Values of m/T.
    ratio : float
        (m_1 - m_2)/(m_1 + m_2) of the final mesons.
    """

    def __init__(self, x: Array, ratio: float) -> None:
        from scipy.interpolate import CubicSpline

        lowest, highest = (
            np.arcsinh(-1.0 / _THRESHOLD_SCALE),
            np.arcsinh((_HIGHEST_ROOT - 1.0) / _THRESHOLD_SCALE),
        )
        grid = np.linspace(lowest, highest, _TABLE_STEPS + 1)
        # sqrt(z) = 0 but for rounding at the lowest point.
        z = np.maximum(1.0 + _THRESHOLD_SCALE * np.sinh(grid), 0.0)[:, None] ** 2
        values = log_thermal_factor(x[None, :], z, ratio**2 * z)
        self._lowest, self._step = lowest, grid[1] - grid[0]
        # From the highest power to the constant, each (intervals, k).
        self._powers = tuple(np.ascontiguousarray(c) for c in CubicSpline(grid, values).c)

    def __call__(self, z: Array) -> Array:
        """Eta at finite thresholds z (n,), for all x: (n, k)."""
        t = np.arcsinh((np.sqrt(z) - 1.0) / _THRESHOLD_SCALE)
        position = np.clip((t - self._lowest) / self._step, 0.0, _TABLE_STEPS)
        index = np.minimum(position.astype(int), _TABLE_STEPS - 1)
        offset = ((position - index) * self._step)[:, None]
        value = self._powers[0][index]
        for power in self._powers[1:]:
            value *= offset
            value += power[index]
        eta: Array = np.exp(value, out=value)
        return eta


@lru_cache(maxsize=8)
def thermal_table(x: tuple[float, ...], ratio: float) -> ThermalTable:
    """Table for given m/T and ratio of masses, made once."""
    return ThermalTable(np.array(x), ratio)


# GeV. Below it neutrinos have decoupled and the ideal gas with one temperature is wrong; what
# annihilates there changes a relic density by 1e-4, so the values are held.
LOWEST_TEMPERATURE = 6e-4


@lru_cache(maxsize=1)
def _degrees() -> tuple[Array, Array, Array]:
    """Ln T of the table, ln h, and sqrt(g_*)."""
    columns = table("degrees_of_freedom").columns
    return np.log(columns["T"]), np.log(columns["h"]), columns["sqrt_g_star"]


def entropy_degrees(temperature: Array) -> Array:
    """H in the entropy density s = (2 pi^2/45) h T^3.

    Parameters
    ----------
    temperature : array
        GeV; held at the ends of the range from 0.6 to 200 MeV.

    Returns
    -------
    array
    """
    grid, log_h, _ = _degrees()
    return np.exp(np.interp(_log_of(temperature), grid, log_h))


def sqrt_g_star(temperature: Array) -> Array:
    """sqrt(g_*) = (h/sqrt g)(1 + (T/3h) dh/dT), for temperatures as in `entropy_degrees`."""
    grid, _, root = _degrees()
    return np.interp(_log_of(temperature), grid, root)


def _log_of(temperature: Array) -> Array:
    return np.log(np.maximum(temperature, LOWEST_TEMPERATURE))
