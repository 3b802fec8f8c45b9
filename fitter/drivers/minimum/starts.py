"""Where the searches of a fit begin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ....errors import FitError
from ..objective import WALL, Objective
from ..target import Array, Target

__all__ = ["starting_points"]

# Points drawn for each retry.
_DRAWN = 64


def starting_points(
    objective: Objective, retries: int, seed: int, further: Sequence[Array], ladder: list[str]
) -> Array:
    """The given starts and the best of points drawn from the prior.

    Parameters
    ----------
    objective : Objective
    retries : int
        Points from the prior, and as many nearer to the start.
    seed : int
        Of the draws.
    further : sequence of (d,) arrays
        Given ones besides the start of the target.
    ladder : list of str
        Gets a line on what they are.

    Returns
    -------
    (n, d) array
        In internal coordinates.

    Raises
    ------
    FitError
        If the likelihood is zero at all of them.
    """
    target = objective.target
    rng = np.random.default_rng(seed)
    drawn = target.sample_prior(rng, _DRAWN * max(retries, 1))
    # Nuisance parameters start at their constraint: a random draw of ten of them says little.
    drawn[:, target.constrained] = target.start[target.constrained]
    # A valley may be far narrower than the prior: half of them nearer to the start, on all scales.
    near = 10.0 ** -rng.uniform(0.0, 8.0, (len(drawn), 1))
    closer = target.start + near * (drawn - target.start)
    chosen = []
    for group in (drawn, closer):
        values = objective.batch(group)
        order = np.argsort(values, kind="stable")[:retries]
        chosen.append(group[order[values[order] < WALL]])
    own = np.concatenate([target.start[None], *(target.forward(one[None]) for one in further)])
    allowed = objective.batch(own) < WALL
    if not allowed[0]:
        ladder.append("the likelihood is zero at the analysis's own starting point: left out")
    starts = np.concatenate([own[allowed], *chosen])
    if not len(starts):
        raise FitError(
            "the likelihood is zero at the starting point and at "
            f"{2 * len(drawn)} points drawn from the prior{_causes(target.outer)}: widen the "
            "priors or give fit.start"
        )
    ladder.append(
        f"starting points: {int(allowed.sum())} given and {len(starts) - int(allowed.sum())} from "
        "the prior"
    )
    return starts


def _causes(target: Target) -> str:
    """What rejected most points, in brackets; empty if the target does not count."""
    counted: Counter[str] = Counter(getattr(target, "rejected", {}))
    causes = ", ".join(f"{name} at {count}" for name, count in counted.most_common(3))
    return f" (rejected by {causes})" if causes else ""
