"""Autocorrelation; R-hat of ranks and samples of the tails next to arviz (an independent code)."""

import dataclasses

import arviz
import numpy as np
import pytest
from bsinv.chains.statistics.diagnostics import diagnose
from bsinv.chains.statistics.mixing import (
    autocorrelation_function,
    integrated_time,
    rank_rhat,
    split_rhat,
    tail_ess,
    unwound,
)


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


def as_arviz(chains):
    """One chain for each ensemble, its walkers one after the other: halves are the same."""
    return np.stack([chain[:, :, 0].ravel() for chain in chains])


@pytest.mark.parametrize("power", [1, 3])
def test_r_hat_is_that_of_arviz(make_ensemble, power):
    rng = np.random.default_rng(1)
    chains = [
        make_ensemble(rng, 200, 6, ("x",), shift=shift, rho=0.7).chain ** power
        for shift in (0.0, 0.1, 0.3)
    ]
    flat = as_arviz(chains)
    assert rank_rhat(chains)[0] == pytest.approx(arviz.rhat(flat, method="rank"), abs=1e-12)
    assert split_rhat(chains)[0] == pytest.approx(arviz.rhat(flat, method="split"), abs=1e-12)


def test_repeated_values_share_a_rank(make_ensemble):
    """Rejected steps repeat a value."""
    rng = np.random.default_rng(2)
    chains = [np.round(make_ensemble(rng, 100, 4, ("x",)).chain, 1) for _ in range(2)]
    assert rank_rhat(chains)[0] == pytest.approx(
        arviz.rhat(as_arviz(chains), method="rank"), abs=1e-12
    )


@pytest.mark.parametrize("rho", [0.0, 0.6, 0.9])
def test_tail_ess_is_that_of_arviz(make_ensemble, rho):
    """Walkers that know nothing of each other are arviz's chains; another window of lags: 10 %."""
    rng = np.random.default_rng(3)
    chains = [make_ensemble(rng, 3000, 8, ("x",), rho=rho).chain for _ in range(2)]
    flat = np.concatenate([chain[:, :, 0].T for chain in chains])
    found = tail_ess(chains)[0]
    # arviz lets antithetic noise push the estimate above the number of samples.
    expected = min(arviz.ess(flat, method="tail"), flat.size)
    assert found == pytest.approx(expected, rel=0.1)


def test_widths_of_one_and_three_fail(make_ensemble):
    """Two ensembles in the same place: their means agree, and tell nothing."""
    rng = np.random.default_rng(4)
    narrow, wide = make_ensemble(rng, 2000), make_ensemble(rng, 2000)
    wide = dataclasses.replace(wide, chain=3.0 * wide.chain)
    verdict = diagnose([narrow, wide])
    assert (verdict.rhat < 1.02).all()
    assert (verdict.ess > 10_000).all()
    assert (verdict.rank_rhat > 1.15).all()
    assert not verdict.converged
    assert verdict.steps_needed is None
    name = verdict.names[int(np.argmax(verdict.rank_rhat))]
    value = f"{verdict.rank_rhat.max():.3f}"
    assert " Failed: " in verdict.text
    assert f"R-hat of ranks of {name} is {value}, target 1.02." in verdict.text
    assert "do not agree on how wide the posterior is" in verdict.text


def test_a_distribution_without_a_mean(make_ensemble):
    """Of Cauchy numbers the rank-normalised R-hat is that of normal ones."""
    rng = np.random.default_rng(5)
    chains = [make_ensemble(rng, 500).chain for _ in range(2)]
    from scipy.stats import norm

    heavy = [np.tan(np.pi * (norm.cdf(chain) - 0.5)) for chain in chains]
    np.testing.assert_allclose(rank_rhat(heavy), rank_rhat(chains), rtol=1e-3)
    assert (rank_rhat(heavy) < 1.01).all()


def test_tails_that_are_slow_where_the_mean_is_fast():
    """Independent signs, widths that stay for 100 steps: of the mean every sample counts."""
    rng = np.random.default_rng(6)
    chains = []
    for _ in range(2):
        width = np.where(rng.random((40, 8, 1)) < 0.2, 5.0, 1.0)
        chains.append(rng.standard_normal((4000, 8, 1)) * np.repeat(width, 100, axis=0))
    ess_of_mean = sum(chain.size / integrated_time(chain)[0] for chain in chains)
    assert ess_of_mean > 0.8 * 64_000
    assert tail_ess(chains)[0] < 0.15 * 64_000


def test_no_samples_on_one_side_of_a_quantile(make_ensemble):
    rng = np.random.default_rng(7)
    ensembles = [make_ensemble(rng, 300, shift=shift) for shift in (0.0, 30.0)]
    assert np.isnan(tail_ess([entry.chain for entry in ensembles])).all()
    verdict = diagnose(ensembles)
    assert not verdict.converged
    assert "ESS of the tails of dC_L cannot be computed, target 1000" in verdict.text


@pytest.mark.parametrize("shape", [(0, 4, 2), (1, 4, 2), (3, 1, 2), (50, 4, 0)])
def test_short_and_empty_chains(shape):
    chains = [np.random.default_rng(8).standard_normal(shape)] * 2
    assert tail_ess(chains).shape == rank_rhat(chains).shape == (shape[2],)
    if shape[0] < 4:
        assert np.isnan(rank_rhat(chains)).all()


def test_values_that_are_not_finite_spoil_their_parameter_alone(make_ensemble):
    chain = np.array(make_ensemble(np.random.default_rng(9), 200).chain)
    chain[7, 3, 1] = np.nan
    for found in (rank_rhat([chain, chain]), tail_ess([chain, chain])):
        np.testing.assert_array_equal(np.isnan(found), [False, True, False])


class TestPeriodic:
    periods = np.array([np.inf, 2.0 * np.pi, np.inf])

    def ensembles(self, make_ensemble, cut):
        """An angle around zero, written in the range that begins at `cut`."""
        rng = np.random.default_rng(10)
        result = []
        for _ in range(2):
            entry = make_ensemble(rng, 1000, rho=0.5)
            chain = np.array(entry.chain)
            chain[:, :, 1] = cut + np.mod(0.5 * chain[:, :, 1] - cut, 2.0 * np.pi)
            result.append(dataclasses.replace(entry, chain=chain, periods=self.periods))
        return result

    def test_the_choice_of_the_range_changes_nothing(self, make_ensemble):
        seam, middle = (
            diagnose(self.ensembles(make_ensemble, cut), discard=100) for cut in (0.0, -np.pi)
        )
        for name in ("tau", "ess", "tail_ess", "rhat", "rank_rhat"):
            np.testing.assert_allclose(getattr(seam, name), getattr(middle, name), rtol=1e-6)
        assert seam.converged, seam.text

    def test_the_worse_of_cosine_and_sine_counts(self, make_ensemble):
        """One ensemble around 0.5, one around -0.5: equal cosines, different sines."""
        first, second = self.ensembles(make_ensemble, 0.0)
        moved = []
        for entry, shift in ((first, 0.5), (second, -0.5)):
            chain = np.array(entry.chain)
            chain[:, :, 1] = np.mod(chain[:, :, 1] + shift, 2.0 * np.pi)
            moved.append(dataclasses.replace(entry, chain=chain))
        verdict = diagnose(moved)
        assert verdict.rhat[1] > 1.1
        assert (verdict.rhat[[0, 2]] < 1.02).all()

    def test_columns(self):
        chain = np.random.default_rng(11).uniform(0, 2 * np.pi, (5, 4, 3))
        [turned], owner = unwound([chain], self.periods)
        np.testing.assert_array_equal(owner, [0, 1, 2, 1])
        np.testing.assert_allclose(turned[:, :, 1], np.cos(chain[:, :, 1]))
        np.testing.assert_allclose(turned[:, :, 3], np.sin(chain[:, :, 1]), atol=1e-15)
        np.testing.assert_array_equal(turned[:, :, [0, 2]], chain[:, :, [0, 2]])
