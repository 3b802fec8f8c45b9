import numpy as np
import pytest
from bsinv.chains.statistics.autocorrelation import autocorrelation_function, integrated_time


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9, 0.97])
def test_known_tau_of_ar1(make_ensemble, rho):
    """tau of AR(1) is (1 + rho) / (1 - rho)."""
    rng = np.random.default_rng(int(100 * rho))
    expected = (1 + rho) / (1 - rho)
    ensemble = make_ensemble(rng, steps=6000, walkers=16, names=("x", "y"), rho=rho)
    tau = integrated_time(ensemble.chain)
    # sqrt(2 (2 * 5 tau + 1) / samples) is the relative error of the windowed estimate: 1 to 8 %
    error = np.sqrt(2 * (10 * expected + 1) / 6000 / 16)
    np.testing.assert_allclose(tau, expected, rtol=4 * error)


def test_function_of_ar1(make_ensemble):
    chain = make_ensemble(np.random.default_rng(1), steps=20000, names=("x",), rho=0.8).chain
    found = autocorrelation_function(chain[:, :, 0])
    assert found[0] == pytest.approx(1.0)
    np.testing.assert_allclose(found[:10], 0.8 ** np.arange(10), atol=0.02)


def test_equals_the_sum_over_pairs():
    chain = np.random.default_rng(2).normal(size=(37, 3))
    deviation = chain - chain.mean()
    direct = [np.sum(deviation[: 37 - k] * deviation[k:]) for k in range(37)]
    np.testing.assert_allclose(
        autocorrelation_function(chain), np.array(direct) / direct[0], atol=1e-12
    )


def test_walkers_that_sit_apart_are_seen():
    """Each walker looks independent from step to step, but none leaves its place."""
    rng = np.random.default_rng(3)
    chain = rng.normal(size=(1000, 10, 1)) + 5 * np.arange(10)[None, :, None]
    assert integrated_time(chain)[0] > 200
    emcee = pytest.importorskip("emcee")
    assert emcee.autocorr.integrated_time(chain, quiet=True)[0] < 2  # the usual estimate does not


def test_chain_shorter_than_tau(make_ensemble):
    ensemble = make_ensemble(np.random.default_rng(4), steps=50, names=("x",), rho=0.999)
    assert integrated_time(ensemble.chain)[0] > 10


def test_what_cannot_be_estimated():
    chain = np.random.default_rng(5).normal(size=(100, 4, 3))
    chain[:, :, 1] = 7.0
    chain[3, 2, 2] = np.nan
    tau = integrated_time(chain)
    assert tau[0] >= 1.0
    assert np.isnan(tau[1:]).all()
    assert np.isnan(integrated_time(np.zeros((0, 4, 2)))).all()
    assert integrated_time(chain[:1]).shape == (3,)
