"""Observables of a real dark scalar that is the dark matter, or a part of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .arrays import Array
from .chiral_annihilation import thermal_cross_section
from .direct_detection import (
    cross_section_at_rest_cm3,
    energy_injection,
    spin_independent_cross_section,
)
from .higgs_invisible import higgs_invisible_fraction
from .inputs import Inputs
from .observable import Observable
from .relic import freeze_out, relic_density
from .wilson import Wilson

__all__ = ["ALIASES", "OBSERVABLES"]

_MODEL = "2403.12485"


def _cross_section_x20(wilson: Wilson, inputs: Inputs) -> Array:
    """Thermal average at m/T = 20, the temperature of the usual criterion."""
    return thermal_cross_section(wilson, inputs, 20.0)


def _freeze_out_temperature(wilson: Wilson, inputs: Inputs) -> Array:
    return freeze_out(wilson, inputs).x_f


# The error of the annihilation cross section is a factor of 2, too much for an error in quadrature:
# it is a parameter to float, ln_norm_sigmav, and not among the theory errors.
OBSERVABLES: tuple[Observable, ...] = (
    Observable(
        name="Omega_phi h^2",
        latex=r"\Omega_\phi h^2",
        unit="1",
        function=relic_density,
        kinematics=(),
        optional=(),
        description="relic density of the real dark scalar, frozen out by annihilation to mesons",
        references=(_MODEL,),
    ),
    Observable(
        name="x_f(phi)",
        latex=r"x_f",
        unit="1",
        function=_freeze_out_temperature,
        kinematics=(),
        optional=(),
        description="mass over temperature where the dark scalar has 2.5 times its density in "
        "equilibrium",
        references=(_MODEL,),
    ),
    Observable(
        name="sigmav_x20(phi)",
        latex=r"\langle\sigma v\rangle(x=20)",
        unit="GeV^-2",
        function=_cross_section_x20,
        kinematics=(),
        optional=(),
        description="thermal average of the annihilation cross section times velocity at m/T = 20",
        references=(_MODEL,),
    ),
    Observable(
        name="sigmav_0(phi)",
        latex=r"\langle\sigma v\rangle_0",
        unit="cm^3 s^-1",
        function=cross_section_at_rest_cm3,
        kinematics=(),
        optional=(),
        description="annihilation cross section times velocity of dark scalars at rest",
        references=(_MODEL,),
    ),
    Observable(
        name="f_eff*sigmav/m(phi)",
        latex=r"f_\mathrm{eff}\langle\sigma v\rangle/m_\phi",
        unit="cm^3 s^-1 GeV^-1",
        function=energy_injection,
        kinematics=(),
        optional=(),
        description="annihilation parameter of the cosmic microwave background, if the dark "
        "scalar is all of the dark matter",
        references=("1506.03811",),
        theory=("f_eff",),
    ),
    Observable(
        name="sigma_SI(phi)",
        latex=r"\sigma_\mathrm{SI}",
        unit="cm^2",
        function=spin_independent_cross_section,
        kinematics=(),
        optional=(),
        description="spin-independent cross section of the dark scalar on a nucleon",
        references=(_MODEL,),
        theory=("n_s", "n_ud"),
    ),
    Observable(
        name="BR(H->invisible)",
        latex=r"\mathcal{B}(h\to\mathrm{inv})",
        unit="1",
        function=higgs_invisible_fraction,
        kinematics=(),
        optional=(),
        description="branching fraction of the Higgs boson to a pair of dark scalars",
        references=(_MODEL,),
    ),
)

ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "Omega_c h^2": "Omega_phi h^2",
        "sigma_SI(m_DM)": "sigma_SI(phi)",
        "f_eff*sigmav/m(DM)": "f_eff*sigmav/m(phi)",
    }
)
