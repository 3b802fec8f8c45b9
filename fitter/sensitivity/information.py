"""What the likelihood says of each direction at a point, against what the priors say.

The Fisher information of every term is taken with its predictions continued linearly: the
second derivatives of the log-likelihood along the predictions that the parameters can reach. For a
Gaussian that is J^T C^-1 J.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ...errors import PredictionError
from ...likelihoods.base import Term
from ..drivers.target import Array
from ..problem import Problem
from .flat_space import sparse_basis

__all__ = ["WeakDirection", "information", "prior_spread", "weak_directions"]

# Part of a typical change used in differences of predictions.
_STEP = 1e-3
# Distance from the ends of the supports, in standard deviations of the priors.
_MARGIN = 1e-2
# Steps, in standard deviations of the priors, tried for second derivatives of log-likelihoods; the
# largest that changes them by less than a half is taken.
_TRIED = np.geomspace(1e-4, 10.0, 16)
_LARGE = 0.5
# Part of a standard deviation that a side of a point must reach to be looked at.
_NEAR = 0.1
# Information, in units of that of the priors, below which it counts as none.
NONE = 1e-6


@dataclass(frozen=True)
class WeakDirection:
    """A combination of parameters of which the data say less than the priors, at first order.

    Attributes
    ----------
    components : mapping of str to float
        Unit vector in units of the standard deviations of the priors.
    error : float
        Error from the data alone, in those units, above 1; infinite if they say nothing. (With
        inputs and form factors left free within their constraints.)
    drop : float
        By how much the log-likelihood falls at the least, with all its curvature, one standard
        deviation of the priors to either side, or at the end of the support before.
    """

    components: Mapping[str, float]
    error: float
    drop: float

    @property
    def by_priors(self) -> bool:
        """Whether the data do not constrain it at a finite distance either."""
        return self.drop < _LARGE


def prior_spread(problem: Problem) -> Array:
    """Standard deviations of the priors as a lower-triangular matrix, correlated ones whitened.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    (d, d) array
    """
    grid = (np.arange(2000) + 0.5) / 2000
    table = problem.table
    drawn = table.transform(np.repeat(grid[:, None], table.ndim, axis=1))
    return table.whitened(drawn.std(axis=0))


def information(problem: Problem, theta: Array) -> Array:
    """Fisher information of all terms together at a point.

    Parameters
    ----------
    problem : Problem
    theta : (1, d) array

    Returns
    -------
    (d, d) array
        In units of the standard deviations of the priors (see `prior_spread`).
    """
    spread, metric = prior_spread(problem), problem.metric
    # Off the ends of the support, where there is a prediction on one side only.
    margin = _MARGIN * np.diag(spread)
    low, high = problem.bounds.T
    theta = np.clip(theta, low + margin, high - margin)
    # Differences over the typical changes, which suit the predictions, told per spread.
    step = _STEP * metric.T
    batch = np.concatenate([theta + step, theta - step, theta])
    with np.errstate(all="ignore"):  # a step may leave the support
        predictions = problem.predictions(batch)
    ratio = np.linalg.solve(metric, spread)
    total = np.zeros((len(problem.names),) * 2)
    for term in problem.terms:
        values = np.asarray(predictions[term.name], float)
        rows = values.reshape(len(batch), -1)
        slopes = (rows[: len(step)] - rows[len(step) : -1]).T / (2.0 * _STEP)
        jacobian = np.where(np.isfinite(slopes), slopes, 0.0) @ ratio
        total += _of_term(term, values[-1:], jacobian)
    return total


def _of_term(term: Term, centre: Array, jacobian: Array) -> Array:
    """Information of one term from its prediction (1,) or (1, k) and Jacobian (k, d)."""
    left, sizes, right = np.linalg.svd(jacobian, full_matrices=False)
    kept = sizes > 1e-9 * max(sizes.max(initial=0.0), 1e-300)
    axes, right = (left[:, kept] * sizes[kept]).T, right[kept]

    def log_likelihood(steps: Array) -> Array:
        """At predictions moved along the axes by (n, r) steps: (n,)."""
        moved = centre + (steps @ axes).reshape(len(steps), *centre.shape[1:])
        with np.errstate(all="ignore"):  # predictions may be moved to where there are none
            return _log_likelihood(term, moved)

    if not len(axes):
        return np.zeros((jacobian.shape[1],) * 2)
    curvature = _curvature(log_likelihood, len(axes))
    values, vectors = np.linalg.eigh(curvature)
    positive = (vectors * np.maximum(values, 0.0)) @ vectors.T
    result: Array = right.T @ positive @ right
    return result


def _log_likelihood(term: Term, predictions: Array) -> Array:
    """Log-likelihood, NaN where predictions that must not be negative are: (n,)."""
    try:
        return np.array(term.log_likelihood(predictions), float)
    except PredictionError:
        size = abs(predictions).max()
        allowed = np.maximum(predictions, 0.0)
        result = np.array(term.log_likelihood(allowed), float)
        result[(predictions < -1e-9 * size).reshape(len(result), -1).any(axis=1)] = np.nan
        return result


def _curvature(log_likelihood: Callable[[Array], Array], size: int) -> Array:
    """Minus the second derivatives of a function of (n, r) steps at zero: (r, r)."""
    unit = np.eye(size)
    tried = _TRIED[:, None, None] * unit
    centre = log_likelihood(np.zeros((1, size)))[0]
    up, down = (
        log_likelihood((sign * tried).reshape(-1, size)).reshape(len(_TRIED), size)
        for sign in (1.0, -1.0)
    )
    largest = np.maximum(abs(up - centre), abs(down - centre))
    good = np.where(np.isfinite(largest), largest, np.inf) < _LARGE
    # The last of the steps before the first that is too large.
    chosen = np.maximum(np.cumprod(good, axis=0).sum(axis=0).astype(int) - 1, 0)
    steps, columns = _TRIED[chosen], np.arange(size)
    second = (up + down)[chosen, columns] - 2.0 * centre
    result = np.diag(-second / steps**2)
    rows, others = np.triu_indices(size, 1)
    if len(rows):
        # Half of the steps, so that the corners lie between points that are allowed.
        half = 0.5 * steps
        one, other = half[rows, None] * unit[rows], half[others, None] * unit[others]
        corners = [log_likelihood(a * one + b * other) for a in (1, -1) for b in (1, -1)]
        mixed = (corners[0] - corners[1] - corners[2] + corners[3]) / 4.0
        result[rows, others] = result[others, rows] = -mixed / (half[rows] * half[others])
    return np.nan_to_num(result, nan=0.0, posinf=0.0, neginf=0.0)


def weak_directions(problem: Problem, theta: Array) -> tuple[WeakDirection, ...]:
    """Combinations of parameters of interest that are constrained by their priors only.

    Inputs and form factors are left free within their own constraints (Schur complement); the
    eigenvectors of what is left, in units of the standard deviations of the priors, have errors
    from the data of one over the square root of the eigenvalue. Those above 1 are told: in a
    Gaussian world the posterior is then at least 0.71 times as wide as the prior. Where a rate is
    quadratic in a coupling, first order can be blind; then `drop` shows what the data do say.

    Parameters
    ----------
    problem : Problem
    theta : (1, d) array
        Where the information is taken, such as the best fit.

    Returns
    -------
    tuple of WeakDirection
        The largest error first.
    """
    found = information(problem, theta)
    held = problem.constrained
    own = np.flatnonzero(~held)
    inner = found[np.ix_(held, held)] + np.eye(int(held.sum()))
    mixed = found[np.ix_(own, held)]
    matrix = found[np.ix_(own, own)] - mixed @ np.linalg.solve(inner, mixed.T)
    values, vectors = np.linalg.eigh(0.5 * (matrix + matrix.T))
    names = [problem.names[column] for column in own]
    errors = [float("inf")] * int((values < NONE).sum())
    errors += [float(1.0 / np.sqrt(value)) for value in values if NONE <= value < 1.0]
    silent, rest = vectors.T[values < NONE], vectors.T[(values >= NONE) & (values < 1.0)]
    units = [*sparse_basis(silent), *(row * np.sign(row[abs(row).argmax()]) for row in rest)]
    return tuple(
        WeakDirection(
            {name: float(value) for name, value in zip(names, unit, strict=True)},
            error,
            _drop(problem, theta, unit, own),
        )
        for unit, error in zip(units, errors, strict=True)
    )


def _drop(problem: Problem, theta: Array, unit: Array, own: Array) -> float:
    """Fall of the log-likelihood along a direction in the columns `own`; the lesser side."""
    step = np.zeros(len(problem.names))
    step[own] = unit * np.diag(prior_spread(problem))[own]
    low, high = problem.bounds.T
    sides = []
    for way in (step, -step):
        moving = way != 0.0
        room = np.where(way > 0, high - theta[0], low - theta[0])[moving] / way[moving]
        if (reach := min(1.0, float(room.min()))) > _NEAR:
            sides.append(theta[0] + reach * way)
    if not sides:
        return 0.0
    logs = problem.log_likelihood(np.array([theta[0], *sides]))
    return float(logs[0] - logs[1:].max()) if np.isfinite(logs[0]) else 0.0
