"""What searches see of a real dark scalar: nucleons, injected energy, decays of the Higgs boson."""

from __future__ import annotations

import numpy as np

from ..arrays import Array
from ..inputs import Inputs
from ..wilson import Wilson, points
from .chiral_annihilation import CM3_PER_SECOND, HBAR_C, cross_section_at_rest, dark_matter_mass

__all__ = [
    "cross_section_at_rest_cm3",
    "energy_injection",
    "higgs_invisible_fraction",
    "higgs_invisible_width",
    "spin_independent_cross_section",
]


def spin_independent_cross_section(wilson: Wilson, inputs: Inputs) -> Array:
    """Spin-independent cross section of a dark scalar on a nucleon.

        sigma_SI = (sum_q C_q <N|q-bar q|N>)^2 mu^2/(4 pi m^2),  mu = m m_N/(m + m_N),

    of L = (1/2) sum_q C_q (q-bar q) phi^2 (arXiv:2403.12485). The scalar densities of u, d and s
    are positive, so couplings of opposite sign cancel; that of u and d together is 13 times that
    of s. u and d are averaged over proton and neutron. Left out: heavy quarks, whose densities are
    below 0.07, and Higgs exchange, 0.4 % of the amplitude of C_s = 10^-4 GeV^-1 at kappa = 0.01.

    Parameters
    ----------
    wilson : Wilson
        ``m_phi0``, and ``phi0_S_uu``, ``phi0_S_dd``, ``phi0_S_ss`` at 2 GeV.
    inputs : Inputs
        ``n_s`` and ``n_ud`` at 2 GeV.

    Returns
    -------
    (n,) array, cm^2
        NaN where the mass is not positive.

    Raises
    ------
    PredictionError
        If there is no dark scalar, or batch sizes differ.
    """
    size = points(wilson, inputs)
    mass = dark_matter_mass(wilson, "the cross section on nucleons")
    nucleon = inputs.constant("m_nucleon")
    none = np.zeros(1)
    light = wilson.get("phi0_S_uu", none) + wilson.get("phi0_S_dd", none)
    strange = wilson.get("phi0_S_ss", none)
    amplitude = strange * inputs.constant("n_s") + light * inputs.constant("n_ud")
    reduced = mass * nucleon / (mass + nucleon)
    sigma = (amplitude * reduced / mass) ** 2 / (4.0 * np.pi) * HBAR_C**2
    return np.broadcast_to(sigma, (size,)).copy()


def cross_section_at_rest_cm3(wilson: Wilson, inputs: Inputs) -> Array:
    """`cross_section_at_rest` in cm^3/s: (n,)."""
    return cross_section_at_rest(wilson, inputs) * CM3_PER_SECOND


def energy_injection(wilson: Wilson, inputs: Inputs) -> Array:
    """Annihilation parameter of the cosmic microwave background, f_eff <sigma v>/m.

    Annihilation to two mesons is s-wave, so at recombination its cross section is that at rest.
    f_eff is an input, the same for all channels (arXiv:1506.03811 has it for electrons and
    photons).

    Parameters
    ----------
    wilson : Wilson
    inputs : Inputs
        ``f_eff``, and those of `cross_section_at_rest`.

    Returns
    -------
    (n,) array, cm^3 s^-1 GeV^-1

    Raises
    ------
    PredictionError
        If there is no dark scalar, or batch sizes differ.
    """
    mass = dark_matter_mass(wilson, "the energy injected by annihilation")
    return inputs.constant("f_eff") * cross_section_at_rest_cm3(wilson, inputs) / mass


def higgs_invisible_width(wilson: Wilson, inputs: Inputs) -> Array:
    """Width of h -> phi phi for L = -(1/2) kappa phi^2 H^+ H.

    Gamma = kappa^2 v^2 beta/(32 pi m_H), v = (sqrt 2 G_F)^(-1/2) (arXiv:2403.12485); zero without
    kappa. The decay h -> s sbar phi phi through C_s h/v is negligible.

    Parameters
    ----------
    wilson : Wilson
        ``m_phi0`` and ``phi0_kappa``.
    inputs : Inputs

    Returns
    -------
    (n,) array, GeV
        NaN where the mass is not positive.

    Raises
    ------
    PredictionError
        If there is no dark scalar, or batch sizes differ.
    """
    size = points(wilson, inputs)
    mass = dark_matter_mass(wilson, "the invisible decay of the Higgs boson")
    higgs = inputs.constant("m_H")
    kappa = wilson.get("phi0_kappa", np.zeros(1))
    v_squared = 1.0 / (np.sqrt(2.0) * inputs.constant("G_F"))
    beta = np.sqrt(np.maximum(1.0 - 4.0 * mass**2 / higgs**2, 0.0))
    width = kappa**2 * v_squared * beta / (32.0 * np.pi * higgs)
    return np.broadcast_to(width, (size,)).copy()


def higgs_invisible_fraction(wilson: Wilson, inputs: Inputs) -> Array:
    """Branching fraction of h -> phi phi: (n,).

    The other decays have the width of the Standard Model, ``Gamma_H``; h -> ZZ -> 4 nu, 1e-3, is
    not added.
    """
    width = higgs_invisible_width(wilson, inputs)
    fraction: Array = width / (width + inputs.constant("Gamma_H"))
    return fraction
