"""What an analysis cannot tell, and what would: flat and weak directions together, and in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..drivers.minimise_batch import minimise_batch
from ..drivers.objective import WALL, Objective
from ..drivers.target import Array
from ..problem import Problem
from .check import Identifiability
from .flat_space import scalings
from .information import WeakDirection, weak_directions
from .lifting import Direction, Lift, directions

__all__ = ["Outlook", "outlook", "outlook_sentences"]

# Points of the prior, from the best of which a quick fit begins.
_DRAWN = 64
# Typical changes by which three more of its starts lie beside the given one.
_NUDGES = np.array([[0.01], [0.1], [0.5]])
# Directions of one kind told.
_LISTED = 6
# Observables told with data, and without.
_WITH_DATA, _WITHOUT, _IDS = 3, 2, 3


@dataclass(frozen=True)
class Outlook:
    """Directions of which an analysis says nothing or little.

    Attributes
    ----------
    directions : tuple of Direction
        Flat ones and dead parameters, with the observables that would tell of them.
    weak : tuple of WeakDirection
        Those that are constrained by the priors only, at `point`.
    point : mapping of str to float
        Where the information of the data was compared with the priors.
    place : str
        What that point is, such as ``"the best fit"``.
    scalings : tuple of mapping of str to float
        If the directions that turn are changes of scale: powers of a common factor, by which
        parameters can be multiplied without any prediction moving.
    """

    directions: tuple[Direction, ...]
    weak: tuple[WeakDirection, ...]
    point: Mapping[str, float]
    place: str
    scalings: tuple[Mapping[str, float], ...] = ()


def outlook(
    problem: Problem, found: Identifiability, theta: Array | None = None, seed: int = 0
) -> Outlook:
    """Look for what would lift flat directions, and for those that only the priors constrain.

    Parameters
    ----------
    problem : Problem
    found : Identifiability
        From `Analysis.check`.
    theta : (1, d) array, optional
        Where data are compared with priors; a quick fit finds the place if not given.
    seed : int
        Of the points from which that fit begins.

    Returns
    -------
    Outlook
    """
    if theta is not None:
        place = "the point given"
    elif found.dead:
        place, theta = "the start", problem.start[None]
    else:
        place, theta = _best(problem, seed)
    return Outlook(
        directions=directions(problem, found),
        weak=weak_directions(problem, theta),
        point=dict(zip(problem.names, theta[0].tolist(), strict=True)),
        place=place,
        scalings=tuple(
            {name: float(power) for name, power in zip(problem.names, row, strict=True) if power}
            for row in scalings(found.points, found.turning, problem.scale)
        ),
    )


def _best(problem: Problem, seed: int) -> tuple[str, Array]:
    """Lowest of a few minimisations from likely points, and what to call it."""
    rng = np.random.default_rng(seed)
    drawn = problem.sample_prior(rng, _DRAWN)
    # Beside the start: couplings that are all zero are a stationary point, however likely others.
    near = problem.start + _NUDGES * problem.scale * rng.choice([-1.0, 1.0], drawn[:3].shape)
    low, high = problem.bounds.T
    starts = np.concatenate([problem.start[None], np.clip(near, low, high), drawn])
    starts[:, problem.constrained] = problem.start[problem.constrained]
    objective = Objective(problem)
    inner = objective.target
    starts = inner.forward(starts)
    values = objective.batch(starts)
    if values.min() >= WALL:
        return "the start", problem.start[None]
    chosen = [*range(1 + len(near)), 1 + len(near) + int(values[1 + len(near) :].argmin())]
    starts = starts[[index for index in chosen if values[index] < WALL]]
    # Steps in typical changes, correlated priors whitened; those have no ends.
    metric, origin = inner.metric, starts[0]
    bounds = (inner.bounds - origin[:, None]) / np.diag(metric)[:, None]
    bounds[(metric != 0.0).sum(axis=1) > 1] = [-np.inf, np.inf]
    found = minimise_batch(
        lambda z, _: objective.batch(origin + z @ metric.T),
        np.linalg.solve(metric, (starts - origin).T).T,
        bounds,
    )
    best = int(found.values.argmin())
    place = "the best fit" if found.converged[best] else "a point near the best fit"
    return place, inner.backward(origin + found.points[best : best + 1] @ metric.T)


def outlook_sentences(found: Outlook) -> tuple[str, ...]:
    """Say what was found, one sentence or a few for each direction.

    Parameters
    ----------
    found : Outlook

    Returns
    -------
    tuple of str
        Empty if there is nothing to tell.
    """
    return (*_flat_sentences(found), *_weak_sentences(found))


def _flat_sentences(seen: Outlook) -> Iterator[str]:
    found, units = seen.directions, "in units of the typical changes"
    straight = [one for one in found if one.kind == "straight"]
    for one in straight[:_LISTED]:
        yield (
            f"Flat direction, {units}: {_components(one.components)}. No prediction moves along "
            f"it. {_told_by(one.lifts)}"
        )
    if len(straight) > _LISTED:
        yield f"There are {len(straight) - _LISTED} more flat directions (shown with --json)."
    bent = [one for one in found if one.kind == "bent"]
    if bent:
        shown = _listed([_components(one.components) for one in bent])
        which, these = (
            ("A flat direction that differs", "this tangent")
            if len(bent) == 1
            else ("Flat directions that differ", "these tangents")
        )
        moved = _percent(max(one.moved for one in bent))
        yield (
            f"{which} from point to point, {units}: {shown}. Predictions stay the same along "
            f"curves with {these} (on straight lines they move by up to {moved} in one typical "
            f"change). {_scaled(seen.scalings)}{_told_by(bent[0].lifts)}"
        )
    special = [one for one in found if one.kind == "special"]
    if special:
        shown = _listed(
            [f"{_components(one.components)} ({_percent(one.moved)})" for one in special]
        )
        yield (
            f"Flat at first order at the first point only, {units}, one of which away predictions "
            f"have moved: {shown}."
        )
    for one in found:
        if one.kind == "dead":
            yield f"{next(iter(one.components))} moves no prediction. {_told_by(one.lifts)}"


def _scaled(found: Sequence[Mapping[str, float]]) -> str:
    """Say by which factors parameters may be multiplied; empty if that is not what it is."""
    if not found:
        return ""
    shown = _listed([", ".join(_factor(*one) for one in powers.items()) for powers in found])
    return f"Only products count: with any factor t nothing moves if one multiplies {shown}. "


def _factor(name: str, power: float) -> str:
    shown = f"{power:.3g}"
    return f"{name} by t" + (f"^{shown}" if shown != "1" else "")


def _told_by(lifts: Sequence[Lift]) -> str:
    """Observables that would tell, those with data first."""
    if not lifts:
        return "No other observable that the model predicts would tell."
    shown = [lift for lift in lifts if lift.data][:_WITH_DATA]
    shown += [lift for lift in lifts if not lift.data][:_WITHOUT]
    parts = []
    for lift in shown:
        more = ", ..." if len(lift.data) > _IDS else ""
        data = f"; data: {', '.join(lift.data[:_IDS])}{more}" if lift.data else ""
        parts.append(f"{lift.observable} ({_percent(lift.change)} per typical change{data})")
    rest = len(lifts) - len(shown)
    return f"Would tell: {', '.join(parts)}{f', and {rest} more' if rest else ''}."


def _weak_sentences(found: Outlook) -> Iterator[str]:
    silent = [one for one in found.weak if np.isinf(one.error)]
    flat = [one for one in found.directions if one.kind in ("straight", "bent", "dead")]
    # Flat directions say nothing here either, and have been told.
    if len(silent) > len(flat):
        shown = _listed([f"{_components(one.components)} (by {one.drop:.2g})" for one in silent])
        yield (
            f"Flat at first order at {found.place}, in units of the standard deviations of the "
            f"priors, one of which away ln L has fallen: {shown}."
        )
    for one in found.weak:
        if np.isinf(one.error):
            continue
        named = f"{_components(one.components)}, in units of the standard deviations of the priors"
        if one.by_priors:
            yield (
                f"Constrained by the priors only, at {found.place}: {named}. The error from the "
                f"data alone is {one.error:.2g} of them."
            )
        else:
            yield (
                f"Hardly seen at first order, at {found.place}: {named}. The data constrain it "
                f"further away: one of them from there ln L has fallen by {one.drop:.2g}."
            )


def _listed(texts: Sequence[str]) -> str:
    """The first of several texts, and how many more there are."""
    more = f"; and {len(texts) - _LISTED} more" if len(texts) > _LISTED else ""
    return "; ".join(texts[:_LISTED]) + more


def _components(named: Mapping[str, float]) -> str:
    return " ".join(f"{value:+.3g} {name}" for name, value in named.items() if abs(value) > 1e-2)


def _percent(value: float) -> str:
    two_digits = float(f"{100 * value:.2g}")
    return f"{two_digits:g} %" if value < 10.0 else f"a factor of {1.0 + value:.2g}"
