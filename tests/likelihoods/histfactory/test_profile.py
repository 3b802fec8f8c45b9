"""Profiling a batch: true minima, independence of the batch, far spectra, rescue."""

import numpy as np
import pytest
from bsinv.likelihoods.histfactory import bfgs, curvature, newton, profile, steps
from numpy.testing import assert_allclose
from scipy.optimize import minimize


def scipy_minimum(model, weights, start):
    """Lowest objective of one point found by BFGS of scipy."""

    def cost(alpha):
        rates = model.rates(alpha[None], weights[None])
        return model.objective(rates)[0], model.gradient(rates)[0]

    found = minimize(cost, start, jac=True, method="BFGS", options={"gtol": 1e-6})
    return found.fun


@pytest.fixture(scope="module")
def weights(belle2, spectra):
    return belle2.weights(spectra)


@pytest.fixture(scope="module")
def result(belle2, weights):
    return belle2.profiler.minimise(weights)


def test_all_converge_in_few_steps(result):
    assert result.converged.all()
    assert result.steps <= 12


def test_minimum_is_that_of_scipy(model, weights, result):
    rng = np.random.default_rng(3)
    for point in range(0, len(weights), 6):
        start = rng.normal(size=model.n_alpha)
        expected = scipy_minimum(model, weights[point], start)
        assert result.objective[point] == pytest.approx(expected, abs=1e-8)


def test_gradient_vanishes_and_hessian_is_positive(model, weights, result):
    rates = model.rates(result.alpha, weights)
    # The gradient at a point whose distance to the minimum is estimated as 1e-9.
    gradient, hessian = model.gradient(rates), curvature.hessian(model, rates)
    distance = 0.5 * np.einsum(
        "ni,ni->n", gradient, np.linalg.solve(hessian, gradient[..., None])[..., 0]
    )
    assert (distance < 2e-8).all()
    assert (np.linalg.eigvalsh(hessian)[:, 0] > 0.3).all()
    assert_allclose(result.objective, model.objective(rates), rtol=1e-14)


def test_batch_is_a_loop(belle2, weights, result):
    for point, row in enumerate(weights):
        alone = belle2.profiler.minimise(row[None])
        assert alone.objective[0] == pytest.approx(result.objective[point], abs=1e-9)
        assert_allclose(alone.alpha[0], result.alpha[point], atol=1e-9)


def test_rows_may_be_permuted(belle2, weights, result):
    order = np.random.default_rng(0).permutation(len(weights))
    shuffled = belle2.profiler.minimise(weights[order])
    assert_allclose(shuffled.objective, result.objective[order], atol=1e-9)
    assert_allclose(shuffled.alpha, result.alpha[order], atol=1e-9)


def test_all_reference_points_are_used(belle2, model):
    strengths = np.array([0.0, 0.3, 2.0, 4.0, 7.0, 11.0, 17.0, 40.0, 120.0, 200.0])
    weights = np.where(model.nominal[0] > 0, strengths[:, None], 1.0)
    together = belle2.profiler.minimise(weights[::-1])
    alone = [belle2.profiler.minimise(row[None]).objective[0] for row in weights[::-1]]
    assert_allclose(together.objective, alone, atol=1e-9)


@pytest.mark.parametrize("strength", [0.0, 50.0, 150.0, 200.0])
def test_far_strengths_find_the_global_minimum(belle2, model, strength):
    weights = np.where(model.nominal[0] > 0, strength, 1.0)
    result = belle2.profiler.minimise(weights[None])
    assert result.converged.all()
    rng = np.random.default_rng(8)
    starts = [np.zeros(model.n_alpha), *rng.normal(size=(2, model.n_alpha))]
    with np.errstate(all="ignore"):
        others = [scipy_minimum(model, weights, start) for start in starts]
    assert result.objective[0] <= min(others) + 1e-7


def test_ordinary_points_do_not_see_the_far_starts(belle2, weights, result, monkeypatch):
    monkeypatch.setattr(profile, "FAR", 0.0)
    tried = belle2.profiler.minimise(weights)
    assert (tried.objective <= result.objective).all()
    assert_allclose(tried.objective, result.objective, atol=1e-8)
    monkeypatch.setattr(profile, "FAR", np.inf)
    assert (belle2.profiler.minimise(weights).objective == result.objective).all()


@pytest.mark.parametrize("column", [20, 45, 70])
def test_far_starts_only_lower_the_minimum(belle2, model, column, monkeypatch):
    """Spectra in one bin, hundreds of times the nominal signal: several minima."""
    spectra = np.full((3, 100), 1e-9)
    spectra[:, column] = [3e-3, 1e-2, 4e-2]
    weights = belle2.weights(spectra)
    tried = belle2.profiler.minimise(weights)
    assert tried.converged.all()
    rates = model.rates(tried.alpha, weights)
    assert_allclose(model.objective(rates), tried.objective, rtol=1e-12)
    monkeypatch.setattr(profile, "FAR", np.inf)
    single = belle2.profiler.minimise(weights)
    kept = single.converged
    assert (tried.objective[kept] <= single.objective[kept]).all()


def test_far_points_of_examples():
    """Points of priors that one start took to minima 150 and 245 higher."""
    from pathlib import Path

    import bsinv

    folder = Path(__file__).parents[3] / "examples" / "scenarios"
    for name, values, least in (
        ("fermion-pair-scalar", {"m_chi": 0.6416108110738178, "C_SS": 32.62252526698973}, -370.0),
        ("sterile-neutrino-tensor", {"m_N": 2.499412017888042, "nuN_TR": 53.74731126}, -190.0),
    ):
        analysis = bsinv.load(folder / f"{name}.yaml")
        assert analysis.log_likelihood(analysis.point(values))[0] > least


def test_absurd_strength_stays_finite_and_unlikely(belle2, model):
    weights = np.where(model.nominal[0] > 0, np.array([[4.6], [100.0], [1000.0]]), 1.0)
    result = belle2.profiler.minimise(weights)
    assert result.converged.all()
    assert result.objective[0] < result.objective[1] - 100 < result.objective[2] - 200


@pytest.mark.parametrize("column", [0, 20, 50, 80, 99])
def test_spectrum_in_one_bin(belle2, column):
    spectra = np.zeros((3, 100))
    spectra[:, column] = 5e-6 * np.array([0.5, 3.0, 20.0])
    weights = belle2.weights(spectra)
    result = belle2.profiler.minimise(weights)
    assert result.converged.all()
    for row, value in zip(weights, result.objective, strict=True):
        expected = scipy_minimum(belle2.model, row, np.zeros(belle2.model.n_alpha))
        assert value <= expected + 1e-7


def test_rescue_by_newton_steps(belle2, weights, result, monkeypatch):
    """With no BFGS step allowed every point is rescued, to the same minima."""
    monkeypatch.setattr(profile, "bfgs", _no_step)
    rescued = belle2.profiler.minimise(weights)
    assert rescued.converged.all()
    assert_allclose(rescued.objective, result.objective, atol=1e-8)


def test_rescue_of_one_point_leaves_the_others(belle2, weights, result, monkeypatch):
    original = profile.bfgs

    def lose_one(*arguments):
        alpha, objective, converged, steps = original(*arguments)
        converged[5], objective[5], alpha[5] = False, np.nan, np.nan
        return alpha, objective, converged, steps

    monkeypatch.setattr(profile, "bfgs", lose_one)
    found = belle2.profiler.minimise(weights)
    assert found.converged.all()
    assert_allclose(found.objective, result.objective, atol=1e-8)


def test_not_converged_is_nan(belle2, weights, result, monkeypatch):
    def give_up(model, batch, start, scale=None):
        return start, np.zeros(len(start)), np.zeros(len(start), dtype=bool)

    monkeypatch.setattr(profile, "bfgs", _no_step)
    monkeypatch.setattr(profile, "damped_newton", give_up)
    assert result.converged.all()  # the reference points are there
    lost = belle2.profiler.minimise(weights)
    assert np.isnan(lost.objective).all()
    assert not lost.converged.any()


def test_newton_from_a_bad_start(belle2, weights, result):
    start = np.random.default_rng(1).normal(scale=3.0, size=result.alpha.shape)
    _, objective, converged = newton.damped_newton(belle2.model, steps.Batch(weights), start)
    assert converged.all()
    assert_allclose(objective, result.objective, atol=1e-8)


def test_start_out_of_all_reason_is_left(belle2, model, weights, result, monkeypatch):
    """As of a line that led far beyond where it holds: the rates there are 1e80."""
    start = belle2.profiler._start

    def far(batch, reference):
        begin = start(batch, reference)
        begin[3] *= 1e5
        return belle2.profiler._near(begin, reference)

    monkeypatch.setattr(belle2.profiler, "_start", far)
    found = belle2.profiler.minimise(weights)
    assert found.converged.all()
    assert_allclose(found.objective, result.objective, atol=1e-8)


def test_uphill_is_not_done(model, weights, result):
    """Where the direction leads uphill no minimum is claimed, however large the objective."""
    size = len(weights)
    uphill = -np.eye(model.n_alpha)[None]
    start = np.full((size, model.n_alpha), 3.0)
    which = np.zeros(size, dtype=int)
    _, objective, converged, _ = bfgs.bfgs(model, steps.Batch(weights), start, uphill, which)
    assert not converged.any()
    assert np.isnan(objective).all()


def test_polished_minima(belle2, model, weights, result):
    found = belle2.profiler.polished(result.alpha, weights)
    gradient = model.gradient(model.rates(found, weights))
    assert abs(gradient).max() < 1e-7
    assert_allclose(found, result.alpha, atol=1e-4)


def test_blockwise_product():
    rng = np.random.default_rng(2)
    matrices, vectors = rng.normal(size=(4, 3, 5)), rng.normal(size=(6, 3))
    block = np.array([0, 0, 2, 2, 2, 3])
    expected = [vector @ matrices[index] for vector, index in zip(vectors, block, strict=True)]
    assert_allclose(bfgs.blockwise(vectors, matrices, block), expected, rtol=1e-12)


def _no_step(model, weights, start, *_):
    size = len(start)
    return start.copy(), np.full(size, np.nan), np.zeros(size, dtype=bool), 0
