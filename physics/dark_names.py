"""Names of the coefficients of dark sectors: operators of two quarks and one or two particles.

Explained, with the Lagrangian, in docs/physics/wilson.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

__all__ = ["SECTORS", "dark_names"]

# Suffix of the dark coefficients by quark transition, with the quarks q' and q of q'-bar Gamma q.
SECTORS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"": ("s", "b"), "_bd": ("d", "b"), "_cu": ("u", "c"), "_sd": ("d", "s")}
)

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
_REAL_MEDIATED = "; real field, (1/2) of it in L"


def dark_names() -> Iterator[tuple[str, str, str, str]]:
    """Coefficients of the dark sectors for every pair of quarks.

    Yields
    ------
    name, latex, description, unit
    """
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
        *_scalar_mediator(),
    )
    for suffix, (light, heavy) in SECTORS.items():
        for name, latex, text, power in rows:
            symbol = rf"{latex}({suffix[1:]})" if suffix else latex
            own = (
                text.replace("q'", light).replace(" q)", f" {heavy})").replace(" q ", f" {heavy} ")
            )
            unit = {"-1": "GeV", "0": "1", "1": "GeV^-1"}.get(power, f"GeV^-{power}")
            yield f"{name}{suffix}", symbol, own, unit


def _scalar(kind: str, symbol: str, names: str, note: str = "") -> Iterator[tuple[str, ...]]:
    for name in names:
        current = "phi+ phi" if name in "SP" else "phi+ i<->d^mu phi"
        power = 1 if name in "SP" else 2
        yield (
            f"{kind}_{name}",
            rf"C_{name}^{{{symbol}}}",
            _product(name, current) + note,
            str(power),
        )


def _fermion(kind: str, symbol: str, names: str, note: str = "") -> Iterator[tuple[str, ...]]:
    for name in names.split():
        dark = _FERMION[name[1:]].format("chibar", "chi")
        text = _product(name[0], dark) + note
        yield f"{kind}_{name}", rf"C_{{{name}}}^{{{symbol}}}", text, "2"


def _vector(kind: str, symbol: str, names: str, note: str = "") -> Iterator[tuple[str, ...]]:
    for name in names.split():
        found = _VECTOR[name] if name in _VECTOR else _VECTOR[name[1:]]
        text = _product(found[0] or name[0], found[1]) + note
        latex = name.replace("Ft", r"\tilde F")
        yield f"{kind}_{name}", rf"C_{{{latex}}}^{{{symbol}}}", text, str(found[2])


def _neutrino_n() -> Iterator[tuple[str, ...]]:
    dark = {"L": "nubar gamma^mu P_L N", "R": "nubar P_R N"}
    for name in ("VL", "AL", "SR", "PR"):
        text = _product(name[0], dark[name[1]]) + ", one neutrino flavour"
        yield f"nuN_{name}", rf"C_{{{name}}}^{{\nu N}}", text, "2"
    text = _product("TR", "nubar sigma^munu P_R N") + ", one neutrino flavour"
    yield "nuN_TR", r"C_{TR}^{\nu N}", text, "2"


def _n_pair() -> Iterator[tuple[str, ...]]:
    for quark, gamma in (("V", "gamma^mu P_"), ("A", "gamma^mu P_"), ("S", "P_"), ("P", "P_")):
        for chirality in "LR":
            text = _product(quark, f"Nbar {gamma}{chirality} N'")
            yield f"NN_{quark}{chirality}", rf"C_{{{quark}{chirality}}}^{{NN}}", text, "2"
    for chirality in "LR":
        text = _product(f"T{chirality}", f"Nbar sigma^munu P_{chirality} N'")
        yield f"NN_T{chirality}", rf"C_{{T{chirality}}}^{{NN}}", text, "2"


def _single() -> Iterator[tuple[str, ...]]:
    yield "g_S", "g_S", "(q'bar q) phi, one particle", "0"
    yield "g_P", "g_P", "(q'bar i gamma_5 q) phi, one particle", "0"
    yield "k_V", "k_V", "(q'bar gamma^mu q) d_mu a, one axion-like particle", "1"
    yield "k_A", "k_A", "(q'bar gamma^mu gamma_5 q) d_mu a, one axion-like particle", "1"
    yield "g_V", "g_V", "(q'bar gamma^mu q) V_mu, one vector", "0"
    yield "g_A", "g_A", "(q'bar gamma^mu gamma_5 q) V_mu, one vector", "0"
    yield "d_T", "d_T", "(q'bar sigma^munu q) V_munu, one vector", "1"
    yield "d_T5", "d_{T5}", "(q'bar sigma^munu gamma_5 q) V_munu, one vector", "1"


def _mediator() -> Iterator[tuple[str, ...]]:
    for kind, symbol, note in (("med", r"\chi", ""), ("medchi0", r"{\chi_0}", _REAL_MEDIATED)):
        for name in ("SS", "SP", "PS", "PP", "VV", "VA", "AV", "AA"):
            if kind == "med" or not name.endswith("V"):
                dark = _FERMION[name[1]].format("chibar", "chi")
                text = f"product of couplings of a mediator to {_QUARK[name[0]]} and to {dark}"
                latex = rf"(g_{name[0]}g^{symbol}_{name[1]})"
                yield f"{kind}_{name}", latex, text + note, "0"
        for name in ("DVS", "DVP", "DAS", "DAP"):
            quark = _QUARK[name[1]].replace("_mu", "^mu", 1)
            dark = _FERMION[name[2]].format("chibar", "chi")
            text = f"product of couplings of a mediator a to ({quark}) d_mu a and to {dark}"
            yield f"{kind}_{name}", rf"(k_{name[1]}g^{symbol}_{name[2]})", text + note, "1"


def _scalar_mediator() -> Iterator[tuple[str, ...]]:
    """Products with mu of L = mu S phi+ phi, GeV, or with a gauge coupling."""
    for kind, symbol, pair, note in (
        ("medphi", r"\phi", "phi+ phi", ""),
        ("medphi0", r"\phi_0", "phi phi", _REAL_MEDIATED),
    ):
        for name in "SP":
            text = f"product of couplings of a mediator to {_QUARK[name]} and to {pair}"
            yield f"{kind}_{name}", rf"(g_{name}\mu^{{{symbol}}})", text + note, "-1"
        for name in "VA":
            quark = _QUARK[name].replace("_mu", "^mu", 1)
            text = f"product of couplings of a mediator a to ({quark}) d_mu a and to {pair}"
            yield f"{kind}_D{name}", rf"(k_{name}\mu^{{{symbol}}})", text + note, "0"
    for name in "VA":
        text = f"product of couplings of a mediator to {_QUARK[name]} and to phi+ i<->d^mu phi"
        yield f"medphi_{name}", rf"(g_{name}g^\phi)", text, "0"


def _product(quark: str, dark: str) -> str:
    return f"({_QUARK[quark]})({dark})"
