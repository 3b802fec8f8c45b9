"""Errors beside bounds and from the profile likelihood."""

import bsinv
import numpy as np
import pytest
from bsinv.fitter.drivers.minimum.hesse import near_bounds
from bsinv.fitter.drivers.minimum.minuit import FitOptions, fit
from targets import GaussianTarget


def signal_strength(low):
    return bsinv.load(
        {
            "name": "mu",
            "model": "signal-strength",
            "likelihoods": ["belle2-2023-bknunu"],
            "parameters": {"mu": {"prior": {"uniform": [low, 20]}}},
        }
    )


def test_a_signal_strength_beside_its_bound():
    """mu in [4.5, 20]: the arc sine of MINUIT made 9.23 of the error.

    The error is that of the second difference of -2 ln L at the minimum, 1.3340 for every step from
    0.001 to 0.1 (MINUIT's HESSE far from bounds gives 1.328, the profile -1.326 and +1.349).
    """
    analysis = signal_strength(4.5)
    best = analysis.fit()
    assert best.values[0] == pytest.approx(4.599, abs=1e-3)
    middle, step = best.values[0], 0.05
    here, up, down = analysis.log_likelihood(np.array([[middle], [middle + step], [middle - step]]))
    assert best.errors[0] == pytest.approx(step / np.sqrt(2 * here - up - down), rel=1e-3)
    assert best.errors[0] == pytest.approx(1.328, rel=0.01)
    assert best.hesse_status == ("its bound 4.5 is nearer than one error",)
    assert "No symmetric error of mu: its bound 4.5 is nearer than one error." in best.status
    # What is told instead: the upper side of the profile.
    assert np.isnan(best.minos[0, 0])
    assert best.minos[0, 1] == pytest.approx(1.349, abs=2e-3)
    assert best.minos_status == ("lower error reaches the limit of the parameter",)
    wide = signal_strength(0).fit()
    assert wide.errors[0] == pytest.approx(best.errors[0], rel=1e-4)
    assert wide.hesse_status == ("",)


@pytest.mark.parametrize(
    ("value", "side"), [(-9.0, 0), (-9.01, -1), (-10.0, -1), (9.5, 1), (10.0, 1), (0.0, 0)]
)
def test_which_bound_is_near(value, side):
    found = near_bounds(np.array([value]), np.array([1.0]), np.array([[-10.0, 10.0]]))
    assert found[0] == side


def test_open_supports_and_missing_errors_have_no_near_bound():
    found = near_bounds(np.zeros(2), np.array([1.0, np.nan]), np.array([[-np.inf, np.inf]] * 2))
    assert found.tolist() == [0, 0]


@pytest.mark.parametrize("mean", [-9.999, -9.9, -9.5, -8.0])
def test_the_curvature_does_not_depend_on_how_near_the_bound_is(mean):
    class Near(GaussianTarget):
        pass

    Near.mean = np.array([mean, -2.0])
    target = Near()
    outcome = fit(target, FitOptions(minos=("b",), retries=2))
    np.testing.assert_allclose(outcome.covariance[:2, :2], target.posterior_covariance, rtol=1e-3)
    assert bool(outcome.hesse_status[0]) == (mean < -10.0 + np.sqrt(1.25))


def test_a_minimum_on_the_bound_has_an_upper_error_from_the_profile():
    """a = -12 +- sqrt(1.25) in [-10, 10]: from the bound the profile rises by 1 over ..."""

    class Beyond(GaussianTarget):
        mean = np.array([-12.0, 0.0])

    target = Beyond()
    outcome = fit(target, FitOptions(retries=2))
    assert outcome.values[0] == pytest.approx(-10.0, abs=1e-6)
    assert outcome.hesse_status[0]
    # (x + 12)^2 = 4 + 1.25 at the end of the interval.
    assert outcome.minos[0, 1] == pytest.approx(np.sqrt(4 + 1.25) - 2.0, rel=1e-3)
    assert outcome.minos_status[0] == "lower error reaches the limit of the parameter"


def test_profile_errors_of_a_skewed_likelihood():
    """-2 ln L = exp(a) - a: the two sides end where it has risen by one from its 1."""

    class Skewed(GaussianTarget):
        def log_likelihood(self, theta):
            self.calls += len(theta)
            a, b = theta[:, 0] + theta[:, 2] * 0.0, theta[:, 1]
            with np.errstate(over="ignore"):
                return -0.5 * (np.exp(a) - a) - 0.5 * (b - 0.3 * a) ** 2

    outcome = fit(Skewed(), FitOptions(minos=("a", "b"), retries=2))
    assert outcome.values[0] == pytest.approx(0.0, abs=1e-3)
    # Roots of exp(a) - a = 2 (by bisection).
    np.testing.assert_allclose(outcome.minos[0], [-1.84141, 1.14619], atol=1e-3)
    assert outcome.errors[0] == pytest.approx(np.sqrt(2.0), rel=1e-3)


def test_profile_errors_agree_with_minuit():
    from iminuit import Minuit

    class Bent(GaussianTarget):
        def log_likelihood(self, theta):
            self.calls += len(theta)
            a, b = theta[:, 0] + theta[:, 2], theta[:, 1]
            return -0.5 * (a - 1.0 + 0.1 * b**2) ** 2 - 0.5 * (b - 0.5) ** 2 / 1.7

    target = Bent()

    def objective(theta):
        point = np.asarray(theta)[None]
        return -2.0 * float((target.log_likelihood(point) + target.log_constraint(point))[0])

    minuit = Minuit(objective, np.zeros(3), name=target.names)
    minuit.strategy = 2
    minuit.migrad().minos("a", "b")
    outcome = fit(target, FitOptions(minos=("a", "b"), retries=2))
    for row, name in enumerate("ab"):
        errors = minuit.merrors[name]
        np.testing.assert_allclose(outcome.minos[row], [errors.lower, errors.upper], rtol=2e-3)
    np.testing.assert_allclose(outcome.values, np.array(minuit.values), atol=2e-3)


def test_a_new_minimum_found_by_the_profile_becomes_the_best_fit():
    """The deeper well in b is only found when a is moved: the fit begins again from there."""

    class Hidden(GaussianTarget):
        def log_likelihood(self, theta):
            a, b = theta[:, 0], theta[:, 1]
            near = 0.5 * a**2 + 0.5 * b**2
            far = 0.5 * ((a - 4.0) / 0.2) ** 2 + 0.5 * ((b - 0.5) / 0.5) ** 2 - 3.0
            return -np.minimum(near, far)

    outcome = fit(Hidden(), FitOptions(retries=4, seed=1, minos=("a",)))
    assert outcome.values[0] == pytest.approx(4.0, abs=1e-3)


def test_a_kink_has_no_curvature():
    """-2 ln L = 6 |a - 1|: a second difference gives any error that one likes."""

    class Kinked(GaussianTarget):
        def log_likelihood(self, theta):
            return -3.0 * abs(theta[:, 0] - 1.0) - 0.5 * theta[:, 1] ** 2

    outcome = fit(Kinked(), FitOptions(retries=2))
    assert outcome.hesse_status[0] == "the likelihood has a kink there"
    assert np.isnan(outcome.errors[0])
    assert outcome.errors[1] == pytest.approx(1.0, rel=1e-3)
    np.testing.assert_allclose(outcome.minos[0], [-1 / 6, 1 / 6], rtol=2e-3)
