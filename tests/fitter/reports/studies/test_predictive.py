"""Posterior predictive checks beside exact probabilities of normal data."""

import numpy as np
import pytest
from bsinv.chains.statistics.predictive import discrepancies
from bsinv.chains.statistics.samples import Posterior
from bsinv.errors import ParameterError, StoreError
from bsinv.fitter.reports.studies.predictive import posterior_predictive
from bsinv.likelihoods.forms.limits import HalfGaussianLimit
from linear_toys import Linear, Sum, problem
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import chi2, norm

POINT = np.array([1.0, 2.0, 1.0])


def posterior(names, samples, weights=None):
    unknown = np.zeros(len(samples))
    return Posterior(names, samples, unknown, unknown, unknown, weights=weights)


@pytest.fixture(scope="module")
def linear():
    return problem()


def test_at_one_point(linear):
    """The discrepancy of data drawn there is a chi-square with as many degrees as data."""
    check = posterior_predictive(
        linear, posterior(linear.names, np.tile(POINT, (10, 1))), 4000, seed=2
    )
    expected = np.array([1.0, 2.0, 3.0])
    away = (expected - Linear.value[0]) / Linear.sigma
    assert_allclose(check.above, norm.cdf(away), atol=4 * 0.5 / np.sqrt(4000))
    assert_array_equal(check.observed, Linear.value[0])
    exact = expected[:, None] + Linear.sigma[:, None] * norm.ppf([0.025, 0.16, 0.5, 0.84, 0.975])
    assert (abs(check.quantiles - exact) < 0.2 * Linear.sigma[:, None]).all()
    (found,) = discrepancies(check)
    assert (found.name, check.term_names) == ("", ("linear",))
    assert found.measured == pytest.approx((away**2).sum(), rel=1e-9)
    assert found.drawn == pytest.approx(3.0, abs=4 * np.sqrt(6 / 4000))
    level = chi2.sf((away**2).sum(), 3)
    assert abs(found.probability.value - level) < 4 * found.probability.error
    assert check.names == ("linear: x", "linear: y", "linear: z")
    assert check.groups == ("", "", "")


def test_of_one_number_and_one_parameter_it_is_a_half():
    """Flat prior, one normal datum: both discrepancies are chi-squares of one degree.

    The usual example of why these p-values are conservative (Meng, Ann. Stat. 22 (1994) 1142).
    """
    alone = problem(Sum(), nuisance=False, dC_R=0.0)
    rng = np.random.default_rng(4)
    samples = Sum.value[0, 0] + Sum.sigma * rng.standard_normal((4000, 1))
    check = posterior_predictive(alone, posterior(alone.names, samples), 3000, seed=1)
    found = discrepancies(check)[0]
    assert abs(found.probability.value - 0.5) < 4 * found.probability.error
    assert check.above[0] == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(3000))
    # The spread is that of the datum and of the parameter.
    width = check.quantiles[0, 3] - check.quantiles[0, 1]
    assert width == pytest.approx(2 * np.sqrt(2) * Sum.sigma[0] * norm.ppf(0.84), rel=0.1)


def test_weights_count(linear):
    samples = np.stack([POINT, POINT + np.array([10.0, 0.0, 0.0])])
    check = posterior_predictive(
        linear, posterior(linear.names, samples, np.array([0.75, 0.25])), 2000, seed=3
    )
    assert check.above[0] == pytest.approx(
        0.75 * norm.cdf(-1.0) + 0.25, abs=4 * 0.5 / np.sqrt(2000)
    )


def test_the_same_seed_is_the_same_check(linear):
    samples = posterior(linear.names, np.tile(POINT, (500, 1)))
    one, other = (posterior_predictive(linear, samples, 50, seed=9) for _ in range(2))
    assert_array_equal(one.drawn, other.drawn)
    assert (one.number, one.seed) == (50, "9")


def test_terms_without_data_of_their_own():
    """A limit of which only the level is known has no datum, and no discrepancy."""
    limit = HalfGaussianLimit("half", "", "BR(B+->Knunu)", 1.6e-5, 0.9, ("mine",))
    both = problem(Linear(), limit)
    samples = posterior(both.names, np.tile(POINT, (20, 1)))
    check = posterior_predictive(both, samples, 20)
    assert check.term_names == ("linear",)
    assert set(check.terms) == {"linear"}
    assert check.notes == ("Without discrepancy, left out: half.",)
    alone = posterior_predictive(problem(limit), samples, 20)
    assert (alone.names, alone.term_names, alone.number) == ((), (), 20)
    assert discrepancies(alone) == ()


def test_refusals(linear):
    samples = posterior(linear.names, np.tile(POINT, (5, 1)))
    with pytest.raises(StoreError, match="no sample of the posterior"):
        posterior_predictive(linear, posterior(linear.names, np.empty((0, 3))), 5)
    other = problem(nuisance=False)
    with pytest.raises(StoreError) as caught:
        posterior_predictive(other, samples, 5)
    assert str(caught.value) == (
        "the posterior is one of dC_L, dC_R, norm_BtoKstar, but the analysis has dC_L, dC_R."
    )
    for number in (0, -1, 2.5):
        with pytest.raises(ParameterError, match="number"):
            posterior_predictive(linear, samples, number)
    with pytest.raises(ParameterError, match="nuisances"):
        posterior_predictive(linear, samples, 5, nuisances="posterior")
