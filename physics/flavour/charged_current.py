"""b -> c l nu with new physics: R(D), R(D*) and Bc -> tau nu.

L = -(4 G_F/sqrt 2) V_cb [(delta_ij + C_VL) O_VL + C_VR O_VR + C_SL O_SL + C_SR O_SR + C_T O_T] at
m_b; entry ij of a coefficient has the charged lepton i and the neutrino j, and neutrinos of
different flavour do not interfere. The numbers are ratios of integrals over form factors, obtained
with flavio 2.7.1 (arXiv:1810.08132): between published form factors those of the scalar and tensor
operators differ by 5 to 20 %.
"""

from __future__ import annotations

import numpy as np

from ..arrays import Array, squared_modulus
from ..inputs import Inputs
from ..observable import Observable, single_valued
from ..wilson import Wilson

__all__ = ["OBSERVABLES", "bc_tau_nu", "r_d", "r_dstar"]

_TAU = 2
_LIGHT = slice(0, 2)

Couplings = tuple[Array, Array, Array, Array, Array]


def r_d(wilson: Wilson, inputs: Inputs) -> Array:
    """R(D) = BR(B -> D tau nu)/BR(B -> D l nu), l the mean of e and mu.

    For the neutrino of the tau, relative to the Standard Model,
    |V|^2 + 1.1142 |S|^2 + 1.5592 Re(V S*) + 0.6577 |C_T|^2 + 0.9561 Re(V C_T*)
    with V = 1 + C_VL + C_VR and S = C_SR + C_SL; the same without the 1 for the others. In the
    denominator only vector operators are taken into account.

    Returns
    -------
    (1,) or (n,) array, 1
    """
    vl, vr, sl, sr, t = _couplings(wilson, _TAU)
    vector, scalar = vl + vr, sl + sr
    tau = (
        squared_modulus(vector)
        + 1.1142 * squared_modulus(scalar)
        + 1.5592 * _real(vector, scalar)
        + 0.6577 * squared_modulus(t)
        + 0.9561 * _real(vector, t)
    )
    vl, vr = _light_vectors(wilson)
    return _ratio(inputs.constant("RD_SM"), tau, squared_modulus(vl + vr))


def r_dstar(wilson: Wilson, inputs: Inputs) -> Array:
    """R(D*) = BR(B -> D* tau nu)/BR(B -> D* l nu), l the mean of e and mu.

    For the neutrino of the tau, relative to the Standard Model,
    |V|^2 + |C_VR|^2 - 1.8358 Re(V C_VR*) + 0.0531 |P|^2 + 0.1390 Re((V - C_VR) P*)
    + 17.157 |C_T|^2 - 5.3446 Re(V C_T*) + 6.8026 Re(C_VR C_T*)
    with V = 1 + C_VL and P = C_SR - C_SL; the same without the 1 for the others. In the
    denominator only vector operators are taken into account, with -1.7973 in place of -1.8358.

    Returns
    -------
    (1,) or (n,) array, 1
    """
    vl, vr, sl, sr, t = _couplings(wilson, _TAU)
    scalar = sr - sl
    tau = (
        squared_modulus(vl)
        + squared_modulus(vr)
        - 1.8358 * _real(vl, vr)
        + 0.0531 * squared_modulus(scalar)
        + 0.1390 * _real(vl - vr, scalar)
        + 17.157 * squared_modulus(t)
        - 5.3446 * _real(vl, t)
        + 6.8026 * _real(vr, t)
    )
    vl, vr = _light_vectors(wilson)
    light = squared_modulus(vl) + squared_modulus(vr) - 1.7973 * _real(vl, vr)
    return _ratio(inputs.constant("RDstar_SM"), tau, light)


def bc_tau_nu(wilson: Wilson, inputs: Inputs) -> Array:
    """Branching fraction of Bc -> tau nu.

    SM value times sum_j |delta_tau,j + C_VL - C_VR + 4.4363 (C_SR - C_SL)|^2,
    4.4363 = m_Bc^2/(m_tau (m_b + m_c)).

    Returns
    -------
    (1,) or (n,) array, 1
    """
    vl, vr, sl, sr, _ = _couplings(wilson, _TAU)
    amplitude = vl - vr + 4.4363 * (sr - sl)
    return np.asarray(inputs.constant("BR_Bctaunu_SM") * squared_modulus(amplitude).sum(axis=-1))


def _couplings(wilson: Wilson, leptons: int | slice) -> Couplings:
    """C_VL with the Standard Model in it, C_VR, C_SL, C_SR and C_T of some charged leptons.

    Each (n, 3) over the neutrinos for one lepton, (n, 2, 3) for two.
    """
    none = np.zeros((1, 3, 3))[:, leptons]
    vl, vr, sl, sr, t = (
        wilson[f"C_{name}_cb"][:, leptons] if f"C_{name}_cb" in wilson else none
        for name in ("VL", "VR", "SL", "SR", "T")
    )
    return np.eye(3)[leptons] + vl, vr, sl, sr, t


def _light_vectors(wilson: Wilson) -> tuple[Array, Array]:
    """C_VL with the Standard Model in it, and C_VR, of e and mu: (n, 2, 3)."""
    return _couplings(wilson, _LIGHT)[:2]


def _ratio(standard: Array, tau: Array, light: Array) -> Array:
    """Ratio of rates summed over the neutrinos; `light` is averaged over e and mu."""
    return np.asarray(standard * tau.sum(axis=-1) / light.sum(axis=-1).mean(axis=-1))


def _real(a: Array, b: Array) -> Array:
    """Re(a b*)."""
    return np.asarray(a.real * b.real + a.imag * b.imag)


_MEAN = "; e and mu averaged, new physics in them with vector operators only"

OBSERVABLES: tuple[Observable, ...] = (
    single_valued(
        "R(D)",
        "R(D)",
        "1",
        r_d,
        "BR(B -> D tau nu)/BR(B -> D l nu)" + _MEAN,
        ("1810.08132", "2411.18639"),
        ("RD_SM",),
    ),
    single_valued(
        "R(D*)",
        "R(D^*)",
        "1",
        r_dstar,
        "BR(B -> D* tau nu)/BR(B -> D* l nu)" + _MEAN,
        ("1810.08132", "2411.18639"),
        ("RDstar_SM",),
    ),
    single_valued(
        "BR(Bc->taunu)",
        r"\mathcal{B}(B_c\to\tau\nu)",
        "1",
        bc_tau_nu,
        "branching fraction of Bc -> tau nu, all neutrinos",
        ("1611.06676", "1708.04072"),
        ("BR_Bctaunu_SM",),
    ),
)
