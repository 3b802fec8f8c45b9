import numpy as np
from bsinv.fitter.drivers.sampling.ensembles import SamplerOptions, starting_points
from bsinv.fitter.drivers.sampling.settle import settle
from targets import GaussianTarget


class Thin(GaussianTarget):
    """a is known to 10^-3 of its prior, along a curve; the other two are hardly known."""

    def log_likelihood(self, theta):
        away = theta[:, 0] - 0.05 * theta[:, 1] ** 2
        # Far off it falls as a power, as a relic density does: no slope leads back quickly.
        return -500.0 * np.log1p((away / 0.02) ** 2 / 1000.0)


def excess(target, points):
    total = target.log_likelihood(points) + target.log_constraint(points)
    return -2.0 * (total - total.max())


def test_walkers_far_outside_are_brought_to_the_posterior():
    target = Thin()
    rng = np.random.default_rng(1)
    points = target.sample_prior(rng, 64)
    before = excess(target, points)
    settled = settle(target, points, rng)
    after = excess(target, settled)
    assert (before > 130.0).sum() > 50
    assert (after < 130.0).all()
    # They come down where they are: the valley stays filled from end to end.
    assert settled[:, 1].std() > 0.7 * points[:, 1].std()
    assert len(np.unique(settled, axis=0)) == len(points)


def test_walkers_inside_stay_where_they_are():
    target = GaussianTarget()
    points = np.random.default_rng(2).normal([*target.mean, 0.0], 1.0, (40, 3))
    np.testing.assert_array_equal(settle(target, points, np.random.default_rng(3)), points)


def test_a_walker_in_a_trap_begins_beside_another():
    class Trap(GaussianTarget):
        """A dent at a = -8, 10^3 below the peak at +2."""

        def log_likelihood(self, theta):
            a, b = theta[:, 0], theta[:, 1]
            peaks = -0.5 * ((a - 2.0) / 0.1) ** 2, -1e3 - 0.5 * ((a + 8.0) / 0.1) ** 2
            return np.maximum(*peaks) - 0.5 * b**2

    points = np.array([[2.0, 0.1, 0.0], [2.1, -0.3, 0.1], [1.9, 0.4, -0.2], [-8.1, 0.2, 0.3]])
    settled = settle(Trap(), points, np.random.default_rng(4))
    np.testing.assert_array_equal(settled[:3], points[:3])
    assert abs(settled[3, 0] - 2.0) < 0.2


def test_walkers_stay_inside_of_the_support():
    class Edge(Thin):
        bounds = np.array([[0.5, 10.0], [-10.0, 10.0], [-np.inf, np.inf]])

    target = Edge()
    rng = np.random.default_rng(5)
    points = target.sample_prior(rng, 64)
    points[:, 0] = abs(points[:, 0]).clip(0.5, 10.0)
    assert np.isfinite(target.log_prior(settle(target, points, rng))).all()


def test_every_ensemble_begins_at_the_posterior():
    options = SamplerOptions(walkers=64, seed=2)
    for number in range(2):
        points = starting_points(Thin(), options, None, number)
        assert (excess(Thin(), points) < 130.0).all()
