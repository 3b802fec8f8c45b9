"""A mediator of finite width between the quarks and a pair of Dirac fermions chi.

Spin 0: [g_S S + g_P P + i sqrt(q2) (k_V H_V^t + k_A H_A^t)] (y_S S_chi + y_P P_chi) times
1/(q2 - M^2 + i M Gamma). Spin 1 with the complex pole M^2 - i M Gamma in the whole propagator:
1/(q2 - M^2 + i M Gamma) for the spin-1 part, which resonates, and -1/(M^2 - i M Gamma) for the
spin-0 part, which does not. Only products of a quark and a dark coupling are observable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import numpy as np

from .arrays import Array
from .currents import DarkTerm, Interference, Operator, amplitudes, entries, mass_parameter
from .densities import Density, Pole
from .densities_fermion import axial, axial_time, pseudoscalar, scalar, vector
from .inputs import Inputs
from .wilson import Wilson

__all__ = ["MEDIATOR_OPERATORS", "mediator_terms"]

Mass = float | Array

# Resonances narrower than this, relative to M^2, are drawn with this width and the same area: far
# below any bin, and nothing that a quadrature has to resolve.
_NARROWEST = 1e-6


def _resonant(
    shape: Callable[..., Array],
    power: int,
    running: bool,
    q2: Array,
    m_chi: Mass,
    mass: Mass,
    width: Mass,
) -> Array:
    """Shape q2^(power/2) |1/(q2 - M^2 + i M Gamma)|^2.

    With a running width, M Gamma is multiplied by shape(q2)/shape(M^2), the width of a decay to chi
    alone; below its threshold the width stays constant.
    """
    value = shape(q2, m_chi, m_chi)
    strength = mass * width
    if running:
        pole = np.maximum(np.asarray(mass**2, dtype=float), 1e-30)
        # np.maximum: the shape is only defined at the threshold and above.
        peak = shape(np.maximum(pole, 4.0 * m_chi**2), m_chi, m_chi)
        open_ = peak > 0.0
        ratio = np.where(open_, value / np.where(open_, peak, 1.0), 1.0)
        strength = strength * ratio
    floor = _NARROWEST * mass**2
    drawn = np.maximum(strength, floor)
    # The area of a narrow resonance is pi/(M Gamma).
    area = drawn / np.maximum(mass * width, 1e-300) if not running else 1.0
    if power:
        value = value * np.sqrt(q2) ** power
    return np.asarray(area * value / ((q2 - mass**2) ** 2 + drawn**2))


def _contact(q2: Array, m_chi: Mass, mass: Mass, width: Mass) -> Array:
    """Spin-0 part of axial-vector exchange: the density over M^4 + M^2 Gamma^2."""
    return axial_time(q2, m_chi, m_chi) / (mass**4 + (mass * width) ** 2)


MEDIATOR_OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        "SS": (("S", 1.0, "S"),),
        "SP": (("S", 1.0, "P"),),
        "PS": (("P", 1.0, "S"),),
        "PP": (("P", 1.0, "P"),),
        # An axion-like particle, k d_mu a q'-bar gamma^mu [gamma_5] q, dark coupling as above.
        "DVS": (("Vt", 1.0j, "dS"),),
        "DVP": (("Vt", 1.0j, "dP"),),
        "DAS": (("At", 1.0j, "dS"),),
        "DAP": (("At", 1.0j, "dP"),),
        "VV": (("V", 1.0, "V"),),
        "VA": (("V", 1.0, "A"), ("Vt", 1.0, "At")),
        "AV": (("A", 1.0, "V"),),
        "AA": (("A", 1.0, "A"), ("At", 1.0, "At")),
    }
)


def _table(running: bool) -> Mapping[tuple[str, str], Interference]:
    shapes: dict[tuple[str, str], tuple[Callable[..., Array], int]] = {
        ("S", "S"): (scalar, 0),
        ("P", "P"): (pseudoscalar, 0),
        ("dS", "dS"): (scalar, 2),
        ("dP", "dP"): (pseudoscalar, 2),
        ("S", "dS"): (scalar, 1),
        ("P", "dP"): (pseudoscalar, 1),
        ("V", "V"): (vector, 0),
        ("A", "A"): (axial, 0),
    }
    found = {
        pair: Interference(partial(_resonant, shape, power, running))
        for pair, (shape, power) in shapes.items()
    }
    return MappingProxyType(found | {("At", "At"): Interference(_contact)})


# Kept, since cached integrals are found again by the identity of a function.
_TABLES = {running: _table(running) for running in (False, True)}


def mediator_terms(wilson: Wilson, inputs: Inputs, sector: str = "") -> tuple[DarkTerm, ...]:
    """Entries of W_ab for chi chi-bar through a mediator, ``med_...``.

    Masses m_med and m_chi, total width Gamma_med; with ``med_running`` not zero the width grows
    with q2 as that of a decay to chi alone, which matters for Gamma/M of 0.1 and more.
    """
    found = amplitudes(wilson, "med_", MEDIATOR_OPERATORS, sector)
    if not found:
        return ()
    mass = mass_parameter(wilson, "m_med", "med_")
    width = mass_parameter(wilson, "Gamma_med", "med_")
    m_chi = mass_parameter(wilson, "m_chi", "med_")
    running = bool(np.any(wilson["med_running"])) if "med_running" in wilson else False
    threshold = 4.0 * m_chi * m_chi
    square = mass * mass
    half = np.maximum(mass * width, _NARROWEST * square)
    plain = not isinstance(half, np.ndarray)
    pole = Pole(square, float(half) if plain else half)

    def density(function: Callable[..., Array]) -> Density:
        resonance = None if function is _contact else pole
        return Density(function, (m_chi, mass, width), threshold, threshold, resonance)

    return entries(found, _TABLES[running], density)
