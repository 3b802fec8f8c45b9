"""Excess of toys of Belle II: one minimisation with nuisance parameters against brute force."""

from dataclasses import replace

import bsinv
import numpy as np
import pytest
from bsinv.fitter.drivers.global_significance import ExcessSearch, excess_search, row_excess
from bsinv.fitter.drivers.joint_excess import _passes, joint_excess
from bsinv.fitter.drivers.joint_moves import Polynomial, Predicted
from bsinv.fitter.drivers.limit_curves import Curves, RateProblem
from bsinv.likelihoods.histfactory.joint import Joint
from scipy.optimize import minimize

MASSES = np.array([0.5, 2.1, 3.4, 4.4])


def particle(floating=False, upper=1000, likelihoods=None, inputs=None, **options):
    given = {
        "name": "particle",
        "model": "two-body-br",
        "likelihoods": likelihoods or [{"name": "belle2-2023-bknunu", **options}],
        "parameters": {
            "m_X": {"prior": {"uniform": [0.0, 4.7]}},
            "BR_K": {"prior": {"uniform": [0, upper]}, "start": 3.0},
        },
    }
    if inputs:
        given["inputs"] = inputs
    if floating:
        ff = {"set": "BtoK_FLAG2021_HPQCD2022_BSZ", "treatment": "float"}
        given["form_factors"] = {"B->K": ff}
    return bsinv.load(given).problem


def made(problem, masses=MASSES, number=6):
    """The search, and some toys."""
    names = problem.names
    of = RateProblem(problem, names.index("BR_K"), (names.index("m_X"),), np.array(problem.start))
    search = excess_search(of, masses[:, None])
    toys = problem.sample(np.repeat(search.truth[None], number, axis=0), np.random.default_rng(3))
    return search, toys


def brute_force(search: ExcessSearch, toys, toy, point):
    """Best rate and q from grids of rates, each within a step of the best of the one before."""
    problem = search.of.problem
    low, high = 0.0, min(8.0 * search.size[point], search.of.upper)
    values = []
    for _ in range(5):
        rates = np.append(np.linspace(low, high, 40), 0.0)
        theta = np.repeat(search.points[[point]], len(rates), axis=0)
        theta[:, search.of.column] = rates
        values = -2.0 * problem.log_likelihood(theta, toys.take([toy] * len(rates)))
        best, step = rates[values.argmin()], (high - low) / 39.0
        low, high = max(best - step, 0.0), min(best + step, high)
    return best, values[-1] - values.min()


@pytest.mark.parametrize("response", ["published", "linear"])
def test_q_is_that_of_brute_force(response):
    search, toys = made(particle(response=response))
    assert isinstance(search.joint.form, Polynomial)
    rate, q = search.joint.excess(toys)
    for toy in range(len(toys)):
        for point in range(len(search.points)):
            best, excess = brute_force(search, toys, toy, point)
            assert q[toy, point] == pytest.approx(excess, abs=2e-6)
            assert rate[toy, point] == pytest.approx(best, abs=2e-3 * search.size[point])
    assert (q == 0.0).any()
    assert (q > 2.0).any()


def test_rates_beyond_the_range_are_at_its_end():
    search, toys = made(particle(upper=4.0), MASSES[:2], 60)
    rate, q = search.joint.excess(toys)
    ends = np.argwhere(rate == 4.0)
    assert len(ends)
    for toy, point in ends:
        _, excess = brute_force(search, toys, toy, point)
        assert q[toy, point] == pytest.approx(excess, abs=2e-6)


def test_form_factors_beside_the_rate():
    search, toys = made(particle(floating=True, response="linear"), MASSES[1:3])
    problem, others = search.of.problem, search.of.others
    assert isinstance(search.joint.form, Polynomial)
    assert search.joint.constraint.second == pytest.approx(np.eye(8), abs=1e-6)
    rate, q = search.joint.excess(toys)
    toy, point = np.unravel_index(q.argmax(), q.shape)
    metric = problem.metric[np.ix_(others, others)]

    def cost(z, free):
        """Of whitened coefficients, and the rate in units of its error."""
        step = 1e-3 * np.eye(len(z))
        around = np.concatenate([z[None], z + step, z - step])
        theta = np.repeat(search.points[[point]], len(around), axis=0)
        theta[:, others] += around[:, :8] @ metric.T
        theta[:, search.of.column] = search.size[point] * around[:, 8] if free else 0.0
        data = toys.take([toy] * len(around))
        values = -2.0 * (problem.log_likelihood(theta, data) + problem.log_constraint(theta, data))
        up, down = values[1:].reshape(2, -1)
        return values[0], (up - down) / 2e-3

    start = np.append(np.zeros(8), rate[toy, point] / search.size[point])
    free = minimize(cost, start, args=(True,), jac=True, options={"gtol": 1e-5})
    null = minimize(cost, start[:8], args=(False,), jac=True, options={"gtol": 1e-5})
    assert q[toy, point] == pytest.approx(null.fun - free.fun, abs=1e-5)
    assert rate[toy, point] == pytest.approx(search.size[point] * free.x[8], rel=1e-3)
    # The same from predictions at each step in place of a polynomial.
    mine = search.joint
    form = Predicted(mine.beside)
    movers = {
        name: Joint(mine.joint.model, replace(getattr(mine, name).mover, form=form))
        for name in ("without", "end", "joint")
    }
    other = replace(mine, form=form, **movers)
    np.testing.assert_allclose(other.excess(toys.take([toy]))[1], q[[toy]], atol=1e-6)


def test_a_free_background():
    """X_t floats: weights of fourth degree with form factors, of second without."""
    inputs = {"X_t": {"prior": {"uniform": [0.0, 7.0]}, "start": 1.47}}
    search, toys = made(particle(inputs=inputs), MASSES[1:3])
    toys = toys.take(slice(0, 3))
    q = search.joint.excess(toys)[1]
    rows, points = np.divmod(np.arange(q.size), 2)
    curves = Curves(search.of, search.points[points], toys.take(rows))
    slow = row_excess(curves, search.size[points])[1].reshape(q.shape)
    good = np.isfinite(q)
    assert good.mean() > 0.9
    np.testing.assert_allclose(q[good], slow[good], atol=2e-3)


@pytest.mark.parametrize(
    ("options", "which"),
    [
        ({"template_errors": "reweighted"}, "bin factors follow the prediction"),
        ({"likelihoods": ["belle2-2023-bknunu", "belle_2017_kpnunu_value"]}, "two terms"),
        ({"likelihoods": ["belle_2017_kpnunu_value"]}, "no template"),
    ],
)
def test_other_problems_are_searched_along_the_rate(options, which):
    assert made(particle(**options), MASSES[1:2])[0].joint is None, which


def test_passes_reach_all_points_from_those_done():
    for n in (1, 2, 7, 8, 9, 100):
        done = np.zeros(n, dtype=bool)
        for columns, before, after in _passes(n):
            new = before != columns
            assert done[before[new]].all()
            assert done[after[new]].all()
            done[columns] = True
        assert done.all()


def test_a_marginalised_term_has_no_such_fits():
    search, _ = made(particle(), MASSES[1:2])
    term = search.of.problem.terms[0]
    term.nuisances = "laplace"
    asimov = search.of.problem.measured
    assert joint_excess(search.of, search.points, search.size, asimov) is None
    term.nuisances = "profile"
