"""Thermal averages at fixed m/T from a table: for the relic density of many points."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..arrays import Array
from .thermal import log_thermal_factor

__all__ = ["ThermalTable", "thermal_table"]

# sqrt(z) = 1 + _SCALE sinh(t): close together near the threshold, where eta changes over 1/x.
_SCALE, _STEPS = 2e-4, 300
_HIGHEST = 10.0


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

        lowest, highest = np.arcsinh(-1.0 / _SCALE), np.arcsinh((_HIGHEST - 1.0) / _SCALE)
        grid = np.linspace(lowest, highest, _STEPS + 1)
        # sqrt(z) = 0 but for rounding at the lowest point.
        z = np.maximum(1.0 + _SCALE * np.sinh(grid), 0.0)[:, None] ** 2
        values = log_thermal_factor(x[None, :], z, ratio**2 * z)
        self._lowest, self._step = lowest, grid[1] - grid[0]
        # From the highest power to the constant, each (intervals, k).
        self._powers = tuple(np.ascontiguousarray(c) for c in CubicSpline(grid, values).c)

    def __call__(self, z: Array) -> Array:
        """Eta at finite thresholds z (n,), for all x: (n, k)."""
        t = np.arcsinh((np.sqrt(z) - 1.0) / _SCALE)
        position = np.clip((t - self._lowest) / self._step, 0.0, _STEPS)
        index = np.minimum(position.astype(int), _STEPS - 1)
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
