"""Bs -> l+ l- with the Standard Model: rate averaged over time, and effective lifetime."""

from __future__ import annotations

import numpy as np

from ..arrays import Array, squared_modulus
from ..inputs import Inputs
from ..transitions import PICOSECOND
from ..wilson import Wilson
from .charm import standard_model
from .coefficients import LEPTONS, shifts
from .rates import leptonic_width, normalisation

__all__ = ["asymmetry", "bs_branching_fraction", "effective_lifetime", "time_average"]


def asymmetry(amplitude: Array) -> Array:
    """A_DeltaGamma = Re(P^2)/|P|^2 of a pseudoscalar amplitude, arXiv:1204.1737 eq. (17).

    The phase of the mixing is that of the Standard Model.

    Parameters
    ----------
    amplitude : (n,) complex array
        P, relative to the Standard Model.

    Returns
    -------
    (n,) array, 1
        Zero without an amplitude.
    """
    modulus = squared_modulus(amplitude)
    squared = amplitude.real**2 - amplitude.imag**2
    some = ~(modulus == 0.0)
    return np.asarray(np.divide(squared, modulus, out=np.zeros_like(modulus), where=some))


def time_average(amplitude: Array, y: Array) -> Array:
    """Ratio of the time-integrated rate to that at production.

    (1 + A y)/(1 - y^2), arXiv:1204.1735 eq. (8).

    Parameters
    ----------
    amplitude : (n,) complex array
        P, relative to the Standard Model.
    y : (n,) array
        tau DeltaGamma/2.

    Returns
    -------
    (n,) array, 1
    """
    return np.asarray((1.0 + asymmetry(amplitude) * y) / (1.0 - y**2))


def bs_branching_fraction(lepton: str, wilson: Wilson, inputs: Inputs) -> Array:
    """Time-integrated branching fraction of Bs -> l+ l-.

    arXiv:1204.1737 and arXiv:1311.0903. C_10 of the Standard Model belongs to alpha at 4.8 GeV;
    scalar operators are not in it.

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
    sm = standard_model()
    ten = _axial_difference(lepton, wilson, inputs)
    square = squared_modulus(ten)
    mass = inputs.constant(LEPTONS[lepton])
    unit = normalisation(
        inputs.constant("G_F"), np.array([sm["alpha_inv"]]), inputs.constant("VtbVts")
    )
    # Equal leptons: the vector current is conserved and C_9 has no part.
    width = unit**2 * leptonic_width(
        inputs.constant("m_Bs"), inputs.constant("f_Bs"), (mass, mass), (np.zeros(1), square)
    )
    lifetime = inputs.constant("tau_Bs")
    duration = lifetime * (PICOSECOND / inputs.constant("hbar"))
    return np.asarray(width * duration * time_average(ten / sm["C_10"], _width_ratio(inputs)))


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
    ten = _axial_difference(lepton, wilson, inputs)
    y = _width_ratio(inputs)
    shift = asymmetry(ten / standard_model()["C_10"]) * y
    ratio = (1.0 + 2.0 * shift + y**2) / ((1.0 - y**2) * (1.0 + shift))
    return np.asarray(inputs.constant("tau_Bs") * ratio)


def _axial_difference(lepton: str, wilson: Wilson, inputs: Inputs) -> Array:
    """C_10 - C_10', the Standard Model included, in the normalisation of alpha at 4.8 GeV."""
    vector = shifts(wilson, inputs, lepton, tabulated=False)
    return np.asarray(standard_model()["C_10"] + vector[:, 2] - vector[:, 4])


def _width_ratio(inputs: Inputs) -> Array:
    """y_s = tau_Bs DeltaGamma_s/2."""
    return np.asarray(0.5 * inputs.constant("tau_Bs") * inputs.constant("DeltaGamma_s"))
