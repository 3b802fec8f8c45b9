"""Invisible final states: from Wilson coefficients to W_ab, one entry for each pair of currents.

Every rate is N sum_ab K_ab W_ab(q2), with K_ab = sum_lambda H_a^lambda H_b^lambda* averaged over
the spin of the parent, where a and b run over quark currents and W_ab is the sum over the dark
currents coupled to them of C_a C_b* times a spectral density. A new final state adds a function to
`_FINAL_STATES`; nothing else changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from ....errors import PredictionError
from ...arrays import Array, column, squared_modulus
from ...ckm import lambda_td
from ...inputs import Inputs
from ...wilson import Wilson
from ..densities.base import LNV_SCALAR, LNV_TENSOR, MASSLESS_CHIRAL_VECTOR
from ..densities.currents import DarkTerm
from ..densities.lives import life_of
from .kaons import kaon_neutrino_terms, klong_part
from .mediator import (
    complex_scalar_mediator_terms,
    majorana_mediator_terms,
    mediator_terms,
    real_scalar_mediator_terms,
)
from .neutral_leptons import n_pair_terms, neutrino_n_terms
from .pairs import (
    fermion_terms,
    majorana_terms,
    real_scalar_terms,
    real_vector_terms,
    scalar_terms,
    vector_terms,
)
from .single import SINGLE_OPERATORS, single_terms

__all__ = [
    "DarkTerm",
    "dark_terms",
    "neutrino_normalisation",
    "neutrino_terms",
    "one_particle_terms",
    "sm_coefficient",
]


def neutrino_normalisation(inputs: Inputs, sector: str = "") -> Array:
    """N_0 = (4 G_F/sqrt 2) |V_tb V_ts*| alpha/(2 pi) of the b -> s nu nubar Hamiltonian.

    alpha is alpha(m_Z), the scheme in which electroweak corrections to X_t are small
    (arXiv:1009.0947).

    Parameters
    ----------
    inputs : Inputs
    sector : str
        Empty, or ``_bd`` for b -> d with |V_tb V_td*| of `ckm.lambda_td`.

    Returns
    -------
    (1,) or (n,) array, GeV^-2
    """
    ckm = np.abs(lambda_td(inputs) if sector == "_bd" else inputs.constant("VtbVts"))
    g_fermi, alpha_inv = inputs.constant("G_F"), inputs.constant("alpha_inv")
    return np.asarray(4.0 / np.sqrt(2.0) * g_fermi * ckm / (2.0 * np.pi * alpha_inv))


def sm_coefficient(inputs: Inputs) -> Array:
    """C_L of the Standard Model, -X_t/sin^2(theta_W), for each neutrino flavour.

    arXiv:1009.0947 and arXiv:1409.4557 eq. (3).

    Returns
    -------
    (1,) or (n,) array, 1
    """
    return np.asarray(-inputs.constant("X_t") / inputs.constant("sin2_theta_W"))


def _square(matrix: Array) -> Array:
    """Sum of the squared moduli of all entries: (n, 3, 3) to (n,)."""
    return np.asarray(squared_modulus(matrix).sum(axis=(1, 2)))


def _chiral_squares(left: Array | None, right: Array | None) -> tuple[Array, Array] | None:
    """Sums over flavours of |L + R|^2 / 4 and |L - R|^2 / 4; None stands for zero.

    They are the squares of the couplings of V, A = (R +- L)/2 and of S, P up to a phase.
    """
    if left is None and right is None:
        return None
    if left is None or right is None:
        alone = 0.25 * _square(left if left is not None else np.asarray(right))
        return alone, alone
    return 0.25 * _square(left + right), 0.25 * _square(left - right)


def _transposed(matrix: Array) -> Array:
    return np.swapaxes(matrix, 1, 2)


def neutrino_terms(wilson: Wilson, inputs: Inputs, sector: str = "") -> tuple[DarkTerm, ...]:
    """Entries of W_ab for massless neutrino pairs, the Standard Model included.

    - Vector operators: V and A carry (C_L + C_R)/2 and (C_R - C_L)/2 with nubar gamma^mu P_L nu;
      right-handed neutrinos likewise, without interference (arXiv:1409.4557).
    - Scalar operators with s-bar P_{L,R} b = (S +- iP)/2: S carries (c_SL + c_SR)/2, P carries
      (c_SL - c_SR)/2; only the symmetric part of the matrices counts (arXiv:2111.04327).
    - Tensor operator: the amplitude is 2 c (H_E + i H_M) J_E, so W_EE = W_MM = 4 |c|^2 rho; only
      the antisymmetric part counts.

    The entries VA, SP and EM are not listed: their hadronic parts vanish after the sum over
    helicities.

    Parameters
    ----------
    wilson : Wilson
    inputs : Inputs
    sector : str
        Suffix of the coefficients: empty for b -> s, ``_bd`` for b -> d.

    Returns
    -------
    tuple of DarkTerm, weights in GeV^-4
    """
    unit = neutrino_normalisation(inputs, sector) ** 2
    standard = sm_coefficient(inputs)[:, None, None] * np.eye(3)
    names = ("dC_L", "dC_R", "C_Lp", "C_Rp", "C_SL", "C_SR", "C_TL")
    shift, right, left_prime, right_prime, *scalar, tensor_like = (
        wilson.get(f"{name}{sector}") for name in names
    )
    left = standard if shift is None else standard + shift
    squares = [
        (("V", "A"), _chiral_squares(left, right), MASSLESS_CHIRAL_VECTOR),
        (("V", "A"), _chiral_squares(left_prime, right_prime), MASSLESS_CHIRAL_VECTOR),
    ]
    scalars = [None if one is None else 0.5 * (one + _transposed(one)) for one in scalar]
    squares.append((("S", "P"), _chiral_squares(*scalars), LNV_SCALAR))
    if tensor_like is not None:
        tensor = 4.0 * _square(0.5 * (tensor_like - _transposed(tensor_like)))
        squares.append((("E", "M"), (tensor, tensor), LNV_TENSOR))
    return tuple(
        DarkTerm((current, current), unit * value, density)
        for currents, values, density in squares
        if values is not None
        for current, value in zip(currents, values, strict=True)
    )


FinalState = Callable[[Wilson, Inputs, str], tuple[DarkTerm, ...]]

# With the names of the masses of what may decay; of a second one that is mostly the first. No name
# stands for a massless particle.
_FINAL_STATES: Mapping[FinalState, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        scalar_terms: (("m_phi",), ("m_phi",)),
        real_scalar_terms: (("m_phi0",), ("m_phi0",)),
        fermion_terms: (("m_chi",), ("m_chi2", "m_chi")),
        majorana_terms: (("m_chi0",), ("m_chi0",)),
        vector_terms: (("m_X",), ("m_X",)),
        real_vector_terms: (("m_X0",), ("m_X0",)),
        neutrino_n_terms: (("m_N",), ()),
        n_pair_terms: (("m_N",), ("m_N2", "m_N")),
        single_terms: (("m_1",),),
        mediator_terms: (("m_chi",), ("m_chi",)),
        majorana_mediator_terms: (("m_chi0",), ("m_chi0",)),
        complex_scalar_mediator_terms: (("m_phi",), ("m_phi",)),
        real_scalar_mediator_terms: (("m_phi0",), ("m_phi0",)),
    }
)

# Sectors of the decays of B mesons: the lives of what they make matter at Belle II.
_B_DECAYS = ("", "_bd")


def _with_lives(
    wilson: Wilson, inputs: Inputs, sector: str, states: Iterable[FinalState] = _FINAL_STATES
) -> Iterator[DarkTerm]:
    """Terms of the dark sectors; those of B decays with the lives of their particles."""
    for state in states:
        particles = _FINAL_STATES[state]
        terms = state(wilson, inputs, sector)
        life = None
        if terms and sector in _B_DECAYS:
            masses = (
                next((column(wilson[name]) for name in names if name in wilson), 0.0)
                for names in particles
            )
            life = life_of(wilson, tuple(masses))
        yield from terms if life is None else (replace(term, life=life) for term in terms)


def one_particle_terms(wilson: Wilson, inputs: Inputs, sector: str = "") -> tuple[DarkTerm, ...]:
    """Entries of W_ab of the single particle alone; arguments as for `dark_terms`."""
    if sector == "_KL":
        alone = {
            name: value
            for name, value in wilson.items()
            if name.removesuffix("_sd") in SINGLE_OPERATORS or name in ("m_1", "Gamma_1")
        }
        wilson, sector = klong_part(Wilson(alone, size=wilson.size)), "_sd"
    return tuple(_with_lives(wilson, inputs, sector, (single_terms,)))


def dark_terms(wilson: Wilson, inputs: Inputs, sector: str = "") -> tuple[DarkTerm, ...]:
    """Entries of W_ab of all invisible final states.

    Parameters
    ----------
    wilson : Wilson
    inputs : Inputs
    sector : str
        Suffix of the coefficients, empty for b -> s: see `transitions`.

    Returns
    -------
    tuple of DarkTerm

    Raises
    ------
    PredictionError
        If the Wilson coefficients are those of the model ``signal-strength``, which has none.
    """
    if "signal_strength" in wilson:
        raise PredictionError("a signal strength has no amplitudes: it only scales B+->K+nunu.")
    neutrinos: tuple[DarkTerm, ...] = ()
    if sector in ("", "_bd"):
        neutrinos = neutrino_terms(wilson, inputs, sector)
    elif sector in ("_sd", "_KL"):
        neutrinos = kaon_neutrino_terms(wilson, inputs, klong=sector == "_KL")
    if sector == "_KL":
        wilson, sector = klong_part(wilson), "_sd"
    return (*neutrinos, *_with_lives(wilson, inputs, sector))
