"""Expected errors and significances at other luminosities, from Asimov data.

Data of every reweighted term are what is expected at the truth, all counts multiplied by the ratio
of luminosities, and centres of constraints are at the nuisance parameters of the truth, so that a
fit gives the truth back (`likelihoods.reweighted.scaled`). Other terms have their Asimov data at
the truth, and their errors of today.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, TypeAlias

import numpy as np

from ....chains.records import BestFit
from ....chains.records.projections import ExpectedError, Projected, Projection
from ....chains.tables.significance import significance
from ....errors import FitError, ParameterError
from ....likelihoods.base import Term
from ....likelihoods.forms.gaussian import TwoPieceGaussian
from ....likelihoods.reweighted.scaled import ASSUMPTIONS, scaled_term
from ....likelihoods.reweighted.term import ReweightedTerm
from ...analysis_file.arguments import check_count, check_member, check_number
from ...dataset import Dataset
from ...drivers.data_sets.data_fits import DataFitter
from ...drivers.target import Array
from ...drivers.work import Work, one_by_one
from ...problem import Problem
from ..studies.toys import BEST, SM, At, point_asked
from .parts import from_counts_and_simulation
from .samples import Foreseen, Sample, samples_of, split
from .toys import (
    Rival,
    asimov_separation,
    check_rival,
    drawn,
    fitted,
    random,
    tail_sigma,
    toy_result,
    toy_separation,
)

__all__ = ["Begin", "project"]

# -2 Delta ln L at the ends of expected intervals, and how far they are looked for, in errors.
_LEVEL, _FARTHEST = 1.0, 5.0
# Part of a variance below which the difference of two of them is rounding.
_RESOLVED = 5e-3


@dataclass(frozen=True, eq=False)
class _Asked:
    """What all points of a projection share."""

    problem: Problem
    truth: Array
    null: Mapping[int, float]
    samples: Mapping[str, Sample]
    minos: tuple[str, ...]
    toys: int
    seed: int
    rival: Rival | None


Begin: TypeAlias = Callable[[Any, int], AbstractContextManager[Work]]
"""Of what all points share and their number: a context of whoever does them."""


@contextmanager
def _here(asked: _Asked, number: int) -> Iterator[Work]:
    yield one_by_one(asked)


def project(
    problem: Problem,
    best: BestFit,
    luminosities: Sequence[float],
    at: At = BEST,
    null: At = SM,
    *,
    name: str = "",
    assumptions: Sequence[str] = ASSUMPTIONS,
    samples: Mapping[str, Sample | Foreseen] | None = None,
    minos: Sequence[str] = (),
    toys: int = 0,
    seed: int = 0,
    rival: Rival | None = None,
    begin: Begin = _here,
) -> Projection:
    """Expected errors and significances at luminosities.

    Parameters
    ----------
    problem : Problem
    best : BestFit
        Of the measured data.
    luminosities : sequence of float
        In 1/ab.
    at : {"best", "sm"} or mapping of str to float
        What is true, as for toys.
    null : {"sm"} or mapping of str to float
        What is tested.
    name : str
    assumptions : sequence of {"statistical", "published", "scaled"}
    samples : mapping of str to Sample or Foreseen, optional
        Those of `samples_of` by default.
    minos : sequence of str
        Parameters of which the ends of intervals are found, besides symmetric errors.
    toys : int
        Drawn and fitted at each luminosity under each assumption; none for Asimov data alone.
    seed : int
    rival : Rival, optional
        A scenario to be told from the truth.
    begin : callable, optional
        Gives, of what all points share and their number, a context of whoever does them.

    Returns
    -------
    Projection

    Raises
    ------
    ParameterError
        If no term can be scaled, the luminosity of a sample is not known, one asked for is not
        positive, or the rival is one of other data.
    UnknownNameError, FitError, PredictionError
        As for toys: a point outside, or a term without Asimov data, which is named.
    """
    check_count("toys", toys, 0)
    if toys == 1:
        raise ParameterError("toys = 1 is not allowed: none, or two or more.")
    for assumption in assumptions:
        check_member("assumption", assumption, ASSUMPTIONS)
    told, truth, _ = point_asked(problem, best, at)
    tested, there, columns = _null(problem, best, null)
    scaled = [term.name for term in problem.terms if isinstance(term, ReweightedTerm)]
    if not scaled:
        raise ParameterError("no likelihood here has counts that could be scaled.")
    if rival is not None:
        check_rival(problem, rival)
    known, foreseen = split(samples_of() if samples is None else samples, scaled)
    added = _foreseen(problem, best, truth, foreseen)
    problem = _with(problem, added)
    if rival is not None:
        rival = replace(rival, problem=_with(rival.problem, added))
    held = {column: float(there[column]) for column in columns}
    asked = _Asked(problem, truth, held, known, tuple(minos), toys, seed, rival)
    for luminosity in luminosities:
        if not check_number("luminosity", luminosity) > 0.0:
            raise ParameterError(f"luminosity = {luminosity:g} 1/ab: it must be positive.")
    items = list(product(luminosities, assumptions))
    with begin(asked, len(items)) as work:
        made = dict(work(_point, [(*item, place) for place, item in enumerate(items)]))
    points = [made[place] for place in range(len(items))]
    new = {term.name for term in added}
    return Projection(
        name,
        told,
        tested,
        len(columns),
        tuple((name, known[name].luminosity) for name in scaled),
        tuple(term.name for term in problem.terms if term.name not in {*scaled, *new}),
        tuple(points),
        tuple((term.name, term.observables[0], term.error_plus) for term in added),
        "" if rival is None else rival.name,
        toys,
        str(seed),
    )


def _foreseen(
    problem: Problem, best: BestFit, truth: Array, asked: Mapping[str, Foreseen]
) -> tuple[TwoPieceGaussian, ...]:
    """Terms of measurements to come, their values predicted at the truth."""
    own = {term.name: term for term in problem.terms}
    observables = {}
    for name, entry in asked.items():
        if name in own and len(own[name].observables) != 1:
            raise ParameterError(f"{name}: its data are more than one value, without one error.")
        observables[name] = entry.observable or (own[name].observables[0] if name in own else name)
    if not asked:
        return ()
    blank = tuple(TwoPieceGaussian(n, "", o, 1.0, 1.0, 1.0, ()) for n, o in observables.items())
    places = [truth]
    if any(entry.relative_error for entry in asked.values()):
        places.append(point_asked(problem, best, SM)[1])
    values = problem.with_terms(blank).predictions(np.array(places))
    return tuple(
        TwoPieceGaussian(
            name,
            "foreseen",
            observables[name],
            float(values[name].ravel()[0]),
            *2 * (entry.error or entry.relative_error * abs(float(values[name].ravel()[-1])),),
            (),
        )
        for name, entry in asked.items()
    )


def _with(problem: Problem, added: Sequence[Term]) -> Problem:
    """The problem with terms added, in place of those with their names."""
    new = {term.name: term for term in added}
    kept = tuple(new.pop(term.name, term) for term in problem.terms)
    return problem.with_terms((*kept, *new.values()))


def _null(problem: Problem, best: BestFit, null: At) -> tuple[str, Array, tuple[int, ...]]:
    """Name, point and columns of the null; no columns where there is no reference point."""
    try:
        return point_asked(problem, best, null)
    except FitError:
        if null != SM:
            raise
        return "", np.array(best.values), ()


def _scaled(
    problem: Problem,
    truth: Array,
    luminosity: float,
    assumption: str,
    samples: Mapping[str, Sample],
) -> tuple[Problem, Dataset]:
    """Problem with scaled terms, and its Asimov data."""
    theta = truth[None]
    predicted = problem.predictions(theta)
    terms: list[Term] = []
    data = {}
    for term in problem.terms:
        if isinstance(term, ReweightedTerm):
            sample = samples[term.name]
            ratio = luminosity / sample.luminosity
            own = predicted[term.name]
            made, told = scaled_term(term, own, ratio, assumption, sample.scaled, sample.simulation)
            terms.append(made)
            data[term.name] = told
        else:
            terms.append(term)
            data[term.name] = term.asimov(predicted[term.name])
    centres = theta[:, problem.constrained]
    return problem.with_terms(tuple(terms)), Dataset(data, centres)


def _point(asked: _Asked, item: tuple[float, str, int]) -> Projected:
    """One luminosity under one assumption: Asimov data, then toys, then the rival."""
    luminosity, assumption, place = item
    truth, null = asked.truth, asked.null
    problem, data = _scaled(asked.problem, truth, luminosity, assumption, asked.samples)
    found = _projected(problem, data, asked, luminosity, assumption)
    rng = random(asked.seed, place)
    if asked.toys:
        toys = toy_result(problem, drawn(problem, data, truth, asked.toys, rng), truth, null)
        free = np.flatnonzero(~problem.constrained)
        errors = tuple(
            replace(entry, mean=float(toys.mean[column]), spread=float(toys.spread[column]))
            for entry, column in zip(found.errors, free.tolist(), strict=True)
        )
        band = (math.nan,) * 3
        if len(toys.statistic):
            parts = np.quantile(toys.statistic, (0.1587, 0.5, 0.8413))
            low, middle, high = (significance(float(q), len(null))[1] for q in parts)
            band = (low, middle, high)
        found = replace(found, errors=errors, sigma_toys=band, failed=toys.failed)
    if asked.rival is not None:
        found = _separated(found, asked, asked.rival, (problem, data), rng)
    return found


def _separated(
    found: Projected,
    asked: _Asked,
    rival: Rival,
    scaled: tuple[Problem, Dataset],
    rng: np.random.Generator,
) -> Projected:
    """How far the truth is from the rival on Asimov data, and for half of the toys."""
    problem, data = scaled
    starts = [rival.best.values, rival.problem.start]
    first, place = asimov_separation(problem, data, asked.truth, rival.problem, starts)
    from_toys = math.nan
    if asked.toys:
        # Toys of the rival where it is hardest to tell from the truth.
        own, theirs = _scaled(
            rival.problem, place, found.luminosity, found.assumption, asked.samples
        )
        mine = drawn(problem, data, asked.truth, asked.toys, rng)
        told = drawn(own, theirs, place, asked.toys, rng)
        t_mine, lost = toy_separation(problem, rival.problem, mine, asked.truth, place)
        t_theirs, more = toy_separation(own, asked.problem, told, place, asked.truth)
        if not len(t_mine) or not len(t_theirs):
            raise FitError(f"{rival.name}: the toys could not be fitted.")
        from_toys = tail_sigma(t_mine, -t_theirs)
        found = replace(found, failed=found.failed + lost + more)
    return replace(
        found,
        rival_statistic=first,
        separation=math.sqrt(first),
        separation_toys=from_toys,
    )


def _projected(
    problem: Problem, data: Dataset, asked: _Asked, luminosity: float, assumption: str
) -> Projected:
    truth, null = asked.truth, asked.null
    fitter, found = DataFitter(problem, data, truth, {}), fitted(problem, data, truth)
    if not found.converged.all():
        raise FitError(f"the Asimov data at {luminosity:g} 1/ab could not be fitted.")
    errors = fitter.errors(found)[0]
    counts, simulation = from_counts_and_simulation(problem, data, truth)
    scale = np.where(np.isfinite(errors), errors, problem.scale)
    closure = float((abs(found.points[0] - truth) / scale)[np.isfinite(errors)].max(initial=0.0))
    statistic, sigma = math.nan, math.nan
    if null:
        held = DataFitter(problem, data, truth, null).fit(truth[None])
        if held.converged.all():
            statistic = max(float(held.values[0] - found.values[0]), 0.0)
            sigma = significance(statistic, len(null))[1]
    told = []
    for column in np.flatnonzero(~problem.constrained):
        name, error = problem.names[column], float(errors[column])
        # A parameter at a bound has no error, and no parts of one.
        parts = (math.nan, math.nan)
        if math.isfinite(error):
            parts = float(counts[column]), float(simulation[column])
        ends = (math.nan, math.nan)
        if name in asked.minos and math.isfinite(error):
            least = float(found.values[0])
            low, high = (
                _end(problem, data, truth, int(column), side * error, least) for side in (-1, 1)
            )
            ends = (low, high)
        rest = error**2 - parts[0] ** 2 - parts[1] ** 2  # NaN with them
        rest = math.sqrt(rest) if rest > _RESOLVED * error**2 else 0.0 * rest
        told.append(ExpectedError(name, float(truth[column]), error, *parts, rest, *ends))
    return Projected(luminosity, assumption, tuple(told), closure, statistic, sigma)


def _end(
    problem: Problem, data: Dataset, truth: Array, column: int, step: float, least: float
) -> float:
    """Distance from the truth at which -2 Delta ln L is 1, the others fitted; NaN if too far."""
    from scipy.optimize import brentq

    low, high = problem.bounds[column]
    last = truth.copy()

    def excess(distance: float) -> float:
        place = min(max(truth[column] + distance, low), high)
        fitter = DataFitter(problem, data, truth, {column: float(place)})
        start = last.copy()
        start[column] = place
        found = fitter.fit(start[None])
        return float(found.values[0]) - least - _LEVEL

    far = step
    while excess(far) < 0.0:
        far *= 1.3
        if abs(far) > _FARTHEST * abs(step) or not low <= truth[column] + far <= high:
            return math.nan
    return float(brentq(excess, 0.3 * step, far, rtol=1e-4))
