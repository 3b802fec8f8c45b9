"""Bs -> l+ l- with the Standard Model: rate averaged over time, and effective lifetime."""

from __future__ import annotations

import numpy as np

from ..arrays import Array, squared_modulus
from ..inputs import Inputs
from ..transitions import PICOSECOND
from ..wilson import Wilson
from .charm import standard_model
from .coefficients import DIPOLES, LEPTONS, shifts
from .forms import SMALL
from .rates import leptonic_width, normalisation

__all__ = ["asymmetry", "bs_branching_fraction", "effective_lifetime", "time_average"]


def asymmetry(pseudoscalar: Array, scalar: Array | None = None) -> Array:
    """A_DeltaGamma = Re(P^2 - S^2)/(|P|^2 + |S|^2), arXiv:1204.1737 eq. (17).

    The phase of the mixing is that of the Standard Model.

    Parameters
    ----------
    pseudoscalar, scalar : (n,) complex array
        P and S, of any common unit and the phase of the Standard Model; no S is zero.

    Returns
    -------
    (n,) array, 1
        Zero without an amplitude.
    """
    modulus = squared_modulus(pseudoscalar)
    squared = pseudoscalar.real**2 - pseudoscalar.imag**2
    if scalar is not None:
        modulus = modulus + squared_modulus(scalar)
        squared = squared - (scalar.real**2 - scalar.imag**2)
    some = ~(modulus == 0.0)
    return np.asarray(np.divide(squared, modulus, out=np.zeros_like(modulus), where=some))


def time_average(pseudoscalar: Array, y: Array, scalar: Array | None = None) -> Array:
    """Ratio of the time-integrated rate to that at production.

    (1 + A y)/(1 - y^2), arXiv:1204.1735 eq. (8).

    Parameters
    ----------
    pseudoscalar, scalar : (n,) complex array
        P and S, as for `asymmetry`.
    y : (n,) array
        tau DeltaGamma/2.

    Returns
    -------
    (n,) array, 1
    """
    return np.asarray((1.0 + asymmetry(pseudoscalar, scalar) * y) / (1.0 - y**2))


def bs_branching_fraction(lepton: str, wilson: Wilson, inputs: Inputs) -> Array:
    """Time-integrated branching fraction of Bs -> l+ l-.

    arXiv:1204.1737 and arXiv:1311.0903. C_10 of the Standard Model belongs to alpha at 4.8 GeV.

    Parameters
    ----------
    lepton : str
        ``e``, ``mu`` or ``tau``.
    wilson : Wilson
    inputs : Inputs

    Returns
    -------
    (1,) or (n,) array, 1
    """
    mass = inputs.constant(LEPTONS[lepton])
    unit = normalisation(
        inputs.constant("G_F"),
        np.array([standard_model()["alpha_inv"]]),
        inputs.constant("VtbVts"),
    )
    pseudoscalar, scalar = _amplitudes(lepton, wilson, inputs)
    # Equal leptons: the vector current is conserved and C_9 has no part.
    no_scalar = np.zeros(1) if scalar is None else squared_modulus(scalar)
    squares = (no_scalar, squared_modulus(pseudoscalar))
    width = unit**2 * leptonic_width(
        inputs.constant("m_Bs"), inputs.constant("f_Bs"), (mass, mass), squares
    )
    duration = inputs.constant("tau_Bs") * (PICOSECOND / inputs.constant("hbar"))
    average = time_average(pseudoscalar, _width_ratio(inputs), _slowed(scalar, lepton, inputs))
    return np.asarray(width * duration * average)


def effective_lifetime(lepton: str, wilson: Wilson, inputs: Inputs) -> Array:
    """Mean decay time of untagged Bs -> l+ l-.

    tau/(1 - y^2) (1 + 2 A y + y^2)/(1 + A y), arXiv:1204.1737 eq. (26).

    Parameters
    ----------
    lepton : str
        ``e``, ``mu`` or ``tau``.
    wilson : Wilson
    inputs : Inputs

    Returns
    -------
    (1,) or (n,) array, ps
    """
    pseudoscalar, scalar = _amplitudes(lepton, wilson, inputs)
    y = _width_ratio(inputs)
    shift = asymmetry(pseudoscalar, _slowed(scalar, lepton, inputs)) * y
    ratio = (1.0 + 2.0 * shift + y**2) / ((1.0 - y**2) * (1.0 + shift))
    return np.asarray(inputs.constant("tau_Bs") * ratio)


def _amplitudes(lepton: str, wilson: Wilson, inputs: Inputs) -> tuple[Array, Array | None]:
    """P and S of `leptonic_width`, GeV, in the normalisation of alpha at 4.8 GeV.

    P = 2 m (C_10 - C_10') + m_Bs^2 m_b/(m_b + m_s) (C_P - C_P'), the Standard Model included;
    S has C_S - C_S' alone, None stands for zero.
    """
    vector = shifts(wilson, inputs, lepton, tabulated=False)
    ten = standard_model()["C_10"] + vector[:, 2] - vector[:, 4]
    pseudoscalar = 2.0 * inputs.constant(LEPTONS[lepton]) * ten
    if vector.shape[1] == SMALL:
        return np.asarray(pseudoscalar), None
    c_s, c_p, c_sp, c_pp = vector[:, SMALL + len(DIPOLES) :].T
    square = inputs.constant("m_Bs") ** 2
    return np.asarray(pseudoscalar + square * (c_p - c_pp)), np.asarray(square * (c_s - c_sp))


def _slowed(scalar: Array | None, lepton: str, inputs: Inputs) -> Array | None:
    """S times the velocity of the leptons, so that rates are |P|^2 + |S|^2."""
    if scalar is None:
        return None
    ratio = 2.0 * inputs.constant(LEPTONS[lepton]) / inputs.constant("m_Bs")
    return np.asarray(scalar * np.sqrt(np.maximum(1.0 - ratio**2, 0.0)))


def _width_ratio(inputs: Inputs) -> Array:
    """y_s = tau_Bs DeltaGamma_s/2."""
    return np.asarray(0.5 * inputs.constant("tau_Bs") * inputs.constant("DeltaGamma_s"))
