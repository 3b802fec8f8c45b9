"""Spectral densities of pairs of dark scalars.

Complex field: currents phi_1^dagger phi_2 (S) and phi_1^dagger i<->d^mu phi_2 (V and its time
component Vt). A real field has twice the densities of S with L = C phi^2, half with L = C phi^2/2,
the factor 1/2 of identical particles included, and no vector current.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ...arrays import Array
from .base import phase_space
from .currents import Interference

__all__ = ["SCALAR_PAIR", "scalar", "vector"]


def scalar(q2: Array, mass: float | Array) -> Array:
    """rho_SS = beta / (8 pi) of phi^dagger phi, beta^2 = 1 - 4 m^2/q2.

    Parameters
    ----------
    q2 : (g, k) array, GeV^2
    mass : float or (n, 1) array, GeV

    Returns
    -------
    array, 1
    """
    return phase_space(q2, mass, mass)


def vector(q2: Array, mass: float | Array) -> Array:
    """Spin-1 density of phi^dagger i<->d^mu phi, q2 beta^3 / (24 pi); it has no spin-0 part.

    Parameters
    ----------
    q2 : (g, k) array, GeV^2
    mass : float or (n, 1) array, GeV

    Returns
    -------
    array, GeV^2
    """
    return (q2 - 4.0 * mass**2) / 3.0 * phase_space(q2, mass, mass)


SCALAR_PAIR: Mapping[tuple[str, str], Interference] = MappingProxyType(
    {("S", "S"): Interference(scalar), ("V", "V"): Interference(vector)}
)
