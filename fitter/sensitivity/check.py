"""Identifiability: what each prediction says of each parameter, before anything is fitted.

The Jacobian of all predictions in the free parameters is taken at a few points of the prior. A
parameter that moves nothing is dead; a combination that moves nothing at any of the points is flat.
What would tell of a flat direction is found by `lifting`.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ...errors import ParameterError
from ..analysis_file.arguments import check_count
from ..drivers.target import Array
from ..problem import Problem
from .flat_space import flat_space

__all__ = ["Identifiability", "check", "identifiability", "stencil"]

# Relative change of a prediction, per typical change of a parameter, below which it counts as none.
NOTHING = 1e-7


@dataclass(frozen=True)
class Identifiability:
    """What `check` found.

    Attributes
    ----------
    terms : tuple of str
        Likelihood terms.
    parameters : tuple of str
        Free parameters.
    sensitivity : (terms, parameters) array
        Largest relative change of the term's prediction, over the points, per typical change.
    dead : tuple of str
        Parameters that move no prediction.
    marginalised : tuple of str
        Members of correlated prior blocks that move no prediction while others of their block do:
        they only follow the prior.
    flat : tuple of mapping of str to float
        Combinations of parameters of interest that move no prediction at first order at any of the
        points, as the components of a unit vector in units of the typical changes.
    points : (p, parameters) array
        Where the Jacobian was taken.
    problems : tuple of str
        Sentences about points where predictions were not finite.
    straight : tuple of bool
        Whether each of `flat` is the same at all points; else it is that at `points[base]`, and
        turns on the way along it.
    special : tuple of mapping of str to float
        Further combinations that move nothing at first order at `points[0]`, but do elsewhere.
    base : int
        See `straight`.
    turning : (p, b, parameters) array
        The b directions that are not straight, at each point; zero at points that have more.
    """

    terms: tuple[str, ...]
    parameters: tuple[str, ...]
    sensitivity: Array
    dead: tuple[str, ...]
    marginalised: tuple[str, ...]
    flat: tuple[dict[str, float], ...]
    points: Array
    problems: tuple[str, ...]
    straight: tuple[bool, ...] = ()
    special: tuple[dict[str, float], ...] = ()
    base: int = 0
    turning: Array = field(default_factory=lambda: np.empty((0, 0, 0)))


def identifiability(
    problem: Problem, points: int = 5, theta: Array | None = None, seed: int = 0
) -> Identifiability:
    """Dead parameters and flat directions of a problem.

    Parameters
    ----------
    problem : Problem
    points : int
        Points of the prior at which the Jacobian is taken, besides `theta`.
    theta : (1, d) array, optional
        First point; the start by default.
    seed : int
        Of the points drawn from the prior.

    Returns
    -------
    Identifiability

    Raises
    ------
    ParameterError
        If `theta` is not one point inside the supports of the priors.
    """
    check_count("points", points, 0)
    first = problem.start[None] if theta is None else problem.table.batch(theta)
    lower, upper = problem.bounds.T
    if len(first) != 1 or not ((first >= lower) & (first <= upper) & np.isfinite(first)).all():
        raise ParameterError(
            f"theta = {reprlib.repr(theta)} is not allowed: it must be one point (1, d) inside the "
            "supports of the priors."
        )
    rng = np.random.default_rng(seed)
    drawn = problem.sample_prior(rng, points)

    # Every term is asked for at the same points, and all are predicted at once.
    made: dict[bytes, dict[str, Array]] = {}

    def predictor(name: str) -> Callable[[Array], Array]:
        def predict(batch: Array) -> Array:
            key = batch.tobytes()
            if key not in made:
                made[key] = problem.predictions(batch)
            return made[key][name]

        return predict

    # A wall only excludes: it measures nothing that the others do not see.
    measuring = [term for term in problem.terms if not term.hard] or problem.terms
    return check(
        {term.name: predictor(term.name) for term in measuring},
        problem.names,
        problem.scale,
        np.concatenate([first, drawn]),
        problem.constrained,
        tuple(problem.table.blocks.values()),
        lambda: problem.sample_prior(rng, 1),
        problem.bounds,
    )


def check(
    predictions: dict[str, Callable[[Array], Array]],
    names: tuple[str, ...],
    scale: Array,
    points: Array,
    constrained: Array,
    blocks: Sequence[tuple[int, int]] = (),
    draw: Callable[[], Array] | None = None,
    bounds: Array | None = None,
) -> Identifiability:
    """Find dead parameters and flat directions.

    Parameters
    ----------
    predictions : mapping of str to callable
        Term name to a function from (n, d) parameter points to (n,) or (n, k) predictions.
    names : tuple of str
        The d parameters.
    scale : (d,) array
        Typical change of each.
    points : (p, d) array
        Where to take the Jacobian.
    constrained : (d,) bool array
        Parameters whose prior is a measurement: they are not part of flat directions.
    blocks : sequence of (first, end)
        Columns of correlated prior blocks, such as the form factors of one process. A silent
        member of a block that matters is marginalised; any other silent parameter is dead.
    draw : callable, optional
        Draws one more point of the prior, (1, d), to see whether flat directions are the same
        everywhere.
    bounds : (d, 2) array, optional
        Ends of the supports, which no step leaves.

    Returns
    -------
    Identifiability
    """
    jacobians, sensitivity, problems = _jacobians(predictions, points, scale, bounds)
    silent = np.asarray((sensitivity < NOTHING).all(axis=0))
    interesting = ~np.asarray(constrained) & ~silent
    carried = np.zeros(len(names), dtype=bool)
    for first, end in blocks:
        carried[first:end] = not bool(np.all(silent[first:end]))
    columns = np.flatnonzero(interesting)

    def along(units: Array) -> Array:
        """Relative derivatives of all predictions along unit vectors, at a fresh point."""
        steps = np.zeros((len(units), len(names)))
        steps[:, columns] = units * scale[columns]
        point = points[0] if draw is None else draw()[0]
        rows = np.concatenate(
            [_relative(one, point, steps, bounds) for one in predictions.values()]
        )
        return np.where(np.isfinite(rows), rows, 0.0)

    space = flat_space(
        [jacobian[:, interesting] for jacobian in jacobians], None if draw is None else along
    )
    turning = np.zeros((*space.turning.shape[:2], len(names)))
    turning[:, :, columns] = space.turning

    def named(rows: Array) -> tuple[dict[str, float], ...]:
        return tuple(
            {names[i]: float(value) for i, value in zip(columns, row, strict=True)} for row in rows
        )

    return Identifiability(
        terms=tuple(predictions),
        parameters=names,
        sensitivity=sensitivity,
        dead=tuple(names[i] for i in np.flatnonzero(silent & ~carried)),
        marginalised=tuple(names[i] for i in np.flatnonzero(silent & carried)),
        flat=(*named(space.straight), *named(space.bent)),
        points=points,
        problems=tuple(problems),
        straight=(True,) * len(space.straight) + (False,) * len(space.bent),
        special=named(space.special),
        base=space.base,
        turning=turning,
    )


def _jacobians(
    predictions: dict[str, Callable[[Array], Array]],
    points: Array,
    scale: Array,
    bounds: Array | None,
) -> tuple[list[Array], Array, list[str]]:
    """Relative Jacobian at each point, (k, d) each; its largest entries by term; what failed."""
    problems: list[str] = []
    sensitivity = np.zeros((len(predictions), len(scale)))
    parts: list[list[Array]] = [[] for _ in points]
    for row, (term, predict) in enumerate(predictions.items()):
        for number, point in enumerate(points):
            relative = _relative(predict, point, np.diag(scale), bounds)
            if not np.isfinite(relative).all():
                problems.append(f"prediction of {term} is not finite at or near point {number}")
                relative = np.where(np.isfinite(relative), relative, 0.0)
            parts[number].append(relative)
            sensitivity[row] = np.maximum(sensitivity[row], abs(relative).max(axis=0))
    return [np.concatenate(rows) for rows in parts], sensitivity, problems


def _relative(
    predict: Callable[[Array], Array], point: Array, steps: Array, bounds: Array | None
) -> Array:
    """Change of each prediction, relative to its size, per step (s, d): (k, s)."""
    one, other, weights = stencil(np.broadcast_to(point, steps.shape), 1e-3 * steps, bounds)
    batch = np.concatenate([one, other, point[None]])
    values = np.asarray(predict(batch), float).reshape(len(batch), -1)
    # Each column by its own size: a prediction may hold numbers of different kinds. What is
    # smaller than rounding errors of the largest one counts as nothing.
    size = abs(values).max(axis=0)
    size = np.maximum(size, 1e-12 * size.max() or 1.0)
    parts = (values[: len(steps)], values[len(steps) : -1], values[-1:])
    slopes = sum(w[:, None] * part for w, part in zip(weights, parts, strict=True))
    difference: Array = (slopes / (1e-3 * size)).T
    return difference


def stencil(points: Array, steps: Array, bounds: Array | None) -> tuple[Array, Array, Array]:
    """Where to evaluate functions, and how to combine the values to derivatives along steps.

    Central differences; at an end of the support the three-point formula to the inner side, which
    is of second order too, so that what is quadratic at the end has no slope there.

    Parameters
    ----------
    points : (m, d) array
    steps : (m, d) array
    bounds : (d, 2) array or None
        Ends of the support; None if there are none.

    Returns
    -------
    one, other : (m, d) array
        Two points for each, besides itself.
    weights : (3, m) array
        Of the values at `one`, at `other` and at the point: their sum is the derivative per step.
    """
    central = np.array([0.5, -0.5, 0.0])
    inner = np.array([2.0, -0.5, -1.5])
    weights = np.repeat(central[:, None], len(points), axis=1)
    one, other = points + steps, points - steps
    if bounds is None:
        return one, other, weights
    low, high = bounds.T

    def inside(way: float) -> Array:
        moved = points + way * steps
        result: Array = np.all((moved >= low) & (moved <= high), axis=1)
        return result

    forward = ~inside(-1.0) & inside(1.0) & inside(2.0)
    backward = ~inside(1.0) & inside(-1.0) & inside(-2.0)
    other = np.where(forward[:, None], points + 2.0 * steps, other)
    one = np.where(backward[:, None], points - steps, one)
    other = np.where(backward[:, None], points - 2.0 * steps, other)
    weights[:, forward], weights[:, backward] = inner[:, None], -inner[:, None]
    return one, other, weights
