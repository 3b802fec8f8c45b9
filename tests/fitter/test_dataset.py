"""Data sets of a problem: measured, drawn and without fluctuation, one point or many."""

import pickle
from dataclasses import replace

import bsinv
import numpy as np
import pytest
from bsinv.errors import ParameterError
from bsinv.fitter.dataset import Dataset
from bsinv.fitter.problem import CHUNK
from bsinv.likelihoods.base import Data, Term

FORM_FACTORS = {"B->K": {"set": "BtoK_FLAG2021_HPQCD2022_BSZ", "treatment": "float"}}


class Gaussian(Term):
    """Two rates measured with errors, as a term of one's own would be."""

    name, description = "mine", "two rates"
    observables = ("BR(B+->Knunu)", "BR(B0->K*nunu)")
    data_ids, includes_constants = ("mine",), True
    value, sigma = np.array([[8e-6, 12e-6]]), np.array([2e-6, 3e-6])

    @property
    def data(self):
        return Data(self.value)

    def predict(self, wilson, inputs):
        from bsinv.physics.observables import observable

        return np.stack([observable(name)(wilson, inputs) for name in self.observables], axis=1)

    def sample(self, prediction, rng):
        return Data(prediction + self.sigma * rng.standard_normal(prediction.shape))

    def asimov(self, prediction):
        return Data(prediction)

    def log_likelihood(self, prediction, data=None):
        values = self.value if data is None else data.values
        return -0.5 * (((prediction - values) / self.sigma) ** 2).sum(axis=1)

    def pull(self, prediction):
        return np.full(len(prediction), np.nan)


@pytest.fixture(scope="module")
def problem():
    loaded = bsinv.load(
        {
            "name": "two",
            "model": "wet-lfu",
            "likelihoods": ["belle_2017_kpnunu_value"],
            "parameters": {
                "dC_L": {"prior": {"uniform": [-20, 20]}},
                "dC_R": {"prior": {"normal": [0.0, 5.0]}},  # cut at the ends of its range
            },
            "inputs": {"norm_BtoKstar": {"prior": {"normal": [1.0, 0.09]}}},
            "form_factors": FORM_FACTORS,
        }
    )
    return loaded.problem.with_terms((Gaussian(),))


def points(problem, size, seed=1):
    return problem.sample_prior(np.random.default_rng(seed), size)


def test_measured_data_give_what_no_data_give(problem):
    theta = points(problem, 9)
    data = problem.measured
    assert len(data) == 1
    assert data.centres.shape == (1, problem.constrained.sum())
    np.testing.assert_array_equal(
        problem.log_likelihood(theta, data), problem.log_likelihood(theta)
    )
    np.testing.assert_array_equal(
        problem.log_constraint(theta, data), problem.log_constraint(theta)
    )


@pytest.mark.parametrize("size", [1, 7, CHUNK + 3])
def test_points_and_data_sets_in_step(problem, size):
    """n with n, one with n and n with one are the loop over pairs."""
    theta, rng = points(problem, size), np.random.default_rng(2)
    data = problem.sample(theta, rng)
    assert len(data) == size
    rows = sorted({0, size // 2, size - 1})
    for ask in (problem.log_likelihood, problem.log_constraint):
        paired, spread, single = ask(theta, data), ask(theta[:1], data), ask(theta, data.take([0]))
        assert paired.shape == spread.shape == single.shape == (size,)
        for row in rows:
            one, its = theta[[row]], data.take([row])
            assert paired[row] == pytest.approx(ask(one, its)[0], rel=1e-11)
            assert spread[row] == pytest.approx(ask(theta[:1], its)[0], rel=1e-11)
            assert single[row] == pytest.approx(ask(one, data.take([0]))[0], rel=1e-11)


def test_one_point_is_predicted_once_for_all_data_sets(problem, monkeypatch):
    theta = points(problem, CHUNK + 3)
    data = problem.sample(theta, np.random.default_rng(2))
    asked, predict = [], Gaussian.predict

    def counted(self, wilson, inputs):
        asked.append(wilson.size)
        return predict(self, wilson, inputs)

    monkeypatch.setattr(Gaussian, "predict", counted)
    problem.log_likelihood(theta[:1], data)
    assert asked == [1]
    problem.log_likelihood(theta, data)
    assert asked == [1, CHUNK, 3]


def test_constraints_are_around_what_was_drawn(problem):
    theta = points(problem, 4)
    data = problem.sample(theta, np.random.default_rng(3))
    width = 0.09
    column = problem.names.index("norm_BtoKstar")
    place = int(problem.constrained[:column].sum())
    moved = data.centres.copy()
    moved[:, place] += 0.05
    old, new = (
        problem.log_constraint(theta, Dataset(data.terms, centres))
        for centres in (data.centres, moved)
    )
    z = (theta[:, column] - data.centres[:, place]) / width
    expected = -0.5 * ((z - 0.05 / width) ** 2 - z**2)
    np.testing.assert_allclose(new - old, expected, atol=1e-9)


def test_drawn_centres_have_the_covariance_of_the_priors(problem):
    theta = np.repeat(problem.start[None], 20_000, axis=0)
    centres = problem.sample(theta, np.random.default_rng(4)).centres
    at = problem.start[problem.constrained]
    np.testing.assert_allclose((centres.mean(axis=0) - at) / centres.std(axis=0), 0.0, atol=0.03)
    prior = problem.table.priors[-1]
    correlation = prior.covariance / np.outer(*[np.sqrt(np.diag(prior.covariance))] * 2)
    found = np.corrcoef(centres[:, -prior.size :].T)
    np.testing.assert_allclose(found, correlation, atol=0.04)
    assert centres[:, 0].std() == pytest.approx(5.0, rel=0.02)


def test_asimov_data_are_best_described_by_their_own_point(problem):
    theta = problem.start.copy()
    theta[:2] = 1.0, -0.5
    data = problem.asimov(theta[None])
    beside = theta + 0.1 * problem.scale * np.random.default_rng(5).standard_normal(
        (200, len(theta))
    )

    def height(at):
        return problem.log_likelihood(at, data) + problem.log_constraint(at, data)

    assert (height(theta[None])[0] > height(beside)).all()


def test_pulls_of_constants_have_width_one(problem):
    """Fits of one measured rate and a constraint on the constant in front of it, in closed form.

    Linear in the constant n: rate = k n, with errors s of the rate and w of the constraint.
    """
    term, start = problem.terms[0], problem.start
    column = problem.names.index("norm_BtoKstar")
    place = int(problem.constrained[:column].sum())
    data = problem.sample(np.repeat(start[None], 2000, axis=0), np.random.default_rng(6))
    rate, sigma, width = problem.predictions(start[None])["mine"][0, 1], term.sigma[1], 0.09
    measured, centres = data.terms["mine"].values[:, 1], data.centres[:, place]
    weight = (rate / sigma) ** 2 + width**-2
    fitted = (rate * measured / sigma**2 + centres / width**2) / weight
    theta = np.repeat(start[None], 2000, axis=0)

    def height(values):
        theta[:, column] = values
        return problem.log_likelihood(theta, data) + problem.log_constraint(theta, data)

    best = height(fitted)
    for side in (-1.0, 1.0):
        drop = best - height(fitted + side / np.sqrt(weight))
        np.testing.assert_allclose(drop, 0.5, rtol=1e-6)
    pull = (fitted - start[column]) * np.sqrt(weight)
    # Of 2000 the error of a width is 1.6 %, of a mean 2.2 %.
    assert pull.std() == pytest.approx(1.0, abs=0.06)
    assert pull.mean() == pytest.approx(0.0, abs=0.08)


def test_what_one_term_draws_does_not_depend_on_another(problem):
    class Greedy(Gaussian):
        name = "greedy"

        def sample(self, prediction, rng):
            rng.standard_normal(17)
            return super().sample(prediction, rng)

    class Second(Gaussian):
        name = "second"

    theta = points(problem, 3)
    one, other = (
        problem.with_terms((first(), Second())).sample(theta, np.random.default_rng(7))
        for first in (Gaussian, Greedy)
    )
    np.testing.assert_array_equal(one.terms["second"].values, other.terms["second"].values)
    np.testing.assert_array_equal(one.centres, other.centres)


def test_where_nothing_is_defined_there_is_no_likelihood_for_any_data():
    loaded = bsinv.load(
        {
            "name": "root",
            "model": "wet-lfu",
            "likelihoods": ["belle_2017_kpnunu_value"],
            "auxiliary": {"a": {"prior": {"uniform": [-3, 3]}, "start": 1}},
            "parameters": {"dC_L": {"expression": "sqrt(a)"}},
        }
    )
    problem = loaded.problem.with_terms((Gaussian(),))
    data = problem.sample(np.array([[1.0], [2.0], [1.5]]), np.random.default_rng(1))
    theta = np.array([[1.0], [-1.0], [2.0]])
    log = problem.log_likelihood(theta, data)
    assert np.isneginf(log).tolist() == [False, True, False]
    assert log[2] == problem.log_likelihood(theta[2:], data.take([2]))[0]
    assert np.isneginf(problem.log_likelihood(theta[1:2], data)).all()
    assert np.isneginf(problem.log_likelihood(theta, data.take([0]))).tolist() == [
        *(False, True, False)
    ]


def test_numbers_that_do_not_fit_are_refused(problem):
    theta = points(problem, 3)
    data = problem.sample(theta, np.random.default_rng(1))
    for ask in (problem.log_likelihood, problem.log_constraint):
        with pytest.raises(ParameterError, match="2 points and 3 data sets"):
            ask(theta[:2], data)
        with pytest.raises(ParameterError, match="it must be a Dataset"):
            ask(theta, data.terms["mine"])
        with pytest.raises(ParameterError, match="of another problem: no data for mine"):
            ask(theta, Dataset({}, data.centres))
        with pytest.raises(ParameterError, match="of another problem: 1 centres, where"):
            ask(theta, replace(data, centres=data.centres[:, :1]))
    with pytest.raises(ParameterError, match="mine: 3 data sets beside 2 centres"):
        Dataset(data.terms, data.centres[:2])
    with pytest.raises(ParameterError, match=r"have the shape \(3,\)"):
        Dataset({}, np.zeros(3))


def test_another_word_for_nuisance_parameters_is_refused(problem):
    # None of its terms has nuisance parameters that could refuse it.
    with pytest.raises(ParameterError, match="nuisances = 'best' is not allowed: one of 'condit"):
        problem.sample(problem.start[None], np.random.default_rng(1), "best")


@pytest.mark.parametrize("name", ["b2snunu-lfu", "belle2-wet-eos"])
def test_problems_and_data_sets_go_to_other_processes(name):
    problem = bsinv.load(name).problem
    theta = problem.sample_prior(np.random.default_rng(3), 4)
    log_likelihood = problem.log_likelihood(theta)
    drawn = problem.sample(problem.start[None], np.random.default_rng(4))
    sent, data = pickle.loads(pickle.dumps((problem, drawn)))
    np.testing.assert_array_equal(sent.log_likelihood(theta), log_likelihood)
    np.testing.assert_array_equal(sent.log_prior(theta), problem.log_prior(theta))
    told = sent.log_likelihood(theta, data), problem.log_likelihood(theta, drawn)
    np.testing.assert_array_equal(*told)


def test_no_points_and_no_data_sets(problem):
    none, theta = np.empty((0, len(problem.names))), points(problem, 2)
    data = problem.sample(none, np.random.default_rng(1))
    assert len(data) == len(problem.asimov(none)) == 0
    assert problem.log_likelihood(theta[:1], data).shape == (0,)
    assert problem.log_constraint(theta[:1], data).shape == (0,)
    assert problem.log_likelihood(none, problem.measured).shape == (0,)
    theta[1, 0] = np.inf
    with pytest.raises(ParameterError, match="dC_L = inf at point 1"):
        problem.sample(theta, np.random.default_rng(1))


@pytest.mark.skipif(not hasattr(Term, "sample"), reason="terms of the package draw no data")
def test_the_pull_of_a_constant_over_toys_of_the_default_analysis():
    """All values and limits, norm_BtoKstar fitted to 2000 toys in step by Newton's method."""
    problem = bsinv.load("b2snunu-lfu").problem
    kept = tuple(term for term in problem.terms if term.name != "belle2-2023-bknunu")
    problem, theta = problem.with_terms(kept), np.repeat(problem.start[None], 2000, axis=0)
    column, step = problem.names.index("norm_BtoKstar"), 1e-3
    np.testing.assert_array_equal(
        problem.log_likelihood(theta[:1], problem.measured), problem.log_likelihood(theta[:1])
    )
    toys = problem.sample(theta, np.random.default_rng(1))

    def height(values):
        theta[:, column] = values
        return -problem.log_likelihood(theta, toys) - problem.log_constraint(theta, toys)

    at = theta[:, column].copy()
    for _ in range(6):
        middle, up, down = height(at), height(at + step), height(at - step)
        curvature = (up + down - 2.0 * middle) / step**2
        at -= np.clip((up - down) / (2.0 * step * curvature), -0.1, 0.1)
    pull = (at - 1.0) * np.sqrt(curvature)
    # Of 2000 the error of a width is 1.6 %, of a mean 2.2 %.
    assert pull.std() == pytest.approx(1.0, abs=0.05)
    assert pull.mean() == pytest.approx(0.0, abs=0.08)
