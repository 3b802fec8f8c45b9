"""Errors of a best fit: which of them can be quoted, and those from the profile in their place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..coordinates import InternalTarget
from ..objective import Objective
from ..target import Array
from .crossings import UP, Side, profile_errors
from .hesse import Covariance, near_bounds, with_errors
from .minima import Minimum
from .staircase import Tread, tread_edges
from .valley import Valley

__all__ = ["Errors", "errors_of"]

# Treads of a staircase at which the others' profiles are looked at: those that low.
_NEAR = 4.0
_TREADS = 24
_ALIKE = 0.01


@dataclass(frozen=True)
class Errors:
    """Errors of all parameters.

    Attributes
    ----------
    covariance : Covariance
        In the parameters' units.
    hesse_status : tuple of str
        Empty where the symmetric error can be quoted, else why not.
    minos : (d, 2) array
        Lower (negative) and upper, in the parameters' units; NaN where not done or not found.
    minos_status : tuple of str
        Empty where not done, "valid", or what went wrong.
    """

    covariance: Covariance
    hesse_status: tuple[str, ...]
    minos: Array
    minos_status: tuple[str, ...]


def errors_of(
    objective: Objective, best: Minimum, wanted: tuple[str, ...], ladder: list[str]
) -> Errors:
    """Errors of a minimum.

    Parameters
    ----------
    objective : Objective
    best : Minimum
    wanted : tuple of str
        Parameters that get asymmetric errors; those whose symmetric one is refused get them too.
    ladder : list of str
        Gets a line for each.

    Returns
    -------
    Errors
    """
    target = objective.target
    held = objective.holding({column: float(best.point[column]) for column in best.treads})
    covariance = with_errors(held, best.point[held.free], best.steps[held.free])
    refused = _refused(objective, best, covariance)
    minos = np.full((len(target.names), 2), np.nan)
    status = [""] * len(target.names)
    columns = [i for i, name in enumerate(target.names) if name in wanted or refused[i]]
    smooth = [column for column in columns if column not in best.treads]
    sides = _sides(held, best, covariance, smooth)
    sides += [
        side
        for column, tread in best.treads.items()
        for side in _steps(objective, best, column, tread)
    ]
    for column in columns:
        lower, upper = (side for side in sides if side.column == column)
        minos[column] = _outer(target, best.point, lower, upper)
        status[column] = _told(lower, upper, best, column)
        ladder.append(f"MINOS of {target.names[column]}: {status[column]}")
    objective.absorb(held)
    return Errors(covariance, tuple(refused), minos, tuple(status))


def _refused(objective: Objective, best: Minimum, covariance: Covariance) -> list[str]:
    """Why symmetric errors are not quoted; empty texts where they are."""
    target = objective.target
    theta = target.backward(best.point[None])[0]
    bounds = target.ends
    nearest = near_bounds(theta, covariance.errors, bounds)
    reasons = []
    for column, side in enumerate(nearest):
        end = bounds[column, 0 if side < 0 else 1]
        if column in best.treads:
            reasons.append("the likelihood is piecewise constant along it")
        elif covariance.kinked[column]:
            reasons.append("the likelihood has a kink there")
        elif side and covariance.accurate:
            reasons.append(f"its bound {end:g} is nearer than one error")
        elif np.isnan(covariance.errors[column]) and covariance.accurate:
            reasons.append("it lies on its bound")
        else:
            reasons.append("")
    return reasons


def _sides(
    objective: Objective, best: Minimum, covariance: Covariance, columns: list[int]
) -> list[Side]:
    """Both sides of the profiles of columns without steps."""
    if not columns:
        return []
    slope = objective.target.slope(best.point)
    inner = covariance.matrix / np.outer(slope, slope)
    wanted = [(column, sign) for column in columns for sign in (-1, 1)]
    others = _treads(best)
    return profile_errors(objective, best.point, best.value, inner, best.steps, wanted, others)


def _treads(best: Minimum) -> Array | None:
    """Points on the treads that may become the lowest when another parameter moves: (a, d)."""
    if not best.treads:
        return None
    points = [best.point[None]]
    for tread in best.treads.values():
        low = np.flatnonzero(tread.values < best.value + _NEAR)
        # Neighbours on one tread have the same value: one of them will do.
        apart = abs(np.diff(tread.values[low])) > _ALIKE
        first = low[np.concatenate([[True], apart | (np.diff(low) > 1)])]
        points.append(tread.points[first[np.argsort(tread.values[first])][:_TREADS]])
    return np.concatenate(points)


def _steps(objective: Objective, best: Minimum, column: int, tread: Tread) -> list[Side]:
    """Both sides of a column with steps: where its profile jumps over the level."""
    others = {other: float(best.point[other]) for other in best.treads if other != column}
    held = objective.holding(others)
    d = len(best.point)
    valley = Valley(held, column, best.point, np.full((d, d), np.nan), best.steps)
    ends = tread_edges(valley, tread, UP)
    objective.absorb(held)
    sides = []
    for sign, end, limit in zip((-1, 1), ends, tread.places[[0, -1]], strict=True):
        side = Side(column, sign, error=end - best.point[column], done=True)
        if end == limit:
            side.error, side.status = np.nan, "reaches the limit of the parameter"
        sides.append(side)
    return sides


def _outer(target: InternalTarget, point: Array, lower: Side, upper: Side) -> Array:
    """Signed errors in the parameter's unit: (2,)."""
    errors = np.array([np.nan if side.status else side.error for side in (lower, upper)])
    if not target.logarithmic[lower.column]:
        return errors
    moved = np.repeat(point[None], 3, axis=0)
    moved[1:, lower.column] += np.where(np.isnan(errors), 0.0, errors)
    values = target.backward(moved)[:, lower.column]
    return np.where(np.isnan(errors), np.nan, values[1:] - values[0])


def _told(lower: Side, upper: Side, best: Minimum, column: int) -> str:
    """Status of both sides in words."""
    parts = [
        f"{name} error {side.status}"
        for name, side in (("lower", lower), ("upper", upper))
        if side.status
    ]
    if column in best.treads and not parts:
        return "valid (from the profile, which has steps)"
    return "; ".join(parts) or "valid"
