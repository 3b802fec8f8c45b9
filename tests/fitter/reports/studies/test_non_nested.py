"""Toys of two models beside exact distributions of the ratio of their likelihoods."""

import dataclasses

import bsinv
import numpy as np
import pytest
from bsinv.chains.statistics.non_nested import log_ratios, non_nested_test
from bsinv.errors import ParameterError
from bsinv.fitter.drivers.data_sets.non_nested import different_data, translated
from bsinv.fitter.reports.best_fit import best_fit
from bsinv.fitter.reports.studies import non_nested
from bsinv.fitter.reports.studies.non_nested import Fitted, non_nested_toys
from linear_toys import Linear, Square, matrix, problem
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

NORM = matrix()[:, 2]


def fitted(name, **parameters):
    made = problem(**parameters)
    return Fitted(name, made, best_fit(made))


def projection(columns):
    return columns @ np.linalg.pinv(columns)


@pytest.fixture(scope="module")
def simple():
    """Two points, of which only the constrained norm is fitted."""
    return fitted("a", dC_L=3.0, dC_R=0.0), fitted("b", dC_L=0.0, dC_R=2.0)


@pytest.fixture(scope="module")
def composite():
    """Only a, or only b, is fitted."""
    return fitted("a", dC_R=0.0), fitted("b", dC_L=0.0)


@pytest.mark.parametrize("under", ["first", "second"])
def test_of_two_points_the_ratio_is_normal(simple, under):
    """T is linear in the data: mean -D or D and variance 4 D, D = |mu_a - mu_b|^2, norm profiled.

    As of the test of two simple hypotheses, 1007.1727 section 2; NORM is what the fit takes out.
    """
    study = non_nested_toys(simple, under, 400, seed=3)
    away = matrix()[:, :2] @ np.array([3.0, -2.0])
    away = away - projection(NORM[:, None]) @ away
    mean = away @ away * (-1.0 if under == "first" else 1.0)
    ratios = log_ratios(study)
    assert study.done == 400
    assert not study.failed.any()
    assert stats.kstest(ratios, stats.norm(mean, 2.0 * np.sqrt(abs(mean))).cdf).pvalue > 1e-3
    found = non_nested_test(study)
    assert found.true_name == ("a" if under == "first" else "b")
    sign = 1.0 if under == "first" else -1.0
    exact = stats.norm.sf(sign * (found.observed - mean) / (2.0 * np.sqrt(abs(mean))))
    assert abs(found.toys.value - exact) < 4.0 * found.toys.error


@pytest.mark.parametrize("under", ["first", "second"])
def test_moments_with_fitted_parameters(composite, under):
    """T = y (P_b - P_a) y for projections on what is fitted: moments of a quadratic form."""
    study = non_nested_toys(composite, under, 400, seed=5)
    rows = matrix()
    a, b = (projection(rows[:, columns]) for columns in ([0, 2], [1, 2]))
    form = b - a
    side = 0 if under == "first" else 1
    true = rows[:, [side, 2]] @ (study.truth - np.array([0.0, 1.0]))
    mean = true @ form @ true + np.trace(form)
    variance = 2.0 * np.trace(form @ form) + 4.0 * true @ form @ form @ true
    ratios = log_ratios(study)
    assert abs(ratios.mean() - mean) < 4.0 * np.sqrt(variance / 400)
    assert ratios.var(ddof=1) == pytest.approx(variance, rel=0.4)
    data = composite[0].problem.measured
    measured = np.append(data.terms["linear"].values[0], data.centres[0] - 1.0)
    scaled = measured / np.append(Linear.sigma, 0.09)
    assert study.observed[0] - study.observed[1] == pytest.approx(scaled @ form @ scaled, abs=1e-3)
    assert not study.notes


def test_exchanged_the_other_way_round(composite):
    one = non_nested_test(non_nested_toys(composite, "second", 100, seed=5))
    other = non_nested_test(non_nested_toys(composite[::-1], "first", 100, seed=6))
    assert one.observed == pytest.approx(-other.observed, abs=1e-4)
    assert abs(one.toys.value - other.toys.value) < 4.0 * np.hypot(one.toys.error, other.toys.error)


def test_chunks_go_on_and_do_not_depend_on_their_number(composite, monkeypatch):
    monkeypatch.setattr(non_nested, "CHUNK_SIZE", 8)
    seen = []
    whole = non_nested_toys(composite, "first", 20, seed=1, report=lambda s: seen.append(s.done))
    assert seen == [8, 16, 20]
    part = non_nested_toys(composite, "first", 11, seed=1)
    assert_allclose(part.values, whole.values[:11], atol=1e-6)
    more = non_nested_toys(composite, "first", 20, seed=1, begun=[part])
    assert_array_equal(more.chunks, whole.chunks)
    assert_allclose(more.values, whole.values, atol=1e-6)
    # Fewer than there are: those that are there stay.
    assert non_nested_toys(composite, "first", 5, seed=1, begun=[whole]).done == 20
    for changes in ({"seed": 2}, {"seed": 1, "identity": "other"}):
        assert non_nested_toys(composite, "first", 1, begun=[whole], **changes).done == 1
    # Another end of the same fit is the same point; another fit is not.
    moved = dataclasses.replace(whole, truth=whole.truth + 1e-6)
    assert non_nested_toys(composite, "first", 20, seed=1, begun=[moved]).done == 20
    moved = dataclasses.replace(whole, truth=whole.truth + 0.5)
    fresh = non_nested_toys(composite, "first", 8, seed=1, begun=[moved])
    assert_array_equal(fresh.truth, whole.truth)
    assert_allclose(fresh.values, whole.values[:8], atol=1e-6)


def test_a_fit_that_is_not_the_lowest_is_told(composite):
    first, second = composite
    worse = dataclasses.replace(first.best, log_likelihood=first.best.log_likelihood - 1.0)
    worse = dataclasses.replace(worse, valid=False)
    study = non_nested_toys((dataclasses.replace(first, best=worse), second), "second", 1)
    assert study.notes == (
        "The fit of a failed: do not trust these numbers.",
        "The fit of a is not the lowest one (−2 ln L is lower by 2): fit it again.",
    )
    assert study.observed[0] == pytest.approx(-2.0 * first.best.log_penalised, abs=1e-3)


class Elsewhere(Linear):
    value = Linear.value + 0.1


@pytest.mark.parametrize(
    ("terms", "nuisance", "why"),
    [
        ((Square(),), True, "only one has data of linear, square"),
        ((Elsewhere(),), True, "the data of linear differ"),
        (
            (),
            False,
            "only one has a prior that stands for a measurement of norm_BtoKstar",
        ),
    ],
)
def test_other_data_are_refused(composite, terms, nuisance, why):
    other = problem(*terms, nuisance=nuisance)
    with pytest.raises(ParameterError) as caught:
        non_nested_toys((composite[0], Fitted("c", other, composite[0].best)), "first", 10)
    assert str(caught.value) == f"a and c cannot be compared with toys, since {why}."


def with_inputs(**centres):
    """Inputs float in the order in which they are given."""
    return bsinv.load(
        {
            "name": "ordered",
            "model": "wet-lfu",
            "likelihoods": ["belle_2017_kpnunu_value"],
            "parameters": {"dC_L": {"prior": {"uniform": [-50, 50]}}},
            "inputs": {
                name: {"prior": {"normal": [centre, 0.1 * centre]}}
                for name, centre in centres.items()
            },
        }
    ).problem.with_terms((Linear(),))


def test_centres_go_by_name():
    """Two constrained parameters in another order are the same data."""
    one = with_inputs(norm_BtoKstar=1.0, X_t=1.469)
    other = with_inputs(X_t=1.469, norm_BtoKstar=1.0)
    assert one.names[1:] == other.names[:0:-1] == ("norm_BtoKstar", "X_t")
    assert different_data(one, other) == ""
    data = one.sample(np.repeat(one.start[None], 3, axis=0), np.random.default_rng(1))
    assert_array_equal(translated(data, one, other).centres, data.centres[:, ::-1])
    moved = with_inputs(norm_BtoKstar=1.0, X_t=1.5)
    assert different_data(one, moved) == ("priors that stand for measurements of X_t differ")


@pytest.mark.parametrize("number", [0, -3, 1.5])
def test_numbers_that_are_none(composite, number):
    with pytest.raises(ParameterError, match="number"):
        non_nested_toys(composite, "first", number)
