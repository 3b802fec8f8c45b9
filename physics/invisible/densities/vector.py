"""Spectral densities of pairs of massive dark vectors X X^dagger.

Currents (arXiv:2209.05223, case A): S = X^dagger.X; V2 to V6 vector currents, V2t and V3t their
time components; E and M the electric and magnetic parts of X^dagger_mu X_nu - X^dagger_nu X_mu;
F = X^dagger_{mu nu} X^{mu nu} and Ft the same with one dual, X_{mu nu} the field strength. A real
X keeps S, V2, V3, F, Ft, with twice the densities for L = C O and half for L = C O/2.

All but V3t, F and Ft grow like 1/m^2 or 1/m^4 for m -> 0: those operators break the gauge symmetry
of a massless X. The functions take q2 in GeV^2 and the mass in GeV, an (n, 1) array or a float.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from ...arrays import Array
from .base import phase_space
from .currents import Interference

__all__ = ["VECTOR_PAIR"]

Mass = float | Array


def _cut(q2: Array, mass: Mass) -> Array:
    """q2 beta^2 Phi = (q2 - 4 m^2) Phi, GeV^2."""
    return (q2 - 4.0 * mass**2) * phase_space(q2, mass, mass)


def scalar(q2: Array, mass: Mass) -> Array:
    """rho_SS = (q2^2 - 4 m^2 q2 + 12 m^4)/(4 m^4) Phi, 1."""
    x = q2 / mass**2
    return (0.25 * x * (x - 4.0) + 3.0) * phase_space(q2, mass, mass)


def v2(q2: Array, mass: Mass) -> Array:
    """Spin 1: q2^2 beta^2/(3 m^2) Phi, GeV^2."""
    return q2 / (3.0 * mass**2) * _cut(q2, mass)


def v2_time(q2: Array, mass: Mass) -> Array:
    """Spin 0: q2^3 beta^4/(4 m^4) Phi, GeV^2."""
    return q2 * (q2 - 4.0 * mass**2) / (4.0 * mass**4) * _cut(q2, mass)


def v3(q2: Array, mass: Mass) -> Array:
    """Spin 1: q2^2 beta^4/(3 m^2) Phi, GeV^2."""
    return (q2 - 4.0 * mass**2) / (3.0 * mass**2) * _cut(q2, mass)


def v3_time(q2: Array, mass: Mass) -> Array:
    """Spin 0: 2 q2 beta^2 Phi, GeV^2."""
    return 2.0 * _cut(q2, mass)


def v4(q2: Array, mass: Mass) -> Array:
    """Spin 1: q2 beta^2 (q2^2 - 4 m^2 q2 + 12 m^4)/(12 m^4) Phi, GeV^2."""
    x = q2 / mass**2
    return (x * (x - 4.0) / 12.0 + 1.0) * _cut(q2, mass)


def electric(q2: Array, mass: Mass) -> Array:
    """rho_EE = q2 beta^2 (q2 + 4 m^2)/(12 m^4) Phi, 1."""
    return (q2 + 4.0 * mass**2) / (12.0 * mass**4) * _cut(q2, mass)


def magnetic(q2: Array, mass: Mass) -> Array:
    """rho_MM = (q2 + 2 m^2)/(3 m^2) Phi, 1."""
    return (q2 / mass**2 + 2.0) / 3.0 * phase_space(q2, mass, mass)


def v5(q2: Array, mass: Mass) -> Array:
    """Spin 1: q2 rho_EE, GeV^2, since J_V5 = -sqrt(q2) J_E."""
    return q2 * electric(q2, mass)


def v6(q2: Array, mass: Mass) -> Array:
    """Spin 1: q2 rho_MM, GeV^2, since J_V6 = -sqrt(q2) J_M."""
    return q2 * magnetic(q2, mass)


def v5_electric(q2: Array, mass: Mass) -> Array:
    """Rho of V5 with E: -sqrt(q2) rho_EE, GeV."""
    return -np.sqrt(q2) * electric(q2, mass)


def v6_magnetic(q2: Array, mass: Mass) -> Array:
    """Rho of V6 with M: -sqrt(q2) rho_MM, GeV."""
    return -np.sqrt(q2) * magnetic(q2, mass)


def v4_electric(q2: Array, mass: Mass) -> Array:
    """Rho of V4 with E: q2^(3/2) beta^2 (q2 - 2 m^2)/(12 m^4) Phi, GeV."""
    return np.sqrt(q2) * (q2 - 2.0 * mass**2) / (12.0 * mass**4) * _cut(q2, mass)


def v4_v5(q2: Array, mass: Mass) -> Array:
    """Rho of V4 with V5: -q2^2 beta^2 (q2 - 2 m^2)/(12 m^4) Phi, GeV^2."""
    return -np.sqrt(q2) * v4_electric(q2, mass)


def strength(q2: Array, mass: Mass) -> Array:
    """rho_FF = (2 q2^2 - 8 m^2 q2 + 12 m^4) Phi, GeV^4."""
    return (2.0 * q2 * (q2 - 4.0 * mass**2) + 12.0 * mass**4) * phase_space(q2, mass, mass)


def dual_strength(q2: Array, mass: Mass) -> Array:
    """Rho of Ft: 2 q2^2 beta^2 Phi, GeV^4."""
    return 2.0 * q2 * _cut(q2, mass)


def scalar_strength(q2: Array, mass: Mass) -> Array:
    """Rho of S with F: -3 (q2 - 2 m^2) Phi, GeV^2."""
    return -3.0 * (q2 - 2.0 * mass**2) * phase_space(q2, mass, mass)


def scalar_v2(q2: Array, mass: Mass) -> Array:
    """Rho of S with V2t, over -i: q2^(3/2) beta^2 (q2 - 2 m^2)/(4 m^4) Phi, GeV."""
    return 3.0 * v4_electric(q2, mass)


def strength_v2(q2: Array, mass: Mass) -> Array:
    """Rho of F with V2t, over i: q2^(3/2) beta^2 Phi, GeV^3."""
    return np.sqrt(q2) * _cut(q2, mass)


# rho of Ft with V3t is -2i times the function of F with V2t. What is not listed vanishes by C or P.
VECTOR_PAIR: Mapping[tuple[str, str], Interference] = MappingProxyType(
    {
        ("S", "S"): Interference(scalar),
        ("V2", "V2"): Interference(v2),
        ("V2t", "V2t"): Interference(v2_time),
        ("V3", "V3"): Interference(v3),
        ("V3t", "V3t"): Interference(v3_time),
        ("V4", "V4"): Interference(v4),
        ("V5", "V5"): Interference(v5),
        ("V6", "V6"): Interference(v6),
        ("E", "E"): Interference(electric),
        ("M", "M"): Interference(magnetic),
        ("F", "F"): Interference(strength),
        ("Ft", "Ft"): Interference(dual_strength),
        ("V4", "V5"): Interference(v4_v5),
        ("V4", "E"): Interference(v4_electric),
        ("V5", "E"): Interference(v5_electric),
        ("V6", "M"): Interference(v6_magnetic),
        ("S", "F"): Interference(scalar_strength),
        ("S", "V2t"): Interference(scalar_v2, -1j),
        ("F", "V2t"): Interference(strength_v2, 1j),
        ("Ft", "V3t"): Interference(strength_v2, -2j),
    }
)
