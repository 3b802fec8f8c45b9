"""The models of dark sectors that come with the package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from ...physics.arrays import Array
from ...physics.inputs import Inputs
from ...physics.invisible.rates import branching_fraction
from ...physics.wilson import WILSON_NAMES, Wilson
from .. import lagrangians
from ..base import Model, ModelParameter, points
from ..couplings import complex_parameters
from .base import DarkModel, Link, coefficient, life, mass
from .higgs_penguin import higgs_penguin

__all__ = [
    "DM_FERMION",
    "DM_FERMION_MAJORANA",
    "DM_SCALAR",
    "DM_SCALAR_COMPLEX",
    "DM_SCALAR_THERMAL",
    "DM_VECTOR",
    "DM_VECTOR_REAL",
    "MEDIATOR",
    "STERILE_NEUTRINO",
    "TWO_BODY",
    "TWO_BODY_BR",
    "TwoBodyBranchingFraction",
]

# Half the largest mass of a pair, and the largest mass, in B+ -> K+ X of the Belle II simulation.
_PAIR = 2.392
_SINGLE = 4.784
# Largest width of a resonance, GeV.
_BROADEST = 10.0

# A pair of massive vectors has no limit of zero mass.
_LIGHTEST_VECTOR = 1e-3


def _operators(kind: str, names: str) -> list[Link]:
    """Parameters C_<name> of the coefficients <kind>_<name>, for b -> s and b -> d."""
    return _both_sectors((f"{kind}_{name}", f"C_{name}") for name in names.split())


def _both_sectors(pairs: Iterable[tuple[str, str]]) -> list[Link]:
    """Parameters of coefficients, (coefficient, parameter), and those of b -> d behind them."""
    known = tuple(pairs)
    return [
        link
        for suffix in ("", "_bd")
        for key, name in known
        for link in coefficient(key + suffix, name + suffix)
    ]


_MEDIATED = "SS SP PS PP VV VA AV AA DVS DVP DAS DAP"
_EVEN = "S P V2 V3 A2 A3 SF PF SFt PFt"
_ALL = "S P T1 T2 V2 V3 V4 V5 V6 A2 A3 A4 A5 A6 SF PF SFt PFt"

DM_SCALAR = DarkModel(
    "dm-scalar",
    "pair of real dark scalars, L = (1/2) C (sbar Gamma b) phi^2 + h.c.",
    [
        mass("m_phi0", "m_S", 0.5, _PAIR, latex=r"m_\phi"),
        *_operators("phi0", "S P"),
        *life("the scalar"),
    ],
    lagrangian=lagrangians.DM_SCALAR,
)


def _diagonal(quark: str) -> Link:
    """Coupling of the dark scalar to a light quark of its own, in 10^-4 GeV^-1."""
    known = WILSON_NAMES[f"phi0_S_{quark}{quark}"]
    parameter = ModelParameter(
        f"C_{quark}{quark}",
        known.latex,
        "10^-4 GeV^-1",
        0.0,
        -1000.0,
        1000.0,
        known.description,
    )
    return parameter, f"phi0_S_{quark}{quark}", 1e-4


def _portal(found: Mapping[str, Array], inputs: Inputs) -> Mapping[str, Array]:
    """Couplings of b -> s, b -> d and s -> d that the Higgs portal makes."""
    return higgs_penguin(found["phi0_kappa"], inputs)


DM_SCALAR_THERMAL = DarkModel(
    "dm-scalar-thermal",
    "real dark scalars as in dm-scalar that also couple to light quarks and to the Higgs boson: "
    "relic density, direct detection",
    [
        mass("m_phi0", "m_S", 0.5, _PAIR, latex=r"m_\phi"),
        *_operators("phi0", "S P"),
        *(_diagonal(quark) for quark in "sdu"),
        (
            ModelParameter(
                "kappa", r"\kappa", "1", 0.0, -1.0, 1.0, WILSON_NAMES["phi0_kappa"].description
            ),
            "phi0_kappa",
            1.0,
        ),
    ],
    loops=_portal,
    lagrangian=lagrangians.DM_SCALAR_THERMAL,
)

DM_SCALAR_COMPLEX = DarkModel(
    "dm-scalar-complex",
    "pair of complex dark scalars with scalar and vector currents",
    [
        mass("m_phi", "m_S", 0.5, _PAIR, latex=r"m_\phi"),
        *_operators("phi", "S P V A"),
        *life("the scalar"),
    ],
    lagrangian=lagrangians.DM_SCALAR_COMPLEX,
)

DM_FERMION = DarkModel(
    "dm-fermion",
    "pair of Dirac fermions, all Lorentz structures",
    [
        mass("m_chi", "m_chi", 0.5, _PAIR),
        *_operators("chi", "SS SP PS PP VV VA AV AA TT TT5"),
        *life("the fermion"),
    ],
    lagrangian=lagrangians.DM_FERMION,
)

DM_FERMION_MAJORANA = DarkModel(
    "dm-fermion-majorana",
    "pair of Majorana fermions, L = (1/2) C (sbar Gamma b)(chibar Gamma chi) + h.c.",
    [
        mass("m_chi0", "m_chi", 0.5, _PAIR, latex=r"m_\chi"),
        *_operators("chi0", "SS SP PS PP VA AA"),
        *life("the fermion"),
    ],
    lagrangian=lagrangians.DM_FERMION_MAJORANA,
)

DM_VECTOR = DarkModel(
    "dm-vector",
    "pair of complex massive dark vectors",
    [
        mass("m_X", "m_X", 0.5, _PAIR, _LIGHTEST_VECTOR),
        *_operators("X", _ALL),
        *life("the vector"),
    ],
    lagrangian=lagrangians.DM_VECTOR,
)

DM_VECTOR_REAL = DarkModel(
    "dm-vector-real",
    "pair of real massive dark vectors, L = (1/2) C (sbar Gamma b) X X + h.c.",
    [
        mass("m_X0", "m_X", 0.5, _PAIR, _LIGHTEST_VECTOR, latex="m_X"),
        *_operators("X0", _EVEN),
        *life("the vector"),
    ],
    lagrangian=lagrangians.DM_VECTOR_REAL,
)


def _sterile() -> list[Link]:
    links = [mass("m_N", "m_N", 0.5, _SINGLE)]
    for kind, names in (("nuN", "VL AL SR PR TR"), ("NN", "VL VR AL AR SL SR PL PR TL TR")):
        links += _both_sectors((f"{kind}_{name}", f"{kind}_{name}") for name in names.split())
    return [*links, *life("the neutral lepton")]


class SterileNeutrino(Model):
    """Heavy neutral leptons with one or two of them, and massless right-handed neutrinos."""

    name = "sterile-neutrino"
    description = "nu N and N Nbar with a mass (Dirac N), and massless right-handed neutrinos"
    lagrangian = lagrangians.STERILE_NEUTRINO

    def __init__(self) -> None:
        self._dark = DarkModel("", "", _sterile())
        self._massless = tuple(
            ModelParameter(
                name,
                latex,
                "1",
                0.0,
                -100.0,
                100.0,
                f"flavour-universal (sbar gamma_mu P_{name[2]} b)(nubar gamma^mu (1 + gamma_5) nu)",
            )
            for name, latex in (("C_Lp", r"C_L^\prime"), ("C_Rp", r"C_R^\prime"))
        )
        self.parameters = (*self._dark.parameters, *self._massless)

    def wilson(self, values: Mapping[str, Array], inputs: Inputs) -> Wilson:
        """Coefficients of the massive operators, and C_Lp, C_Rp times the unit matrix."""
        found = self._dark.coefficients(values)
        for parameter in self._massless:
            value = values[parameter.name]
            if value.any():
                found[parameter.name] = value[:, None, None] * np.eye(3)
        return Wilson(found, size=points(values))


STERILE_NEUTRINO = SterileNeutrino()


def _strange_down(name: str) -> list[Link]:
    """Coupling to dbar and s, in units of which the limits on K -> pi X are of order one."""
    known = WILSON_NAMES[f"{name}_sd"]
    unit = "10^-13" if known.unit == "1" else f"10^-13 {known.unit}"
    pair = complex_parameters(
        f"{name}_sd", known.latex, f"the coefficient of {known.description}", unit, 1e6
    )
    return [
        (parameter, f"{name}_sd", factor)
        for parameter, factor in zip(pair, (1e-13, 1e-13j), strict=True)
    ]


_WIDTH = mass("Gamma_1", "Gamma_X", 0.0, _BROADEST, latex=r"\Gamma_X")

TWO_BODY = DarkModel(
    "two-body",
    "one invisible particle with scalar, axion-like, vector and dipole couplings, of any width",
    [
        mass("m_1", "m_X", 2.0, _SINGLE, latex="m_X"),
        _WIDTH,
        *_both_sectors(
            (name, name) for name in ("g_S", "g_P", "k_V", "k_A", "g_V", "g_A", "d_T", "d_T5")
        ),
        *(link for name in ("g_S", "k_V", "g_V") for link in _strange_down(name)),
        *life("the particle"),
    ],
    lagrangian=lagrangians.TWO_BODY,
)


class TwoBodyBranchingFraction(Model):
    """One scalar X, with BR(B+ -> K+ X) in place of its coupling g_S.

    g_S >= 0 follows from the branching fraction with the form factors and masses of the inputs, so
    that these cancel in B -> K X. B -> K* X depends on g_P alone. BR_K is what is produced, seen or
    not, of a particle that decays. With a width, see `final_states.single`, it is the rate in the
    whole physical region, 0 < q2 < (m_B - m_K)^2, whatever part of the Breit-Wigner lies there.
    """

    name = "two-body-br"
    description = "one invisible scalar: mass, width, BR(B+->K+X), and a pseudoscalar coupling"
    lagrangian = lagrangians.TWO_BODY_BR
    parameters = (
        ModelParameter("m_X", "m_X", "GeV", 2.0, 0.0, _SINGLE, "mass of the particle"),
        ModelParameter(
            "BR_K",
            r"\mathcal{B}(B^+\to K^+X)",
            "10^-6",
            0.0,
            0.0,
            1000.0,
            "branching fraction of B+->K+X, without the Standard Model part",
        ),
        *(link[0] for link in coefficient("g_P", "g_P")),
        *(link[0] for link in life("the particle")),
        _WIDTH[0],
    )

    def wilson(self, values: Mapping[str, Array], inputs: Inputs) -> Wilson:
        """Couplings g_S and g_P; g_S is NaN where B+ -> K+ X is closed."""
        found: dict[str, Array] = {"m_1": values["m_X"], "Gamma_1": values["Gamma_X"]}
        if values["BR_K"].any():
            given = np.where(values["BR_K"] >= 0.0, 1e-6 * values["BR_K"], np.nan)
            found["g_S"] = np.sqrt(given / self._unit(found, inputs))
        pseudoscalar = 1e-8 * (values["g_P"] + 1j * values["Im_g_P"])
        if pseudoscalar.any():
            found["g_P"] = pseudoscalar
        found |= {name: values[name] for name in ("ctau", "BR_inv")}
        return Wilson(found, size=points(values))

    @staticmethod
    def _unit(resonance: Mapping[str, Array], inputs: Inputs) -> Array:
        """BR(B+ -> K+ X) for g_S = 1, without the Standard Model part: (1,) or (n,)."""
        both = Wilson({"g_S": np.ones(1), **resonance})
        alone = inputs.replace(constants={"X_t": 0.0})
        unit = branching_fraction("B+->K+", both, alone)
        return np.where(unit > 0.0, unit, np.nan)


TWO_BODY_BR = TwoBodyBranchingFraction()

MEDIATOR = DarkModel(
    "mediator",
    "mediator of finite width that decays to Dirac fermions chi, products of two couplings",
    [
        mass("m_med", "m_med", 2.0, 20.0, 0.01),
        mass("Gamma_med", "Gamma_med", 0.1, 10.0),
        mass("m_chi", "m_chi", 0.5, _PAIR),
        *_both_sectors((f"med_{name}", f"g_{name}") for name in _MEDIATED.split()),
        *life("chi"),
    ],
    lagrangian=lagrangians.MEDIATOR,
)
