"""Mixing of neutral mesons: the amplitude M_12 of B_s, B0, K0 and D0.

M_12 = <M|H|Mbar>/(2 m) with H = sum_X C_X O_X, O_VLL = (q'bar gamma_mu P_L q)^2 and so on as in
`wilson_names`. The operators annihilate the antimeson (q q'bar), so that M_12 of the Standard Model
goes with (V_tb V_ts*)^2 for the Bs. For the D0, which holds the quark and not the antiquark, the
complex conjugate is meant. Phases are those of the PDG convention of the CKM matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from ...errors import UnknownNameError, find
from ..arrays import Array, frozen
from ..ckm import ckm_matrix, lambda_t, lambda_td
from ..inputs import Inputs
from ..transitions import PICOSECOND
from ..wilson import Wilson

__all__ = [
    "NeutralMeson",
    "amplitude_ratio",
    "box_function",
    "delta_m",
    "epsilon_k",
    "epsilon_k_new",
    "neutral_meson",
    "new_amplitude",
    "phi_s",
    "sin_2beta",
    "standard_amplitude",
]

# M_12/C in units of f^2 m (r f^2 m but for V_LL, V_RR), with the number of the bag parameter.
_FACTORS: Mapping[str, tuple[float, int]] = MappingProxyType(
    {
        "VLL": (1.0 / 3.0, 1),
        "VRR": (1.0 / 3.0, 1),
        "VLR": (-1.0 / 6.0, 5),
        "SLL": (-5.0 / 24.0, 2),
        "SRR": (-5.0 / 24.0, 2),
        "SLR": (1.0 / 4.0, 4),
    }
)


@dataclass(frozen=True)
class NeutralMeson:
    """A neutral meson that mixes with its antimeson.

    Attributes
    ----------
    name : str
    pair : str
        Suffix of the coefficients.
    decay_constant : str
        Name of the constant, GeV.
    lambda_t : callable or None
        Inputs to V_tb V_tq* of the Standard Model amplitude; None where it is not calculable.
    """

    name: str
    pair: str
    decay_constant: str
    lambda_t: Callable[[Inputs], Array] | None

    @property
    def mass(self) -> str:
        """Name of the constant, GeV."""
        return f"m_{self.name}"


_MESONS: Mapping[str, NeutralMeson] = MappingProxyType(
    {
        entry.name: entry
        for entry in (
            NeutralMeson("Bs", "bs", "f_Bs", lambda_t),
            NeutralMeson("B0", "bd", "f_B", lambda_td),
            NeutralMeson("K0", "sd", "f_K", None),
            NeutralMeson("D0", "cu", "f_D", None),
        )
    }
)


def neutral_meson(name: str) -> NeutralMeson:
    """Meson of a name.

    Raises
    ------
    UnknownNameError
        If there is none.
    """
    return find("neutral meson", name, _MESONS)


def new_amplitude(name: str, wilson: Wilson, inputs: Inputs) -> Array:
    """M_12 of new physics alone: sum over X of C_X m_X.

    Returns
    -------
    (1,) or (n,) complex array, GeV
    """
    known = neutral_meson(name)
    total: Array = np.zeros(1, dtype=complex)
    for operator in _FACTORS:
        coefficient = wilson.get(f"C_{operator}_{known.pair}")
        if coefficient is not None:
            total = total + coefficient * _element(known, operator, inputs)
    return total


def box_function(x: Array) -> Array:
    """Inami-Lim function S_0 of the top quark alone.

    S_0 = (4 x - 11 x^2 + x^3)/(4 (1 - x)^2) - 3 x^3 ln x/(2 (1 - x)^3);
    Prog. Theor. Phys. 65, 297 (1981), hep-ph/9512380.

    Parameters
    ----------
    x : (n,) array
        m_t(m_t)^2/m_W^2, not 1.

    Returns
    -------
    (n,) array, 1
    """
    one = 1.0 - x
    rational = x * (4.0 + x * (x - 11.0)) / (4.0 * one**2)
    return np.asarray(rational - 1.5 * x**3 * np.log(x) / one**3)


def standard_amplitude(name: str, inputs: Inputs) -> Array:
    """M_12 of the Standard Model, top quarks only, for the Bs and the B0.

    M_12 = G_F^2 m_W^2/(12 pi^2) (V_tb V_tq*)^2 S_0 eta_B B-hat f^2 m; hep-ph/9512380.
    The modulus of V_tb V_ts* is the constant VtbVts, that of V_tb V_td* follows from it and from
    tree-level decays (`bsinv.physics.ckm.lambda_td`): no mass difference is in it.

    Parameters
    ----------
    name : str
        ``Bs`` or ``B0``.
    inputs : Inputs

    Returns
    -------
    (1,) or (n,) complex array, GeV

    Raises
    ------
    UnknownNameError
        For a meson with long-distance contributions that are not calculable.
    """
    known = neutral_meson(name)
    if known.lambda_t is None:
        able = [entry.name for entry in _MESONS.values() if entry.lambda_t is not None]
        raise UnknownNameError("neutral meson", name, able, "the Standard Model amplitude")
    return _standard_amplitude(known, known.lambda_t, inputs)


# Kept for the inputs at hand, since several observables need it; inputs do not change.
@lru_cache(maxsize=4)
def _standard_amplitude(
    known: NeutralMeson, factor: Callable[[Inputs], Array], inputs: Inputs
) -> Array:
    constant = inputs.constant
    m_w = constant("m_W")
    electroweak = (constant("G_F") * m_w * factor(inputs)) ** 2 / (12.0 * np.pi**2)
    loop = box_function((constant("m_t") / m_w) ** 2) * constant("eta_B")
    # f^2 m B-hat: three times m_VLL, with the invariant bag parameter.
    hadronic = 3.0 * _element(known, "VLL", inputs) * constant("bag_invariant_B")
    return frozen(np.asarray(electroweak * loop * hadronic))


def amplitude_ratio(name: str, wilson: Wilson, inputs: Inputs) -> Array:
    """M_12 over that of the Standard Model, for the Bs and the B0.

    Returns
    -------
    (1,) or (n,) complex array, 1
    """
    ratio = new_amplitude(name, wilson, inputs) / standard_amplitude(name, inputs)
    return np.asarray(1.0 + ratio)


def delta_m(name: str, norm: str, wilson: Wilson, inputs: Inputs) -> Array:
    """Mass difference 2 |M_12|, of Standard Model and new physics.

    Parameters
    ----------
    name : str
        ``Bs`` or ``B0``.
    norm : str
        Constant that multiplies it and carries the error of the prediction.
    wilson : Wilson
    inputs : Inputs

    Returns
    -------
    (1,) or (n,) array, ps^-1
    """
    amplitude = standard_amplitude(name, inputs) + new_amplitude(name, wilson, inputs)
    per_ps = PICOSECOND / inputs.constant("hbar")
    return np.asarray(2.0 * np.abs(amplitude) * per_ps * inputs.constant(norm))


def sin_2beta(wilson: Wilson, inputs: Inputs) -> Array:
    """CP asymmetry of B0 -> J/psi K_S from mixing alone, sin(2 beta + arg(M_12/M_12^SM)).

    beta = arg(-V_cd V_cb*/(V_td V_tb*)) of the CKM matrix; decay amplitudes as in the Standard
    Model, penguins neglected.

    Returns
    -------
    (1,) or (n,) array, 1
    """
    phase = _amplitude_over_charm("B0", inputs) * amplitude_ratio("B0", wilson, inputs)
    return np.asarray(phase.imag / np.abs(phase))


def phi_s(wilson: Wilson, inputs: Inputs) -> Array:
    """Phase between Bs mixing and b -> c cbar s: -2 beta_s + arg(M_12/M_12^SM).

    beta_s = arg(-V_ts V_tb*/(V_cs V_cb*)) of the CKM matrix; decay amplitudes as in the Standard
    Model, penguins neglected.

    Returns
    -------
    (1,) or (n,) array, radian in (-pi, pi]
    """
    phase = _amplitude_over_charm("Bs", inputs) * amplitude_ratio("Bs", wilson, inputs)
    return np.asarray(np.angle(phase))


def epsilon_k_new(wilson: Wilson, inputs: Inputs) -> Array:
    """Contribution of new physics to epsilon_K, with its sign.

    kappa_epsilon Im M_12/(sqrt(2) DeltaM_K); arXiv:1002.3612, with V_ud V_us* real.

    Returns
    -------
    (1,) or (n,) array, 1
    """
    imaginary = new_amplitude("K0", wilson, inputs).imag
    scale = inputs.constant("kappa_epsilon") / (np.sqrt(2.0) * inputs.constant("DeltaM_K"))
    return np.asarray(scale * imaginary)


def epsilon_k(wilson: Wilson, inputs: Inputs) -> Array:
    """|epsilon_K|: the constant epsilon_K_SM with new physics added.

    Returns
    -------
    (1,) or (n,) array, 1
    """
    return np.asarray(np.abs(inputs.constant("epsilon_K_SM") + epsilon_k_new(wilson, inputs)))


@lru_cache(maxsize=4)
def _amplitude_over_charm(name: str, inputs: Inputs) -> Array:
    """(V_tb V_tq*)^2 over (V_cb V_cq*)^2 of the CKM matrix: its phase is that of the SM."""
    matrix, light = ckm_matrix(inputs), {"B0": 0, "Bs": 1}[name]
    down, bottom = matrix[:, 1:, light].conj(), matrix[:, 1:, 2]
    charm, top = (bottom * down).T
    return frozen(np.asarray((top / charm) ** 2))


def _element(known: NeutralMeson, operator: str, inputs: Inputs) -> Array:
    """M_12 for a coefficient of one, GeV^3: at 4.2 GeV for the B mesons, 2 GeV for K0 and D0.

    m_VLL = m_VRR = f^2 m B_1/3, m_VLR = -r f^2 m B_5/6, m_SLR = r f^2 m B_4/4,
    m_SLL = m_SRR = -5 r f^2 m B_2/24, r = (m/(m_q + m_q'))^2; arXiv:1810.08132 for the convention
    of the bag parameters.
    """
    factor, bag = _FACTORS[operator]
    constant = inputs.constant
    element = factor * constant(known.decay_constant) ** 2 * constant(known.mass)
    if bag != 1:
        element = element * constant(f"chiral_{known.name}")
    return np.asarray(element * constant(f"bag_{known.name}_{bag}"))
