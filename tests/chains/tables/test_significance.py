import dataclasses

import numpy as np
import pytest
from bsinv.chains.records import ParameterRecord
from bsinv.chains.tables.significance import (
    comparison_text,
    one_sided_significance,
    rests_on,
    significance,
)
from bsinv.chains.tables.summary import summary_markdown


@pytest.mark.parametrize(
    ("delta", "dof", "p_value", "sigma"),
    [
        (1.0, 1, 0.31731, 1.0),
        (4.0, 1, 0.04550, 2.0),
        (0.0, 1, 1.0, 0.0),
        (-1e-9, 2, 1.0, 0.0),
        (2.29575, 2, 0.31731, 1.0),
        (6.18007, 2, 0.04550, 2.0),
        (3.52674, 3, 0.31731, 1.0),
    ],
)
def test_significance(delta, dof, p_value, sigma):
    """Contents of 68.27 and 95.45 % for one to three parameters."""
    found = significance(delta, dof)
    assert found[0] == pytest.approx(p_value, abs=1e-4)
    assert found[1] == pytest.approx(sigma, abs=1e-4)


def test_significance_beyond_floats():
    assert significance(5000.0, 2) == (0.0, np.inf)
    assert significance(10000.0, 1)[1] == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("delta", "excess", "p_value", "sigma"),
    [
        (7.377, True, 0.0033, 2.716),  # the collaboration's excess over mu = 1
        (2.7055, True, 0.05, 1.645),
        (0.0, True, 0.5, 0.0),
        (1.0, False, 0.8413, -1.0),
    ],
)
def test_one_sided_significance(delta, excess, p_value, sigma):
    found = one_sided_significance(delta, excess)
    assert found == pytest.approx((p_value, sigma), abs=1e-3)


def test_the_kind_is_always_named(run):
    fit = dataclasses.replace(
        run.best_fit,
        reference_dof=1,
        reference_test="local, one-sided",
        reference_p_value=0.0023,
        reference_sigma=2.83,
        reference_remark="Wilks' theorem is not quoted: m does not exist at SM.",
    )
    assert comparison_text(fit) == (
        "Relative to SM: −2 Δ ln L = 8.00 for 1 parameter tested: p = 0.0023, 2.83 σ (local, "
        "one-sided). Wilks' theorem is not quoted: m does not exist at SM."
    )
    none = dataclasses.replace(
        fit, reference_test="none", reference_p_value=np.nan, reference_sigma=np.nan
    )
    assert "σ" not in comparison_text(none)
    assert "p =" not in comparison_text(none)


def test_a_file_of_before_says_that_conditions_were_not_looked_at(run):
    text = comparison_text(run.best_fit)
    assert "(two-sided, Wilks' theorem). Whether the conditions of Wilks' theorem hold" in text


def test_terms_priors_and_inputs_are_named(run):
    assert rests_on(run) == (
        "It rests on belle2-2023-bknunu (+8.00), belle-2017-bkstnunu (+0.00). "
        "Inputs that float: VtbVts (0.041; SM 0.041)."
    )
    assert rests_on(run) in summary_markdown(run)


def test_the_largest_terms_come_first_and_the_rest_is_summed(run):
    fit = dataclasses.replace(
        run.best_fit,
        term_names=("a", "b", "c", "d", "e"),
        term_log_likelihood=[0.1, 5.0, -1.0, 0.0, 0.2],
        reference_term_log_likelihood=[0.0, 0.0, 0.5, 0.0, 1.0],
        term_pulls=np.zeros(5),
        reference_term_pulls=np.zeros(5),
        log_constraint=-0.25,
        reference_log_constraint=-1.0,
    )
    text = rests_on(dataclasses.replace(run, best_fit=fit))
    assert text.startswith(
        "It rests on b (+10.00), c (-3.00), e (-1.60), 2 other terms (+0.20), "
        "priors that stand for measurements (+1.50)."
    )


def test_inputs_that_are_held_are_named(run):
    free = [one for one in run.parameters if one.name != "VtbVts"]
    held = ParameterRecord("dC9_hadronic", role="input", free=False, value=0.0)
    text = rests_on(dataclasses.replace(run, parameters=(*free, held)))
    assert "Inputs that float: none. Inputs held by the analysis: dC9_hadronic = 0." in text


def test_nothing_without_a_reference_point(run):
    assert rests_on(dataclasses.replace(run, best_fit=None)) == ""
    fit = dataclasses.replace(run.best_fit, reference_label="")
    assert rests_on(dataclasses.replace(run, best_fit=fit)) == ""
