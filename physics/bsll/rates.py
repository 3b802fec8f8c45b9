"""Rates of B -> M l1 l2 and Bs -> l1 l2 from given form factors and coefficients.

H = -(4 G_F/sqrt 2) lambda_t alpha/(4 pi) sum_ij [C_9^ij (s-bar gamma_mu P_L b)(lbar_i gamma^mu l_j)
+ C_10^ij (s-bar gamma_mu P_L b)(lbar_i gamma^mu gamma_5 l_j)
+ C_S^ij m_b (s-bar P_R b)(lbar_i l_j) + C_P^ij m_b (s-bar P_R b)(lbar_i gamma_5 l_j)
+ primed with the other chirality of quarks] + h.c. and C_7 as in arXiv:0811.1214. The entry ij
drives b -> s l_i^- l_j^+.

By the equations of motion the spin-0 parts of C_9 and C_10 are scalar operators, with the masses of
the leptons as factors: (m_1 - m_2) C_9 + q2 m_b/(m_b -+ m_s) C_S, and (m_1 + m_2) C_10 + ... C_P.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from ..arrays import Array, squared_modulus
from ..invisible.densities.fermion import (
    axial,
    axial_time,
    pseudoscalar,
    scalar,
    vector,
    vector_time,
)
from ..kinematics import Kinematics

__all__ = [
    "FORM_FACTORS",
    "LEPTON_DENSITIES",
    "Couplings",
    "Helicity",
    "helicity_amplitudes",
    "leptonic_width",
    "normalisation",
    "spectrum",
]

Number = Array | complex

# (lepton current, amplitude) for each helicity: V and A of spin 1, S and P of spin 0.
Helicity = tuple[str, Array]

# Densities of lepton pairs by current: Phi a_V, Phi a_A of spin 1; of spin 0 Phi b_V, Phi b_A of
# the time components, and of the scalar and pseudoscalar currents.
LEPTON_DENSITIES: Mapping[str, Callable[..., Array]] = MappingProxyType(
    {
        "V": vector,
        "A": axial,
        "Vt": vector_time,
        "At": axial_time,
        "S": scalar,
        "P": pseudoscalar,
    }
)

# What the amplitudes need, by the spin of M.
FORM_FACTORS: Mapping[float, tuple[str, ...]] = MappingProxyType(
    {0: ("f+", "f0", "fT"), 1: ("V", "A0", "A1", "A12", "T1", "T2", "T23")}
)


@dataclass(frozen=True)
class Couplings:
    """Coefficients of b -> s l1 l2, the Standard Model included, that broadcast with q2.

    Attributes
    ----------
    c_9, c_10, c_9p, c_10p : number or array
        C_9 may hold the charm loops, C_9^eff(q2).
    c_7, c_7p : number or array
        C_7^eff and C_7'; zero for leptons of different flavour.
    m_b : float, GeV
        Mass of the b quark in front of C_7.
    c_s, c_p, c_sp, c_pp : number or array, GeV^-1
        C_S, C_P and their primed partners times m_b/(m_b - m_s) for a pseudoscalar M, and
        m_b/(m_b + m_s) for a vector.
    """

    c_9: Number
    c_10: Number
    c_9p: Number = 0.0
    c_10p: Number = 0.0
    c_7: Number = 0.0
    c_7p: Number = 0.0
    m_b: float = 0.0
    c_s: Number = 0.0
    c_p: Number = 0.0
    c_sp: Number = 0.0
    c_pp: Number = 0.0


def normalisation(g_fermi: Array, alpha_inv: Array, ckm: Array) -> Array:
    """N = (4 G_F/sqrt 2) |lambda_t| alpha/(4 pi).

    Parameters
    ----------
    g_fermi : (n,) array, GeV^-2
    alpha_inv : (n,) array
        1/alpha in the normalisation of the coefficients.
    ckm : (n,) array
        |V_tb V_ts*|.

    Returns
    -------
    (n,) array, GeV^-2
    """
    return np.asarray(4.0 / np.sqrt(2.0) * g_fermi * ckm / (4.0 * np.pi * alpha_inv))


def helicity_amplitudes(
    spin: float,
    kin: Kinematics,
    form_factors: Mapping[str, Array],
    couplings: Couplings,
    masses: tuple[float | Array, float | Array],
) -> tuple[Helicity, ...]:
    """Helicity amplitudes of B -> M l1 l2 by lepton current, without the normalisation N/2.

    Those of arXiv:1506.03970 and arXiv:0811.1214 with A12 and T23 of arXiv:1310.3722.

    Parameters
    ----------
    spin : float
        Spin of M, 0 or 1.
    kin : Kinematics
        At q2 of shape (g, k).
    form_factors : mapping of str to array
        Values at q2 of those in `FORM_FACTORS`.
    couplings : Couplings
    masses : pair of float or (n, 1) array, GeV
        Of the lepton l_i^- and of the antilepton l_j^+.

    Returns
    -------
    tuple of (current, array), GeV
    """
    return (_pseudoscalar if spin == 0 else _vector)(kin, form_factors, couplings, masses)


def _spin_0(
    kin: Kinematics,
    time: Array,
    vectors: tuple[Number, Number],
    scalars: tuple[Number, Number],
    masses: tuple[float | Array, float | Array],
) -> tuple[Helicity, Helicity]:
    """Amplitudes of the scalar and pseudoscalar currents of leptons.

    The time component of the quark current times [(m_1 -+ m_2)/sqrt(q2) C + sqrt(q2) C_S,P].
    """
    first, second = masses
    return (
        ("S", time * ((first - second) / kin.root_q2 * vectors[0] + kin.root_q2 * scalars[0])),
        ("P", time * ((first + second) / kin.root_q2 * vectors[1] + kin.root_q2 * scalars[1])),
    )


def _pseudoscalar(
    kin: Kinematics,
    form_factors: Mapping[str, Array],
    c: Couplings,
    masses: tuple[float | Array, float | Array],
) -> tuple[Helicity, ...]:
    """H_V = sqrt(lambda/q2) [f+ (C_9 + C_9') + 2 m_b f_T (C_7 + C_7')/(m_B + m_K)], and so on."""
    spin_1 = kin.root_lambda / kin.root_q2
    spin_0 = kin.delta / kin.root_q2 * form_factors["f0"]
    dipole = 2.0 * c.m_b / (kin.m_parent + kin.m_meson) * form_factors["fT"] * (c.c_7 + c.c_7p)
    plus_9, plus_10 = c.c_9 + c.c_9p, c.c_10 + c.c_10p
    scalars = (c.c_s + c.c_sp, c.c_p + c.c_pp)
    return (
        ("V", spin_1 * (form_factors["f+"] * plus_9 + dipole)),
        ("A", spin_1 * form_factors["f+"] * plus_10),
        *_spin_0(kin, spin_0, (plus_9, plus_10), scalars, masses),
    )


def _vector(
    kin: Kinematics,
    form_factors: Mapping[str, Array],
    c: Couplings,
    masses: tuple[float | Array, float | Array],
) -> tuple[Helicity, ...]:
    """Transversity amplitudes, perpendicular, parallel and longitudinal, and of spin 0."""
    total = kin.m_parent + kin.m_meson
    front = {
        "V": np.sqrt(2.0) * kin.root_lambda / total * form_factors["V"],
        "A1": np.sqrt(2.0) * total * form_factors["A1"],
        "A12": 8.0 * kin.m_parent * kin.m_meson / kin.root_q2 * form_factors["A12"],
        "A0": kin.root_lambda / kin.root_q2 * form_factors["A0"],
    }
    photon = 2.0 * c.m_b / kin.q2
    dipole = {
        "T1": np.sqrt(2.0) * kin.root_lambda * photon * form_factors["T1"],
        "T2": np.sqrt(2.0) * kin.delta * photon * form_factors["T2"],
        "T23": 8.0 * kin.m_parent * kin.m_meson / kin.root_q2 * c.m_b / total * form_factors["T23"],
    }
    plus_7, minus_7 = c.c_7 + c.c_7p, c.c_7 - c.c_7p
    plus_9, minus_9 = c.c_9 + c.c_9p, c.c_9 - c.c_9p
    plus_10, minus_10 = c.c_10 + c.c_10p, c.c_10 - c.c_10p
    scalars = (c.c_s - c.c_sp, c.c_p - c.c_pp)
    return (
        ("V", front["V"] * plus_9 + dipole["T1"] * plus_7),
        ("V", front["A1"] * minus_9 + dipole["T2"] * minus_7),
        ("V", front["A12"] * minus_9 + dipole["T23"] * minus_7),
        ("A", front["V"] * plus_10),
        ("A", front["A1"] * minus_10),
        ("A", front["A12"] * minus_10),
        *_spin_0(kin, front["A0"], (minus_9, minus_10), scalars, masses),
    )


def spectrum(
    spin: float,
    kin: Kinematics,
    form_factors: Mapping[str, Array],
    couplings: Couplings,
    masses: tuple[float | Array, float | Array],
) -> Array:
    """dGamma/dq2 of B -> M l1 l2 over N^2.

    lambda^(1/2)/(32 pi^2 m_B^3) (1/4) sum |H|^2 rho over helicities, rho of the lepton current.

    Parameters
    ----------
    spin : int
        Spin of M.
    kin : Kinematics
        At q2 of shape (g, k), between (m_1 + m_2)^2 and the end point.
    form_factors : mapping of str to (g, k) array
    couplings : Couplings
    masses : pair of float or (n, 1) array, GeV
        Of the lepton and of the antilepton.

    Returns
    -------
    (n, k) array, GeV^3: times N^2 in GeV^-4, GeV^-1
    """
    total = sum(
        LEPTON_DENSITIES[current](kin.q2, *masses) * squared_modulus(amplitude)
        for current, amplitude in helicity_amplitudes(spin, kin, form_factors, couplings, masses)
    )
    return np.asarray(0.25 * kin.phase_space * total)


def leptonic_width(
    mass: Array,
    decay_constant: Array,
    masses: tuple[Array, Array],
    squares: tuple[Array, Array],
) -> Array:
    """Gamma(Bs -> l1 l2) over N^2, without mixing.

    f^2 lambda^(1/2)/(32 pi m^3) {[m^2 - (m_1 + m_2)^2] |S|^2 + [m^2 - (m_1 - m_2)^2] |P|^2},
    S = (m_1 - m_2)(C_9 - C_9') + m^2 m_b/(m_b + m_s) (C_S - C_S') and P with m_1 + m_2, C_10 and
    C_P, arXiv:1602.00881 eq. (5).

    Parameters
    ----------
    mass, decay_constant : (n,) array, GeV
    masses : pair of (n,) arrays, GeV
        Of the leptons.
    squares : pair of (n,) arrays, GeV^2
        |S|^2 and |P|^2.

    Returns
    -------
    (n,) array, GeV^5: times N^2 in GeV^-4, GeV; zero if the leptons are too heavy
    """
    first, second = masses
    below = np.maximum(mass**2 - (first + second) ** 2, 0.0)
    above = np.maximum(mass**2 - (first - second) ** 2, 0.0)
    front = decay_constant**2 * np.sqrt(below * above) / (32.0 * np.pi * mass**3)
    return np.asarray(front * (below * squares[0] + above * squares[1]))
