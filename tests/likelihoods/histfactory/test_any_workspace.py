"""Toys, Asimov data, fits of mu and marginalisation for every kind of modifier."""

import numpy as np
import pytest
from bsinv.likelihoods.histfactory import curvature
from bsinv.likelihoods.histfactory.compiling.compile import compile_workspace
from bsinv.likelihoods.histfactory.compiling.workspace import read_workspace
from bsinv.likelihoods.histfactory.profile import Profiler
from bsinv.likelihoods.histfactory.sample import asimov_data, draw_data
from bsinv.likelihoods.histfactory.strength import fit_strength
from numpy.testing import assert_allclose
from scipy.integrate import quad
from scipy.stats import poisson

from .workspaces import WORKSPACES, sample, workspace


@pytest.fixture(scope="module")
def profilers():
    made = {}
    for name, (content, signals, fixed) in WORKSPACES.items():
        made[name] = Profiler(compile_workspace(read_workspace(content), signals, fixed=fixed))
    return made


def ones(model, size=1):
    return np.ones((size, model.signals * model.observed.size))


@pytest.mark.parametrize("name", WORKSPACES)
@pytest.mark.parametrize("nuisances", ["conditional", "nominal"])
def test_asimov_has_no_deviance(profilers, name, nuisances):
    profiler = profilers[name]
    model = profiler.model
    weights = 1.3 * ones(model)
    drawn = asimov_data("t", profiler, weights, nuisances=nuisances)
    data = model.data(drawn.counts, drawn.alpha, drawn.factors)
    assert_allclose(profiler.minimise(weights, data=data).objective, 0.0, atol=3e-9)


@pytest.mark.parametrize("name", WORKSPACES)
@pytest.mark.parametrize("nuisances", ["conditional", "nominal", "prior"])
def test_toys_can_be_fitted(profilers, name, nuisances):
    profiler = profilers[name]
    model, size = profiler.model, 150
    drawn = draw_data("t", profiler, ones(model, size), None, np.random.default_rng(1), nuisances)
    assert drawn.alpha.shape == (size, len(model.parameters.constrained))
    assert drawn.factors.shape == (size, model.n_factors)
    data = model.data(drawn.counts, drawn.alpha, drawn.factors)
    assert profiler.minimise(ones(model, size), data=data).converged.all()
    found = fit_strength(profiler, ones(model), data)
    assert found.converged.all()
    truth = profiler.minimise(ones(model, size), data=data).objective
    assert (truth - found.objective > -1e-6).all()


def test_poisson_constraints_have_poisson_auxiliary_data(profilers):
    profiler = profilers["shapesys"]
    model, size = profiler.model, 4000
    drawn = draw_data("t", profiler, ones(model, size), None, np.random.default_rng(1))
    conditional = asimov_data("t", profiler, ones(model))
    tau = model.tau[model.places]
    counts = drawn.factors * tau
    assert_allclose(counts, np.round(counts), atol=1e-9)
    expected = tau * conditional.factors[0]
    assert_allclose(counts.mean(axis=0), expected, atol=5 * np.sqrt(expected.max() / size))
    assert_allclose(counts.var(axis=0) / expected, 1.0, atol=0.12)


@pytest.mark.parametrize("observed", [0.0, 4.0, 30.0])
def test_marginal_of_a_poisson_factor(observed):
    """Laplace over one factor with a narrow Poisson constraint against the integral: to 1 %."""
    content = workspace(
        {"c": [sample("s", [6.0]), sample("b", [12.0], ("shapesys", "e", [1.2]))]},
        {"c": [observed]},
    )
    model = compile_workspace(read_workspace(content), {"c": ("s",)})
    rates = model.rates(np.zeros((1, 0)), np.ones((1, 1)))
    tau = 100.0

    def density(gamma):
        return poisson.pmf(observed, 6.0 + 12.0 * gamma) * np.exp(
            tau * np.log(tau * gamma) - tau * gamma - np.log(tau) * 0.0
        )

    scale = np.exp(-poisson.logpmf(tau, tau) + tau * np.log(tau) - tau)
    exact = quad(density, 0.3, 2.5, points=[1.0])[0] / scale
    volume = 0.5 * curvature.log_determinant_of_factors(model, rates)[0] - 0.5 * np.log(2 * np.pi)
    log = -(model.objective(rates)[0] + model.constant) - volume
    assert log == pytest.approx(np.log(exact), abs=0.01)


@pytest.mark.parametrize("counts", [[0.0, 0.0], [0.0, 300.0], [500.0, 0.0]])
def test_extreme_counts(profilers, counts):
    profiler = profilers["shapesys"]
    data = profiler.model.data(np.array([counts]))
    result = profiler.minimise(ones(profiler.model), data=data)
    assert result.converged.all()
    rates = profiler.model.rates(result.alpha, ones(profiler.model), data=data)
    gamma = rates.gamma[0]
    # The stationarity condition of each factor, from its definition.
    slope = rates.rate[0, 1] * (1 - np.array(counts) / rates.expected[0])
    tau = profiler.model.tau[1]
    assert_allclose(slope + tau * (1 - 1 / gamma[1]), 0.0, atol=1e-9 * tau.max())
