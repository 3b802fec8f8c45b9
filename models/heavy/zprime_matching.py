"""A heavy neutral vector boson integrated out: L_eff = -J_mu J^mu/(2 M^2)."""

from __future__ import annotations

import numpy as np

from ...physics.arrays import Array

__all__ = [
    "mixing_coefficients",
    "smeft_coefficients",
    "sterile_coefficients",
    "up_coupling",
    "up_coupling_of_strange",
]

_D, _S, _B = 0, 1, 2


def smeft_coefficients(
    left: Array, right: Array, doublet: Array, singlet: Array, mass: Array, family: int = _S
) -> dict[str, Array]:
    """SMEFT coefficients [ij,23] of L = Z'_mu J^mu, -g^sb g^ij/M^2 (arXiv:1211.1896).

    J = g_L sbar gamma P_L b + g_R sbar gamma P_R b + h.c. + g_ij lbar_i gamma P_L l_j (doublets:
    neutrinos alike) + g'_ij ebar_i gamma P_R e_j.

    Parameters
    ----------
    left, right : (1,) or (n,) complex array, 1
        g_L, g_R.
    family : int
        Of the quark beside the b: 1 for s, 0 for d.
    doublet, singlet : (1, 3, 3) or (n, 3, 3) array, 1
        g, g'.
    mass : (1,) or (n,) array, GeV

    Returns
    -------
    dict of str to (n, 3, 3, 3) complex array, GeV^-2
        ``lq1``, ``ld``, ``qe``, ``ed`` for `bsinv.models.matching.low_energy`.
    """
    pairs = {
        "lq1": (left, doublet),
        "ld": (right, doublet),
        "qe": (left, singlet),
        "ed": (right, singlet),
    }
    found = {}
    for name, (quark, lepton) in pairs.items():
        value = -(quark / mass**2)[:, None, None] * lepton
        array = np.zeros((*value.shape, 3), dtype=complex)
        array[..., family] = value
        found[name] = array
    return found


def sterile_coefficients(
    left: Array, right: Array, sterile: Array, mass: Array
) -> tuple[Array, Array]:
    """Coefficients of (sbar gamma P_X b)(Nbar_a gamma P_R N_a): -g_X g_N/M^2 for X = L, R.

    Parameters
    ----------
    left, right : (1,) or (n,) complex array, 1
    sterile : (1,) or (n,) array, 1
    mass : (1,) or (n,) array, GeV

    Returns
    -------
    two (1,) or (n,) complex arrays, GeV^-2
    """
    lepton = -sterile / mass**2
    return np.asarray(left * lepton), np.asarray(right * lepton)


def mixing_coefficients(left: Array, right: Array, mass: Array) -> dict[str, Array]:
    """Coefficients of H(Delta F = 2): g_L^2/(2 M^2), g_R^2/(2 M^2), g_L g_R/M^2.

    Parameters
    ----------
    left, right : (1,) or (n,) complex array, 1
        Couplings to q'-bar gamma P_X q.
    mass : (1,) or (n,) array, GeV

    Returns
    -------
    dict of str to (1,) or (n,) complex array, GeV^-2
        ``VLL``, ``VRR``, ``VLR``; arXiv:1211.1896.
    """
    squared = mass**2
    return {
        "VLL": np.asarray(left**2 / (2.0 * squared)),
        "VRR": np.asarray(right**2 / (2.0 * squared)),
        "VLR": np.asarray(left * right / squared),
    }


def up_coupling(left: Array, ckm: Array, family: int = _S) -> Array:
    """Coupling to ubar gamma P_L c that goes with that to sbar gamma P_L b: (V g V^dagger)_uc.

    V_us V_cb* g + V_ub V_cs* g*, the doublet of quarks being (V^dagger u, d).

    Parameters
    ----------
    left : (1,) or (n,) complex array, 1
    ckm : (1, 3, 3) or (n, 3, 3) complex array
    family : int
        Of the quark beside the b: 1 for s, 0 for d.

    Returns
    -------
    (1,) or (n,) complex array, 1
    """
    up, charm = ckm[:, 0], ckm[:, 1].conj()
    direct = up[:, family] * charm[:, _B] * left
    return np.asarray(direct + up[:, _B] * charm[:, family] * np.conj(left))


def up_coupling_of_strange(strange: Array, ckm: Array) -> Array:
    """As `up_coupling`, of the coupling to dbar gamma P_L s: V_ud V_cs* g + V_us V_cd* g*.

    Parameters
    ----------
    strange : (1,) or (n,) complex array, 1
    ckm : (1, 3, 3) or (n, 3, 3) complex array

    Returns
    -------
    (1,) or (n,) complex array, 1
    """
    up, charm = ckm[:, 0], ckm[:, 1].conj()
    direct = up[:, _D] * charm[:, _S] * strange
    return np.asarray(direct + up[:, _S] * charm[:, _D] * np.conj(strange))
