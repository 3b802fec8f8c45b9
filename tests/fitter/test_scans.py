import numpy as np
import pytest
from bsinv.chains.records import ScanStatus
from bsinv.fitter.scans import grid_axis, profile
from targets import GaussianTarget


def test_profile_of_a_gaussian_is_the_parabola_of_the_marginal():
    target = GaussianTarget()
    axis = np.linspace(-2.0, 4.0, 13)
    scan = profile(target, {"a": axis}, np.array([1.0, -2.0, 0.0]))
    variance = target.posterior_covariance[0, 0]
    np.testing.assert_allclose(-2.0 * scan.log_posterior, (axis - 1.0) ** 2 / variance, atol=1e-4)
    assert (scan.status == ScanStatus.CONVERGED).all()
    assert scan.other_names == ("b", "shift")


def test_two_dimensional_profile():
    target = GaussianTarget()
    axes = {"a": np.linspace(0.0, 2.0, 3), "b": np.linspace(-3.0, -1.0, 3)}
    scan = profile(target, axes, np.array([1.0, -2.0, 0.0]))
    inverse = np.linalg.inv(target.posterior_covariance)
    for index in np.ndindex(3, 3):
        offset = np.array([axes["a"][index[0]], axes["b"][index[1]]]) - target.mean
        assert -2.0 * scan.log_posterior[index] == pytest.approx(
            offset @ inverse @ offset, abs=1e-4
        )


def test_a_point_without_likelihood_is_marked_and_the_scan_goes_on():
    class Hole(GaussianTarget):
        def log_likelihood(self, theta):
            hole = abs(theta[:, 0] - 2.0) < 0.1
            return np.where(hole, -np.inf, super().log_likelihood(theta))

    axis = np.array([0.0, 1.0, 2.0, 3.0])
    scan = profile(Hole(), {"a": axis}, np.array([1.0, -2.0, 0.0]))
    np.testing.assert_array_equal(scan.status, [0, 0, ScanStatus.FAILED, 0])
    assert np.isnan(scan.log_likelihood[2])


def test_progress_counts_all_points():
    seen = []
    profile(
        GaussianTarget(),
        {"a": np.linspace(0, 2, 5)},
        np.zeros(3),
        progress=lambda done, of: seen.append((done, of)),
    )
    assert seen == [(i, 5) for i in range(1, 6)]


def test_grid_stays_inside_the_bounds():
    np.testing.assert_allclose(grid_axis(1.0, 2.0, np.array([0.0, 20.0]), 3), [0.0, 3.5, 7.0])
    np.testing.assert_allclose(grid_axis(1.0, np.nan, np.array([0.0, 20.0]), 2), [0.0, 20.0])
