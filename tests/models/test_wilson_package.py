"""Against the package wilson, where it is installed."""

import json
from pathlib import Path

import numpy as np
import pytest
from bsinv.models import model
from bsinv.models.matching import b_to_d, b_to_s, charged_current, running_factors
from bsinv.models.running import delta_f2_between
from bsinv.models.wcxf.low_energy import wcxf_from_wilson, wilson_from_wcxf
from bsinv.models.wcxf.warsaw import SMEFT_WCXF_NAMES, parameters_from_smeft_wcxf
from bsinv.physics.wcxf_names import WCXF_COEFFICIENTS
from bsinv.physics.wilson import Wilson

GOLDEN = json.loads(Path(__file__).with_name("golden_matching.json").read_text())["wilson"]

wilson = pytest.importorskip("wilson")
wcxf = pytest.importorskip("wilson.wcxf")
pytestmark = pytest.mark.filterwarnings("ignore")


def numbers(values):
    return {n: complex(v["Re"], v["Im"]) if isinstance(v, dict) else v for n, v in values.items()}


def ours(document, running):
    """Values in WCxf from SMEFT coefficients, with the constants of wilson."""
    smeft = model("smeft")
    values = parameters_from_smeft_wcxf(document)
    arrays = smeft.coefficients(smeft.complete(values))
    ckm = np.array(GOLDEN["ckm"]) @ [1.0, 1j]
    factor = np.array([ckm[2, 2] * ckm[2, 1].conj()])
    norm = np.pi * GOLDEN["alpha_inv"] / (np.sqrt(2.0) * GOLDEN["G_F"] * factor)
    vev = np.array([(np.sqrt(2.0) * GOLDEN["G_F"]) ** -0.5])
    factors = None
    if running:
        factors = running_factors(tuple(arrays), np.array([values["Lambda"]]))
    found = b_to_s(arrays, norm, factors, factor)
    found["C_VL_cb"] = charged_current(arrays, ckm[None], vev, factors)
    return numbers(wcxf_from_wilson(Wilson(found))["values"])


def document(values, scale):
    given = {n: {"Re": v.real, "Im": v.imag} for n, v in values.items()}
    return {"eft": "SMEFT", "basis": "Warsaw", "scale": scale, "values": given}


def test_names_exist():
    flavio = set(wcxf.Basis["WET", "flavio"].all_wcs)
    assert set(WCXF_COEFFICIENTS) <= flavio
    assert set(SMEFT_WCXF_NAMES) <= set(wcxf.Basis["SMEFT", "Warsaw"].all_wcs)


def test_matching():
    rng = np.random.default_rng(11)
    values = {
        name: 1e-8
        * complex(rng.normal(), 0.0 if name in ("lq1_3333", "lq3_3333") else rng.normal())
        for name in SMEFT_WCXF_NAMES
        # Those make real coefficients only.
        if not name.endswith(("1133", "2233"))
    }
    start = wilson.Wilson(values, scale=91.1876, eft="SMEFT", basis="Warsaw")
    expected = start.match_run(scale=91.1876, eft="WET", basis="flavio").dict
    for name, value in ours(document(values, 91.1876), running=False).items():
        assert value == pytest.approx(expected.get(name, 0.0), rel=1e-9, abs=1e-9), name


def test_running():
    # Leptons conserve flavour: otherwise wilson rotates the leptons by phases on the way.
    rng = np.random.default_rng(12)
    names = ("lq1_3323", "lq1_2223", "lq3_3323", "lq3_3313", "ld_3323", "ld_1123", "qe_2333")
    values = {
        name: 1e-8 * complex(rng.normal(), rng.normal()) for name in (*names, "ed_3323", "ed_2223")
    }
    values |= {"lq3_3333": 5e-8, "lq1_3333": -3e-8}
    start = wilson.Wilson(values, scale=1700.0, eft="SMEFT", basis="Warsaw")
    expected = start.match_run(scale=4.8, eft="WET", basis="flavio").dict
    for name, value in ours(document(values, 1700.0), running=True).items():
        if abs(value) > 1e-12:
            # 2e-3 of coefficients of size 6: what mixes by less than a per mille is left out.
            assert value == pytest.approx(expected.get(name, 0.0), rel=2e-3, abs=0.02), name


def test_running_of_a_flavour_violating_coefficient():
    values = {"lq1_2323": 1e-8 + 2e-8j, "ld_2323": -1e-8}
    start = wilson.Wilson(values, scale=2500.0, eft="SMEFT", basis="Warsaw")
    expected = start.match_run(scale=4.8, eft="WET", basis="flavio").dict
    for name, value in ours(document(values, 2500.0), running=True).items():
        if abs(value) > 1e-3:
            assert abs(value) == pytest.approx(abs(expected[name]), rel=1e-3), name


def test_b_to_d_neutrinos():
    """Matched and run with quarks [13], and [33] turned into [13] by the top quark."""
    names = ("lq1_1113", "lq1_3313", "lq3_2213", "lq3_3313", "ld_3313", "ld_1113")
    rng = np.random.default_rng(13)
    values = {name: 1e-8 * complex(rng.normal(), rng.normal()) for name in names}
    values |= {"lq3_3333": 5e-8, "lq1_3333": -3e-8}
    start = wilson.Wilson(values, scale=1700.0, eft="SMEFT", basis="Warsaw")
    expected = start.match_run(scale=4.8, eft="WET", basis="flavio").dict
    smeft = model("smeft")
    parameters = parameters_from_smeft_wcxf(document(values, 1700.0))
    arrays = smeft.coefficients(smeft.complete(parameters))
    ckm = np.array(GOLDEN["ckm"]) @ [1.0, 1j]
    factor = np.array([ckm[2, 2] * ckm[2, 0].conj()])
    norm = np.pi * GOLDEN["alpha_inv"] / (np.sqrt(2.0) * GOLDEN["G_F"] * factor)
    factors = running_factors(tuple(arrays), np.array([parameters["Lambda"]]))
    found = b_to_d(arrays, norm, factors, factor)
    assert set(found) == {"dC_L_bd", "dC_R_bd"}
    for key, name in (("dC_L_bd", "CL"), ("dC_R_bd", "CR")):
        for i, flavour in enumerate(("e", "mu", "tau")):
            value = found[key][0, i, i]
            other = expected.get(f"{name}_bdnu{flavour}nu{flavour}", 0.0)
            assert value == pytest.approx(other, rel=3e-3, abs=0.1), (key, flavour)


def test_mixing_between_low_scales():
    values = {"CVLL_bsbs": 1e-12, "CVLR_bsbs": 2e-12, "CSLR_bsbs": -1e-12, "CSLL_bsbs": 3e-12}
    start = wilson.Wilson(values, scale=4.8, eft="WET", basis="flavio")
    expected = start.match_run(scale=4.2, eft="WET", basis="flavio").dict
    given = {"eft": "WET", "basis": "flavio", "scale": 4.8, "values": values}
    exported = numbers(wcxf_from_wilson(wilson_from_wcxf(given), scale=4.2)["values"])
    for name in values:
        assert exported[name] == pytest.approx(expected[name], rel=2e-3), name
    assert delta_f2_between(4.8, 4.2)["SLR"] > 1.0
