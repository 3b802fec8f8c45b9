"""What to say of a minimum: whether to trust it, and others as deep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..objective import WALL, Objective
from ..target import Array
from .descent import natural_steps
from .hesse import Covariance
from .staircase import Tread

__all__ = ["Minimum", "not_alone", "other_minima", "verdict"]

# A barrier between two minima rises above both by this.
_BARRIER = 0.05
# Minima that are told lie within two standard deviations, each apart from those known.
_DEEP = 4.0


@dataclass(frozen=True)
class Minimum:
    """A minimum of an objective.

    Attributes
    ----------
    point : (d,) array
        In internal coordinates.
    value : float
    converged : bool
    edm : float
        Estimated distance to the minimum, in units of -2 ln L.
    reasons : tuple of str
        Why MIGRAD does not call it valid.
    steps : (d,) array
        Typical changes there.
    treads : mapping of int to Tread
        Profiles of the columns along which the likelihood is a staircase.
    """

    point: Array
    value: float
    converged: bool
    edm: float = np.nan
    reasons: tuple[str, ...] = ()
    steps: Array = field(default_factory=lambda: np.empty(0))
    treads: Mapping[int, Tread] = field(default_factory=dict)


def other_minima(
    objective: Objective, known: Sequence[Minimum], best: Minimum
) -> tuple[list[str], Array]:
    """Sentences on minima nearly as deep elsewhere: a rate may know a coefficient up to a sign.

    Another minimum is one behind a barrier: on the way to every one known already the objective
    rises above both ends.

    Parameters
    ----------
    objective : Objective
    known : sequence of Minimum
    best : Minimum

    Returns
    -------
    sentences : list of str
        Deepest first. Along a staircase every tread is a minimum: none then.
    places : (k, d) array
        Where they are, in the parameters' units.
    """
    target = objective.target
    places = np.empty((0, len(target.names)))
    if best.treads:
        return [], places
    interesting = np.flatnonzero(~target.constrained)
    found, sentences = [best], []
    for other in sorted(known, key=lambda one: one.value):
        depth = other.value - best.value
        if not other.converged or depth > _DEEP:
            continue
        if not all(_barrier(objective, other, one) for one in found):
            continue
        found.append(other)
        point = target.backward(other.point[None])[0]
        places = np.concatenate([places, point[None]])
        place = ", ".join(f"{target.names[i]} = {point[i]:.3g}" for i in interesting)
        sentences.append(
            f"another minimum at {place}: -2 ln(L x constraints) higher by {max(depth, 0.0):.2f}"
        )
    return sentences, places


def _barrier(objective: Objective, one: Minimum, other: Minimum) -> bool:
    if one is other:
        return False
    way = np.linspace(0.0, 1.0, 21)[1:-1, None]
    end = objective.target.nearest(other.point[None], one.point)[0]
    between = objective.at((1.0 - way) * one.point + way * end)
    return bool(between.max() > max(one.value, other.value) + _BARRIER)


def not_alone(others: Sequence[str]) -> str:
    """Sentence on other minima for the status of a fit; empty if there are none."""
    if not others:
        return ""
    return f" It is not the only one: {'; '.join(others)}."


def verdict(
    objective: Objective, best: Minimum, covariance: Covariance, missed: float
) -> tuple[bool, str]:
    """Whether to trust a minimum, and one sentence on it.

    Parameters
    ----------
    objective : Objective
    best : Minimum
    covariance : Covariance
    missed : float
        How much lower a point is that was seen, and from which no search came back.

    Returns
    -------
    valid : bool
    status : str
    """
    target = objective.target
    reasons = list(best.reasons)
    if not covariance.accurate and np.isnan(covariance.errors).all():
        reasons.append("HESSE failed, so the errors are missing: a direction may be flat")
    elif not covariance.accurate:
        reasons.append("the covariance had to be forced positive: a direction may be flat")
    # Beside a wall the steps of the search have become too short to see it.
    free = objective.free
    steps = natural_steps(objective, best.point[free][None], off_walls=True)[0]
    if objective.walled(best.point[free], steps):
        reasons.append(
            "it lies where the likelihood drops to zero, so its errors mean nothing: make the "
            "bound smooth, or put it into the prior"
        )
    if missed > 0.0:
        reasons.append(f"a point was seen at which -2 ln(L x constraints) is lower by {missed:.3g}")
    if best.value >= WALL and not best.reasons:
        reasons.append("the likelihood is zero there")
    low, high = target.bounds.T
    distance = np.minimum(best.point - low, high - best.point)
    at_bound = [
        name
        for name, near in zip(target.names, distance < 1e-3 * target.scale, strict=True)
        if near
    ]
    limits = f"; at the limit of {', '.join(at_bound)}" if at_bound else ""
    if reasons:
        return False, (
            f"Not a trustworthy minimum: {'; '.join(reasons)}{limits}. 'bsinv check' looks for "
            "flat directions."
        )
    # Without MINUIT, where steps leave nothing to differentiate.
    edm = f", estimated distance {best.edm:.1e}" if np.isfinite(best.edm) else ""
    return True, f"Valid minimum{edm}{limits}."
