"""Fits in internal coordinates: wide ranges, bounds, many parameters."""

import bsinv
import numpy as np
import pytest
from bsinv.fitter.drivers.coordinates import InternalTarget
from bsinv.fitter.drivers.minimum.descent import Descent
from bsinv.fitter.drivers.minimum.migrad import Rung
from bsinv.fitter.drivers.minimum.minuit import FitOptions, fit
from bsinv.fitter.drivers.scans import grid_scan

QUICK = FitOptions(retries=2, seed=4)


class Independent:
    """ln L = -sum of ((g(x_i) - m_i)/s_i)^2/2, with g the logarithm for log-uniform columns."""

    def __init__(self, mean, sigma, bounds, logarithmic=False, start=None):
        self.mean, self.sigma = np.atleast_1d(mean), np.atleast_1d(sigma)
        d = len(self.mean)
        self.names = tuple(f"x{i}" for i in range(d))
        self.bounds = np.broadcast_to(np.asarray(bounds, float), (d, 2))
        self.logarithmic = np.full(d, logarithmic)
        self.constrained = np.zeros(d, dtype=bool)
        low, high = self.bounds.T
        middle = np.sqrt(low * high) if logarithmic else np.nan_to_num(low) / 2 + high / 2
        middle = np.where(np.isfinite(high), middle, 1.0)
        self.start = middle if start is None else start
        self.scale = np.where(np.isfinite(high - low), (high - low) / 20.0, 1.0)
        self.metric = np.diag(self.scale)

    def log_likelihood(self, theta):
        x = np.log(theta) if self.logarithmic.any() else theta
        return -0.5 * (((x - self.mean) / self.sigma) ** 2).sum(axis=1)

    def log_constraint(self, theta):
        return np.zeros(len(theta))

    def log_prior(self, theta):
        low, high = self.bounds.T
        inside = ((theta >= low) & (theta <= high)).all(axis=1)
        density = -np.log(theta).sum(axis=1) if self.logarithmic.any() else 0.0
        return np.where(inside, density, -np.inf)

    def sample_prior(self, rng, size):
        low, high = self.bounds.T
        if not np.isfinite(high - low).all():
            return rng.standard_normal((size, len(self.names)))
        u = rng.random((size, len(self.names)))
        if self.logarithmic.any():
            return np.clip(np.exp(np.log(low) + u * np.log(high / low)), low, high)
        return low + u * (high - low)

    def diffuse(self, theta, step, normals):
        return theta


def test_coordinates_and_back():
    target = Independent([0.0, 0.0], 1.0, (1e-15, 1e15), logarithmic=True)
    inner = InternalTarget(target)
    theta = np.array([[1e-15, 1e15], [1.0, 3.0]])
    np.testing.assert_allclose(inner.backward(inner.forward(theta)), theta, rtol=1e-13)
    # The ends themselves come back, and not what is a rounding outside of them.
    low, high = target.bounds.T
    back = inner.backward(inner.bounds.T)
    assert ((back >= low) & (back <= high)).all()
    # The density has its Jacobian: that of a log-uniform prior is flat.
    flat = inner.log_prior(inner.forward(np.array([[1e-9, 1e9], [2.0, 7.0]])))
    np.testing.assert_allclose(flat, 0.0, atol=1e-12)


def test_thirty_decades():
    target = Independent(np.log(3e-9), 0.2, (1e-15, 1e15), logarithmic=True)
    outcome = fit(target, FitOptions(minos=("x0",), retries=2))
    assert outcome.valid, outcome.status
    assert outcome.values[0] == pytest.approx(3e-9, rel=1e-4)
    # The curvature in x at the minimum is that in ln x over x^2.
    assert outcome.errors[0] == pytest.approx(0.2 * 3e-9, rel=2e-3)
    expected = 3e-9 * np.expm1([-0.2, 0.2])
    np.testing.assert_allclose(outcome.minos[0], expected, rtol=1e-3)


def test_a_logarithm_with_its_minimum_on_the_bound():
    target = Independent(np.log(1e-18), 2.0, (1e-15, 1e15), logarithmic=True)
    outcome = fit(target, QUICK)
    assert outcome.values[0] == pytest.approx(1e-15, rel=1e-9)
    assert outcome.values[0] >= 1e-15
    assert "at the limit of x0" in outcome.status
    assert outcome.hesse_status[0]
    assert outcome.minos[0, 1] > 0


@pytest.mark.parametrize("bounds", [(-1e6, 1e6), (-1e12, 1e12)])
@pytest.mark.parametrize("start", [None, np.array([-1e6]), np.array([1e6])])
def test_wide_uniform(bounds, start):
    outcome = fit(Independent(3.7, 0.5, bounds, start=start), FitOptions(("x0",), retries=2))
    assert outcome.valid, outcome.status
    assert outcome.values[0] == pytest.approx(3.7, abs=1e-3)
    assert outcome.errors[0] == pytest.approx(0.5, rel=1e-3)
    np.testing.assert_allclose(outcome.minos[0], [-0.5, 0.5], rtol=1e-3)


def test_narrow_uniform():
    outcome = fit(Independent(4e-13, 1e-14, (0.0, 1e-12)), FitOptions(("x0",), retries=2))
    assert outcome.valid, outcome.status
    assert outcome.values[0] == pytest.approx(4e-13, rel=1e-4)
    assert outcome.errors[0] == pytest.approx(1e-14, rel=1e-3)
    np.testing.assert_allclose(outcome.minos[0], [-1e-14, 1e-14], rtol=1e-3)


def test_infinite_supports_and_fifty_parameters():
    mean = np.linspace(-3.0, 3.0, 50)
    outcome = fit(Independent(mean, 0.3, (-np.inf, np.inf)), QUICK)
    assert outcome.valid, outcome.status
    np.testing.assert_allclose(outcome.values, mean, atol=1e-3)
    np.testing.assert_allclose(outcome.errors, 0.3, rtol=1e-3)


def test_a_result_above_a_point_that_was_seen_is_not_valid(monkeypatch):
    """MIGRAD stuck on a slope, with the valley elsewhere."""
    from bsinv.fitter.drivers.minimum import minuit

    real = minuit.descend

    def lost(objective, starts, tolerance=1e-8):
        found = real(objective, starts, tolerance)
        points = np.full_like(found.points, 900.0)
        return Descent(points, objective.batch(points), found.converged, found.steps)

    def stays(objective, point, steps, strategy, ladder):
        return Rung(point, objective(point), True, 1e-9, ())

    monkeypatch.setattr(minuit, "descend", lost)
    monkeypatch.setattr(minuit, "climb", stays)
    outcome = fit(Independent(3.7, 100.0, (-1e3, 1e3)), QUICK)
    assert not outcome.valid
    assert "a point was seen at which -2 ln(L x constraints) is lower" in outcome.status


def test_profiles_are_taken_in_the_logarithm_of_the_others():
    class Sum(Independent):
        """ln x0 and ln x1 are told apart badly: the profile over x1 is that of a Gaussian."""

        def log_likelihood(self, theta):
            one, other = np.log(theta).T
            return -0.5 * ((one + other - 2.0) / 0.3) ** 2 - 0.5 * ((other - 8.0) / 0.4) ** 2

    target = Sum([0.0, 0.0], 1.0, (1e-15, 1e15), logarithmic=True)
    axis = np.exp(np.array([-7.0, -6.0, -5.5]))
    scan = grid_scan(target, {"x0": axis}, np.exp([-6.0, 8.0]))
    expected = -0.5 * (np.log(axis) + 6.0) ** 2 / (0.3**2 + 0.4**2)
    np.testing.assert_allclose(scan.log_penalised, expected, atol=1e-4)


def test_a_scale_of_new_physics_over_thirteen_decades():
    """From 2600 to 1e16: MINUIT in the scale itself ends at 1e16, with 0.00 standard deviations."""
    analysis = bsinv.load(
        {
            "name": "scale",
            "model": "wet-lfu",
            "likelihoods": ["belle2-2023-bknunu"],
            "auxiliary": {"Lam": {"prior": {"log_uniform": [2600, 1.0e16]}, "start": 5000}},
            "parameters": {"dC_L": {"expression": "-5.94e8/Lam**2"}},
        }
    )
    best = analysis.fit()
    assert best.valid, best.status
    assert best.values[0] == pytest.approx(9007.5, abs=1.0)
    assert best.errors[0] == pytest.approx(1225.0, abs=2.0)
    assert best.minus_two_delta_log == pytest.approx(7.35, abs=0.005)
    assert best.reference_sigma == pytest.approx(2.71, abs=0.005)
    # At the reference point the scale is at the end of its range.
    assert best.reference_test == "local, one-sided"
    assert "Lam lies on its bound there" in best.reference_remark


def test_an_angle_has_no_ends():
    """The minimum lies on the seam: both sides of its profile are found across it."""

    class Angle(Independent):
        periods = np.array([2.0 * np.pi, np.nan])

        def log_likelihood(self, theta):
            return -0.5 * (theta[:, 1] ** 2 + (1.0 - np.cos(theta[:, 0])) / 0.02)

    target = Angle([0.0, 0.0], 1.0, [[0.0, 2.0 * np.pi], [-5.0, 5.0]])
    outcome = fit(target, FitOptions(minos=("x0",), retries=2))
    assert outcome.valid, outcome.status
    assert np.cos(outcome.values[0]) == pytest.approx(1.0, abs=1e-6)
    assert 0.0 <= outcome.values[0] <= 2.0 * np.pi
    assert "No symmetric" not in outcome.status
    assert "limit" not in outcome.status
    # 1 - cos(phi) = 0.02 at the ends.
    assert outcome.errors[0] == pytest.approx(0.2, rel=2e-3)
