"""Λ_b → Λ, b → s, b → d and massless limits against numbers of an independent brute-force code.

Closed forms there agree with explicit spinors and polarisation vectors at 1e-12; Λ_b → Λνν̄ with
EOS 1.0.21 at 2e-15, b → dνν̄ with flavio 2.7.1.
"""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from bsinv.data.form_factors import form_factor_set
from bsinv.physics.ckm import lambda_td
from bsinv.physics.form_factors import FormFactors
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.final_states.states import dark_terms, sm_coefficient
from bsinv.physics.invisible.inclusive.qcd import qcd_factor, total_qcd_factor
from bsinv.physics.invisible.rates import branching_fraction, differential_branching_fraction
from bsinv.physics.invisible.tau_pole import tau_pole_binned
from bsinv.physics.invisible.vacuum import vacuum_width
from bsinv.physics.invisible.widths import binned_width, differential_width
from bsinv.physics.observables import observable
from bsinv.physics.transitions import transition
from bsinv.physics.wilson import Wilson

GOLDEN = json.loads(Path(__file__).with_name("golden_inclusive_baryons.json").read_text())
ALL = (0.0, np.inf)
SYSTEMS = {
    "complex scalar": ("phi_", "m_phi"),
    "Dirac chi": ("chi_", "m_chi"),
    "complex vector X": ("X_", "m_X"),
    "nubar g^mu P_L N": ("nuN_", "m_N"),
    "psi1bar Gamma psi2": ("chi_", "m_chi"),
}
QUARKS = re.compile(r"(b->s|Lambdab->Lambda) (?!form)(.+)")
FORM_FACTOR_NAMES = {"plus": "+", "perp": "perp", "0": "0"}
SETS = {
    "nominal": "LambdabtoLambda_DM2016_nominal",
    "higher_order": "LambdabtoLambda_DM2016_higher_order",
}


TESTED = set()


def starting(*names):
    found = [entry for entry in GOLDEN if entry["name"].startswith(names)]
    assert found
    TESTED.update(entry["id"] for entry in found)
    return found


def filter_of(pattern):
    found = [entry for entry in GOLDEN if pattern.match(entry["name"])]
    assert found
    return found


def by_id(entry):
    return entry["id"]


def of_quarks(entry):
    match = QUARKS.match(entry["name"])
    return match and ("m" in entry["inputs"] or "m1" in entry["inputs"])


def inputs_of(entry):
    given = entry["inputs"]
    constants = {"X_t": 0.0}
    if "m_b_eom" in given:
        constants |= {"m_b_1S": given["m_b"], "m_s_Xs": given["m_s"]}
    else:
        constants |= {name: given[name] for name in ("m_b", "m_s", "m_Lambdab", "m_Lambda")}
    return Inputs.default().replace(constants=constants)


def operator_name(prefix, operator):
    """Name here of an operator such as VxV4, quark times dark current."""
    quark, _, dark = operator.partition("x")
    if prefix in ("phi_", "X_"):
        return quark + {"S": "", "V": "", "FF": "F", "FFt": "Ft"}.get(dark, dark[1:])
    return quark + dark


def wilson_of(entry, system):
    given = entry["inputs"]
    if "one particle" in system:
        couplings = {name: given[name] for name in given if re.match(r"[gkd]_[A-Z]", name)}
        assert couplings
        return {**couplings, "m_1": given["m"]}
    prefix, mass = next(value for end, value in SYSTEMS.items() if end in system)
    operators = next(system.split(f" {end}")[0] for end in SYSTEMS if end in system)
    values = {prefix + operator_name(prefix, one): 1.0 for one in operators.split(" + ")}
    if "m" in given:
        return {**values, mass: given["m"]}
    if prefix == "nuN_":
        return {**values, mass: given["m2"]}
    return {**values, "m_chi": given["m1"], "m_chi2": given["m2"]}


@pytest.mark.parametrize("entry", list(filter(of_quarks, GOLDEN)), ids=by_id)
def test_dark_rates(entry):
    transition, system = QUARKS.match(entry["name"]).groups()
    inputs, values = inputs_of(entry), wilson_of(entry, system)
    batch = Wilson({key: np.full(2, value) for key, value in values.items()})
    for wilson in (Wilson(values), batch):
        terms = dark_terms(wilson, inputs)
        width = binned_width(transition, terms, inputs, ALL)[:, 0]
        expected = entry["value"]
        total = expected["Gamma"] if isinstance(expected, dict) else expected
        np.testing.assert_allclose(width, total, rtol=entry["rtol"])
        if not isinstance(expected, dict):
            continue
        points = np.array([float(q2) for q2 in expected["dGamma_dq2"]])
        spectrum = differential_width(transition, terms, inputs, points)
        wanted = np.array(list(expected["dGamma_dq2"].values()))
        np.testing.assert_allclose(spectrum[0], wanted, rtol=entry["rtol"])


@pytest.mark.parametrize("entry", starting("Lambdab->Lambda form factors"), ids=by_id)
def test_form_factors_of_baryons(entry):
    found = FormFactors.of(form_factor_set(SETS[entry["inputs"]["set"]]))
    for name, expected in entry["value"].items():
        letter, kind = re.match(r"(f|gt?|ht?)(plus|perp|0)$", name).groups()
        key = letter + FORM_FACTOR_NAMES[kind]
        value = found.value(key, np.array([entry["inputs"]["q2"]]))[0, 0]
        assert value == pytest.approx(expected, rel=entry["rtol"])


@pytest.mark.parametrize("entry", starting("B->pi form", "B->rho form"), ids=by_id)
def test_form_factors_of_b_to_d(entry):
    found = FormFactors.of(form_factor_set(entry["inputs"]["set"]))
    for name, expected in entry["value"].items():
        value = found.value(name, np.array([entry["inputs"]["q2"]]))[0, 0]
        assert value == pytest.approx(expected, rel=entry["rtol"])


def standard_model(entry):
    """Inputs of an entry with neutrinos, but for |V_tb V_td*|, which is no constant."""
    given = entry["inputs"]
    names = {"sin2thetaW": "sin2_theta_W", "lambda_t": "VtbVts"}
    wanted = ("G_F", "alpha_inv", "X_t", "sin2thetaW", "lambda_t", "hbar")
    return {names.get(name, name): given[name] for name in wanted}


def neutrinos(entry):
    """C_L, C_R of an entry, equal for the three flavours; the first includes the SM."""
    left, right = (complex(*entry["inputs"][name]) for name in ("C_L", "C_R"))
    standard = sm_coefficient(Inputs.default())[0]
    return Wilson({"dC_L": (left - standard) * np.eye(3), "dC_R": right * np.eye(3)})


def baryon_inputs(entry):
    constants = standard_model(entry) | {"tau_Lambdab": entry["inputs"]["tau_ps"]}
    names = ("m_b", "m_s", "m_Lambdab", "m_Lambda")
    constants |= {name: entry["inputs"][name] for name in names}
    return Inputs.default().replace(constants=constants)


@pytest.mark.parametrize("entry", starting("BR(Lambdab"), ids=by_id)
def test_baryons_and_neutrinos(entry):
    inputs, wilson = baryon_inputs(entry), neutrinos(entry)
    total = branching_fraction("Lambdab->Lambda", wilson, inputs)[0]
    assert total == pytest.approx(entry["value"]["BR"], rel=entry["rtol"])
    points = np.array([float(q2) for q2 in entry["value"]["dBR_dq2"]])
    spectrum = differential_branching_fraction("Lambdab->Lambda", wilson, inputs, points)[0]
    wanted = list(entry["value"]["dBR_dq2"].values())
    np.testing.assert_allclose(spectrum, wanted, rtol=entry["rtol"])


@pytest.mark.parametrize("entry", starting("F_L(Lambdab"), ids=by_id)
def test_longitudinal_fraction_of_baryons(entry):
    name = entry["name"].removeprefix("F_L")
    rate = next(one for one in GOLDEN if one["name"] == f"BR{name}")
    found = observable("FL(Lambdab->Lambdanunu)")(
        neutrinos(rate), baryon_inputs(rate), q2=np.array(entry["inputs"]["q2"])
    )
    np.testing.assert_allclose(found[0], entry["value"], rtol=entry["rtol"])


def quark_inputs(entry):
    given = entry["inputs"]
    constants = standard_model(entry) | {"m_b_1S": given["m_b"], "m_s_Xs": given["m_s"]}
    return Inputs.default().replace(constants=constants)


@pytest.mark.parametrize("entry", starting("Gamma(b->s nunu)"), ids=by_id)
def test_quarks_and_neutrinos(entry):
    inputs = quark_inputs(entry)
    width = binned_width("b->s", dark_terms(Wilson(), inputs), inputs, ALL)[0, 0]
    assert width == pytest.approx(entry["value"], rel=entry["rtol"])


QUARK_SPECTRUM = starting("dGamma/dq2(b->s nunu)")[0]


def test_spectrum_of_quarks_and_neutrinos():
    entry = QUARK_SPECTRUM
    inputs = quark_inputs(entry)
    wilson = Wilson({"dC_R": complex(*entry["inputs"]["C_R"]) * np.eye(3)})
    terms = dark_terms(wilson, inputs)
    spectrum = differential_width("b->s", terms, inputs, [5.0, 10.0, 16.0])[0]
    np.testing.assert_allclose(spectrum, entry["value"], rtol=entry["rtol"])


@pytest.mark.parametrize("entry", starting("L-R coefficient"), ids=by_id)
def test_interference_of_chiralities(entry):
    """Γ ∝ I (|C_L|² + |C_R|²) − ρ_LR I Re C_L C_R* with the phase space I, 1/2 for m_s = 0."""
    ratio, m_b = entry["inputs"]["ms_over_mb"], 4.65
    inputs = Inputs.default().replace(constants={"m_b_1S": m_b, "m_s_Xs": ratio * m_b})

    def width(right):
        values = Wilson({"dC_R": right * sm_coefficient(inputs)[0] * np.eye(3)})
        return binned_width("b->s", dark_terms(values, inputs), inputs, ALL)[0, 0]

    alone, plus, minus = width(0.0), width(1.0), width(-1.0)
    massless = inputs.replace(constants={"m_s_Xs": 0.0})
    full = binned_width("b->s", dark_terms(Wilson(), massless), massless, ALL)[0, 0]
    found = [(minus - plus) / (2.0 * alone), 0.5 * alone / full]
    np.testing.assert_allclose(found, entry["value"], rtol=entry["rtol"], atol=1e-12)


LOCAL, TOTAL = starting("QCD factor", "kappa(0)")


def test_qcd_correction():
    local, total = LOCAL, TOTAL
    found = qcd_factor([0.01, 0.2, 0.5, 0.8], local["inputs"]["alpha_s"])
    np.testing.assert_allclose(found, local["value"], rtol=local["rtol"])
    found = total_qcd_factor(total["inputs"]["alpha_s"])
    assert found == pytest.approx(total["value"], rel=total["rtol"])
    # The total is the mean over the spectrum, whose integral is 1.
    nodes, weights = np.polynomial.legendre.leggauss(400)
    y, weight = 0.5 * (nodes + 1.0), 0.5 * weights
    spectrum = 2.0 * (1.0 - y) ** 2 * (1.0 + 2.0 * y)
    mean = np.sum(weight * spectrum * qcd_factor(y, 0.22))
    assert mean == pytest.approx(found, abs=1e-6)


SEMILEPTONIC = starting("BR(B->X_s nunu) SM normalised")[0]


def test_normalisation_to_semileptonic_decays():
    """B(X_c l nu) (alpha/2 pi)^2 |V_tb V_ts*/V_cb|^2 3 C_SM^2/C; the default is another one."""
    entry = SEMILEPTONIC
    given = entry["inputs"]
    standard = sm_coefficient(Inputs.default().replace(constants={"X_t": 1.469}))[0]
    assert standard == pytest.approx(given["C_SM"], rel=1e-12)
    mean = given["BR_sl"] * (given["lambda_t"] / given["Vcb"]) ** 2 * 3.0 * standard**2 / given["C"]
    mean *= (1.0 / (2.0 * np.pi * given["alpha_inv"])) ** 2
    lifetimes = np.array([given["tau0"], given["tauP"]])
    found = mean * np.array([1.0, *(lifetimes / lifetimes.mean())])
    np.testing.assert_allclose(found, entry["value"], rtol=entry["rtol"])
    # 1411.6560 against the value of 2026 in use: 3 %, within the errors of both.
    names = ("BR(B->X_snunu)", "BR(B0->X_snunu)", "BR(B+->X_snunu)")
    used = [observable(name)(Wilson(), Inputs.default())[0] for name in names]
    np.testing.assert_allclose(used, found, rtol=0.035)


B_TO_D = {
    "BR(B+->pi+ nunu)": "B+->pi+",
    "BR(B+->pi+ GKvD nunu)": "B+->pi+",
    "BR(B0->pi0 nunu)": "B0->pi0",
    "BR(B+->rho+ nunu)": "B+->rho+",
    "BR(B0->rho0 nunu)": "B0->rho0",
    "BR(B0->omega nunu)": "B0->omega",
    "BR(Bs->K*0 nunu)": "Bs->K*0",
}


@pytest.mark.parametrize("entry", starting(*B_TO_D), ids=by_id)
def test_b_to_d_and_neutrinos(entry):
    given = entry["inputs"]
    name = B_TO_D[entry["name"].removesuffix(" SM short distance")]
    known = transition(name)
    assert known.factor == given["factor"]
    masses = {known.parent_mass: given["m_parent"], known.meson_mass: given["m_meson"]}
    constants = standard_model(entry) | masses | {known.lifetime: given["tau_ps"]}
    constants["VtbVts"] = 0.041
    inputs = Inputs.default({known.form_factors: given["set"]}).replace(constants=constants)
    # |V_tb V_td*| follows from other constants: its square is scaled to that of the entry.
    scale = (given["lambda_t"] / np.abs(lambda_td(inputs)[0])) ** 2
    total = scale * branching_fraction(name, Wilson(), inputs)[0]
    assert total == pytest.approx(entry["value"]["BR"], rel=entry["rtol"])
    points = np.array([float(q2) for q2 in entry["value"]["dBR_dq2"]])
    spectrum = scale * differential_branching_fraction(name, Wilson(), inputs, points)[0]
    wanted = list(entry["value"]["dBR_dq2"].values())
    np.testing.assert_allclose(spectrum, wanted, rtol=entry["rtol"])


TAU_POLE = starting("tau pole BR(B+->pi+")[0]


def test_tau_pole_of_the_pion():
    entry = TAU_POLE
    given = entry["inputs"]
    names = {"f_B": "f_B", "V_ub": "Vub", "f_pi": "f_pi", "V_ud": "Vud"}
    constants = {names[key]: given[key] for key in names}
    constants |= {"tau_tau": 1e-15 * given["tau_tau_fs"], "tau_Bplus": 1.638, "m_Bplus": 5.27941}
    inputs = Inputs.default().replace(constants=constants)
    found = tau_pole_binned("B+->pi+", inputs, ALL)[0, 0]
    assert found == pytest.approx(entry["value"][2], rel=entry["rtol"])


# Limits of massless particles and of narrow mediators; inputs of golden_neutrinos.json.
SINGLE = re.compile(r"Gamma\((B\S+)->(\S+) (a|phi|gamma_D)\), ([gkd]_\w)=1")
starting("Gamma(B+->K+ a)", "Gamma(B+->K+ phi)", "Gamma(B0->K*0 ", "Gamma(B+->K+ gamma_D)")


@pytest.mark.parametrize("entry", filter_of(SINGLE), ids=by_id)
def test_massless_particles(entry, golden_inputs):
    parent, meson, _, coupling = SINGLE.match(entry["name"]).groups()
    inputs = golden_inputs.replace(constants={"X_t": 0.0})
    for name in (coupling, "d_T5") if coupling == "d_T" else (coupling,):
        terms = dark_terms(Wilson({name: 1.0, "m_1": 0.0}), inputs)
        width = binned_width(f"{parent}->{meson}", terms, inputs, ALL)[0, 0]
        assert width == pytest.approx(entry["value"], rel=max(entry["rtol"], 1e-9), abs=1e-300)


DEFAULTS = re.compile(r"BR\((B\S+)->(\S+) \S+\).*m=0, ([gkd]_\w)=1e-8")
starting("BR(B+->K+ a)", "BR(B0->K*0 ")


@pytest.mark.parametrize("entry", filter_of(DEFAULTS), ids=by_id)
def test_massless_particles_with_the_default_inputs(entry):
    parent, meson, coupling = DEFAULTS.match(entry["name"]).groups()
    given = entry["inputs"]
    lifetime = "tau_Bplus" if parent == "B+" else "tau_B0"
    constants = {"X_t": 0.0, lifetime: given["tau_ps"]}
    if "m_Kstar0" in given:
        constants["m_Kstar0"] = given["m_Kstar0"]
    inputs = Inputs.default().replace(constants=constants)
    found = branching_fraction(f"{parent}->{meson}", Wilson({coupling: 1e-8, "m_1": 0.0}), inputs)
    assert found[0] == pytest.approx(entry["value"], rel=entry["rtol"])


def mediator(entry, operator):
    given = entry["inputs"]
    values = {"m_med": given["M"], "Gamma_med": given["Gamma"], "m_chi": given["m_chi"]}
    return Wilson({f"med_{operator}": 1.0, **values})


@pytest.mark.parametrize(
    "entry", starting("Gamma(B+->K+ chi chi)", "dGamma/dq2 at q2=10"), ids=by_id
)
def test_scalar_mediators(entry, golden_inputs):
    inputs = golden_inputs.replace(constants={"X_t": 0.0})
    terms = dark_terms(mediator(entry, "SS"), inputs)

    def width(low, high):
        return binned_width("B+->K+", terms, inputs, [low, high])[0, 0]

    if entry["name"].startswith("dGamma"):
        height = differential_width("B+->K+", terms, inputs, [10.0])[0, 0]
        found = [height, width(10.0, 15.0)]
        np.testing.assert_allclose(found, entry["value"], rtol=entry["rtol"])
        return
    # Of two numbers the second is the narrow-width approximation.
    expected = np.ravel(entry["value"])[0]
    assert width(*ALL) == pytest.approx(expected, rel=entry["rtol"])


@pytest.mark.parametrize("entry", starting("Gamma(Bs->chi chi)"), ids=by_id)
def test_mediators_in_the_vacuum(entry, golden_inputs):
    constants = {"m_Bs": 5.36693, "f_Bs": 0.2303, "X_t": 0.0}
    inputs = golden_inputs.replace(constants=constants)
    width = vacuum_width("Bs", dark_terms(mediator(entry, "PP"), inputs), inputs)[0]
    assert width == pytest.approx(entry["value"], rel=entry["rtol"])


def test_every_entry_has_a_test():
    dark = {entry["id"] for entry in GOLDEN if of_quarks(entry)}
    assert len(GOLDEN) == 225
    assert not dark & TESTED
    assert {entry["id"] for entry in GOLDEN} == dark | TESTED
