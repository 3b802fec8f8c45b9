import json
from pathlib import Path

import numpy as np
import pytest
from bsinv.errors import PredictionError, UnknownNameError
from bsinv.models import model
from bsinv.models.matching import (
    SMEFT_NAMES,
    b_to_s,
    charged_current,
    higgs_vev,
    low_energy,
    normalisation,
    running_factors,
)
from bsinv.models.wcxf.low_energy import wcxf_from_wilson
from bsinv.models.wcxf.warsaw import parameters_from_smeft_wcxf
from bsinv.physics.ckm import ckm_matrix, lambda_t
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.final_states.states import sm_coefficient
from bsinv.physics.wilson import Wilson

GOLDEN = json.loads(Path(__file__).with_name("golden_matching.json").read_text())
ENTRIES = GOLDEN["entries"]
INPUTS = Inputs.default()
REAL = Inputs.default().replace(
    constants={"G_F": 1.1663788e-05, "alpha_inv": 127.951, "VtbVts": 0.041}
)
TAU = (0, 2, 2)


def one(value, place=(2, 2, 1)):
    array = np.zeros((1, 3, 3, 3), dtype=complex)
    array[0][place] = value
    return array


def random(n, seed=0, names=SMEFT_NAMES):
    rng = np.random.default_rng(seed)
    shape = (n, 3, 3, 3)
    return {name: 1e-8 * (rng.normal(size=shape) + 1j * rng.normal(size=shape)) for name in names}


def test_normalisation():
    expected = ENTRIES["match.N"]["outputs"]
    assert normalisation(REAL, real_ckm=True)[0] == pytest.approx(expected["N_GeV2"], rel=1e-12)
    assert higgs_vev(REAL)[0] == pytest.approx(expected["v_GeV"], rel=1e-12)
    standard = REAL.replace(constants={"X_t": 1.469, "sin2_theta_W": 0.23121})
    assert sm_coefficient(standard)[0] == pytest.approx(expected["CL_SM"], rel=1e-12)
    (full,) = normalisation(REAL)
    assert abs(full) == pytest.approx(-expected["N_GeV2"], rel=1e-12)
    assert np.angle(full * lambda_t(REAL)[0]) == pytest.approx(0.0, abs=1e-12)


def test_golden_tree():
    entry = ENTRIES["match.smeft"]
    given = {
        name.removeprefix("C_"): one(value)
        for name, value in entry["inputs"].items()
        if name.startswith("C_")
    }
    found = b_to_s(given, normalisation(REAL, real_ckm=True))
    names = {"dC_L": "C_L", "dC_R": "C_R", "dC_9": "C9", "dC_10": "C10"}
    names |= {"C_9p": "C9p", "C_10p": "C10p"}
    assert set(found) == set(names)
    for key, name in names.items():
        assert found[key][TAU] == pytest.approx(entry["outputs"][name], rel=1e-6)
        assert np.count_nonzero(found[key]) == 1


def test_golden_charged_current():
    given = ENTRIES["match.cc"]["inputs"]
    row = np.zeros((1, 3, 3), dtype=complex)
    row[0, 1] = given["V_cd"], given["V_cs"], given["V_cb"]
    lq3 = sum(one(given[f"C_lq3_{k + 1}3"], (2, 2, k)) for k in range(3))
    got = charged_current({"lq3": lq3}, row, higgs_vev(REAL))
    assert got[TAU] == pytest.approx(ENTRIES["match.cc"]["outputs"]["C_VL"], rel=1e-6)


def test_the_matching_of_wilson():
    # Random complex coefficients of all five operators, matched at m_Z without running.
    frozen = GOLDEN["wilson"]
    document = {"eft": "SMEFT", "basis": "Warsaw", "scale": 91.1876}
    document["values"] = {n: {"Re": v[0], "Im": v[1]} for n, v in frozen["smeft"].items()}
    smeft = model("smeft")
    values = parameters_from_smeft_wcxf(document)
    arrays = smeft.coefficients(smeft.complete(values))
    ckm = np.array(frozen["ckm"]) @ [1.0, 1j]
    factor = ckm[2, 2] * ckm[2, 1].conj()
    norm = np.pi * frozen["alpha_inv"] / (np.sqrt(2.0) * frozen["G_F"] * factor)
    found = b_to_s(arrays, np.array([norm]))
    vev = np.array([(np.sqrt(2.0) * frozen["G_F"]) ** -0.5])
    found["C_VL_cb"] = charged_current(arrays, ckm[None], vev)
    got = wcxf_from_wilson(Wilson(found))["values"]
    got = {n: complex(v["Re"], v["Im"]) if isinstance(v, dict) else v for n, v in got.items()}
    assert set(got) == set(frozen["wet"])
    for name, (real, imaginary) in frozen["wet"].items():
        assert got[name] == pytest.approx(complex(real, imaginary), rel=1e-10), name


def test_no_running_is_tree_level():
    given = random(4)
    tree = low_energy(given, INPUTS)
    assert np.allclose(tree["dC_L"], b_to_s(given, normalisation(INPUTS))["dC_L"], rtol=1e-14)
    still = low_energy(given, INPUTS, np.array([3.0]), 0.0)
    assert set(still) == set(tree)
    for key in tree:
        np.testing.assert_allclose(still[key], tree[key], rtol=1e-13)


def test_running_goes_between_tree_level_and_the_full_factor():
    given, scale = random(2), np.array([2.0])
    tree, full = (low_energy(given, INPUTS, scale, running) for running in (0.0, 1.0))
    half = low_energy(given, INPUTS, scale, np.array([0.5, 0.25]))
    for key in tree:
        mixed = [0.5 * (tree[key][0] + full[key][0]), 0.75 * tree[key][1] + 0.25 * full[key][1]]
        np.testing.assert_allclose(half[key], mixed, rtol=1e-12)


@pytest.mark.parametrize("name", list(GOLDEN["smeft_running"]))
def test_running_of_wilson(name):
    # One coefficient of the tau: all that it makes, relative to N C.
    source, scale = name.split("@")
    key = source.split("_")[0]
    factors = running_factors((key,), np.array([float(scale) / 1e3]))
    one_unit = b_to_s({key: one(1.0)}, np.ones(1), factors, np.ones(1))
    values = wcxf_from_wilson(Wilson(one_unit))["values"]
    for target, value in GOLDEN["smeft_running"][name].items():
        # What mixes into others by less than a per mille is left out.
        # Seven digits are tabulated; the size of the coefficient in the two runs differs.
        assert values[target] == pytest.approx(value, rel=1e-5 if key != "ld" else 2e-4), target


def test_induced_universal_part():
    scale = np.array([2.0])
    factors = running_factors(("lq1",), scale)["lq1"]
    unit = normalisation(INPUTS)[0]
    diagonal = low_energy({"lq1": one(1e-8)}, INPUTS, scale)["dC_9"][0] / (unit * 1e-8)
    assert diagonal[0, 0] == diagonal[1, 1] == pytest.approx(factors["dC_9_universal"][0])
    assert diagonal[2, 2] == pytest.approx(0.953302, rel=1e-5)
    # A flavour-violating coefficient makes no lepton loop: then C_9 runs like C_10.
    violating = low_energy({"lq1": one(1e-8, (1, 2, 1))}, INPUTS, scale)
    assert np.count_nonzero(violating["dC_9"]) == 1
    ratio = violating["dC_9"][0, 1, 2] / violating["dC_10"][0, 1, 2]
    assert ratio == pytest.approx(-1.0, abs=1e-3)


def test_top_loop_turns_33_into_23():
    scale = np.array([2.0])
    found = low_energy({"lq3": one(1e-6, (2, 2, 2))}, INPUTS, scale)
    # 0.035 N lambda_t C: real, a sixth of the Standard Model for 1/TeV^2.
    assert found["dC_L"][TAU] == pytest.approx(0.03495577 * 24.369, rel=1e-3)
    assert found["dC_L"][TAU].imag == pytest.approx(0.0, abs=1e-12)
    assert found["C_VL_cb"][TAU] == pytest.approx(
        -0.9831197 * 1e-6 * higgs_vev(INPUTS)[0] ** 2, rel=1e-5
    )
    assert not low_energy({"lq3": one(1e-6, (2, 2, 2))}, INPUTS)["dC_L"].any()


def test_charged_current_sums_the_down_quarks():
    ckm = ckm_matrix(INPUTS)[0]
    for k in range(3):
        got = low_energy({"lq3": one(1e-8, (1, 2, k))}, INPUTS)["C_VL_cb"][0, 1, 2]
        expected = -1e-8 * higgs_vev(INPUTS)[0] ** 2 * ckm[1, k] / ckm[1, 2]
        assert got == pytest.approx(expected, rel=1e-12)
    induced = low_energy({"lq1": one(1e-8)}, INPUTS, np.array([1.0]))["C_VL_cb"]
    direct = low_energy({"lq3": one(1e-8)}, INPUTS)["C_VL_cb"]
    assert induced[TAU] / direct[TAU] == pytest.approx(-0.0193609, rel=1e-5)
    assert "C_VL_cb" not in low_energy({"lq1": one(1e-8)}, INPUTS)


def test_batch_is_a_loop():
    given, scale, running = random(5, 3), np.linspace(0.5, 6.0, 5), np.linspace(0.0, 1.0, 5)
    constants = {"VtbVts": np.linspace(0.039, 0.042, 5), "CKM_etabar": np.linspace(0.3, 0.4, 5)}
    batch = low_energy(given, INPUTS.replace(constants=constants), scale, running)
    for index in range(5):
        inputs = INPUTS.replace(constants={k: v[index] for k, v in constants.items()})
        single = {name: array[index : index + 1] for name, array in given.items()}
        alone = low_energy(single, inputs, scale[index : index + 1], running[index])
        for key, array in batch.items():
            np.testing.assert_allclose(array[index], alone[key][0], rtol=1e-12)


def test_linearity_and_phases():
    given, scale = random(3, 7), np.array([1.5])
    plain = low_energy(given, INPUTS, scale)
    turned = low_energy({k: 1j * v for k, v in given.items()}, INPUTS, scale)
    for key in plain:
        np.testing.assert_allclose(turned[key], 1j * plain[key], rtol=1e-12)


def test_conjugation():
    # With a real CKM matrix conjugate coefficients give conjugate amplitudes.
    real = INPUTS.replace(constants={"CKM_etabar": 0.0})
    given, scale = random(3, 8), np.array([2.0])
    plain = low_energy(given, real, scale)
    mirrored = low_energy({k: v.conj() for k, v in given.items()}, real, scale)
    for key in plain:
        np.testing.assert_allclose(mirrored[key], plain[key].conj(), rtol=1e-12)


def test_bad_coefficients():
    with pytest.raises(UnknownNameError, match="unknown SMEFT coefficient 'lq2'"):
        low_energy({"lq2": one(1.0)}, INPUTS)
    with pytest.raises(PredictionError, match=r"ld has shape \(3, 3\): give \(n, 3, 3, 3\)"):
        low_energy({"ld": np.eye(3)}, INPUTS)
    assert low_energy({}, INPUTS) == {}
