"""One step of each move from exact samples changes nothing; a wrong move is seen.

10^5 walkers in independent ensembles, paired differences within four standard deviations.
"""

import math
from collections.abc import Iterator

import numpy as np
import pytest
from bsinv.fitter.analysis_file.sections import SamplerSpec
from bsinv.fitter.drivers.sampling.move_space import MoveSpace
from bsinv.fitter.drivers.sampling.moves import (
    BlockDEMove,
    WrappedStretchMove,
    prior_move,
    schedule,
)
from bsinv.fitter.parameters import joint as joint_prior
from emcee.moves import DEMove, DESnookerMove, StretchMove
from invariance import Circle, Constrained, Exact, Gaussian, LogNormal, TwoHills, largest_change


def walkers(target: Exact) -> int:
    """The size of ensembles by default."""
    return SamplerSpec().walkers_for(target.ndim)


def moves(target: Exact) -> Iterator[tuple[str, object]]:
    """Every move that a schedule can hold, and emcee's right ones."""
    space = MoveSpace.of(target)
    everything = np.arange(target.ndim)
    yield "de", BlockDEMove(everything, space=space)
    yield "de of some", BlockDEMove(everything[: (target.ndim + 1) // 2], space=space)
    yield "de without jumps", BlockDEMove(everything, jump=0.0, partial=0.0, space=space)
    yield "de in parts", BlockDEMove(everything, jump=0.5, partial=1.0, space=space)
    yield "stretch", WrappedStretchMove(space)
    if np.isinf(space.periods).all() and not space.logarithmic.any():
        yield "emcee's stretch", StretchMove()
        yield "emcee's de", DEMove()
    if target.constrained.any():
        for step in (1.0, 0.35, 0.1):
            yield f"prior {step}", prior_move(target, step)


@pytest.mark.parametrize(("ndim", "total"), [(1, 100_000), (3, 30_000), (10, 20_000)])
def test_a_snooker_move_that_is_not_reversible_is_seen(ndim, total):
    """emcee 3.1.6 divides by the root of the norm and counts half of the Jacobian.

    Found with 10^5 walkers: 7, 22 and 53 standard deviations in 1, 3 and 10 dimensions.
    """
    target = Gaussian(ndim)
    assert largest_change(DESnookerMove(), target, walkers(target), total) > 6.0


@pytest.mark.parametrize("ndim", [1, 10])
def test_the_stretch_move_of_emcee_is_right(ndim):
    target = Gaussian(ndim)
    assert largest_change(StretchMove(), target, walkers(target)) < 4.0


@pytest.mark.parametrize(
    "target", [Gaussian(2, 0.9), TwoHills(1), TwoHills(3), Circle(), LogNormal()], ids=repr
)
def test_the_moves_of_the_schedules_are_right(target):
    chosen = [move for name in ("de", "stretch") for move, _ in schedule(name, target)]
    assert len(chosen) == 2
    for move in chosen:
        assert largest_change(move, target, walkers(target)) < 4.0


@pytest.mark.parametrize("pull", [8.0, -10.0])
@pytest.mark.parametrize("cut", [(-math.inf, math.inf), (-11.0, 8.5)])
def test_moves_along_the_prior_are_right_far_out(pull, cut):
    """The data pull parameters 8 and 10 standard deviations away from their priors."""
    target = Constrained(pull, cut=cut)
    for step in (0.1, 0.35):
        assert largest_change(prior_move(target, step), target, walkers(target)) < 4.0


def test_a_clip_of_the_unit_cube_is_seen(monkeypatch):
    """2^-53 is 8.2 standard deviations: beyond, all points have one image."""

    def clipped(priors, theta, step, normals):
        from scipy.special import ndtr, ndtri

        cut, pair = priors
        parts = [cut.cdf(theta[:, :1]), pair.cdf(theta[:, 1:])]
        u = np.clip(np.concatenate(parts, axis=1), 2.0**-53, 1.0 - 2.0**-53)
        moved = np.sqrt(1.0 - step**2) * ndtri(u) + step * normals
        return joint_prior.transform(priors, ndtr(moved))

    target = Constrained(8.0)
    monkeypatch.setattr(type(target), "diffuse", lambda self, *given: clipped(self.priors, *given))
    assert largest_change(prior_move(target, 0.1), target, walkers(target)) > 6.0


def test_a_step_in_the_logarithm_needs_its_jacobian():
    target = LogNormal()

    class Forgetful(BlockDEMove):
        def get_proposal(self, sample, complement, random):
            moved, factors = super().get_proposal(sample, complement, random)
            return moved, 0.0 * factors

    move = Forgetful(np.arange(2), space=MoveSpace.of(target))
    assert largest_change(move, target, walkers(target)) > 6.0


def test_smallest_ensembles():
    """Halves of two and three walkers: hardly any directions, but none wrong."""
    for target, few in ((Gaussian(1), 4), (TwoHills(2), 6)):
        move = BlockDEMove(np.arange(target.ndim))
        assert largest_change(move, target, few, total=8000) < 4.0


@pytest.mark.slow
@pytest.mark.parametrize(
    "target",
    [
        *(Gaussian(ndim) for ndim in range(1, 11)),
        *(Gaussian(ndim, 0.9) for ndim in (2, 5, 10)),
        *(TwoHills(ndim) for ndim in (1, 2, 3, 5)),
        *(Constrained(pull) for pull in (0.0, 2.0, 8.0, 10.0, 12.0, -12.0)),
        Constrained(1.0, cut=(-0.5, 2.0)),
        Constrained(8.0, cut=(7.0, 9.0)),
        Constrained(-12.0, cut=(-13.0, -11.5)),
        Constrained(12.0, cut=(0.0, math.inf)),
        Constrained(8.5, width=0.3, correlation=-0.9),
        Circle(),
        LogNormal(),
    ],
    ids=repr,
)
@pytest.mark.parametrize("size", ["default", "smallest"])
def test_every_move_is_right(target, size):
    """Of ten thousand statistics one may lie beyond four standard deviations, but not twice."""
    few, total = 2 * (target.ndim + 1), 100_000
    number, total = (walkers(target), total) if size == "default" else (few, total // 10)
    for seed, (name, move) in enumerate(moves(target)):
        change = largest_change(move, target, number, total, seed=100 + seed)
        if name.startswith("prior") and math.isinf(change):
            continue  # so far out hardly any redraw from the prior is accepted
        if change >= 4.0:
            change = largest_change(move, target, number, 4 * total, seed=200 + seed)
        assert change < 4.0, f"{name}: {change:.1f} standard deviations"
