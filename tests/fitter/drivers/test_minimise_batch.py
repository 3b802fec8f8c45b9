import numpy as np
import pytest
from bsinv.fitter.drivers.minimise_batch import minimise_batch

OPEN = np.array([[-np.inf, np.inf]] * 2)


def rosenbrock(points, which):
    x, y = points.T
    return (1.0 - x) ** 2 + 10.0 * (y - x**2) ** 2


def test_every_start_of_a_hard_function_arrives():
    start = np.random.default_rng(0).uniform(-2, 2, (40, 2))
    found = minimise_batch(rosenbrock, start, OPEN, max_steps=200)
    assert found.converged.all()
    # The valley is flat: an estimated distance of 1e-5 to the minimum is 0.1 in the coordinates.
    assert (found.values < 1e-3).all()
    np.testing.assert_allclose(found.points, 1.0, atol=0.1)


def test_each_problem_has_its_own_function():
    centres = np.array([[0.0, 1.0], [5.0, -2.0], [1.0, 1.0]])
    scale = np.array([1.0, 3.0])

    def function(points, which):
        return (((points - centres[which]) / scale) ** 2).sum(axis=1)

    found = minimise_batch(function, np.zeros((3, 2)), OPEN)
    np.testing.assert_allclose(found.points, centres, atol=0.01)


def test_minima_outside_the_box_end_on_its_face():
    def function(points, which):
        x, y = points.T
        return (x - 3.0) ** 2 + (y - 0.2) ** 2 + 0.5 * x * y

    found = minimise_batch(function, np.array([[0.0, 0.9]]), np.array([[-1.0, 1.0], [-1.0, 1.0]]))
    assert found.converged.all()
    # At x = 1 the function of y is least at 0.2 - 1/4.
    np.testing.assert_allclose(found.points, [[1.0, -0.05]], atol=0.01)


def test_a_wall_is_stepped_back_from():
    def function(points, which):
        x, y = points.T
        return np.where(x < 0.1, 1e10, (x - 0.5) ** 2 + y**2)

    found = minimise_batch(function, np.array([[3.0, 1.0]]), OPEN)
    np.testing.assert_allclose(found.points, [[0.5, 0.0]], atol=0.02)


def test_nothing_to_minimise():
    found = minimise_batch(lambda p, w: w.astype(float), np.empty((3, 0)), np.empty((0, 2)))
    assert found.converged.all()
    assert found.values.tolist() == [0.0, 1.0, 2.0]


def test_a_flat_function_is_done_at_once():
    found = minimise_batch(lambda p, w: np.zeros(len(p)), np.ones((2, 2)), OPEN)
    assert found.steps == 0
    assert found.values == pytest.approx([0.0, 0.0])
