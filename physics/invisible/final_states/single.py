"""Emission of a single invisible particle: the two-body decay B -> M X.

The density is 2 pi delta(q2 - m^2). Spin 0: an axion-like particle couples through d_mu a, whose
amplitude is i sqrt(q2) (k_V H_V^t + k_A H_A^t), and interferes with the scalar couplings of the
same particle. By the equations of motion it is (g_S + i (m_q - m_q') k_V) H_S
+ (g_P - (m_q + m_q') k_A) H_P, without a power of the mass; a field strength likewise couples to
sqrt(q2) H_E and sqrt(q2) H_M. So a massless particle is nothing special, except one that couples
to a current which is not conserved: V between pseudoscalars, A to a vector meson. Its rate grows
like 1/m^2, and is infinite at m = 0.

With a width Gamma the line becomes a Breit-Wigner, normalised over all q2, of which the rate has
what lies in the physical region. Spin 0, of constant width:

    2 pi delta(q2 - m^2) -> 2 m Gamma / [(q2 - m^2)^2 + m^2 Gamma^2].

A vector that decays to light particles through a conserved current has m Gamma(q2) = q2 Gamma/m,
without which the rate of longitudinal vectors would diverge like dq2/q2 at q2 = 0. With
gamma = Gamma/m that is a pole at m^2/(1 + gamma^2), of the same gamma (line shape of the Z,
Phys. Lett. B 206 (1988) 539):

    2 q2 gamma / [(q2 - m^2)^2 + q2^2 gamma^2].

Where either is zero the particle is stable: a line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from ...arrays import Array, column
from ...inputs import Inputs
from ...wilson import Wilson
from ..densities.base import NO_WIDTH, Density, Line, Pole
from ..densities.currents import (
    Amplitudes,
    DarkTerm,
    Interference,
    Operator,
    amplitudes,
    entries,
    mass_parameter,
)

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


def _constant(q2: Array, numerator: float | Array) -> Array:
    """2 m Gamma, without the denominator of the pole."""
    return np.asarray(numerator)


def _growing(q2: Array, numerator: float | Array) -> Array:
    """2 q2 gamma/(1 + gamma^2), without the denominator of the pole."""
    return np.asarray(q2 * numerator)


# Kept, since cached integrals are found again by the identity of a function.
_TABLE: Mapping[tuple[str, str], Interference] = MappingProxyType(
    {
        ("scalar", "scalar"): Interference(_constant),
        ("vector", "vector"): Interference(_growing),
    }
)


def single_terms(wilson: Wilson, inputs: Inputs, sector: str = "") -> tuple[DarkTerm, ...]:
    """Entries of W_ab for one particle of mass m_1 and width Gamma_1 with couplings g, k, d.

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
        Mass and width may be zero at some points.
    """
    found = amplitudes(wilson, "", SINGLE_OPERATORS, sector)
    if not found:
        return ()
    mass = mass_parameter(wilson, "m_1", "g_, k_, d_")
    width = mass_parameter(wilson, "Gamma_1", "g_, k_, d_") if "Gamma_1" in wilson else 0.0
    line = Line(mass)
    half = _half_width(np.ravel(mass), np.ravel(width))
    broad = ~(half < NO_WIDTH)
    narrow_terms = entries(found, _TABLE, lambda function: line)
    if not broad.any():
        return narrow_terms
    resonance = _resonances(mass, width, broad & np.isfinite(half))
    # A width that is no number leaves no rate either.
    shares = np.where(np.isfinite(half), broad, np.nan)
    broad_terms = entries(_scaled(found, shares), _TABLE, resonance)
    if broad.all():
        return broad_terms
    return (*entries(_scaled(found, ~broad), _TABLE, lambda function: line), *broad_terms)


def _half_width(mass: Array, width: Array) -> Array:
    """The smaller one of both poles, m Gamma/(1 + gamma^2), GeV^2; NaN where it is not known."""
    with np.errstate(all="ignore"):
        half = mass * width / (1.0 + np.square(width / mass))
    return np.asarray(np.where((mass == 0.0) | (width == 0.0), 0.0, half))


def _scaled(found: Amplitudes, factor: Array) -> Amplitudes:
    return {currents: value * factor for currents, value in found.items()}


def _resonances(
    mass: float | Array, width: float | Array, broad: Array
) -> Callable[[Callable[..., Array]], Density]:
    """Density of each function of the table; that of another point where there is no width."""

    def safe(value: float | Array) -> Array:
        return np.where(broad, np.ravel(value), 1.0)

    m, gamma = safe(mass), safe(width) / safe(mass)
    slower = 1.0 + gamma * gamma

    def density(function: Callable[..., Array]) -> Density:
        if function is _constant:
            pole, numerator = Pole(column(m * m), column(m * m * gamma)), 2.0 * m * m * gamma
        else:
            square = m * m / slower
            pole, numerator = Pole(column(square), column(square * gamma)), 2.0 * gamma / slower
        return Density(function, (column(numerator),), pole=pole)

    return density
