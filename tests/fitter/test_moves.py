import numpy as np
import pytest
from bsinv.fitter.moves import BlockDEMove, prior_move, schedule
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


def test_without_constrained_parameters_all_moves_act_on_everything():
    class Free(GaussianTarget):
        constrained = np.zeros(3, dtype=bool)

    moves = [move for move, _ in schedule("de", Free())]
    np.testing.assert_array_equal(moves[0].columns, [0, 1, 2])
    assert sum(weight for _, weight in schedule("de", GaussianTarget())) == pytest.approx(1.0)
