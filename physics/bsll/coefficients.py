"""Coefficients of b -> s l l' in the normalisations that the predictions need."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ...data.constants import constant
from ..arrays import Array, common_size
from ..inputs import Inputs
from ..wilson import Wilson
from ..wilson_names import FLAVOURS
from .charm import standard_model

__all__ = [
    "DIPOLES",
    "FURTHER",
    "LEPTONS",
    "NAMES",
    "SCALARS",
    "coupling_ratio",
    "entries",
    "fit_coefficient",
    "scalar_factor",
    "scalars",
    "shifts",
    "tabulated_scale",
]

# Masses of the leptons among the constants.
LEPTONS: dict[str, str] = {"e": "m_e", "mu": "m_mu", "tau": "m_tau"}

# In the order of the rows of the table of polynomials.
NAMES = ("dC_9", "dC_10", "C_9p", "C_10p")
# What few models have, in the order of the further rows; flavio neglects C_8'.
DIPOLES = ("dC_7", "C_7p", "dC_8")
SCALARS = ("C_S", "C_P", "C_Sp", "C_Pp")
FURTHER = (*DIPOLES, *SCALARS)


def entries(wilson: Wilson, first: str, second: str) -> tuple[Array | None, ...]:
    """Entries of C_9, C_10, C_9' and C_10' that drive b -> s first^- second^+.

    Parameters
    ----------
    wilson : Wilson
    first, second : str
        Flavours, ``e``, ``mu`` or ``tau``.

    Returns
    -------
    tuple of (1,) or (n,) complex array, or None
        In the order of `NAMES`; None stands for zero.
    """
    return _entries(NAMES, wilson, first, second)


def scalars(wilson: Wilson, first: str, second: str) -> tuple[Array | None, ...]:
    """Entries of C_S, C_P, C_S' and C_P' that drive b -> s first^- second^+, as `entries`.

    Returns
    -------
    tuple of (1,) or (n,) complex array, GeV^-1, or None
        In the order of `SCALARS`.
    """
    return _entries(SCALARS, wilson, first, second)


def _entries(
    names: tuple[str, ...], wilson: Wilson, first: str, second: str
) -> tuple[Array | None, ...]:
    row, column = FLAVOURS.index(first), FLAVOURS.index(second)
    return tuple(wilson[name][:, row, column] if name in wilson else None for name in names)


def scalar_factor(inputs: Inputs, spin: float) -> Array:
    """Mass of the b quark in front of scalar operators over that of their matrix elements.

    m_b/(m_b - m_s) for a pseudoscalar M, where q_mu (sbar gamma^mu b) = (m_b - m_s) sbar b;
    m_b/(m_b + m_s) for a vector M and for Bs -> l l.

    Parameters
    ----------
    inputs : Inputs
    spin : float
        Of M, 0 or 1; 1 for Bs -> l l.

    Returns
    -------
    (1,) or (n,) array, 1
    """
    m_b, m_s = inputs.constant("m_b"), inputs.constant("m_s")
    return np.asarray(m_b / (m_b - m_s if spin == 0 else m_b + m_s))


def coupling_ratio(inputs: Inputs) -> Array:
    """Coefficient in units of that at 4.8 GeV over the one in the package: alpha(m_Z)/alpha(4.8).

    Only alpha C is physical for new physics, while C_9 and C_10 of the Standard Model belong to
    alpha at 4.8 GeV.

    Returns
    -------
    (1,) or (n,) array, 1
    """
    return np.asarray(standard_model()["alpha_inv"] / inputs.constant("alpha_inv"))


@lru_cache(maxsize=1)
def _central_ckm() -> float:
    return float(constant("VtbVts").value)


def tabulated_scale(inputs: Inputs) -> Array:
    """Factor on the amplitudes of tabulated rates: VtbVts over its central value.

    The tables were made with a CKM factor 0.5 % above that value, a small part of its error: their
    rates stand at the central value and follow from there.

    Returns
    -------
    (1,) or (n,) array, 1
    """
    return np.asarray(np.abs(inputs.constant("VtbVts")) / _central_ckm())


def fit_coefficient(wilson: Wilson, inputs: Inputs, name: str, lepton: str) -> Array:
    """Coefficient of a lepton pair in the normalisation of flavio.

    C alpha lambda_t/(alpha lambda_t)_table with the table ``bsll_standard_model``; dC9_hadronic is
    added to C_9.

    Parameters
    ----------
    wilson : Wilson
    inputs : Inputs
    name : str
        One of `NAMES`.
    lepton : str
        ``e``, ``mu`` or ``tau``.

    Returns
    -------
    (1,) or (n,) real array, 1
        The imaginary part does not interfere with the Standard Model.
    """
    added = inputs.constant("dC9_hadronic") if name == "dC_9" else np.zeros(1)
    if name not in wilson:
        return added
    index = FLAVOURS.index(lepton)
    ckm = np.abs(inputs.constant("VtbVts")) / standard_model()["lambda_t"]
    return np.asarray(wilson[name][:, index, index].real * coupling_ratio(inputs) * ckm + added)


def shifts(
    wilson: Wilson, inputs: Inputs, lepton: str, *, tabulated: bool, spin: float = 1
) -> Array:
    """Vector (1, C_9, C_10, C_9', C_10', C_7, C_7', C_8, C_S, C_P, C_S', C_P') of shifts.

    Of a pair of equal leptons; the last seven are left out where the `Wilson` has none of them.

    Parameters
    ----------
    wilson : Wilson
    inputs : Inputs
    lepton : str
        ``e``, ``mu`` or ``tau``.
    tabulated : bool
        Shifts for a tabulated rate, which is then multiplied by the square of `tabulated_scale`;
        else for amplitudes proportional to VtbVts.
    spin : float
        Of the meson M, 0 or 1: scalar operators are multiplied by `scalar_factor`.

    Returns
    -------
    (1 or n, 5) or (1 or n, 12) complex array, 1, and GeV^-1 for scalar operators
        In the normalisation of alpha at 4.8 GeV; dC9_hadronic is in C_9.
    """
    ratio: Array = coupling_ratio(inputs)
    table = _central_ckm() / standard_model()["lambda_t"] if tabulated else 1.0
    ratio = ratio * table
    hadronic = inputs.constant("dC9_hadronic")
    found = entries(wilson, lepton, lepton)
    parts = [None if entry is None else entry * ratio for entry in found]
    if not wilson.keys().isdisjoint(FURTHER):
        parts += [wilson[name] * table if name in wilson else None for name in DIPOLES]
        scalar = ratio * scalar_factor(inputs, spin)
        found = scalars(wilson, lepton, lepton)
        parts += [None if entry is None else entry * scalar for entry in found]
    names = (*NAMES, *FURTHER)
    sizes = {names[k]: len(part) for k, part in enumerate(parts) if part is not None}
    size = common_size({**sizes, "alpha_inv": len(ratio), "dC9_hadronic": len(hadronic)})
    vector = np.zeros((size, 1 + len(parts)), dtype=complex)
    vector[:, 0] = 1.0
    for k, part in enumerate(parts):
        if part is not None:
            vector[:, k + 1] = part
    vector[:, 1] += hadronic
    return vector
