"""Priors of couplings stated in a rate, next to integrals over the rate."""

import bsinv
import numpy as np
import pytest
from bsinv.chains.records import WeightedSamples
from bsinv.chains.statistics.evidence import reweighted
from bsinv.errors import ParameterError, UnknownNameError
from bsinv.fitter.reports.studies.common_prior import common_prior
from scipy.stats import norm

RATE, VALUE, ERROR = "BR(B+->Knunu)", 3e-5, 4e-6


def problem(model="dm-scalar", **parameters):
    entry = {"name": "a", "observable": RATE, "value": VALUE, "error": ERROR}
    return bsinv.load(
        {"name": "rate", "model": model, "likelihoods": [entry], "parameters": parameters}
    ).problem


def samples(one, size=20000, seed=1):
    """Draws of the prior as weighted samples of the posterior."""
    theta = one.sample_prior(np.random.default_rng(seed), size)
    logs = one.log_likelihood(theta)
    return WeightedSamples(
        names=one.names,
        points=theta,
        log_weights=logs,
        log_likelihood=logs,
        log_prior=one.log_prior(theta),
        log_evidence=float(np.log(np.exp(logs).mean())),
        log_evidence_error=0.02,
    )


@pytest.mark.parametrize("ends", [(0.0, 40.0), (-40.0, 40.0)])
def test_of_a_coupling_that_enters_squared(ends):
    """Z = mean of the likelihood over rates up to R, whatever the mass."""
    one = problem(m_S={"prior": {"uniform": [0.1, 1.0]}}, C_S={"prior": {"uniform": list(ends)}})
    prior = common_prior(one, RATE)
    assert (prior.name, prior.power, prior.origin) == ("C_S", 2, 0.0)
    sm = float(one.observable(RATE, one.point({"C_S": 0.0}))[0])
    run = samples(one)
    for end in (5e-5, 1e-4):
        made = reweighted(run, prior.log_ratio(run.points, end))
        places = (np.array([0.0, end]) + sm - VALUE) / ERROR
        exact = np.log(np.diff(norm.cdf(places))[0] / end)
        if not one.terms[0].includes_constants:
            exact += np.log(np.sqrt(2.0 * np.pi) * ERROR)
        assert made.log_evidence == pytest.approx(exact, abs=0.1)
        assert made.log_evidence_error >= 0.02
        assert prior.covered(end) == pytest.approx(1.0, abs=1e-9)
        assert prior.reaches(made.points, made.weights, end)
        assert made.effective_samples <= made.size


def test_a_range_that_ends_too_early_is_told():
    one = problem(m_S=0.5, C_S={"prior": {"uniform": [0.0, 6.0]}})
    prior = common_prior(one, RATE)
    run = samples(one)
    made = reweighted(run, prior.log_ratio(run.points, 1e-4))
    assert prior.covered(1e-4) < 0.5
    assert not prior.reaches(made.points, made.weights, 1e-4)
    assert not prior.reaches(made.points[:0], made.weights[:0], 1e-4)


def test_without_a_signal_nothing_changes():
    one = problem(m_S=0.5, C_S=0.0, C_P={"prior": {"uniform": [0.0, 1.0]}})
    alone = bsinv.load(
        {
            "name": "none",
            "model": "dm-scalar",
            "likelihoods": ["belle_2017_kpnunu_value"],
            "parameters": {"m_S": 0.5, "C_S": 0.0},
            "inputs": {"norm_BtoKstar": {"prior": {"normal": [1.0, 0.09]}}},
        }
    ).problem
    prior = common_prior(alone, RATE)
    assert (prior.name, prior.covered(1e-4)) == ("", 1.0)
    assert not prior.log_ratio(alone.point(), 1e-4).any()
    with pytest.raises(ParameterError):  # the rate to K does not know C_P
        common_prior(one, RATE)


def test_refusals():
    two = problem(
        m_S=0.5, C_S={"prior": {"uniform": [0.0, 40.0]}}, C_P={"prior": {"uniform": [0.0, 40.0]}}
    )
    with pytest.raises(UnknownNameError):
        common_prior(two, "BR(B+->Kxx)")
    both = problem(
        "wet-lfu", dC_L={"prior": {"uniform": [-5, 5]}}, dC_R={"prior": {"uniform": [-5, 5]}}
    )
    with pytest.raises(ParameterError, match="needs one coupling: dC_L, dC_R"):
        common_prior(both, RATE)
    with pytest.raises(ParameterError, match="proportional to a power of dC_L"):
        common_prior(problem("wet-lfu", dC_L={"prior": {"uniform": [-5, 5]}}), RATE)


def test_a_prior_that_is_zero_at_all_points():
    one = problem(m_S=0.5, C_S={"prior": {"uniform": [10.0, 40.0]}})
    run = samples(one, 50)
    made = reweighted(run, np.full(50, -np.inf))
    assert (made.size, made.log_evidence) == (0, -np.inf)
    same = reweighted(run, np.zeros(50))
    assert same.log_evidence == pytest.approx(run.log_evidence)
    assert same.log_evidence_error == pytest.approx(0.02)
    assert same.effective_samples == pytest.approx(run.effective_samples)
