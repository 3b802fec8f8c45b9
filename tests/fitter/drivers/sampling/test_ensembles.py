import numpy as np
import pytest
from bsinv.errors import FitError
from bsinv.fitter.drivers.sampling.ensembles import SamplerOptions, sample, starting_points
from targets import GaussianTarget, TwoModes

OPTIONS = SamplerOptions(walkers=24, target_ess=1500, target_rhat=1.02, max_steps=3000, seed=7)


@pytest.fixture(scope="module")
def gaussian():
    return sample(GaussianTarget(), OPTIONS)


def test_samples_have_the_moments_of_the_posterior(gaussian):
    ensembles, verdict = gaussian
    assert verdict.converged, verdict.text
    samples = np.concatenate([e.chain[verdict.burn_in :].reshape(-1, 3) for e in ensembles])
    error = np.sqrt(np.diag(GaussianTarget().posterior_covariance) / verdict.ess[:2])
    assert (abs(samples[:, :2].mean(axis=0) - GaussianTarget.mean) < 5 * error).all()
    np.testing.assert_allclose(
        np.cov(samples[:, :2].T), GaussianTarget().posterior_covariance, atol=0.25
    )


def test_logarithms_are_stored_apart(gaussian):
    ensemble = gaussian[0][0]
    theta = ensemble.chain[-1]
    target = GaussianTarget()
    np.testing.assert_allclose(ensemble.log_likelihood[-1], target.log_likelihood(theta))
    np.testing.assert_allclose(ensemble.log_prior[-1], target.log_prior(theta))
    np.testing.assert_allclose(ensemble.log_posterior, ensemble.log_likelihood + ensemble.log_prior)


def test_ensembles_are_independent_and_the_seed_decides(gaussian):
    ensembles, _ = gaussian
    assert not np.array_equal(ensembles[0].chain, ensembles[1].chain)
    again, _ = sample(GaussianTarget(), OPTIONS)
    np.testing.assert_array_equal(again[0].chain, ensembles[0].chain)
    other, _ = sample(GaussianTarget(), SamplerOptions(walkers=24, max_steps=50, seed=8))
    assert not np.array_equal(other[0].chain, ensembles[0].chain[:50])


@pytest.mark.parametrize("interrupted_at", [(50, 50), (250, 200)])
def test_a_resumed_run_is_the_undisturbed_one(gaussian, interrupted_at):
    from dataclasses import replace

    kept = []

    def report(steps, verdict, collect):
        if len(kept) < 1 and steps >= max(interrupted_at):
            kept.append(collect())

    sample(GaussianTarget(), OPTIONS, report=report)
    # An ensemble may be one block behind the other when the checkpoint is written: rebuild that.
    first, second = kept[0]
    if interrupted_at[0] != interrupted_at[1]:
        shorter = sample(
            GaussianTarget(), replace(OPTIONS, max_steps=interrupted_at[1], target_ess=1e9)
        )[0][1]
        second = shorter
    resumed, verdict = sample(GaussianTarget(), OPTIONS, resume=(first, second))
    for one, other in zip(resumed, gaussian[0], strict=True):
        np.testing.assert_array_equal(one.chain, other.chain)
        np.testing.assert_array_equal(one.accepted, other.accepted)
    assert verdict.converged


def test_the_step_limit_gives_a_verdict_not_an_exception():
    ensembles, verdict = sample(GaussianTarget(), SamplerOptions(walkers=8, max_steps=30))
    assert not verdict.converged
    assert ensembles[0].steps == 30
    assert verdict.text.startswith("Not converged")


def test_thinning_counts_steps_made():
    ensembles, _ = sample(GaussianTarget(), SamplerOptions(walkers=8, max_steps=100, thin=5))
    assert ensembles[0].steps == 20
    assert ensembles[0].thin == 5


def test_walkers_visit_both_modes_in_the_right_proportion():
    options = SamplerOptions(walkers=40, target_ess=2000, max_steps=4000, seed=3)
    best = (np.array([6.0, 0.0, 0.0]), np.diag([0.09, 1.0, 0.25]))
    ensembles, verdict = sample(TwoModes(), options, best=best)
    assert verdict.converged, verdict.text
    for ensemble in ensembles:
        right = (ensemble.chain[verdict.burn_in :, :, 0] > 0).mean()
        assert right == pytest.approx(0.5, abs=0.08)


def test_stretch_moves_are_there_too():
    options = SamplerOptions(walkers=12, max_steps=60, moves="stretch")
    assert sample(GaussianTarget(), options)[0][0].steps == 60


def test_starting_points_are_inside_the_bounds_and_differ_between_ensembles():
    best = (np.array([9.9, 0.0, 0.0]), np.eye(3))
    points = [starting_points(GaussianTarget(), OPTIONS, best, n) for n in (0, 1)]
    for entry in points:
        assert entry.shape == (24, 3)
        assert np.isfinite(GaussianTarget().log_prior(entry)).all()
    assert not np.array_equal(*points)


def test_too_small_a_support_is_an_error_with_advice():
    class Needle(GaussianTarget):
        def log_likelihood(self, theta):
            return np.where(abs(theta[:, 0] - 3.0) < 1e-4, 0.0, -np.inf)

    with pytest.raises(FitError, match="narrow the priors"):
        sample(Needle(), OPTIONS)


def test_an_angle_at_the_seam():
    """Walkers start and move on the circle; the chain knows its period."""

    class Seam(GaussianTarget):
        bounds = np.array([[0.0, 20.0], [-10.0, 10.0], [-np.inf, np.inf]])
        periods = np.array([20.0, np.nan, np.nan])

        def log_likelihood(self, theta):
            turn = np.pi * theta[:, 0] / 20.0
            return -0.5 * (20.0 / np.pi * np.sin(turn)) ** 2 - 0.5 * theta[:, 1] ** 2

        def sample_prior(self, rng, size):
            drawn = super().sample_prior(rng, size)
            drawn[:, 0] += 10.0
            return drawn

    best = (np.array([0.0, 0.0, 0.0]), np.diag([1.0, 1.0, 0.25]))
    target, options = Seam(), SamplerOptions(walkers=40, target_ess=2000, max_steps=2000, seed=4)
    points = starting_points(target, options, best, 0)
    assert ((points[:, 0] >= 0.0) & (points[:, 0] <= 20.0)).all()
    assert (points[:20, 0] > 10.0).any()
    assert (points[:20, 0] < 10.0).any()
    ensembles, verdict = sample(target, options, best=best)
    assert verdict.converged, verdict.text
    np.testing.assert_array_equal(ensembles[0].periods, [20.0, np.inf, np.inf])
    angle = np.concatenate([entry.chain[verdict.burn_in :, :, 0].ravel() for entry in ensembles])
    above = np.where(angle > 10.0, angle - 20.0, angle)
    # Near its maximum the likelihood is normal of unit width; to the next order it is wider.
    grid = np.linspace(-10.0, 10.0, 2001)
    weight = np.exp(-0.5 * (20.0 / np.pi * np.sin(np.pi * grid / 20.0)) ** 2)
    width = np.sqrt(np.sum(weight * grid**2) / weight.sum())
    assert above.std() == pytest.approx(width, rel=0.05)
    assert above.mean() == pytest.approx(0.0, abs=0.08)
