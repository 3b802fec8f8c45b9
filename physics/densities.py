"""Spectral densities of the invisible final state: rho_ab(q2) of two dark currents.

The density is the integral of J_a J_b* over the phase space of the invisible particles, summed over
their spins: the coefficient of -g + q q / q2 for vector currents (spin 1), the integral itself for
scalar currents and for the time component (spin 0). A new final state is a new function here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .arrays import Array

__all__ = [
    "LNV_SCALAR",
    "LNV_TENSOR",
    "MASSLESS_CHIRAL_VECTOR",
    "Density",
    "lnv_scalar",
    "lnv_tensor",
    "massless_chiral_vector",
]


@dataclass(frozen=True)
class Density:
    """A spectral density with its parameters.

    Attributes
    ----------
    function : callable
        Takes q2, (g, k) in GeV^2, and the parameters; returns a real or complex array that
        broadcasts with q2. It is only asked above `threshold`.
    parameters : tuple of float or (n, 1) array
        Masses, widths and the like. If all are floats the integrals over q2 are cached.
    threshold : float or (n, 1) array, GeV^2
        Lower end of the invisible mass squared, (m_1 + m_2)^2.
    """

    function: Callable[..., Array]
    parameters: tuple[float | Array, ...] = ()
    threshold: float | Array = 0.0

    @property
    def fixed(self) -> bool:
        """Whether the density is the same at every parameter point."""
        return not any(
            isinstance(entry, np.ndarray) for entry in (*self.parameters, self.threshold)
        )

    def __call__(self, q2: Array) -> Array:
        """Value at q2."""
        return self.function(q2, *self.parameters)


def massless_chiral_vector(q2: Array) -> Array:
    """Spin-1 density of one massless pair coupled through nubar gamma^mu P_L nu (or P_R).

    rho = q2 / (12 pi).

    Parameters
    ----------
    q2 : array, GeV^2

    Returns
    -------
    array, GeV^2
    """
    return q2 / (12.0 * np.pi)


def lnv_scalar(q2: Array) -> Array:
    """Spin-0 density of a massless Majorana pair coupled through nu^c_i P_L nu_j.

    rho = q2 / (4 pi) for each entry of a symmetric flavour matrix, summed over ordered pairs i, j:
    twice the q2 / (8 pi) of distinct chiral fields, since both contractions contribute.

    Parameters
    ----------
    q2 : array, GeV^2

    Returns
    -------
    array, GeV^2
    """
    return q2 / (4.0 * np.pi)


def lnv_tensor(q2: Array) -> Array:
    """Spin-1 density of J_E for a massless Majorana pair, nu^c_i sigma^{mu nu} P_L nu_j.

    rho_EE = q2 / (12 pi) for each entry of an antisymmetric flavour matrix, summed over ordered
    pairs i, j: twice the q2 / (24 pi) of distinct chiral fields. The current is self-dual,
    J_M = -i J_E.

    Parameters
    ----------
    q2 : array, GeV^2

    Returns
    -------
    array, GeV^2
    """
    return q2 / (12.0 * np.pi)


MASSLESS_CHIRAL_VECTOR = Density(massless_chiral_vector)
LNV_SCALAR = Density(lnv_scalar)
LNV_TENSOR = Density(lnv_tensor)
