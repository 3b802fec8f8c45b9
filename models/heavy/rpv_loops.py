"""What sleptons with couplings lambda' make at one loop: meson mixing and penguins.

A slepton doublet of mass m makes

L = S_mjkn (qbar_m d_n)(dbar_k q_j),    S_mjkn = sum_i lambda'_ijk lambda'*_imn/m^2,

at tree level: C_qd1 = -S/6 and C_qd8 = -S for [mj,kn]. Loops of top quarks, with
h_pr = V*_tp V_tr, turn the doublets of this operator into each other, so that mixing of a meson
(q'bar q) = (p, r) needs no pair lambda'_irp lambda'*_ipr; and a loop that joins q_j to qbar_m ends
on a Z or, with light quarks too, a photon. Coefficients are those of the one-loop equations of
arXiv:1308.2627, 1310.4838 and 1312.2014, solved numerically and tabulated (smeft_running_qd).
"""

from __future__ import annotations

import numpy as np

from ...physics.arrays import Array
from ...physics.ckm import ckm_matrix, lambda_t
from ...physics.inputs import Inputs
from ..log_curves import log_curves
from ..matching import normalisation
from .leptoquark_matching import PAIRS

__all__ = ["slepton_exchange", "slepton_mixing", "slepton_penguins", "top_products"]

_S, _B = 1, 2


def slepton_exchange(couplings: Array, mass: Array) -> Array:
    """S_mjkn, coefficients of (qbar_m d_n)(dbar_k q_j).

    Parameters
    ----------
    couplings : (n, 3, 3, 3) complex array
        lambda' with the lepton i, the doublet j, the singlet k.
    mass : (1,) or (n,) array, GeV

    Returns
    -------
    (n, 3, 3, 3, 3) complex array, GeV^-2
        [m, j, k, n].
    """
    product = np.einsum("pijk,pimn->pmjkn", couplings, couplings.conj())
    return np.asarray(product / (mass * mass)[:, None, None, None, None])


def top_products(inputs: Inputs) -> Array:
    """h_pr = V*_tp V_tr, with V_ts* V_tb as in `bsinv.physics.ckm.lambda_t`.

    Returns
    -------
    (1, 3, 3) or (n, 3, 3) complex array
    """
    top = ckm_matrix(inputs)[:, 2]
    found = top[:, :, None].conj() * top[:, None, :]
    found[:, _S, _B] = lambda_t(inputs)
    found[:, _B, _S] = found[:, _S, _B].conj()
    return np.asarray(found)


def slepton_mixing(exchange: Array, scale: Array, pair: str, inputs: Inputs) -> dict[str, Array]:
    """Coefficients of H(Delta F = 2) at m_Z that top loops make of the exchange of sleptons.

    C = sum_(v not p) [a h_pv S_vrpr + a' h_pv S_prvr] + sum_(v not r) [a S_pvpr + a' S_prpv] h_vr.
    The factor a is the column "upper" of the table where v is of a higher family than the p or r
    that it stands for, "lower" where of a lower one: doublets are those of the mass eigenstates of
    down quarks, so they turn as the Yukawa matrix of these runs, one way for the heavier and the
    other for the lighter quark. Singlets turn by the ratio of the masses less: a' is the column
    "right" times m_lighter/m_heavier, with a minus sign where v is the lighter one.

    Parameters
    ----------
    exchange : (n, 3, 3, 3, 3) complex array, GeV^-2
        Of `slepton_exchange`.
    scale : (1,) or (n,) array, TeV
        Mass of the sleptons.
    pair : {"bs", "bd", "sd"}
    inputs : Inputs

    Returns
    -------
    dict of "VLR", "SLR" to (n,) complex array, GeV^-2
    """
    p, r = PAIRS[pair]
    h, ratio = top_products(inputs), _mass_ratios(inputs)
    legs: dict[str, Array] = dict.fromkeys(("upper", "lower", "right"), np.zeros(1))
    for v in range(3):
        for end, factor, doublet, singlet in (
            (p, h[:, p, v], exchange[:, v, r, p, r], exchange[:, p, r, v, r]),
            (r, h[:, v, r], exchange[:, p, v, p, r], exchange[:, p, r, p, v]),
        ):
            if v != end:
                side, sign = ("upper", 1.0) if v > end else ("lower", -1.0)
                legs[side] = legs[side] + factor * doublet
                legs["right"] = legs["right"] + sign * ratio[:, v, end] * factor * singlet
    curves = log_curves("smeft_running_qd", scale)
    vector = curves["VLR_upper"] * legs["upper"] + curves["VLR_lower"] * legs["lower"]
    chiral = sum(curves[f"SLR_{side}"] * leg for side, leg in legs.items())
    return {"VLR": np.asarray(vector), "SLR": np.asarray(chiral)}


def _mass_ratios(inputs: Inputs) -> Array:
    """Mass of the lighter over that of the heavier down quark, (1, 3, 3) or (n, 3, 3) array."""
    strange = inputs.constant("m_s") / inputs.constant("m_b")
    down = inputs.constant("m_d_2GeV") / inputs.constant("m_s_2GeV") * strange
    masses = np.stack(np.broadcast_arrays(down, strange, 1.0), axis=-1)
    one, other = masses[:, :, None], masses[:, None, :]
    return np.asarray(np.minimum(one, other) / np.maximum(one, other))


def slepton_penguins(exchange: Array, scale: Array, inputs: Inputs) -> dict[str, Array]:
    """Coefficients of b -> s l l and b -> s nu nu from closed loops, the same for every lepton.

    C_R, C_9' and C_10' are N (t sum_mj h_jm S_mj23 + u sum_m S_mm23), t from top quarks and
    Z bosons, u from photons and Z bosons with gauge couplings; dC_L, dC_9 and dC_10 are
    N u' sum_k S_23kk.

    Parameters
    ----------
    exchange : (n, 3, 3, 3, 3) complex array, GeV^-2
        Of `slepton_exchange`.
    scale : (1,) or (n,) array, TeV
        Mass of the sleptons.
    inputs : Inputs

    Returns
    -------
    dict of Wilson name to (n, 3, 3) complex array, 1
        At 4.8 GeV, multiples of the unit matrix.
    """
    curves = log_curves("smeft_running_qd", scale)
    norm, right = normalisation(inputs), exchange[:, :, :, _S, _B]
    top = np.sum(top_products(inputs).swapaxes(1, 2) * right, axis=(1, 2))
    light = np.trace(right, axis1=1, axis2=2)
    left = np.trace(exchange[:, _S, _B], axis1=1, axis2=2)
    found = {
        name: norm * (curves[f"{name}_top"] * top + curves[name] * light)
        for name in ("dC_R", "C_9p", "C_10p")
    } | {name: norm * curves[name] * left for name in ("dC_L", "dC_9", "dC_10")}
    return {name: value[:, None, None] * np.eye(3) for name, value in found.items()}
