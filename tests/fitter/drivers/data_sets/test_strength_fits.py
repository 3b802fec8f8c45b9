"""Toys of the Belle II signal strength: two ways to fit them, pyhf at the same toys, coverage."""

import bsinv
import numpy as np
import pytest
from bsinv.chains.statistics.coverage import coverage
from bsinv.chains.statistics.toys import discovery, goodness
from bsinv.errors import ParameterError
from bsinv.fitter.dataset import Dataset
from bsinv.fitter.drivers.data_sets import toys
from bsinv.fitter.drivers.data_sets.strength_fits import rate_of
from bsinv.fitter.drivers.data_sets.toys import ToyPlan, findings, toy_chunk
from bsinv.likelihoods.base import Data
from bsinv.likelihoods.reweighted.belle2 import Belle2Likelihood
from numpy.testing import assert_allclose

LEVELS = (0.6827, 0.90, 0.95)


@pytest.fixture(scope="module")
def analysis():
    return bsinv.load("belle2-signal-strength")


@pytest.fixture(scope="module")
def problem(analysis):
    return analysis.problem


@pytest.fixture(scope="module")
def best(analysis):
    return analysis.fit(minos=())


def with_range(low, high, **term):
    name = "belle2-2023-bknunu"
    return bsinv.load(
        {
            "name": "mu",
            "model": "signal-strength",
            "likelihoods": [{"name": name} | term] if term else [name],
            "parameters": {"mu": {"prior": {"uniform": [low, high]}, "start": 0.5 * (low + high)}},
        }
    ).problem


@pytest.mark.parametrize(("strength", "ends"), [(1.0, (0, 20)), (0.0, (0, 20)), (4.6, (4, 5.5))])
def test_the_same_numbers_as_a_search(monkeypatch, strength, ends):
    """At zero, and where many toys end at one of the ends."""
    problem, plan = with_range(*ends), ToyPlan(np.array([strength]), (0,), seed=1, size=10)
    fast = toy_chunk(problem, plan, 0)
    monkeypatch.setattr(toys, "rate_of", lambda given: None)
    slow = toy_chunk(problem, plan, 0)
    assert not fast.failed.any()
    assert not slow.failed.any()
    assert_allclose(fast.statistic, slow.statistic, atol=2e-5)
    assert_allclose(fast.values, slow.values, atol=1e-2)
    assert_allclose(fast.term_deviance, slow.term_deviance, atol=2e-5)
    inside = np.isfinite(fast.errors) & np.isfinite(slow.errors)
    assert_allclose(fast.errors[inside], slow.errors[inside], rtol=0.02)


def test_only_a_rate_alone_is_fitted_so(problem):
    assert rate_of(problem) is not None
    assert rate_of(with_range(0, 20, template_errors="reweighted")) is not None
    assert rate_of(with_range(0, 20, nuisances="laplace")) is None
    assert rate_of(bsinv.load("b2snunu-lfu").problem) is None
    assert rate_of(bsinv.load("belle2-wet-eos").problem) is None
    with pytest.raises(ParameterError, match="treated as 'laplace' here"):
        Belle2Likelihood("laplace").fit_strength(Belle2Likelihood().null_columns[None])


def test_measured_data(analysis, best):
    """2.72 sigma at mu = 1, 3.46 without signal (2311.14647: 2.7 and 3.5)."""
    for strength, expected in ((1.0, 2.717), (0.0, 3.46)):
        study = analysis.toys({"mu": strength}, 4, best=best)
        found = discovery(study)
        assert found.asymptotic_sigma == pytest.approx(expected, abs=0.005)
        assert study.observed_values[0] == pytest.approx(4.60, abs=0.005)
        (total, _), without = goodness(study)
        assert (total.data, total.degrees, without) == (30, 29, ())
        assert total.deviance == pytest.approx(26.64, abs=0.01)
    assert analysis.toys("sm", 4, best=best).truth[0] == 1.0


def likelihood_ratio_coverage(study):
    return [entry for entry in coverage(study) if entry.kind == "likelihood ratio"]


def test_coverage(analysis, best):
    """Exact at 4.6; near zero the intervals of 90 and 95 % hold more."""
    for entry in likelihood_ratio_coverage(analysis.toys({"mu": 4.6}, 400, seed=1, best=best)):
        assert entry.total == 400
        assert entry.fraction == pytest.approx(entry.level, abs=3 * entry.error)
    for entry in likelihood_ratio_coverage(analysis.toys({"mu": 1.0}, 400, seed=1, best=best)):
        assert entry.fraction > entry.level - 3 * entry.error


def frozen(problem, strength, number):
    """Statistic of toys whose auxiliary data are wrongly those of the measured data."""
    plan = ToyPlan(np.array([strength]), (0,), seed=2, size=number)
    truths = np.repeat(plan.truth[None], number, axis=0)
    drawn = problem.sample(truths, plan.rng(0))
    term = problem.terms[0]
    auxiliary = {
        name: np.repeat(values, number, axis=0) for name, values in term.data.auxiliary.items()
    }
    data = Data(drawn.terms[term.name].values, auxiliary)
    return findings(problem, plan, Dataset({term.name: data}, drawn.centres), truths).statistic


def test_frozen_auxiliary_data_are_wrong(problem):
    """Intervals of 68.27 % seem to hold the truth in 84 %: half of the error is of these data."""
    inside = (frozen(problem, 4.6, 400) <= 1.0).mean()
    assert inside == pytest.approx(0.843, abs=3 * np.sqrt(0.843 * 0.157 / 400))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("strength", "expected"),
    [(1.0, (0.6845, 0.9297, 0.9711)), (4.6, (0.6785, 0.8975, 0.9477))],
)
def test_coverage_of_many(analysis, best, strength, expected):
    """20 000 toys; the numbers are those of docs/statistics/statistics.md."""
    study = analysis.toys({"mu": strength}, 20_000, seed=20231124, best=best)
    for entry, value in zip(likelihood_ratio_coverage(study), expected, strict=True):
        assert entry.total == 20_000
        assert entry.fraction == pytest.approx(value, abs=3 * entry.error)


@pytest.mark.slow
def test_the_standard_model(analysis, best):
    """p of mu = 1: 2.72 sigma, 0.0033 in the asymptotic limit (2311.14647: 2.7)."""
    found = discovery(analysis.toys("sm", 20_000, seed=20231124, best=best))
    assert found.asymptotic == pytest.approx(0.0033, abs=2e-5)
    assert found.toys.value == pytest.approx(0.0033, abs=3 * found.toys.error)


@pytest.mark.slow
def test_no_signal(analysis, best):
    """p of background alone: 2.7e-4 in the asymptotic limit, 200 000 toys."""
    found = discovery(analysis.toys({"mu": 0.0}, 200_000, seed=7, best=best))
    assert found.asymptotic == pytest.approx(2.7e-4, rel=0.02)
    assert found.toys.failed == 0
    assert found.toys.value == pytest.approx(2.7e-4, abs=3 * found.toys.error)
