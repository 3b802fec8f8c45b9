"""Data sets of a model: per-point data, empty bins, draws around nuisance parameters, the floor."""

import numpy as np
import pytest
from bsinv.errors import ParameterError, PredictionError
from bsinv.likelihoods.histfactory import curvature
from bsinv.likelihoods.histfactory.compiling.compile import compile_workspace
from bsinv.likelihoods.histfactory.compiling.workspace import read_workspace
from bsinv.likelihoods.histfactory.model import NO_COUNTS
from bsinv.likelihoods.histfactory.sample import FLOOR, asimov_data, draw_data, matched
from numpy.testing import assert_allclose
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.stats import norm


@pytest.fixture(scope="module")
def toys(belle2, model, null):
    """40 toys at strength 2, with one empty bin in each, and their weights."""
    weights = np.repeat(belle2.weights(2.0 * null), 40, axis=0)
    drawn = draw_data("t", belle2.profiler, weights, None, np.random.default_rng(8))
    drawn.counts[np.arange(40), np.arange(40) % 30] = 0.0
    return weights, model.data(drawn.counts, drawn.alpha, drawn.factors)


def test_gradient_and_hessian_with_data(model, toys):
    weights, data = toys[0][:3], toys[1].take(slice(12, 15))
    rng = np.random.default_rng(4)
    alpha, h = rng.normal(scale=0.5, size=(3, model.n_alpha)), 1e-5
    rates = model.rates(alpha, weights, data=data)
    gradient, hessian = model.gradient(rates), curvature.hessian(model, rates)
    for index in range(0, model.n_alpha, 3):
        step = np.zeros(model.n_alpha)
        step[index] = h
        above, below = (model.rates(alpha + s, weights, data=data) for s in (step, -step))
        slope = (model.objective(above) - model.objective(below)) / (2 * h)
        assert_allclose(gradient[:, index], slope, rtol=2e-6, atol=2e-5)
        change = (model.gradient(above) - model.gradient(below)) / (2 * h)
        assert_allclose(hessian[:, :, index], change, rtol=1e-5, atol=1e-5)


def test_mixed_derivatives(model, toys):
    weights, data = toys[0][:2], toys[1].take(slice(5, 7))
    alpha, h = np.full((2, model.n_alpha), 0.2), 1e-4
    counts, factors = curvature.mixed_derivatives(model, model.rates(alpha, weights, data=data))

    def gradient(**changed):
        changed = {
            "counts": data.counts,
            "centres": data.centres,
            "factors": data.factors,
        } | changed
        return model.gradient(model.rates(alpha, weights, data=type(data)(**changed)))

    for bin_ in (0, 14, 29):
        step = np.zeros(30)
        step[bin_] = h
        change = gradient(counts=data.counts + step) - gradient(counts=data.counts - step)
        assert_allclose(counts[:, bin_], change / (2 * h), rtol=1e-5, atol=1e-8)
    for slot, bin_ in ((0, 2), (3, 14), (2, 29)):
        step = np.zeros((8, 30))
        step[slot, bin_] = h
        change = gradient(factors=data.factors + step) - gradient(factors=data.factors - step)
        assert_allclose(factors[:, slot * 30 + bin_], change / (2 * h), rtol=1e-5, atol=1e-8)


def test_batch_of_data_is_a_loop(belle2, toys):
    weights, data = toys
    result = belle2.profiler.minimise(weights, data=data)
    assert result.converged.all()
    for point in range(0, 40, 7):
        row = slice(point, point + 1)
        alone = belle2.profiler.minimise(weights[row], data=data.take(row))
        assert alone.objective[0] == pytest.approx(result.objective[point], abs=1e-8)


def test_large_batches_are_cut_and_joined(belle2, toys, monkeypatch):
    from bsinv.likelihoods.histfactory import profile

    weights, data = toys
    whole = belle2.profiler.minimise(weights, data=data)
    monkeypatch.setattr(profile, "CHUNK", 7)
    parts = belle2.profiler.minimise(weights, data=data)
    assert_allclose(parts.objective, whole.objective, atol=1e-8)
    assert parts.alpha.shape == whole.alpha.shape


def test_minimum_with_data_is_that_of_scipy(belle2, model, toys):
    """Over all 231 parameters, nothing eliminated; an empty bin in each data set."""
    weights, data = toys
    found = belle2.profiler.minimise(weights, data=data)
    slots, bins = model.places
    widths = model.relative_error[slots, bins]

    def cost(values, row):
        alpha, scaled = values[: model.n_alpha], values[model.n_alpha :]
        centre = data.factors[row][slots, bins]
        gamma = np.ones(model.nominal.shape)
        gamma[slots, bins] = centre + widths * scaled
        rates = model.rates(alpha[None], weights[row][None])
        jacobian = curvature.jacobian(model, rates)[0]
        rate, n = rates.rate[0], np.where(data.counts[row] < 1, 0.0, data.counts[row])
        nu = (gamma * rate).sum(axis=0)
        if (nu <= 0).any():
            return np.inf, np.zeros_like(values)
        value = (nu - n - np.where(n > 0, n * np.log(nu / np.maximum(n, 1)), 0.0)).sum()
        pull = alpha - data.centres[row]
        value += 0.5 * pull @ pull + 0.5 * scaled @ scaled
        u = n / nu - 1.0
        slope = np.concatenate(
            [
                pull - np.einsum("sb,sbi->i", u * gamma, jacobian),
                scaled - u[bins] * rate[slots, bins] * widths,
            ]
        )
        return value, slope

    start = np.concatenate([found.alpha, np.zeros((40, model.n_factors))], axis=1)
    # Rows whose empty bin is one that expects few events, so that none is no bound.
    for row in (17, 19, 20):
        best = minimize(
            cost,
            start[row],
            (row,),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": 5000, "ftol": 1e-15, "gtol": 1e-7},
        )
        assert found.objective[row] == pytest.approx(best.fun, abs=1e-6)


ONE_BIN = {
    "channels": [
        {
            "name": "c",
            "samples": [
                {
                    "name": "s",
                    "data": [2.0],
                    "modifiers": [{"name": "e", "type": "staterror", "data": [0.8]}],
                },
                {
                    "name": "b",
                    "data": [1.0],
                    "modifiers": [{"name": "f", "type": "staterror", "data": [1.0]}],
                },
            ],
        }
    ],
    "observations": [{"name": "c", "data": [0.0]}],
}


@pytest.mark.parametrize("centres", [(1.0, 1.0), (0.2, 0.1), (0.6, 0.44), (2.0, 0.01)])
def test_bin_without_counts(centres):
    """Minimum and integral over two factors as far as the expected count is not negative."""
    model = compile_workspace(read_workspace(ONE_BIN), {"c": ("s",)})
    data = model.data(np.zeros((1, 1)), factors=np.array([centres]))
    assert data.counts[0, 0] == NO_COUNTS
    rates = model.rates(np.zeros((1, 0)), np.ones((1, 1)), data=data)
    rate, width = np.array([2.0, 1.0]), np.array([0.4, 1.0])

    def cost(gamma):
        return gamma @ rate + 0.5 * (((gamma - centres) / width) ** 2).sum()

    bound = {"type": "ineq", "fun": lambda gamma: gamma @ rate}
    best = minimize(cost, np.ones(2), constraints=bound, method="SLSQP", tol=1e-13)
    assert model.objective(rates)[0] == pytest.approx(best.fun, abs=1e-9)
    assert_allclose(rates.gamma[0, :, 0], best.x, atol=1e-5)
    # The sum of two normal factors is normal: one integral over the expected count is left.
    mean, sigma = rate @ np.array(centres), np.hypot(*(rate * width))
    exact = quad(lambda nu: np.exp(-nu) * norm.pdf(nu, mean, sigma), 0, 60, epsabs=1e-14)[0]
    dimension = 2
    volume = 0.5 * curvature.log_determinant_of_factors(model, rates)[0] - dimension / 2 * np.log(
        2 * np.pi
    )
    log = -(model.objective(rates)[0] + model.constants(data)[0]) - volume
    assert log == pytest.approx(np.log(exact), abs=1e-9)


def test_draws_have_the_moments_they_should(belle2, model, null):
    weights = np.repeat(belle2.weights(4.6 * null), 4000, axis=0)
    drawn = draw_data("t", belle2.profiler, weights, None, np.random.default_rng(3))
    asimov = asimov_data("t", belle2.profiler, weights[:1])
    error = np.sqrt(asimov.counts / 4000)
    assert (abs(drawn.counts.mean(axis=0) - asimov.counts) < 5 * error).all()
    assert_allclose(drawn.counts.var(axis=0) / asimov.counts[0], 1.0, atol=0.15)
    assert (abs(drawn.alpha.mean(axis=0) - asimov.alpha[0]) < 5 / np.sqrt(4000)).all()
    assert_allclose(drawn.alpha.std(axis=0), 1.0, atol=0.06)
    widths = model.relative_error[model.places]
    narrow = widths < 0.2
    moved = (drawn.factors - asimov.factors) / widths
    assert_allclose(moved[:, narrow].std(axis=0), 1.0, atol=0.07)
    assert drawn.factors.min() == FLOOR
    # Alphas of the conditional toys are those of the measured fit, not zero.
    assert abs(asimov.alpha).max() > 0.5


def test_nominal_and_prior(belle2, model, null):
    weights = np.repeat(belle2.weights(null), 3000, axis=0)
    rng = np.random.default_rng(5)
    nominal = draw_data("t", belle2.profiler, weights, None, rng, "nominal")
    prior = draw_data("t", belle2.profiler, weights, None, rng, "prior")
    assert abs(nominal.alpha.mean(axis=0)).max() < 5 / np.sqrt(3000)
    # Drawn from the prior and again around it: twice the variance.
    assert_allclose(prior.alpha.var(axis=0), 2.0, atol=0.3)
    assert (prior.counts.var(axis=0) > nominal.counts.var(axis=0)).all()


def test_asimov_has_no_deviance(belle2, model, null):
    weights = belle2.weights(np.stack([null, 4.6 * null]))
    for nuisances in ("conditional", "nominal"):
        drawn = asimov_data("t", belle2.profiler, weights, nuisances=nuisances)
        data = model.data(drawn.counts, drawn.alpha, drawn.factors)
        result = belle2.profiler.minimise(weights, data=data)
        assert_allclose(result.objective, 0.0, atol=2e-9)
        assert_allclose(result.alpha, drawn.alpha, atol=1e-4)


def test_words_that_are_not_known(belle2, null):
    weights = belle2.weights(null)
    with pytest.raises(ParameterError) as error:
        draw_data("t", belle2.profiler, weights, None, np.random.default_rng(), "posterior")
    assert str(error.value) == (
        "t: nuisances 'posterior' of toys are not known: allowed are 'conditional', 'nominal', "
        "'prior': did you mean 'prior'?"
    )
    with pytest.raises(ParameterError, match="Asimov data are expected ones, at nuisances"):
        asimov_data("t", belle2.profiler, weights, nuisances="prior")


def test_not_finite(belle2, null):
    weights = np.repeat(belle2.weights(null), 3, axis=0)
    weights[1, 2] = np.nan
    with pytest.raises(PredictionError, match="not finite, as that of point 1"):
        draw_data("t", belle2.profiler, weights, None, np.random.default_rng())


def test_numbers_that_do_not_match(toys):
    assert matched("t", np.ones((1, 4)), toys[1]).shape == (40, 4)
    assert matched("t", np.ones((40, 4)), toys[1]).shape == (40, 4)
    assert matched("t", np.ones((3, 4)), toys[1].take(slice(0, 1))).shape == (3, 4)
    with pytest.raises(PredictionError, match="3 predictions and 40 data sets do not match"):
        matched("t", np.ones((3, 4)), toys[1])
