"""Which significance holds at the reference point."""

import bsinv
import numpy as np
import pytest
from bsinv.fitter.reports.comparison import comparison, parameters_tested
from bsinv.fitter.reports.reference import reference_point


def load(model, parameters, likelihoods=("belle2-2023-bknunu",), **more):
    return bsinv.load(
        {
            "name": "test",
            "model": model,
            "likelihoods": list(likelihoods),
            "parameters": parameters,
            **more,
        }
    )


def uniform(low, high):
    return {"prior": {"uniform": [low, high]}}


def at_reference(analysis):
    point = analysis.start.copy()
    fixed = reference_point(analysis.problem).columns
    point[list(fixed)] = list(fixed.values())
    return point


def sorted_parameters(analysis):
    fixed = reference_point(analysis.problem).columns
    return parameters_tested(analysis.problem, at_reference(analysis), fixed)


def compared(analysis, *args):
    return comparison(analysis.problem, reference_point(analysis.problem), *args)


def test_a_mass_without_a_coupling_does_not_exist():
    analysis = load("two-body-br", {"m_X": uniform(0, 4.7), "BR_K": uniform(0, 40)})
    found = sorted_parameters(analysis)
    assert (found.missing, found.bound, found.regular, found.even) == (("m_X",), ("BR_K",), (), ())


def test_of_a_coupling_on_both_sides_only_the_square_counts():
    analysis = load("dm-fermion", {"m_chi": uniform(0, 2.3), "C_VV": uniform(-5, 5)})
    found = sorted_parameters(analysis)
    assert (found.missing, found.even) == (("m_chi",), ("C_VV",))


def test_a_coefficient_that_interferes_is_regular():
    analysis = load("wet-lfu", {"dC_L": uniform(-30, 30)})
    found = sorted_parameters(analysis)
    assert (found.regular, found.rank) == (("dC_L",), 1)
    best = analysis.fit()
    assert best.reference_test == "two-sided"
    assert best.reference_remark == ""
    assert best.reference_sigma == pytest.approx(np.sqrt(best.minus_two_delta_log))


def test_two_coefficients_of_which_only_the_sum_is_seen():
    """B -> K knows C_L + C_R alone: two degrees of freedom would be one too many."""
    analysis = load("wet", {"dC_L": uniform(-30, 30), "dC_R": uniform(-30, 30)})
    found = sorted_parameters(analysis)
    assert (found.regular, found.rank) == (("dC_L", "dC_R"), 1)


def test_with_both_mesons_two_coefficients_are_two():
    analysis = bsinv.load("b2snunu-lfu")
    found = sorted_parameters(analysis)
    assert (found.regular, found.rank) == (("dC_L", "dC_R"), 2)


def test_an_excess_is_one_sided():
    """p = 0.0033, 2.72 sigma above mu = 1."""
    best = bsinv.load("belle2-signal-strength").fit()
    assert best.reference_test == "one-sided"
    assert best.reference_p_value == pytest.approx(0.0033, abs=5e-5)
    assert best.reference_sigma == pytest.approx(2.72, abs=0.005)


def test_a_deficit_is_no_excess():
    analysis = bsinv.load("belle2-signal-strength")
    told = compared(analysis, np.array([1.0]), np.array([0.5]), 1.0)
    assert told["reference_test"] == "one-sided"
    assert told["reference_sigma"] == -1.0
    assert told["reference_p_value"] == pytest.approx(0.8413, abs=1e-4)


def test_two_of_which_one_is_on_its_bound_have_no_figure():
    analysis = load("wet-eos", {"cVL": uniform(0, 20), "cSL": uniform(0, 20)})
    told = compared(analysis, at_reference(analysis), analysis.start, 9.0)
    assert told["reference_test"] == "none"
    assert np.isnan(told["reference_p_value"])
    assert "cSL lies on its bound there" in told["reference_remark"]
    assert "Toys at SM are needed for a significance" in told["reference_remark"]
