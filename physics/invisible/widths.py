"""Partial widths of B -> M + invisible: one formula for every final state.

dGamma/dq2 = lambda^(1/2)/(32 pi^2 m_B^3) sum_ab [sum_lambda H_a^lambda H_b^lambda*] W_ab(q2), with
helicity amplitudes from `helicity`, form factors from `form_factors` and W_ab from `final_states`.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from ...errors import PredictionError
from ..arrays import Array, column
from ..inputs import Inputs
from ..kinematics import kinematics
from ..observable import check_points
from ..transitions import Transition
from ..transitions import transition as find_transition
from .densities.base import Line
from .densities.currents import DarkTerm
from .escape import unseen
from .hadronic.helicity import allowed, quark_mass_factor
from .hadronic.kernels import Decay, integrated_kernel, kernel

__all__ = ["binned_width", "decay_of", "differential_width"]


def binned_width(
    transition: str,
    terms: Iterable[DarkTerm],
    inputs: Inputs,
    edges: ArrayLike,
    *,
    masses: tuple[float, float] | None = None,
    longitudinal: bool = False,
    first_moment: bool = False,
) -> Array:
    """Partial widths in bins of q2 for given entries of W_ab.

    Parameters
    ----------
    transition : str
        Name of the transition, such as ``B+->K+``.
    terms : iterable of DarkTerm
        Entries of W_ab, see `final_states`.
    inputs : Inputs
    edges : (bins + 1,) array, GeV^2
        Increasing; beyond the physical region the integrand is zero.
    masses : (float, float), GeV, optional
        Masses of B and M in place of the constants.
    longitudinal : bool
        Keep only a longitudinal M (always true for spin 0).
    first_moment : bool
        Integrals of q2 dGamma/dq2 in place of dGamma/dq2.

    Returns
    -------
    (n, bins) array, GeV; GeV^3 for first moments

    Raises
    ------
    PredictionError
        If the edges do not increase, batch sizes differ, or M is not lighter than B in `masses`.
    """
    known = find_transition(transition)
    decay, possible = decay_of(known, inputs, masses)
    form_factors = inputs.form_factors(known.form_factors)
    bins = tuple(np.asarray(edges, dtype=float).ravel().tolist())
    total = np.zeros((1, len(bins) - 1))
    for term in unseen((one for one in terms if allowed(known.spin, one.pair)), decay, inputs):
        density = term.density
        if first_moment and not isinstance(density, Line):
            density = density.times_q2()
        values = integrated_kernel(decay, form_factors, term.pair, density, bins, longitudinal)
        if first_moment and isinstance(density, Line):
            values = values * density.square
        total = total + _weighted(term, values, known, inputs)
        if not isinstance(term.density, Line) and term.density.pole is not None:
            limits = np.asarray(bins)[None]
            total = _infinite_on_pole(total, term, limits[:, :-1], limits[:, 1:], decay)
    return total * possible[:, None]


def differential_width(
    transition: str,
    terms: Iterable[DarkTerm],
    inputs: Inputs,
    q2: ArrayLike,
    *,
    masses: tuple[float, float] | None = None,
    longitudinal: bool = False,
) -> Array:
    """Width differential in q2 for given entries of W_ab.

    Parameters
    ----------
    q2 : (k,) array, GeV^2
        Outside the physical region the result is zero. A line, the emission of a single particle,
        has no finite height and is left out.
    transition, terms, inputs, masses, longitudinal :
        As in `binned_width`.

    Returns
    -------
    (n, k) array, GeV^-1
    """
    known = find_transition(transition)
    decay, possible = decay_of(known, inputs, masses)
    form_factors = inputs.form_factors(known.form_factors)
    check_points(transition, q2)
    points = np.asarray(q2, dtype=float).reshape(1, -1)
    total = np.zeros((1, points.shape[1]))
    for term in unseen((one for one in terms if allowed(known.spin, one.pair)), decay, inputs):
        if isinstance(term.density, Line):
            continue
        low, high = term.density.threshold, decay.end_point
        # Densities are not defined below threshold, nor amplitudes beyond the end point.
        inside = np.clip(points, np.minimum(low, high), high)
        kin = kinematics(inside, decay.m_parent, decay.m_meson)
        values = kernel(decay, form_factors, term.pair, term.density, kin, longitudinal)
        values = np.where((points >= low) & (points <= high), values, 0.0)
        total = total + _weighted(term, values, known, inputs)
        total = _infinite_on_pole(total, term, points, points, decay)
    return total * possible[:, None]


def decay_of(
    known: Transition, inputs: Inputs, masses: tuple[float, float] | None = None
) -> tuple[Decay, Array]:
    """Masses of the decay, floats where they are fixed, else (n, 1) arrays, and a factor.

    Parameters
    ----------
    known : Transition
    inputs : Inputs
    masses : (float, float), GeV, optional
        Masses of B and M in place of the constants.

    Returns
    -------
    Decay
    (1,) or (n,) array
        Factor on the rate: 1, 0 where M is not lighter than B, and NaN where a mass is; the decay
        has the default masses at such points.

    Raises
    ------
    PredictionError
        If M is not lighter than B in `masses`.
    """
    if masses is not None:
        m_parent, m_meson = float(masses[0]), float(masses[1])
        if not 0.0 <= m_meson < m_parent < np.inf:
            raise PredictionError(
                f"masses = ({m_parent:g}, {m_meson:g}) GeV are not allowed for {known.name}: the "
                "first must be above the second, both finite and not negative."
            )
        return Decay(known.spin, m_parent, m_meson), np.ones(1)
    names = (known.parent_mass, known.meson_mass)
    found = [inputs.constant(name) for name in names]
    lighter = found[1] < found[0]
    if lighter.all():
        return Decay(known.spin, *map(column, found)), np.ones(1)
    unknown = np.isnan(found[0]) | np.isnan(found[1])
    factor = np.where(unknown, np.nan, np.where(lighter, 1.0, 0.0))
    defaults = [Inputs().constant(name) for name in names]
    safe = [np.where(lighter, *pair) for pair in zip(found, defaults, strict=True)]
    return Decay(known.spin, *map(column, safe)), factor


def _weighted(term: DarkTerm, values: Array, known: Transition, inputs: Inputs) -> Array:
    """Contribution of an entry of W_ab and its mirror W_ba, with quark masses and normalisation."""
    heavy, light = inputs.constant(known.heavy_quark), inputs.constant(known.light_quark)
    weight = term.weight * known.factor
    for current in term.pair:
        weight = weight * quark_mass_factor(current, heavy, light)
    if known.normalisation is not None:
        weight = weight * inputs.constant(known.normalisation)
    if known.measured_at is not None:
        weight = weight * (known.measured_at / inputs.constant("CKM_lambda")) ** 2
    if isinstance(term.density, Line):
        # The hadronic part of a line may be infinite where nothing couples to it.
        nothing = (weight[:, None] == 0.0) | (values == 0.0)
        with np.errstate(over="ignore", invalid="ignore"):
            product = np.where(nothing, 0.0, weight[:, None] * values)
    else:
        product = weight[:, None] * values
    return product.real if term.pair[0] == term.pair[1] else 2.0 * product.real


def _infinite_on_pole(total: Array, term: DarkTerm, low: Array, high: Array, decay: Decay) -> Array:
    """Infinity in place of a rate over the pole of a stable mediator, limits (1, k) of q2."""
    if isinstance(term.density, Line):
        return total
    found = term.density.diverges(low, high, decay.end_point)
    if found is None:
        return total
    return np.where(found & (term.weight[:, None] != 0.0), np.inf, total)
