"""Final states with heavy neutral leptons: nubar N and N Nbar.

Dirac N. L = C (q'-bar Gamma q)(nubar Gamma' N) + h.c. for one neutrino flavour; several flavours
add up, |C|^2 = sum_i |C_i|^2. A Majorana N coupled to nubar gives the same rate for each of the two
final states nu N and nubar N; in pairs it is a Majorana fermion, ``chi0_...``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ...inputs import Inputs
from ...wilson import Wilson
from ..densities.base import Density
from ..densities.currents import DarkTerm, Operator, amplitudes, entries, mass_parameter
from ..densities.fermion import CHIRAL_PAIR
from .pairs import fermion_entries

__all__ = ["NEUTRINO_N_OPERATORS", "N_PAIR_OPERATORS", "n_pair_terms", "neutrino_n_terms"]

NEUTRINO_N_OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        "VL": (("V", 1.0, "L"), ("Vt", 1.0, "Lt")),
        "AL": (("A", 1.0, "L"), ("At", 1.0, "Lt")),
        "SR": (("S", 1.0, "R"),),
        "PR": (("P", 1.0, "R"),),
        # sigma P_R (x) sigma P_R; the dark current is self-dual, J_M = i J_E.
        "TR": (("E", 2.0, "E"), ("M", -2.0j, "E")),
    }
)


def _chiral_vector(quark: str, sign: float) -> Operator:
    """gamma^mu P_{R,L} = (V +- A)/2."""
    return (
        (quark, 0.5, "V"),
        (quark + "t", 0.5, "Vt"),
        (quark, 0.5 * sign, "A"),
        (quark + "t", 0.5 * sign, "At"),
    )


def _chiral_scalar(quark: str, sign: float) -> Operator:
    """P_{R,L} = (S -+ iP)/2."""
    return ((quark, 0.5, "S"), (quark, -0.5j * sign, "P"))


def _chiral_tensor(sign: float) -> Operator:
    """Sigma P_{R,L} (x) sigma P_{R,L}: half the sum, the difference, of TT and TT5."""
    return (("E", 1.0, "E"), ("M", -1.0, "M"), ("M", -1.0j * sign, "E"), ("E", -1.0j * sign, "M"))


N_PAIR_OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        f"{quark}{chirality}": make(quark, sign)
        for quark, make in (
            ("V", _chiral_vector),
            ("A", _chiral_vector),
            ("S", _chiral_scalar),
            ("P", _chiral_scalar),
        )
        for chirality, sign in (("L", -1.0), ("R", 1.0))
    }
    | {"TL": _chiral_tensor(-1.0), "TR": _chiral_tensor(1.0)}
)


def neutrino_n_terms(wilson: Wilson, inputs: Inputs, sector: str = "") -> tuple[DarkTerm, ...]:
    """Entries of W_ab for a massless left-handed neutrino and N of mass m_N, ``nuN_...``."""
    found = amplitudes(wilson, "nuN_", NEUTRINO_N_OPERATORS, sector)
    if not found:
        return ()
    mass = mass_parameter(wilson, "m_N", "nuN_")
    square = mass * mass
    return entries(found, CHIRAL_PAIR, lambda f: Density(f, (mass,), square, square))


def n_pair_terms(wilson: Wilson, inputs: Inputs, sector: str = "") -> tuple[DarkTerm, ...]:
    """Entries of W_ab for N-bar Gamma N', ``NN_...``, with masses m_N and, if given, m_N2."""
    found = amplitudes(wilson, "NN_", N_PAIR_OPERATORS, sector)
    return fermion_entries(found, wilson, "N") if found else ()
