"""Predictions as polynomials: read back by hand, by the format's own tools, and beside flavio."""

import ast
import json

import numpy as np
import pytest
from bsinv.errors import ParameterError, PredictionError, UnknownNameError
from bsinv.fitter.predict import predict, predict_with_error
from bsinv.fitter.reports.popxf import DEFAULT_OBSERVABLES, popxf_document
from bsinv.models.wcxf.low_energy import wilson_from_wcxf
from bsinv.physics.inputs import Inputs
from bsinv.physics.observables import observable

# The format in the words of its publication, as JSON schema: keys that must and may be there.
NAMES = {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string"}}
NUMBERS = {"type": "array", "items": {"type": "number"}}
POLYNOMIAL = {"type": "object", "minProperties": 1, "additionalProperties": NUMBERS}
FORMAT = {
    "type": "object",
    "required": ["$schema", "metadata", "data"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"const": "https://json.schemastore.org/popxf-1.0.json"},
        "metadata": {
            "type": "object",
            "required": ["observable_names", "parameters", "basis", "scale"],
            "additionalProperties": False,
            "properties": {
                "observable_names": NAMES,
                "parameters": NAMES,
                "basis": {
                    "type": "object",
                    "minProperties": 1,
                    "additionalProperties": False,
                    "properties": {
                        "wcxf": {"type": "object", "required": ["eft", "basis"]},
                        "custom": {},
                    },
                },
                "scale": {"type": "number"},
                "polynomial_names": NAMES,
                "observable_expressions": {
                    "type": "array",
                    "items": {"type": "object", "required": ["variables", "expression"]},
                },
                "reproducibility": {"type": "array", "items": {"type": "object"}},
                "misc": {"type": "object"},
            },
        },
        "data": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": False,
            "properties": {
                "observable_central": POLYNOMIAL,
                "polynomial_central": POLYNOMIAL,
                "observable_uncertainties": {"type": "object"},
            },
        },
    },
}


@pytest.fixture(scope="module")
def document():
    """The default document, through JSON."""
    return json.loads(json.dumps(popxf_document(samples=200)))


def evaluated(document, values):
    """Observables at complex coefficients by name, from the keys of the document alone."""
    data, metadata = document["data"], document["metadata"]
    total = 0.0
    for key, coefficients in data.get("polynomial_central", data.get("observable_central")).items():
        *names, kinds = ast.literal_eval(key)
        assert len(names) == 2
        assert names == sorted(names)
        factor = 1.0
        for name, kind in zip(names, kinds, strict=True):
            if name:
                value = complex(values.get(name, 0.0))
                factor *= value.real if kind == "R" else value.imag
        total = total + factor * np.array(coefficients)
    if "polynomial_names" not in metadata:
        return dict(zip(metadata["observable_names"], total.tolist(), strict=True))
    found = dict(zip(metadata["polynomial_names"], total.tolist(), strict=True))
    expressions = zip(metadata["observable_names"], metadata["observable_expressions"], strict=True)
    return {
        name: eval(one["expression"], {k: found[v] for k, v in one["variables"].items()})
        for name, one in expressions
    }


def direct(name, values):
    wcxf = {
        "eft": "WET",
        "basis": "flavio",
        "scale": 4.8,
        "values": {k: {"Re": v.real, "Im": v.imag} for k, v in values.items()},
    }
    return float(observable(name)(wilson_from_wcxf(wcxf), Inputs.default())[0])


def test_predictions_at_random_points(document):
    rng = np.random.default_rng(7)
    names = document["metadata"]["parameters"]
    assert len(names) == 18
    for size in (0.0, 0.01, 1.0, 30.0):
        values = {name: complex(*(size * rng.normal(size=2))) for name in names}
        found = evaluated(document, values)
        assert list(found) == list(DEFAULT_OBSERVABLES)
        for name, value in found.items():
            assert value == pytest.approx(direct(name, values), rel=1e-12), (name, size)


def test_predictions_beside_those_of_the_command(document):
    values = dict.fromkeys(("CR_bsnuenue", "CR_bsnumunumu", "CR_bsnutaunutau"), -4.0)
    found = evaluated(document, values)
    for name in ("BR(B+->Knunu)", "<FL>(B0->K*nunu)", "RK*(nunu)"):
        assert found[name] == pytest.approx(predict(name, dC_R=-4.0), rel=1e-12)
    assert evaluated(document, {})["BR(B+->Knunu)"] == predict("BR(B+->Knunu)")


def test_all_operators_of_neutrinos():
    names = ["BR(B+->Knunu)", "BR(Bs->inv)", "BR(B+->pinunu)"]
    found = popxf_document(names, "bsinv", samples=0)
    assert "custom" in found["metadata"]["basis"]
    used = found["metadata"]["parameters"]
    for one in ("dC_L_ee", "C_SL_emu", "C_SR_tautau", "C_TL_emu", "C_Rp_mumu", "dC_R_bd_tautau"):
        assert one in used
    # of the models with these coefficients
    both = evaluated(found, {"C_SL_emu": 2.0, "C_SL_mue": 2.0})
    assert both["BR(Bs->inv)"] > 1e-6
    assert evaluated(found, {})["BR(Bs->inv)"] == 0.0
    names = [f"dC_L_{one}{one}" for one in ("e", "mu", "tau")]
    lfu = evaluated(found, dict.fromkeys(names, 2.0))
    assert lfu["BR(B+->Knunu)"] == pytest.approx(predict("BR(B+->Knunu)", dC_L=2.0), rel=1e-12)


def test_kinematics_in_brackets():
    names = ["BR(B+->Knunu)[q2min=1, q2max=6]", "FL(B0->K*nunu)[q2=4]"]
    found = evaluated(popxf_document(names, samples=0), {"CL_bsnuenue": 3.0 - 1.0j})
    for name in names:
        expected = direct(name, {"CL_bsnuenue": 3.0 - 1.0j})
        assert found[name] == pytest.approx(expected, rel=1e-12)


def test_errors_and_their_correlations(document):
    errors = document["data"]["observable_uncertainties"]["total"]
    expected = predict_with_error("BR(B+->Knunu)", samples=200)[1]
    assert errors[0] == pytest.approx(expected)
    ratio = DEFAULT_OBSERVABLES.index("RK(nunu)")
    assert errors[ratio] == 0.0
    matrix = np.array(document["metadata"]["misc"]["correlation_of_uncertainties"])
    np.testing.assert_allclose(matrix, matrix.T)
    assert np.linalg.eigvalsh(matrix).min() > -1e-12
    charged, neutral, kstar = (
        DEFAULT_OBSERVABLES.index(f"BR({one}nunu)") for one in ("B+->K", "B0->K", "B0->K*")
    )
    assert matrix[charged, neutral] > 0.95  # but for the lifetimes the same
    assert 0.05 < matrix[charged, kstar] < 0.9  # V_tb V_ts* and C_L in common


def test_what_predictions_rest_on_is_told(document):
    (step,) = document["metadata"]["reproducibility"]
    assert step["tool"]["name"] == "bsinv"
    inputs = step["inputs"]
    assert inputs["VtbVts"] == {"mean": 0.041, "std": 0.001}
    assert "m_tau" not in inputs
    sets = {ast.literal_eval(key)[0].partition(":")[0] for key in inputs if key.startswith("(")}
    assert {"BtoK_FLAG2021_HPQCD2022_BSZ", "Bstophi_BSZ2015_LCSR_Lattice"} <= sets
    assert not any(name.startswith(("Dtopi", "Btorho")) for name in sets)


@pytest.mark.parametrize("ratio", [True, False])
def test_tools_of_the_format_accept_it(document, ratio, monkeypatch):
    popxf = pytest.importorskip("popxf.tools")
    validator = pytest.importorskip("popxf.validator.validator")
    from jsonschema.validators import Draft202012Validator

    # The package comes without the schemas that it looks for.
    monkeypatch.setitem(validator.schemas, "popxf-1.0.json", FORMAT)
    monkeypatch.setitem(validator.validators, "popxf-1.0.json", Draft202012Validator)
    chosen = document if ratio else popxf_document(["BR(B+->Knunu)", "RK(nunu)"], samples=50)
    parsed = popxf.POPxfParser(json.loads(json.dumps(chosen)))
    assert parsed.mode == ("FOP" if ratio else "SP")
    polynomial = parsed.polynomial_central if ratio else parsed.observable_central
    key = ("", "CL_bsnuenue", "RR")
    assert polynomial[key][0] == pytest.approx(-4.98e-7, rel=1e-2)
    broken = json.loads(json.dumps(chosen))
    broken["metadata"]["parameters"] = ["CL_bsnuenue"]
    with pytest.raises(Exception, match="parameter"):
        popxf.POPxfParser(broken)


def test_what_is_no_polynomial_is_refused():
    with pytest.raises(PredictionError, match="depends on no coefficient of this basis"):
        popxf_document(["BR(Bs->inv)"], samples=0)
    with pytest.raises(PredictionError, match="is no quadratic polynomial"):
        popxf_document(["exclusive_fraction(B->X_snunu)"], samples=0)
    with pytest.raises(ParameterError, match=r"needs q2: give them in brackets"):
        popxf_document(["FL(B0->K*nunu)"], samples=0)
    with pytest.raises(UnknownNameError, match="BR\\(B\\+->Knunu\\)"):
        popxf_document(["BR(B+->Knunnu)"], samples=0)
    with pytest.raises(UnknownNameError, match="basis of POPxf"):
        popxf_document(["BR(B+->Knunu)"], "Warsaw", samples=0)
    for names in ([], ["RK(nunu)", "RK(nunu)"]):
        with pytest.raises(ParameterError, match="one or more, each once"):
            popxf_document(names, samples=0)


@pytest.mark.parametrize(
    ("ours", "theirs"), [("RK(nunu)", "BR(B+->Knunu)"), ("RK*(nunu)", "BR(B0->K*nunu)")]
)
def test_ratios_beside_flavio(document, ours, theirs):
    """Rates over those of the Standard Model, in the coefficients of WCxf as both name them."""
    flavio = pytest.importorskip("flavio")
    values = {
        "CL_bsnuenue": 2.0 - 1.0j,
        "CR_bsnuenue": -1.0 + 0.5j,
        "CR_bsnumunumu": 3.0 + 0.0j,
        "CL_bsnutaunumu": 4.0 + 2.0j,
    }
    wilson = flavio.WilsonCoefficients()
    wilson.set_initial(values, 4.8, eft="WET", basis="flavio")
    expected = flavio.np_prediction(theirs, wilson) / flavio.sm_prediction(theirs)
    # Its X_t/sin2(theta_W) and form factors are a little different.
    assert evaluated(document, values)[ours] == pytest.approx(expected, rel=0.02)
    assert abs(expected - 1.0) > 0.1
