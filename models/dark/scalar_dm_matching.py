"""Tree-level and one-loop matching of vector-like quarks with a dark scalar, arXiv:2403.12485.

L = -m_Q Qbar Q - m_D Dbar D + [y_q^p qbar_Lp Q_R phi + y_d^p Dbar_L d_Rp phi - y_1 Qbar_L D_R H
- y_2 Qbar_R D_L H + h.c.], <H> = v/sqrt 2, with the down quarks d = (d, s, b) in their mass basis.
With this Lagrangian the term that flips chirality through the heavy quarks is negative relative to
the terms with light-quark masses; arXiv:2403.12485 prints it positive, which is y_1 -> -y_1.
"""

from __future__ import annotations

import numpy as np

from ...physics.arrays import Array

__all__ = ["chirality_flip", "dipole_amplitude", "down_couplings", "up_couplings"]


def chirality_flip(
    y_q: Array, y_d: Array, y_1: Array, y_2: Array, m_q: Array, m_d: Array, v: Array
) -> Array:
    """A_ij of L = phi^2 A_ij dbar_Li d_Rj + h.c., without the terms of light-quark masses.

    A_ij = -y_q^i y_d^j y_1 v/(sqrt 2 (m_Q m_D - y_1 y_2* v^2/2)).

    Parameters
    ----------
    y_q, y_d : (n, 3) complex arrays
    y_1, y_2 : (n,) arrays
    m_q, m_d : (n,) arrays, GeV
        Masses of the heavy doublet Q and of the heavy singlet D.
    v : (n,) array, GeV
        246 GeV.

    Returns
    -------
    (n, 3, 3) complex array, GeV^-1
    """
    heavy = np.sqrt(2.0) * (m_q * m_d - 0.5 * y_1 * np.conj(y_2) * v**2)
    flip: Array = -y_q[:, :, None] * y_d[:, None, :] * (y_1 * v / heavy)[:, None, None]
    return flip


def down_couplings(
    flip: Array, y_q: Array, y_d: Array, m_q: Array, m_d: Array, masses: Array
) -> tuple[Array, Array]:
    """C^S, C^P of L = (1/2) [C^S_ij (dbar_i d_j) + C^P_ij (dbar_i i gamma_5 d_j)] phi^2.

    C^S = (A + A^+) + (N_ij) (m_i + m_j), i C^P = (A - A^+) - (N'_ij) (m_i - m_j), with
    N, N' = y_q^i y_q^j*/(2 m_Q^2) +- y_d^i* y_d^j/(2 m_D^2).

    Parameters
    ----------
    flip : (n, 3, 3) complex array, GeV^-1
        Of `chirality_flip`, at the scale of the masses.
    y_q, y_d : (n, 3) complex arrays
    m_q, m_d : (n,) arrays, GeV
    masses : (n, 3) array, GeV
        Of d, s, b.

    Returns
    -------
    tuple of two (n, 3, 3) complex arrays, GeV^-1
        Hermitian; corrections are of order (y v/m_Q)^2 and q^2/m_Q^2.
    """
    left = _outer(y_q) / (2.0 * m_q**2)[:, None, None]
    right = np.conj(_outer(y_d)) / (2.0 * m_d**2)[:, None, None]
    total, difference = _mass_pairs(masses)
    mirrored = np.conj(np.swapaxes(flip, 1, 2))
    scalar = flip + mirrored + (left + right) * total
    pseudoscalar = -1j * (flip - mirrored - (left - right) * difference)
    return scalar, pseudoscalar


def up_couplings(y_q: Array, ckm: Array, m_q: Array, masses: Array) -> tuple[Array, Array]:
    """C^S and C^P of the up quarks, which have no heavy singlet to flip their chirality.

    C^S_ij = y_i y_j* (m_i + m_j)/(2 m_Q^2), i C^P_ij = -y_i y_j* (m_i - m_j)/(2 m_Q^2), y = V y_q.

    Parameters
    ----------
    y_q : (n, 3) complex array
    ckm : (n, 3, 3) complex array
    m_q : (n,) array, GeV
    masses : (n, 3) array, GeV
        Of u, c, t.

    Returns
    -------
    tuple of two (n, 3, 3) complex arrays, GeV^-1
    """
    rotated = np.einsum("nij,nj->ni", ckm, y_q)
    product = _outer(rotated) / (2.0 * m_q**2)[:, None, None]
    total, difference = _mass_pairs(masses)
    return product * total, 1j * product * difference


def dipole_amplitude(
    flip: Array, y_q: Array, y_d: Array, m_q: Array, m_d: Array, m_b: Array
) -> tuple[Array, Array]:
    """A_sb and A_bs* of the dipoles C_dgamma^ij = -(e Q_d/64 pi^2) A_ij, for m_phi << m_Q, m_D.

    The part that keeps chirality, y_i y_j* m_b/(6 m^2), is included for the heavier quark.

    Parameters
    ----------
    flip : (n, 3, 3) complex array, GeV^-1
    y_q, y_d : (n, 3) complex arrays
    m_q, m_d : (n,) arrays, GeV
    m_b : (n,) array, GeV
        At the scale of the heavy quarks.

    Returns
    -------
    tuple of two (n,) complex arrays, GeV^-1
        Multiplying sbar sigma P_R b and sbar sigma P_L b.
    """
    left = y_q[:, 1] * np.conj(y_q[:, 2]) * m_b / (6.0 * m_q**2)
    right = np.conj(y_d[:, 1]) * y_d[:, 2] * m_b / (6.0 * m_d**2)
    return flip[:, 1, 2] + left, np.conj(flip[:, 2, 1]) + right


def _outer(y: Array) -> Array:
    """y_i y_j*: (n, 3, 3)."""
    product: Array = y[:, :, None] * np.conj(y)[:, None, :]
    return product


def _mass_pairs(masses: Array) -> tuple[Array, Array]:
    """m_i + m_j and m_i - m_j: (n, 3, 3) each."""
    rows, columns = masses[:, :, None], masses[:, None, :]
    return rows + columns, rows - columns
