"""Neutrinos of s -> d in the Standard Model, and what a KL takes of the s -> d coefficients.

A(KL -> pi0 X) = (C M + xi C* M)/2 with M of K+ -> pi+, for a hermitian dark current, where
d-bar Gamma s goes into xi s-bar Gamma d under CP: the real part of C for scalar quark currents, the
imaginary part for vector and tensor currents.
"""

from __future__ import annotations

import numpy as np

from ..errors import PredictionError
from .arrays import Array
from .currents import DarkTerm
from .densities import MASSLESS_CHIRAL_VECTOR
from .inputs import Inputs
from .wilson import Wilson

__all__ = ["kaon_neutrino_terms", "klong_part"]

_SUFFIX = "_sd"

# First quark current of an operator to the part of its coefficient; h.c. changes the sign of
# chi-bar sigma gamma_5 chi.
_REAL = ("S", "TT5")
_NEITHER = ("P", "A", "DA")

# First part of the names of the four-quark operators, which mix kaons and make nothing invisible.
_MIXING = "C"

_HERMITIAN = ("phi", "phi0", "chi", "chi0", "X", "X0", "med", "g", "k", "d")


def _coefficient(inputs: Inputs) -> Array:
    """lambda_t X_t + lambda_c P_c lambda^4, the mean over flavours, complex (1,) or (n,).

    arXiv:1503.02693.
    """
    cabibbo, height = inputs.constant("CKM_lambda"), inputs.constant("CKM_A")
    rho, eta = inputs.constant("CKM_rhobar"), inputs.constant("CKM_etabar")
    correction = 1.0 - 0.5 * cabibbo**2
    top = -(height**2) * cabibbo**5 * (correction * (1.0 - rho) - 1j * eta)
    charm = -cabibbo * correction * inputs.constant("P_c") * cabibbo**4
    return np.asarray(top * inputs.constant("X_t") + charm)


def kaon_neutrino_terms(inputs: Inputs, klong: bool) -> tuple[DarkTerm, ...]:
    """Entries of W_ab for s -> d nu nubar in the Standard Model, three flavours.

    Parameters
    ----------
    inputs : Inputs
    klong : bool
        Only the imaginary part, for a KL.

    Returns
    -------
    tuple of DarkTerm, weights in GeV^-4
    """
    unit = 4.0 / np.sqrt(2.0) * inputs.constant("G_F") / (2.0 * np.pi)
    unit = unit / (inputs.constant("alpha_inv") * inputs.constant("sin2_theta_W"))
    value = _coefficient(inputs)
    square = value.imag**2 if klong else np.abs(value) ** 2
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
