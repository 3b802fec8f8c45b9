"""Expected errors and significances at other luminosities, from Asimov data.

Data of every reweighted term are what is expected at the truth, all counts multiplied by the ratio
of luminosities, and centres of constraints are at the nuisance parameters of the truth, so that a
fit gives the truth back (`likelihoods.reweighted.scaled`). Other terms have their Asimov data at
the truth, and their errors of today.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from ...chains.records import BestFit
from ...chains.records.projections import ExpectedError, Projected, Projection
from ...chains.tables.significance import significance
from ...errors import FitError, ParameterError
from ...likelihoods.base import Term
from ...likelihoods.batches import Data
from ...likelihoods.reweighted.scaled import ASSUMPTIONS, scaled_term
from ...likelihoods.reweighted.term import ReweightedTerm
from ..analysis_file.arguments import check_number
from ..analysis_file.reading.source import read_file
from ..dataset import Dataset
from ..drivers.data_sets.data_fits import STEP, DataFits, DataFitter
from ..drivers.data_sets.strength_fits import rate_of, strength_fits
from ..drivers.target import Array
from ..problem import Problem
from .toys import BEST, SM, At, point_asked

__all__ = ["Sample", "project", "samples_of"]

# Counts are moved by this part of their standard deviation.
_MOVED = 0.5
# -2 Delta ln L at the ends of expected intervals, and how far they are looked for, in errors.
_LEVEL, _FARTHEST = 1.0, 5.0
# Part of a variance below which the difference of two of them is rounding.
_RESOLVED = 5e-3
_KEYS = {"luminosity", "source", "scaled", "simulation"}


@dataclass(frozen=True)
class Sample:
    """How a reweighted term is scaled.

    Attributes
    ----------
    luminosity : float
        Of the sample published, in 1/ab.
    scaled : tuple of str
        Patterns of nuisance parameters whose widths fall under the assumption ``scaled``.
    simulation : bool
        Whether those of the bin factors do.
    """

    luminosity: float
    scaled: tuple[str, ...] = ()
    simulation: bool = True


def samples_of(path: str | Path | None = None) -> dict[str, Sample]:
    """Samples by the names of their terms, those of the package and of a file.

    Parameters
    ----------
    path : path, optional
        YAML file of the same form as ``fitter/projections/default.yaml``; its terms come before
        those of the package.

    Returns
    -------
    dict of str to Sample

    Raises
    ------
    ParameterError
        If an entry has another key, or a value that is not allowed.
    AnalysisError
        If the file cannot be read.
    """
    from .. import projections

    found = {}
    own = Path(str(resources.files(projections))) / "default.yaml"
    for file in (own, *([] if path is None else [Path(path)])):
        for name, entry in read_file(file).data.items():
            found[name] = _sample(f"{file}: {name}", entry)
    return found


def _sample(where: str, entry: Any) -> Sample:
    if not isinstance(entry, Mapping) or not set(entry) <= _KEYS or "luminosity" not in entry:
        raise ParameterError(
            f"{where}: luminosity is needed, and {', '.join(sorted(_KEYS - {'luminosity'}))} "
            f"allowed; given is {entry!r}."
        )
    luminosity = check_number(f"{where}: luminosity", entry["luminosity"])
    patterns, simulation = entry.get("scaled") or [], entry.get("simulation", True)
    texts = isinstance(patterns, list) and all(isinstance(one, str) for one in patterns)
    if luminosity <= 0.0 or not texts or not isinstance(simulation, bool):
        raise ParameterError(
            f"{where}: luminosity must be positive, scaled a list of patterns and simulation true "
            "or false."
        )
    return Sample(luminosity, tuple(patterns), simulation)


def project(
    problem: Problem,
    best: BestFit,
    luminosities: Sequence[float],
    at: At = BEST,
    null: At = SM,
    *,
    name: str = "",
    assumptions: Sequence[str] = ASSUMPTIONS,
    samples: Mapping[str, Sample] | None = None,
    minos: Sequence[str] = (),
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
    samples : mapping of str to Sample, optional
        Those of `samples_of` by default.
    minos : sequence of str
        Parameters of which the ends of intervals are found, besides symmetric errors.

    Returns
    -------
    Projection

    Raises
    ------
    ParameterError
        If no term can be scaled, the luminosity of a sample is not known, or one asked for is not
        positive.
    UnknownNameError, FitError, PredictionError
        As for toys: a point outside, or a term without Asimov data, which is named.
    """
    told, truth, _ = point_asked(problem, best, at)
    tested, there, columns = _null(problem, best, null)
    known = samples_of() if samples is None else samples
    scaled = [term for term in problem.terms if isinstance(term, ReweightedTerm)]
    if not scaled:
        raise ParameterError("no likelihood here has counts that could be scaled.")
    for term in scaled:
        if term.name not in known:
            raise ParameterError(
                f"{term.name}: the luminosity of its sample is not known: give a YAML file with "
                f"'{term.name}: {{luminosity: ...}}' (--samples)."
            )
    points = []
    for luminosity in luminosities:
        if not check_number("luminosity", luminosity) > 0.0:
            raise ParameterError(f"luminosity = {luminosity:g} 1/ab: it must be positive.")
        for assumption in assumptions:
            made, data = _scaled(problem, truth, luminosity, assumption, known)
            held = {column: float(there[column]) for column in columns}
            points.append(_projected(made, data, truth, held, luminosity, assumption, minos))
    return Projection(
        name,
        told,
        tested,
        len(columns),
        tuple((term.name, known[term.name].luminosity) for term in scaled),
        tuple(term.name for term in problem.terms if term not in scaled),
        tuple(points),
    )


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


def _projected(
    problem: Problem,
    data: Dataset,
    truth: Array,
    null: Mapping[int, float],
    luminosity: float,
    assumption: str,
    minos: Sequence[str],
) -> Projected:
    fitter, found = DataFitter(problem, data, truth, {}), _fitted(problem, data, truth)
    if not found.converged.all():
        raise FitError(f"the Asimov data at {luminosity:g} 1/ab could not be fitted.")
    errors = fitter.errors(found)[0]
    counts = _from_counts(problem, data, truth)
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
        name, error, own = problem.names[column], float(errors[column]), float(counts[column])
        ends = (math.nan, math.nan)
        if name in minos and math.isfinite(error):
            least = float(found.values[0])
            low, high = (
                _end(problem, data, truth, int(column), side * error, least) for side in (-1, 1)
            )
            ends = (low, high)
        rest = error**2 - own**2
        rest = math.sqrt(rest) if rest > _RESOLVED * error**2 else 0.0 * rest
        told.append(ExpectedError(name, float(truth[column]), error, own, rest, *ends))
    return Projected(luminosity, assumption, tuple(told), closure, statistic, sigma)


def _from_counts(problem: Problem, data: Dataset, truth: Array) -> Array:
    """Part of each error from the counts of reweighted terms: (d,), NaN without a minimum.

    Square root of sum_b (d theta/d n_b)^2 nu_b, with d theta/d n = -H^-1 d g/d n at the truth: H
    and g are second and first derivatives of -2 ln L. Parameters at a bound stay where they are.
    """
    result = np.full(len(truth), np.nan)
    fitter = DataFitter(problem, data, truth, {})
    low, high = fitter.bounds.T
    active = np.flatnonzero((low <= -STEP) & (high >= STEP))
    steps = STEP * np.eye(len(fitter.free))[active]
    hessian = _hessian(fitter, steps)
    if not np.isfinite(hessian).all() or not (np.linalg.eigvalsh(hessian) > 0.0).all():
        return result
    slopes = np.concatenate(
        [_slopes(problem, side, truth, steps) for side in _moved(problem, data)], axis=1
    )
    moved = -np.linalg.solve(hessian, slopes)
    inner = fitter.metric[:, active] @ moved
    outer = inner * np.where(fitter.target.logarithmic, truth, 1.0)[fitter.free, None]
    result[fitter.free] = np.sqrt((outer**2).sum(axis=1))
    return result


def _hessian(fitter: DataFitter, steps: Array) -> Array:
    """Second derivatives at the origin along steps (a, k), each as long as `STEP`: (a, a)."""
    count = len(steps)
    first, second = np.triu_indices(count)
    sides = [(1, 1), (-1, -1), (1, -1), (-1, 1)]
    moves = np.concatenate([one * steps[first] + two * steps[second] for one, two in sides])
    values = fitter.values(moves, np.zeros(len(moves), int)).reshape(4, len(first))
    found = np.zeros((count, count))
    found[first, second] = (values[0] + values[1] - values[2] - values[3]) / (4.0 * STEP**2)
    found[second, first] = found[first, second]
    return found


def _moved(problem: Problem, data: Dataset) -> Iterator[tuple[Dataset, Dataset]]:
    """Data sets of each term, in each of which one count is higher, or lower."""
    for term in problem.terms:
        if not isinstance(term, ReweightedTerm):
            continue
        told = data.terms[term.name]
        width = np.diag(_MOVED * np.sqrt(told.values[0]))
        rows = np.zeros(len(width), int)
        auxiliary = {key: value[rows] for key, value in told.auxiliary.items()}
        many = data.take(rows)
        up, down = (
            replace(many, terms={**many.terms, term.name: Data(told.values + by, auxiliary)})
            for by in (width, -width)
        )
        yield up, down


def _slopes(problem: Problem, sides: tuple[Dataset, Dataset], truth: Array, steps: Array) -> Array:
    """Change of the derivatives along steps (a, k) with each count, in its deviation: (a, B)."""
    found = []
    for side in sides:
        fitter, size = DataFitter(problem, side, truth, {}), len(side)
        moves = np.repeat(np.concatenate([steps, -steps]), size, axis=0)
        values = fitter.values(moves, np.tile(np.arange(size), 2 * len(steps)))
        up, down = values.reshape(2, len(steps), size)
        found.append((up - down) / (2.0 * STEP))
    slopes: Array = (found[0] - found[1]) / (2.0 * _MOVED)
    return slopes


def _fitted(problem: Problem, data: Dataset, truth: Array) -> DataFits:
    """Fits of data sets from the truth; by the term itself where a rate is all that is free."""
    rate = rate_of(problem)
    if rate is not None:
        return strength_fits(problem, rate, data, truth, False)[0]
    return DataFitter(problem, data, truth, {}).fit(np.repeat(truth[None], len(data), axis=0))


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
