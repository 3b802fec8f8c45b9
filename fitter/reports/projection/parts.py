"""Parts of an expected error: from counts, from the statistics of simulation, and the rest.

With everything fitted, the part of data d is sqrt(sum_i (d theta/d d_i)^2 sigma_i^2), where
d theta/d d_i = -H^-1 d g/d d_i at the truth: H and g are second and first derivatives of -2 ln L.
Since nuisance parameters are profiled, derivatives by data are those at their profiled values.
"""

from __future__ import annotations

import numpy as np

from ....likelihoods.histfactory.factors import NO_RATE
from ....likelihoods.reweighted.term import ReweightedTerm
from ...dataset import Dataset
from ...drivers.data_sets.data_fits import STEP, DataFitter
from ...drivers.target import Array
from ...problem import Problem

__all__ = ["from_counts_and_simulation"]


def from_counts_and_simulation(
    problem: Problem, data: Dataset, truth: Array
) -> tuple[Array, Array]:
    """Parts of each error from the counts of reweighted terms, and from their bin factors.

    Parameters
    ----------
    problem : Problem
    data : Dataset
        Asimov data at the truth.
    truth : (d,) array

    Returns
    -------
    counts, simulation : (d,) arrays
        NaN without a minimum. Parameters at a bound stay where they are.
    """
    found = np.full((2, len(truth)), np.nan)
    fitter = DataFitter(problem, data, truth, {})
    low, high = fitter.bounds.T
    active = np.flatnonzero((low <= -STEP) & (high >= STEP))
    steps = STEP * np.eye(len(fitter.free))[active]
    hessian = _hessian(fitter, steps)
    if not np.isfinite(hessian).all() or not (np.linalg.eigvalsh(hessian) > 0.0).all():
        return found[0], found[1]
    up, down = (_slopes(problem, data, fitter.points(side * steps)) for side in (1.0, -1.0))
    for place, sides in enumerate(zip(up, down, strict=True)):
        slopes = (sides[0] - sides[1]) / (2.0 * STEP)
        inner = fitter.metric[:, active] @ -np.linalg.solve(hessian, slopes)
        outer = inner * np.where(fitter.target.logarithmic, truth, 1.0)[fitter.free, None]
        found[place, fitter.free] = np.sqrt((outer**2).sum(axis=1))
    return found[0], found[1]


def _hessian(fitter: DataFitter, steps: Array) -> Array:
    """Second derivatives at the origin along steps (a, k), each as long as `STEP`: (a, a).

    No point is further away than those of the slopes: where predictions have kinks in a mass,
    parts would else not add up to the error.
    """
    count = len(steps)
    first, second = np.triu_indices(count, 1)
    sides = [(1, 1), (-1, -1), (1, -1), (-1, 1)]
    pairs = [one * steps[first] + two * steps[second] for one, two in sides]
    moves = np.concatenate([np.zeros((1, len(fitter.free))), steps, -steps, *pairs])
    values = fitter.values(moves, np.zeros(len(moves), int))
    mixed = values[2 * count + 1 :].reshape(4, len(first))
    found = np.diag(
        (values[1 : count + 1] + values[count + 1 : 2 * count + 1] - 2.0 * values[0]) / STEP**2
    )
    found[first, second] = (mixed[0] + mixed[1] - mixed[2] - mixed[3]) / (4.0 * STEP**2)
    found[second, first] = found[first, second]
    return found


def _slopes(problem: Problem, data: Dataset, points: Array) -> tuple[Array, Array]:
    """Derivatives of -2 ln L by each datum in its deviation, at points (m, d): (m, B), (m, f).

    By a count n they are -2 ln nu but for a constant, with the profiled expectation nu. By the
    centre a of a factor gamma, -2 (gamma - a)/delta^2, or -2 tau ln gamma of a Poisson constraint.
    """
    predicted = problem.predictions(points)
    counts, factors = [np.empty((len(points), 0))], [np.empty((len(points), 0))]
    for term in problem.terms:
        if not isinstance(term, ReweightedTerm):
            continue
        prediction, told = predicted[term.name], data.terms[term.name]
        rates, model = term.profiled(prediction, told, exact=True), term.model
        observed = told.values[0]
        log = np.log(np.maximum(rates.expected, NO_RATE))
        counts.append(-2.0 * log * np.sqrt(observed))
        if not model.n_factors:
            continue
        slots, bins = model.places
        gamma, centre = rates.gamma[:, slots, bins], told.auxiliary["factors"]
        width = _widths(term, prediction)[:, slots, bins]
        by_width = -2.0 * (gamma - centre) / np.where(width > 0.0, width, np.inf)
        if model.tau is not None:
            tau = model.tau[slots, bins]
            by_count = -2.0 * np.sqrt(tau * centre) * np.log(np.maximum(gamma, NO_RATE))
            by_width = np.where(tau > 0.0, by_count, by_width)
        factors.append(by_width)
    return np.concatenate(counts, axis=1), np.concatenate(factors, axis=1)


def _widths(term: ReweightedTerm, prediction: Array) -> Array:
    """Relative errors of all entries, at each point where they follow the weights: (m, S, B)."""
    width = term.model.relative_error[None]
    own = term.own_widths2(term.columns(prediction))
    if own is None:
        return width
    width = np.repeat(width, len(own), axis=0)
    width[:, 0] = np.sqrt(own)
    return width
