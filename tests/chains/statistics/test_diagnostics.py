import dataclasses

import numpy as np
import pytest
from bsinv.chains.statistics.diagnostics import acceptance_fraction, burn_in, diagnose
from bsinv.chains.statistics.mixing import split_rhat
from hypothesis import given, settings
from hypothesis import strategies as st


def test_independent_samples_converge(make_ensemble):
    rng = np.random.default_rng(1)
    verdict = diagnose([make_ensemble(rng, steps=500) for _ in range(2)])
    assert verdict.converged
    assert verdict.steps_needed == 0
    np.testing.assert_allclose(verdict.tau, 1.0, rtol=0.1)
    samples = 2 * 16 * (500 - verdict.burn_in)
    np.testing.assert_allclose(verdict.ess, samples, rtol=0.1)
    np.testing.assert_allclose(verdict.rhat, 1.0, atol=2e-3)
    assert verdict.acceptance == (pytest.approx(0.3),) * 2
    assert verdict.text.startswith("Converged: 2 ensembles of 500 steps, ")
    assert "needed" not in verdict.text


def test_ess_of_correlated_chains(make_ensemble):
    """ESS is the number of samples over tau = (1 + 0.9) / (1 - 0.9) = 19."""
    rng = np.random.default_rng(2)
    verdict = diagnose([make_ensemble(rng, steps=4000, rho=0.9) for _ in range(2)], discard=0)
    np.testing.assert_allclose(verdict.ess, 2 * 16 * 4000 / 19, rtol=0.1)
    assert verdict.converged


def test_variance_of_the_mean_agrees_with_ess(make_ensemble):
    """The ESS is what it says: the mean scatters by sigma / sqrt(ESS)."""
    rng = np.random.default_rng(3)
    runs = [make_ensemble(rng, steps=500, walkers=4, names=("x",), rho=0.8) for _ in range(200)]
    means = np.array([ensemble.chain.mean() for ensemble in runs])
    ess = np.mean([diagnose([ensemble], discard=0).ess[0] for ensemble in runs])
    # the variance of 200 means is known to 10 %
    assert means.var() * ess == pytest.approx(1.0, rel=0.35)


def test_rhat_tends_to_one_as_the_inverse_of_the_length(make_ensemble):
    """E[R-hat^2] - 1 is tau / (samples of a half) - 1 / samples of a half."""
    excess = {}
    for steps in (200, 800):
        rng = np.random.default_rng(4)
        values = []
        for _ in range(100):
            chains = [make_ensemble(rng, steps, 4, ("x",), rho=0.8).chain for _ in range(2)]
            values.append(split_rhat(chains)[0] ** 2 - 1.0)
        excess[steps] = np.mean(values)
        expected = (9.0 - 1.0) / (steps / 2 * 4)
        # 100 values of a chi-square with three degrees of freedom: 8 %; tau: as much again
        assert excess[steps] == pytest.approx(expected, rel=0.35)
    assert excess[200] > 3 * excess[800]


@pytest.mark.parametrize("distance", [1.0, 3.0, 30.0])
def test_rhat_of_ensembles_stuck_apart(make_ensemble, distance):
    rng = np.random.default_rng(5)
    ensembles = [make_ensemble(rng, 500, shift=shift) for shift in (0.0, distance)]
    verdict = diagnose(ensembles)
    np.testing.assert_allclose(verdict.rhat, np.sqrt(1 + distance**2 / 3), rtol=0.03)
    assert (verdict.rhat > 1.1).all()
    assert not verdict.converged
    assert verdict.steps_needed is None
    assert "do not agree on where the posterior is" in verdict.text


def test_rhat_of_a_drifting_ensemble(make_ensemble):
    """Halves of one ensemble differ if it drifts."""
    ensemble = make_ensemble(np.random.default_rng(6), 1000)
    drift = np.linspace(0.0, 4.0, 1000)[:, None, None]
    assert (split_rhat([ensemble.chain]) < 1.01).all()
    assert (split_rhat([ensemble.chain + drift]) > 1.1).all()


@settings(max_examples=30, deadline=None)
@given(
    scale=st.floats(1e-8, 1e8),
    shift=st.floats(-1e3, 1e3),
    order=st.permutations(range(6)),
    seed=st.integers(0, 1000),
)
def test_rhat_and_tau_do_not_depend_on_units_or_order(scale, shift, order, seed):
    chains = np.random.default_rng(seed).normal(size=(2, 40, 6, 2))
    moved = scale * (chains[:, :, order] + shift)
    np.testing.assert_allclose(split_rhat(list(moved)), split_rhat(list(chains)), rtol=1e-6)


def test_one_ensemble_is_never_enough(make_ensemble):
    verdict = diagnose([make_ensemble(np.random.default_rng(7), 2000)])
    assert not verdict.converged
    assert verdict.steps_needed is None
    assert verdict.text.startswith("Not converged: 1 ensemble of 2000 steps")
    assert "sample two" in verdict.text


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 5, 20])
def test_short_chains_give_a_verdict(make_ensemble, steps):
    rng = np.random.default_rng(8)
    ensembles = [make_ensemble(rng, max(steps, 1)) for _ in range(2)]
    if steps == 0:
        ensembles = [
            dataclasses.replace(
                ensemble,
                chain=ensemble.chain[:0],
                log_posterior=ensemble.log_posterior[:0],
                log_likelihood=ensemble.log_likelihood[:0],
                log_prior=ensemble.log_prior[:0],
            )
            for ensemble in ensembles
        ]
    verdict = diagnose(ensembles)
    assert not verdict.converged
    assert verdict.text.startswith("Not converged: ")
    assert verdict.steps == steps


def test_no_ensembles():
    verdict = diagnose([])
    assert verdict.text == "Not converged: there are no samples yet."
    assert verdict.steps_needed is None


def test_steps_needed(make_ensemble):
    """tau is 19, so 2 x 16 walkers need about 300 steps per 500 effective samples."""
    rng = np.random.default_rng(9)
    ensembles = [make_ensemble(rng, 2000, rho=0.9) for _ in range(2)]
    verdict = diagnose(ensembles, target_ess=10000.0, discard=0)
    assert not verdict.converged
    assert verdict.steps_needed == pytest.approx(10000 * 19 / 32 - 2000, rel=0.15)
    assert f"At this rate {verdict.steps_needed} more steps per ensemble" in verdict.text


def test_length_below_ten_tau_is_not_trusted(make_ensemble):
    rng = np.random.default_rng(10)
    ensembles = [make_ensemble(rng, 130, walkers=400, rho=0.9) for _ in range(2)]
    verdict = diagnose(ensembles, discard=0)
    assert verdict.ess.min() > 1000
    assert verdict.rhat.max() < 1.02
    assert not verdict.converged
    assert verdict.steps_needed == pytest.approx(10 * 19 - 130, rel=0.4)


def test_dead_walkers_are_named(make_ensemble):
    rng = np.random.default_rng(11)
    ensembles = [make_ensemble(rng, 500) for _ in range(2)]
    chain = np.array(ensembles[1].chain)
    chain[:, 3:5] = chain[0, 3:5]
    ensembles[1] = dataclasses.replace(ensembles[1], chain=chain)
    verdict = diagnose(ensembles)
    assert not verdict.converged
    assert verdict.problems == ("2 of 16 walkers of ensemble 1 did not move in the last 67 steps.",)
    assert verdict.problems[0] in verdict.text


def test_slow_walkers_are_not_dead(make_ensemble):
    """At an acceptance of 5 % a walker often stays put for 50 steps, hardly ever for 400."""
    rng = np.random.default_rng(18)
    ensembles = []
    for _ in range(2):
        ensemble = make_ensemble(rng, 3000, walkers=32)
        moves = rng.random((3000, 32)) < 0.05
        moves[-60:, 0] = False
        latest = np.maximum.accumulate(np.where(moves, np.arange(3000)[:, None], 0), axis=0)
        chain = np.take_along_axis(ensemble.chain, latest[:, :, None], axis=0)
        ensembles.append(dataclasses.replace(ensemble, chain=chain, accepted=moves.sum(axis=0)))
    last = ensembles[0].chain[-50:]
    assert np.all(last == last[-1], axis=(0, 2)).any()
    assert diagnose(ensembles).problems == ()


def test_ensemble_that_never_moved(make_ensemble):
    ensemble = make_ensemble(np.random.default_rng(19), 300)
    chain = np.broadcast_to(ensemble.chain[0], ensemble.chain.shape)
    still = dataclasses.replace(ensemble, chain=chain, accepted=np.zeros(16))
    verdict = diagnose([still, still])
    assert not verdict.converged
    assert "16 of 16 walkers of ensemble 0 did not move in the last 75 steps." in verdict.problems


def test_values_that_are_not_finite_are_named(make_ensemble):
    rng = np.random.default_rng(12)
    ensembles = [make_ensemble(rng, 500) for _ in range(2)]
    chain = np.array(ensembles[0].chain)
    chain[400:403, 2, 1] = np.inf
    log_posterior = np.array(ensembles[0].log_posterior)
    log_posterior[450, 2] = -np.inf
    ensembles[0] = dataclasses.replace(ensembles[0], chain=chain, log_posterior=log_posterior)
    verdict = diagnose(ensembles)
    assert verdict.problems == (
        "Ensemble 0 has 3 values of dC_R that are not finite.",
        "The log posterior of 1 of 16 walkers of ensemble 0 is not finite.",
    )
    assert "Ensemble 0 has 3 values of dC_R" in verdict.text
    assert not verdict.converged
    assert np.isfinite(verdict.ess[[0, 2]]).all()


def test_all_walkers_outside_from_the_start(make_ensemble):
    ensemble = make_ensemble(np.random.default_rng(13), 100)
    outside = np.full((100, 16), -np.inf)
    verdict = diagnose([dataclasses.replace(ensemble, log_posterior=outside)] * 2)
    assert not verdict.converged
    assert "16 of 16 walkers of ensemble 0 is not finite" in verdict.text


def test_a_parameter_that_does_not_vary_is_named(make_ensemble):
    ensemble = make_ensemble(np.random.default_rng(14), 100)
    chain = np.array(ensemble.chain)
    chain[:, :, 0] = 2.0
    verdict = diagnose([dataclasses.replace(ensemble, chain=chain)] * 2)
    assert "Parameter dC_L does not vary in ensemble 0." in verdict.problems


def test_burn_in_of_a_chain_that_climbs(make_ensemble):
    rng = np.random.default_rng(15)
    ensemble = make_ensemble(rng, 1000)
    climb = np.array(ensemble.log_posterior)
    climb[:200] -= np.linspace(50.0, 0.0, 200)[:, None]
    climbing = dataclasses.replace(ensemble, log_posterior=climb)
    assert burn_in([ensemble]) < 20
    assert 150 <= burn_in([climbing]) <= 220
    assert burn_in([ensemble, climbing]) == burn_in([climbing])
    assert burn_in([]) == 0


def test_burn_in_is_at_most_half(make_ensemble):
    ensemble = make_ensemble(np.random.default_rng(16), 60, rho=0.99)
    assert burn_in([ensemble]) == 30


def test_ensembles_of_different_lengths(make_ensemble):
    rng = np.random.default_rng(17)
    verdict = diagnose([make_ensemble(rng, 500), make_ensemble(rng, 700)], discard=100)
    assert verdict.steps == 500
    np.testing.assert_allclose(verdict.ess, 16 * (400 + 600), rtol=0.1)


def test_acceptance(make_ensemble):
    assert acceptance_fraction(make_ensemble(np.random.default_rng(1))) == pytest.approx(0.3)
