"""Emission of a single invisible particle: the two-body decay B -> M X.

The density is 2 pi delta(q2 - m^2). Spin 0: an axion-like particle couples through d_mu a, whose
amplitude is i sqrt(q2) (k_V H_V^t + k_A H_A^t), and interferes with the scalar couplings of the
same particle. By the equations of motion it is (g_S + i (m_q - m_q') k_V) H_S
+ (g_P - (m_q + m_q') k_A) H_P, without a power of the mass; a field strength likewise couples to
sqrt(q2) H_E and sqrt(q2) H_M. So a massless particle is nothing special, except one that couples
to a current which is not conserved: V between pseudoscalars, A to a vector meson. Its rate grows
like 1/m^2, and is infinite at m = 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from ...inputs import Inputs
from ...wilson import Wilson
from ..currents import DarkTerm, Interference, Operator, amplitudes, entries, mass_parameter
from ..densities.base import Line

__all__ = ["SINGLE_OPERATORS", "single_terms"]

SINGLE_OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        "g_S": (("S", 1.0, "scalar"),),
        "g_P": (("P", 1.0, "scalar"),),
        "k_V": (("qV", 1.0j, "scalar"),),
        "k_A": (("qA", 1.0j, "scalar"),),
        "g_V": (("V", 1.0, "vector"),),
        "g_A": (("A", 1.0, "vector"),),
        # q'-bar sigma q V_{mu nu}: J_E^mu = -i sqrt(q2) V^mu, J_M = 0.
        "d_T": (("qE", -2.0j, "vector"),),
        "d_T5": (("qM", -2.0, "vector"),),
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

    Parameters
    ----------
    wilson : Wilson
    inputs : Inputs
    sector : str
        Suffix of the coefficients: empty for b -> s, see `transitions`.

    Returns
    -------
    tuple of DarkTerm
        The mass may be zero at some points.
    """
    found = amplitudes(wilson, "", SINGLE_OPERATORS, sector)
    if not found:
        return ()
    line = Line(mass_parameter(wilson, "m_1", "g_, k_, d_"))

    def density(function: object) -> Line:
        return line

    return entries(found, _TABLE, density)
