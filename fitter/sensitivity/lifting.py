"""What would tell of a direction that an analysis cannot see: observables that move along it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ...errors import PluginError, PredictionError
from ..drivers.target import Array
from ..problem import Problem
from .check import Identifiability, stencil

__all__ = ["Direction", "Lift", "data_on", "directions"]

# Relative change of an observable, per typical change along a direction, that is worth a word.
WORTH = 1e-3
# Part of a typical change used in differences.
_STEP = 1e-3


@dataclass(frozen=True)
class Lift:
    """An observable that moves along a direction.

    Attributes
    ----------
    observable : str
    change : float
        Largest relative change over the points, at first order, for one typical change.
    data : tuple of str
        Likelihoods made of measurements of it, by their names.
    """

    observable: str
    change: float
    data: tuple[str, ...]


@dataclass(frozen=True)
class Direction:
    """A direction along which no prediction of an analysis moves at first order.

    Attributes
    ----------
    kind : "straight", "bent", "special" or "dead"
        The same flat direction at every point; a flat direction that turns on the way; one that is
        flat at the first point only; a single parameter that moves nothing.
    components : mapping of str to float
        Unit vector in units of the typical changes.
    moved : float
        Largest relative change of a prediction after one typical change along the direction:
        of higher order, and next to nothing if the straight line is flat.
    lifts : tuple of Lift
        Observables that move, largest change first; for bent directions those that move along any
        of them.
    """

    kind: str
    components: Mapping[str, float]
    moved: float
    lifts: tuple[Lift, ...]


def directions(problem: Problem, found: Identifiability) -> tuple[Direction, ...]:
    """Say of each flat direction and dead parameter which observables would tell of it.

    Every observable that is a single number, that the model predicts and that no term uses is
    differentiated along the direction at all points of the check; only for what is special about
    the first point it is that one alone. Bent directions, which turn from point to point into each
    other, are taken together.

    Parameters
    ----------
    problem : Problem
    found : Identifiability
        From `Analysis.check`.

    Returns
    -------
    tuple of Direction
    """
    points, first = found.points, found.points[:1]
    bent = _lifts(problem, points, found.turning) if found.turning.size else ()
    made = []
    for named, straight in zip(found.flat, found.straight, strict=True):
        unit = _vector(problem, named)
        if straight:
            lifts = _lifts(problem, points, _everywhere(unit, points))
            made.append(Direction("straight", named, _moved(problem, points, unit), lifts))
        else:
            moved = _moved(problem, points[found.base : found.base + 1], unit)
            made.append(Direction("bent", named, moved, bent))
    for named in found.special:
        unit = _vector(problem, named)
        lifts = _lifts(problem, first, _everywhere(unit, first))
        made.append(Direction("special", named, _moved(problem, first, unit), lifts))
    for name in found.dead:
        unit = _vector(problem, {name: 1.0})
        lifts = _lifts(problem, points, _everywhere(unit, points))
        made.append(Direction("dead", {name: 1.0}, _moved(problem, points, unit), lifts))
    return tuple(made)


def _vector(problem: Problem, named: Mapping[str, float]) -> Array:
    """Direction in units of the typical changes: (d,)."""
    return np.array([named.get(name, 0.0) for name in problem.names])


def _everywhere(unit: Array, points: Array) -> Array:
    """One direction at each point: (p, 1, d)."""
    return np.broadcast_to(unit, (len(points), 1, len(unit)))


def _lifts(problem: Problem, points: Array, units: Array) -> tuple[Lift, ...]:
    """Observables that move along any of b directions (p, b, d), largest change first."""
    count, each, _ = units.shape
    steps = (_STEP * units * problem.scale).reshape(count * each, -1)
    one, other, weights = stencil(np.repeat(points, each, axis=0), steps, problem.bounds)
    batch = np.concatenate([one, other, np.repeat(points, each, axis=0)])
    found, shape = _observables(problem, batch), (3, count, each)
    changes = {
        name: _change(values.reshape(shape), weights.reshape(shape)) / _STEP
        for name, values in found.items()
    }
    lifts = [
        Lift(name, change, data_on(name)) for name, change in changes.items() if change > WORTH
    ]
    return tuple(sorted(lifts, key=lambda lift: -lift.change))


def _moved(problem: Problem, points: Array, unit: Array) -> float:
    """Largest relative change of a prediction of a term after one typical change."""
    step = unit * problem.scale
    # A whole typical change to either side, where it stays inside the support.
    low, high = problem.bounds.T
    moved = np.concatenate([points + step, points - step])
    inside = np.all((moved <= high) & (moved >= low), axis=1)
    if not inside.any():
        return 0.0
    batch = np.concatenate([moved[inside], np.concatenate([points, points])[inside]])
    with np.errstate(all="ignore"):  # far points of a prior may be anything
        terms = problem.predictions(batch)
    return max(_largest(values) for values in terms.values())


def _observables(problem: Problem, batch: Array) -> dict[str, Array]:
    """Observables that no term uses at points (n, d): name to (n,)."""
    from ...physics.observables import ALIASES, observables

    used = {ALIASES.get(name, name) for term in problem.terms for name in term.observables}
    found = {}
    with np.errstate(all="ignore"):  # far points of a prior may be anything
        wilson, inputs = problem.wilson(batch)
        for name, entry in {**observables(), **problem.observables}.items():
            if entry.kinematics or name in used:
                continue
            try:
                found[name] = np.broadcast_to(entry.function(wilson, inputs), (len(batch),))
            except (PluginError, PredictionError):
                continue  # the model does not predict it, or a function of the user's own fails
    return found


def _change(values: Array, weights: Array) -> float:
    """Largest relative change, over points, along b directions: two (3, p, b) to a number.

    The changes along several directions at one point are those of one gradient: they are added in
    quadrature.
    """
    usable = np.isfinite(values).all(axis=(0, 2))
    finite = values[:, usable]
    if not finite.size:
        return 0.0
    size = abs(finite).max(axis=(0, 2))
    # What is zero but for rounding does not count.
    size = np.maximum(size, 1e-12 * size.max())
    moved = np.linalg.norm((weights[:, usable] * finite).sum(axis=0), axis=1)
    return float(np.max(moved[size > 0] / size[size > 0], initial=0.0))


def _largest(values: Array) -> float:
    """Largest relative change of (2 p,) or (2 p, k) predictions from those of the last p."""
    rows = values.reshape(2, len(values) // 2, -1)
    size = np.max(np.where(np.isfinite(rows), abs(rows), 0.0), axis=(0, 1))
    size = np.maximum(size, 1e-12 * size.max(initial=0.0))
    change = abs(rows[0] - rows[1])[..., size > 0] / size[size > 0]
    return float(np.max(change[np.isfinite(change)], initial=0.0))


def data_on(observable: str) -> tuple[str, ...]:
    """Likelihoods made of measurements of an observable, from the present results only.

    Parameters
    ----------
    observable : str
        Its name in the list of observables.

    Returns
    -------
    tuple of str
        Names of likelihoods that an analysis can ask for.
    """
    from ...data.measurements import measurements
    from ...likelihoods.catalogue import names
    from ...physics.observables import ALIASES

    known = names()
    return tuple(
        entry.id
        for entry in measurements().values()
        if entry.id in known
        and entry.status in ("current", "average", "preliminary")
        and observable in (ALIASES.get(name, name) for name in entry.observables)
    )
