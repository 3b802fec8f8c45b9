"""Squarks and sneutrinos without R-parity integrated out.

W = lambda'_ijk L_i Q_j D^c_k gives, in the basis of mass eigenstates of down quarks and charged
leptons,

L = lambda'_ijk [nu~_i dbar_Rk d_Lj + d~_Lj dbar_Rk nu_Li + d~*_Rk (nubar^c)_Li d_Lj
    - e~_Li dbar_Rk u_Lj - u~_Lj dbar_Rk e_Li - d~*_Rk (ebar^c)_Li u_Lj] + h.c.

(hep-ph/0406039), with u_Lj = sum_a V*_aj u_a: d~_Rk is a leptoquark S_0 with the couplings
lambda_ql = lambda'_lqk, the doublet (u~_L, d~_L)_j an S~_1/2 with lambda_ql = lambda'_ljq. The
three copies of each add in tree amplitudes. Arrays of couplings are (n, 3, 3, 3) with the lepton
i, the doublet j, the singlet k.
"""

from __future__ import annotations

import numpy as np

from ...physics.arrays import Array
from ..couplings import add_arrays
from .leptoquark_matching import (
    LEPTOQUARKS,
    PAIRS,
    bottom_coefficients,
    box_product,
    strange_coefficients,
    up_couplings,
)

__all__ = [
    "doublet_squark_box",
    "doublet_squark_exchange",
    "mixed_squark_box",
    "singlet_squark_box",
    "singlet_squark_exchange",
    "sneutrino_exchange",
    "strange_exchange",
]

_BOX = 1.0 / (128.0 * np.pi**2)


def singlet_squark_exchange(couplings: Array, mass: Array) -> dict[str, Array]:
    """C_lq1 = -C_lq3 = sum_k lambda'*_iqk lambda'_j3k/(4 m^2) as [ij,q3] from the d~_R.

    Parameters
    ----------
    couplings : (n, 3, 3, 3) complex array
    mass : (1,) or (n,) array, GeV

    Returns
    -------
    dict of "lq1", "lq3" to (n, 3, 3, 3) array, GeV^-2
        [i, j, q].
    """
    # [k][quark j, lepton i]
    return _sum("S0", couplings.transpose(3, 0, 2, 1), mass)


def doublet_squark_exchange(couplings: Array, mass: Array) -> dict[str, Array]:
    """C_ld = -sum_J lambda'_jJq lambda'*_iJ3/(2 m^2) as [ij,q3] from the doublets of squarks.

    Parameters
    ----------
    couplings : (n, 3, 3, 3) complex array
    mass : (1,) or (n,) array, GeV

    Returns
    -------
    dict of "ld" to (n, 3, 3, 3) array, GeV^-2
        [i, j, q].
    """
    # [J][quark k, lepton i]
    return _sum("S~1/2", couplings.transpose(2, 0, 3, 1), mass)


def _sum(name: str, copies: Array, mass: Array) -> dict[str, Array]:
    """Coefficients [ij,k3] summed over copies of a leptoquark, the first axis."""
    found: dict[str, Array] = {}
    for couplings in copies:
        add_arrays(found, bottom_coefficients(LEPTOQUARKS[name], couplings, mass))
    return found


def strange_exchange(
    couplings: Array, singlet: Array, doublet: Array
) -> dict[str, dict[str, Array]]:
    """Coefficients [ij,12] from the d~_R and from the doublets of squarks.

    C_lq1 = -C_lq3 = sum_k lambda'*_i1k lambda'_j2k/(4 m_R^2) and C_ld = -sum_J lambda'_jJ1
    lambda'*_iJ2/(2 m_L^2).

    Parameters
    ----------
    couplings : (n, 3, 3, 3) complex array
    singlet, doublet : (1,) or (n,) arrays, GeV
        Masses m_R and m_L.

    Returns
    -------
    dict of "singlet", "doublet" to dict of "lq1", "lq3", "ld" to (n, 3, 3) array, GeV^-2
    """
    found: dict[str, dict[str, Array]] = {"singlet": {}, "doublet": {}}
    for side, name, copies, mass in (
        ("singlet", "S0", couplings.transpose(3, 0, 2, 1), singlet),
        ("doublet", "S~1/2", couplings.transpose(2, 0, 3, 1), doublet),
    ):
        for copy in copies:
            add_arrays(found[side], strange_coefficients(LEPTOQUARKS[name], copy, mass))
    return found


def sneutrino_exchange(couplings: Array, mass: Array, pair: str) -> Array:
    """Coefficient C_SLR of (q'bar P_L q)(q'bar P_R q) in H from the sneutrinos at tree level.

    C_SLR = -sum_i lambda'_iqq' lambda'*_iq'q/m^2.

    Parameters
    ----------
    couplings : (n, 3, 3, 3) complex array
    mass : (1,) or (n,) array, GeV
    pair : str
        "bs", "bd" or "sd".

    Returns
    -------
    (n,) complex array, GeV^-2
    """
    out, into = PAIRS[pair]
    legs = np.sum(couplings[:, :, into, out] * couplings[:, :, out, into].conj(), axis=1)
    return np.asarray(-legs / (mass * mass))


def singlet_squark_box(couplings: Array, mass: Array, pair: str, ckm: Array | None = None) -> Array:
    """Coefficient C_VLL of H from the box with neutrinos (charged leptons for "cu") and d~_R.

    C_VLL = sum_kk' (sum_i lambda'*_iq'k' lambda'_iqk)(sum_j lambda'*_jq'k lambda'_jqk')
    /(128 pi^2 m^2); for one copy k that of S_0.

    Parameters
    ----------
    couplings : (n, 3, 3, 3) complex array
    mass : (1,) or (n,) array, GeV
    pair : str
        "bs", "bd", "sd" or "cu".
    ckm : (1, 3, 3) or (n, 3, 3) complex array, optional
        CKM matrix, needed for "cu".

    Returns
    -------
    (n,) complex array, GeV^-2
    """
    copies = couplings.transpose(0, 3, 2, 1)
    if ckm is not None:
        copies = up_couplings(copies, ckm[:, None])
    out, into = PAIRS[pair]
    return np.asarray(_BOX * box_product(copies[:, :, out], copies[:, :, into]) / (mass * mass))


def doublet_squark_box(couplings: Array, mass: Array, pair: str) -> Array:
    """Coefficient C_VRR of H from the boxes with (nu, d~_L) and with (e, u~_L).

    C_VRR = 2 sum_JJ' (sum_i lambda'_iJq' lambda'*_iJ'q)(sum_j lambda'_jJ'q' lambda'*_jJq)
    /(128 pi^2 m^2); for one copy J that of S~_1/2.

    Parameters
    ----------
    couplings : (n, 3, 3, 3) complex array
    mass : (1,) or (n,) array, GeV
    pair : str
        "bs", "bd" or "sd".

    Returns
    -------
    (n,) complex array, GeV^-2
    """
    copies = couplings.conj().transpose(0, 2, 3, 1)
    out, into = PAIRS[pair]
    product = box_product(copies[:, :, out], copies[:, :, into])
    return np.asarray(2.0 * _BOX * product / (mass * mass))


def mixed_squark_box(couplings: Array, singlet: Array, doublet: Array, pair: str) -> Array:
    """Coefficient C_VLR of H from the box with neutrinos, one d~_R and one d~_L.

    C_VLR = -sum_kJ (sum_i lambda'_iqk lambda'*_iJq)(sum_j lambda'*_jq'k lambda'_jJq')
    ln(m_R^2/m_L^2)/[64 pi^2 (m_R^2 - m_L^2)]. Each lepton joins two incoming or two outgoing
    quarks, each squark an incoming quark to the outgoing one of the same chirality. Relative to
    `singlet_squark_box` there is a factor 2, since the two squarks differ, and a sign from
    (b^T C gamma_mu P_R b)(sbar gamma^mu C sbar^T) = -(sbar gamma_mu P_L b)(sbar gamma^mu P_R b).

    Parameters
    ----------
    couplings : (n, 3, 3, 3) complex array
    singlet, doublet : (1,) or (n,) arrays, GeV
        Masses m_R and m_L.
    pair : str
        "bs", "bd" or "sd".

    Returns
    -------
    (n,) complex array, GeV^-2
    """
    out, into = PAIRS[pair]
    # [singlet k, doublet J], for the incoming and the outgoing quark.
    incoming, outgoing = (
        np.einsum("nik,niJ->nkJ", couplings[:, :, quark, :], couplings[:, :, :, quark].conj())
        for quark in (into, out)
    )
    product = np.sum(incoming * outgoing.conj(), axis=(1, 2))
    excess = singlet * singlet / (doublet * doublet) - 1.0
    safe = np.where(excess == 0.0, 1.0, excess)
    loop = np.where(excess == 0.0, 1.0, np.log1p(safe) / safe) / (doublet * doublet)
    return np.asarray(-2.0 * _BOX * product * loop)
