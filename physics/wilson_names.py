"""Names of the Wilson coefficients, masses and widths: the one list for the whole package.

Explained, with the Lagrangian, in docs/physics/wilson.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from .dark_names import dark_names

__all__ = [
    "FLAVOURS",
    "FLAVOUR_LATEX",
    "LEPTOQUARK_DECAYS",
    "MIXING_OPERATORS",
    "MIXING_PAIRS",
    "WILSON_NAMES",
    "Coefficient",
]


@dataclass(frozen=True)
class Coefficient:
    """What a name in a `Wilson` stands for.

    Attributes
    ----------
    latex : str
        Symbol, without dollar signs.
    flavour : bool
        Whether it is a 3 x 3 matrix in the flavours (e, mu, tau) of the leptons.
    real : bool
        Whether it must be real.
    description : str
        Operator and normalisation.
    unit : str
    columns : int
        Not zero: an array of any number of rows with so many columns at each point.
    """

    latex: str
    flavour: bool
    real: bool
    description: str
    unit: str = "1"
    columns: int = 0


# Flavours of the leptons in the order of the flavour matrices, and their symbols.
FLAVOURS = ("e", "mu", "tau")
FLAVOUR_LATEX: Mapping[str, str] = MappingProxyType({"e": "e", "mu": r"\mu", "tau": r"\tau"})

# Operators of meson mixing and the pairs of quarks q q', as in the names C_<operator>_<pair>.
MIXING_OPERATORS: Mapping[str, str] = MappingProxyType(
    {
        "VLL": "(q'bar gamma_mu P_L q)^2",
        "VRR": "(q'bar gamma_mu P_R q)^2",
        "VLR": "(q'bar gamma_mu P_L q)(q'bar gamma^mu P_R q)",
        "SLL": "(q'bar P_L q)^2",
        "SRR": "(q'bar P_R q)^2",
        "SLR": "(q'bar P_L q)(q'bar P_R q)",
    }
)
MIXING_PAIRS = ("bs", "bd", "sd", "cu")

# H = -N_0/2 sum_ij C_ij (s-bar gamma_mu P_X b)(nubar_i gamma^mu (1 -+ gamma_5) nu_j) + h.c. for the
# vector operators and H = +N_0 sum_ij c_ij (s-bar P_X b)(nu^c_i P_L nu_j) + ... for those that
# change lepton number, with N_0 = (4 G_F/sqrt 2) V_tb V_ts* alpha/(2 pi), alpha = alpha(m_Z).
_NEUTRINOS: dict[str, Coefficient] = {
    "dC_L": Coefficient(
        r"\Delta C_L",
        True,
        False,
        "(sbar gamma_mu P_L b)(nubar_i gamma^mu (1 - gamma_5) nu_j), shift from the SM",
    ),
    "dC_R": Coefficient(
        r"\Delta C_R",
        True,
        False,
        "(sbar gamma_mu P_R b)(nubar_i gamma^mu (1 - gamma_5) nu_j), shift from the SM",
    ),
    "C_Lp": Coefficient(
        r"C_L^\prime",
        True,
        False,
        "(sbar gamma_mu P_L b)(nubar_i gamma^mu (1 + gamma_5) nu_j), right-handed neutrinos",
    ),
    "C_Rp": Coefficient(
        r"C_R^\prime",
        True,
        False,
        "(sbar gamma_mu P_R b)(nubar_i gamma^mu (1 + gamma_5) nu_j), right-handed neutrinos",
    ),
    "C_SL": Coefficient(
        r"C_{SL}",
        True,
        False,
        "(sbar P_L b)(nu^c_i P_L nu_j), lepton number violated; symmetric part only",
    ),
    "C_SR": Coefficient(
        r"C_{SR}",
        True,
        False,
        "(sbar P_R b)(nu^c_i P_L nu_j), lepton number violated; symmetric part only",
    ),
    "C_TL": Coefficient(
        r"C_{TL}",
        True,
        False,
        "(sbar sigma_munu P_L b)(nu^c_i sigma^munu P_L nu_j), lepton number violated; "
        "antisymmetric part only",
    ),
    **{
        f"dC_{side}_sd": Coefficient(
            rf"\Delta C_{side}(sd)",
            True,
            False,
            f"(dbar gamma_mu P_{side} s)(nubar_i gamma^mu (1 - gamma_5) nu_j), shift from the SM; "
            "as dC_L with V_td* V_ts",
        )
        for side in "LR"
    },
    "signal_strength": Coefficient(
        r"\mu",
        False,
        True,
        "multiple of the Standard Model B+ -> K+ nu nubar of the Belle II analysis, in place "
        "of every amplitude",
    ),
}

_DARK: dict[str, Coefficient] = {
    name: Coefficient(latex, False, False, text, unit) for name, latex, text, unit in dark_names()
}

_MASSES: dict[str, Coefficient] = {
    name: Coefficient(latex, False, True, text, unit)
    for name, latex, text, unit in (
        ("m_phi", r"m_\phi", "mass of the complex dark scalar", "GeV"),
        ("m_phi0", r"m_{\phi_0}", "mass of the real dark scalar", "GeV"),
        ("m_chi", r"m_\chi", "mass of the Dirac fermion, also behind a mediator", "GeV"),
        ("m_chi2", r"m_{\chi_2}", "mass of chi in chibar_1 Gamma chi_2; m_chi if absent", "GeV"),
        ("m_chi0", r"m_{\chi_0}", "mass of the Majorana fermion", "GeV"),
        ("m_X", "m_X", "mass of the complex dark vector", "GeV"),
        ("m_X0", "m_{X_0}", "mass of the real dark vector", "GeV"),
        ("m_N", "m_N", "mass of the heavy neutral lepton", "GeV"),
        ("m_N2", "m_{N^\\prime}", "mass of N' in Nbar Gamma N'; m_N if absent", "GeV"),
        ("m_1", "m_1", "mass of the single particle", "GeV"),
        ("Gamma_1", r"\Gamma_1", "total width of the single particle", "GeV"),
        ("m_med", "M", "mass of the mediator", "GeV"),
        ("Gamma_med", r"\Gamma", "total width of the mediator", "GeV"),
        (
            "ctau",
            r"c\tau",
            "proper decay length of a dark particle; from 1e15 on it is stable",
            "m",
        ),
        (
            "BR_inv",
            r"\mathcal{B}_\mathrm{inv}",
            "of a dark particle that decays, to invisible",
            "1",
        ),
        ("med_running", r"r_\Gamma", "not zero: the width of the mediator runs with q2", "1"),
    )
}

# The same of b -> d, with V_tb V_td* in N_0.
_NEUTRINOS_BD: dict[str, Coefficient] = {
    f"{name}_bd": replace(
        known,
        latex=f"{known.latex}(bd)",
        description=known.description.replace("sbar", "dbar"),
    )
    for name, known in _NEUTRINOS.items()
    if known.flavour
}

# Charged leptons with the same normalisation, alpha = alpha(m_Z): entry ij is b -> s l_i^- l_j^+.
# Shifts from the Standard Model, at m_b.
_LEPTONS: dict[str, Coefficient] = {
    name: Coefficient(latex, True, False, f"(sbar gamma_mu P_{quark} b)(lbar_i {lepton} l_j){note}")
    for name, latex, quark, lepton, note in (
        ("dC_9", r"\Delta C_9", "L", "gamma^mu", ", shift from the SM"),
        ("dC_10", r"\Delta C_{10}", "L", "gamma^mu gamma_5", ", shift from the SM"),
        ("C_9p", r"C_9^\prime", "R", "gamma^mu", ""),
        ("C_10p", r"C_{10}^\prime", "R", "gamma^mu gamma_5", ""),
    )
}

# With m_b(mu) in the operator they do not run in QCD.
_SCALARS: dict[str, Coefficient] = {
    name: Coefficient(
        latex, True, False, f"m_b (sbar P_{quark} b)(lbar_i {lepton}l_j)", unit="GeV^-1"
    )
    for name, latex, quark, lepton in (
        ("C_S", "C_S", "R", ""),
        ("C_P", "C_P", "R", "gamma_5 "),
        ("C_Sp", r"C_S^\prime", "L", ""),
        ("C_Pp", r"C_P^\prime", "L", "gamma_5 "),
    )
}

# H = -(4 G_F/sqrt 2) V_tb V_ts* e/(16 pi^2) [C_7 m_b (sbar sigma_munu P_R b) F^munu + ...] at 4.8
# GeV.
_DIPOLES: dict[str, Coefficient] = {
    name: Coefficient(latex, False, False, f"m_b (sbar sigma_munu P_{quark} b) {field}")
    for name, latex, quark, field in (
        ("dC_7", r"\Delta C_7", "R", "F^munu, shift from the SM"),
        ("C_7p", r"C_7^\prime", "L", "F^munu"),
        ("dC_8", r"\Delta C_8", "R", "G^munu, shift from the SM"),
        ("C_8p", r"C_8^\prime", "L", "G^munu"),
    )
}

# H = sum_X C_X O_X, at 4.2 GeV for b quarks and at 2 GeV for sd and cu; new physics alone.
_MIXING: dict[str, Coefficient] = {
    f"C_{name}_{pair}": Coefficient(
        rf"C_{{{name}}}^{{{pair}}}",
        False,
        False,
        text.replace("q'", pair[1]).replace("q", pair[0]) + ", shift from the SM",
        "GeV^-2",
    )
    for pair in MIXING_PAIRS
    for name, text in MIXING_OPERATORS.items()
}

# L = -(4 G_F/sqrt 2) V_cb [(delta_ij + C_VL) ... ] at m_b; entry ij has the lepton i, neutrino j.
_CHARGED_CURRENT: dict[str, Coefficient] = {
    f"C_{name}_cb": Coefficient(rf"C_{{{latex}}}^{{cb}}", True, False, text)
    for name, latex, text in (
        ("VL", "V_L", "(cbar gamma_mu P_L b)(lbar_i gamma^mu P_L nu_j), shift from the SM"),
        ("VR", "V_R", "(cbar gamma_mu P_R b)(lbar_i gamma^mu P_L nu_j)"),
        ("SL", "S_L", "(cbar P_L b)(lbar_i P_L nu_j)"),
        ("SR", "S_R", "(cbar P_R b)(lbar_i P_L nu_j)"),
        ("T", "T", "(cbar sigma_munu P_L b)(lbar_i sigma^munu P_L nu_j)"),
    )
}

_MUON: dict[str, Coefficient] = {
    "dg_V": Coefficient(
        r"\delta_V",
        True,
        False,
        "shift of the vector coupling in nu_j mu -> nu_i mu, of g_V = 1/2 + 2 sin^2 theta_W",
    ),
    "dg_A": Coefficient(
        r"\delta_A", True, False, "shift of the axial coupling in nu_j mu -> nu_i mu, of g_A = 1/2"
    ),
    "da_mu": Coefficient(
        r"\Delta a_\mu", False, True, "contribution to the anomalous magnetic moment of the muon"
    ),
}

# Annihilation, scattering and Higgs decays of the real dark scalar: L = (1/2) C (qbar q) phi^2.
_DARK_SCALAR: dict[str, Coefficient] = {
    **{
        f"phi0_S_{q}{q}": Coefficient(
            rf"C_S^{{{q}{q}}}",
            False,
            True,
            f"({q}bar {q})(phi phi), real field, L = (1/2) C O, at 2 GeV",
            "GeV^-1",
        )
        for q in "uds"
    },
    "phi0_kappa": Coefficient(
        r"\kappa", False, True, "(H+ H)(phi phi), real field, L = -(1/2) kappa O"
    ),
}

# Final states of leptoquarks that searches look for: quark and lepton.
LEPTOQUARK_DECAYS = tuple(q + lepton for q in "btc" for lepton in ("e", "mu", "tau", "nu"))

_DECAYS: dict[str, Coefficient] = {
    f"decays_{kind}": Coefficient(
        rf"\mathcal{{B}}_{{\mathrm{{{kind}}}}}",
        False,
        True,
        f"{spin} leptoquarks, one row each: mass in TeV and the branching fractions to "
        f"{', '.join(LEPTOQUARK_DECAYS)}",
        columns=1 + len(LEPTOQUARK_DECAYS),
    )
    for kind, spin in (("sLQ", "scalar"), ("vLQ", "vector"))
}

# What direct searches and perturbativity bound; a model without such a particle leaves it out.
_HEAVY: dict[str, Coefficient] = {
    name: Coefficient(latex, False, True, text, unit)
    for name, latex, text, unit in (
        ("M_sLQ", r"M_{\mathrm{sLQ}}", "mass of a scalar leptoquark", "TeV"),
        ("M_vLQ", r"M_{\mathrm{vLQ}}", "mass of a vector leptoquark", "TeV"),
        ("M_VLQ", r"M_{\mathrm{VLQ}}", "mass of the lightest vector-like quark", "TeV"),
        ("max_coupling", r"\max|\lambda|", "largest modulus of a coupling of the model", "1"),
    )
}

WILSON_NAMES: Mapping[str, Coefficient] = MappingProxyType(
    {
        **_NEUTRINOS,
        **_NEUTRINOS_BD,
        **_LEPTONS,
        **_SCALARS,
        **_DIPOLES,
        **_MIXING,
        **_CHARGED_CURRENT,
        **_MUON,
        **_DARK,
        **_MASSES,
        **_DARK_SCALAR,
        **_HEAVY,
        **_DECAYS,
    }
)
