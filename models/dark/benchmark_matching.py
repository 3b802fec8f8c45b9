"""Loops that couple one light particle to s-bar b: Higgs-mixed scalar, axion-like particle, vector.

All are flavour-diagonal at the scale of new physics; the top quark in a loop makes b -> s with
|V_tb V_ts*|, whose phase no rate of B -> K(*) X sees. x = m_t^2/m_W^2 with m_t MSbar at m_t.
"""

from __future__ import annotations

import numpy as np

from ...physics.arrays import Array
from ...physics.inputs import Inputs
from ..matching import higgs_vev
from ..running import ALPHA_S_TOP
from .higgs_penguin import higgs_penguin

__all__ = [
    "baryonic_coupling",
    "higgs_mixed_couplings",
    "top_coupling",
    "w_coupling",
    "w_loop",
]

_LOOP = 16.0 * np.pi**2
# Steps of the running from the top mass: 1e-7 on the coupling up to 10^19 GeV.
_STEPS = 200
# Nearer to x = 1 than this the loop functions are their series.
_SERIES = 1e-3


def higgs_mixed_couplings(sine: Array, inputs: Inputs) -> dict[str, Array]:
    """Couplings of a scalar phi with sin(theta) times those of the Higgs boson.

    L = sin(theta) (3 m_t^2 V_tq'* V_tq/(16 pi^2 v^2)) (phi/v) q'bar (m_q P_R + m_q' P_L) q + h.c.
    (1310.6752; 1809.01876): the loop of `higgs_penguin`, at first order in phi. Charm loops are
    left out, 4 % of s -> d.

    Parameters
    ----------
    sine : (1,) or (n,) array
    inputs : Inputs

    Returns
    -------
    dict of str to (1,) or (n,) complex array, 1
        ``g_S``, ``g_P`` and those of b -> d and s -> d.
    """
    # There phi^2/2 comes with kappa v/m_H^2 in place of sin(theta) phi.
    portal = -sine * inputs.constant("m_H") ** 2 / higgs_vev(inputs)
    found = higgs_penguin(portal, inputs)
    return {name.replace("phi0_", "g_"): value for name, value in found.items()}


def w_loop(x: Array) -> Array:
    """f(x) = x (1 + x (ln x - 1))/(1 - x)^2 (1611.09355): x at small x, 1/2 at 1.

    Parameters
    ----------
    x : array
        Quark mass over W mass, squared; positive.

    Returns
    -------
    array
    """
    e = np.asarray(x, float) - 1.0
    near = abs(e) < _SERIES
    far = np.where(near, 1.0, e)
    y = 1.0 + far
    # (1 + x ln x - x)/(1 - x)^2 = 1/2 - e/6 + e^2/12 - e^3/20 + ...
    series = 0.5 - e / 6.0 + e**2 / 12.0 - e**3 / 20.0
    return np.asarray(x * np.where(near, series, (1.0 + y * (np.log(y) - 1.0)) / far**2))


def w_coupling(inputs: Inputs) -> Array:
    """Return k of L = g_aWW k (d_mu a) s-bar gamma^mu P_L b + h.c., from -(g_aWW/4) a W^a W~^a.

    |k| = (3 sqrt 2 G_F m_W^2/(16 pi^2)) |V_tb V_ts*| f(x) (1611.09355); up and charm
    quarks are left out, and what running from a higher scale adds.

    Returns
    -------
    (1,) or (n,) array, 1
    """
    m_w = inputs.constant("m_W")
    x = (inputs.constant("m_t") / m_w) ** 2
    front = 3.0 * np.sqrt(2.0) * inputs.constant("G_F") * m_w**2 / _LOOP
    return np.asarray(front * inputs.constant("VtbVts") * w_loop(x))


def baryonic_coupling(inputs: Inputs) -> Array:
    """Return g of L = g_B g X_mu s-bar gamma^mu P_L b + h.c., X coupled to baryon number.

    |g| = (3 g_2^4 A/(16 pi^2)^2) |V_tb V_ts*| f(x), A = 3/2, where the anomaly is cancelled by
    heavy fermions whose masses do not break the electroweak symmetry (1705.06726).

    Returns
    -------
    (1,) or (n,) array, 1
    """
    x = (inputs.constant("m_t") / inputs.constant("m_W")) ** 2
    weak = 4.0 * np.sqrt(2.0) * inputs.constant("G_F") * inputs.constant("m_W") ** 2  # g_2^2
    front = 3.0 * weak**2 * 1.5 / _LOOP**2
    return np.asarray(front * inputs.constant("VtbVts") * w_loop(x))


def top_coupling(scale: Array, inputs: Inputs) -> Array:
    """Return k of L = (c_tt/f) k (d_mu a) s-bar gamma^mu P_L b + h.c.

    c_tt = [k_u - k_U]_33 is the axial coupling of the top quark at the scale Lambda, with
    L = (d_mu a/f) sum_F Fbar k_F gamma^mu F. From there to m_t

        dk/dln(mu) = -y_t^2 c_tt/(16 pi^2),   dc_tt/dln(mu) = 9 y_t^2 c_tt/(16 pi^2),

    with one-loop running of y_t and the gauge couplings, and at m_t the finite part
    y_t^2 c_tt/(16 pi^2) [-1/4 - (3/2)(1 - x + ln x)/(1 - x)^2], all times |V_tb V_ts*|
    (2012.12272; 2110.10698).

    Parameters
    ----------
    scale : (1,) or (n,) array, TeV
        Lambda; at m_t and below nothing runs.
    inputs : Inputs

    Returns
    -------
    (1,) or (n,) array, 1
    """
    m_t, m_w = inputs.constant("m_t"), inputs.constant("m_W")
    top_yukawa = np.sqrt(2.0 * np.sqrt(2.0) * inputs.constant("G_F")) * m_t
    alpha = 1.0 / inputs.constant("alpha_inv")
    sine2 = inputs.constant("sin2_theta_W")
    strong = np.full_like(top_yukawa, np.sqrt(4.0 * np.pi * ALPHA_S_TOP))
    weak, hyper = np.sqrt(4.0 * np.pi * alpha / sine2), np.sqrt(4.0 * np.pi * alpha / (1.0 - sine2))
    length = np.log(np.maximum(1e3 * scale / m_t, 1.0))
    zero = 0.0 * (top_yukawa + length)
    start = [value + zero for value in (top_yukawa, strong, weak, hyper, 0.0, 0.0)]
    state = _runge_kutta(np.stack(start), length)
    shrunk = np.exp(-state[4])  # c_tt(m_t)/c_tt(Lambda)
    x = (m_t / m_w) ** 2
    finite = -0.25 - 1.5 * _top_loop(x)
    total = shrunk * (state[5] + top_yukawa**2 / _LOOP * finite)
    return np.asarray(inputs.constant("VtbVts") * total)


def _top_loop(x: Array) -> Array:
    """(1 - x + ln x)/(1 - x)^2: -1/2 at 1."""
    e = np.asarray(x, float) - 1.0
    near = abs(e) < _SERIES
    far = np.where(near, 1.0, e)
    series = -0.5 + e / 3.0 - e**2 / 4.0 + e**3 / 5.0
    return np.asarray(np.where(near, series, (np.log1p(far) - far) / far**2))


def _slopes(state: Array) -> Array:
    """Derivatives of y_t, g_s, g, g', ln c_tt and k/c_tt(m_t) by ln mu, one loop: (6, n)."""
    top, strong, weak, hyper, log, _ = state
    yukawa = top * (4.5 * top**2 - 8.0 * strong**2 - 2.25 * weak**2 - 17.0 / 12.0 * hyper**2)
    found = np.stack(
        [
            yukawa,
            -7.0 * strong**3,
            -19.0 / 6.0 * weak**3,
            41.0 / 6.0 * hyper**3,
            9.0 * top**2,
            top**2 * np.exp(log),
        ]
    )
    return np.asarray(found / _LOOP)


def _runge_kutta(state: Array, length: Array) -> Array:
    """Fourth order, the same number of steps over any length (n,)."""
    step = length / _STEPS
    for _ in range(_STEPS):
        first = _slopes(state)
        second = _slopes(state + 0.5 * step * first)
        third = _slopes(state + 0.5 * step * second)
        fourth = _slopes(state + step * third)
        state = state + step / 6.0 * (first + 2.0 * second + 2.0 * third + fourth)
    return state
