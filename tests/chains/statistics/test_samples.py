import dataclasses

import numpy as np
import pytest
from bsinv.chains.records import ForeignChain, RunFile
from bsinv.chains.records.arrays import kish
from bsinv.chains.statistics.samples import (
    has_samples,
    least_ess,
    posterior,
    posterior_of_chain,
    used,
)
from bsinv.errors import StoreError, UnknownNameError


def test_joins_ensembles_after_burn_in(run):
    found = posterior(run, discard=100)
    assert found.samples.shape == (2 * 300 * 16, 3)
    np.testing.assert_array_equal(found.samples[:16], run.ensembles[0].chain[100])
    np.testing.assert_array_equal(found.column("dC_R")[-16:], run.ensembles[1].chain[-1, :, 1])
    np.testing.assert_array_equal(found.log_prior + found.log_likelihood, found.log_posterior)


def test_default_burn_in(run):
    assert 0 < len(posterior(run).samples) < 2 * 400 * 16


def test_leaves_out_what_is_not_finite(run):
    first = run.ensembles[0]
    log_posterior = np.array(first.log_posterior)
    log_posterior[200, 3] = -np.inf
    chain = np.array(first.chain)
    chain[300, 1, 2] = np.nan
    broken = dataclasses.replace(first, chain=chain, log_posterior=log_posterior)
    run = dataclasses.replace(run, ensembles=(broken, run.ensembles[1]))
    assert len(posterior(run, 0).samples) == 2 * 400 * 16 - 2


def test_mistakes_are_named(run):
    with pytest.raises(StoreError, match="run 'empty' has no samples"):
        posterior(RunFile("empty", "", 1))
    with pytest.raises(UnknownNameError, match="sampled parameter 'dC_l': did you mean 'dC_L'"):
        posterior(run).column("dC_l")


def test_samples_with_weights_are_a_posterior(nested):
    found = posterior(nested)
    assert has_samples(nested)
    sizes = [entry.effective_samples for entry in nested.weighted]
    assert found.weights.sum() == pytest.approx(1.0)
    assert found.ess.tolist() == pytest.approx([sum(sizes)] * 3)
    assert kish(found.weights) == pytest.approx(sum(sizes), rel=1e-9)
    # exact: unit normal in the first, and the third centred at 0.041 with width 0.001
    first = found.marginal(nested.parameter("dC_L"))
    assert first.interval(0.68) == pytest.approx((-0.9945, 0.9945), abs=0.06)
    third = found.marginal(nested.parameter("VtbVts"))
    assert third.mean == pytest.approx(0.041, abs=6e-5)
    assert third.deviation == pytest.approx(1e-3, rel=0.04)
    assert least_ess(found) == pytest.approx(sum(sizes))
    np.testing.assert_array_equal(found.log_posterior, found.log_likelihood + found.log_prior)


def test_runs_count_by_their_effective_samples(nested, make_weighted):
    small = make_weighted(3, size=300, shift=9.0)
    run = dataclasses.replace(nested, weighted=(nested.weighted[0], small))
    found = posterior(run)
    share = small.effective_samples / (small.effective_samples + run.weighted[0].effective_samples)
    assert found.marginal(run.parameter("dC_L")).mean == pytest.approx(9.0 * share, abs=0.1)


def test_of_weighted_samples_those_that_ended_are_used(nested, make_weighted):
    begun = make_weighted(3, shift=9.0, complete=False)
    empty = dataclasses.replace(
        begun,
        points=np.empty((0, 3)),
        log_weights=[],
        log_likelihood=[],
        log_prior=[],
        effective_samples=0.0,
    )
    run = dataclasses.replace(nested, weighted=(begun, nested.weighted[0], empty))
    assert used(run) == (nested.weighted[0],)
    assert used(dataclasses.replace(run, weighted=(begun, empty))) == (begun,)
    nothing = dataclasses.replace(run, weighted=(empty,))
    assert not has_samples(nothing)
    with pytest.raises(StoreError, match="has no samples"):
        posterior(nothing)


def test_ensembles_come_before_weighted_samples(run, nested):
    both = dataclasses.replace(run, weighted=nested.weighted)
    assert used(both) == ()
    np.testing.assert_array_equal(posterior(both, 10).samples, posterior(run, 10).samples)
    assert posterior(both, 10).weights is None


def test_thinned_posterior(run, nested):
    points, weights = posterior(nested).thinned(500)
    assert len(points) <= 500
    assert weights @ points[:, 0] == pytest.approx(0.0, abs=0.15)
    points, weights = posterior(run, 0).thinned(500)
    assert (len(points), weights) == (500, None)


def test_a_chain_of_others_is_a_posterior():
    chain = ForeignChain("x", "csv", ("a",), [[1.0], [2.0], [4.0]], weights=[1.0, 1.0, 2.0])
    found = posterior_of_chain(chain)
    assert found.ess == pytest.approx(16 / 6)
    assert np.average(found.column("a"), weights=found.weights) == pytest.approx(2.75)
    assert np.isnan(found.log_posterior).all()
