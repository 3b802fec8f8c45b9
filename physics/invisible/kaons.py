"""Neutrinos of s -> d in the Standard Model, and what a KL takes of the s -> d coefficients.

A(KL -> pi0 X) = (C M + xi C* M)/2 with M of K+ -> pi+, for a hermitian dark current, where
d-bar Gamma s goes into xi s-bar Gamma d under CP: the real part of C for scalar quark currents, the
imaginary part for vector and tensor currents.
"""

from __future__ import annotations

import numpy as np

from ...errors import PredictionError
from ..arrays import Array, squared_modulus
from ..ckm import ckm_matrix, height_of_v_cb
from ..inputs import Inputs
from ..wilson import Wilson
from .currents import DarkTerm
from .densities.base import MASSLESS_CHIRAL_VECTOR

__all__ = ["kaon_neutrino_terms", "klong_part"]

_SUFFIX = "_sd"

# First quark current of an operator to the part of its coefficient; h.c. changes the sign of
# chi-bar sigma gamma_5 chi.
_REAL = ("S", "TT5")
_NEITHER = ("P", "A", "DA")

# First part of the names of the four-quark operators, which mix kaons and make nothing invisible.
_MIXING = "C"

_HERMITIAN = ("phi", "phi0", "chi", "chi0", "X", "X0", "med", "g", "k", "d")


def _lambda(matrix: Array, quark: int) -> Array:
    """V_qs* V_qd, q = c, t for 1, 2: complex (1,) or (n,)."""
    return np.asarray(matrix[:, quark, 1].conj() * matrix[:, quark, 0])


def _charm_loop(inputs: Inputs) -> Array:
    """P_c at the lambda at hand; the constant is that at lambda = 0.2255 (arXiv:2105.02868)."""
    return np.asarray(inputs.constant("P_c") * (0.2255 / inputs.constant("CKM_lambda")) ** 4)


def _charged(inputs: Inputs) -> Array:
    """Square of the coefficient of K+ -> pi+ nu nubar, the mean over flavours: (1,) or (n,).

    (Im lambda_t X_t)^2 + (Re lambda_c lambda^4 [P_c + delta P_cu] + Re lambda_t X_t)^2 with
    lambda_q = V_qs* V_qd (arXiv:1503.02693 eq. (2); arXiv:0705.2025).
    """
    matrix = ckm_matrix(inputs, height_of_v_cb(inputs))
    charm = _lambda(matrix, 1).real * inputs.constant("CKM_lambda") ** 4
    charm = charm * (_charm_loop(inputs) + inputs.constant("delta_Pcu"))
    return squared_modulus(_lambda(matrix, 2) * inputs.constant("X_t_sd") + charm)


def _neutral(inputs: Inputs) -> Array:
    """Square of the coefficient of KL -> pi0 nu nubar, the mean over flavours: (1,) or (n,).

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
    mixing = inputs.constant("epsilon_K")
    return np.asarray(odd**2 + np.sqrt(2.0) * mixing * odd * even + (mixing * even) ** 2)


def kaon_neutrino_terms(inputs: Inputs, klong: bool) -> tuple[DarkTerm, ...]:
    """Entries of W_ab for s -> d nu nubar in the Standard Model, three flavours.

    The CKM factors derive from |V_cb|, lambda and the apex: CKM_A, of a fit whose |V_cb| is larger,
    is not used.

    Parameters
    ----------
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
    square = _neutral(inputs) if klong else _charged(inputs)
    weight = np.asarray(0.75 * unit**2 * square)
    return tuple(DarkTerm((c, c), weight, MASSLESS_CHIRAL_VECTOR) for c in ("V", "A"))


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
        if kind == _MIXING:
            continue
        if kind not in _HERMITIAN or (kind == "chi" and "m_chi2" in wilson):
            raise PredictionError(
                f"KL->pi0inv is not predicted for {name}: its dark current is not hermitian."
            )
        if operator.startswith(_NEITHER):
            continue
        values[name] = np.real(value) if operator.startswith(_REAL) else np.imag(value)
    return Wilson(values, size=wilson.size)
