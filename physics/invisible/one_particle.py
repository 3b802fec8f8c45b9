"""Branching fractions to a meson and one invisible particle, without neutrinos and pairs."""

from __future__ import annotations

from functools import partial

import numpy as np

from ..arrays import Array
from ..inputs import Inputs
from ..observable import Observable
from ..transitions import PICOSECOND
from ..transitions import transition as find_transition
from ..wilson import Wilson, points, refuse_signal_strength
from .divergences import refuse_infinite_rates
from .final_states.states import one_particle_terms
from .neutrinos import Mode
from .widths import binned_width

__all__ = ["OBSERVABLES", "one_particle_branching_fraction"]

_B_MODES = (
    Mode("B+->K+X", r"B^+\to K^+X", (("B+->K+", 1.0),)),
    Mode("B0->K0X", r"B^0\to K^0X", (("B0->K0", 1.0),)),
    Mode("B->K*X", r"B\to K^*X", (("B+->K*+", 0.5), ("B0->K*0", 0.5))),
)
_KAON_MODES = (
    Mode("K+->pi+X", r"K^+\to\pi^+X", (("K+->pi+", 1.0),)),
    Mode("KL->pi0X", r"K_L\to\pi^0X", (("KL->pi0", 1.0),)),
)


def one_particle_branching_fraction(mode: Mode, wilson: Wilson, inputs: Inputs) -> Array:
    """Branching fraction to a meson and one particle of mass m_1.

    Of a B times the probability that the particle is not seen, see `escape`; of a kaon as it is
    produced, since limits are published against its decay length.

    Parameters
    ----------
    mode : Mode
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
    size = points(wilson, inputs)
    refuse_signal_strength(wilson, f"BR({mode.name})", "two-body")
    total: Array = np.zeros(size)
    edges = np.array([0.0, np.inf])
    for channel, weight in mode.channels:
        known = find_transition(channel)
        terms = one_particle_terms(wilson, inputs, known.sector)
        width = binned_width(channel, terms, inputs, edges)[:, 0]
        lifetime = inputs.constant(known.lifetime) * PICOSECOND / inputs.constant("hbar")
        total = total + weight * width * lifetime
    return total


def _refuse(
    channels: tuple[str, ...], name: str, wilson: Wilson, inputs: Inputs, values: Array
) -> None:
    decays = tuple(find_transition(channel) for channel in channels)
    refuse_infinite_rates(name, decays, wilson, inputs, values)


def _observables() -> tuple[Observable, ...]:
    found = []
    for modes, text in (
        (_B_MODES, "times the probability that the particle is not seen"),
        (_KAON_MODES, "whatever the particle decays to"),
    ):
        for mode in modes:
            average = ", mean of the charged and the neutral mode" if len(mode.channels) > 1 else ""
            found.append(
                Observable(
                    name=f"BR({mode.name})",
                    latex=rf"\mathcal{{B}}({mode.latex})",
                    unit="1",
                    function=partial(one_particle_branching_fraction, mode),
                    kinematics=(),
                    optional=(),
                    description="branching fraction to one invisible particle alone, "
                    f"{text}{average}",
                    references=("2111.04327",),
                    check=partial(_refuse, tuple(channel for channel, _ in mode.channels)),
                )
            )
    return tuple(found)


OBSERVABLES = _observables()
