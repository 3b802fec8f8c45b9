"""From an analysis and its drivers to plain records of results."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ...chains.records import BestFit, ParameterRecord
from ...errors import FitError, ParameterError, UnknownNameError
from ..analysis_file.arguments import check_count, check_kind, checked_options, real_array
from ..analysis_file.sections import FitSpec, SamplerSpec
from ..drivers.minimum.minuit import MISSED, FitOptions, FitOutcome, fit, refit
from .comparison import comparison
from .term_points import TermPoint, observable_records

if TYPE_CHECKING:
    from ...chains.records import Ensemble, Scan
    from ...chains.statistics.diagnostics import Verdict
    from ..analysis import Analysis
    from ..drivers.ensembles import Report, SamplerOptions
    from ..drivers.target import Array
    from ..sensitivity.check import Identifiability

# A scan that finds -2 ln(L x constraints) lower by this has found a better fit.
SCANNED = 1e-2

Options = TypeVar("Options", "FitOptions", "SamplerOptions")

# Along each axis of a scan of one or two parameters.
MOST_POINTS = {1: 1_000_000, 2: 3000}

__all__ = [
    "best_fit",
    "fit_options",
    "identifiability",
    "lower_point",
    "parameter_records",
    "posterior_samples",
    "profile_scan",
    "refuse_nothing_free",
    "sampler_options",
]


def seed_of(analysis: Analysis) -> int:
    """Seed of the analysis file; 0 if it gives none (a run draws one and writes it down)."""
    return int(analysis.spec.seed or 0)


def fit_options(analysis: Analysis, **changes: Any) -> FitOptions:
    """Options of the analysis file, with changes."""
    given = analysis.spec.fit
    written = FitOptions(
        minos=tuple(given.minos),
        strategy=given.strategy,
        retries=given.retries,
        seed=seed_of(analysis),
    )
    options = _changed(written, changes)
    for name in options.minos:
        if name not in analysis.names:
            raise UnknownNameError("free parameter", name, analysis.names, "minos")
    return options


def _changed(options: Options, changes: Mapping[str, Any]) -> Options:
    """Options with changes, as an analysis file may give them; an unknown one is named."""
    known = [entry.name for entry in fields(options)]
    for name in changes:
        if name not in known:
            raise UnknownNameError("option", name, known)
    record = FitSpec if isinstance(options, FitOptions) else SamplerSpec
    written = {name: value for name, value in changes.items() if name in record.model_fields}
    others = {name: value for name, value in changes.items() if name not in written}
    if "seed" in others:
        check_count("seed", others["seed"], 0, 2**63 - 1)
    return replace(options, **checked_options(record, written), **others)


def refuse_nothing_free(analysis: Analysis) -> None:
    """Raise if there is no free parameter, so nothing to fit or to sample.

    Parameters
    ----------
    analysis : Analysis

    Raises
    ------
    FitError
    """
    if not analysis.names:
        raise FitError(
            f"{analysis.name}: no parameter is free: give one a prior ('bsinv check' tells the "
            "likelihood of fixed values)."
        )


def best_fit(
    analysis: Analysis,
    progress: Callable[[int], None] | None = None,
    starts: Sequence[Array] = (),
    **changes: Any,
) -> BestFit:
    """Fit an analysis and its Standard Model point.

    Parameters
    ----------
    analysis : Analysis
    progress : callable, optional
        Called with the number of points evaluated.
    starts : sequence of (d,) arrays
        Further points to begin at.
    **changes
        Fields of `FitOptions` in place of those of the file.

    Returns
    -------
    BestFit
    """
    refuse_nothing_free(analysis)
    options = fit_options(analysis, **changes)
    outcome = fit(analysis, options, progress, starts)
    reference, value = _reference_point(analysis, outcome)
    if reference is not None and value < outcome.objective - MISSED:
        outcome = fit(analysis, options, progress, (*starts, reference))
    theta = outcome.values[None]
    at_best, at_reference = TermPoint(analysis, theta), None
    if reference is not None:
        at_reference = TermPoint(analysis, reference[None])
    best = BestFit(
        names=analysis.names,
        values=outcome.values,
        covariance=outcome.covariance,
        errors=outcome.errors,
        log_likelihood=float(analysis.log_likelihood(theta)[0]),
        log_prior=float(analysis.log_prior(theta)[0]),
        log_constraint=float(analysis.log_constraint(theta)[0]),
        status=outcome.status,
        valid=outcome.valid,
        minos=outcome.minos,
        minos_status=outcome.minos_status,
        edm=outcome.edm,
        n_calls=outcome.n_calls,
        ladder=outcome.ladder,
        seconds=outcome.seconds,
        term_names=tuple(term.name for term in analysis.terms),
        term_log_likelihood=_by_term(analysis, theta),
        term_pulls=at_best.term_pulls,
        observables=observable_records(analysis, at_best, at_reference),
        hesse_status=outcome.hesse_status,
        other_minima=outcome.other_minima,
        **_reference(analysis, reference, at_reference),
    )
    return _compared(analysis, best)


def _compared(analysis: Analysis, best: BestFit) -> BestFit:
    """Best fit with its significance against the reference point, if there is one."""
    if not best.reference_label:
        return best
    delta = best.minus_two_delta_log
    return replace(best, **comparison(analysis, best.reference_values, best.values, delta))


def _reference_point(analysis: Analysis, outcome: FitOutcome) -> tuple[Array | None, float]:
    """The Standard Model point, nuisance parameters refitted: (d,); None where it is excluded.

    Besides, ``-2 (ln L + ln constraints)`` there.
    """
    fixed = analysis.reference_columns()
    if fixed is None:
        return None, np.inf
    point, value, valid = refit(analysis, fixed, np.stack([outcome.values, analysis.start]))
    return (point, value) if valid else (None, np.inf)


def _reference(analysis: Analysis, values: Array | None, point: TermPoint | None) -> dict[str, Any]:
    """What a best fit records of the reference point; nothing without one."""
    if values is None or point is None:
        return {}
    theta = values[None]
    refitted = len(analysis.reference_columns() or ()) < len(analysis.names)
    return {
        "reference_label": analysis.reference_label + (" (refitted)" if refitted else ""),
        "reference_undefined": analysis.reference_unseen(theta),
        "reference_values": values,
        "reference_log_likelihood": float(analysis.log_likelihood(theta)[0]),
        "reference_log_prior": float(analysis.log_prior(theta)[0]),
        "reference_log_constraint": float(analysis.log_constraint(theta)[0]),
        "reference_term_log_likelihood": _by_term(analysis, theta),
        "reference_term_pulls": point.term_pulls,
    }


def _by_term(analysis: Analysis, theta: Array) -> Array:
    return np.array([log[0] for log in analysis.term_log_likelihoods(theta).values()])


def sampler_options(analysis: Analysis, **changes: Any) -> SamplerOptions:
    """`SamplerOptions` of the analysis file, with changes."""
    from ..drivers.ensembles import SamplerOptions

    given = analysis.spec.sampler
    options = SamplerOptions(
        ensembles=given.ensembles,
        walkers=given.walkers_for(
            len(analysis.names),
            all(term.batched for term in analysis.terms),
            changes.get("target_ess"),
        ),
        moves=given.moves,
        target_ess=given.target_ess,
        target_rhat=given.target_rhat,
        max_steps=given.max_steps,
        thin=given.thin,
        seed=seed_of(analysis),
    )
    options = _changed(options, changes)
    if options.walkers is None:  # auto
        options = replace(options, walkers=SamplerSpec().walkers_for(len(analysis.names)))
    least = 2 * (len(analysis.names) + 1)
    if options.walkers < least or options.walkers % 2:
        raise ParameterError(
            f"walkers = {options.walkers}: an even number of at least {least} is needed for "
            f"{len(analysis.names)} free parameters"
        )
    return options


def posterior_samples(
    analysis: Analysis,
    best: BestFit | None = None,
    resume: tuple[Ensemble, ...] = (),
    report: Report | None = None,
    **changes: Any,
) -> tuple[tuple[Ensemble, ...], Verdict]:
    """Sample the posterior of an analysis.

    Parameters
    ----------
    analysis : Analysis
    best : BestFit, optional
        Around which half of the walkers start.
    resume : tuple of Ensemble, optional
    report : callable, optional
        As in `fitter.drivers.ensembles.sample`.
    **changes
        Fields of `SamplerOptions` in place of those of the file.

    Returns
    -------
    tuple of Ensemble, Verdict
    """
    from ..drivers.ensembles import sample

    refuse_nothing_free(analysis)
    _check_best(best)
    check_kind("resume", resume, (tuple, list), "a tuple of ensembles")
    around = None if best is None else (best.values, _spread(analysis, best))
    if resume:  # the number chosen may depend on a target that has changed
        changes = {"walkers": resume[0].walkers, **changes}
    options = sampler_options(analysis, **changes)
    return sample(analysis, options, around, resume, report)


def _spread(analysis: Analysis, best: BestFit) -> Array:
    """Covariance around a best fit; of parameters without one the squares of their intervals."""
    covariance = np.array(best.covariance)
    lost = np.flatnonzero(np.isnan(np.diag(covariance)))
    if len(lost) == len(covariance):  # nothing is known of the others either
        return covariance
    for column in lost:
        covariance[column, :] = covariance[:, column] = 0.0
        covariance[column, column] = _width(analysis, best, int(column)) ** 2
    return covariance


def _width(analysis: Analysis, best: BestFit, column: int) -> float:
    """Half width of the interval of a parameter: its error, or the longer side of its profile."""
    if not best.hesse_status[column]:
        return float(best.errors[column])
    sides = abs(best.minos[column])
    known = sides[np.isfinite(sides)]
    return float(known.max() if len(known) else analysis.scale[column])


def lower_point(best: BestFit, scan: Scan) -> Array | None:
    """Point of a scan that lies lower than the best fit: (d,); None if there is none.

    Parameters
    ----------
    best : BestFit
    scan : Scan

    Returns
    -------
    (d,) array or None
    """
    heights = scan.log_penalised
    if not np.isfinite(heights).any():
        return None
    place = np.unravel_index(int(np.nanargmax(heights)), heights.shape)
    if 2.0 * (heights[place] - best.log_penalised) < SCANNED:
        return None
    values = {
        name: axis[i] for name, axis, i in zip(scan.parameters, scan.axes, place, strict=True)
    }
    values |= dict(zip(scan.other_names, scan.other_values[place], strict=True))
    return np.array([values[name] for name in best.names])


def profile_scan(
    analysis: Analysis,
    names: tuple[str, ...],
    points: int,
    best: BestFit | None,
    *,
    axes: Mapping[str, Any] | None = None,
    profiled: bool = True,
    begun: Scan | None = None,
    report: Callable[[Scan], None] | None = None,
) -> Scan:
    """Scan one or two parameters, by default around the best fit and the other minima known.

    A default grid is made wider until the 95 % region is closed or the support ends, and the scan
    says which (`Scan.ends`).

    Parameters
    ----------
    analysis : Analysis
    names : tuple of str
    points : int
        Along each axis.
    best : BestFit or None
        Made if None.
    axes : mapping of str to (k,) array, optional
        Grid values in place of `names` and `points`.
    profiled : bool
        Refit the other parameters; else inputs and form factors are held at their central values.
    begun, report
        As in `fitter.drivers.scans.grid_scan`.

    Returns
    -------
    Scan

    Raises
    ------
    UnknownNameError
        If a name is not a free parameter.
    ParameterError
        If there are not one or two different parameters, or fewer than two points.
    """
    from ..drivers.scans import grid_scan
    from ..drivers.windows import ends_of, grown, window_of

    if axes is not None:
        check_kind("axes", axes, Mapping, "a mapping of free parameters to grid values")
    check_kind("profiled", profiled, bool, "True or False")
    _check_best(best)
    _check_scan(analysis, tuple(axes) if axes else names, points)
    best = best or best_fit(analysis, minos=())
    start = np.array(best.values)
    if not profiled:
        start = np.where(analysis.constrained, analysis.start, start)

    def scanned(grid: Mapping[str, Array], begun: Scan | None) -> Scan:
        return grid_scan(analysis, dict(grid), start, profiled=profiled, begun=begun, report=report)

    if axes:
        return scanned({name: _axis(name, axis, analysis) for name, axis in axes.items()}, begun)
    widths = [_width(analysis, best, column) for column in range(len(analysis.names))]
    told = replace(best, errors=np.array(widths))
    windows = tuple(window_of(analysis, told, name, points) for name in names)
    grid = {name: window.axis for name, window in zip(names, windows, strict=True)}
    if begun is not None:
        grid = dict(zip(begun.parameters, begun.axes, strict=True))
    scan, wider = scanned(grid, begun), True
    while wider and np.isfinite(scan.log_penalised).any():
        scan, wider = grown(scan, windows, best)
        if wider:
            scan = scanned(dict(zip(scan.parameters, scan.axes, strict=True)), scan)
    if not np.isfinite(scan.log_penalised).any():
        return replace(scan, ends=())
    return replace(scan, ends=ends_of(scan, windows, best))


def _check_best(best: Any) -> None:
    if best is not None:
        check_kind("best", best, BestFit, "a bsinv BestFit, which Analysis.fit returns")


def _axis(name: str, values: Any, analysis: Analysis) -> Array:
    """Grid values along one parameter, checked: real, inside the support, each once."""
    what = "an array (k,) of two or more different real numbers inside the prior's support"
    axis = real_array(f"the axis of {name}", values, what)
    lower, upper = analysis.bounds[analysis.table.index(name)]
    inside = axis.ndim == 1 and ((axis >= lower) & (axis <= upper) & np.isfinite(axis)).all()
    if not inside or axis.size < 2 or len(np.unique(axis)) < axis.size:
        raise ParameterError(
            f"the axis of {name} = {reprlib.repr(values)} is not allowed: it must be {what}, "
            f"[{lower:g}, {upper:g}]."
        )
    return axis


def _check_scan(analysis: Analysis, names: tuple[str, ...], points: int) -> None:
    """Refuse scans of parameters that are not free, or of the wrong number of them."""
    for name in names:
        analysis.table.index(name)
    if len(names) not in (1, 2) or len(set(names)) != len(names):
        raise ParameterError(
            f"a scan needs one or two different parameters, not {', '.join(names) or 'none'}"
        )
    check_count("points", points, 2, MOST_POINTS[len(names)], " along each axis")


def identifiability(analysis: Analysis, points: int, theta: Array | None) -> Identifiability:
    """Dead parameters and flat directions of an analysis."""
    from ..sensitivity.check import check

    check_count("points", points, 0)
    first = analysis.start[None] if theta is None else analysis.table.batch(theta)
    lower, upper = analysis.bounds.T
    if len(first) != 1 or not ((first >= lower) & (first <= upper) & np.isfinite(first)).all():
        raise ParameterError(
            f"theta = {reprlib.repr(theta)} is not allowed: it must be one point (1, d) inside the "
            "supports of the priors."
        )
    rng = np.random.default_rng(seed_of(analysis))
    drawn = analysis.sample_prior(rng, points)

    # Every term is asked for at the same points, and all are predicted at once.
    made: dict[bytes, dict[str, Array]] = {}

    def predictor(name: str) -> Callable[[Array], Array]:
        def predict(batch: Array) -> Array:
            key = batch.tobytes()
            if key not in made:
                made[key] = analysis.predictions(batch)
            return made[key][name]

        return predict

    # A wall only excludes: it measures nothing that the others do not see.
    measuring = [term for term in analysis.terms if not term.hard] or analysis.terms
    return check(
        {term.name: predictor(term.name) for term in measuring},
        analysis.names,
        analysis.scale,
        np.concatenate([first, drawn]),
        analysis.constrained,
        tuple(analysis.table.blocks.values()),
        lambda: analysis.sample_prior(rng, 1),
        analysis.bounds,
    )


def parameter_records(analysis: Analysis) -> tuple[ParameterRecord, ...]:
    """All parameters as plain records for the results file."""
    roles = {"constant": "input"}
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
        )
        for entry in analysis.table.parameters
    )
