"""The CKM matrix from Wolfenstein parameters, and the CKM factors of b -> s and b -> d."""

from __future__ import annotations

import numpy as np

from .arrays import Array
from .inputs import Inputs

__all__ = ["ckm_matrix", "height_of_v_cb", "lambda_t", "lambda_td"]

_STEPS = 8


def height_of_v_cb(inputs: Inputs) -> Array:
    """Wolfenstein's A of the constant V_cb, |V_cb|/lambda^2; |V_cb| is s_23 to 1e-5.

    Returns
    -------
    (1,) or (n,) array, 1
    """
    return np.asarray(inputs.constant("V_cb") / inputs.constant("CKM_lambda") ** 2)


def ckm_matrix(inputs: Inputs, height: Array | None = None) -> Array:
    """CKM matrix, unitary to all orders in lambda, in the phase convention of the PDG.

    s_12 = lambda, s_23 = A lambda^2 and s_13 exp(i delta) = A lambda^3 (rhobar + i etabar)
    sqrt(1 - A^2 lambda^4) / (sqrt(1 - lambda^2) [1 - A^2 lambda^4 (rhobar + i etabar)]);
    hep-ph/9403384 and the PDG review of the CKM matrix, eqs. (12.3), (12.5).

    Parameters
    ----------
    inputs : Inputs
        Constants CKM_lambda, CKM_A, CKM_rhobar, CKM_etabar.
    height : (1,) or (n,) array, optional
        A in place of the constant CKM_A.

    Returns
    -------
    (1, 3, 3) or (n, 3, 3) complex array
        Rows u, c, t; columns d, s, b. NaN where a sine of an angle is not below 1.
    """
    lam, rho, eta = (inputs.constant(f"CKM_{name}") for name in ("lambda", "rhobar", "etabar"))
    a = inputs.constant("CKM_A") if height is None else height
    s12, s23 = lam, a * lam * lam
    c12, c23 = _cosine(s12), _cosine(s23)
    apex = rho + 1j * eta
    # exp(i delta) is in here; points that are NaN stay so, without a warning.
    with np.errstate(invalid="ignore"):
        s13 = s23 * lam * apex * c23 / (c12 * (1.0 - s23 * s23 * apex))
    c13 = _cosine(np.abs(s13))
    rows = [
        [c12 * c13, s12 * c13, s13.conj()],
        [-s12 * c23 - c12 * s23 * s13, c12 * c23 - s12 * s23 * s13, s23 * c13],
        [s12 * s23 - c12 * c23 * s13, -c12 * s23 - s12 * c23 * s13, c23 * c13],
    ]
    matrix = np.empty((len(s13), 3, 3), dtype=complex)
    for i, row in enumerate(rows):
        for j, element in enumerate(row):
            matrix[:, i, j] = element
    return matrix


def lambda_t(inputs: Inputs) -> Array:
    """V_tb V_ts*: modulus of the constant VtbVts, phase of the CKM matrix (179 degrees).

    Parameters
    ----------
    inputs : Inputs
        Constants VtbVts, CKM_lambda, CKM_A, CKM_rhobar, CKM_etabar.

    Returns
    -------
    (1,) or (n,) complex array
    """
    matrix = ckm_matrix(inputs)
    product = matrix[:, 2, 2] * matrix[:, 2, 1].conj()
    return np.asarray(inputs.constant("VtbVts") * product / np.abs(product))


def lambda_td(inputs: Inputs) -> Array:
    """V_tb V_td*: modulus from tree-level decays by unitarity, phase of the CKM matrix.

    s_13 = |V_ub|, s_12 = |V_us|/c_13, delta = gamma, and s_23 from |V_tb V_ts*|, the constant that
    stands for |V_cb|: the fit behind the Wolfenstein parameters holds the mass difference of the
    B0, which is predicted with this product. gamma = delta to 1e-3 (PDG review of the CKM matrix).

    Parameters
    ----------
    inputs : Inputs
        Constants Vub, Vus, VtbVts, CKM_gamma; CKM_lambda, CKM_A, CKM_rhobar, CKM_etabar for the
        phase.

    Returns
    -------
    (1,) or (n,) complex array
        NaN where a sine of an angle is not below 1.
    """
    matrix = ckm_matrix(inputs)
    product = matrix[:, 2, 2] * matrix[:, 2, 0].conj()
    s13 = inputs.constant("Vub")
    c13 = _cosine(s13)
    s12 = inputs.constant("Vus") / c13
    c12 = _cosine(s12)
    wanted = inputs.constant("VtbVts")
    phase = np.exp(1j * np.radians(inputs.constant("CKM_gamma")))
    s23 = wanted
    # |V_tb V_ts*| is proportional to s_23 to a few per cent: each step gains two digits.
    for _ in range(_STEPS):
        c23 = _cosine(s23)
        top_strange = c12 * s23 + s12 * c23 * s13 * phase
        s23 = s23 * wanted / (np.abs(top_strange) * c23 * c13)
    c23 = _cosine(s23)
    modulus = np.abs(s12 * s23 - c12 * c23 * s13 * phase) * c23 * c13
    return np.asarray(modulus * product / np.abs(product))


def _cosine(sine: Array) -> Array:
    """Cosine of an angle of the first quadrant."""
    square = 1.0 - sine * sine
    return np.asarray(np.sqrt(np.where(square > 0.0, square, np.nan)))
