"""The CKM matrix from Wolfenstein parameters, and the CKM factors of b -> s and b -> d."""

from __future__ import annotations

import numpy as np

from .arrays import Array
from .inputs import Inputs

__all__ = ["ckm_matrix", "lambda_t", "lambda_td"]


def ckm_matrix(inputs: Inputs) -> Array:
    """CKM matrix, unitary to all orders in lambda, in the phase convention of the PDG.

    s_12 = lambda, s_23 = A lambda^2 and s_13 exp(i delta) = A lambda^3 (rhobar + i etabar)
    sqrt(1 - A^2 lambda^4) / (sqrt(1 - lambda^2) [1 - A^2 lambda^4 (rhobar + i etabar)]);
    hep-ph/9403384 and the PDG review of the CKM matrix, eqs. (12.3), (12.5).

    Parameters
    ----------
    inputs : Inputs
        Constants CKM_lambda, CKM_A, CKM_rhobar, CKM_etabar.

    Returns
    -------
    (1, 3, 3) or (n, 3, 3) complex array
        Rows u, c, t; columns d, s, b. NaN where a sine of an angle is not below 1.
    """
    lam, a, rho, eta = (
        inputs.constant(f"CKM_{name}") for name in ("lambda", "A", "rhobar", "etabar")
    )
    s12, s23 = lam, a * lam * lam
    c12, c23 = _cosine(s12), _cosine(s23)
    apex = rho + 1j * eta
    # exp(i delta) is in here.
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
    """V_tb V_td* of the CKM matrix.

    Parameters
    ----------
    inputs : Inputs
        Constants CKM_lambda, CKM_A, CKM_rhobar, CKM_etabar.

    Returns
    -------
    (1,) or (n,) complex array
    """
    matrix = ckm_matrix(inputs)
    return np.asarray(matrix[:, 2, 2] * matrix[:, 2, 0].conj())


def _cosine(sine: Array) -> Array:
    """Cosine of an angle of the first quadrant."""
    square = 1.0 - sine * sine
    return np.asarray(np.sqrt(np.where(square > 0.0, square, np.nan)))
