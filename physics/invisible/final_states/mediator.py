"""A mediator between the quarks and a pair of dark particles: fermions or scalars.

Spin 0: [g_S S + g_P P + i sqrt(q2) (k_V H_V^t + k_A H_A^t)] times the dark current, y_S S_chi
+ y_P P_chi of fermions or mu S_phi of scalars, times 1/(q2 - M^2 + i M Gamma). Spin 1 with the
complex pole M^2 - i M Gamma in the whole propagator: 1/(q2 - M^2 + i M Gamma) for the spin-1 part,
which resonates, and -1/(M^2 - i M Gamma) for the spin-0 part, which does not; the current of
scalars is conserved. Only products of a quark and a dark coupling are observable.

Dirac fermions chi, L = S chibar(y_S + i y_P gamma_5)chi, and complex scalars, L = mu S phi+ phi;
Majorana fermions and real scalars have these with a factor 1/2, so that amplitudes are the same
and rates half as large.

Any width is allowed. Zero stands for the propagator of a stable mediator; its rate is finite where
the pole is outside the range of q2, and infinite where it is inside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np

from ...arrays import Array, column
from ...inputs import Inputs
from ...wilson import Wilson
from ..densities import scalar as scalars
from ..densities.base import NO_WIDTH, Density, Pole
from ..densities.currents import (
    DarkTerm,
    Interference,
    Operator,
    amplitudes,
    entries,
    mass_parameter,
)
from ..densities.fermion import axial, axial_time, pseudoscalar, scalar, vector

__all__ = [
    "MEDIATED",
    "MEDIATOR_OPERATORS",
    "SCALAR_MEDIATOR_OPERATORS",
    "Mediated",
    "complex_scalar_mediator_terms",
    "majorana_mediator_terms",
    "mediator_terms",
    "real_scalar_mediator_terms",
]

Mass = float | Array


def _scalar_pair(q2: Array, mass: Mass, other: Mass) -> Array:
    """Density of phi+ phi, with two masses as those of fermions."""
    return scalars.scalar(q2, mass)


def _scalar_current(q2: Array, mass: Mass, other: Mass) -> Array:
    """Density of the current of charged scalars."""
    return scalars.vector(q2, mass)


def _resonant(
    shape: Callable[..., Array],
    q2: Array,
    m_chi: Mass,
    square: Mass,
    half_width: Mass,
    running: Mass,
) -> Array:
    """Shape over |q2 - M^2 + i M Gamma|^2, times the constant-width denominator of `Pole`.

    With a running width, M Gamma is multiplied by shape(q2)/shape(M^2), the width of a decay to chi
    alone; below its threshold the width stays constant.
    """
    value = shape(q2, m_chi, m_chi)
    if not np.any(running):
        return value
    pole = np.maximum(np.asarray(square, dtype=float), 1e-30)
    # np.maximum: the shape is only defined at the threshold and above.
    peak = shape(np.maximum(pole, 4.0 * m_chi**2), m_chi, m_chi)
    runs = (peak > 0.0) & (np.asarray(running) > 0.0) & (np.asarray(half_width) >= NO_WIDTH)
    ratio = np.where(runs, value / np.where(runs, peak, 1.0), 1.0)
    distance = (q2 - square) ** 2
    fixed = np.where(runs, distance + half_width**2, 1.0)
    return np.asarray(value * fixed / np.where(runs, distance + (half_width * ratio) ** 2, 1.0))


def _contact(q2: Array, m_chi: Mass, square: Mass, half_width: Mass, running: Mass) -> Array:
    """Spin-0 part of axial-vector exchange: the density over M^4 + M^2 Gamma^2."""
    with np.errstate(divide="ignore", invalid="ignore"):
        density = axial_time(q2, m_chi, m_chi)
        return np.asarray(density / (np.square(square) + np.square(half_width)))


MEDIATOR_OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        "SS": (("S", 1.0, "S"),),
        "SP": (("S", 1.0, "P"),),
        "PS": (("P", 1.0, "S"),),
        "PP": (("P", 1.0, "P"),),
        # An axion-like particle, k d_mu a q'-bar gamma^mu [gamma_5] q, dark coupling as above.
        "DVS": (("qV", 1.0j, "S"),),
        "DVP": (("qV", 1.0j, "P"),),
        "DAS": (("qA", 1.0j, "S"),),
        "DAP": (("qA", 1.0j, "P"),),
        "VV": (("V", 1.0, "V"),),
        "VA": (("V", 1.0, "A"), ("Vt", 1.0, "At")),
        "AV": (("A", 1.0, "V"),),
        "AA": (("A", 1.0, "A"), ("At", 1.0, "At")),
    }
)

# Real scalars have no vector current.
SCALAR_MEDIATOR_OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        "S": (("S", 1.0, "S"),),
        "P": (("P", 1.0, "S"),),
        "DV": (("qV", 1.0j, "S"),),
        "DA": (("qA", 1.0j, "S"),),
        "V": (("V", 1.0, "V"),),
        "A": (("A", 1.0, "V"),),
    }
)

# Kept, since cached integrals are found again by the identity of a function.
_TABLE: Mapping[tuple[str, str], Interference] = MappingProxyType(
    {
        (name, name): Interference(partial(_resonant, shape))
        for name, shape in (("S", scalar), ("P", pseudoscalar), ("V", vector), ("A", axial))
    }
    | {("At", "At"): Interference(_contact)}
)


_SCALAR_TABLE: Mapping[tuple[str, str], Interference] = MappingProxyType(
    {
        (name, name): Interference(partial(_resonant, shape))
        for name, shape in (("S", _scalar_pair), ("V", _scalar_current))
    }
)


@dataclass(frozen=True)
class Mediated:
    """A pair of particles that a mediator decays to.

    Attributes
    ----------
    prefix : str
        Of the coefficients.
    mass : str
        Name of the mass of the particles.
    operators, table : mapping
        Dark currents of each coefficient, and their densities.
    factor : float
        1/2 for identical particles.
    """

    prefix: str
    mass: str
    operators: Mapping[str, Operator]
    table: Mapping[tuple[str, str], Interference]
    factor: float = 1.0

    def terms(self, wilson: Wilson, sector: str) -> tuple[DarkTerm, ...]:
        """Entries of W_ab, as `mediator_terms`."""
        found = amplitudes(wilson, self.prefix, self.operators, sector)
        if not found:
            return ()
        mass = mass_parameter(wilson, "m_med", self.prefix)
        width = mass_parameter(wilson, "Gamma_med", self.prefix)
        own = mass_parameter(wilson, self.mass, self.prefix)
        running = column((wilson["med_running"] != 0.0) * 1.0) if "med_running" in wilson else 0.0
        threshold, square, half = 4.0 * own * own, mass * mass, mass * width
        scale = threshold
        if np.any(running):
            scale = _running_scale(threshold, square, half)
        pole = Pole(square, half)

        def density(function: Callable[..., Array]) -> Density:
            resonance = None if function is _contact else pole
            return Density(function, (own, square, half, running), threshold, scale, resonance)

        return entries(found, self.table, density, self.factor)


_DIRAC = Mediated("med_", "m_chi", MEDIATOR_OPERATORS, _TABLE)
_MAJORANA = Mediated("medchi0_", "m_chi0", MEDIATOR_OPERATORS, _TABLE, 0.5)
_COMPLEX = Mediated("medphi_", "m_phi", SCALAR_MEDIATOR_OPERATORS, _SCALAR_TABLE)
_REAL = Mediated("medphi0_", "m_phi0", SCALAR_MEDIATOR_OPERATORS, _SCALAR_TABLE, 0.5)
MEDIATED = (_DIRAC, _MAJORANA, _COMPLEX, _REAL)


def mediator_terms(wilson: Wilson, inputs: Inputs, sector: str = "") -> tuple[DarkTerm, ...]:
    """Entries of W_ab for chi chi-bar through a mediator, ``med_...``.

    Masses m_med and m_chi, total width Gamma_med; where ``med_running`` is not zero the width grows
    with q2 as that of a decay to chi alone, which matters for Gamma/M of 0.1 and more.

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
    return _DIRAC.terms(wilson, sector)


def majorana_mediator_terms(
    wilson: Wilson, inputs: Inputs, sector: str = ""
) -> tuple[DarkTerm, ...]:
    """The same for a pair of Majorana fermions, ``medchi0_...``, with the mass m_chi0."""
    return _MAJORANA.terms(wilson, sector)


def complex_scalar_mediator_terms(
    wilson: Wilson, inputs: Inputs, sector: str = ""
) -> tuple[DarkTerm, ...]:
    """The same for a pair of complex scalars, ``medphi_...``, with the mass m_phi."""
    return _COMPLEX.terms(wilson, sector)


def real_scalar_mediator_terms(
    wilson: Wilson, inputs: Inputs, sector: str = ""
) -> tuple[DarkTerm, ...]:
    """The same for a pair of real scalars, ``medphi0_...``, with the mass m_phi0."""
    return _REAL.terms(wilson, sector)


def _running_scale(threshold: Mass, square: Mass, half_width: Mass) -> Mass:
    """Distance from the threshold at which a running width starts to count.

    M Gamma (d/d_0)^(3/2) = d_0 for a pole d_0 above the threshold, if that is nearer than 4 m^2.
    """
    above = np.asarray(square - threshold)
    ratio = above / np.maximum(half_width, 1e-300)
    near = np.where(above > 0.0, above * np.minimum(np.cbrt(ratio) ** 2, 1.0), np.inf)
    scale = np.minimum(threshold, near)
    return float(scale) if scale.ndim == 0 else scale
