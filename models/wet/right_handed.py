"""Three light right-handed neutrinos N_a of one mass: from couplings to Wilson coefficients."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...physics.arrays import Array
from ...physics.inputs import Inputs
from ..base import ModelParameter
from ..matching import normalisation

__all__ = ["M_N", "lepton_pairs", "neutrino_pairs"]

_SPECIES = 3

# Both N of a pair, and the N beside a massless neutrino, stay below the end point of B -> K.
M_N = ModelParameter(
    "m_N", "m_N", "GeV", 0.0, 0.0, 2.392, "mass of the three right-handed neutrinos"
)


def neutrino_pairs(
    left: Array, right: Array, m_n: Array, inputs: Inputs, sector: str = ""
) -> dict[str, Array]:
    """Coefficients of L = (c_L sbar gamma_mu P_L b + c_R sbar gamma_mu P_R b) Nbar_a gamma^mu N_a.

    Summed over a = 1, 2, 3; N_a are right-handed Dirac neutrinos. Without a mass C'_L = N c_L and
    C'_R = N c_R, times the unit matrix. With a mass the three pairs are counted in the coefficients
    NN_VR = sqrt(3) (c_R + c_L)/2 and NN_AR = sqrt(3) (c_R - c_L)/2 of one pair.

    Parameters
    ----------
    left, right : (1,) or (n,) complex array, GeV^-2
    m_n : (1,) or (n,) array, GeV
        If it is zero at every point, the massless coefficients are given.
    inputs : Inputs
    sector : str
        Suffix of the coefficients: empty for b -> s, ``_bd`` for b -> d.

    Returns
    -------
    dict of str to array
        Coefficients that are not zero at every point.
    """
    if not (left.any() or right.any()):
        return {}
    if not m_n.any():
        unit = normalisation(inputs, sector=sector)[:, None, None] * np.eye(_SPECIES)
        pairs = {f"C_Lp{sector}": left, f"C_Rp{sector}": right}
        return {key: unit * c[:, None, None] for key, c in pairs.items() if c.any()}
    half = 0.5 * np.sqrt(_SPECIES)
    return {
        f"NN_VR{sector}": half * (right + left),
        f"NN_AR{sector}": half * (right - left),
        "m_N": m_n,
    }


def lepton_pairs(scalar: Array, tensor: Array, m_n: Array) -> Mapping[str, Array]:
    """Coefficients of c_S (sbar P_R b)(nubar P_R N) + c_T (sbar sigma P_R b)(nubar sigma P_R N).

    Rates depend on |c_S|^2 and |c_T|^2 alone, summed over flavours and over the final states nu
    Nbar and nubar N: integrated over the leptons, spin 0 and spin 1 do not interfere, nor do the
    scalar and pseudoscalar quark currents.

    Parameters
    ----------
    scalar, tensor : (1,) or (n,) array, GeV^-2
        Moduli at m_b.
    m_n : (1,) or (n,) array, GeV

    Returns
    -------
    dict of str to array
        Coefficients that are not zero at every point.
    """
    found: dict[str, Array] = {}
    if scalar.any():
        # sbar P_R b = (sbar b)/2 - i (sbar i gamma_5 b)/2.
        found |= {"nuN_SR": 0.5 * scalar, "nuN_PR": -0.5j * scalar}
    if tensor.any():
        found["nuN_TR"] = tensor
    return {**found, "m_N": m_n} if found else {}
