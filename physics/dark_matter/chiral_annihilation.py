"""Annihilation of a real dark scalar into pairs of light mesons, in chiral perturbation theory.

L = (1/2) sum_q C_q (q-bar q) phi^2 acts as a scalar source in the chiral Lagrangian. At leading
order it gives L = (1/2) B_0 phi^2 tr[C Phi^2] with Phi = phi^a lambda^a/sqrt(2): constant
amplitudes, in proportion to B_0 (hep-ph/0011138; arXiv:2403.12485 for C_s alone). Valid near the
thresholds; at sqrt(s) of 1 to 1.8 GeV, with the f_0 resonances, indicative: the constant
``ln_norm_sigmav`` is the logarithm of a factor on all cross sections, 0 with an error of ln 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ...errors import PredictionError
from ..arrays import Array
from ..inputs import Inputs
from ..wilson import Wilson, points, refuse_signal_strength
from .thermal import thermal_factor, zero_temperature_factor

__all__ = [
    "CHANNELS",
    "CM3_PER_SECOND",
    "HBAR_C",
    "Channel",
    "PhaseSpace",
    "channel_strengths",
    "cross_section_at_rest",
    "dark_matter_mass",
    "phase_space",
    "thermal_cross_section",
]

# GeV cm, and cm^3/s for one GeV^-2 times the speed of light.
HBAR_C = 1.973269804e-14
CM3_PER_SECOND = HBAR_C**2 * 2.99792458e10


@dataclass(frozen=True)
class Channel:
    """A pair of mesons.

    Attributes
    ----------
    name : str
    masses : tuple of str
        Names of the constants, GeV.
    symmetry : float
        1/2 for identical mesons, else 1.
    weights : tuple of float
        Amplitude over B_0 for unit couplings of u, d and s.
    """

    name: str
    masses: tuple[str, str]
    symmetry: float
    weights: tuple[float, float, float]


_THIRD, _ROOT = 1.0 / 3.0, 3.0**-0.5

CHANNELS: tuple[Channel, ...] = (
    Channel("K+K-", ("m_Kplus", "m_Kplus"), 1.0, (1.0, 0.0, 1.0)),
    Channel("K0K0bar", ("m_K0", "m_K0"), 1.0, (0.0, 1.0, 1.0)),
    Channel("etaeta", ("m_eta", "m_eta"), 0.5, (_THIRD, _THIRD, 4.0 * _THIRD)),
    Channel("pi+pi-", ("m_piplus", "m_piplus"), 1.0, (1.0, 1.0, 0.0)),
    Channel("pi0pi0", ("m_pi0", "m_pi0"), 0.5, (1.0, 1.0, 0.0)),
    Channel("pi0eta", ("m_pi0", "m_eta"), 1.0, (_ROOT, -_ROOT, 0.0)),
)


@dataclass(frozen=True)
class PhaseSpace:
    """Kinematics of the channels.

    Attributes
    ----------
    z : (n, 6) array
        ((m_1 + m_2)/(2 m_phi))^2; below 1 the channel is open at rest.
    difference : (n, 6) array
        ((m_1 - m_2)/(2 m_phi))^2.
    """

    z: Array
    difference: Array


def dark_matter_mass(wilson: Wilson, what: str) -> Array:
    """Mass of the dark scalar, NaN where it is not positive: (n,) or (1,), GeV.

    Parameters
    ----------
    wilson : Wilson
    what : str
        The prediction that needs it, for the message.

    Raises
    ------
    PredictionError
        If there is no dark scalar.
    """
    refuse_signal_strength(wilson, what)
    if "m_phi0" not in wilson:
        raise PredictionError(
            f"{what} needs a dark scalar, but there is no coefficient m_phi0 (its mass in GeV): "
            "choose a model that has one, such as 'scalar-dm', or leave out what asks for it."
        )
    mass = wilson["m_phi0"]
    return np.where(mass > 0.0, mass, np.nan)


def phase_space(mass: Array, inputs: Inputs) -> PhaseSpace:
    """Kinematics of the channels for dark scalars of a mass (n,), GeV."""
    first, second = (
        np.stack(
            np.broadcast_arrays(*(inputs.constant(channel.masses[i]) for channel in CHANNELS)), 1
        )
        for i in (0, 1)
    )
    twice = 2.0 * mass[:, None]
    return PhaseSpace(((first + second) / twice) ** 2, ((first - second) / twice) ** 2)


def channel_strengths(wilson: Wilson, inputs: Inputs) -> Array:
    """Squared amplitudes with symmetry and uncertainty factor, S_f |M_f|^2 N.

    Parameters
    ----------
    wilson : Wilson
        ``phi0_S_uu``, ``phi0_S_dd`` and ``phi0_S_ss`` at 2 GeV; those missing are zero.
    inputs : Inputs
        ``B_chiral`` at 2 GeV and ``ln_norm_sigmav``.

    Returns
    -------
    (n, 6) array, 1
        In the order of `CHANNELS`.
    """
    none = np.zeros(1)
    couplings = [wilson.get(f"phi0_S_{quark}{quark}", none) for quark in "uds"]
    scale = inputs.constant("B_chiral")
    norm = np.exp(inputs.constant("ln_norm_sigmav"))
    columns = []
    for channel in CHANNELS:
        pairs = zip(channel.weights, couplings, strict=True)
        amplitude = scale * sum(weight * coupling for weight, coupling in pairs)
        columns.append(channel.symmetry * norm * amplitude**2)
    return np.stack(np.broadcast_arrays(*columns), axis=1)


def thermal_cross_section(wilson: Wilson, inputs: Inputs, x: ArrayLike) -> Array:
    """Thermal average of the cross section of annihilation times velocity.

    <sigma v> = sum_f S_f |M_f|^2/(64 pi m^2) eta(x, z_f), with `thermal.thermal_factor`.

    Parameters
    ----------
    wilson : Wilson
    inputs : Inputs
    x : number, or array that broadcasts to (n,)
        m_phi/T.

    Returns
    -------
    (n,) array, GeV^-2
        NaN where the mass is not positive.

    Raises
    ------
    PredictionError
        If there is no dark scalar, or batch sizes differ.
    """
    mass, strengths, space = _active(wilson, inputs, "the cross section of annihilation")
    x = np.atleast_1d(np.asarray(x, float))[:, None]
    return _sum(wilson, inputs, mass, strengths, thermal_factor(x, space.z, space.difference))


def cross_section_at_rest(wilson: Wilson, inputs: Inputs) -> Array:
    """Cross section of annihilation times velocity of particles at rest.

    sigma v = sum_f S_f |M_f|^2 beta_f/(32 pi m^2) over the open channels.

    Parameters
    ----------
    wilson : Wilson
    inputs : Inputs

    Returns
    -------
    (n,) array, GeV^-2
        NaN where the mass is not positive.

    Raises
    ------
    PredictionError
        If there is no dark scalar, or batch sizes differ.
    """
    mass, strengths, space = _active(wilson, inputs, "the cross section of annihilation")
    eta = zero_temperature_factor(space.z, space.difference)
    return _sum(wilson, inputs, mass, strengths, eta)


def _active(wilson: Wilson, inputs: Inputs, what: str) -> tuple[Array, Array, PhaseSpace]:
    """Mass, and strengths and kinematics of the channels that are not zero at every point."""
    points(wilson, inputs)  # refuses sizes that do not fit
    mass = dark_matter_mass(wilson, what)
    strengths, space = channel_strengths(wilson, inputs), phase_space(mass, inputs)
    active = np.any(strengths != 0.0, axis=0)
    return (
        mass,
        strengths[:, active],
        PhaseSpace(space.z[:, active], space.difference[:, active]),
    )


def _sum(wilson: Wilson, inputs: Inputs, mass: Array, strengths: Array, eta: Array) -> Array:
    """sum_f strength_f eta_f/(64 pi m^2): (n,), GeV^-2."""
    total = (strengths * eta).sum(axis=1) / (64.0 * np.pi * mass**2)
    return np.broadcast_to(total, (points(wilson, inputs),)).copy()
