"""Final states of two dark particles: scalars, Dirac and Majorana fermions, vectors.

Operators L = C (q'-bar Gamma q) J + h.c.; for a real field L = (1/2) C (q'-bar Gamma q) J + h.c.
The factors of an operator follow from h_{mu nu} j^{mu nu} = 2 (h_E.j_E - h_M.j_M), and for
q'-bar sigma gamma_5 q from h_E -> -i h_M, h_M -> i h_E. Notation of the quark currents: `helicity`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ...arrays import Array
from ...inputs import Inputs
from ...wilson import Wilson
from ..densities.base import Density, pair_density
from ..densities.currents import (
    DarkTerm,
    Interference,
    Operator,
    amplitudes,
    entries,
    mass_parameter,
)
from ..densities.fermion import FERMION_PAIR, FERMION_PAIR_EQUAL
from ..densities.scalar import SCALAR_PAIR
from ..densities.vector import VECTOR_PAIR

__all__ = [
    "FERMION_OPERATORS",
    "SCALAR_OPERATORS",
    "VECTOR_OPERATORS",
    "fermion_terms",
    "majorana_terms",
    "real_scalar_terms",
    "real_vector_terms",
    "scalar_terms",
    "vector_terms",
]


def _vector(quark: str, dark: str) -> Operator:
    """(q'-bar gamma_mu [gamma_5] q) J^mu with a spin-1 and a spin-0 part."""
    return ((quark, 1.0, dark), (quark + "t", 1.0, dark + "t"))


def _transverse(quark: str, dark: str) -> Operator:
    """(q'-bar gamma_mu [gamma_5] q) J^mu for a conserved current."""
    return ((quark, 1.0, dark),)


SCALAR_OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        "S": (("S", 1.0, "S"),),
        "P": (("P", 1.0, "S"),),
        "V": _transverse("V", "V"),
        "A": _transverse("A", "V"),
    }
)

# The name is quark current, dark current.
FERMION_OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        "SS": (("S", 1.0, "S"),),
        "SP": (("S", 1.0, "P"),),
        "PS": (("P", 1.0, "S"),),
        "PP": (("P", 1.0, "P"),),
        "VV": _vector("V", "V"),
        "VA": _vector("V", "A"),
        "AV": _vector("A", "V"),
        "AA": _vector("A", "A"),
        "TT": (("E", 2.0, "E"), ("M", -2.0, "M")),
        # sigma (x) sigma gamma_5 = sigma gamma_5 (x) sigma.
        "TT5": (("M", -2.0j, "E"), ("E", -2.0j, "M")),
    }
)

VECTOR_OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        "S": (("S", 1.0, "S"),),
        "P": (("P", 1.0, "S"),),
        "T1": (("E", 1.0j, "E"), ("M", -1.0j, "M")),
        "T2": (("M", -1.0j, "E"), ("E", -1.0j, "M")),
        "V2": _vector("V", "V2"),
        "V3": _vector("V", "V3"),
        "V4": _transverse("V", "V4"),
        "V5": _transverse("V", "V5"),
        "V6": _transverse("V", "V6"),
        "A2": _vector("A", "V2"),
        "A3": _vector("A", "V3"),
        "A4": _transverse("A", "V4"),
        "A5": _transverse("A", "V5"),
        "A6": _transverse("A", "V6"),
        "SF": (("S", 1.0, "F"),),
        "PF": (("P", 1.0, "F"),),
        "SFt": (("S", 1.0, "Ft"),),
        "PFt": (("P", 1.0, "Ft"),),
    }
)


def _pairs(
    wilson: Wilson,
    sector: str,
    kind: str,
    operators: Mapping[str, Operator],
    table: Mapping[tuple[str, str], Interference],
    factor: float,
) -> tuple[DarkTerm, ...]:
    """Entries of pairs of equal mass m_<kind>."""
    found = amplitudes(wilson, f"{kind}_", operators, sector)
    if not found:
        return ()
    mass = mass_parameter(wilson, f"m_{kind}", f"{kind}_")
    return entries(found, table, lambda function: pair_density(function, mass), factor)


def scalar_terms(wilson: Wilson, inputs: Inputs, sector: str = "") -> tuple[DarkTerm, ...]:
    """Entries of W_ab for a pair of complex scalars, coefficients ``phi_...``.

    Parameters
    ----------
    wilson : Wilson
    inputs : Inputs
    sector : str
        Suffix of the coefficients: empty for b -> s, see `transitions`.

    Returns
    -------
    tuple of DarkTerm
    """
    return _pairs(wilson, sector, "phi", SCALAR_OPERATORS, SCALAR_PAIR, 1.0)


def real_scalar_terms(wilson: Wilson, inputs: Inputs, sector: str = "") -> tuple[DarkTerm, ...]:
    """Entries of W_ab for a pair of real scalars, ``phi0_...``, L = (1/2) C phi^2.

    The amplitude is that of the complex field; identical particles bring 1/2.
    """
    return _pairs(wilson, sector, "phi0", SCALAR_OPERATORS, SCALAR_PAIR, 0.5)


def fermion_terms(wilson: Wilson, inputs: Inputs, sector: str = "") -> tuple[DarkTerm, ...]:
    """Entries of W_ab for psi_1-bar Gamma psi_2 of Dirac fields, ``chi_...``.

    The masses are m_chi and m_chi2; without the second they are equal.
    """
    found = amplitudes(wilson, "chi_", FERMION_OPERATORS, sector)
    if not found:
        return ()
    return fermion_entries(found, wilson, "chi")


def fermion_entries(
    found: dict[tuple[str, str], Array], wilson: Wilson, kind: str, factor: float = 1.0
) -> tuple[DarkTerm, ...]:
    """Entries of a pair of fermions with masses m_<kind> and, if it is given, m_<kind>2."""
    m_1 = mass_parameter(wilson, f"m_{kind}", f"{kind}_")
    if f"m_{kind}2" not in wilson:
        return entries(found, FERMION_PAIR_EQUAL, lambda f: _equal(f, m_1), factor)
    m_2 = mass_parameter(wilson, f"m_{kind}2", f"{kind}_")
    return entries(found, FERMION_PAIR, lambda f: pair_density(f, m_1, m_2), factor)


def _equal(function: Callable[..., Array], mass: float | Array) -> Density:
    return pair_density(function, mass, mass)


def majorana_terms(wilson: Wilson, inputs: Inputs, sector: str = "") -> tuple[DarkTerm, ...]:
    """Entries of W_ab for a pair of Majorana fermions, ``chi0_...``, L = (1/2) C chi-bar Gamma chi.

    The amplitude of S, P and A is that of the Dirac field; identical particles bring 1/2.
    """
    found = amplitudes(wilson, "chi0_", FERMION_OPERATORS, sector)
    if not found:
        return ()
    return fermion_entries(found, wilson, "chi0", 0.5)


def vector_terms(wilson: Wilson, inputs: Inputs, sector: str = "") -> tuple[DarkTerm, ...]:
    """Entries of W_ab for a pair of complex massive vectors, ``X_...``."""
    return _pairs(wilson, sector, "X", VECTOR_OPERATORS, VECTOR_PAIR, 1.0)


def real_vector_terms(wilson: Wilson, inputs: Inputs, sector: str = "") -> tuple[DarkTerm, ...]:
    """Entries of W_ab for a pair of real massive vectors, ``X0_...``, L = (1/2) C O.

    The amplitude is that of the complex field; identical particles bring 1/2.
    """
    return _pairs(wilson, sector, "X0", VECTOR_OPERATORS, VECTOR_PAIR, 0.5)
