"""Evidence of several runs, and tests of whether they agree."""

import dataclasses

import numpy as np
import pytest
from bsinv.chains.statistics.evidence import distance, evidence
from scipy import stats


def with_evidence(entry, value, error):
    return dataclasses.replace(entry, log_evidence=value, log_evidence_error=error)


def test_runs_that_agree(nested):
    one, other = nested.weighted
    found = evidence([with_evidence(one, 1.0, 0.1), with_evidence(other, 1.2, 0.2)])
    # weights 100 and 25: mean 1.04, error 1/sqrt(125), chi2 = 0.04/0.05
    assert found.log_evidence == pytest.approx(1.04)
    assert found.error == pytest.approx(125**-0.5)
    assert found.p_value == pytest.approx(stats.chi2.sf(0.8, 1))
    assert found.least > 0.01


def test_scatter_widens_the_error(nested):
    one, other = nested.weighted
    found = evidence([with_evidence(one, 1.0, 0.1), with_evidence(other, 2.0, 0.1)])
    assert (found.log_evidence, found.error) == pytest.approx((1.5, 0.5))
    assert found.p_value == pytest.approx(stats.chi2.sf(50.0, 1))


def test_one_run_and_none_with_a_number(nested):
    one = nested.weighted[0]
    found = evidence([one])
    assert (found.log_evidence, found.error) == (one.log_evidence, one.log_evidence_error)
    assert np.isnan([found.p_value, found.least]).all()
    found = evidence([with_evidence(run, np.nan, np.nan) for run in nested.weighted])
    assert np.isnan([found.log_evidence, found.error, found.p_value]).all()
    one, other = nested.weighted
    found = evidence([with_evidence(one, 1.0, np.nan), with_evidence(other, 2.0, np.nan)])
    assert (found.log_evidence, found.error) == pytest.approx((1.5, 0.5))


def test_distance_of_plain_samples_is_that_of_kolmogorov_and_smirnov():
    rng = np.random.default_rng(1)
    first, second = rng.normal(size=300), rng.normal(0.3, size=200)
    equal = np.full(300, 1 / 300), np.full(200, 1 / 200)
    assert distance(first, second, equal) == pytest.approx(stats.ks_2samp(first, second).statistic)


def test_runs_with_other_weights_of_modes_disagree(nested, make_weighted):
    other = make_weighted(5, shift=0.3)
    found = evidence([nested.weighted[0], other])
    assert found.p_values[0] < 1e-6
    assert found.p_values[1:].min() > 0.01
    assert found.least < 1e-5


def test_p_values_are_even_when_runs_agree(make_weighted):
    """Of 40 pairs, about as many below 0.3 as should be."""
    runs = [make_weighted(seed, size=1000) for seed in range(80)]
    low = [evidence(pair).p_values[0] < 0.3 for pair in zip(runs[::2], runs[1::2], strict=True)]
    assert 4 <= sum(low) <= 20  # binomial, 12 +- 2.9
