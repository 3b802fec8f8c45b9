"""Tree-level tau pole of charged modes: B+ -> tau+ nu followed by tau+ -> M+ nubar.

M is K, K*, pi or rho. For pi and rho the pole is far larger than the loop.

It has the final state of the short-distance decay. Experiments treat it as a background, so it is
not part of the signal prediction unless asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ...errors import PredictionError
from ..arrays import Array
from ..inputs import Inputs
from ..kinematics import checked_edges
from ..observable import check_points
from ..transitions import transition as find_transition

__all__ = [
    "has_tau_pole",
    "tau_pole_binned",
    "tau_pole_differential",
    "tau_pole_end",
]

# Decay constant of the meson and CKM element of its quarks, by transition.
_DECAY_CONSTANTS = {
    "B+->K+": ("f_K", "Vus"),
    "B+->K*+": ("f_Kstar", "Vus"),
    "B+->pi+": ("f_pi", "Vud"),
    "B+->rho+": ("f_rho", "Vud"),
}


def has_tau_pole(transition: str) -> bool:
    """Whether the tau pole of a transition is known."""
    return transition in _DECAY_CONSTANTS


@dataclass(frozen=True, eq=False)
class _Spectrum:
    """Linear spectrum (1/q_tau^2)[1 + alpha (1 - 2 q2/q_tau^2)] times a branching fraction.

    The attributes are (n, 1) arrays; `end` is q_tau^2 in GeV^2 and `slope` alpha, the mean
    polarisation analysed by the meson: 1 for a kaon.
    """

    total: Array
    end: Array
    slope: Array

    def cumulative(self, q2: Array) -> Array:
        """Branching fraction below q2, (n, k)."""
        x = np.clip(q2, 0.0, self.end) / self.end
        return self.total * x * (1.0 + self.slope * (1.0 - x))

    def density(self, q2: Array) -> Array:
        """Differential branching fraction at q2, (n, k) in GeV^-2."""
        value = self.total / self.end * (1.0 + self.slope * (1.0 - 2.0 * q2 / self.end))
        return np.where((q2 >= 0.0) & (q2 <= self.end), value, 0.0)


def tau_pole_differential(transition: str, inputs: Inputs, q2: ArrayLike) -> Array:
    """Tau-pole branching fraction differential in q2.

    dBR/dq2 = BR (1/q_tau^2)[1 + alpha (1 - 2 q2/q_tau^2)] below
    q_tau^2 = (m_B^2 - m_tau^2)(m_tau^2 - m_K^2)/m_tau^2, since the helicity of the tau is fixed;
    alpha = 1 for a kaon and (m_tau^2 - 2 m_K*^2)/(m_tau^2 + 2 m_K*^2) for a K*.

    Parameters
    ----------
    transition : str
        Such as ``B+->K+``.
    inputs : Inputs
    q2 : (k,) array, GeV^2

    Returns
    -------
    (n, k) array, GeV^-2
    """
    check_points(transition, q2)
    return _spectrum(transition, inputs).density(np.asarray(q2, dtype=float).reshape(1, -1))


def tau_pole_binned(transition: str, inputs: Inputs, edges: ArrayLike) -> Array:
    """Integrals of `tau_pole_differential` over bins of q2, exact.

    Parameters
    ----------
    transition : str
        Such as ``B+->K+``.
    inputs : Inputs
    edges : (bins + 1,) array, GeV^2

    Returns
    -------
    (n, bins) array, 1
    """
    bins = checked_edges(tuple(np.asarray(edges, dtype=float).ravel().tolist()))
    return np.diff(_spectrum(transition, inputs).cumulative(bins[None, :]), axis=1)


def tau_pole_end(transition: str, inputs: Inputs) -> Array:
    """Largest q2 of the tau pole, q_tau^2 of `tau_pole_differential`.

    Parameters
    ----------
    transition : str
        Such as ``B+->K+``.
    inputs : Inputs

    Returns
    -------
    (n,) array, GeV^2
    """
    return _spectrum(transition, inputs).end[:, 0]


def _spectrum(transition: str, inputs: Inputs) -> _Spectrum:
    """Normalisation and end point of the spectrum.

    BR = Gamma(B -> tau nu) tau_B x Gamma(tau -> K nu) tau_tau with
    Gamma(B -> tau nu) = G_F^2 f_B^2 |V_ub|^2 m_B m_tau^2 (1 - m_tau^2/m_B^2)^2/(8 pi) and
    Gamma(tau -> K nu) = G_F^2 f_K^2 |V_us|^2 m_tau^3 (1 - m_K^2/m_tau^2)^2/(16 pi), for a K*
    with a further factor 1 + 2 m_K*^2/m_tau^2; arXiv:0908.1174. Narrow tau, no interference with
    the loop amplitude.
    """
    if transition not in _DECAY_CONSTANTS:
        raise PredictionError(
            f"the tau pole of {transition} is not known; those of "
            f"{', '.join(_DECAY_CONSTANTS)} are."
        )
    known = find_transition(transition)
    names = ("G_F", "hbar", "m_tau", "tau_tau", known.parent_mass, known.meson_mass)
    g_fermi, hbar, m_tau, tau_tau, m_b, m_k = (inputs.constant(name)[:, None] for name in names)
    coupling = inputs.constant("f_B")[:, None] * inputs.constant("Vub")[:, None]
    amplitude = g_fermi * coupling * m_tau * (1.0 - (m_tau / m_b) ** 2)
    production = amplitude**2 * m_b / (8.0 * np.pi)
    decay_constant, element = _DECAY_CONSTANTS[transition]
    coupling = (inputs.constant(decay_constant) * inputs.constant(element))[:, None]
    ratio = (m_k / m_tau) ** 2
    decay = (g_fermi * coupling * (1.0 - ratio)) ** 2 * m_tau**3 / (16.0 * np.pi)
    slope = np.ones_like(ratio)
    if known.spin == 1:
        decay = decay * (1.0 + 2.0 * ratio)
        slope = (1.0 - 2.0 * ratio) / (1.0 + 2.0 * ratio)
    lifetime = inputs.constant(known.lifetime)[:, None] * 1e-12
    total = production * lifetime / hbar * decay * tau_tau / hbar
    # A tau that cannot be on its mass shell, between B and K, has no pole; NaN stays NaN.
    possible = (m_k < m_tau) & (m_tau < m_b)
    end = (m_b**2 - m_tau**2) * (m_tau**2 - m_k**2) / m_tau**2
    return _Spectrum(total * possible, np.where(possible, end, 1.0), slope)
