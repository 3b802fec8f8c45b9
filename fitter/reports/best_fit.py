"""From a problem and the drivers to the record of its best fit, and where a posterior begins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...chains.records import BestFit, ParameterRecord
from ..analysis_file.arguments import check_kind
from ..drivers.minimum.minuit import MISSED, FitOptions, FitOutcome, fit, refit
from ..problem import Problem
from .comparison import comparison
from .reference import Reference, reference_point, unseen_parameters
from .term_points import TermPoint, observable_records

if TYPE_CHECKING:
    from ...chains.records import Ensemble
    from ...chains.statistics.diagnostics import Verdict
    from ..drivers.sampling.ensembles import Report, SamplerOptions
    from ..drivers.target import Array
    from ..drivers.work import Work

__all__ = ["best_fit", "check_best", "half_width", "parameter_records", "posterior_samples"]


def best_fit(
    problem: Problem,
    options: FitOptions | None = None,
    progress: Callable[[int], None] | None = None,
    starts: Sequence[Array] = (),
    asked: Iterable[str] = (),
) -> BestFit:
    """Fit a problem and its reference point, the Standard Model of most models.

    Parameters
    ----------
    problem : Problem
    options : FitOptions, optional
    progress : callable, optional
        Called with the number of points evaluated.
    starts : sequence of (d,) arrays
        Further points to begin at.
    asked : iterable of str
        Predictions told besides those that every run makes: the reference point has them as the
        model's defaults do.

    Returns
    -------
    BestFit
    """
    outcome = fit(problem, options, progress, starts)
    reference = reference_point(problem, asked)
    there, value = _refitted(problem, reference, outcome)
    if there is not None and value < outcome.objective - MISSED:
        outcome = fit(problem, options, progress, (*starts, there))
    theta = outcome.values[None]
    at_best, at_reference = TermPoint(problem, theta), None
    if there is not None:
        at_reference = TermPoint(problem, there[None])
    best = BestFit(
        names=problem.names,
        values=outcome.values,
        covariance=outcome.covariance,
        errors=outcome.errors,
        log_likelihood=float(problem.log_likelihood(theta)[0]),
        log_prior=float(problem.log_prior(theta)[0]),
        log_constraint=float(problem.log_constraint(theta)[0]),
        status=outcome.status,
        valid=outcome.valid,
        minos=outcome.minos,
        minos_status=outcome.minos_status,
        edm=outcome.edm,
        n_calls=outcome.n_calls,
        ladder=outcome.ladder,
        seconds=outcome.seconds,
        term_names=tuple(term.name for term in problem.terms),
        term_log_likelihood=_by_term(problem, theta),
        term_pulls=at_best.term_pulls,
        observables=observable_records(problem, at_best, at_reference),
        hesse_status=outcome.hesse_status,
        other_minima=outcome.other_minima,
    )
    if reference is None or there is None or at_reference is None:
        return best
    best = replace(best, **_reference(problem, reference, there, at_reference))
    delta = best.minus_two_delta_log
    return replace(best, **comparison(problem, reference, there, best.values, delta))


def _refitted(
    problem: Problem, reference: Reference | None, outcome: FitOutcome
) -> tuple[Array | None, float]:
    """The reference point, nuisance parameters refitted: (d,); None where it is excluded.

    Besides, ``-2 (ln L + ln constraints)`` there.
    """
    if reference is None:
        return None, np.inf
    starts = np.stack([outcome.values, problem.start])
    point, value, valid = refit(problem, reference.columns, starts)
    return (point, value) if valid else (None, np.inf)


def _reference(
    problem: Problem, reference: Reference, values: Array, point: TermPoint
) -> dict[str, Any]:
    """What a best fit records of the reference point."""
    theta = values[None]
    refitted = len(reference.columns) < len(problem.names)
    return {
        "reference_label": reference.label + (" (refitted)" if refitted else ""),
        "reference_undefined": unseen_parameters(problem, theta, reference.columns),
        "reference_values": values,
        "reference_log_likelihood": float(problem.log_likelihood(theta)[0]),
        "reference_log_prior": float(problem.log_prior(theta)[0]),
        "reference_log_constraint": float(problem.log_constraint(theta)[0]),
        "reference_term_log_likelihood": _by_term(problem, theta),
        "reference_term_pulls": point.term_pulls,
    }


def _by_term(problem: Problem, theta: Array) -> Array:
    return np.array([log[0] for log in problem.term_log_likelihoods(theta).values()])


def check_best(best: Any) -> None:
    """Refuse what is no best fit; None is allowed.

    Raises
    ------
    ParameterError
    """
    if best is not None:
        check_kind("best", best, BestFit, "a bsinv BestFit, which Analysis.fit returns")


def posterior_samples(
    problem: Problem,
    options: SamplerOptions,
    best: BestFit | None = None,
    resume: tuple[Ensemble, ...] = (),
    report: Report | None = None,
    work: Work | None = None,
) -> tuple[tuple[Ensemble, ...], Verdict]:
    """Sample the posterior of a problem.

    Parameters
    ----------
    problem : Problem
    options : SamplerOptions
    best : BestFit, optional
        Around which half of the walkers start.
    resume : tuple of Ensemble, optional
    report, work : callable, optional
        As in `fitter.drivers.ensembles.sample`.

    Returns
    -------
    tuple of Ensemble, Verdict
    """
    from ..drivers.sampling.ensembles import sample

    around = None if best is None else (best.values, _spread(problem, best))
    return sample(problem, options, around, resume, report, work)


def _spread(problem: Problem, best: BestFit) -> Array:
    """Covariance around a best fit; of parameters without one the squares of their intervals."""
    covariance = np.array(best.covariance)
    lost = np.flatnonzero(np.isnan(np.diag(covariance)))
    if len(lost) == len(covariance):  # nothing is known of the others either
        return covariance
    for column in lost:
        covariance[column, :] = covariance[:, column] = 0.0
        covariance[column, column] = half_width(problem, best, int(column)) ** 2
    return covariance


def half_width(problem: Problem, best: BestFit, column: int) -> float:
    """Half width of the interval of a parameter: its error, or the longer side of its profile.

    Parameters
    ----------
    problem : Problem
    best : BestFit
    column : int

    Returns
    -------
    float
        The typical change where the fit knows neither.
    """
    if not best.hesse_status[column]:
        return float(best.errors[column])
    sides = abs(best.minos[column])
    known = sides[np.isfinite(sides)]
    return float(known.max() if len(known) else problem.scale[column])


def parameter_records(problem: Problem) -> tuple[ParameterRecord, ...]:
    """All parameters as plain records for the results file."""
    roles = {"constant": "input"}
    flat = {
        name: "logarithm" if logarithmic else "value"
        for name, logarithmic in zip(problem.names, problem.logarithmic, strict=True)
    }
    return tuple(
        ParameterRecord(
            name=entry.name,
            latex=entry.latex,
            unit="" if entry.unit == "1" else entry.unit,
            role=roles.get(entry.role, entry.role),
            prior=entry.rule,
            lower=entry.lower,
            upper=entry.upper,
            start=entry.value if entry.status == "free" else float("nan"),
            free=entry.status == "free",
            value=entry.value if entry.status == "fixed" else None,
            period=entry.period,
            flat_in=flat.get(entry.name, ""),
        )
        for entry in problem.table.parameters
    )
