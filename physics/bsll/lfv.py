"""Decays of b hadrons to leptons of different flavour, from rates with the form factors at hand.

C^ij drives b -> s l_i^- l_j^+. The mesons B+, B0 and Bs hold an anti-b, so that they decay through
the conjugate: B -> M l_i^+ l_j^- is |C^ij|^2, such as C^tau,mu for B+ -> K+ mu- tau+. There is no
strong phase, no Standard Model and no photon in these rates.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..arrays import Array, column, frozen, squared_modulus
from ..form_factors import FormFactors
from ..inputs import Inputs
from ..invisible.densities.base import pair_density
from ..invisible.kernels import Decay, integrated_kernel
from ..invisible.widths import decay_of
from ..transitions import PICOSECOND
from ..transitions import transition as find_transition
from ..wilson import Wilson
from .coefficients import LEPTONS, entries
from .rates import LEPTON_DENSITIES, leptonic_width, normalisation

__all__ = ["FlavourMode", "leptonic_branching_fraction", "semileptonic_branching_fraction"]

_ALL_Q2 = (0.0, np.inf)


@dataclass(frozen=True)
class FlavourMode:
    """A decay to two leptons of different flavour, of one charge or the sum of both.

    Attributes
    ----------
    transition : str
        Such as ``B+->K+``; ``Bs`` for a decay to the leptons alone.
    charges : tuple of (str, str)
        Flavours of the positive and of the negative lepton, e.g. ``("tau", "mu")``; rates of
        several are added.
    factor : float
        1/2 for K0 -> K_S.
    """

    transition: str
    charges: tuple[tuple[str, str], ...]
    factor: float = 1.0


def semileptonic_branching_fraction(mode: FlavourMode, wilson: Wilson, inputs: Inputs) -> Array:
    """Branching fraction of B -> M l+ l'-, integrated over all q2.

    arXiv:1602.00881; N^2 tau (K_9 |C_9 + C_9'|^2 + K_10 |C_10 + C_10'|^2 + L_9 |C_9 - C_9'|^2
    + L_10 |C_10 - C_10'|^2), where L vanishes for a pseudoscalar M.

    Parameters
    ----------
    mode : FlavourMode
    wilson : Wilson
    inputs : Inputs

    Returns
    -------
    (1,) or (n,) array, 1
    """
    known = find_transition(mode.transition)
    integrals, possible = _integrals(mode, inputs)
    total: Array = np.zeros(1)
    for positive, negative in mode.charges:
        squares = _squares(wilson, positive, negative)
        for integral, square in zip(integrals, squares, strict=True):
            if integral is not None and square is not None:
                total = total + integral * square
    front = _front(inputs, known.lifetime) * (mode.factor * possible)
    if known.normalisation is not None:
        front = front * inputs.constant(known.normalisation)
    return np.asarray(front * total)


def leptonic_branching_fraction(mode: FlavourMode, wilson: Wilson, inputs: Inputs) -> Array:
    """Branching fraction of Bs -> l+ l'- at production, arXiv:1602.00881 eq. (5).

    The charges are those of the decay of a Bs, which holds an anti-b. The sum of both charges is
    also the untagged rate but for the width difference: time-integrated rates differ by up to
    y_s = 6 %, depending on the relative phase of C^ij and C^ji.

    Parameters
    ----------
    mode : FlavourMode
        With the transition ``Bs``.
    wilson : Wilson
    inputs : Inputs

    Returns
    -------
    (1,) or (n,) array, 1
    """
    total: Array = np.zeros(1)
    for positive, negative in mode.charges:
        _, _, *differences = _squares(wilson, positive, negative)
        nine, ten = (np.zeros(1) if square is None else square for square in differences)
        masses = (inputs.constant(LEPTONS[positive]), inputs.constant(LEPTONS[negative]))
        total = total + leptonic_width(
            inputs.constant("m_Bs"), inputs.constant("f_Bs"), masses, (nine, ten)
        )
    return np.asarray(_front(inputs, "tau_Bs") * mode.factor * total)


def _front(inputs: Inputs, lifetime: str) -> Array:
    """N^2 tau/hbar with alpha(m_Z), GeV^-5."""
    unit = normalisation(
        inputs.constant("G_F"), inputs.constant("alpha_inv"), inputs.constant("VtbVts")
    )
    duration = inputs.constant(lifetime) * (PICOSECOND / inputs.constant("hbar"))
    return np.asarray(unit**2 * duration)


def _squares(wilson: Wilson, positive: str, negative: str) -> tuple[Array | None, ...]:
    """|C_9 + C_9'|^2, |C_10 + C_10'|^2, |C_9 - C_9'|^2, |C_10 - C_10'|^2; None is zero."""
    nine, ten, nine_primed, ten_primed = entries(wilson, positive, negative)
    plus_9, minus_9 = _sum_and_difference(nine, nine_primed)
    plus_10, minus_10 = _sum_and_difference(ten, ten_primed)
    return plus_9, plus_10, minus_9, minus_10


def _sum_and_difference(left: Array | None, right: Array | None) -> tuple[Array | None, ...]:
    if left is None or right is None:
        alone = right if left is None else left
        square = None if alone is None else squared_modulus(alone)
        return square, square
    return squared_modulus(left + right), squared_modulus(left - right)


def _integrals(mode: FlavourMode, inputs: Inputs) -> tuple[tuple[Array | None, ...], Array]:
    """K_9, K_10, L_9 and L_10, (g,) in GeV^5, and the factor of `widths.decay_of`, (g,)."""
    known = find_transition(mode.transition)
    decay, possible = decay_of(known, inputs)
    form_factors = inputs.form_factors(known.form_factors)
    first, second = (column(inputs.constant(LEPTONS[name])) for name in sorted(mode.charges[0]))
    fixed = decay.fixed and form_factors.size == 1
    if fixed and isinstance(first, float) and isinstance(second, float):
        integrals = _fixed_numbers(decay, form_factors, first, second)
    else:
        integrals = _numbers(decay, form_factors, first, second)
    return integrals, possible


def _numbers(
    decay: Decay, form_factors: FormFactors, first: float | Array, second: float | Array
) -> tuple[Array | None, ...]:
    """Integrals over q2 of hadronic kernels with the densities of vector and axial currents."""

    def integral(quark: str, lepton: str) -> Array:
        density = pair_density(LEPTON_DENSITIES[lepton], first, second)
        values = integrated_kernel(decay, form_factors, (quark, quark), density, _ALL_Q2)
        return frozen(0.25 * values[:, 0])

    if decay.spin == 0:
        plus = (integral("V", lepton) + integral("Vt", f"{lepton}t") for lepton in ("V", "A"))
        return (*plus, None, None)
    return (
        *(integral("V", lepton) for lepton in ("V", "A")),
        *(integral("A", lepton) + integral("At", f"{lepton}t") for lepton in ("V", "A")),
    )


# Form factors are compared by identity: fixed ones are the same object from call to call.
_fixed_numbers = lru_cache(maxsize=128)(_numbers)
