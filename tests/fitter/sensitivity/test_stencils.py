import numpy as np
import pytest
from bsinv.fitter.sensitivity.check import stencil


@pytest.mark.parametrize("at", [0.0, 0.3, 1.0])
def test_derivatives_are_of_second_order_and_inside(at):
    bounds = np.array([[0.0, 1.0], [-np.inf, np.inf]])
    points = np.array([[at, 2.0]])
    steps = np.array([[1e-3, 2e-3]])

    def function(theta):
        assert (theta[:, 0] >= 0.0).all()
        assert (theta[:, 0] <= 1.0).all()
        return 3.0 * theta[:, 0] ** 2 + theta[:, 0] * theta[:, 1]

    one, other, weights = stencil(points, steps, bounds)
    values = np.stack([function(one), function(other), function(points)])
    exact = (6.0 * at + 2.0) * 1e-3 + at * 2e-3
    assert (weights * values).sum(axis=0)[0] == pytest.approx(exact, rel=1e-9)


def test_what_is_quadratic_at_an_end_has_no_slope_there():
    one, other, weights = stencil(np.zeros((1, 1)), np.full((1, 1), 0.1), np.array([[0.0, 1.0]]))
    values = np.concatenate([one, other, np.zeros((1, 1))], axis=1)[0] ** 2
    assert abs(weights[:, 0] @ values) < 1e-15


def test_without_room_or_bounds_differences_are_central():
    points, steps = np.zeros((1, 1)), np.ones((1, 1))
    for bounds in (None, np.array([[-0.5, 0.5]])):
        one, other, weights = stencil(points, steps, bounds)
        assert (one[0, 0], other[0, 0]) == (1.0, -1.0)
        assert weights[:, 0].tolist() == [0.5, -0.5, 0.0]
