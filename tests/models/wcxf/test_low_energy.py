import json

import numpy as np
import pytest
from bsinv.errors import ParameterError, PredictionError, UnknownNameError
from bsinv.models import model
from bsinv.models.running import delta_f2_between
from bsinv.models.wcxf.low_energy import (
    parameters_from_wcxf,
    read_wcxf,
    wcxf_from_parameters,
    wcxf_from_wilson,
    wilson_from_wcxf,
    write_wcxf,
)
from bsinv.physics.inputs import Inputs
from bsinv.physics.wcxf_names import SCALES, WCXF_COEFFICIENTS
from bsinv.physics.wilson import Wilson

INPUTS = Inputs.default()


def document(**values):
    return {"eft": "WET", "basis": "flavio", "scale": 4.8, "values": values}


def random_matrices(seed=0, n=1):
    rng = np.random.default_rng(seed)
    shape = (n, 3, 3)
    return {k: rng.normal(size=shape) + 1j * rng.normal(size=shape) for k in ("dC_L", "dC_R")}


def test_names_of_the_basis():
    place = WCXF_COEFFICIENTS["CR_bsnuenumu"]
    # The first flavour is that of the antineutrino.
    assert (place.parts, place.at) == ((("dC_R", 1.0),), (1, 0))
    assert WCXF_COEFFICIENTS["C9p_bsmutau"].at == (2, 1)
    assert WCXF_COEFFICIENTS["CVL_bctaunumu"].at == (2, 1)


def test_import():
    wilson = wilson_from_wcxf(
        document(CL_bsnumunumu=1.5, CR_bsnuenumu={"Re": 2.0, "Im": -1.0}, CL_bsnutaunue={"Im": 3})
    )
    left, right = np.zeros((2, 3, 3), dtype=complex)
    left[1, 1], left[0, 2] = 1.5, 3.0j
    right[1, 0] = 2.0 - 1.0j
    np.testing.assert_array_equal(wilson["dC_L"][0], left)
    np.testing.assert_array_equal(wilson["dC_R"][0], right)


def test_round_trip(tmp_path):
    matrices = random_matrices(1, 3)
    path = tmp_path / "point.json"
    write_wcxf(path, wcxf_from_wilson(Wilson(matrices), point=2))
    again = wilson_from_wcxf(read_wcxf(path))
    for key, matrix in matrices.items():
        np.testing.assert_array_equal(again[key][0], matrix[2])


def test_parameters_of_wet():
    matrices = random_matrices(2)
    exported = wcxf_from_wilson(Wilson(matrices))
    wet = model("wet")
    values = parameters_from_wcxf(exported)
    wilson = wet.wilson(wet.complete(values), INPUTS)
    for key, matrix in matrices.items():
        np.testing.assert_array_equal(wilson[key], matrix)
    assert wcxf_from_parameters(values) == exported
    assert wcxf_from_parameters({"dC_L": 1.0, "Im_dC_R_emu": 2.0}, scale=4.2) == {
        "eft": "WET",
        "basis": "flavio",
        "scale": 4.2,
        "values": {
            "CL_bsnuenue": 1.0,
            "CL_bsnumunumu": 1.0,
            "CL_bsnutaunutau": 1.0,
            "CR_bsnumunue": {"Re": 0.0, "Im": 2.0},
        },
    }


def test_the_standard_model_has_no_values():
    assert wcxf_from_wilson(Wilson())["values"] == {}
    assert len(wilson_from_wcxf(document())) == 0


def test_coefficients_without_a_name():
    wilson = Wilson({"C_SL": np.eye(3), "dC_L": np.eye(3)})
    with pytest.raises(PredictionError, match=r"C_SL has no name in the WCxf basis 'flavio'"):
        wcxf_from_wilson(wilson)
    assert len(wcxf_from_wilson(wilson, ignore_others=True)["values"]) == 3
    zero = Wilson({"C_SL": np.zeros((3, 3)), "dC_L": np.eye(3)})
    assert len(wcxf_from_wilson(zero)["values"]) == 3
    with pytest.raises(PredictionError, match="there is no point 1: the batch has 1"):
        wcxf_from_wilson(wilson, point=1)
    # Masses and bounds are not coefficients.
    bounds = Wilson({"max_coupling": [2.0], "M_sLQ": [3.0], "m_N": [1.0]})
    assert wcxf_from_wilson(bounds)["values"] == {}


def test_other_sectors():
    mixed = document(CL_bsnuenue=1.0, CG=-1.0)
    with pytest.raises(UnknownNameError, match="WCxf coefficient 'CG' in bsinv"):
        wilson_from_wcxf(mixed)
    assert set(wilson_from_wcxf(mixed, ignore_others=True)) == {"dC_L"}
    assert parameters_from_wcxf(mixed, ignore_others=True) == {"dC_L_ee": 1.0}


def test_signs_and_flavours():
    values = {"C9_bsmutau": 1.0, "C10p_bsee": -2.0, "CVL_bctaunumu": 0.1, "C7_bs": -0.02}
    values |= {"CT_bctaunutau": 0.03, "C8p_bs": {"Re": 0.1, "Im": 0.2}}
    found = wilson_from_wcxf(document(**values))
    assert found["dC_9"][0, 2, 1] == 1.0
    assert found["C_10p"][0, 0, 0] == -2.0
    assert found["C_VL_cb"][0, 2, 1] == 0.1
    assert found["C_T_cb"][0, 2, 2] == 0.03
    assert found["dC_7"][0] == -0.02
    assert found["C_8p"][0] == 0.1 + 0.2j


def test_mixing_changes_sign_and_scale():
    # L = + C O in WCxf, H = + C O here; (cbar u)^2 is the conjugate of (ubar c)^2.
    values = {"CVLL_bsbs": {"Re": 1e-12, "Im": 2e-12}, "CVLR_bdbd": 3e-12}
    values |= {"CVRR_ucuc": {"Re": 1e-14, "Im": 1e-14}, "CSLL_ucuc": 1e-15, "CSLR_sdsd": 1e-16}
    found = wilson_from_wcxf(document(**values))
    near, far = delta_f2_between(4.8, 4.2), delta_f2_between(4.8, 2.0)
    assert found["C_VLL_bs"][0] == pytest.approx(-(1 + 2j) * 1e-12 * near["VLL"])
    assert found["C_VLR_bd"][0] == pytest.approx(-3e-12 * near["VLR"])
    assert found["C_SLR_bd"][0] == pytest.approx(-3e-12 * near["VLR->SLR"])
    assert found["C_VRR_cu"][0] == pytest.approx(-(1 - 1j) * 1e-14 * far["VRR"])
    assert found["C_SRR_cu"][0] == pytest.approx(-1e-15 * far["SRR"])
    assert found["C_SLR_sd"][0] == pytest.approx(-1e-16 * far["SLR"])
    own = wilson_from_wcxf({**document(CVLL_bsbs=1e-12), "scale": 4.2})
    assert own["C_VLL_bs"][0] == -1e-12
    charm = wilson_from_wcxf({**document(CVLL_ucuc=1e-12), "scale": 2.0, "eft": "WET-4"})
    assert charm["C_VLL_cu"][0] == -1e-12


def test_neutrinos_and_muons():
    couplings = {"dg_V": np.zeros((3, 3), dtype=complex), "dg_A": np.zeros((3, 3), dtype=complex)}
    couplings["dg_V"][1, 1], couplings["dg_A"][1, 1] = 0.2, -0.1
    couplings["dg_V"][1, 2], couplings["dg_V"][2, 1] = 0.1j, -0.1j
    exported = wcxf_from_wilson(Wilson(couplings))
    assert exported["values"]["CVLL_numunumumumu"] == pytest.approx(-0.05)
    assert exported["values"]["CVLR_numunumumumu"] == pytest.approx(-0.15)
    again = wilson_from_wcxf(exported)
    for key, matrix in couplings.items():
        np.testing.assert_allclose(again[key][0], matrix, atol=1e-16)


@pytest.mark.parametrize("scale", [4.2, 4.8])
def test_round_trip_of_every_name(scale):
    rng = np.random.default_rng(4)
    hermitian = [name for name in WCXF_COEFFICIENTS if "mumu" in name and "_nu" in name]
    fixed = ("C7", "C8", "CS", "CT")
    names = [
        name
        for name, place in WCXF_COEFFICIENTS.items()
        if scale == 4.8 or SCALES[place.sector][0] != 4.8 or not name.startswith(fixed)
    ]
    values = {
        name: {"Re": rng.normal(), "Im": 0.0 if name in hermitian else rng.normal()}
        for name in names
    }
    given = {**document(**values), "scale": scale}
    exported = wcxf_from_wilson(wilson_from_wcxf(given), scale=scale)["values"]
    assert set(exported) == set(names)
    for name, value in values.items():
        got = exported[name]
        got = complex(got["Re"], got["Im"]) if isinstance(got, dict) else got
        # SLL loses what goes through the tensor operator and back.
        loose = "SLL" in name or "SRR" in name
        expected = complex(value["Re"], value["Im"])
        assert got == pytest.approx(expected, rel=2e-3 if loose else 1e-12, abs=1e-13), name


def test_scales_of_what_runs():
    for name in ("C7_bs", "CSL_bctaunutau", "CT_bcmunue"):
        with pytest.raises(ParameterError, match=r"is that at 4\.8 GeV, not at 91\.2 GeV; run the"):
            wilson_from_wcxf({**document(**{name: 0.1}), "scale": 91.2})
    with pytest.raises(ParameterError, match=r"C_VLL_bs is converted between 2 and 10 GeV, not at"):
        wilson_from_wcxf({**document(CVLL_bsbs=1e-12), "scale": 91.2})
    vectors = wilson_from_wcxf({**document(C9_bsmumu=-1.0, CL_bsnuenue=1.0), "scale": 91.2})
    assert set(vectors) == {"dC_9", "dC_L"}
    with pytest.raises(PredictionError, match=r"dC_7 is that at 4\.8 GeV, not at 4\.2 GeV"):
        wcxf_from_wilson(Wilson({"dC_7": [0.1]}), scale=4.2)


def test_parameters_of_wet_full():
    values = {"dC_9_mumu": -1.0, "Im_C_10p_mutau": 0.5, "C_VL_cb_tautau": 0.1, "dC_7": -0.02}
    values |= {"C_VLL_bs": 2.0, "Im_C_SLR_sd": 1e-3}
    exported = wcxf_from_parameters(values)
    assert parameters_from_wcxf(exported) == pytest.approx(values)
    full = model("wet-full")
    found = full.wilson(full.complete(values), INPUTS)
    assert found["C_VLL_bs"][0] == 2e-12
    assert found["dC_9"][0, 1, 1] == -1.0
    with pytest.raises(UnknownNameError, match="coefficient 'dg_V' in the model 'wet-full'"):
        parameters_from_wcxf(document(CVLL_numunumumumu=0.1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"eft": "SMEFT"}, "eft is 'SMEFT'; only 'WET' or 'WET-4' or 'WET-3' can"),
        ({"basis": "JMS"}, "basis is 'JMS'; only 'flavio'"),
        ({"values": [1.0]}, "values must map names"),
        ({"scale": -1.0}, r"scale is -1\.0; give a positive number"),
        ({"scale": "4.8"}, r"scale is '4\.8', which is not a number"),
        ({"values": {"CL_bsnuenue": "1.0"}}, "CL_bsnuenue is '1.0', which is not a number"),
        ({"values": {"CL_bsnuenue": {"re": 1.0}}}, "must be a number or have the keys Re and Im"),
        ({"values": {"CL_bsnuenue": float("nan")}}, "which is not finite"),
        ({"values": {"CL_bsnuenue": True}}, "is True, which is not a number"),
    ],
)
def test_bad_documents(change, message):
    with pytest.raises(ParameterError, match=message):
        wilson_from_wcxf({**document(), **change})


@pytest.mark.parametrize("key", ["eft", "basis", "scale", "values"])
def test_missing_keys(key):
    incomplete = document()
    del incomplete[key]
    with pytest.raises(ParameterError, match=f"the key '{key}' is missing"):
        wilson_from_wcxf(incomplete)


def test_bad_files(tmp_path):
    with pytest.raises(ParameterError, match=r"none\.json: cannot be read"):
        read_wcxf(tmp_path / "none.json")
    path = tmp_path / "bad.json"
    path.write_text("{")
    with pytest.raises(ParameterError, match=r"bad\.json: not a WCxf file in JSON"):
        read_wcxf(path)
    path.write_text(json.dumps([1]))
    with pytest.raises(ParameterError, match=r"holds a mapping, not list"):
        read_wcxf(path)


def test_a_text_is_no_document():
    with pytest.raises(ParameterError, match="a document is a mapping, not str: read_wcxf reads"):
        parameters_from_wcxf(json.dumps(document(C9_bsmumu=1.0)))


def test_a_batch_of_parameters_is_refused():
    with pytest.raises(PredictionError, match=r"one parameter point, but dC_L has 2 values"):
        wcxf_from_parameters({"dC_L": np.array([0.3, 0.4])})
