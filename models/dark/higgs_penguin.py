"""What a Higgs portal of a dark scalar makes of quarks of different flavour at one loop.

A loop of the W and the top quark couples the Higgs boson to sbar b,
L = (3 m_t^2 V_ts* V_tb/(16 pi^2 v^2)) (m_b h/v) sbar P_R b + h.c. (hep-ph/0401195), for masses
m > 0 in L = -m qbar q. At momenta far below m_H it is exact at one loop: the dark scalars shift v,
by -kappa v phi^2/(2 m_H^2), and the mass matrix of the quarks follows. The direct couplings of phi
to the would-be Goldstone bosons, which the loop has too, are part of that shift (on the vertex
alone, which depends on the gauge: arXiv:2003.01788). The coefficient is that of the top quark in
the running of the Yukawa couplings of down quarks, -3/2 y_t^2/(16 pi^2), where the scale is v.
Loops of the charm quark and QCD corrections, of the size of alpha_s(m_t), are left out.
"""

from __future__ import annotations

import numpy as np

from ...physics.arrays import Array
from ...physics.ckm import ckm_matrix, lambda_t, lambda_td
from ...physics.inputs import Inputs
from ..matching import higgs_vev

__all__ = ["higgs_penguin"]

_S, _T, _D = 1, 2, 0


def higgs_penguin(kappa: Array, inputs: Inputs) -> dict[str, Array]:
    """Couplings of phi^2 to quarks of different flavour for L = -(1/2) kappa phi^2 H^+ H.

    C^S = X (1 + m_q'/m_q), C^P = -i X (1 - m_q'/m_q) for (q'bar q), with
    X = -3 m_t^2 V_tq'* V_tq kappa m_q/(32 pi^2 v^2 m_H^2): +4.5e-8 GeV^-1 times kappa for b -> s,
    where V_ts* V_tb is negative.

    Parameters
    ----------
    kappa : (1,) or (n,) array
    inputs : Inputs

    Returns
    -------
    dict of str to (1,) or (n,) complex array, GeV^-1
        ``phi0_S``, ``phi0_P`` and those of b -> d and s -> d, at the scales of these decays; empty
        if kappa is zero everywhere.
    """
    if not kappa.any():
        return {}
    mass, vev = inputs.constant("m_t"), higgs_vev(inputs)
    unit = -3.0 * mass**2 * kappa / (32.0 * np.pi**2 * vev**2 * inputs.constant("m_H") ** 2)
    matrix = ckm_matrix(inputs)
    strange_down = matrix[:, _T, _S] * matrix[:, _T, _D].conj()
    found: dict[str, Array] = {}
    for suffix, ckm, heavy, light in (
        ("", lambda_t(inputs), "m_b", "m_s"),
        ("_bd", lambda_td(inputs), "m_b", "m_d"),
        ("_sd", strange_down, "m_s_2GeV", "m_d_2GeV"),
    ):
        m_heavy, m_light = inputs.constant(heavy), inputs.constant(light)
        found[f"phi0_S{suffix}"] = np.asarray(unit * ckm * (m_heavy + m_light))
        found[f"phi0_P{suffix}"] = np.asarray(-1j * unit * ckm * (m_heavy - m_light))
    return found
