"""Errors from the profile likelihood (MINOS): where it has risen by one, several sides at once."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..objective import Objective
from ..target import Array
from .valley import Valley

__all__ = ["Side", "profile_errors"]

# Rise of the profile at the end of an interval of one standard deviation, and how well it is met.
UP, MET = 1.0, 2e-4
_TRIALS = 40
# A profile that falls this far below the minimum has found another one.
_LOWER = 1e-2


@dataclass
class Side:
    """One side of one parameter, on its way to the crossing.

    Attributes
    ----------
    column : int
    sign : int
        -1 for the lower side, 1 for the upper.
    error : float
        Signed distance from the minimum to the crossing, in internal coordinates; NaN if not found.
    status : str
        Empty if found, else what went wrong.
    """

    column: int
    sign: int
    error: float = np.nan
    status: str = ""
    done: bool = False
    reach: float = 0.0
    inner: tuple[float, float] = (0.0, 0.0)
    outer: tuple[float, float] | None = None
    trial: float = 0.0
    last: Array = field(default_factory=lambda: np.empty(0))

    def told(self, rise: float, good: bool) -> None:
        """Take the rise of the profile at the trial distance, and choose the next one."""
        if rise < -_LOWER:
            self.done, self.status = True, "found a new minimum"
        elif abs(rise - UP) < MET:
            self.done, self.error = True, self.sign * self.trial
            self.status = "" if good else "not found"
        elif rise < UP and self.trial >= self.reach:
            self.done, self.status = True, "reaches the limit of the parameter"
        else:
            self._next(rise, good)

    def _next(self, rise: float, good: bool) -> None:
        if rise < UP:
            self.inner = self.trial, rise
        else:
            self.outer = self.trial, rise
        low, below = self.inner
        if self.outer is None:
            factor = np.sqrt(UP / max(rise, 1e-12))
            self.trial = min(self.trial * float(np.clip(factor, 1.1, 8.0)), self.reach)
            return
        high, above = self.outer
        if high - low < 1e-7 * high:  # the profile jumps across
            self.done, self.error = True, self.sign * high
            self.status = "" if good else "not found"
            return
        # Straight in the square root, which a parabola is; kept off the ends.
        roots = np.sqrt(max(below, 0.0)), np.sqrt(above)
        part = (1.0 - roots[0]) / (roots[1] - roots[0]) if above < 1e3 else 0.1
        self.trial = low + (high - low) * float(np.clip(part, 0.02, 0.98))


def profile_errors(
    objective: Objective,
    centre: Array,
    value: float,
    covariance: Array,
    steps: Array,
    wanted: list[tuple[int, int]],
    others: Array | None = None,
) -> list[Side]:
    """Distances from a minimum at which the profile has risen by one.

    Parameters
    ----------
    objective : Objective
    centre : (d,) array
        Minimum in internal coordinates.
    value : float
        Of the objective there.
    covariance : (d, d) array
        Internal coordinates.
    steps : (d,) array
        Typical changes.
    wanted : list of (column, sign)
    others : (a, d) array, optional
        Points near the minimum that differ in the columns which the objective holds: the profile
        is the lowest over them.

    Returns
    -------
    list of Side
    """
    around = centre[None] if others is None or not len(others) else np.asarray(others)
    sides = [Side(column, sign) for column, sign in wanted]
    valleys = {
        column: Valley(objective, column, centre, covariance, steps)
        for column in {side.column for side in sides}
    }
    for side in sides:
        low, high = objective.target.bounds[side.column]
        place = centre[side.column]
        side.reach = float(high - place if side.sign > 0 else place - low)
        error = np.sqrt(covariance[side.column, side.column])
        first = error if np.isfinite(error) and error > 0 else steps[side.column]
        side.trial, side.last = min(float(first), side.reach), around
        if side.reach <= 1e-9 * steps[side.column]:
            side.done, side.status = True, "reaches the limit of the parameter"
    for _ in range(_TRIALS):
        left = [side for side in sides if not side.done]
        if not left:
            return sides
        for column in dict.fromkeys(side.column for side in left):
            _advance(
                valleys[column], [side for side in left if side.column == column], centre, value
            )
    for side in sides:
        if not side.done:
            side.status = "not found"
    return sides


def _advance(valley: Valley, sides: list[Side], centre: Array, value: float) -> None:
    """Evaluate the profile at the trial of each side, all as one batch."""
    starts = []
    for side in sides:
        place = centre[side.column] + side.sign * side.trial
        if side.trial >= side.reach:  # exactly on the bound
            place = valley.objective.target.bounds[side.column][0 if side.sign < 0 else 1]
        starts.append(valley.shifted(side.last, np.full(len(side.last), place)))
    points, values, good = valley.solve(np.concatenate(starts))
    at = 0
    for side, part in zip(sides, starts, strict=True):
        here = slice(at, at + len(part))
        best = int(values[here].argmin())
        side.last = points[here]
        side.told(float(values[here][best]) - value, bool(good[here][best]))
        at += len(part)
