"""Branching fractions of B -> M + invisible, from Wilson coefficients and inputs."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Array
from ..inputs import Inputs
from ..observable import check_range
from ..transitions import PICOSECOND, Transition
from ..transitions import transition as find_transition
from ..wilson import Wilson, points, refuse_signal_strength
from .final_states.states import dark_terms
from .null import null_differential, null_spectrum
from .widths import binned_width, decay_of, differential_width

__all__ = [
    "binned_branching_fraction",
    "branching_fraction",
    "check_physical",
    "differential_branching_fraction",
    "inverse_width",
]


def binned_branching_fraction(
    transition: str,
    wilson: Wilson,
    inputs: Inputs,
    edges: ArrayLike,
    *,
    masses: tuple[float, float] | None = None,
    longitudinal: bool = False,
    first_moment: bool = False,
) -> Array:
    """Branching fraction of B -> M + invisible in bins of q2, or its first moments.

    Parameters
    ----------
    transition : str
        Name of the transition, such as ``B+->K+``.
    wilson : Wilson
        Coefficients. With ``signal_strength`` the result is that multiple of the null prediction
        of the Belle II analysis, with its own masses, for B+->K+ only.
    inputs : Inputs
    edges : (bins + 1,) array, GeV^2
        Increasing; beyond the physical region the integrand is zero.
    masses : (float, float), GeV, optional
        Masses of B and M in place of the constants.
    longitudinal : bool
        Keep only a longitudinal M (always true for spin 0).
    first_moment : bool
        Integrals of q2 dB/dq2 over the bins in place of those of dB/dq2.

    Returns
    -------
    (n, bins) array, 1; GeV^2 for first moments
        Infinite where the rate is, see `divergences`.

    Raises
    ------
    PredictionError
        If the edges do not increase, batch sizes differ, or a signal strength is asked for another
        decay.
    """
    size = points(wilson, inputs)
    if "signal_strength" in wilson:
        _check_signal_strength(wilson, transition)
        return wilson["signal_strength"][:, None] * null_spectrum(edges, first_moment)
    known = find_transition(transition)
    terms = dark_terms(wilson, inputs, known.sector)
    width = binned_width(
        transition,
        terms,
        inputs,
        edges,
        masses=masses,
        longitudinal=longitudinal,
        first_moment=first_moment,
    )
    return _expand(width * inverse_width(known, inputs), size)


def differential_branching_fraction(
    transition: str,
    wilson: Wilson,
    inputs: Inputs,
    q2: ArrayLike,
    *,
    masses: tuple[float, float] | None = None,
    longitudinal: bool = False,
) -> Array:
    """Branching fraction of B -> M + invisible differential in q2.

    Parameters
    ----------
    q2 : (k,) array, GeV^2
        Outside the physical region the result is zero.
    transition, wilson, inputs, masses, longitudinal :
        As in `binned_branching_fraction`.

    Returns
    -------
    (n, k) array, GeV^-2
    """
    size = points(wilson, inputs)
    if "signal_strength" in wilson:
        _check_signal_strength(wilson, transition)
        return wilson["signal_strength"][:, None] * null_differential(q2)
    known = find_transition(transition)
    terms = dark_terms(wilson, inputs, known.sector)
    width = differential_width(
        transition, terms, inputs, q2, masses=masses, longitudinal=longitudinal
    )
    return _expand(width * inverse_width(known, inputs), size)


def branching_fraction(
    transition: str,
    wilson: Wilson,
    inputs: Inputs,
    *,
    q2min: float = 0.0,
    q2max: float = np.inf,
    masses: tuple[float, float] | None = None,
    longitudinal: bool = False,
) -> Array:
    """Branching fraction of B -> M + invisible, integrated over q2.

    Parameters
    ----------
    q2min, q2max : float, GeV^2
        Limits; by default the whole physical region.
    transition, wilson, inputs, masses, longitudinal :
        As in `binned_branching_fraction`.

    Returns
    -------
    (n,) array, 1

    Raises
    ------
    PredictionError
        If nothing of the physical region lies between the limits, and as
        `binned_branching_fraction`.
    """
    check_physical(transition, (transition,), inputs, q2min, q2max, masses)
    edges = np.array([q2min, q2max])
    return binned_branching_fraction(
        transition, wilson, inputs, edges, masses=masses, longitudinal=longitudinal
    )[:, 0]


def check_physical(
    name: str,
    transitions: Iterable[str],
    inputs: Inputs,
    q2min: float,
    q2max: float,
    masses: tuple[float, float] | None = None,
) -> None:
    """Refuse limits of q2 between which none of the transitions has a physical region.

    Parameters
    ----------
    name : str
        What was asked for.
    transitions : iterable of str
    inputs : Inputs
        Where masses vary, one point with a physical region between the limits is enough.
    q2min, q2max : float, GeV^2
    masses : (float, float), GeV, optional
        Masses of B and M in place of the constants.

    Raises
    ------
    PredictionError
        With the limits and the physical region.
    """
    if q2min <= 0.0 and np.isinf(q2max):
        return
    decays = [decay_of(find_transition(entry), inputs, masses)[0] for entry in transitions]
    check_range(name, q2min, q2max, max(float(np.max(decay.end_point)) for decay in decays))


def inverse_width(known: Transition, inputs: Inputs) -> Array:
    """Lifetime over hbar, (n, 1), GeV^-1."""
    lifetime = inputs.constant(known.lifetime) * PICOSECOND
    return np.asarray((lifetime / inputs.constant("hbar"))[:, None])


def _expand(values: Array, size: int) -> Array:
    """Repeat a result that is the same at every parameter point."""
    return values if values.shape[0] == size else np.repeat(values, size, axis=0)


def _check_signal_strength(wilson: Wilson, transition: str) -> None:
    if transition != "B+->K+":
        refuse_signal_strength(wilson, transition)
