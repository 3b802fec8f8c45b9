"""The compiled HistFactory model: derivatives, eliminated bin factors, determinants, errors."""

import copy

import numpy as np
import pytest
from bsinv.errors import DataError
from bsinv.likelihoods.histfactory import curvature
from bsinv.likelihoods.histfactory.compiling.compile import compile_workspace
from bsinv.likelihoods.histfactory.compiling.workspace import read_workspace
from bsinv.likelihoods.reweighted.inspection.post_fit import error_of_sum
from numpy.testing import assert_allclose
from scipy.special import gammaln
from scipy.stats import norm


def full_objective(model, alpha, weights, gamma):
    """-ln L with all constants at given bin factors, written from the definition: (n,)."""
    rate = model.rates(alpha, weights).rate
    nu, n = (gamma * rate).sum(axis=1), model.observed
    main = (nu - n * np.log(nu) + gammaln(n + 1)).sum(axis=1)
    free = model.relative_error > 0
    widths = model.relative_error[free]
    factors = norm.logpdf(gamma[:, free], 1.0, widths).sum(axis=1)
    return main - norm.logpdf(alpha).sum(axis=1) - factors


def best_factors(model, rates):
    """Bin factors at the analytic minimum."""
    return 1.0 + rates.excess[:, None] * model.relative_error**2 * rates.rate


def test_shape_of_belle2(model):
    assert model.nominal.shape == (8, 30)
    assert (model.n_alpha, model.n_factors) == (51, 180)
    assert np.count_nonzero(model.nominal[0]) == 18
    assert_allclose(model.channel("sgn1_had").indices(30), (24, 30, 1))


def test_gradient(model, points):
    alpha, weights = points
    gradient, h = model.gradient(model.rates(alpha, weights)), 1e-5
    for index in range(model.n_alpha):
        step = np.zeros(model.n_alpha)
        step[index] = h
        above, below = (model.objective(model.rates(alpha + s, weights)) for s in (step, -step))
        assert_allclose(gradient[:, index], (above - below) / (2 * h), rtol=2e-6, atol=2e-6)


def test_hessian(model, points):
    alpha, weights = points
    hessian, h = curvature.hessian(model, model.rates(alpha, weights)), 1e-5
    assert_allclose(hessian, np.swapaxes(hessian, 1, 2), atol=1e-10)
    for index in range(model.n_alpha):
        step = np.zeros(model.n_alpha)
        step[index] = h
        above, below = (model.gradient(model.rates(alpha + s, weights)) for s in (step, -step))
        assert_allclose(hessian[:, :, index], (above - below) / (2 * h), rtol=1e-6, atol=1e-6)


def test_jacobian_of_the_expected_counts(model, points):
    alpha, weights = points
    rates, h = model.rates(alpha, weights), 1e-5
    ratio = model.observed * rates.variance / rates.expected**2
    jacobian = curvature.bin_jacobian(model, rates) / (1.0 + ratio)[..., None]
    for index in range(0, model.n_alpha, 5):
        step = np.zeros(model.n_alpha)
        step[index] = h
        above, below = (model.rates(alpha + s, weights).expected for s in (step, -step))
        assert_allclose(jacobian[..., index], (above - below) / (2 * h), rtol=1e-6, atol=1e-6)


def test_objective_is_the_full_one_at_the_analytic_factors(model, points):
    alpha, weights = points
    rates = model.rates(alpha, weights)
    gamma = best_factors(model, rates)
    assert_allclose(
        model.objective(rates) + model.constant,
        full_objective(model, alpha, weights, gamma),
        rtol=1e-12,
        atol=1e-9,
    )
    assert_allclose((gamma * rates.rate).sum(axis=1), rates.expected, rtol=1e-11)


def test_elimination_against_explicit_minimisation(model, points):
    """Newton steps in all 180 bin factors, from 1, end at the analytic factors."""
    alpha, weights = (value[:4] for value in points)
    rates = model.rates(alpha, weights)
    free = model.relative_error > 0
    slot, bin_ = np.nonzero(free)
    inverse_variance = 1.0 / model.relative_error[free] ** 2
    same_bin = bin_[:, None] == bin_[None, :]
    for point in range(len(alpha)):
        rate = rates.rate[point][free]
        gamma = np.ones(rate.size)
        for _ in range(30):
            nu = np.bincount(bin_, gamma * rate)[bin_]
            n = model.observed[bin_]
            gradient = rate * (1 - n / nu) + (gamma - 1) * inverse_variance
            hessian = same_bin * np.outer(rate, rate) * (n / nu**2) + np.diag(inverse_variance)
            gamma = gamma - np.linalg.solve(hessian, gradient)
        explicit = np.ones((1, *free.shape))
        explicit[0, slot, bin_] = gamma
        analytic = best_factors(model, rates)[point : point + 1]
        assert_allclose(explicit[:, free], analytic[:, free], rtol=1e-9)
        values = [
            full_objective(model, alpha[point : point + 1], weights[point : point + 1], each)
            for each in (explicit, analytic)
        ]
        assert_allclose(*values, rtol=1e-12)


def full_hessian(model, alpha, weights):
    """Second derivatives of `full_objective` in (alpha, bin factors) at the best factors.

    Factors analytically; the mixed block from first and the alpha block from second differences.
    """
    gamma = best_factors(model, model.rates(alpha, weights))
    free = model.relative_error > 0
    bin_ = np.nonzero(free)[1]
    size, h = model.n_alpha, 1e-3

    def factor_gradient(shifted):
        rate = model.rates(shifted, np.repeat(weights, len(shifted), axis=0)).rate
        nu = (gamma * rate).sum(axis=1)
        pulls = (gamma - 1)[0, free] / model.relative_error[free] ** 2
        return (rate * (1 - model.observed / nu)[:, None])[:, free] + pulls

    steps = h * np.eye(size)
    mixed = (factor_gradient(alpha + steps) - factor_gradient(alpha - steps)) / (2 * h)
    rates = model.rates(alpha, weights)
    rate, nu = rates.rate[0][free], rates.expected[0][bin_]
    same_bin = bin_[:, None] == bin_[None, :]
    factors = same_bin * np.outer(rate, rate) * (model.observed[bin_] / nu**2)
    factors += np.diag(1.0 / model.relative_error[free] ** 2)
    first, second = (index.ravel() for index in np.indices((size, size)))

    def value(one, other):
        shifted = alpha + one * steps[first] + other * steps[second]
        batch = np.repeat(weights, len(shifted), axis=0)
        return full_objective(model, shifted, batch, gamma)

    block = (value(1, 1) - value(1, -1) - value(-1, 1) + value(-1, -1)) / (4 * h * h)
    return np.block([[block.reshape(size, size), mixed], [mixed.T, factors]])


def test_schur_determinant(model, belle2, null):
    """det of the explicit 231 x 231 Hessian = det of the profiled one x that of the factors."""
    weights = belle2.weights(null)
    alpha = belle2.profiler.minimise(weights).alpha
    rates = model.rates(alpha, weights)
    explicit = full_hessian(model, alpha, weights)
    assert explicit.shape == (231, 231)
    sign, log_determinant = np.linalg.slogdet(explicit)
    assert sign == 1
    product = np.linalg.slogdet(curvature.hessian(model, rates))[
        1
    ] + curvature.log_determinant_of_factors(model, rates)
    # Second differences cost four digits; a Gauss-Newton Hessian would be off by 0.6.
    assert log_determinant == pytest.approx(product[0], abs=1e-4)


def test_error_of_the_sum_from_the_full_covariance(model, belle2, null):
    weights = belle2.weights(3.0 * null)
    alpha = belle2.profiler.minimise(weights).alpha
    rates = model.rates(alpha, weights)
    covariance = np.linalg.inv(full_hessian(model, alpha, weights))
    gamma, free, h = best_factors(model, rates), model.relative_error > 0, 1e-5
    slot, bin_ = np.nonzero(free)
    steps = h * np.eye(model.n_alpha)
    batch = np.repeat(weights, model.n_alpha, axis=0)
    above, below = (
        (gamma * model.rates(alpha + sign * steps, batch).rate).sum(axis=1) for sign in (1, -1)
    )
    jacobian = np.zeros((len(covariance), weights.shape[1]))
    jacobian[: model.n_alpha] = (above - below) / (2 * h)
    jacobian[model.n_alpha + np.arange(bin_.size), bin_] = rates.rate[0, slot, bin_]
    expected = np.sqrt(np.einsum("ib,ij,jb->b", jacobian, covariance, jacobian))
    assert_allclose(error_of_sum(model, rates), expected, rtol=1e-5)


SMALL = {
    "channels": [
        {
            "name": "one",
            "samples": [
                {
                    "name": "signal",
                    "data": [4.0, 2.0],
                    "modifiers": [
                        {"name": "mu", "type": "normfactor", "data": None},
                        {
                            "name": "shape",
                            "type": "histosys",
                            "data": {"lo_data": [3.5, 2.2], "hi_data": [4.6, 1.9]},
                        },
                        {"name": "stat_s", "type": "staterror", "data": [0.4, 0.3]},
                    ],
                },
                {
                    "name": "background",
                    "data": [10.0, 5.0],
                    "modifiers": [
                        {"name": "norm", "type": "normsys", "data": {"lo": 0.8, "hi": 1.3}},
                        {"name": "stat_b", "type": "staterror", "data": [1.0, 0.7]},
                    ],
                },
            ],
        },
        {
            "name": "two",
            "samples": [
                {
                    "name": "background",
                    "data": [7.0],
                    "modifiers": [
                        {"name": "norm", "type": "normsys", "data": {"lo": 0.9, "hi": 1.05}},
                        {"name": "stat_c", "type": "staterror", "data": [0.5]},
                    ],
                }
            ],
        },
    ],
    "observations": [{"name": "one", "data": [15.0, 6.0]}, {"name": "two", "data": [9.0]}],
}
SIGNAL = {"one": ("signal",)}


@pytest.fixture
def small():
    return copy.deepcopy(SMALL)


def compiled_model(content, dropped=()):
    return compile_workspace(read_workspace(content), SIGNAL, dropped, {"mu": 1.0})


def modifiers(workspace, channel=0, sample=0):
    return workspace["channels"][channel]["samples"][sample]["modifiers"]


def test_one_parameter_may_scale_channels_differently(small):
    """Two variations with one parameter: both enter the gradient and the Hessian."""
    compiled = compiled_model(small)
    assert compiled.alpha_names == ("norm", "shape")
    assert compiled.scale_names == ("norm", "norm")
    alpha, weights, h = np.array([[0.4, -0.7]]), np.array([[1.5, 0.5, 1.0]]), 1e-5
    rates = compiled.rates(alpha, weights)
    for index in range(2):
        step = np.zeros(2)
        step[index] = h
        above, below = (compiled.rates(alpha + s, weights) for s in (step, -step))
        slope = (compiled.objective(above) - compiled.objective(below)) / (2 * h)
        bend = (compiled.gradient(above) - compiled.gradient(below)) / (2 * h)
        assert_allclose(compiled.gradient(rates)[:, index], slope, rtol=1e-7)
        assert_allclose(curvature.hessian(compiled, rates)[:, index], bend, rtol=1e-7)


def test_rates_of_a_small_model(small):
    compiled = compiled_model(small)
    rates = compiled.rates(np.array([[1.0, -1.0]]), np.array([[2.0, 3.0, 1.0]]))
    assert_allclose(rates.rate[0, 0], [2 * 3.5, 3 * 2.2, 0.0])
    assert_allclose(rates.rate[0, 1], [13.0, 6.5, 7.0 * 1.05])


def test_dropped_modifiers(small):
    compiled = compiled_model(small, ("shape",))
    assert compiled.alpha_names == ("norm",)
    assert compiled.odd.shape == (0, 2, 3)
    alpha, weights = np.array([[0.3]]), np.ones((1, 3))
    rates = compiled.rates(alpha, weights)
    assert_allclose(rates.rate[0, 0], [4.0, 2.0, 0.0])
    assert compiled.gradient(rates).shape == (1, 1)
    assert curvature.hessian(compiled, rates).shape == (1, 1, 1)


def test_dropped_name_must_exist(small):
    with pytest.raises(DataError) as error:
        compiled_model(small, ("shape", "corr_ff_c9"))
    assert str(error.value) == (
        "workspace: modifiers to drop that the workspace does not have: ['corr_ff_c9']"
    )


def test_held_name_must_exist(small):
    with pytest.raises(DataError, match=r"parameters to hold that .* does not have: \['nu'\]"):
        compile_workspace(read_workspace(small), SIGNAL, fixed={"mu": 1, "nu": 1})


def test_parameter_of_interest_must_be_held(small):
    small["measurements"] = [{"name": "m", "config": {"poi": "mu", "parameters": []}}]
    with pytest.raises(DataError) as error:
        compile_workspace(read_workspace(small, name="small.json"), SIGNAL)
    assert str(error.value) == (
        "small.json: 'mu' is the parameter of interest of the weighted sample 'signal': hold it "
        "(fix: {mu: 1}), the prediction takes its place"
    )


def test_free_parameter_without_events(small):
    small["channels"][1]["samples"].append(
        {
            "name": "nothing",
            "data": [0.0],
            "modifiers": [{"name": "kappa", "type": "normfactor", "data": None}],
        }
    )
    with pytest.raises(DataError, match="the free parameter 'kappa' multiplies no events"):
        compiled_model(small)


def test_observed_events_where_none_are_expected(small):
    small["channels"][1]["samples"][0]["data"] = [0.0]
    with pytest.raises(DataError, match="bin 0 of channel 'two' has 9 observed events and none"):
        compiled_model(small)


def test_held_parameters_are_multiplied_in(small):
    """Alphas held at a value give the rates of the free ones there, and their constraint."""
    free = compiled_model(small)
    held = compile_workspace(
        read_workspace(small), SIGNAL, fixed={"mu": 2.0, "norm": 0.7, "shape": -1.4}
    )
    assert held.n_alpha == 0
    alpha, weights = np.array([[0.7, -1.4]]), np.array([[2.0, 2.0, 1.0]])
    ones = np.ones((1, 3))
    rates, expected = held.rates(np.zeros((1, 0)), ones), free.rates(alpha, weights)
    assert_allclose(rates.rate, expected.rate)
    ours = held.objective(rates) + held.constant
    assert_allclose(ours, free.objective(expected) + free.constant, rtol=1e-12)


def test_unknown_channel(small):
    with pytest.raises(DataError, match="no channel 'three'"):
        compiled_model(small).channel("three")


def test_empty_bin(small):
    """A bin without events: nu = R - V, and everything stays finite."""
    small["observations"][1]["data"] = [0.0]
    compiled = compiled_model(small)
    alpha, weights = np.zeros((1, 2)), np.ones((1, 3))
    rates = compiled.rates(alpha, weights)
    assert rates.expected[0, 2] == pytest.approx(7.0 - 0.5**2)
    gamma = best_factors(compiled, rates)
    nu = (gamma * rates.rate).sum(axis=1)[0, 2]
    assert nu == pytest.approx(6.75)
    assert np.isfinite(compiled.objective(rates)).all()
    assert np.isfinite(compiled.gradient(rates)).all()
    assert np.isfinite(compiled.constant)


def test_constant(model):
    """The saturated model: -ln L = constant where nu = n and every pull is zero."""
    n = model.observed
    widths = model.relative_error[model.relative_error > 0]
    poisson = -(n * np.log(n) - n - gammaln(n + 1)).sum()
    normals = -norm.logpdf(np.zeros(51)).sum() - norm.logpdf(0, 0, widths).sum()
    assert model.constant == pytest.approx(poisson + normals, rel=1e-12)
