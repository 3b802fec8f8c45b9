"""Moves of the ensemble sampler, made for posteriors of fits.

A fit has a few parameters of interest, often with several separate modes (a rate knows a
coefficient only up to its sign), and many nuisance parameters that the data hardly constrain
beyond their priors. Three moves share the work:

- differential evolution in all parameters (ter Braak, Stat. Comput. 16 (2006) 239);
- differential evolution in the parameters of interest alone, a part of the steps with the full
  difference of two walkers, which carries walkers from one mode to another;
- a step of all constrained parameters that leaves their prior invariant (Neal 1999;
  1202.0709, preconditioned Crank-Nicolson), so that only the likelihood decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from emcee.moves import DEMove, DESnookerMove, MHMove, StretchMove
from emcee.moves.red_blue import RedBlueMove

if TYPE_CHECKING:
    from .target import Array, Target

__all__ = ["BlockDEMove", "prior_move", "schedule"]

# Relative sizes of the steps along the prior: a full redraw, and a cautious one for parameters
# that the data do constrain.
PRIOR_STEPS = (1.0, 0.35)


def schedule(name: str, target: Target) -> list[tuple[Any, float]]:
    """Moves and how often each is used.

    With these weights the parameters of interest of the built-in fit, whose posterior has four
    modes, have an autocorrelation time of about 16 steps and the form factors of 15; emcee's
    differential evolution with snooker steps needs about a thousand.

    Parameters
    ----------
    name : {"de", "stretch"}
        The moves described above, or emcee's stretch move alone.
    target : Target

    Returns
    -------
    list of (move, weight)
    """
    if name == "stretch":
        return [(StretchMove(), 1.0)]
    interesting = np.flatnonzero(~target.constrained)
    if not len(interesting) or len(interesting) == len(target.names):
        columns = np.arange(len(target.names))
        return [(BlockDEMove(columns), 0.8), (DESnookerMove(), 0.2)]
    return [
        (DEMove(), 0.1),
        (BlockDEMove(interesting), 0.65),
        *((prior_move(target, step), 0.25 / len(PRIOR_STEPS)) for step in PRIOR_STEPS),
    ]


class BlockDEMove(RedBlueMove):  # type: ignore[misc]
    """Differential evolution in some of the parameters.

    ``x' = x + gamma (a - b)`` in a random subset of k columns, with a and b walkers of the other
    half of the ensemble; ``gamma = 2.38 / sqrt(2 k)`` with some spread, or 1 to jump between modes.
    Neither depends on x, so the proposal is symmetric.

    Parameters
    ----------
    columns : (m,) integer array
        Columns that move.
    jump : float
        Fraction of proposals with ``gamma = 1``.
    partial : float
        Fraction of proposals in which each column takes part with probability one half only.
    """

    def __init__(self, columns: Array, jump: float = 0.6, partial: float = 0.1) -> None:
        self.columns, self.jump, self.partial = np.asarray(columns), jump, partial
        super().__init__()

    def get_proposal(
        self, sample: Array, complement: list[Array], random: Any
    ) -> tuple[Array, Array]:
        """Propose new positions of one half of the ensemble: ((n, d), (n,) of zeros)."""
        others = np.concatenate(complement, axis=0)
        n, m = len(sample), len(self.columns)
        first = random.randint(len(others), size=n)
        second = (first + random.randint(1, len(others), size=n)) % len(others)
        chosen = random.rand(n, m) < np.where(random.rand(n, 1) < self.partial, 0.5, 1.0)
        empty = ~chosen.any(axis=1)
        chosen[empty, random.randint(m, size=n)[empty]] = True
        scale = 2.38 / np.sqrt(2.0 * chosen.sum(axis=1)) * np.exp(0.3 * random.randn(n))
        scale = np.where(random.rand(n) < self.jump, 1.0, scale)
        difference = (others[first] - others[second])[:, self.columns]
        # Without noise a walker could only reach a lattice made of the others.
        noise = 1e-4 * difference.std(axis=0) * random.randn(n, m)
        proposal = sample.copy()
        proposal[:, self.columns] += np.where(chosen, scale[:, None] * difference + noise, 0.0)
        return proposal, np.zeros(n)


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
        return moved, target.log_constraint(theta) - target.log_constraint(moved)

    return MHMove(propose)
