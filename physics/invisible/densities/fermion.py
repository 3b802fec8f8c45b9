"""Spectral densities of pairs of dark fermions, psi_1-bar Gamma psi_2.

Currents: S = 1, P = i gamma_5, V and A = gamma^mu [gamma_5] with time components Vt and At, E and M
the electric and magnetic parts of sigma^{mu nu}. The second tensor, sigma gamma_5, has
J_E = -i J_M and J_M = i J_E of the first. Majorana fields have twice the densities of S, P, A with
L = C chi-bar Gamma chi, half with L = C chi-bar Gamma chi/2, identical particles included; their
V and tensor currents vanish.

The functions take q2 in GeV^2 and the masses in GeV, (n, 1) arrays or floats.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from ...arrays import Array
from .base import phase_space
from .currents import Interference

__all__ = ["CHIRAL_PAIR", "FERMION_PAIR", "FERMION_PAIR_EQUAL"]

Mass = float | Array


def _below(q2: Array, m_1: Mass, m_2: Mass) -> Array:
    """Phase space times q2 - (m_1 + m_2)^2."""
    return (q2 - (m_1 + m_2) ** 2) * phase_space(q2, m_1, m_2)


def _above(q2: Array, m_1: Mass, m_2: Mass) -> Array:
    """Phase space times q2 - (m_1 - m_2)^2."""
    return (q2 - (m_1 - m_2) ** 2) * phase_space(q2, m_1, m_2)


def scalar(q2: Array, m_1: Mass, m_2: Mass) -> Array:
    """rho_SS = 2 (q2 - (m_1 + m_2)^2) Phi, GeV^2."""
    return 2.0 * _below(q2, m_1, m_2)


def pseudoscalar(q2: Array, m_1: Mass, m_2: Mass) -> Array:
    """rho_PP = 2 (q2 - (m_1 - m_2)^2) Phi, GeV^2."""
    return 2.0 * _above(q2, m_1, m_2)


def vector(q2: Array, m_1: Mass, m_2: Mass) -> Array:
    """rho_VV, spin 1: (2/3)(q2 - (m_1 - m_2)^2)(2 + (m_1 + m_2)^2/q2) Phi, GeV^2."""
    return (2.0 + (m_1 + m_2) ** 2 / q2) * (_above(q2, m_1, m_2) / 1.5)


def axial(q2: Array, m_1: Mass, m_2: Mass) -> Array:
    """rho_AA, spin 1: (2/3)(q2 - (m_1 + m_2)^2)(2 + (m_1 - m_2)^2/q2) Phi, GeV^2."""
    return (2.0 + (m_1 - m_2) ** 2 / q2) * (_below(q2, m_1, m_2) / 1.5)


def vector_time(q2: Array, m_1: Mass, m_2: Mass) -> Array:
    """rho_VV, spin 0: 2 (m_1 - m_2)^2 (1 - (m_1 + m_2)^2/q2) Phi, GeV^2."""
    return 2.0 * (m_1 - m_2) ** 2 / q2 * _below(q2, m_1, m_2)


def axial_time(q2: Array, m_1: Mass, m_2: Mass) -> Array:
    """rho_AA, spin 0: 2 (m_1 + m_2)^2 (1 - (m_1 - m_2)^2/q2) Phi, GeV^2."""
    return 2.0 * (m_1 + m_2) ** 2 / q2 * _above(q2, m_1, m_2)


def scalar_vector(q2: Array, m_1: Mass, m_2: Mass) -> Array:
    """Rho of S with Vt: 2 (m_1 - m_2)(q2 - (m_1 + m_2)^2)/sqrt(q2) Phi, GeV^2."""
    return 2.0 * (m_1 - m_2) / np.sqrt(q2) * _below(q2, m_1, m_2)


def pseudoscalar_axial(q2: Array, m_1: Mass, m_2: Mass) -> Array:
    """Rho of P with At, over i: 2 (m_1 + m_2)(q2 - (m_1 - m_2)^2)/sqrt(q2) Phi, GeV^2."""
    return 2.0 * (m_1 + m_2) / np.sqrt(q2) * _above(q2, m_1, m_2)


def electric(q2: Array, m_1: Mass, m_2: Mass) -> Array:
    """rho_EE = (2/3)(q2 - (m_1 - m_2)^2)(1 + 2 (m_1 + m_2)^2/q2) Phi, GeV^2."""
    return (1.0 + 2.0 * (m_1 + m_2) ** 2 / q2) * (_above(q2, m_1, m_2) / 1.5)


def magnetic(q2: Array, m_1: Mass, m_2: Mass) -> Array:
    """rho_MM = (2/3)(q2 - (m_1 + m_2)^2)(1 + 2 (m_1 - m_2)^2/q2) Phi, GeV^2."""
    return (1.0 + 2.0 * (m_1 - m_2) ** 2 / q2) * (_below(q2, m_1, m_2) / 1.5)


# rho of V with E, over i, and of A with M: the functions of P with At and of S with Vt.
FERMION_PAIR: Mapping[tuple[str, str], Interference] = MappingProxyType(
    {
        ("S", "S"): Interference(scalar),
        ("P", "P"): Interference(pseudoscalar),
        ("V", "V"): Interference(vector),
        ("A", "A"): Interference(axial),
        ("Vt", "Vt"): Interference(vector_time),
        ("At", "At"): Interference(axial_time),
        ("S", "Vt"): Interference(scalar_vector),
        ("P", "At"): Interference(pseudoscalar_axial, 1j),
        ("E", "E"): Interference(electric),
        ("M", "M"): Interference(magnetic),
        ("V", "E"): Interference(pseudoscalar_axial, 1j),
        ("A", "M"): Interference(scalar_vector),
    }
)

# For equal masses the vector current is conserved, and A and M have opposite C.
FERMION_PAIR_EQUAL: Mapping[tuple[str, str], Interference] = MappingProxyType(
    {
        pair: entry
        for pair, entry in FERMION_PAIR.items()
        if pair not in (("Vt", "Vt"), ("S", "Vt"), ("A", "M"))
    }
)


def chiral_phase_space(q2: Array, mass: Mass) -> Array:
    """Phase space of a massless and a massive particle, (1 - m^2/q2) / (8 pi)."""
    return np.asarray(np.maximum(1.0 - mass**2 / q2, 0.0) / (8.0 * np.pi))


def chiral_vector(q2: Array, mass: Mass) -> Array:
    """Rho of nubar gamma^mu P_L N, spin 1: (1 - x)(2 q2 + m^2)/3 Phi, x = m^2/q2, GeV^2."""
    return (1.0 - mass**2 / q2) * (2.0 * q2 + mass**2) / 3.0 * chiral_phase_space(q2, mass)


def chiral_time(q2: Array, mass: Mass) -> Array:
    """Rho of nubar gamma^mu P_L N, spin 0: m^2 (1 - x) Phi, GeV^2."""
    return mass**2 * (1.0 - mass**2 / q2) * chiral_phase_space(q2, mass)


def chiral_scalar(q2: Array, mass: Mass) -> Array:
    """Rho of nubar P_R N: (q2 - m^2) Phi, GeV^2."""
    return (q2 - mass**2) * chiral_phase_space(q2, mass)


def chiral_tensor(q2: Array, mass: Mass) -> Array:
    """rho_EE of nubar sigma P_R N: (1 - x)(q2 + 2 m^2)/3 Phi, GeV^2."""
    return (1.0 - mass**2 / q2) * (q2 + 2.0 * mass**2) / 3.0 * chiral_phase_space(q2, mass)


def chiral_flip(q2: Array, mass: Mass) -> Array:
    """M (q2 - m^2)/sqrt(q2) Phi, GeV^2: what interferes through the mass of N."""
    return mass * (q2 - mass**2) / np.sqrt(q2) * chiral_phase_space(q2, mass)


# A left-handed massless neutrino and N of mass m: nubar gamma^mu P_L N (L, time component Lt),
# nubar P_R N (R), nubar sigma P_R N (E, with J_M = i J_E).
CHIRAL_PAIR: Mapping[tuple[str, str], Interference] = MappingProxyType(
    {
        ("L", "L"): Interference(chiral_vector),
        ("Lt", "Lt"): Interference(chiral_time),
        ("R", "R"): Interference(chiral_scalar),
        ("R", "Lt"): Interference(chiral_flip, -1.0),
        ("E", "E"): Interference(chiral_tensor),
        ("L", "E"): Interference(chiral_flip, 1j),
    }
)
