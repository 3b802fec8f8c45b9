"""Studies with toys: from the point asked for to the record, chunk by chunk."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from ....chains.records import BestFit, ToyStudy
from ....chains.records.toys import BEST_FIT
from ....errors import FitError, ParameterError, UnknownNameError, choices
from ....likelihoods.batches import NUISANCES
from ...analysis_file.arguments import check_count, check_member, check_number
from ...drivers.data_sets.toys import Findings, ToyPlan, ToyTask, findings
from ...drivers.minimum.descent import natural_steps
from ...drivers.minimum.minuit import refit
from ...drivers.minimum.staircase import stepped_columns
from ...drivers.objective import Objective
from ...drivers.target import Array
from ...drivers.work import Work, one_by_one
from ...problem import Problem
from ..reference import reference_point

__all__ = [
    "BEST",
    "CHUNK_SIZE",
    "SM",
    "At",
    "ToyJob",
    "check_toys",
    "point_asked",
    "staircase_notes",
    "starts_of",
    "toy_job",
    "toy_study",
]

BEST, SM = "best", "sm"
At = str | Mapping[str, float]

CHUNK_SIZE = 250
"""Toys of a chunk: large enough for a batch to pay, small enough that little is lost."""

MOST = 100_000_000
# Singular values below this part of the largest are those of directions nothing depends on.
_FLAT = 1e-6
# Distance of two truths that are one, in typical changes.
_SAME = 1e-4
# Distance to a bound, in typical changes, of a parameter that is on it.
_ON_BOUND = 1e-3


@dataclass(frozen=True, eq=False)
class ToyJob:
    """Toys that are to be drawn, and those that are there.

    Attributes
    ----------
    study : ToyStudy
        With the toys that were drawn before.
    task : ToyTask
        What makes a chunk of more.
    """

    study: ToyStudy
    task: ToyTask

    @property
    def items(self) -> tuple[tuple[int, int], ...]:
        """Chunks that are missing, each with the number of its toys."""
        return self.study.missing()

    def part(self, made: Findings, chunk: int) -> ToyStudy:
        """The study with the toys of one chunk alone."""
        rows = {entry.name: getattr(made, entry.name) for entry in fields(made)}
        return replace(self.study, chunks=np.full(len(made.statistic), chunk), **rows)

    def joined(self, parts: Sequence[ToyStudy]) -> ToyJob:
        """The same with more toys."""
        study = ToyStudy.joined([*parts, self.study]) if parts else self.study
        return replace(self, study=replace(study, number=max(self.study.number, study.done)))


def toy_job(
    problem: Problem,
    best: BestFit,
    at: At = BEST,
    number: int = 1000,
    *,
    seed: int = 0,
    nuisances: str = "conditional",
    begun: Sequence[ToyStudy] = (),
) -> ToyJob:
    """Find the point of toys, fit the measured data there, and see what is to be done.

    Parameters, errors: those of `toy_study`.

    Returns
    -------
    ToyJob
    """
    check_toys(problem, at, number, nuisances)
    check_count("seed", seed, 0)
    name, truth, tested = point_asked(problem, best, at)
    if nuisances == "nominal":
        own = problem.constrained.copy()
        own[list(tested)] = False
        centres = np.array(truth)
        centres[problem.constrained] = problem.measured.centres[0]
        truth = np.where(own, np.clip(centres, *problem.bounds.T), truth)
    plan = ToyPlan(
        _as_before(problem, begun, truth, name, nuisances),
        tested,
        nuisances,
        seed,
        key=zlib.crc32(f"{name}, {nuisances}".encode()),
        size=CHUNK_SIZE,
        starts=starts_of(best),
    )
    job = ToyJob(_empty(problem, best, plan, name, number), ToyTask(plan))
    return job.joined([one for one in begun if job.study.same(one)])


def toy_study(
    problem: Problem,
    best: BestFit,
    at: At = BEST,
    number: int = 1000,
    *,
    seed: int = 0,
    nuisances: str = "conditional",
    begun: Sequence[ToyStudy] = (),
    report: Callable[[ToyStudy], None] | None = None,
    work: Work | None = None,
) -> ToyStudy:
    """Draw toys at a point, and fit them and the measured data.

    Parameters
    ----------
    problem : Problem
    best : BestFit
        Of the measured data.
    at : {"best", "sm"} or mapping of str to float
        Where toys are drawn, and what is tested: all parameters without constraint at the best
        fit; those of the model at their defaults; free parameters by name. What is not named is
        where it describes the measured data best.
    number : int
    seed : int
    nuisances : {"conditional", "nominal", "prior"}
        See `drivers.toys.ToyPlan`.
    begun : sequence of ToyStudy
        Toys done before; those of this study are kept.
    report : callable, optional
        Told of the study after each chunk; what it raises ends the work.
    work : callable, optional
        Who does the chunks; here by default.

    Returns
    -------
    ToyStudy

    Raises
    ------
    ParameterError
        If the point is outside the priors, or an argument is not allowed.
    UnknownNameError
        If a name is not a free parameter.
    FitError
        If the others cannot be fitted there, or there is no reference point.
    PredictionError
        If a term does not say how its data are drawn; it is named.
    """
    job = toy_job(problem, best, at, number, seed=seed, nuisances=nuisances, begun=begun)
    items, parts = job.items, []
    for index, made in (work or one_by_one(problem))(job.task, items):
        parts.append(job.part(made, items[index][0]))
        if report is not None:
            job, parts = job.joined(parts), []
            report(job.study)
    return job.joined(parts).study


def point_asked(problem: Problem, best: BestFit, at: At) -> tuple[str, Array, tuple[int, ...]]:
    """Name, truth (d,) and tested columns of the point asked for."""
    if at == BEST:
        free = np.flatnonzero(~problem.constrained)
        return BEST_FIT, np.array(best.values), tuple(free.tolist())
    if at == SM:
        reference = reference_point(problem)
        if reference is None:
            raise FitError(
                "toys at 'sm': the defaults of the model lie outside the priors, or what is fixed "
                "does not allow them: name a point instead."
            )
        columns = dict(reference.columns)
        return reference.label, _conditional(problem, best, columns), tuple(columns)
    columns = _named(problem, at)
    told = ", ".join(f"{problem.names[column]} = {value:g}" for column, value in columns.items())
    return told, _conditional(problem, best, columns), tuple(columns)


def check_toys(problem: Problem, at: At, number: int, nuisances: str) -> None:
    """Refuse what no best fit is needed to refuse, so that nothing is fitted before.

    Raises
    ------
    ParameterError, UnknownNameError
        As `toy_study`.
    """
    check_count("number", number, 1, MOST)
    check_member("nuisances", nuisances, NUISANCES)
    if at not in (BEST, SM):
        _named(problem, at)


def _named(problem: Problem, at: At) -> dict[int, float]:
    """Values of a point by column, in their order."""
    if not isinstance(at, Mapping) or not at:
        raise ParameterError(
            f"at = {at!r} is not allowed: values of free parameters by name, or "
            f"one of {choices(at, (BEST, SM))}"
        )
    columns = {}
    for name, given in at.items():
        if name not in problem.names:
            raise UnknownNameError("free parameter", name, problem.names, "toys")
        column, value = problem.names.index(name), check_number(name, given)
        low, high = problem.bounds[column]
        if not low <= value <= high:
            raise ParameterError(
                f"toys at {name} = {value:g}: outside of its range [{low:g}, {high:g}]."
            )
        columns[column] = value
    return dict(sorted(columns.items()))


def _conditional(problem: Problem, best: BestFit, columns: Mapping[int, float]) -> Array:
    """Where the other parameters describe the measured data best: (d,)."""
    starts = np.stack([best.values, problem.start])
    if best.reference_label:
        starts = np.concatenate([starts, best.reference_values[None]])
    point, _, valid = refit(problem, columns, starts)
    if not valid:
        told = ", ".join(f"{problem.names[i]} = {value:g}" for i, value in columns.items())
        raise FitError(f"toys at {told}: the other parameters could not be fitted there.")
    return point


def _as_before(
    problem: Problem, begun: Sequence[ToyStudy], truth: Array, name: str, nuisances: str
) -> Array:
    """The truth of toys done before, if it is this one but for the end of a fit: (d,)."""
    for one in begun:
        same = (one.name, one.nuisances, one.names) == (name, nuisances, problem.names)
        if same and (abs(one.truth - truth) <= _SAME * problem.scale).all():
            return one.truth
    return truth


def starts_of(best: BestFit) -> Array:
    """Points at which fits may begin: minima of the measured data, and the reference point."""
    size = len(best.names)
    found = [np.asarray(best.values)[None], np.asarray(best.other_minima).reshape(-1, size)]
    if best.reference_label:
        found.append(np.asarray(best.reference_values)[None])
    return np.concatenate(found)


def _empty(problem: Problem, best: BestFit, plan: ToyPlan, name: str, number: int) -> ToyStudy:
    """Study without toys: the point, and what is found of the measured data."""
    data = problem.measured
    measured = findings(problem, plan, data, plan.truth[None])
    deviance = measured.term_deviance[0]
    counts = [data.terms[term.name].values.shape[1] for term in problem.terms]
    notes = []
    if measured.failed[0]:
        notes.append("The fit of the measured data did not converge: do not trust these numbers.")
    notes += staircase_notes(problem, measured.values[0])
    return ToyStudy(
        name=name,
        names=problem.names,
        truth=plan.truth,
        tested=tuple(problem.names[column] for column in plan.tested),
        constrained=problem.constrained.astype(float),
        bounds=problem.bounds,
        nuisances=plan.nuisances,
        seed=str(plan.seed),
        chunk_size=plan.size,
        number=number,
        term_names=tuple(term.name for term in problem.terms),
        term_data=np.where(np.isfinite(deviance), counts, 0),
        fitted=_fitted(problem, measured.values[0], np.isfinite(deviance)),
        observed_values=measured.values[0],
        observed_statistic=float(measured.statistic[0]),
        observed_term_deviance=deviance,
        observed_constraint_deviance=float(measured.constraint_deviance[0]),
        notes=tuple(notes),
    )


def staircase_notes(problem: Problem, point: Array) -> list[str]:
    """What is to be said of parameters along which the likelihood is a staircase."""
    objective = Objective(problem)
    inner = objective.target.forward(point[None])
    columns = stepped_columns(objective, inner[0], natural_steps(objective, inner)[0])
    if not columns:
        return []
    return [
        f"The likelihood is a staircase along {', '.join(problem.names[i] for i in columns)}: fits "
        "of toys may miss the lowest step, so that p is too small (response: linear has no steps)."
    ]


def _fitted(problem: Problem, point: Array, good: Array) -> int:
    """Combinations of unconstrained parameters that terms with goodness of fit depend on.

    Without parameters at a bound: the rank of the Jacobian of the predictions at a point (d,).
    """
    low, high = problem.bounds.T
    step = 1e-3 * np.minimum(problem.scale, 0.25 * (high - low))
    near = np.minimum(point - low, high - point) <= _ON_BOUND * problem.scale
    columns = np.flatnonzero(~problem.constrained & ~near)
    if not len(columns) or not good.any():
        return 0
    moves = np.zeros((len(columns), len(point)))
    moves[np.arange(len(columns)), columns] = step[columns]
    around = np.clip(np.concatenate([point + moves, point - moves]), low, high)
    predicted = problem.predictions(around)
    parts = []
    for term, wanted in zip(problem.terms, good, strict=True):
        values = predicted[term.name].reshape(len(around), -1)
        finite = np.isfinite(values).all(axis=0)
        size = abs(values[:, finite]).max(initial=0.0)
        if wanted and size > 0.0:
            up, down = values[:, finite].reshape(2, len(columns), -1) / size
            parts.append(up - down)
    jacobian = np.concatenate([np.zeros((len(columns), 1)), *parts], axis=1)
    sizes = abs(jacobian).max(axis=1)
    known = jacobian[sizes > 0.0] / sizes[sizes > 0.0, None]
    if not len(known):
        return 0
    singular = np.linalg.svd(known, compute_uv=False)
    return int((singular > _FLAT * singular[0]).sum())
