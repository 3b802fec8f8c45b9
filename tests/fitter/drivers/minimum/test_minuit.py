from collections import Counter

import numpy as np
import pytest
from bsinv.errors import FitError
from bsinv.fitter.drivers.minimum.minuit import FitOptions, fit
from bsinv.fitter.drivers.objective import Objective
from targets import GaussianTarget


def test_finds_the_minimum_errors_and_minos_of_a_gaussian():
    target = GaussianTarget()
    outcome = fit(target, FitOptions(minos=("a",), retries=2, seed=1))
    assert outcome.valid
    assert outcome.status.startswith("Valid minimum")
    np.testing.assert_allclose(outcome.values, [1.0, -2.0, 0.0], atol=2e-3)
    np.testing.assert_allclose(outcome.covariance[:2, :2], target.posterior_covariance, rtol=1e-3)
    sigma = np.sqrt(target.posterior_covariance[0, 0])
    np.testing.assert_allclose(outcome.minos[0], [-sigma, sigma], rtol=1e-3)
    assert outcome.minos_status == ("valid", "", "")
    assert np.isnan(outcome.minos[1]).all()
    assert outcome.n_calls == target.calls


def test_gradient_is_that_of_the_objective_and_one_sided_at_a_bound():
    target = GaussianTarget()
    objective = Objective(target)
    point = np.array([0.3, 0.7, -0.1])
    step = 1e-5 * np.eye(3)
    numeric = [(objective(point + e) - objective(point - e)) / 2e-5 for e in step]
    np.testing.assert_allclose(objective.gradient(point), numeric, rtol=1e-6)
    at_bound = np.array([10.0, 0.0, 0.0])
    exact = 2 * (np.linalg.inv(target.covariance) @ ([10.0, 0.0] - target.mean))[0]
    assert objective.gradient(at_bound)[0] == pytest.approx(exact, rel=1e-3)


def test_fixed_columns_are_held():
    objective = Objective(GaussianTarget(), fixed={1: 5.0})
    np.testing.assert_array_equal(objective.embed(np.array([[1.0, 2.0]])), [[1.0, 5.0, 2.0]])


def test_a_start_without_likelihood_is_left_out_and_said():
    class Walled(GaussianTarget):
        def log_likelihood(self, theta):
            return np.where(theta[:, 0] > 0.5, super().log_likelihood(theta), -np.inf)

    outcome = fit(Walled(), FitOptions(retries=3, seed=2))
    assert outcome.valid
    assert any("zero at the analysis's own starting point" in rung for rung in outcome.ladder)
    np.testing.assert_allclose(outcome.values[0], 1.0, atol=1e-3)


def test_a_start_that_is_far_from_likely_is_no_wall():
    class Steep(GaussianTarget):
        def log_likelihood(self, theta):
            return 1e13 * super().log_likelihood(theta)

    outcome = fit(Steep(), FitOptions(retries=0))
    assert not any("zero at" in rung for rung in outcome.ladder)
    np.testing.assert_allclose(outcome.values[1], -2.0, atol=1e-3)


def test_what_rejected_the_points_is_told():
    class Rejecting(GaussianTarget):
        def __init__(self):
            super().__init__()
            self.rejected = Counter({"some-bound": 129, "another": 3})

        def log_likelihood(self, theta):
            return np.full(len(theta), -np.inf)

    with pytest.raises(FitError, match=r"\(rejected by some-bound at 129, another at 3\): widen"):
        fit(Rejecting(), FitOptions(retries=2))


def test_no_likelihood_anywhere_is_an_error_that_says_what_to_do():
    class Nothing(GaussianTarget):
        def log_likelihood(self, theta):
            return np.full(len(theta), -np.inf)

    with pytest.raises(FitError, match="widen the priors"):
        fit(Nothing(), FitOptions(retries=2))


def test_a_flat_direction_is_not_called_a_good_fit():
    class Flat(GaussianTarget):
        def log_likelihood(self, theta):
            return -0.5 * (theta[:, 0] + theta[:, 1] - 1.0) ** 2

    outcome = fit(Flat(), FitOptions(retries=1))
    assert not outcome.valid or outcome.errors[0] > 5.0


def test_a_minimum_at_a_limit_is_named():
    class AtLimit(GaussianTarget):
        mean = np.array([-12.0, 0.0])

    outcome = fit(AtLimit(), FitOptions(retries=1))
    assert "at the limit of a" in outcome.status


def test_the_lower_of_two_minima_is_found_from_other_starts():
    class Tilted(GaussianTarget):
        def log_likelihood(self, theta):
            wells = [
                -0.5 * ((theta[:, 0] - place) / 0.5) ** 2 - depth
                for place, depth in ((0.5, 8.0), (7.0, 0.0))
            ]
            return np.logaddexp(*wells) - 0.5 * theta[:, 1] ** 2

    assert fit(Tilted(), FitOptions(retries=4, seed=3)).values[0] == pytest.approx(7.0, abs=0.01)


def test_another_minimum_as_deep_is_reported():
    from targets import TwoModes

    ladder = fit(TwoModes(), FitOptions(retries=4, seed=5)).ladder
    assert any("another minimum at a = " in rung and "higher by 0.00" in rung for rung in ladder)


def test_a_minimum_at_a_wall_is_not_trusted():
    """Where the likelihood drops to zero, errors from its curvature mean nothing."""

    class Wall(GaussianTarget):
        def log_likelihood(self, theta):
            beyond = theta[:, 0] + theta[:, 1] > -3.0
            return np.where(beyond, -np.inf, super().log_likelihood(theta))

    outcome = fit(Wall(), FitOptions(retries=2))
    assert outcome.values[:2].sum() == pytest.approx(-3.0, abs=1e-3)
    assert not outcome.valid
    assert "it lies where the likelihood drops to zero" in outcome.status
    assert "make the bound smooth, or put it into the prior" in outcome.status


def test_a_wall_elsewhere_does_not_matter():
    class Wall(GaussianTarget):
        def log_likelihood(self, theta):
            return np.where(theta[:, 0] > 3.0, -np.inf, super().log_likelihood(theta))

    outcome = fit(Wall(), FitOptions(retries=2))
    assert outcome.valid, outcome.status
    np.testing.assert_allclose(outcome.values[:2], Wall.mean, atol=1e-3)


def test_a_long_valley_is_followed_to_its_end():
    """Thin by 0.01, straight and 150 times as long, to where the likelihood drops to zero."""

    class Valley(GaussianTarget):
        def log_likelihood(self, theta):
            a, b = theta[:, 0], theta[:, 1]
            inside = a + 0.3 * b**2 <= 1.0
            return np.where(inside, -0.5 * ((a - 0.2 * b) / 0.01) ** 2 + 0.05 * a, -np.inf)

    # The end of a = b / 5: b = (-0.2 + sqrt(0.04 + 1.2)) / 0.6.
    outcome = fit(Valley(), FitOptions(retries=1))
    np.testing.assert_allclose(outcome.values[:2], [0.304517, 1.522588], atol=2e-4)
    assert outcome.objective == pytest.approx(-0.0304517, abs=1e-5)


def test_a_wall_is_seen_whatever_the_steps_of_the_search():
    """A search that has crept up to a wall has steps that do not reach it."""
    from bsinv.fitter.drivers.minimum.descent import natural_steps
    from bsinv.fitter.drivers.objective import Objective

    class Wall(GaussianTarget):
        def log_likelihood(self, theta):
            return np.where(theta[:, 0] > 0.5, -np.inf, super().log_likelihood(theta))

    objective = Objective(Wall())
    beside = np.array([[0.5 - 1e-7, -2.0, 0.0]])
    short, own = (natural_steps(objective, beside, off_walls=off)[0] for off in (False, True))
    assert short[0] < 1e-6
    assert 0.1 < own[0] <= 1.0
    assert short[1] == own[1]
    assert not objective.walled(beside[0], short)
    assert objective.walled(beside[0], own)
