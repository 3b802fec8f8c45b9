import numpy as np
import pytest
from bsinv.fitter.drivers.sampling.move_space import MoveSpace
from bsinv.fitter.drivers.sampling.moves import BlockDEMove, prior_move, schedule
from targets import GaussianTarget


def test_block_moves_leave_the_other_columns_alone():
    random = np.random.RandomState(0)
    walkers, others = random.randn(30, 5), random.randn(30, 5)
    move = BlockDEMove(np.array([1, 3]))
    proposal, factors = move.get_proposal(walkers, [others], random)
    np.testing.assert_array_equal(proposal[:, [0, 2, 4]], walkers[:, [0, 2, 4]])
    assert (proposal[:, [1, 3]] != walkers[:, [1, 3]]).any(axis=1).all()
    np.testing.assert_array_equal(factors, 0.0)


def test_a_full_jump_adds_the_difference_of_two_walkers():
    random = np.random.RandomState(1)
    others = np.array([[0.0, 0.0], [10.0, -4.0]])
    move = BlockDEMove(np.array([0, 1]), jump=1.0, partial=0.0)
    proposal, _ = move.get_proposal(np.zeros((20, 2)), [others], random)
    np.testing.assert_allclose(abs(proposal), np.broadcast_to([10.0, 4.0], (20, 2)), atol=0.05)


@pytest.mark.parametrize("step", [1.0, 0.35])
def test_the_prior_move_leaves_the_prior_invariant(step):
    target = GaussianTarget()
    random = np.random.RandomState(2)
    theta = target.sample_prior(np.random.default_rng(0), 40000)
    move = prior_move(target, step)
    moved, factors = move.get_proposal(theta, random)
    np.testing.assert_array_equal(moved[:, :2], theta[:, :2])
    assert moved[:, 2].std() == pytest.approx(target.width, rel=0.02)
    np.testing.assert_allclose(factors, target.log_constraint(theta) - target.log_constraint(moved))


def test_what_leaves_the_ties_is_rejected_without_a_word():
    """The logarithm of the constraint is minus infinity where a tied parameter leaves its range."""

    class Tied(GaussianTarget):
        def log_constraint(self, theta):
            inside = theta[:, 2] < 0.2
            return np.where(inside, super().log_constraint(theta), -np.inf)

    target, random = Tied(), np.random.RandomState(3)
    theta = np.zeros((500, 3))
    moved, factors = prior_move(target, 1.0).get_proposal(theta, random)
    outside = moved[:, 2] >= 0.2
    assert 0.2 < outside.mean() < 0.5
    np.testing.assert_array_equal(np.isneginf(factors), outside)


def test_the_noise_does_not_depend_on_the_pairs():
    """Differences of two walkers only, with noise of the width of all of them."""
    others = np.array([[0.0], [1.0], [2.0], [3.0]])
    move = BlockDEMove(np.array([0]), jump=1.0, partial=0.0)
    proposal, _ = move.get_proposal(np.zeros((100_000, 1)), [others], np.random.RandomState(4))
    noise = proposal - np.round(proposal)
    assert noise.std() == pytest.approx(1e-4 * others.std(), rel=0.02)


def test_schedules():
    class Free(GaussianTarget):
        constrained = np.zeros(3, dtype=bool)

    class Measured(GaussianTarget):
        constrained = np.ones(3, dtype=bool)

    [(only, weight)] = schedule("de", Free())
    np.testing.assert_array_equal(only.columns, [0, 1, 2])
    assert weight == 1.0
    for target in (GaussianTarget(), Measured()):
        moves = schedule("de", target)
        assert sum(weight for _, weight in moves) == pytest.approx(1.0)
        assert sum(not isinstance(move, BlockDEMove) for move, _ in moves) == 2
    np.testing.assert_array_equal(schedule("de", GaussianTarget())[1][0].columns, [0, 1])
    np.testing.assert_array_equal(schedule("de", Measured())[0][0].columns, [0, 1, 2])


class TestSpace:
    space = MoveSpace(
        np.array([False, True, False]), np.array([-1.0, 0.0, 0.0]), np.array([2.0, np.inf, np.inf])
    )

    def test_differences_take_the_shorter_way(self):
        points = np.array([[-0.9, 1e-3, 5.0], [0.9, 1e3, 2.0]])
        found = self.space.difference(points[:1], points[1:])
        np.testing.assert_allclose(found, [[0.2, -6.0 * np.log(10.0), 3.0]])
        back = self.space.difference(points[1:], points[:1])
        np.testing.assert_array_equal(back, -found)

    def test_steps_come_back_into_the_range(self):
        theta = np.array([[0.9, 2.0, 1.0], [-0.95, 1e300, 1.0], [-1.0, 1e-300, 1.0]])
        shift = np.array([[0.3, np.log(3.0), 1.0], [-4.1, 100.0, 0.0], [-1e-20, -100.0, 0.0]])
        moved, log_volume = self.space.shifted(theta, shift)
        np.testing.assert_allclose(moved[0], [-0.8, 6.0, 2.0])
        np.testing.assert_allclose(moved[1], [0.95, np.inf, 1.0])
        assert -1.0 <= moved[2, 0] < 1.0
        assert moved[2, 1] == 0.0
        np.testing.assert_allclose(log_volume, [np.log(3.0), 100.0, -100.0])

    def test_what_is_not_shifted_stays_to_the_last_bit(self):
        theta = np.random.default_rng(0).uniform(0.1, 0.9, (1000, 3))
        moved, log_volume = self.space.shifted(theta, np.zeros_like(theta))
        np.testing.assert_array_equal(moved, theta)
        np.testing.assert_array_equal(log_volume, 0.0)

    def test_what_is_no_angle_may_have_no_number(self):
        class Angle(GaussianTarget):
            periods = np.array([20.0, np.nan, np.nan])

        np.testing.assert_array_equal(MoveSpace.of(Angle()).periods, [20.0, np.inf, np.inf])

    def test_a_target_that_tells_nothing_has_plain_coordinates(self):
        space = MoveSpace.of(GaussianTarget())
        assert not space.logarithmic.any()
        assert np.isinf(space.periods).all()


@pytest.mark.parametrize("jump", [0.0, 1.0])
def test_walkers_cross_the_seam(jump):
    """Walkers on both sides of the seam are neighbours: no step is as long as the range."""
    space = MoveSpace(np.zeros(1, bool), np.zeros(1), np.array([2.0 * np.pi]))
    random = np.random.RandomState(5)
    others = np.mod(0.1 * random.randn(50, 1), 2.0 * np.pi)
    sample = np.mod(0.1 * random.randn(50, 1), 2.0 * np.pi)
    move = BlockDEMove(np.array([0]), jump=jump, partial=0.0, space=space)
    proposal, _ = move.get_proposal(sample, [others], random)
    assert ((proposal >= 0.0) & (proposal <= 2.0 * np.pi)).all()
    assert abs(np.sin(0.5 * (proposal - sample))).max() < 0.8
    assert (abs(proposal - sample) > np.pi).any()
