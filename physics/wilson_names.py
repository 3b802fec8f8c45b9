"""Names of the Wilson coefficients, masses and widths: the one list for the whole package.

Explained, with the Lagrangian, in docs/wilson.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["SECTORS", "WILSON_NAMES", "Coefficient"]


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
    """

    latex: str
    flavour: bool
    real: bool
    description: str
    unit: str = "1"


# Suffix of the dark coefficients by quark transition, with the quarks q' and q of q'-bar Gamma q.
SECTORS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"": ("s", "b"), "_bd": ("d", "b"), "_cu": ("u", "c"), "_sd": ("d", "s")}
)

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
    "signal_strength": Coefficient(
        r"\mu",
        False,
        True,
        "multiple of the Standard Model B+ -> K+ nu nubar of the Belle II analysis, in place "
        "of every amplitude",
    ),
}

# Quark currents of the dark operators.
_QUARK = {
    "S": "q'bar q",
    "P": "q'bar i gamma_5 q",
    "V": "q'bar gamma_mu q",
    "A": "q'bar gamma_mu gamma_5 q",
    "T": "q'bar sigma_munu q",
    "T5": "q'bar sigma_munu gamma_5 q",
    "TL": "q'bar sigma_munu P_L q",
    "TR": "q'bar sigma_munu P_R q",
}

_FERMION = {
    "S": "{0} {1}",
    "P": "{0} i gamma_5 {1}",
    "V": "{0} gamma^mu {1}",
    "A": "{0} gamma^mu gamma_5 {1}",
    "T": "{0} sigma^munu {1}",
    "T5": "{0} sigma^munu gamma_5 {1}",
}

_VECTOR = {
    "S": ("S", "X+_mu X^mu", 1),
    "P": ("P", "X+_mu X^mu", 1),
    "T1": ("T", "(i/2)(X+^mu X^nu - X+^nu X^mu)", 1),
    "T2": ("T5", "(1/2)(X+^mu X^nu - X+^nu X^mu)", 1),
    "2": ("", "d_nu(X+^mu X^nu + X+^nu X^mu)", 2),
    "3": ("", "epsilon^munurhosigma X+_rho <->d_nu X_sigma", 2),
    "4": ("", "X+_nu i<->d^mu X^nu", 2),
    "5": ("", "i d_nu(X+^mu X^nu - X+^nu X^mu)", 2),
    "6": ("", "epsilon^munurhosigma i d_nu(X+_rho X_sigma)", 2),
    "F": ("", "X+_munu X^munu", 3),
    "Ft": ("", "X+_munu X~^munu", 3),
}

_REAL = "; real field, L = (1/2) C O"


def _scalar(kind: str, symbol: str, names: str, note: str = "") -> Iterable[tuple[str, ...]]:
    for name in names:
        current = "phi+ phi" if name in "SP" else "phi+ i<->d^mu phi"
        power = 1 if name in "SP" else 2
        yield (
            f"{kind}_{name}",
            rf"C_{name}^{{{symbol}}}",
            _product(name, current) + note,
            str(power),
        )


def _fermion(kind: str, symbol: str, names: str, note: str = "") -> Iterable[tuple[str, ...]]:
    for name in names.split():
        dark = _FERMION[name[1:]].format("chibar", "chi")
        text = _product(name[0], dark) + note
        yield f"{kind}_{name}", rf"C_{{{name}}}^{{{symbol}}}", text, "2"


def _vector(kind: str, symbol: str, names: str, note: str = "") -> Iterable[tuple[str, ...]]:
    for name in names.split():
        found = _VECTOR[name] if name in _VECTOR else _VECTOR[name[1:]]
        text = _product(found[0] or name[0], found[1]) + note
        latex = name.replace("Ft", r"\tilde F")
        yield f"{kind}_{name}", rf"C_{{{latex}}}^{{{symbol}}}", text, str(found[2])


def _neutrino_n() -> Iterable[tuple[str, ...]]:
    dark = {"L": "nubar gamma^mu P_L N", "R": "nubar P_R N"}
    for name in ("VL", "AL", "SR", "PR"):
        text = _product(name[0], dark[name[1]]) + ", one neutrino flavour"
        yield f"nuN_{name}", rf"C_{{{name}}}^{{\nu N}}", text, "2"
    text = _product("TR", "nubar sigma^munu P_R N") + ", one neutrino flavour"
    yield "nuN_TR", r"C_{TR}^{\nu N}", text, "2"


def _n_pair() -> Iterable[tuple[str, ...]]:
    for quark, gamma in (("V", "gamma^mu P_"), ("A", "gamma^mu P_"), ("S", "P_"), ("P", "P_")):
        for chirality in "LR":
            text = _product(quark, f"Nbar {gamma}{chirality} N'")
            yield f"NN_{quark}{chirality}", rf"C_{{{quark}{chirality}}}^{{NN}}", text, "2"
    for chirality in "LR":
        text = _product(f"T{chirality}", f"Nbar sigma^munu P_{chirality} N'")
        yield f"NN_T{chirality}", rf"C_{{T{chirality}}}^{{NN}}", text, "2"


def _single() -> Iterable[tuple[str, ...]]:
    yield "g_S", "g_S", "(q'bar q) phi, one particle", "0"
    yield "g_P", "g_P", "(q'bar i gamma_5 q) phi, one particle", "0"
    yield "k_V", "k_V", "(q'bar gamma^mu q) d_mu a, one axion-like particle", "1"
    yield "k_A", "k_A", "(q'bar gamma^mu gamma_5 q) d_mu a, one axion-like particle", "1"
    yield "g_V", "g_V", "(q'bar gamma^mu q) V_mu, one vector", "0"
    yield "g_A", "g_A", "(q'bar gamma^mu gamma_5 q) V_mu, one vector", "0"
    yield "d_T", "d_T", "(q'bar sigma^munu q) V_munu, one vector", "1"
    yield "d_T5", "d_{T5}", "(q'bar sigma^munu gamma_5 q) V_munu, one vector", "1"


def _mediator() -> Iterable[tuple[str, ...]]:
    for name in ("SS", "SP", "PS", "PP", "VV", "VA", "AV", "AA"):
        dark = _FERMION[name[1]].format("chibar", "chi")
        text = f"product of couplings of a mediator to {_QUARK[name[0]]} and to {dark}"
        yield f"med_{name}", rf"(g_{name[0]}g^\chi_{name[1]})", text, "0"
    for name in ("DVS", "DVP", "DAS", "DAP"):
        quark = _QUARK[name[1]].replace("_mu", "^mu", 1)
        dark = _FERMION[name[2]].format("chibar", "chi")
        text = f"product of couplings of a mediator a to ({quark}) d_mu a and to {dark}"
        yield f"med_{name}", rf"(k_{name[1]}g^\chi_{name[2]})", text, "1"


def _product(quark: str, dark: str) -> str:
    return f"({_QUARK[quark]})({dark})"


def _dark() -> dict[str, Coefficient]:
    """Coefficients of the dark sectors for every pair of quarks."""
    even = "S P V2 V3 A2 A3 SF PF SFt PFt"
    rows = (
        *_scalar("phi", r"\phi", "SPVA"),
        *_scalar("phi0", r"\phi_0", "SP", _REAL),
        *_fermion("chi", r"\chi", "SS SP PS PP VV VA AV AA TT TT5", ", Dirac"),
        *_fermion("chi0", r"\chi_0", "SS SP PS PP VA AA", ", Majorana, L = (1/2) C O"),
        *_vector("X", "X", "S P T1 T2 V2 V3 V4 V5 V6 A2 A3 A4 A5 A6 SF PF SFt PFt"),
        *_vector("X0", "X_0", even, _REAL),
        *_neutrino_n(),
        *_n_pair(),
        *_single(),
        *_mediator(),
    )
    return {
        f"{name}{suffix}": Coefficient(
            latex if not suffix else rf"{latex}({suffix[1:]})",
            False,
            False,
            text.replace("q'", light).replace(" q)", f" {heavy})").replace(" q ", f" {heavy} "),
            {"0": "1", "1": "GeV^-1"}.get(power, f"GeV^-{power}"),
        )
        for suffix, (light, heavy) in SECTORS.items()
        for name, latex, text, power in rows
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
        ("m_med", "M", "mass of the mediator", "GeV"),
        ("Gamma_med", r"\Gamma", "total width of the mediator", "GeV"),
        ("med_running", r"r_\Gamma", "not zero: the width of the mediator runs with q2", "1"),
    )
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
    for pair in ("bs", "bd", "sd", "cu")
    for name, text in (
        ("VLL", "(q'bar gamma_mu P_L q)^2"),
        ("VRR", "(q'bar gamma_mu P_R q)^2"),
        ("VLR", "(q'bar gamma_mu P_L q)(q'bar gamma^mu P_R q)"),
        ("SLL", "(q'bar P_L q)^2"),
        ("SRR", "(q'bar P_R q)^2"),
        ("SLR", "(q'bar P_L q)(q'bar P_R q)"),
    )
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
        **_LEPTONS,
        **_DIPOLES,
        **_MIXING,
        **_CHARGED_CURRENT,
        **_MUON,
        **_dark(),
        **_MASSES,
        **_DARK_SCALAR,
        **_HEAVY,
    }
)
