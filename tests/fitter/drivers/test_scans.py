import numpy as np
import pytest
from bsinv.chains.records import ScanStatus
from bsinv.fitter.drivers.scans import grid_scan
from targets import GaussianTarget


def test_profile_of_a_gaussian_is_the_parabola_of_the_marginal():
    target = GaussianTarget()
    axis = np.linspace(-2.0, 4.0, 13)
    scan = grid_scan(target, {"a": axis}, np.array([1.0, -2.0, 0.0]))
    variance = target.posterior_covariance[0, 0]
    np.testing.assert_allclose(-2.0 * scan.log_penalised, (axis - 1.0) ** 2 / variance, atol=1e-4)
    assert (scan.status == ScanStatus.CONVERGED).all()
    assert scan.other_names == ("b", "shift")


def test_two_dimensional_grid_scan():
    target = GaussianTarget()
    axes = {"a": np.linspace(0.0, 2.0, 3), "b": np.linspace(-3.0, -1.0, 3)}
    scan = grid_scan(target, axes, np.array([1.0, -2.0, 0.0]))
    inverse = np.linalg.inv(target.posterior_covariance)
    for index in np.ndindex(3, 3):
        offset = np.array([axes["a"][index[0]], axes["b"][index[1]]]) - target.mean
        assert -2.0 * scan.log_penalised[index] == pytest.approx(
            offset @ inverse @ offset, abs=1e-4
        )


def test_a_point_without_likelihood_is_marked_and_the_scan_goes_on():
    class Hole(GaussianTarget):
        def log_likelihood(self, theta):
            hole = abs(theta[:, 0] - 2.0) < 0.1
            return np.where(hole, -np.inf, super().log_likelihood(theta))

    axis = np.array([0.0, 1.0, 2.0, 3.0])
    scan = grid_scan(Hole(), {"a": axis}, np.array([1.0, -2.0, 0.0]))
    np.testing.assert_array_equal(scan.status, [0, 0, ScanStatus.FAILED, 0])
    assert np.isnan(scan.log_likelihood[2])


def test_a_scan_goes_on_where_it_was_left(monkeypatch):
    monkeypatch.setattr("bsinv.fitter.drivers.scans.CHUNK", 2)
    axes, start = {"a": np.linspace(-2, 2, 7)}, np.array([1.0, -2.0, 0.0])
    seen = []
    whole = grid_scan(GaussianTarget(), axes, start, report=seen.append)
    done = [int((scan.status != ScanStatus.NOT_DONE).sum()) for scan in seen]
    assert done == [2, 4, 6, 7]
    target = GaussianTarget()
    resumed = grid_scan(target, axes, start, begun=seen[1])
    np.testing.assert_allclose(resumed.log_likelihood, whole.log_likelihood, atol=1e-6)
    assert target.calls < 0.8 * sum_of_calls(axes, start)


def sum_of_calls(axes, start):
    target = GaussianTarget()
    grid_scan(target, axes, start)
    return target.calls


def test_held_parameters_stay_where_they_are():
    start = np.array([1.0, -2.0, 0.1])
    scan = grid_scan(GaussianTarget(), {"a": np.linspace(0, 2, 5)}, start, profiled=False)
    np.testing.assert_array_equal(scan.other_values, np.tile([-2.0, 0.1], (5, 1)))
    theta = np.array([[0.0, -2.0, 0.1]])
    assert scan.log_likelihood[0] == GaussianTarget().log_likelihood(theta)[0]


class Parts(GaussianTarget):
    """The Gaussian in two terms: a parabola in a, and the rest; the former is excluded above 2."""

    def term_log_likelihoods(self, theta):
        one = np.where(theta[:, 0] > 2.0, np.nan, -(theta[:, 0] ** 2))
        return {"one": one, "two": self.log_likelihood(theta) + theta[:, 0] ** 2}

    def log_likelihood(self, theta):
        total = super().log_likelihood(theta)
        return np.where(theta[:, 0] > 2.0, -np.inf, total)


PARTS = {"first": ("one",), "all": ("one", "two")}


@pytest.mark.parametrize("profiled", [True, False])
def test_parts_of_the_likelihood_are_those_at_the_point_of_all_terms(profiled, monkeypatch):
    monkeypatch.setattr("bsinv.fitter.drivers.scans.CHUNK", 2)
    axis = np.linspace(-1.0, 3.0, 5)
    seen = []
    arguments = (Parts(), {"a": axis}, np.array([1.0, -2.0, 0.0]))
    scan = grid_scan(*arguments, profiled=profiled, separate=PARTS, report=seen.append)
    assert scan.separate_names == ("first", "all")
    assert scan.separate_terms == ("one", "one, two")
    np.testing.assert_allclose(scan.separate[:4, 0], -(axis[:4] ** 2))
    np.testing.assert_allclose(scan.separate[:4, 1], scan.log_likelihood[:4])
    assert np.isnan(scan.separate[4]).all()
    resumed = grid_scan(*arguments, profiled=profiled, separate=PARTS, begun=seen[0])
    np.testing.assert_allclose(resumed.separate, scan.separate, atol=1e-5)


def test_of_held_others_a_part_is_known_where_another_excludes():
    parts = {"second": ("two",), "first": ("one",)}
    start = np.array([1.0, -2.0, 0.0])
    target = Parts()
    target.term_log_likelihoods = lambda theta: {  # type: ignore[method-assign]
        "one": np.where(theta[:, 0] > 2.0, -np.inf, 0.0), "two": -theta[:, 0]
    }  # fmt: skip
    scan = grid_scan(target, {"a": np.array([1.0, 3.0])}, start, profiled=False, separate=parts)
    np.testing.assert_array_equal(scan.status, [ScanStatus.CONVERGED, ScanStatus.FAILED])
    np.testing.assert_array_equal(scan.separate, [[-1.0, 0.0], [-3.0, np.nan]])


def test_a_profile_follows_the_lower_of_two_minima():
    """In b there are two wells whose depths depend on a; the profile is their lower envelope."""

    class Wells(GaussianTarget):
        def log_likelihood(self, theta):
            a, b = theta[:, 0], theta[:, 1]
            left = 0.5 * ((b + 6.0) / 0.5) ** 2 + 0.5 * (a + 2.0) ** 2
            right = 0.5 * ((b - 6.0) / 0.5) ** 2 + 0.5 * (a - 2.0) ** 2
            return -np.minimum(left, right)

    axis = np.linspace(-4.0, 4.0, 17)
    scan = grid_scan(Wells(), {"a": axis}, np.array([2.0, 6.0, 0.0]))
    expected = -0.5 * np.minimum((axis + 2.0) ** 2, (axis - 2.0) ** 2)
    np.testing.assert_allclose(scan.log_penalised, expected, atol=1e-4)


def test_a_coupling_is_not_left_at_its_stationary_zero():
    """The rate goes with b^2: b = 0 is stationary but not the minimum."""

    class Squared(GaussianTarget):
        bounds = np.array([[-10.0, 10.0], [0.0, 40.0], [-np.inf, np.inf]])

        def log_likelihood(self, theta):
            return -0.5 * (theta[:, 0] + theta[:, 1] ** 2 - 3.0) ** 2 - 0.5 * theta[:, 2] ** 2

    scan = grid_scan(Squared(), {"a": np.array([0.0, 1.0, 2.0])}, np.array([0.0, 0.0, 0.0]))
    np.testing.assert_allclose(scan.log_penalised, 0.0, atol=1e-3)
    np.testing.assert_allclose(scan.other_values[:, 0], np.sqrt([3.0, 2.0, 1.0]), atol=0.02)


def test_a_scan_tells_of_a_point_below_the_best_fit():
    from types import SimpleNamespace

    from bsinv.fitter.reports.profiles import lower_point

    axis = np.linspace(-2.0, 4.0, 13)
    scan = grid_scan(GaussianTarget(), {"a": axis}, np.array([1.0, -2.0, 0.0]))
    names = ("b", "a", "shift")
    good = SimpleNamespace(names=names, log_penalised=0.0)
    assert lower_point(good, scan) is None
    found = lower_point(SimpleNamespace(names=names, log_penalised=-0.5), scan)
    np.testing.assert_allclose(found, [-2.0, 1.0, 0.0], atol=0.01)
