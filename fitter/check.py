"""Identifiability: what each prediction says of each parameter, before anything is fitted.

The Jacobian of all predictions in the free parameters is taken at a few points of the prior. A
parameter that moves nothing is dead; a combination that moves nothing at any of the points is flat.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .target import Array

__all__ = ["Identifiability", "check"]

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
        Combinations of parameters of interest that move no prediction at first order, as the
        components of a unit vector in units of the typical changes, at the point `points[0]`.
    points : (p, parameters) array
        Where the Jacobian was taken.
    problems : tuple of str
        Sentences about points where predictions were not finite.
    """

    terms: tuple[str, ...]
    parameters: tuple[str, ...]
    sensitivity: Array
    dead: tuple[str, ...]
    marginalised: tuple[str, ...]
    flat: tuple[dict[str, float], ...]
    points: Array
    problems: tuple[str, ...]


def check(
    predictions: dict[str, Callable[[Array], Array]],
    names: tuple[str, ...],
    scale: Array,
    points: Array,
    constrained: Array,
    blocks: Sequence[tuple[int, int]] = (),
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

    Returns
    -------
    Identifiability
    """
    problems: list[str] = []
    sensitivity = np.zeros((len(predictions), len(names)))
    jacobians: list[list[Array]] = [[] for _ in points]
    for row, (term, predict) in enumerate(predictions.items()):
        for number, point in enumerate(points):
            relative = _relative_jacobian(predict, point, scale)
            if not np.isfinite(relative).all():
                problems.append(f"prediction of {term} is not finite at or near point {number}")
                relative = np.where(np.isfinite(relative), relative, 0.0)
            jacobians[number].append(relative)
            sensitivity[row] = np.maximum(sensitivity[row], abs(relative).max(axis=0))
    silent = np.asarray((sensitivity < NOTHING).all(axis=0))
    interesting = ~np.asarray(constrained) & ~silent
    carried = np.zeros(len(names), dtype=bool)
    for first, end in blocks:
        carried[first:end] = not bool(np.all(silent[first:end]))
    flat = _flat_directions([np.concatenate(parts) for parts in jacobians], interesting)
    return Identifiability(
        terms=tuple(predictions),
        parameters=names,
        sensitivity=sensitivity,
        dead=tuple(names[i] for i in np.flatnonzero(silent & ~carried)),
        marginalised=tuple(names[i] for i in np.flatnonzero(silent & carried)),
        flat=tuple(
            {
                names[i]: float(value)
                for i, value in zip(np.flatnonzero(interesting), row, strict=True)
            }
            for row in flat
        ),
        points=points,
        problems=tuple(problems),
    )


def _relative_jacobian(predict: Callable[[Array], Array], point: Array, scale: Array) -> Array:
    """Change of each prediction, relative to its size, per typical change: (k, d)."""
    step = 1e-3 * np.diag(scale)
    batch = np.concatenate([point + step, point - step, point[None]])
    values = np.asarray(predict(batch), float).reshape(len(batch), -1)
    # Each column by its own size: a prediction may hold numbers of different kinds. What is
    # smaller than rounding errors of the largest one counts as nothing.
    size = abs(values).max(axis=0)
    size = np.maximum(size, 1e-12 * size.max() or 1.0)
    difference: Array = ((values[: len(point)] - values[len(point) : -1]) / (2e-3 * size)).T
    return difference


def _flat_directions(jacobians: list[Array], interesting: Array) -> Array:
    """Unit vectors along which nothing moves at the first point, if that is so at all of them."""
    columns = int(np.count_nonzero(interesting))
    if not columns:
        return np.empty((0, 0))
    flat = []
    for jacobian in jacobians:
        chosen = jacobian[:, interesting]
        _, values, vectors = np.linalg.svd(chosen, full_matrices=True)
        padded = np.zeros(columns)
        padded[: len(values)] = values
        flat.append(vectors[padded < 1e-5 * max(padded.max(), NOTHING)])
    return flat[0] if all(len(directions) for directions in flat) else np.empty((0, columns))
