"""Emission of a single invisible particle: the two-body decay B -> M X.

The density is 2 pi delta(q2 - m^2); an axion-like particle couples through d_mu a, whose amplitude
is i m (k_V H_V^t + k_A H_A^t), and interferes with the scalar couplings of the same particle.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from .currents import (
    Amplitudes,
    DarkTerm,
    Interference,
    Operator,
    amplitudes,
    entries,
    mass_parameter,
)
from .densities import Line
from .inputs import Inputs
from .wilson import Wilson

__all__ = ["single_terms"]

# The amplitudes of an operator in the second table carry one more power of the mass.
_PLAIN: Mapping[str, Operator] = MappingProxyType(
    {
        "g_S": (("S", 1.0, "scalar"),),
        "g_P": (("P", 1.0, "scalar"),),
        "g_V": (("V", 1.0, "vector"),),
        "g_A": (("A", 1.0, "vector"),),
    }
)
_TIMES_MASS: Mapping[str, Operator] = MappingProxyType(
    {
        "k_V": (("Vt", 1.0j, "scalar"),),
        "k_A": (("At", 1.0j, "scalar"),),
        # q'-bar sigma q V_{mu nu}: J_E^mu = -i m V^mu, J_M = 0.
        "d_T": (("E", -2.0j, "vector"),),
        "d_T5": (("M", -2.0, "vector"),),
    }
)
_TABLE: Mapping[tuple[str, str], Interference] = MappingProxyType(
    {(kind, kind): Interference(np.ones_like) for kind in ("scalar", "vector")}
)


def single_terms(wilson: Wilson, inputs: Inputs, sector: str = "") -> tuple[DarkTerm, ...]:
    """Entries of W_ab for one particle of mass m_1 with couplings g, k, d.

    L = q'-bar (g_S + i g_P gamma_5) q phi + (d_mu a) q'-bar gamma^mu (k_V + k_A gamma_5) q
    + q'-bar gamma^mu (g_V + g_A gamma_5) q V_mu + q'-bar sigma^{mu nu} (d_T + d_T5 gamma_5) q
    V_{mu nu} + h.c.
    """
    found: Amplitudes = amplitudes(wilson, "", _PLAIN, sector)
    derivative = amplitudes(wilson, "", _TIMES_MASS, sector)
    if not found and not derivative:
        return ()
    mass = mass_parameter(wilson, "m_1", "g_, k_, d_")
    found |= {link: value * wilson["m_1"] for link, value in derivative.items()}
    line = Line(mass * mass)

    def density(function: object) -> Line:
        return line

    return entries(found, _TABLE, density)
