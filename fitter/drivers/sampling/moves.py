"""Moves of the ensemble sampler, made for posteriors of fits.

A fit has a few parameters of interest, often with several separate modes (a rate knows a
coefficient only up to its sign), and many nuisance parameters that the data hardly constrain
beyond their priors. Three moves share the work:

- differential evolution in all parameters (ter Braak, Stat. Comput. 16 (2006) 239);
- differential evolution in the parameters of interest alone, a part of the steps with the full
  difference of two walkers, which carries walkers from one mode to another;
- a step of all constrained parameters that leaves their prior invariant (Neal 1999;
  1202.0709, preconditioned Crank-Nicolson), so that only the likelihood decides.

Every move leaves the posterior invariant; one step from exact samples is tested to change nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from emcee.moves import MHMove
from emcee.moves.red_blue import RedBlueMove

from .move_space import MoveSpace

if TYPE_CHECKING:
    from ..target import Array, Target

__all__ = ["BlockDEMove", "WrappedStretchMove", "prior_move", "schedule"]

# Relative sizes of the steps along the prior: a full redraw, and a cautious one for parameters
# that the data do constrain.
PRIOR_STEPS = (1.0, 0.35)
# Noise of differential evolution in units of the width of the ensemble.
NOISE = 1e-4


def schedule(name: str, target: Target) -> list[tuple[Any, float]]:
    """Moves and how often each is used.

    Parameters
    ----------
    name : {"de", "stretch"}
        The moves described above, or the stretch move alone.
    target : Target

    Returns
    -------
    list of (move, weight)
        The weights add up to 1. Where all parameters are constrained, or none, differential
        evolution acts on all of them.
    """
    space = MoveSpace.of(target)
    if name == "stretch":
        return [(WrappedStretchMove(space), 1.0)]
    constrained = np.asarray(target.constrained, bool)
    everything, interesting = np.arange(len(constrained)), np.flatnonzero(~constrained)
    if not constrained.any():
        return [(BlockDEMove(everything, space=space), 1.0)]
    priors = [(prior_move(target, step), 0.25 / len(PRIOR_STEPS)) for step in PRIOR_STEPS]
    if not len(interesting):
        return [(BlockDEMove(everything, space=space), 0.75), *priors]
    return [
        (BlockDEMove(everything, jump=0.0, partial=0.0, space=space), 0.1),
        (BlockDEMove(interesting, space=space), 0.65),
        *priors,
    ]


class BlockDEMove(RedBlueMove):  # type: ignore[misc]
    """Differential evolution in some of the parameters.

    ``x' = x + gamma (a - b) + noise`` in a random subset of k columns, with a and b walkers of the
    other half of the ensemble; ``gamma = 2.38 / sqrt(2 k)`` with some spread, or 1 to jump between
    modes. The noise has the width of that other half. Nothing depends on x, and a and b are as
    likely as b and a whatever the other walkers do, so the proposal is symmetric.

    Parameters
    ----------
    columns : (m,) integer array
        Columns that move.
    jump : float
        Fraction of proposals with ``gamma = 1``.
    partial : float
        Fraction of proposals in which each column takes part with probability one half only.
    space : MoveSpace, optional
        Coordinates in which the differences are taken; the parameters themselves if None.
    """

    def __init__(
        self,
        columns: Array,
        jump: float = 0.6,
        partial: float = 0.1,
        space: MoveSpace | None = None,
    ) -> None:
        self.columns, self.jump, self.partial = np.asarray(columns), jump, partial
        self.space = space
        super().__init__()

    def get_proposal(
        self, sample: Array, complement: list[Array], random: Any
    ) -> tuple[Array, Array]:
        """Propose new positions of one half of the ensemble: ((n, d), (n,) log Jacobians)."""
        space = self.space or MoveSpace.plain(sample.shape[1])
        others = np.concatenate(complement, axis=0)
        n, m = len(sample), len(self.columns)
        first = random.randint(len(others), size=n)
        second = (first + random.randint(1, len(others), size=n)) % len(others)
        chosen = random.rand(n, m) < np.where(random.rand(n, 1) < self.partial, 0.5, 1.0)
        empty = ~chosen.any(axis=1)
        chosen[empty, random.randint(m, size=n)[empty]] = True
        scale = 2.38 / np.sqrt(2.0 * chosen.sum(axis=1)) * np.exp(0.3 * random.randn(n))
        scale = np.where(random.rand(n) < self.jump, 1.0, scale)
        difference = space.difference(others[first], others[second])[:, self.columns]
        # Without noise a walker could only reach a lattice made of the others. Its width must not
        # depend on the pairs drawn: their order would matter.
        width = space.difference(others, others[:1])[:, self.columns].std(axis=0)
        noise = NOISE * width * random.randn(n, m)
        shift = np.zeros_like(sample)
        shift[:, self.columns] = np.where(chosen, scale[:, None] * difference + noise, 0.0)
        return space.shifted(sample, shift)


class WrappedStretchMove(RedBlueMove):  # type: ignore[misc]
    """The stretch move (Goodman and Weare, CAMCoS 5 (2010) 65) that knows circles and logarithms.

    ``x' = a + z (x - a)`` with a walker a of the other half of the ensemble and z of density
    proportional to 1/sqrt(z) between 1/2 and 2; accepted with z^(d - 1). On a circle x - a is taken
    the shorter way; a stretch beyond half a period is rejected, since the way back would not lead
    to x.

    Parameters
    ----------
    space : MoveSpace
    """

    def __init__(self, space: MoveSpace) -> None:
        self.space = space
        super().__init__()

    def get_proposal(
        self, sample: Array, complement: list[Array], random: Any
    ) -> tuple[Array, Array]:
        """Propose new positions of one half of the ensemble: ((n, d), (n,) log factors)."""
        others = np.concatenate(complement, axis=0)
        n, ndim = sample.shape
        z = (random.rand(n) + 1.0) ** 2 / 2.0
        distance = self.space.difference(sample, others[random.randint(len(others), size=n)])
        moved, log_volume = self.space.shifted(sample, (z - 1.0)[:, None] * distance)
        around = (np.abs(z[:, None] * distance) > 0.5 * self.space.periods).any(axis=1)
        return moved, np.where(around, -np.inf, (ndim - 1.0) * np.log(z) + log_volume)


def prior_move(target: Target, step: float) -> MHMove:
    """Step of all constrained parameters that is reversible with respect to their prior.

    Parameters
    ----------
    target : Target
    step : float
        Between 0 and 1; 1 redraws them from the prior.

    Returns
    -------
    emcee.moves.MHMove
    """

    def propose(theta: Array, random: Any) -> tuple[Array, Array]:
        normals = random.standard_normal(theta.shape)
        moved = target.diffuse(theta, step, normals)
        # emcee multiplies by the ratio of the posteriors, which has the prior in it: take it out.
        after = np.array(target.log_constraint(moved))
        inside = np.isfinite(after)
        factors = np.full(len(theta), -np.inf)
        factors[inside] = target.log_constraint(theta)[inside] - after[inside]
        return moved, factors

    return MHMove(propose)
