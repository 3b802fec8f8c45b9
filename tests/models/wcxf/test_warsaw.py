import numpy as np
import pytest
from bsinv.errors import ParameterError, PredictionError, UnknownNameError
from bsinv.models import model
from bsinv.models.heavy.smeft import SMEFT_ENTRIES
from bsinv.models.wcxf.low_energy import read_wcxf, write_wcxf
from bsinv.models.wcxf.warsaw import (
    SMEFT_WCXF_NAMES,
    parameters_from_smeft_wcxf,
    wcxf_from_smeft_parameters,
)

SMEFT = model("smeft")


def document(**values):
    return {"eft": "SMEFT", "basis": "Warsaw", "scale": 3000.0, "values": values}


def test_names():
    assert set(dict(SMEFT_WCXF_NAMES.values())) == set(SMEFT_ENTRIES)
    assert SMEFT_WCXF_NAMES["lq1_3323"] == ("lq1_tautau", False)
    assert SMEFT_WCXF_NAMES["lq3_1213"] == ("lq3_13_emu", False)
    assert SMEFT_WCXF_NAMES["lq3_2333"] == ("lq3_33_mutau", False)
    # [32,23] is the conjugate of [23,32], which has a name; the quarks of qe come first.
    assert SMEFT_WCXF_NAMES["ld_2332"] == ("ld_taumu", True)
    assert SMEFT_WCXF_NAMES["qe_2332"] == ("qe_taumu", False)


def test_units_scale_and_conjugation(tmp_path):
    path = tmp_path / "smeft.json"
    write_wcxf(path, document(lq1_3323=2e-8, ld_2332={"Re": 1e-8, "Im": 3e-8}, lq3_3333=-1e-7))
    got = parameters_from_smeft_wcxf(read_wcxf(path))
    expected = {"Lambda": 3.0, "lq1_tautau": 0.02, "ld_taumu": 0.01, "Im_ld_taumu": -0.03}
    assert got == pytest.approx({**expected, "lq3_33_tautau": -0.1})


def test_round_trip():
    rng = np.random.default_rng(2)
    values = {
        p.name: rng.uniform(p.lower, p.upper)
        for p in SMEFT.parameters
        if p.unit == "TeV^-2" and "N" not in p.name and p.name.split("_")[-1] not in ("lq1", "lq3")
    }
    values = {k: v for k, v in values.items() if k.removeprefix("Im_") in SMEFT_ENTRIES}
    exported = wcxf_from_smeft_parameters({**values, "Lambda": 1.5})
    assert exported["scale"] == 1500.0
    assert set(exported["values"]) == set(SMEFT_WCXF_NAMES)
    assert parameters_from_smeft_wcxf(exported) == pytest.approx({**values, "Lambda": 1.5})


def test_universal_values_are_written_as_entries():
    got = wcxf_from_smeft_parameters({"qe": 0.1, "qe_mumu": 0.2})["values"]
    assert got == pytest.approx({"qe_2311": 1e-7, "qe_2322": 3e-7, "qe_2333": 1e-7})


def test_what_cannot_be_read_or_written():
    with pytest.raises(UnknownNameError, match="'lq1_3322' in the model 'smeft'"):
        parameters_from_smeft_wcxf(document(lq1_3322=1e-8))
    assert parameters_from_smeft_wcxf(document(lq1_3322=1e-8), ignore_others=True) == {
        "Lambda": 3.0
    }
    with pytest.raises(ParameterError, match="lq3_3333 is Hermitian, but its value is not real"):
        parameters_from_smeft_wcxf(document(lq3_3333={"Im": 1e-8}))
    with pytest.raises(ParameterError, match="basis is 'Warsaw up'; only 'Warsaw' can be read"):
        parameters_from_smeft_wcxf({**document(), "basis": "Warsaw up"})
    with pytest.raises(PredictionError, match="LNQd has no name in the WCxf basis 'Warsaw'"):
        wcxf_from_smeft_parameters({"LNQd": 0.1})
    with pytest.raises(UnknownNameError, match="'lq2' in the model 'smeft'"):
        wcxf_from_smeft_parameters({"lq2": 0.1})


def test_a_batch_of_points_is_refused():
    with pytest.raises(PredictionError, match=r"one parameter point, but Lambda has 2 values"):
        wcxf_from_smeft_parameters({"lq1_tautau": 0.1, "Lambda": np.array([2.0, 3.0])})
