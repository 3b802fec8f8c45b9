"""MIGRAD of MINUIT, from a point that a batched search has found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..objective import WALL, Objective
from ..target import Array

if TYPE_CHECKING:
    from iminuit import Minuit

__all__ = ["Rung", "climb"]

# Bounds this many steps away are not told to MINUIT, whose variable between bounds is an arc sine:
# it could not tell the points near the minimum from each other.
_FAR = 1e3
# Steps of second differences, in typical changes.
_STEP = 0.05


@dataclass(frozen=True)
class Rung:
    """Where MIGRAD ended.

    Attributes
    ----------
    point : (k,) array
    value : float
    valid : bool
    edm : float
    reasons : tuple of str
        Why it is not valid.
    """

    point: Array
    value: float
    valid: bool
    edm: float
    reasons: tuple[str, ...]


def climb(
    objective: Objective, point: Array, steps: Array, strategy: int, ladder: list[str]
) -> Rung:
    """MIGRAD, then strategy 2, then simplex and MIGRAD: stops at the first valid minimum.

    Parameters
    ----------
    objective : Objective
    point : (k,) array
        Start, in its free columns.
    steps : (k,) array
        Typical changes there, which are MINUIT's units.
    strategy : int
        Of the first MIGRAD.
    ladder : list of str
        Each attempt adds a line.

    Returns
    -------
    Rung
        Not higher than the start.
    """
    before = objective(point)
    minuit = _minuit(objective, point, steps, strategy)
    rungs: tuple[tuple[str, Callable[[Minuit], Any]], ...] = (
        (f"MIGRAD (strategy {strategy})", lambda m: m.migrad(ncall=20000)),
        ("MIGRAD (strategy 2)", _strategy_two),
        ("SIMPLEX and MIGRAD", lambda m: m.simplex(ncall=5000).migrad(ncall=20000)),
    )
    for name, rung in rungs:
        rung(minuit)
        outcome = "valid" if minuit.valid else "not valid"
        ladder.append(
            f"{name}: {outcome}, -2 ln(L x constraints) = {minuit.fval:.4f}, "
            f"EDM = {minuit.fmin.edm:.1e}"
        )
        if minuit.valid and minuit.fval < WALL:
            break
    moved = np.clip(point + steps * np.array(minuit.values), *objective.bounds.T)
    value = objective(moved)
    if before < value:  # it has ended at the start but for rounding
        moved, value = point, before
    return Rung(moved, value, bool(minuit.valid), float(minuit.fmin.edm), _reasons(minuit))


def _strategy_two(minuit: Minuit) -> None:
    minuit.strategy = 2
    minuit.migrad(ncall=20000)


def _reasons(minuit: Minuit) -> tuple[str, ...]:
    """What is wrong with a minimum, if anything is."""
    flags = minuit.fmin
    reasons = []
    if flags.has_reached_call_limit:
        reasons.append("the limit of function calls was reached")
    if flags.is_above_max_edm:
        reasons.append(f"the estimated distance to the minimum is {flags.edm:.1e}")
    if minuit.fval >= WALL:
        reasons.append("the likelihood is zero there")
    if not minuit.valid and not reasons:
        reasons.append("MIGRAD did not converge")
    return tuple(reasons)


def _minuit(objective: Objective, point: Array, steps: Array, strategy: int) -> Minuit:
    from iminuit import Minuit

    def place(values: Array) -> Array:
        moved: Array = point + steps * np.asarray(values, float)
        return moved

    def gradient(values: Array) -> Array:
        slope: Array = steps * objective.gradient(place(values), steps)
        return slope

    def second(values: Array) -> Array:
        return _second(objective, place(values), steps)

    names = [objective.target.names[column] for column in objective.free]
    minuit = Minuit(
        lambda values: objective(place(values)),
        np.zeros(len(point)),
        grad=gradient,
        g2=second,
        name=names,
    )
    minuit.errordef = Minuit.LEAST_SQUARES
    minuit.strategy = strategy
    minuit.errors = np.ones(len(point))
    ends = (objective.bounds - point[:, None]) / steps[:, None]
    minuit.limits = [
        (low if low > -_FAR else None, high if high < _FAR else None) for low, high in ends
    ]
    minuit.print_level = 0
    return minuit


def _second(objective: Objective, point: Array, steps: Array) -> Array:
    """Second derivatives along each coordinate, per step squared, inside of the bounds: (k,)."""
    low, high = objective.bounds.T
    step = np.minimum(_STEP * steps, (high - low) / 4.0)
    middle = np.clip(point, low + step, high - step)
    k = len(point)
    points = np.repeat(point[None], 3 * k, axis=0)
    for number, sign in enumerate((-1.0, 0.0, 1.0)):
        points[number * k + np.arange(k), np.arange(k)] = middle + sign * step
    down, here, up = objective.batch(points).reshape(3, k)
    bend: Array = (up - 2.0 * here + down) / (step / steps) ** 2
    return bend
