"""Fits of one rate to many data sets, where the only term is a reweighted template.

The one free parameter multiplies all of the signal. The term then finds the minimum itself, with
the derivative of its profile (`likelihoods.histfactory.strength`): ten times faster than a search
that knows of values only, and the same number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...dataset import Dataset
from ...problem import Problem
from ..target import Array
from .data_fits import STEP, DataFits

__all__ = ["Rate", "rate_of", "strength_fits"]

# Relative difference of predictions that are proportional to the parameter.
_SAME = 1e-12


@dataclass(frozen=True, eq=False)
class Rate:
    """The one free parameter of a problem, to which the prediction of its one term is proportional.

    Attributes
    ----------
    term : Term
        With `fit_strength`.
    unit : (1, k) array
        Prediction where the parameter is `size`.
    size : float
    lower, upper : float
        Bounds of the parameter, not negative.
    """

    term: Any
    unit: Array
    size: float
    lower: float
    upper: float


def rate_of(problem: Problem) -> Rate | None:
    """Such a parameter, if all of the problem is one.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    Rate or None
    """
    term: Any = problem.terms[0] if len(problem.terms) == 1 else None
    if len(problem.names) != 1 or problem.constrained.any():
        return None
    if not hasattr(term, "fit_strength") or term.nuisances != "profile":
        return None
    lower, upper = (float(end) for end in problem.bounds[0])
    if lower < 0.0:
        return None
    size = float(problem.start[0]) or min(upper, lower + float(problem.scale[0]))
    places = size * np.array([[1.0], [0.5], [2.0]])
    if problem.table.undefined(places):
        return None
    found = problem.predictions(places)[term.name]
    scaled = found[:1] * np.array([[0.5], [2.0]])
    if not np.allclose(found[1:], scaled, rtol=_SAME, atol=0.0):
        return None
    return Rate(term, found[:1], size, lower, upper)


def strength_fits(
    problem: Problem, rate: Rate, data: Dataset, truth: Array, tested: bool
) -> tuple[DataFits, Array, DataFits]:
    """Fit data sets with the parameter free and at the truth.

    Parameters
    ----------
    problem : Problem
    rate : Rate
        Of the problem.
    data : Dataset
        n data sets.
    truth : (1,) array
    tested : bool
        False leaves it free in the second fit too.

    Returns
    -------
    best : DataFits
    errors : (n, 1) array
        From second differences, as those of `DataFitter`; NaN within a step of a bound.
    held : DataFits
    """
    # At the very end of the range a fit would start on the bound.
    start = max(float(truth[0]) / rate.size, 0.1)
    fits, log = rate.term.fit_strength(rate.unit, data.terms[rate.term.name], start)
    values, points = -2.0 * log, fits.strength * rate.size
    inside = np.clip(points, rate.lower, rate.upper)
    outside = np.flatnonzero((inside != points) & fits.converged)
    if len(outside):
        ends = inside[outside, None]
        values[outside] = -2.0 * problem.log_likelihood(ends, data.take(outside))
    constant = problem.log_constraint(truth[None])  # zero where nothing is cut
    best = DataFits(inside[:, None], values - 2.0 * constant, fits.converged & np.isfinite(values))
    errors = _errors(problem, rate, data, best, rate.size / np.sqrt(fits.curvature))
    if not tested:
        return best, errors, best
    there = np.repeat(truth[None], len(data), axis=0)
    held_values = -2.0 * problem.log_likelihood(there, data)
    held = DataFits(there, held_values - 2.0 * constant, np.isfinite(held_values))
    return best, errors, held


def _errors(problem: Problem, rate: Rate, data: Dataset, best: DataFits, about: Array) -> Array:
    """Errors from second differences of -2 ln L, steps a tenth of what they are about: (n, 1)."""
    at, step = best.points[:, 0], STEP * about
    good = best.converged & (at - step >= rate.lower) & (at + step <= rate.upper)
    errors, rows = np.full(len(at), np.nan), np.flatnonzero(good)
    if len(rows):
        some = data.take(rows)
        middle, up, down = (
            -2.0 * problem.log_likelihood((at + side * step)[rows, None], some)
            for side in (0.0, 1.0, -1.0)
        )
        bend = up - 2.0 * middle + down
        positive = bend > 0.0
        errors[rows[positive]] = step[rows[positive]] * np.sqrt(2.0 / bend[positive])
    return errors[:, None]
