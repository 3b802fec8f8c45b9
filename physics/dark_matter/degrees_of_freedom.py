"""Effective degrees of freedom of the early Universe from 0.6 to 200 MeV."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ...data.tables import table
from ..arrays import Array

__all__ = ["LOWEST_TEMPERATURE", "entropy_degrees", "sqrt_g_star"]

# GeV. Below it neutrinos have decoupled and the ideal gas with one temperature is wrong; what
# annihilates there changes a relic density by 1e-4, so the values are held.
LOWEST_TEMPERATURE = 6e-4


@lru_cache(maxsize=1)
def _columns() -> tuple[Array, Array, Array]:
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
    grid, log_h, _ = _columns()
    return np.exp(np.interp(_log(temperature), grid, log_h))


def sqrt_g_star(temperature: Array) -> Array:
    """sqrt(g_*) = (h/sqrt g)(1 + (T/3h) dh/dT), for temperatures as in `entropy_degrees`."""
    grid, _, root = _columns()
    return np.interp(_log(temperature), grid, root)


def _log(temperature: Array) -> Array:
    return np.log(np.maximum(temperature, LOWEST_TEMPERATURE))
