"""Toys: fits known in closed form, distributions, chunks, points asked for."""

import bsinv
import numpy as np
import pytest
from bsinv.chains.records import ToyStudy
from bsinv.chains.statistics.coverage import coverage, pulls
from bsinv.chains.statistics.toys import (
    discovery,
    goodness,
    likelihood_ratio,
)
from bsinv.errors import ParameterError, PredictionError, StoreError, UnknownNameError
from bsinv.fitter.drivers.data_sets.data_fits import DataFitter
from bsinv.fitter.drivers.data_sets.toys import ToyPlan, findings, toy_chunk
from bsinv.fitter.reports.best_fit import best_fit
from bsinv.fitter.reports.studies import toys as reports
from bsinv.fitter.reports.studies.toys import toy_study
from bsinv.likelihoods.base import Term
from linear_toys import WIDTH, Linear, Square, Sum, least_squares, matrix, problem
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import chi2, kstest

TRUTH = np.array([1.0, -2.0, 1.0])


@pytest.fixture(scope="module")
def linear():
    return problem()


@pytest.fixture(scope="module")
def study(linear):
    return toy_study(linear, best_fit(linear), {"dC_L": 1.0, "dC_R": -2.0}, 1000, seed=4)


def test_fits_are_those_of_least_squares(linear):
    """-2 ln lambda, best fits and errors of each toy, with the nuisance parameter profiled."""
    plan = ToyPlan(TRUTH, (0, 1), seed=1, size=40)
    truths = np.repeat(TRUTH[None], 40, axis=0)
    data = linear.sample(truths, plan.rng(0))
    found, again = findings(linear, plan, data, truths), toy_chunk(linear, plan, 0)
    values, lowest, covariance = least_squares(data)
    assert not found.failed.any()
    assert_array_equal(found.values, again.values)
    assert_allclose(found.values, values, atol=5e-3)
    assert_allclose(found.term_deviance[:, 0] + found.constraint_deviance, lowest, atol=2e-5)
    assert_allclose(found.errors, np.sqrt(np.diag(covariance)) * np.ones((40, 1)), rtol=1e-4)
    # With a and b held, the marginal covariance of both is what counts.
    away = (values - TRUTH)[:, :2]
    expected = np.einsum("ni,ij,nj->n", away, np.linalg.inv(covariance[:2, :2]), away)
    assert_allclose(found.statistic, expected, atol=3e-5)


def test_distributions(study):
    """Wilks holds exactly: chi-square with two degrees of freedom, pulls of width one."""
    assert study.done == 1000
    assert not study.failed.any()
    assert kstest(study.statistic, chi2(2).cdf).pvalue > 1e-3
    for entry in pulls(study):
        assert entry.width == pytest.approx(1.0, abs=4 * entry.width_error)
        assert abs(entry.mean) < 4 * entry.mean_error
        assert abs(entry.bias) < 4 * entry.bias_error
        assert (entry.total, entry.without) == (1000, 0)
    assert {entry.kind for entry in coverage(study)} == {"likelihood ratio", "HESSE"}
    for entry in coverage(study):
        assert entry.fraction == pytest.approx(entry.level, abs=4 * entry.error)


def test_p_value_of_the_measured_data(study, linear):
    values, _, covariance = least_squares(linear.measured)
    away = values[0, :2] - TRUTH[:2]
    expected = away @ np.linalg.inv(covariance[:2, :2]) @ away
    found = likelihood_ratio(study)
    assert found.statistic == pytest.approx(expected, abs=1e-4)
    assert found.asymptotic == pytest.approx(chi2.sf(expected, 2), rel=1e-3)
    assert found.toys.value == pytest.approx(found.asymptotic, abs=4 * found.toys.error)
    assert discovery(study) is None  # two are tested


def test_goodness_of_fit(study, linear):
    """Three numbers, two parameters; the constraint brings a datum and a parameter."""
    (total, own), without = goodness(study)
    _, lowest, _ = least_squares(linear.measured)
    assert (total.data, total.degrees, own.name, without) == (3, 1, "linear", ())
    assert total.deviance == pytest.approx(lowest[0], abs=1e-4)
    assert total.asymptotic == pytest.approx(chi2.sf(lowest[0], 1), rel=1e-3)
    assert total.toys.value == pytest.approx(total.asymptotic, abs=4 * total.toys.error)
    deviance = study.term_deviance.sum(axis=1) + study.constraint_deviance
    assert kstest(deviance, chi2(1).cdf).pvalue > 1e-3


def test_only_what_data_know_is_counted():
    """Of a and b only the sum: one parameter is fitted, and none at a bound."""
    flat = problem(Sum(), nuisance=False)
    assert toy_study(flat, best_fit(flat), "best", 2).fitted == 1
    edge = problem(Linear(), b=(5, 50), nuisance=False)  # 1.0 is measured
    assert toy_study(edge, best_fit(edge), "best", 2).fitted == 1


def test_predictions_that_are_infinite_or_zero_tell_nothing():
    """As limits on masses, infinite without a coupling, beside a measured sum."""

    class Partly(Sum):
        name, value, sigma = "partly", np.array([[4.0, 1.0, 1.0]]), np.ones(3)

        def predict(self, wilson, inputs):
            total = super().predict(wilson, inputs)
            return np.concatenate([total, np.full_like(total, np.inf), 0.0 * total], axis=1)

    partly = problem(nuisance=False)
    point = np.array([1.0, 2.0])
    assert reports._fitted(partly.with_terms((Partly(),)), point, np.array([True])) == 1
    assert reports._fitted(partly.with_terms((Partly(),)), point, np.array([False])) == 0
    assert reports._fitted(partly, point, np.array([True])) == 2


def test_at_a_bound_half_of_a_chi_square():
    """1007.1727 section 3.1: half of the toys at zero, the others chi-square with one degree."""
    bounded = problem(Linear(), b=(0, 50), nuisance=False, dC_L=0.0)
    study = toy_study(bounded, best_fit(bounded), {"dC_R": 0.0}, 1000, seed=2)
    zero = study.values[:, 0] == 0.0
    assert zero.mean() == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / 1000))
    assert (study.statistic[zero] < 1e-6).all()
    assert kstest(study.statistic[~zero], chi2(1).cdf).pvalue > 1e-3
    assert np.isnan(study.errors[zero]).all()
    found, ratio = discovery(study), likelihood_ratio(study)
    # b from 1 +- 0.5 and 4 +- 2: 1.1765 +- 0.4851.
    assert found.statistic == pytest.approx((1.176471 / 0.485071) ** 2, abs=1e-3)
    assert found.asymptotic_sigma == pytest.approx(1.176471 / 0.485071, abs=1e-3)
    assert found.toys.value == pytest.approx(found.asymptotic, abs=4 * found.toys.error)
    assert np.isnan(ratio.asymptotic)  # no chi-square at an end


def test_a_coupling_at_zero_is_left():
    """q = (v/s)^2 where the data v are above zero, else 0: the slope at a = 0 vanishes."""
    square = problem(Square(), nuisance=False, dC_R=0.0)
    plan = ToyPlan(np.zeros(1), (0,), seed=5, size=60)
    truths = np.zeros((60, 1))
    data = square.sample(truths, plan.rng(0))
    found = findings(square, plan, data, truths)
    value = data.terms["square"].values[:, 0]
    assert_allclose(found.statistic, np.maximum(value / 2.0, 0.0) ** 2, atol=1e-4)
    assert_allclose(found.values[:, 0] ** 2, np.maximum(value, 0.0), atol=0.05)
    assert (found.gains[value > 1.0] > 0.1).all()


def test_a_minimum_at_a_kink_is_one():
    """ln L = -|a + b - v|/s, where the slope never vanishes."""

    class Kink(Sum):
        name = "kink"

        def log_likelihood(self, prediction, data=None):
            values = self.value if data is None else data.values
            return -abs((prediction - values) / self.sigma).sum(axis=1)

    kink = problem(Kink(), nuisance=False, dC_R=0.0)
    plan, truths = ToyPlan(np.zeros(1), (0,), seed=5, size=40), np.zeros((40, 1))
    data = kink.sample(truths, plan.rng(0))
    found, value = findings(kink, plan, data, truths), data.terms["kink"].values
    assert not found.failed.any()
    assert_allclose(found.values, value, atol=1e-3)
    assert_allclose(found.statistic, abs(value[:, 0]), atol=1e-3)


def test_nuisance_parameters_elsewhere(linear):
    best = best_fit(linear)
    point = {"dC_L": 1.0, "dC_R": -2.0}
    conditional = toy_study(linear, best, point, 2)
    rows, measured = matrix(), np.array([2.0, 1.0, 4.0])
    rest = (measured - [1.0, -2.0, -1.0]) / Linear.sigma
    column = rows[:3, 2]
    expected = 1.0 + column @ rest / (column @ column + 1.0 / WIDTH**2)
    assert conditional.truth[2] == pytest.approx(expected, abs=1e-4)
    assert toy_study(linear, best, point, 2, nuisances="nominal").truth[2] == 1.0
    prior = toy_study(linear, best, point, 500, nuisances="prior")
    assert prior.label == "dC_L = 1, dC_R = -2, nuisances: prior"
    assert prior.truths[:, 2].std() == pytest.approx(WIDTH, rel=0.15)
    assert prior.truths[:, 2].mean() == pytest.approx(1.0, abs=4 * WIDTH / np.sqrt(500))
    assert_array_equal(prior.truths[:, :2], np.repeat([[1.0, -2.0]], 500, axis=0))
    assert pulls(prior)[2].width == pytest.approx(1.0, abs=0.13)
    assert pulls(prior)[0].width == pytest.approx(1.0, abs=0.13)


def test_a_chunk_does_not_depend_on_others(linear):
    plan = ToyPlan(TRUTH, (0,), seed=9, size=12)
    whole, some = toy_chunk(linear, plan, 3), toy_chunk(linear, plan, 3, 5)
    assert_allclose(some.statistic, whole.statistic[:5], atol=1e-7)
    other = toy_chunk(linear, plan, 4)
    assert abs(other.values - whole.values).min() > 1e-6


def test_going_on_and_merging(linear, monkeypatch):
    monkeypatch.setattr(reports, "CHUNK_SIZE", 20)
    best, point = best_fit(linear), {"dC_L": 1.0}
    at_once = toy_study(linear, best, point, 70, seed=3)
    assert_array_equal(np.bincount(at_once.chunks), [20, 20, 20, 10])
    part = toy_study(linear, best, point, 50, seed=3)
    told = []
    further = toy_study(linear, best, point, 70, seed=3, begun=[part], report=told.append)
    assert [one.done for one in told] == [60, 70]  # the chunk that was cut is drawn again
    for name in ("statistic", "values", "errors", "truths", "term_deviance"):
        assert_allclose(getattr(further, name), getattr(at_once, name), atol=1e-6)
    fewer = toy_study(linear, best, point, 10, seed=3, begun=[further], report=told.append)
    assert (fewer.done, len(told)) == (70, 2)

    # Whoever did which chunks.
    def chunks(*numbers):
        rows = np.isin(at_once.chunks, numbers)
        names = ("chunks", "truths", "values", "errors", "statistic", "failed", "gains")
        names += ("term_deviance", "constraint_deviance")
        from dataclasses import replace

        return replace(at_once, **{name: getattr(at_once, name)[rows] for name in names})

    merged = ToyStudy.joined([chunks(2, 3), chunks(0), chunks(1, 2)])
    assert_array_equal(merged.statistic, at_once.statistic)
    assert merged.missing() == ()
    assert chunks(0, 2).missing() == ((1, 20), (3, 10))
    other = toy_study(linear, best, {"dC_L": 1.5}, 20, seed=3)
    with pytest.raises(StoreError, match=r"toys at dC_L = 1.5 \(seed 3\) .* not of one study"):
        ToyStudy.joined([other, at_once])


def test_interruption_keeps_whole_chunks(linear, monkeypatch):
    monkeypatch.setattr(reports, "CHUNK_SIZE", 10)
    kept = []

    def report(study):
        kept.append(study)
        if len(kept) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        toy_study(linear, best_fit(linear), "best", 40, report=report)
    assert (kept[-1].done, kept[-1].missing()) == (20, ((2, 10), (3, 10)))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"at": {"dC_X": 1.0}}, UnknownNameError, "'dC_X'"),
        ({"at": {"dC_L": 51.0}}, ParameterError, r"dC_L = 51: outside of its range \[-50, 50\]"),
        ({"at": {"dC_L": np.nan}}, ParameterError, "dC_L = nan"),
        (
            {"at": "worst"},
            ParameterError,
            "at = 'worst' is not allowed: values of free parameters by name",
        ),
        ({"at": {}}, ParameterError, "is not allowed"),
        ({"number": 0}, ParameterError, "number = 0"),
        ({"number": 2.5}, ParameterError, "number = 2.5"),
        ({"seed": -1}, ParameterError, "seed = -1"),
        ({"nuisances": "fixed"}, ParameterError, "one of 'conditional', 'nominal', 'prior'"),
    ],
)
def test_wrong_arguments(linear, change, error, message):
    given = {"at": "best", "number": 10} | change
    with pytest.raises(error, match=message):
        toy_study(linear, best_fit(linear), given.pop("at"), **given)


def test_a_term_without_data_is_named():
    class Mute(Linear):
        name = "mute"
        sample = Term.sample

    mute = problem(Mute())
    with pytest.raises(PredictionError, match=r"mute: data cannot be drawn .* sample\(prediction"):
        toy_study(mute, best_fit(mute), "best", 10)


@pytest.mark.slow
def test_pull_of_a_constant_in_the_default_analysis():
    """The factor on the rates of B -> K* has pulls of width one (its prior is cut 11 away)."""
    study = bsinv.load("b2snunu-lfu").toys("best", 2000)
    found = {entry.name: entry for entry in pulls(study)}["norm_BtoKstar"]
    assert found.width == pytest.approx(1.0, abs=3 * found.width_error)


def test_rows_are_held_at_values_of_their_own(linear):
    """Each data set with a held where it is asked: b and the constraint by least squares."""
    truths = np.repeat(TRUTH[None], 5, axis=0)
    data = linear.sample(truths, np.random.default_rng(3))
    held = np.array([-4.0, 0.0, 1.0, 2.5, 6.0])
    fitter = DataFitter(linear, data, TRUTH, {0: held})
    found = fitter.fit(truths)
    assert_array_equal(found.points[:, 0], held)
    rows = matrix()
    scaled = np.concatenate([data.terms["linear"].values, data.centres - 1.0], axis=1)
    scaled = scaled / np.append(Linear.sigma, WIDTH) - held[:, None] * rows[:, 0]
    rest = rows[:, 1:]
    expected = scaled @ rest @ np.linalg.inv(rest.T @ rest)
    assert_allclose(found.points[:, 1:], expected + np.array([0.0, 1.0]), atol=2e-2)
    # Of other data in the same coordinates, and one value for all.
    some = fitter.other(data.take(slice(1, 3)), {0: held[1:3]}).fit(truths[1:3])
    assert_allclose(some.points, found.points[1:3], atol=2e-2)
    alone = DataFitter(linear, data.take(slice(3, 4)), TRUTH, {0: 2.5}).fit(truths[:1])
    assert_allclose(alone.values, found.values[3:4], atol=1e-4)
