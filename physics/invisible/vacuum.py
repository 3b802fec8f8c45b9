"""Decays of a neutral meson to nothing but invisible particles.

Gamma = 1/(2 m) sum_ab h_a h_b* W_ab(m^2), with h_P = f m^2/(m_q + m_q'), h_At = i f m and
h_qA = i f m^2; the other quark currents vanish between a pseudoscalar and the vacuum. A single
stable particle is not produced: its mixing with the meson is an effect of propagators, not a decay.
One with a width is, off its mass shell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from ...errors import find
from ..arrays import Array
from ..inputs import Inputs
from ..transitions import PICOSECOND
from ..wilson import Wilson, points, refuse_signal_strength
from .densities.base import Line
from .densities.currents import DarkTerm
from .escape import unseen_at_rest
from .final_states.states import dark_terms

__all__ = ["Meson", "meson", "mesons", "vacuum_branching_fraction", "vacuum_width"]


@dataclass(frozen=True)
class Meson:
    """A neutral pseudoscalar meson and the constants of its decay to the vacuum.

    Attributes
    ----------
    name, latex : str
    mass, lifetime, decay_constant : str
        Names of the constants, GeV, ps, GeV.
    heavy_quark, light_quark : str
        Names of the quark masses, GeV.
    sector : str
        Suffix of the dark coefficients.
    """

    name: str
    latex: str
    mass: str
    lifetime: str
    decay_constant: str
    heavy_quark: str
    light_quark: str
    sector: str


_MESONS: Mapping[str, Meson] = MappingProxyType(
    {
        entry.name: entry
        for entry in (
            Meson("Bs", "B_s", "m_Bs", "tau_Bs", "f_Bs", "m_b", "m_s", ""),
            Meson("B0", "B^0", "m_B0", "tau_B0", "f_B", "m_b", "m_d", "_bd"),
            Meson("D0", "D^0", "m_D0", "tau_D0", "f_D", "m_c", "m_u_2GeV", "_cu"),
        )
    }
)


def mesons() -> tuple[str, ...]:
    """Names of the mesons."""
    return tuple(_MESONS)


def meson(name: str) -> Meson:
    """Meson of a name.

    Raises
    ------
    UnknownNameError
        If there is none.
    """
    return find("meson", name, _MESONS)


def vacuum_width(name: str, terms: Iterable[DarkTerm], inputs: Inputs) -> Array:
    """Width of a meson to invisible particles for given entries of W_ab.

    Parameters
    ----------
    name : str
        Such as ``Bs``.
    terms : iterable of DarkTerm
    inputs : Inputs

    Returns
    -------
    (n,) array, GeV
    """
    known = meson(name)
    mass, decay_constant = inputs.constant(known.mass), inputs.constant(known.decay_constant)
    quarks = inputs.constant(known.heavy_quark) + inputs.constant(known.light_quark)
    amplitudes = {
        "P": decay_constant * mass**2 / quarks,
        "At": 1j * decay_constant * mass,
        "qA": 1j * decay_constant * mass**2,
    }
    square = (mass**2)[:, None]
    total = np.zeros(1)
    for term in terms:
        first, second = term.pair
        if first not in amplitudes or second not in amplitudes or isinstance(term.density, Line):
            continue
        open_ = square > term.density.threshold
        density = np.where(open_, term.density(square), 0.0)[:, 0]
        hadronic = amplitudes[first] * np.conj(amplitudes[second])
        density = density * unseen_at_rest(term, mass, inputs)
        part = (term.weight * hadronic * density).real
        total = total + (part if first == second else 2.0 * part)
        on_pole = term.density.diverges(square, square, square)
        if on_pole is not None:
            total = np.where(on_pole[:, 0] & (term.weight != 0.0), np.inf, total)
    return np.asarray(total / (2.0 * mass))


def vacuum_branching_fraction(name: str, wilson: Wilson, inputs: Inputs) -> Array:
    """Branching fraction of a meson to invisible particles.

    For the Bs it is time-integrated with the mean lifetime; the width difference, about 6 %, is
    neglected.

    Parameters
    ----------
    name : str
        Such as ``Bs``.
    wilson : Wilson
    inputs : Inputs

    Returns
    -------
    (n,) array, 1

    Raises
    ------
    PredictionError
        For a signal strength, or if batch sizes differ.
    """
    known = meson(name)
    size = points(wilson, inputs)
    refuse_signal_strength(wilson, f"{name}->inv", "dm-scalar")
    lifetime = inputs.constant(known.lifetime) * PICOSECOND / inputs.constant("hbar")
    values = vacuum_width(name, dark_terms(wilson, inputs, known.sector), inputs) * lifetime
    return np.broadcast_to(values, (size,)).copy()
