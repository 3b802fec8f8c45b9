"""Auxiliary parameters, expressions and polar forms in analyses."""

import math
import pickle
from itertools import pairwise

import bsinv
import numpy as np
import pytest
from bsinv.errors import AnalysisError, ParameterError
from bsinv.fitter.reports.best_fit import parameter_records
from bsinv.fitter.reports.reference import reference_point
from bsinv.fitter.requests import scans_asked
from bsinv.fitter.runs.fingerprint import fingerprint
from bsinv.fitter.runs.job import open_job
from bsinv.fitter.runs.run import run
from hypothesis import given
from hypothesis import strategies as st

WIDE = {"prior": {"uniform": [-20, 20]}}
RADIUS = {"prior": {"uniform": [0, 20]}, "start": 5.0, "latex": "r"}
PHASE = {"prior": {"uniform": [0, 6.2832]}, "start": 1.0, "unit": "rad"}
POLAR = {
    "auxiliary": {"r": RADIUS, "phi": PHASE},
    "parameters": {"dC_R": {"polar": {"modulus": "r", "phase": "phi"}}},
}


def analysis(**sections):
    return bsinv.load(
        {
            "name": "a",
            "model": "wet-lfu",
            "likelihoods": ["belle2_2023_kpnunu", "belle_2017_kst0nunu"],
            "seed": 1,
            **sections,
        }
    )


def model_values(loaded, theta):
    return loaded.problem.table.values(np.asarray(theta, float)).model


def test_columns_are_model_then_auxiliary_then_inputs():
    loaded = analysis(
        auxiliary={"ratio": WIDE},
        parameters={"dC_R": {"expression": "ratio * dC_L"}, "dC_L": WIDE},
        inputs={"VtbVts": {"prior": {"normal": [0.041, 0.001]}}},
    )
    assert loaded.names == ("dC_L", "ratio", "VtbVts")
    assert loaded.problem.constrained.tolist() == [False, False, True]
    values = model_values(loaded, [[3.0, 0.5, 0.041], [4.0, -1.0, 0.041]])
    assert values["dC_R"].tolist() == [1.5, -4.0]
    assert values["dC_L"].tolist() == [3.0, 4.0]


def test_ratio_is_the_model_with_the_values_put_in():
    loaded = analysis(
        auxiliary={"ratio": WIDE},
        parameters={"dC_L": WIDE, "dC_R": {"expression": "ratio * dC_L"}},
    )
    plain = analysis(parameters={"dC_L": WIDE, "dC_R": WIDE})
    expected = plain.log_likelihood(np.array([[3.0, 1.5]]))
    assert loaded.log_likelihood(np.array([[3.0, 0.5]])) == pytest.approx(expected, rel=1e-14)


def test_sum_and_difference():
    loaded = analysis(
        auxiliary={"S": WIDE, "D": WIDE},
        parameters={
            "dC_L": {"expression": "(S + D) / 2"},
            "dC_R": {"expression": "(S - D) / 2"},
        },
    )
    values = model_values(loaded, [[4.0, 1.0]])
    assert (values["dC_L"][0], values["dC_R"][0]) == (2.5, 1.5)


@given(st.floats(0, 20), st.floats(0, 6.28))
def test_polar_form_sets_real_and_imaginary_part(r, phi):
    values = model_values(POLAR_ANALYSIS, [[r, phi]])
    assert values["dC_R"][0] == pytest.approx(r * math.cos(phi), abs=1e-12)
    assert values["Im_dC_R"][0] == pytest.approx(r * math.sin(phi), abs=1e-12)


POLAR_ANALYSIS = analysis(**POLAR)


def test_polar_form_of_expressions_and_numbers():
    loaded = analysis(
        auxiliary={"r": RADIUS},
        parameters={"dC_L": {"polar": {"modulus": "r + 1", "phase": 0.5}}},
    )
    values = model_values(loaded, [[2.0]])
    assert values["Im_dC_L"][0] == pytest.approx(3.0 * math.sin(0.5))
    rules = {entry.name: entry.rule for entry in loaded.problem.table.parameters}
    assert rules["Im_dC_L"] == "= (r + 1) * sin(0.5)"


def test_ties_and_expressions_mix_in_any_order():
    loaded = analysis(
        auxiliary={"g": WIDE, "half": 0.5, "h": {"expression": "half * g"}},
        parameters={
            "Im_dC_R": {"equals": "Im_dC_L", "times": 2.0},
            "Im_dC_L": {"equals": "dC_R", "times": -1.0, "plus": 1.0},
            "dC_R": {"expression": "h + dC_L"},
            "dC_L": "g",
            "C_Lp": {"expression": "half + C_Rp"},
        },
    )
    assert loaded.names == ("g",)
    values = model_values(loaded, [[4.0], [2.0]])
    assert values["dC_L"].tolist() == [4.0, 2.0]
    assert values["dC_R"].tolist() == [6.0, 3.0]
    assert values["Im_dC_L"].tolist() == [-5.0, -2.0]
    assert values["Im_dC_R"].tolist() == [-10.0, -4.0]
    assert values["C_Lp"].tolist() == [0.5]
    assert "C_Rp" not in values


def test_records_of_the_parameters():
    loaded = analysis(
        **{
            **POLAR,
            "auxiliary": {**POLAR["auxiliary"], "M": {"value": 2.0, "unit": "TeV"}},
            "parameters": {**POLAR["parameters"], "dC_L": {"expression": "r / M"}},
        }
    )
    records = {entry.name: entry for entry in loaded.problem.table.parameters}
    assert list(records)[-3:] == ["r", "phi", "M"]
    assert (records["r"].role, records["r"].status, records["r"].latex) == (
        "auxiliary", "free", "r",
    )  # fmt: skip
    assert (records["phi"].unit, records["phi"].latex) == ("rad", r"\mathrm{phi}")
    assert (records["M"].status, records["M"].value, records["M"].unit) == ("fixed", 2.0, "TeV")
    assert (records["dC_R"].status, records["dC_R"].rule) == ("tied", "= r * cos(phi)")
    assert records["dC_R"].value == pytest.approx(5.0 * math.cos(1.0))
    stored = {entry.name: entry for entry in parameter_records(loaded.problem)}
    assert stored["r"].role == "auxiliary"
    assert (stored["dC_L"].prior, stored["dC_L"].free, stored["dC_L"].value) == (
        "= r / M", False, None,
    )  # fmt: skip


def test_a_point_outside_the_range_of_the_model_has_no_prior():
    loaded = analysis(auxiliary={"g": WIDE}, parameters={"dC_L": {"expression": "g**2"}})
    theta = np.array([[9.9], [10.1], [-10.1]])
    assert np.isneginf(loaded.problem.log_prior(theta)).tolist() == [False, True, True]
    assert np.isneginf(loaded.problem.log_constraint(theta)).tolist() == [False, True, True]
    drawn = loaded.sample_prior(np.random.default_rng(0), 300)
    assert (abs(drawn) <= 10.0).all()


def test_where_an_expression_is_not_defined_there_is_no_likelihood_and_it_is_counted():
    loaded = analysis(
        auxiliary={"g": {**WIDE, "start": 1.0}, "root": {"expression": "sqrt(g)"}},
        parameters={"dC_L": {"expression": "2 * root"}, "dC_R": "root"},
    )
    theta = np.array([[-1.0], [4.0], [-2.0]])
    assert np.isfinite(loaded.problem.log_prior(theta)).all()
    assert np.isneginf(loaded.log_likelihood(theta)).tolist() == [True, False, True]
    assert loaded.problem.rejected == {"the expression of root": 2}
    alone = loaded.log_likelihood(theta[1:2])
    assert loaded.log_likelihood(theta)[1] == alone[0]
    assert np.isnan(model_values(loaded, theta)["dC_L"]).tolist() == [True, False, True]
    assert (loaded.sample_prior(np.random.default_rng(0), 200) >= 0).all()


def test_an_expression_that_nothing_can_satisfy():
    loaded = analysis(
        auxiliary={"g": {"prior": {"uniform": [-1, 1e-9]}, "start": 1e-10}},
        parameters={"dC_L": {"expression": "log(g)"}},
    )
    with pytest.raises(ParameterError, match="narrow the priors"):
        loaded.sample_prior(np.random.default_rng(0), 5)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (
            "log(g - 1)",
            "dC_L = log(g - 1) is not a finite number at the start, g = 1: give other starts.",
        ),
        ("200 * g", "dC_L = 200 * g starts at 200: outside its range [-100, 100]."),
        ("g + log(0)", "dC_L = g + log(0) is not a finite number at the start, g = 1: give"),
    ],
)
def test_a_start_that_cannot_be(expression, message):
    with pytest.raises(AnalysisError) as caught:
        analysis(
            auxiliary={"g": {**WIDE, "start": 1.0}}, parameters={"dC_L": {"expression": expression}}
        )
    assert str(caught.value).startswith(f"parameters.dC_L: {message}")


def test_a_table_with_formulas_survives_pickling():
    table = POLAR_ANALYSIS.problem.table
    again = pickle.loads(pickle.dumps(table))
    theta = table.sample_prior(np.random.default_rng(4), 5)
    assert (again.values(theta).model["dC_R"] == table.values(theta).model["dC_R"]).all()


def test_a_batch_is_a_loop():
    theta = POLAR_ANALYSIS.sample_prior(np.random.default_rng(4), 7)
    loop = np.concatenate([POLAR_ANALYSIS.problem.log_posterior(row[None]) for row in theta])
    np.testing.assert_allclose(POLAR_ANALYSIS.problem.log_posterior(theta), loop, rtol=1e-12)


def test_a_long_chain_of_expressions():
    names = [f"a{number}" for number in range(1500)]
    auxiliary = {"a0": {**WIDE, "start": 1.0}} | {
        name: {"expression": f"{before} + 1e-3"} for before, name in pairwise(names)
    }
    loaded = analysis(auxiliary=auxiliary, parameters={"dC_L": names[-1]})
    assert model_values(loaded, [[2.0]])["dC_L"][0] == pytest.approx(3.499)


@pytest.mark.parametrize(
    ("auxiliary", "parameters", "reference"),
    [
        (POLAR["auxiliary"], POLAR["parameters"], {0: 0.0, 1: 1.0}),
        ({"s": WIDE}, {"dC_L": {"expression": "s - 6.35"}}, {0: 6.35}),
        ({"s": {"prior": {"uniform": [7, 20]}}}, {"dC_L": {"expression": "s - 6.35"}}, None),
        ({"s": {"prior": {"log_uniform": [0.1, 20]}}}, {"dC_L": "s"}, None),
        ({"s": {"prior": {"log_uniform": [0.1, 20]}}}, {"dC_L": {"expression": "log(s)"}},
         {0: 1.0}),
        ({"s": {**WIDE, "start": 3.0}}, {"dC_L": WIDE, "dC_R": {"expression": "s * dC_L"}},
         {0: 0.0, 1: 3.0}),
        ({"s": {**WIDE, "start": 3.0}, "t": WIDE},
         {"dC_L": {"expression": "1e-8 * (s + t)"}, "dC_R": {"expression": "s - t + 1"}},
         {0: -0.5, 1: 0.5}),
    ],
)  # fmt: skip
def test_the_reference_point_is_where_the_model_has_its_defaults(auxiliary, parameters, reference):
    loaded = analysis(auxiliary=auxiliary, parameters=parameters)
    found = reference_point(loaded.problem)
    if reference is None:
        assert found is None
    else:
        assert found.columns == pytest.approx(reference, abs=1e-6)


def test_a_fit_in_polar_form_is_the_fit_of_real_and_imaginary_part():
    best = POLAR_ANALYSIS.fit(minos=("r",), retries=4)
    plain = analysis(parameters={"dC_R": WIDE, "Im_dC_R": WIDE}).fit(minos=(), retries=4)
    assert best.valid
    assert best.log_likelihood == pytest.approx(plain.log_likelihood, abs=2e-3)
    np.testing.assert_allclose(best.reference_values, [0.0, 1.0])
    assert best.reference_log_likelihood == pytest.approx(plain.reference_log_likelihood, rel=1e-9)
    scan = POLAR_ANALYSIS.profile("r", "phi", points=5, best=best)
    assert scan.parameters == ("r", "phi")
    assert np.nanmax(scan.log_likelihood) <= best.log_likelihood + 1e-3


def test_the_fingerprint_knows_auxiliary_parameters():
    one = fingerprint(POLAR_ANALYSIS, 1)
    wider = {"r": {**RADIUS, "prior": {"uniform": [0, 21]}}, "phi": PHASE}
    other = fingerprint(analysis(**{**POLAR, "auxiliary": wider}), 1)
    assert "parameters and priors" in {key for key in one if one[key] != other[key]}
    shifted = {"dC_R": {"polar": {"modulus": "r", "phase": "phi + 0"}}}
    again = fingerprint(analysis(**{**POLAR, "parameters": shifted}), 1)
    assert {key for key in one if one[key] != again[key]} == {"parameters and priors"}
    same = fingerprint(analysis(**POLAR, predictions=["dC_R"]), 1)
    assert same == one


def test_the_section_fit_accepts_auxiliary_names():
    loaded = analysis(
        auxiliary={"r": RADIUS, "phi": {"prior": {"uniform": [0, 6]}}},
        parameters=POLAR["parameters"],
        fit={
            "start": {"phi": 2.0},
            "minos": ["r"],
            "profiles": {"r": 5},
            "contours": [["r", "phi"]],
            "grids": [{"axes": {"r": [0, 5, 3]}}],
        },
    )
    assert loaded.start.tolist() == [5.0, 2.0]
    assert [request.name for request in scans_asked(loaded.problem, loaded.spec.fit)] == [
        "profile r", "profile r phi", "profile r [0, 5]",
    ]  # fmt: skip


def test_a_run_stores_and_shows_auxiliary_and_derived_parameters(tmp_path):
    source = {
        "name": "polar",
        "model": "wet-lfu",
        "likelihoods": ["belle2_2023_kpnunu", "belle_2017_kst0nunu"],
        "seed": 1,
        **POLAR,
        "predictions": ["Im_dC_R"],
        "fit": {"grids": [{"axes": {"r": [0, 8, 3]}}], "minos": ["r"]},
        "sampler": {"walkers": 12, "max_steps": 60},
    }
    outcome = run(source, tmp_path)
    names = [record.name for record in outcome.results.parameters]
    assert names == ["dC_R", "Im_dC_R", "r", "phi"]
    derived = {entry.name: entry for entry in outcome.results.predictions}["Im_dC_R"]
    assert derived.samples.shape[1] == 1
    assert abs(derived.samples).max() <= 20.0
    assert derived.best_fit[0] == pytest.approx(
        outcome.results.best_fit.values[0] * math.sin(outcome.results.best_fit.values[1])
    )
    summary = (tmp_path / "summary.md").read_text("utf-8")
    assert "Free: 2 auxiliary parameters." in summary
    assert "Not free: dC_R = r * cos(phi), Im_dC_R = r * sin(phi)." in summary
    assert {"corner.png", "profile-r.png"} & set(outcome.files)
    # The list of predictions may change when a run goes on.
    _, resumed = open_job({**source, "predictions": ["dC_R"]}, tmp_path)
    assert resumed.best_fit is not None


def test_expressions_may_hold_the_inputs_of_the_analysis():
    loaded = analysis(
        parameters={"dC_L": WIDE, "dC_R": {"expression": "dC_L * norm_BtoKstar + X_t"}},
        inputs={"norm_BtoKstar": {"prior": {"normal": [1.0, 0.09]}}, "X_t": 1.5},
    )
    values = model_values(loaded, [[2.0, 1.1], [-3.0, 0.9]])
    np.testing.assert_allclose(values["dC_R"], [3.7, -1.2])
