import json

import numpy as np
import pytest
from bsinv.errors import ParameterError, PredictionError, UnknownNameError
from bsinv.models import model
from bsinv.models.wcxf import (
    WCXF_NAMES,
    parameters_from_wcxf,
    read_wcxf,
    wcxf_from_parameters,
    wcxf_from_wilson,
    wilson_from_wcxf,
    write_wcxf,
)
from bsinv.physics.inputs import Inputs
from bsinv.physics.wilson import Wilson

INPUTS = Inputs.default()


def document(**values):
    return {"eft": "WET", "basis": "flavio", "scale": 4.8, "values": values}


def random_matrices(seed=0, n=1):
    rng = np.random.default_rng(seed)
    shape = (n, 3, 3)
    return {k: rng.normal(size=shape) + 1j * rng.normal(size=shape) for k in ("dC_L", "dC_R")}


def test_names_of_the_basis():
    assert len(WCXF_NAMES) == 18
    assert WCXF_NAMES["CL_bsnuenue"] == ("dC_L", 0, 0)
    # The first flavour is that of the antineutrino.
    assert WCXF_NAMES["CR_bsnuenumu"] == ("dC_R", 1, 0)
    assert WCXF_NAMES["CL_bsnutaunue"] == ("dC_L", 0, 2)


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
    zero = Wilson({"C_SL": np.zeros((3, 3)), "dC_L": np.eye(3)})
    assert len(wcxf_from_wilson(zero)["values"]) == 3
    with pytest.raises(PredictionError, match="there is no point 1: the batch has 1"):
        wcxf_from_wilson(wilson, point=1)


def test_other_sectors():
    mixed = document(CL_bsnuenue=1.0, C9_bsmumu=-1.0)
    with pytest.raises(UnknownNameError, match="coefficient 'C9_bsmumu' in the sector sbnunu"):
        wilson_from_wcxf(mixed)
    assert set(wilson_from_wcxf(mixed, ignore_others=True)) == {"dC_L"}
    assert parameters_from_wcxf(mixed, ignore_others=True) == {"dC_L_ee": 1.0}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"eft": "SMEFT"}, "eft is 'SMEFT'; only 'WET' can be read"),
        ({"basis": "JMS"}, "basis is 'JMS'; only 'flavio'"),
        ({"values": [1.0]}, "values must map names"),
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
