import bsinv
import numpy as np
import pytest
from bsinv.fitter.problem import Problem
from bsinv.fitter.sensitivity.check import check, stencil
from bsinv.fitter.sensitivity.lifting import directions

POINTS = np.array([[1.0, 2.0, 0.5], [0.3, -1.0, 0.1]])
FREE = np.zeros(3, dtype=bool)
NAMES = ("a", "b", "c")


def test_a_dead_parameter_is_named():
    found = check({"one": lambda t: t[:, 0] + t[:, 1]}, NAMES, np.ones(3), POINTS, FREE)
    assert found.dead == ("c",)
    assert found.sensitivity.shape == (1, 3)
    assert found.sensitivity[0, 2] == 0.0


def test_a_silent_member_of_a_block_that_matters_only_follows_its_prior():
    constrained = np.array([False, True, True])
    predictions = {"one": lambda t: t[:, :2]}
    found = check(predictions, NAMES, np.ones(3), POINTS, constrained, blocks=((1, 3),))
    assert found.dead == ()
    assert found.marginalised == ("c",)
    assert found.flat == ()


def test_a_silent_input_or_block_is_dead():
    constrained = np.array([False, True, True])
    predictions = {"one": lambda t: t[:, 0]}
    assert check(predictions, NAMES, np.ones(3), POINTS, constrained).dead == ("b", "c")
    found = check(predictions, NAMES, np.ones(3), POINTS, constrained, blocks=((1, 3),))
    assert found.dead == ("b", "c")


def test_a_flat_combination_is_found_with_its_components():
    predictions = {"one": lambda t: t[:, 0] + 2.0 * t[:, 1], "two": lambda t: t[:, 2]}
    found = check(predictions, NAMES, np.ones(3), POINTS, FREE)
    assert len(found.flat) == 1
    direction = np.array([found.flat[0][name] for name in NAMES])
    np.testing.assert_allclose(abs(direction), np.array([2.0, 1.0, 0.0]) / np.sqrt(5), atol=1e-6)


def test_predictions_that_are_not_finite_are_reported():
    found = check({"one": lambda t: np.log(t[:, 1])}, NAMES, np.ones(3), POINTS[:1], FREE)
    assert found.problems == ()
    with np.errstate(invalid="ignore"):
        found = check({"one": lambda t: np.log(t[:, 1])}, NAMES, np.ones(3), POINTS, FREE)
    assert found.problems == ("prediction of one is not finite at or near point 1",)


def test_every_batch_of_points_is_predicted_once(monkeypatch):
    analysis = bsinv.load(
        {
            "name": "a",
            "model": "wet-lfu",
            "likelihoods": ["belle_2013_kpnunu_value", "belle_2017_kst0nunu", "belle_2017_k0nunu"],
            "parameters": {"dC_L": {"prior": {"uniform": [-20, 20]}}},
        }
    )
    asked = []
    predictions = Problem.predictions

    def counted(self, theta):
        asked.append(theta.tobytes())
        return predictions(self, theta)

    monkeypatch.setattr(Problem, "predictions", counted)
    analysis.check(points=4)
    assert len(asked) == len(set(asked)) == 5


def test_steps_stay_inside_the_support_of_the_priors():
    parameters = {
        "QN": {"prior": {"uniform": [-0.2, 0.2]}, "start": 0.05},
        "m_N": {"prior": {"uniform": [0, 2]}, "start": 0.0},
    }
    analysis = bsinv.load(
        {
            "name": "a",
            "model": "smeft",
            "likelihoods": ["belle_2013_kpnunu_value", "belle_2017_kst0nunu"],
            "parameters": parameters,
        }
    )
    found = analysis.check()
    assert not found.problems
    # The rate is quadratic in the mass.
    assert found.special == ({"QN": 0.0, "m_N": 1.0},)
    (direction,) = directions(analysis.problem, found)
    assert direction.moved > 1e-3


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
