"""Hadronic helicity amplitudes of B -> M for the quark currents, and their products.

Conventions of the amplitudes: B at rest, M along +z; epsilon^{0123} = -1; the electric and magnetic
parts of s-bar sigma b are E and M (dual tensor); S = s-bar b, P = s-bar i gamma_5 b; Vt and At are
the time components q.J/sqrt(q2). Form factors as in arXiv:1503.05534 with A12 and T23 of
arXiv:1310.3722 as primitives, so that every amplitude is a kinematic factor times one form factor.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..errors import PredictionError
from .arrays import Array
from .kinematics import Kinematics

__all__ = [
    "SPIN_0",
    "SPIN_1",
    "PairProduct",
    "allowed",
    "pair_products",
    "quark_mass_factor",
]

SPIN_1 = ("V", "A", "E", "M")
SPIN_0 = ("S", "P", "Vt", "At")

# (helicity, form factor, kinematic factor): helicities are "+", "-", "0" of a spin-1 system and
# "t" of a spin-0 system.
Amplitude = tuple[str, str, Array]

# (form factor, form factor, sum over helicities of the product of kinematic factors)
PairProduct = tuple[str, str, Array]


def _scalar_pseudoscalar(kin: Kinematics) -> tuple[Amplitude, ...]:
    # The quark masses are left out: see `quark_mass_factor`.
    return (("t", "f0", kin.delta * np.ones_like(kin.q2)),)


def _time_pseudoscalar(kin: Kinematics) -> tuple[Amplitude, ...]:
    return (("t", "f0", kin.delta / kin.root_q2),)


def _vector_pseudoscalar(kin: Kinematics) -> tuple[Amplitude, ...]:
    return (("0", "f+", kin.root_lambda / kin.root_q2),)


def _electric_pseudoscalar(kin: Kinematics) -> tuple[Amplitude, ...]:
    return (("0", "fT", 1j * kin.root_lambda / (kin.m_parent + kin.m_meson)),)


def _pseudoscalar_vector(kin: Kinematics) -> tuple[Amplitude, ...]:
    # The quark masses are left out: see `quark_mass_factor`.
    return (("t", "A0", kin.root_lambda),)


def _time_vector(kin: Kinematics) -> tuple[Amplitude, ...]:
    return (("t", "A0", 1j * kin.root_lambda / kin.root_q2),)


def _vector_vector(kin: Kinematics) -> tuple[Amplitude, ...]:
    factor = 1j * kin.root_lambda / (kin.m_parent + kin.m_meson)
    return (("+", "V", factor), ("-", "V", -factor))


def _axial_vector(kin: Kinematics) -> tuple[Amplitude, ...]:
    transverse = 1j * (kin.m_parent + kin.m_meson) * np.ones_like(kin.q2)
    longitudinal = 8j * kin.m_parent * kin.m_meson / kin.root_q2
    return (("0", "A12", longitudinal), ("+", "A1", transverse), ("-", "A1", transverse))


def _electric_vector(kin: Kinematics) -> tuple[Amplitude, ...]:
    factor = kin.root_lambda / kin.root_q2
    return (("+", "T1", -factor), ("-", "T1", factor))


def _magnetic_vector(kin: Kinematics) -> tuple[Amplitude, ...]:
    total = kin.m_parent + kin.m_meson
    longitudinal = 4j * kin.m_parent * kin.m_meson / total * np.ones_like(kin.q2)
    transverse = 1j * kin.delta / kin.root_q2
    return (("0", "T23", longitudinal), ("+", "T2", transverse), ("-", "T2", transverse))


# Amplitudes by spin of the meson and quark current; those not listed vanish by parity.
_AMPLITUDES: dict[int, dict[str, Callable[[Kinematics], tuple[Amplitude, ...]]]] = {
    0: {
        "S": _scalar_pseudoscalar,
        "Vt": _time_pseudoscalar,
        "V": _vector_pseudoscalar,
        "E": _electric_pseudoscalar,
    },
    1: {
        "P": _pseudoscalar_vector,
        "At": _time_vector,
        "V": _vector_vector,
        "A": _axial_vector,
        "E": _electric_vector,
        "M": _magnetic_vector,
    },
}

# Whether an operator with this quark current divides by the difference or the sum of quark masses.
_QUARK_MASS_SIGN = {"S": -1.0, "P": 1.0}


def allowed(spin: int, pair: tuple[str, str]) -> bool:
    """Whether parity allows both quark currents between a B and a meson of the spin given."""
    known = _AMPLITUDES[spin]
    return pair[0] in known and pair[1] in known


def pair_products(
    spin: int, pair: tuple[str, str], kin: Kinematics, longitudinal: bool = False
) -> tuple[PairProduct, ...]:
    """Products sum_lambda H_a^lambda H_b^lambda* of two quark currents, by form factors.

    Parameters
    ----------
    spin : int
        Spin of the meson M, 0 or 1.
    pair : (str, str)
        Quark currents a and b, both of spin 1 (V, A, E, M) or both of spin 0 (S, P, Vt, At).
    kin : Kinematics
    longitudinal : bool
        Keep only a longitudinal M: helicity 0 of a spin-1 system, and all of a spin-0 system.

    Returns
    -------
    tuple of (form factor of a, form factor of b, (g, k) array)
        Entries that vanish identically are left out. The quark masses of S and P are not in.

    Raises
    ------
    PredictionError
        If one current has spin 1 and the other spin 0: these never interfere in q2 spectra.
    """
    if (pair[0] in SPIN_1) != (pair[1] in SPIN_1):
        raise PredictionError(f"the quark currents {pair[0]} and {pair[1]} do not interfere.")
    if not allowed(spin, pair):
        return ()
    known = _AMPLITUDES[spin]
    first, second = known[pair[0]](kin), known[pair[1]](kin)
    sums: dict[tuple[str, str], Array] = {}
    for helicity, name, factor in first:
        if longitudinal and helicity in ("+", "-"):
            continue
        for other_helicity, other_name, other in second:
            if helicity == other_helicity:
                product = factor * np.conj(other)
                key = (name, other_name)
                sums[key] = sums[key] + product if key in sums else product
    # For a = b the products are squared moduli; their imaginary parts are exactly zero.
    same = pair[0] == pair[1]
    return tuple(
        (*key, value.real if same else value) for key, value in sums.items() if value.any()
    )


def quark_mass_factor(current: str, heavy: Array, light: Array) -> Array | float:
    """Factor that quark masses bring to an amplitude, from the equations of motion.

    Parameters
    ----------
    current : str
        Quark current: S gives 1/(m_b - m_s), P gives 1/(m_b + m_s), others 1.
    heavy, light : (n,) array, GeV
        Quark masses at the scale of the coefficients.

    Returns
    -------
    (n,) array, GeV^-1, or 1
    """
    sign = _QUARK_MASS_SIGN.get(current)
    return 1.0 if sign is None else 1.0 / (heavy + sign * light)
