"""Decays of b hadrons to leptons of different flavour, from rates with the form factors at hand.

C^ij drives b -> s l_i^- l_j^+. The mesons B+, B0 and Bs hold an anti-b, so that they decay through
the conjugate: B -> M l_i^+ l_j^- is |C^ij|^2, such as C^tau,mu for B+ -> K+ mu- tau+. There is no
strong phase, no Standard Model and no photon in these rates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np

from ..arrays import Array, column, frozen, squared_modulus
from ..form_factors import FormFactors
from ..inputs import Inputs
from ..invisible.densities.base import Density, pair_density
from ..invisible.hadronic.kernels import Decay, integrated_kernel
from ..invisible.widths import decay_of
from ..transitions import PICOSECOND
from ..transitions import transition as find_transition
from ..wilson import Wilson
from .coefficients import LEPTONS, SCALARS, entries, scalar_factor, scalars
from .rates import LEPTON_DENSITIES, leptonic_width, normalisation

__all__ = ["FlavourMode", "leptonic_branching_fraction", "semileptonic_branching_fraction"]

_ALL_Q2 = (0.0, np.inf)

T = TypeVar("T", Array, Array | None)


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
    + L_10 |C_10 - C_10'|^2), where L vanishes for a pseudoscalar M, and what scalar operators add:
    K_S |C_S|^2 + 2 (m_1 - m_2) K_9S Re(C_9 C_S*) and the same with P, 10 and m_1 + m_2.

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
        if not wilson.keys().isdisjoint(SCALARS):
            total = total + _scalar_part(mode, wilson, inputs, positive, negative)
    front = _front(inputs, known.lifetime) * (mode.factor * possible)
    if known.normalisation is not None:
        front = front * inputs.constant(known.normalisation)
    return np.asarray(front * total)


def _scalar_part(
    mode: FlavourMode, wilson: Wilson, inputs: Inputs, positive: str, negative: str
) -> Array:
    """What scalar operators add to a rate of one charge, over N^2: (1,) or (n,), GeV^5."""
    known = find_transition(mode.transition)
    # Of quark currents without gamma_5 for a pseudoscalar M, with it for a vector.
    sign = 1.0 if known.spin == 0 else -1.0
    factor = scalar_factor(inputs, known.spin)
    vectors = _combined(entries(wilson, positive, negative), sign)
    found = _combined(scalars(wilson, positive, negative), sign)
    first, second = (inputs.constant(LEPTONS[name]) for name in (positive, negative))
    numbers = _scalar_integrals(mode, inputs)
    total: Array = np.zeros(1)
    for k, mass in enumerate((first - second, first + second)):
        scalar = factor * found[k]
        mixed = 2.0 * mass * (vectors[k] * scalar.conj()).real
        total = total + numbers[2 * k] * squared_modulus(scalar) + numbers[2 * k + 1] * mixed
    return total


def _combined(found: tuple[Array | None, ...], sign: float) -> tuple[Array, Array]:
    """C_1 + sign C_1' and C_2 + sign C_2' of (C_1, C_2, C_1', C_2')."""
    first, second, *primed = (np.zeros(1) if entry is None else entry for entry in found)
    return first + sign * primed[0], second + sign * primed[1]


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
    m_bs = inputs.constant("m_Bs")
    scalar_unit = m_bs**2 * scalar_factor(inputs, 1)
    for positive, negative in mode.charges:
        masses = (inputs.constant(LEPTONS[positive]), inputs.constant(LEPTONS[negative]))
        nine, ten = _combined(entries(wilson, positive, negative), -1.0)
        scalar, pseudoscalar = _combined(scalars(wilson, positive, negative), -1.0)
        squares = (
            squared_modulus((masses[0] - masses[1]) * nine + scalar_unit * scalar),
            squared_modulus((masses[0] + masses[1]) * ten + scalar_unit * pseudoscalar),
        )
        total = total + leptonic_width(m_bs, inputs.constant("f_Bs"), masses, squares)
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
    decay, possible = decay_of(find_transition(mode.transition), inputs)
    return _with_masses(mode, inputs, decay, _numbers, _fixed_numbers), possible


def _scalar_integrals(mode: FlavourMode, inputs: Inputs) -> tuple[Array, ...]:
    """K_S in GeV^7, K_9S, K_P and K_10P in GeV^5, (g,) each."""
    decay, _ = decay_of(find_transition(mode.transition), inputs)
    return _with_masses(mode, inputs, decay, _scalar_numbers, _fixed_scalar_numbers)


def _with_masses(
    mode: FlavourMode,
    inputs: Inputs,
    decay: Decay,
    numbers: Callable[..., tuple[T, ...]],
    fixed: Callable[..., tuple[T, ...]],
) -> tuple[T, ...]:
    """Integrals at the masses and form factors of the inputs, kept where they do not vary."""
    form_factors = inputs.form_factors(find_transition(mode.transition).form_factors)
    first, second = (column(inputs.constant(LEPTONS[name])) for name in sorted(mode.charges[0]))
    plain = isinstance(first, float) and isinstance(second, float)
    constant = decay.fixed and form_factors.size == 1 and plain
    return (fixed if constant else numbers)(decay, form_factors, first, second)


def _numbers(
    decay: Decay, form_factors: FormFactors, first: float | Array, second: float | Array
) -> tuple[Array | None, ...]:
    """Integrals over q2 of hadronic kernels with the densities of vector and axial currents."""

    def integral(quark: str, lepton: str) -> Array:
        density = pair_density(LEPTON_DENSITIES[lepton], first, second)
        return _integral(decay, form_factors, quark, density)

    if decay.spin == 0:
        plus = (integral("V", lepton) + integral("Vt", f"{lepton}t") for lepton in ("V", "A"))
        return (*plus, None, None)
    return (
        *(integral("V", lepton) for lepton in ("V", "A")),
        *(integral("A", lepton) + integral("At", f"{lepton}t") for lepton in ("V", "A")),
    )


def _scalar_numbers(
    decay: Decay, form_factors: FormFactors, first: float | Array, second: float | Array
) -> tuple[Array, ...]:
    """The same for scalar and pseudoscalar currents, times q2 and without."""
    quark = "Vt" if decay.spin == 0 else "At"
    densities = [pair_density(LEPTON_DENSITIES[lepton], first, second) for lepton in ("S", "P")]
    return tuple(
        _integral(decay, form_factors, quark, part)
        for density in densities
        for part in (density.times_q2(), density)
    )


def _integral(decay: Decay, form_factors: FormFactors, quark: str, density: Density) -> Array:
    values = integrated_kernel(decay, form_factors, (quark, quark), density, _ALL_Q2)
    return frozen(0.25 * values[:, 0])


# Form factors are compared by identity: fixed ones are the same object from call to call.
_fixed_numbers = lru_cache(maxsize=128)(_numbers)
_fixed_scalar_numbers = lru_cache(maxsize=128)(_scalar_numbers)
