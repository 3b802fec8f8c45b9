"""Limits: the credible bound of each form is the quoted limit."""

from itertools import pairwise

import numpy as np
import pytest
from bsinv.errors import DataError
from bsinv.likelihoods.forms.limits import CountingLimit, HalfGaussianLimit
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.integrate import quad
from scipy.special import gammaln

NAME = "BR(B0->K*nunu)"


def half(limit=1.8e-5, level=0.9):
    return HalfGaussianLimit("x", "a limit", NAME, limit, level, ("x",))


def counting(limit=1.8e-5, level=0.9, observed=10.0, background=12.3):
    return CountingLimit("x", "a limit", NAME, limit, level, observed, background, ("x",))


def credible_content(form, scale):
    """Share of the flat-prior posterior on x >= 0 that lies below the limit."""

    def density(x):
        return float(np.exp(form.log_likelihood(np.array([x * form.limit]))[0]))

    edges = [0.0, 1.0, 2.0, 5.0, scale]
    parts = [quad(density, *ends, epsabs=1e-13, limit=200)[0] for ends in pairwise(edges)]
    return parts[0] / sum(parts)


@pytest.mark.parametrize("level", [0.68, 0.9, 0.95])
def test_half_gaussian_bound_is_the_limit(level):
    assert credible_content(half(level=level), 15.0) == pytest.approx(level, abs=1e-9)


def test_half_gaussian_width():
    form = half(level=0.9)
    assert form.sigma == pytest.approx(1.8e-5 / 1.6448536269514722)
    assert_allclose(form.log_likelihood(np.array([0.0, form.sigma])), [0.0, -0.5])
    assert_allclose(form.pull(np.array([0.0, 2 * form.sigma])), [0.0, -2.0])


@given(
    st.floats(0.5, 0.99),
    st.integers(0, 100),
    st.floats(0.2, 3.0),
)
def test_counting_bound_is_the_limit(level, observed, ratio):
    form = counting(level=level, observed=observed, background=max(observed, 1) * ratio)
    assert form.sensitivity > 0
    assert credible_content(form, 60.0) == pytest.approx(level, abs=1e-6)


def test_counting_is_poisson_up_to_a_constant():
    form = counting()
    x = np.linspace(0, 5e-5, 9)
    expected = form.background + form.sensitivity * x
    poisson = 10.0 * np.log(expected) - expected - gammaln(11.0)
    difference = form.log_likelihood(x) - poisson
    assert_allclose(difference, difference[0], atol=1e-12)
    assert (form.log_likelihood(x) <= 0).all()


def test_counting_with_an_excess_peaks_above_zero():
    form = counting(observed=20.0, background=10.0)
    peak = 10.0 / form.sensitivity
    assert_allclose(form.log_likelihood(np.array([peak])), 0.0, atol=1e-12)
    assert form.log_likelihood(np.array([0.0]))[0] < -1
    assert_allclose(form.pull(np.array([0.5 * peak, peak, 2 * peak]))[1], 0.0, atol=1e-6)
    assert form.pull(np.array([0.5 * peak]))[0] > 0 > form.pull(np.array([2 * peak]))[0]


def test_counting_with_nothing_observed():
    form = counting(observed=0.0, background=2.0)
    x = np.array([0.0, 1e-5])
    assert_allclose(form.log_likelihood(x), -2.0 - form.sensitivity * x)
    assert credible_content(form, 60.0) == pytest.approx(0.9, abs=1e-9)


@given(st.floats(0, 1e-3), st.floats(0, 1e-3))
def test_deficit_falls_with_the_prediction(one, other):
    x = np.sort([one, other])
    for form in (half(), counting(observed=10.0, background=12.3)):
        log = form.log_likelihood(x)
        assert log[0] >= log[1]
        assert (form.pull(x) <= 0).all()


@pytest.mark.parametrize("form", [half(), counting()])
def test_below_zero_and_not_a_number(form):
    log = form.log_likelihood(np.array([-1e-5, 0.0, np.nan]))
    assert log[0] == log[1]
    assert np.isnan(log[2])
    assert not form.includes_constants


@pytest.mark.parametrize("make", [half, counting])
def test_refused(make):
    with pytest.raises(DataError, match=r"x: limit 0.0 must be positive"):
        make(limit=0.0)
    with pytest.raises(DataError, match=r"x: limit nan must be positive"):
        make(limit=np.nan)
    with pytest.raises(DataError, match=r"x: confidence level 90 must lie between 0 and 1"):
        make(level=90)


@pytest.mark.parametrize(("observed", "background"), [(-1.0, 2.0), (1.0, 0.0), (1.0, -2.0)])
def test_counts_refused(observed, background):
    with pytest.raises(DataError, match=r"x: observed .* background .* must be positive"):
        counting(observed=observed, background=background)
