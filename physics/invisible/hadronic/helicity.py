"""Hadronic helicity amplitudes for the quark currents, and their products K_ab.

The products, summed over helicities and averaged over the spin of the parent, are all that a rate
needs of the hadrons; mesons here, spin 1/2 in `spin_half`, decays to the vacuum in `vacuum`.

Conventions of the amplitudes: B at rest, M along +z; epsilon^{0123} = -1; the electric and magnetic
parts of s-bar sigma b are E and M (dual tensor); S = s-bar b, P = s-bar i gamma_5 b; Vt and At are
the time components q.J/sqrt(q2). Form factors as in arXiv:1503.05534 with A12 and T23 of
arXiv:1310.3722 as primitives, so that every amplitude is a number times powers of lambda and q2
times one form factor.

qV, qA, qE and qM are Vt, At, E and M times sqrt(q2): the divergences of the currents, and what a
field strength couples to. A derivative coupling uses them in place of a power of q2 in its weight,
which is finite as q2 -> 0 only in the product.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ....errors import PredictionError
from ...arrays import Array
from ...kinematics import Kinematics
from .spin_half import SPIN_HALF

__all__ = [
    "SPIN_1",
    "PairProduct",
    "allowed",
    "conserved",
    "pair_products",
    "quark_mass_factor",
]

SPIN_1 = ("V", "A", "E", "M", "qE", "qM")

Number = complex | Array

# (helicity, form factor, number, power of lambda^(1/2), power of sqrt(q2)): helicities are "+",
# "-", "0" of a spin-1 system and "t" of a spin-0 system.
Amplitude = tuple[str, str, Number, int, int]

# (form factor, form factor, sum over helicities of the product of kinematic factors)
PairProduct = tuple[str, str, Array]


# The quark masses of S and P are left out: see `quark_mass_factor`.
def _scalar_pseudoscalar(kin: Kinematics) -> tuple[Amplitude, ...]:
    return (("t", "f0", kin.delta, 0, 0),)


def _vector_pseudoscalar(kin: Kinematics) -> tuple[Amplitude, ...]:
    return (("0", "f+", 1.0, 1, -1),)


def _electric_pseudoscalar(kin: Kinematics) -> tuple[Amplitude, ...]:
    return (("0", "fT", 1j / (kin.m_parent + kin.m_meson), 1, 0),)


def _pseudoscalar_vector(kin: Kinematics) -> tuple[Amplitude, ...]:
    return (("t", "A0", 1.0, 1, 0),)


def _divergence_vector(kin: Kinematics) -> tuple[Amplitude, ...]:
    return (("t", "A0", 1j, 1, 0),)


def _vector_vector(kin: Kinematics) -> tuple[Amplitude, ...]:
    factor = 1j / (kin.m_parent + kin.m_meson)
    return (("+", "V", factor, 1, 0), ("-", "V", -factor, 1, 0))


def _axial_vector(kin: Kinematics) -> tuple[Amplitude, ...]:
    transverse = 1j * (kin.m_parent + kin.m_meson)
    longitudinal = 8j * kin.m_parent * kin.m_meson
    return (
        ("0", "A12", longitudinal, 0, -1),
        ("+", "A1", transverse, 0, 0),
        ("-", "A1", transverse, 0, 0),
    )


def _electric_vector(kin: Kinematics) -> tuple[Amplitude, ...]:
    return (("+", "T1", -1.0, 1, -1), ("-", "T1", 1.0, 1, -1))


def _magnetic_vector(kin: Kinematics) -> tuple[Amplitude, ...]:
    longitudinal = 4j * kin.m_parent * kin.m_meson / (kin.m_parent + kin.m_meson)
    transverse = 1j * kin.delta
    return (
        ("0", "T23", longitudinal, 0, 0),
        ("+", "T2", transverse, 0, -1),
        ("-", "T2", transverse, 0, -1),
    )


Maker = Callable[[Kinematics], tuple[Amplitude, ...]]


def _over_root(maker: Maker) -> Maker:
    """The amplitude over sqrt(q2)."""
    return lambda kin: tuple((h, f, value, k, p - 1) for h, f, value, k, p in maker(kin))


def _times_root(maker: Maker) -> Maker:
    """The amplitude times sqrt(q2)."""
    return lambda kin: tuple((h, f, value, k, p + 1) for h, f, value, k, p in maker(kin))


# Amplitudes by spin of the hadron and quark current; those not listed vanish by parity. By the
# equations of motion q.V = (m - m') S, so that qV is S without its quark masses.
_AMPLITUDES: Mapping[float, Mapping[str, Maker]] = {
    0: {
        "S": _scalar_pseudoscalar,
        "qV": _scalar_pseudoscalar,
        "Vt": _over_root(_scalar_pseudoscalar),
        "V": _vector_pseudoscalar,
        "E": _electric_pseudoscalar,
        "qE": _times_root(_electric_pseudoscalar),
    },
    1: {
        "P": _pseudoscalar_vector,
        "qA": _divergence_vector,
        "At": _over_root(_divergence_vector),
        "V": _vector_vector,
        "A": _axial_vector,
        "E": _electric_vector,
        "qE": _times_root(_electric_vector),
        "M": _magnetic_vector,
        "qM": _times_root(_magnetic_vector),
    },
    0.5: SPIN_HALF,
}

# Whether an operator with this quark current divides by the difference or the sum of quark masses.
_QUARK_MASS_SIGN = {"S": -1.0, "P": 1.0}


def allowed(spin: float, pair: tuple[str, str]) -> bool:
    """Whether parity allows both quark currents for a final hadron of the spin given."""
    known = _AMPLITUDES[spin]
    return pair[0] in known and pair[1] in known


def conserved(spin: float, current: str) -> bool:
    """Whether q.J vanishes for a final hadron of the spin given, for the current V or A."""
    return f"q{current}" not in _AMPLITUDES[spin]


def pair_products(
    spin: float, pair: tuple[str, str], kin: Kinematics, longitudinal: bool = False
) -> tuple[PairProduct, ...]:
    """Products sum_lambda H_a^lambda H_b^lambda* of two quark currents, by form factors.

    Parameters
    ----------
    spin : float
        Spin of the hadron M: 0, 1, or 1/2 from a parent of spin 1/2.
    pair : (str, str)
        Quark currents a and b, both of spin 1 (V, A, E, M) or both of spin 0 (S, P, Vt, At).
    kin : Kinematics
    longitudinal : bool
        Keep only a longitudinal M: helicity 0 of a spin-1 system, and all of a spin-0 system. For
        spin 1/2 it is the helicity of the invisible system that is kept.

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
    sums: dict[tuple[str, str], Number] = {}
    powers: dict[tuple[str, str], tuple[int, int]] = {}
    for helicity, name, number, of_lambda, of_q2 in first:
        if longitudinal and helicity in ("+", "-"):
            continue
        for other_helicity, other_name, other, *more in second:
            if helicity == other_helicity:
                key = (name, other_name)
                sums[key] = sums.get(key, 0.0) + number * np.conj(other)
                # The same for all helicities of one pair of form factors.
                powers[key] = of_lambda + more[0], of_q2 + more[1]
    # For a = b the products are squared moduli; their imaginary parts are exactly zero.
    same = pair[0] == pair[1]
    return tuple(
        (*key, _powers(kin, *powers[key]) * (np.real(number) if same else number))
        for key, number in sums.items()
        if np.any(number)
    )


def _powers(kin: Kinematics, of_lambda: int, of_q2: int) -> Array:
    """lambda^(of_lambda/2) q2^(of_q2/2), without a root where the power is even."""
    value = np.ones_like(kin.q2)
    if of_lambda:
        value = kin.root_lambda**of_lambda
    if of_q2:
        power = kin.q2 ** (of_q2 // 2) if of_q2 % 2 == 0 else kin.root_q2**of_q2
        value = value * power
    return np.asarray(value)


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
