import dataclasses

import numpy as np
import pytest
from bsinv.chains.records import RunFile
from bsinv.chains.statistics.samples import posterior
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
