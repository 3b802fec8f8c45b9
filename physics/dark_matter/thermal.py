"""Thermal average of a constant annihilation amplitude, threshold effects included."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Array

__all__ = ["log_thermal_factor", "thermal_factor", "zero_temperature_factor"]

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
