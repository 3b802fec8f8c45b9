"""Profile likelihoods on grids of one or two parameters, the others refitted at each point."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from ..chains.records import Scan, ScanStatus
from .minuit import Objective, minimise
from .target import Array, Target

__all__ = ["grid_axis", "profile"]


def grid_axis(value: float, error: float, bounds: Array, points: int, width: float = 3.0) -> Array:
    """Grid around a best fit, inside the parameter's bounds.

    Parameters
    ----------
    value, error : float
        Best fit and its error; without a finite error the grid spans the bounds.
    bounds : (2,) array
    points : int
    width : float
        Half width of the grid in errors.

    Returns
    -------
    (points,) array, ascending
    """
    low, high = bounds
    if np.isfinite(error) and error > 0:
        low, high = max(low, value - width * error), min(high, value + width * error)
    return np.linspace(low, high, points)


def profile(
    target: Target,
    axes: dict[str, Array],
    start: Array,
    progress: Callable[[int, int], None] | None = None,
) -> Scan:
    """Profile the likelihood over a grid of one or two parameters.

    Points are visited from the grid point nearest to `start` outwards, each starting from the
    solution of its nearest finished neighbour; a point that fails is marked and the scan goes on.

    Parameters
    ----------
    target : Target
    axes : mapping of str to (k,) array
        One or two free parameters and their grid values.
    start : (d,) array
        Best fit, where the scan begins.
    progress : callable, optional
        Called with the number of points done and of all points.

    Returns
    -------
    Scan
    """
    names = tuple(axes)
    columns = [target.names.index(name) for name in names]
    values = [np.asarray(axis, float) for axis in axes.values()]
    shape = tuple(len(axis) for axis in values)
    others = tuple(name for name in target.names if name not in names)
    free = np.array([target.names.index(name) for name in others], dtype=int)
    status = np.full(shape, ScanStatus.NOT_DONE)
    solutions = np.full((*shape, len(others)), np.nan)
    log_likelihood, log_constraint = np.full(shape, np.nan), np.full(shape, np.nan)
    done: list[tuple[int, ...]] = []
    for index in _outwards(values, np.asarray(start)[columns]):
        warm = np.asarray(start)[free]
        if done:
            nearest = min(done, key=lambda other: sum((np.array(other) - index) ** 2))
            warm = solutions[nearest]
        fixed = {
            column: float(axis[place])
            for column, axis, place in zip(columns, values, index, strict=True)
        }
        objective = Objective(target, fixed)
        point, _, valid = minimise(objective, warm)
        theta = objective.embed(point[None])
        log_likelihood[index] = target.log_likelihood(theta)[0]
        log_constraint[index] = target.log_constraint(theta)[0]
        solutions[index] = point
        finite = np.isfinite(log_likelihood[index])
        status[index] = (
            (ScanStatus.CONVERGED if valid else ScanStatus.NOT_CONVERGED)
            if finite
            else ScanStatus.FAILED
        )
        if finite:
            done.append(index)
        if progress:
            progress(int(np.count_nonzero(status != ScanStatus.NOT_DONE)), status.size)
    return Scan(
        name="profile " + " ".join(names),
        parameters=names,
        axes=tuple(values),
        log_likelihood=np.where(np.isfinite(log_likelihood), log_likelihood, np.nan),
        log_prior=np.where(np.isfinite(log_constraint), log_constraint, np.nan),
        status=status,
        other_names=others,
        other_values=solutions,
    )


def _outwards(axes: list[Array], centre: Array) -> Iterator[tuple[int, ...]]:
    """Grid indices by distance, in grid steps, from the point nearest to the centre."""
    nearest = [int(abs(axis - value).argmin()) for axis, value in zip(axes, centre, strict=True)]
    indices = list(np.ndindex(*(len(axis) for axis in axes)))
    yield from sorted(indices, key=lambda index: sum((np.array(index) - nearest) ** 2))
