"""Neutrinos of s -> d in the Standard Model, and what a KL takes of the s -> d coefficients.

A(KL -> pi0 X) = (C M + xi C* M)/2 with M of K+ -> pi+, for a hermitian dark current, where
d-bar Gamma s goes into xi s-bar Gamma d under CP: the real part of C for scalar quark currents, the
imaginary part for vector and tensor currents.
"""

from __future__ import annotations

import numpy as np

from ....errors import PredictionError
from ...arrays import Array, squared_modulus
from ...ckm import ckm_matrix, height_of_v_cb
from ...inputs import Inputs
from ...wilson import Wilson
from ..densities.base import MASSLESS_CHIRAL_VECTOR
from ..densities.currents import DarkTerm

__all__ = ["kaon_neutrino_terms", "klong_part"]

_SUFFIX = "_sd"

# First quark current of an operator to the part of its coefficient; h.c. changes the sign of
# chi-bar sigma gamma_5 chi.
_REAL = ("S", "TT5")
_NEITHER = ("P", "A", "DA")

# First part of the names of the four-quark operators, which mix kaons and make nothing invisible.
_MIXING = "C"

# Those of the neutrinos, which are matrices, are part of `kaon_neutrino_terms`.
_NEUTRINOS = "dC"
_LEFT, _RIGHT = "dC_L_sd", "dC_R_sd"

_MEDIATED = ("med", "medphi", "medphi0", "medchi0")
_HERMITIAN = ("phi", "phi0", "chi", "chi0", "X", "X0", *_MEDIATED, "g", "k", "d")
# N-bar gamma_mu P_X N of one N.
_N_PAIR, _N_VECTOR = "NN", "V"


def _lambda(matrix: Array, quark: int) -> Array:
    """V_qs* V_qd, q = c, t for 1, 2: complex (1,) or (n,)."""
    return np.asarray(matrix[:, quark, 1].conj() * matrix[:, quark, 0])


def _charm_loop(inputs: Inputs) -> Array:
    """P_c at the lambda at hand; the constant is that at lambda = 0.2255 (arXiv:2105.02868)."""
    return np.asarray(inputs.constant("P_c") * (0.2255 / inputs.constant("CKM_lambda")) ** 4)


def _charged(inputs: Inputs) -> Array:
    """Coefficient of K+ -> pi+ nu nubar, the same for all flavours: complex (1,) or (n,).

    i Im lambda_t X_t + Re lambda_c lambda^4 [P_c + delta P_cu] + Re lambda_t X_t with
    lambda_q = V_qs* V_qd (arXiv:1503.02693 eq. (2); arXiv:0705.2025). Charm differs between tau
    and the others; its mean over flavours is taken.
    """
    matrix = ckm_matrix(inputs, height_of_v_cb(inputs))
    charm = _lambda(matrix, 1).real * inputs.constant("CKM_lambda") ** 4
    charm = charm * (_charm_loop(inputs) + inputs.constant("delta_Pcu"))
    return np.asarray(_lambda(matrix, 2) * inputs.constant("X_t_sd") + charm)


def _neutral(inputs: Inputs) -> tuple[Array, Array]:
    """CP-odd and CP-even coefficients of KL -> pi0 nu nubar, both real, (1,) or (n,).

    (Im lambda_t X_t)^2 r_epsilon, r_epsilon = 1 - sqrt(2) |epsilon_K| [1 + P_c/(A^2 X_t) - rho]/eta
    with rho + i eta = (rhobar + i etabar)/(1 - lambda^2/2) (hep-ph/9607447; arXiv:2105.02868): the
    interference of the CP-even part of the KL. Its square, 6e-5 of the rate, is kept, without
    which small eta would give negative rates: |odd + |epsilon_K| e^(i pi/4) even|^2.
    """
    lam, top = inputs.constant("CKM_lambda"), inputs.constant("X_t_sd")
    height = height_of_v_cb(inputs)
    matrix = ckm_matrix(inputs, height)
    correction = 1.0 - 0.5 * lam**2
    rho, eta = (inputs.constant(f"CKM_{name}") / correction for name in ("rhobar", "etabar"))
    factor = _lambda(matrix, 2).imag
    # Im lambda_t/(A^2 eta), lambda^5 to a part in a thousand; so that A and eta may be zero.
    slope = height**2 * eta
    unit = np.where(slope == 0.0, lam**5, factor / np.where(slope == 0.0, 1.0, slope))
    odd = factor * top
    even = -unit * ((1.0 - rho) * height**2 * top + _charm_loop(inputs))
    return np.asarray(odd), np.asarray(even)


def _neutral_square(inputs: Inputs) -> Array:
    """|i odd + |epsilon_K| e^(i pi/4) even|^2, the mean over flavours: (1,) or (n,)."""
    odd, even = _neutral(inputs)
    mixing = inputs.constant("epsilon_K")
    return np.asarray(odd**2 + np.sqrt(2.0) * mixing * odd * even + (mixing * even) ** 2)


def _shifts(wilson: Wilson, inputs: Inputs) -> dict[str, Array]:
    """New physics beside lambda_t X_t by quark current, for (sbar Gamma d)(nubar_i Gamma nu_j).

    -sin^2(theta_W) lambda_t (C_L +- C_R)^dagger: V and A carry the sum and the difference; the
    coefficients are those of (dbar Gamma s), its hermitian conjugate.

    Returns
    -------
    dict of "V", "A" to (n, 3, 3) complex array
        Empty without new physics.
    """
    given = [wilson.get(_LEFT), wilson.get(_RIGHT)]
    if all(matrix is None for matrix in given):
        return {}
    left, right = (np.zeros((1, 3, 3)) if matrix is None else matrix for matrix in given)
    factor = -inputs.constant("sin2_theta_W")
    factor = factor * _lambda(ckm_matrix(inputs, height_of_v_cb(inputs)), 2)
    return {
        current: factor[:, None, None] * _dagger(left + sign * right)
        for current, sign in (("V", 1.0), ("A", -1.0))
    }


def _dagger(matrix: Array) -> Array:
    return np.asarray(np.swapaxes(matrix, 1, 2).conj())


def _with_shift(shift: Array, inputs: Inputs, klong: bool) -> Array:
    """Sum over flavours of the squared coefficients with new physics: (n,).

    A KL feels (C - C^dagger)/2, the part that breaks CP, and epsilon_K times (C + C^dagger)/2: also
    neutrinos of two flavours, whose pairs are no states of CP (hep-ph/9701313).
    """
    unit = np.eye(3)
    if not klong:
        total = _charged(inputs)[:, None, None] * unit + shift
        return np.asarray(squared_modulus(total).sum(axis=(1, 2)))
    odd, even = (part[:, None, None] for part in _neutral(inputs))
    mixing = (inputs.constant("epsilon_K") * np.exp(0.25j * np.pi))[:, None, None]
    breaking = 1j * odd * unit + 0.5 * (shift - _dagger(shift))
    total = breaking + mixing * (even * unit + 0.5 * (shift + _dagger(shift)))
    return np.asarray(squared_modulus(total).sum(axis=(1, 2)))


def kaon_neutrino_terms(wilson: Wilson, inputs: Inputs, klong: bool) -> tuple[DarkTerm, ...]:
    """Entries of W_ab for s -> d nu nubar, three flavours, the Standard Model included.

    The CKM factors derive from |V_cb|, lambda and the apex: CKM_A, of a fit whose |V_cb| is larger,
    is not used.

    Parameters
    ----------
    wilson : Wilson
        Shifts dC_L_sd, dC_R_sd.
    inputs : Inputs
        Constants V_cb, CKM_lambda, CKM_rhobar, CKM_etabar, X_t_sd, P_c, delta_Pcu, epsilon_K, G_F,
        alpha_inv, sin2_theta_W.
    klong : bool
        For a KL: the imaginary part, and what the CP-even part of the KL adds.

    Returns
    -------
    tuple of DarkTerm, weights in GeV^-4
    """
    unit = 4.0 / np.sqrt(2.0) * inputs.constant("G_F") / (2.0 * np.pi)
    unit = unit / (inputs.constant("alpha_inv") * inputs.constant("sin2_theta_W"))
    shifts = _shifts(wilson, inputs)
    if not shifts:
        square = _neutral_square(inputs) if klong else squared_modulus(_charged(inputs))
        weight = np.asarray(0.75 * unit**2 * square)
        return tuple(DarkTerm((c, c), weight, MASSLESS_CHIRAL_VECTOR) for c in ("V", "A"))
    return tuple(
        DarkTerm(
            (current, current),
            np.asarray(0.25 * unit**2 * _with_shift(shift, inputs, klong)),
            MASSLESS_CHIRAL_VECTOR,
        )
        for current, shift in shifts.items()
    )


def klong_part(wilson: Wilson) -> Wilson:
    """Coefficients of s -> d as a KL feels them, under the same names.

    Raises
    ------
    PredictionError
        For operators whose dark current is not hermitian.
    """
    values: dict[str, Array] = {}
    for name, value in wilson.items():
        if not name.endswith(_SUFFIX):
            values[name] = value
            continue
        kind, _, operator = name.removesuffix(_SUFFIX).partition("_")
        if kind in (_MIXING, _NEUTRINOS):
            continue
        if kind == _N_PAIR and operator.startswith((_N_VECTOR, *_NEITHER)) and "m_N2" not in wilson:
            if operator.startswith(_N_VECTOR):
                values[name] = np.imag(value)
            continue
        if kind not in _HERMITIAN or (kind == "chi" and "m_chi2" in wilson):
            raise PredictionError(
                f"KL->pi0inv is not predicted for {name}: its dark current is not hermitian."
            )
        if operator.startswith(_NEITHER):
            continue
        values[name] = np.real(value) if operator.startswith(_REAL) else np.imag(value)
    return Wilson(values, size=wilson.size)
