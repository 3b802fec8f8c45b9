"""Toys of a projection, and how far they separate one scenario from another.

A toy at another luminosity has counts and auxiliary data drawn around the Asimov data of the truth
(`likelihoods.reweighted.scaled`); other terms draw theirs. Two scenarios are told apart by

    T = -2 ln [L_rival / L_truth], each at its own best fit,

which on Asimov data of the truth is positive: its root is the expected separation, as of one degree
of freedom. That is a measure, not a p-value: free parameters of the truth may fit fluctuations of
the rival. Toys of both tell how often T of the rival, where it describes the Asimov data best, is
as large as the median of the truth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from ....chains.records import BestFit
from ....errors import FitError, ParameterError
from ....likelihoods.batches import Data
from ....likelihoods.reweighted.scaled import scaled_toys
from ....likelihoods.reweighted.term import ReweightedTerm
from ...dataset import Dataset
from ...drivers.data_sets.data_fits import DataFits, DataFitter
from ...drivers.data_sets.strength_fits import rate_of, strength_fits
from ...drivers.target import Array
from ...problem import Problem

__all__ = [
    "Rival",
    "ToyResult",
    "asimov_separation",
    "check_rival",
    "drawn",
    "fitted",
    "lowest",
    "rival_data",
    "tail_sigma",
    "toy_result",
    "toy_separation",
]

# Draws of the prior from which fits may begin, as they are and a tenth as far from the start.
_DRAWN = 24
_KEY = 7
# Differences of T of toys that are none.
_EQUAL = 1e-4


@dataclass(frozen=True, eq=False)
class Rival:
    """Another scenario for the same data.

    Attributes
    ----------
    name : str
    problem : Problem
    best : BestFit
        Of the measured data.
    """

    name: str
    problem: Problem
    best: BestFit


@dataclass(frozen=True, eq=False)
class ToyResult:
    """Fits of toys at one luminosity.

    Attributes
    ----------
    mean, spread : (d,) arrays
        Of the best fits.
    statistic : (n,) array
        -2 ln of the ratio of likelihoods of the null and the best fit; empty without a null.
    failed : int
        Toys left out.
    """

    mean: Array
    spread: Array
    statistic: Array
    failed: int


def random(seed: int, place: int) -> np.random.Generator:
    """Random numbers of one point of a projection."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_KEY, place)))


def fitted(problem: Problem, data: Dataset, truth: Array) -> DataFits:
    """Fits of data sets from the truth; by the term itself where a rate is all that is free."""
    rate = rate_of(problem)
    if rate is not None:
        return strength_fits(problem, rate, data, truth, False)[0]
    return DataFitter(problem, data, truth, {}).fit(np.repeat(truth[None], len(data), axis=0))


def lowest(problem: Problem, data: Dataset, starts: Array) -> DataFits:
    """Fits of data sets from the best of the starts (s, d), and from draws of the prior."""
    if rate_of(problem) is not None:
        return fitted(problem, data, starts[0])
    fitter = DataFitter(problem, data, starts[0], {})
    best = fitter.fit_from_best(starts)
    if problem.constrained.all():
        return best
    points = problem.sample_prior(np.random.default_rng(0), _DRAWN)
    points[:, problem.constrained] = starts[0][problem.constrained]
    for part in (1.0, 0.1):
        best = best.lower(fitter.fit_from_best(starts[0] + part * (points - starts[0])))
    return best


def drawn(
    problem: Problem, told: Dataset, truth: Array, number: int, rng: np.random.Generator
) -> Dataset:
    """Toys of a problem with scaled terms around its Asimov data."""
    predicted = problem.predictions(truth[None])
    own, *streams = rng.spawn(1 + len(problem.terms))
    data: dict[str, Data] = {}
    for term, stream in zip(problem.terms, streams, strict=True):
        prediction = predicted[term.name]
        if isinstance(term, ReweightedTerm):
            data[term.name] = scaled_toys(term, prediction, told.terms[term.name], number, stream)
        else:
            data[term.name] = term.sample(np.repeat(prediction, number, axis=0), stream)
    truths = np.repeat(truth[None], number, axis=0)
    return Dataset(data, problem.table.sample_centres(truths, own))


def toy_result(
    problem: Problem, data: Dataset, truth: Array, null: Mapping[int, float]
) -> ToyResult:
    """Fit toys, with all free and at the null."""
    free = fitted(problem, data, truth)
    good = free.converged & free.finite
    statistic = np.empty(0)
    if null:
        held = DataFitter(problem, data, truth, null).fit(np.repeat(truth[None], len(data), axis=0))
        # What holds at the null is a start of the fit with all free, so that none is lower.
        if rate_of(problem) is None:
            fitter = DataFitter(problem, data, truth, {})
            free = free.lower(fitter.fit(held.points))
            good = free.converged & free.finite
        good = good & held.converged & held.finite
        statistic = np.maximum(held.values - free.values, 0.0)[good]
    if good.sum() < 2:
        raise FitError("the toys could not be fitted.")
    points = free.points[good]
    return ToyResult(points.mean(axis=0), points.std(axis=0, ddof=1), statistic, int((~good).sum()))


def check_rival(problem: Problem, rival: Rival) -> None:
    """Refuse a rival that does not describe the same data.

    Raises
    ------
    ParameterError
    """
    mine = {term.name: term for term in problem.terms}
    theirs = {term.name: term for term in rival.problem.terms}
    if set(mine) != set(theirs):
        other = sorted(set(mine) ^ set(theirs))
        raise ParameterError(
            f"{rival.name}: {', '.join(other)} is in one analysis alone: scenarios are separated "
            "by the same data."
        )
    for name, term in mine.items():
        options = ("response", "template_errors", "observables")
        if any(getattr(term, key, None) != getattr(theirs[name], key, None) for key in options):
            raise ParameterError(f"{rival.name}: {name} has other options there.")
    centres = [_constrained(one) for one in (problem, rival.problem)]
    if set(centres[0]) != set(centres[1]):
        other = sorted(set(centres[0]) ^ set(centres[1]))
        raise ParameterError(
            f"{rival.name}: the prior of {', '.join(other)} is a measurement in one analysis alone."
        )


def _constrained(problem: Problem) -> list[str]:
    return [name for name, own in zip(problem.names, problem.constrained, strict=True) if own]


def rival_data(problem: Problem, data: Dataset, rival: Problem) -> tuple[Problem, Dataset]:
    """A rival with the terms of a problem, and data sets of that problem as its own."""
    terms = {term.name: term for term in problem.terms}
    order = [_constrained(problem).index(name) for name in _constrained(rival)]
    made = rival.with_terms(tuple(terms[term.name] for term in rival.terms))
    return made, Dataset(data.terms, data.centres[:, order])


def asimov_separation(
    problem: Problem, data: Dataset, truth: Array, rival: Problem, starts: Sequence[Array]
) -> tuple[float, Array]:
    """T on Asimov data of the truth, and where the rival describes them best."""
    other, same = rival_data(problem, data, rival)
    found = lowest(other, same, np.array(starts))
    if not found.finite.all():
        raise FitError("the rival could not be fitted to the Asimov data.")
    own = problem.log_likelihood(truth[None], data) + problem.log_constraint(truth[None], data)
    return max(float(found.values[0] + 2.0 * own[0]), 0.0), found.points[0]


def toy_separation(
    problem: Problem, rival: Problem, data: Dataset, truth: Array, place: Array
) -> tuple[Array, int]:
    """T of toys, each fitted by both; the number of those left out."""
    other, same = rival_data(problem, data, rival)
    mine = lowest(problem, data, truth[None])
    theirs = lowest(other, same, place[None])
    good = mine.converged & mine.finite & theirs.converged & theirs.finite
    return (theirs.values - mine.values)[good], int((~good).sum())


def tail_sigma(mine: Array, theirs: Array) -> float:
    """Significance at which the median toy of the truth excludes the rival, from toys of the rival.

    A tail that no toy reaches, and one that all reach, is half a toy from it; toys that equal the
    median count half, so that a scenario is not told from itself.
    """
    middle = np.median(mine)
    equal = np.isclose(theirs, middle, rtol=0.0, atol=_EQUAL)
    beyond = float(((theirs > middle) & ~equal).sum() + 0.5 * equal.sum())
    return float(norm.isf(np.clip(beyond, 0.5, len(theirs) - 0.5) / len(theirs)))
