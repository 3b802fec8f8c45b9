"""Template errors that follow the weights: the same answers as a model with those errors."""

import dataclasses

import numpy as np
import pytest
from bsinv.errors import ParameterError
from bsinv.likelihoods.histfactory import curvature
from bsinv.likelihoods.histfactory.profile import Profiler
from bsinv.likelihoods.reweighted.belle2 import Belle2Likelihood
from bsinv.likelihoods.reweighted.inspection.post_fit import post_fit
from numpy.testing import assert_allclose


@pytest.fixture(scope="module")
def reweighted():
    return Belle2Likelihood(template_errors="reweighted")


@pytest.fixture(scope="module")
def marginal():
    return Belle2Likelihood("laplace", template_errors="reweighted")


def rebuilt(model, widths2):
    """The model with the relative errors of one point written into it."""
    errors = model.relative_error.copy()
    errors[0] = np.sqrt(widths2)
    return dataclasses.replace(model, relative_error=errors)


def peaked(spectra):
    """Spectra that carry much of their rate in one bin, where the errors grow most."""
    narrow = 0.5 * spectra.copy()
    narrow[np.arange(len(spectra)), np.arange(len(spectra)) * 7 % 80] += 5e-6
    return narrow


def test_multiple_of_the_template_changes_nothing(belle2, laplace, reweighted, marginal, null):
    template = np.multiply.outer([0.0, 1.0, 4.6], np.concatenate([[1.0], null]))
    for published, own in ((belle2, reweighted), (laplace, marginal)):
        expected = published.log_likelihood(template)
        assert_allclose(own.log_likelihood(template), expected, atol=1e-9)


def test_errors_never_shrink(reweighted, spectra):
    """Jensen: unequal weights lose precision, equal ones keep it."""
    published = reweighted.model.relative_error[0] ** 2
    assert (reweighted.template_widths2(spectra) >= published * (1 - 1e-12)).all()
    # A spectrum in one generated bin only: the error of its share of the events.
    alone = np.zeros(101)
    alone[30] = 1e-6
    share = reweighted.template_widths2(alone)[0] / published.clip(1e-30)
    from bsinv.likelihoods.reweighted.template import shares

    there = shares()[30] > 0
    assert_allclose(share[there], 1.0 / shares()[30][there], rtol=1e-9)


def test_profiled_is_that_of_a_model_with_these_errors(reweighted, spectra):
    given = np.concatenate([spectra[:4], peaked(spectra[4:8])])
    weights, widths2 = reweighted.weights(given), reweighted.template_widths2(given)
    batch = reweighted.profiler.minimise(weights, widths2)
    assert batch.converged.all()
    for index in range(len(given)):
        own = Profiler(rebuilt(reweighted.model, widths2[index]))
        alone = own.minimise(weights[[index]])
        assert batch.objective[index] == pytest.approx(alone.objective[0], abs=1e-7)


def test_derivatives_at_own_errors(reweighted, model, spectra):
    given = peaked(spectra[:3])
    weights, widths2 = reweighted.weights(given), reweighted.template_widths2(given)
    alpha = np.random.default_rng(8).normal(scale=0.7, size=(3, model.n_alpha))
    rates = model.rates(alpha, weights, widths2)
    for index in range(3):
        one = slice(index, index + 1)
        own = rebuilt(model, widths2[index])
        expected = own.rates(alpha[one], weights[one])
        assert_allclose(rates.expected[one], expected.expected, rtol=1e-12)
        assert_allclose(model.objective(rates)[one], own.objective(expected), rtol=1e-12)
        assert_allclose(model.gradient(rates)[one], own.gradient(expected), atol=1e-9)
        for derivative in (curvature.hessian, curvature.bin_jacobian):
            assert_allclose(derivative(model, rates)[one], derivative(own, expected), atol=1e-8)


def test_marginal_is_that_of_a_model_with_these_errors(marginal, spectra):
    """ln delta in the constant and in the determinant: the integral is over the right density."""
    given = peaked(spectra[8:11])
    logs = marginal.log_likelihood(given)
    weights, widths2 = marginal.weights(given), marginal.template_widths2(given)
    for index, log in enumerate(logs):
        own = rebuilt(marginal.model, widths2[index])
        result = Profiler(own).minimise(weights[[index]])
        rates = own.rates(result.alpha, weights[[index]])
        step = np.linalg.solve(curvature.hessian(own, rates), own.gradient(rates)[..., None])[
            ..., 0
        ]
        rates = own.rates(result.alpha - step, weights[[index]])
        determinant = np.linalg.slogdet(curvature.hessian(own, rates))[1]
        determinant += curvature.log_determinant_of_factors(own, rates)
        volume = 0.5 * (determinant - (own.n_alpha + own.n_factors) * np.log(2 * np.pi))
        expected = -(own.objective(rates) + own.constant + volume)
        assert log == pytest.approx(expected[0], abs=1e-6)


def test_profile_of_the_simulated_events(reweighted, model, null):
    """Barlow and Beeston in one bin: profiling each k_b costs (gamma - 1)^2/(2 delta(w)^2) only."""
    from bsinv.likelihoods.reweighted.template import shares

    weight = np.concatenate([[1.0], np.linspace(0.2, 4.0, 100)])
    prediction = np.concatenate([[1.0], null]) * weight
    bin_ = 3
    k = shares()[:, bin_] / model.relative_error[0, bin_] ** 2
    gamma = 1.07
    # Minimum of sum k eps^2/2 at fixed sum k w (1 + eps) = gamma sum k w: eps = w times a constant.
    eps = weight * (gamma - 1) * (k * weight).sum() / (k * weight**2).sum()
    assert (k * weight * (1 + eps)).sum() == pytest.approx(gamma * (k * weight).sum())
    widths2 = reweighted.template_widths2(prediction)[0, bin_]
    assert (0.5 * k * eps**2).sum() == pytest.approx((gamma - 1) ** 2 / (2 * widths2))


def test_larger_errors_allow_more(belle2, reweighted, spectra):
    """The profiled likelihood can only rise when a constraint is loosened."""
    given = peaked(spectra)
    assert (reweighted.log_likelihood(given) >= belle2.log_likelihood(given) - 1e-7).all()
    assert_allclose(
        reweighted.log_likelihood(given)[[3]], reweighted.log_likelihood(given[[3]]), atol=1e-8
    )


def test_rescue_with_own_errors(reweighted, spectra, monkeypatch):
    from bsinv.likelihoods.histfactory import profile

    given = peaked(spectra[:5])
    expected = reweighted.log_likelihood(given)

    def no_step(model, weights, start, *_):
        size = len(start)
        return start.copy(), np.full(size, np.nan), np.zeros(size, dtype=bool), 0

    monkeypatch.setattr(profile, "bfgs", no_step)
    assert_allclose(reweighted.log_likelihood(given), expected, atol=1e-7)


def test_not_finite_rows(reweighted, spectra):
    broken = spectra[:4].copy()
    broken[1] = np.nan
    log = reweighted.log_likelihood(broken)
    assert np.isnan(log[1])
    assert np.isfinite(log[[0, 2, 3]]).all()


def test_post_fit_counts_add_up(reweighted, spectra):
    for channel in post_fit(reweighted, peaked(spectra[:1])[0]).values():
        assert_allclose(sum(channel.samples.values()), channel.expected, rtol=1e-10)


def test_unknown_choice():
    with pytest.raises(ParameterError) as error:
        Belle2Likelihood(template_errors="none")
    assert str(error.value) == (
        "belle2-2023-bknunu: template_errors 'none' is not known: allowed are 'published', "
        "'reweighted'."
    )
