"""Observables of a real dark scalar that is the dark matter, or a part of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

import numpy as np

from ..arrays import Array
from ..inputs import Inputs
from ..observable import Observable, single_valued
from ..wilson import Wilson
from .chiral_annihilation import dark_matter_mass, thermal_cross_section
from .relic import freeze_out, relic_density
from .searches import (
    cross_section_at_rest_cm3,
    energy_injection,
    higgs_invisible_fraction,
    spin_independent_cross_section,
)

__all__ = ["ALIASES", "OBSERVABLES"]

_MODEL = "2403.12485"


def _cross_section_x20(wilson: Wilson, inputs: Inputs) -> Array:
    """Thermal average at m/T = 20, the temperature of the usual criterion."""
    return thermal_cross_section(wilson, inputs, 20.0)


def _freeze_out_temperature(wilson: Wilson, inputs: Inputs) -> Array:
    return freeze_out(wilson, inputs).x_f


def _modulus(name: str, wilson: Wilson, inputs: Inputs) -> Array:
    """Modulus of a coupling of the dark scalar."""
    dark_matter_mass(wilson, "a coupling of the dark scalar")
    return np.abs(wilson[name]) if name in wilson else np.zeros(1)


# The error of the annihilation cross section is a factor of 2, too much for an error in quadrature:
# it is a parameter to float, ln_norm_sigmav, and not among the theory errors.
OBSERVABLES: tuple[Observable, ...] = (
    single_valued(
        "Omega_phi h^2",
        r"\Omega_\phi h^2",
        "1",
        relic_density,
        "relic density of the real dark scalar, frozen out by annihilation to mesons",
        (_MODEL,),
    ),
    *(
        single_valued(
            f"|C_S({quarks})|(phi)",
            rf"|C_S^{{{quarks}}}|",
            "GeV^-1",
            partial(_modulus, name),
            f"modulus of the scalar coupling of {quarks} to phi^2 at {scale}",
            (_MODEL,),
        )
        for quarks, name, scale in (("sb", "phi0_S", "m_b"), ("ss", "phi0_S_ss", "2 GeV"))
    ),
    single_valued(
        "x_f(phi)",
        r"x_f",
        "1",
        _freeze_out_temperature,
        "mass over temperature where the dark scalar has 2.5 times its density in equilibrium",
        (_MODEL,),
    ),
    single_valued(
        "sigmav_x20(phi)",
        r"\langle\sigma v\rangle(x=20)",
        "GeV^-2",
        _cross_section_x20,
        "thermal average of the annihilation cross section times velocity at m/T = 20",
        (_MODEL,),
    ),
    single_valued(
        "sigmav_0(phi)",
        r"\langle\sigma v\rangle_0",
        "cm^3 s^-1",
        cross_section_at_rest_cm3,
        "annihilation cross section times velocity of dark scalars at rest",
        (_MODEL,),
    ),
    single_valued(
        "f_eff*sigmav/m(phi)",
        r"f_\mathrm{eff}\langle\sigma v\rangle/m_\phi",
        "cm^3 s^-1 GeV^-1",
        energy_injection,
        "annihilation parameter of the cosmic microwave background, if the dark "
        "scalar is all of the dark matter",
        ("1506.03811",),
        ("f_eff",),
    ),
    single_valued(
        "sigma_SI(phi)",
        r"\sigma_\mathrm{SI}",
        "cm^2",
        spin_independent_cross_section,
        "spin-independent cross section of the dark scalar on a nucleon",
        (_MODEL,),
        ("n_s", "n_ud"),
    ),
    single_valued(
        "BR(H->invisible)",
        r"\mathcal{B}(h\to\mathrm{inv})",
        "1",
        higgs_invisible_fraction,
        "branching fraction of the Higgs boson to a pair of dark scalars",
        (_MODEL,),
    ),
)

ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "Omega_c h^2": "Omega_phi h^2",
        "sigma_SI(m_DM)": "sigma_SI(phi)",
        "f_eff*sigmav/m(DM)": "f_eff*sigmav/m(phi)",
    }
)
