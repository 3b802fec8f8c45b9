"""Significance of the largest excess of a scan: what is asked, and the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...chains.records import ScanSignificance
from ...errors import FitError, ParameterError
from ..analysis_file.arguments import check_count
from ..drivers.global_significance import (
    REFERENCE,
    Excesses,
    Probability,
    crossing_bound,
    excesses,
    local_probability,
    tail_deviates,
    toy_probability,
    tread_bound,
    up_crossings,
)
from ..drivers.limit_curves import RateProblem
from ..drivers.target import Array
from ..problem import Problem
from .best_fit import parameter_records
from .limits import FEWEST_TOYS, MOST_TOYS, checked_request

__all__ = ["scan_significance"]

# Relative error of the global p-value at which no more toys are drawn.
_WANTED = 0.2
# Points in each bin of q2, and part of the up-crossings that every second point must see.
_IN_BIN, _HALF = 3, 0.8


def scan_significance(
    problem: Problem,
    of: str,
    scan: Mapping[str, Any],
    *,
    toys: int = 1000,
    background: str = "sm",
    seed: int = 0,
    report: Callable[[int, int], None] | None = None,
) -> ScanSignificance:
    """Largest excess of a scan; arguments and errors are those of `Analysis.significance`.

    Parameters
    ----------
    problem : Problem
    of : str
    scan : mapping of str to (k,) array
    toys : int
    background : str
        Told in the record; see `fitter.background`.
    seed : int
    report : callable, optional

    Returns
    -------
    ScanSignificance
    """
    check_count("seed", seed, 0)
    check_count("toys", toys, FEWEST_TOYS, MOST_TOYS)
    if isinstance(scan, Mapping) and len(scan) > 1:
        raise ParameterError(f"scan of {', '.join(scan)}: a significance is of one parameter.")
    rate, axes, points = checked_request(problem, of, scan, "cls", 0)
    points = np.unique(points, axis=0)  # crossings are counted upwards
    found = excesses(rate, points, toys, seed, _WANTED, report)
    if np.isnan(found.rates).all():
        raise ParameterError(
            f"significance of {of}: at no point a rate up to {rate.upper:g} would be seen: widen "
            "its prior."
        )
    if not len(found.toys):
        raise FitError(f"significance of {of}: fits of all {found.failed} toys failed.")
    place = int(found.measured.argmax())
    level = float(found.measured[place])
    anywhere = toy_probability(found.toys, level)
    bound, error, kind = _bound(rate, points, found, level)
    units = {record.name: record.unit for record in parameter_records(problem)}
    axis = next(iter(axes), "")
    return ScanSignificance(
        parameter=of,
        unit=units[of],
        axis=axis,
        axis_unit=units.get(axis, ""),
        points=points[:, 0] if axis else np.full(1, np.nan),
        statistic=found.measured,
        best=found.rates,
        background=background,
        place=place,
        local_p=float(local_probability(np.array(level))),
        global_p=anywhere.value,
        global_error=anywhere.error,
        toys=len(found.toys),
        failed=found.failed,
        bound=bound,
        bound_error=error,
        bound_kind=kind,
        seed=str(seed),
        notes=_notes(rate, of, found, anywhere),
    )


def _bound(
    rate: RateProblem, points: Array, found: Excesses, level: float
) -> tuple[float, float, str]:
    """Upper bound of the global p-value, its error, and what it is or why there is none."""
    away = tail_deviates(found.toys)
    if away is not None:
        where = f" at {points[away, 0]:g}" if rate.scanned else ""
        return np.nan, np.nan, f"none: the local tail{where} is not half of chi2 (1 degree)."
    steps = [term.name for term in rate.problem.terms if _response(term) == "published"]
    if steps or len(points) == 1:
        bound, treads = tread_bound(found.toys, found.measured, level)
        many = "local p-value" if treads == 1 else f"sum of local p-values of {treads} bins"
        return bound, 0.0, many
    few = _coarse(rate, points, found)
    if few:
        return np.nan, np.nan, few
    made = crossing_bound(found.toys, level)
    mean = up_crossings(found.toys, REFERENCE)
    kind = f"Gross and Vitells, {mean.value:.3g} ± {mean.error:.2g} up-crossings at {REFERENCE:g}"
    return made.value, made.error, kind


def _response(term: Any) -> str | None:
    """How signal moves between bins of a reweighted template; None for another term."""
    found = getattr(term, "response", None)
    return found if isinstance(found, str) and found else None


def _coarse(rate: RateProblem, points: Array, found: Excesses) -> str:
    """Why points are too far apart to count up-crossings; empty if they are not."""
    live = np.isfinite(found.rates)
    fewest = _fewest_in_a_bin(rate, points[live])
    if fewest < _IN_BIN:
        return f"none: {fewest} points of the scan in a bin of q2, {_IN_BIN} are needed."
    toys = found.toys[:, live]
    every, half = up_crossings(toys, REFERENCE), up_crossings(toys[:, ::2], REFERENCE)
    if half.value < _HALF * every.value:
        return (
            f"none: every second point sees {half.value:.3g} of {every.value:.3g} up-crossings: "
            "more points are needed."
        )
    return ""


def _fewest_in_a_bin(rate: RateProblem, points: Array) -> int:
    """Least number of neighbours whose signal is largest in the same bin, of templates with bins.

    The bins at the ends of the scan may have fewer; a scan inside of one bin has all in it.
    """
    theta = rate.at(points)
    without = rate.problem.predictions(theta)
    theta[:, rate.column] = min(float(rate.problem.scale[rate.column]), rate.upper)
    signal = rate.problem.predictions(theta)
    fewest = len(points) + _IN_BIN
    for term in rate.problem.terms:
        if _response(term) is None:
            continue
        moved = abs(signal[term.name] - without[term.name]).reshape(len(points), -1)
        steps = np.flatnonzero(np.diff(moved.argmax(axis=1))) + 1
        if len(steps) > 1:
            fewest = min(fewest, int(np.diff(steps).min()))
        elif len(steps) == 1:  # both are at an end
            fewest = min(fewest, max(int(steps[0]), len(points) - int(steps[0])))
    return fewest


def _notes(rate: RateProblem, of: str, found: Excesses, p: Probability) -> tuple[str, ...]:
    notes = []
    problem, count = rate.problem, len(found.toys)
    free = [problem.names[i] for i in rate.others if not problem.constrained[i]]
    if free:
        notes.append(
            f"Fitted beside the rate, from one start: {', '.join(free)}. A parameter that means "
            "nothing where the rate is zero must be scanned."
        )
    if not p.value:
        most = 1.0 - 0.05 ** (1.0 / count)
        notes.append(f"No toy has so large an excess: p < {most:.2g} (95 %); draw more toys.")
    elif p.error > _WANTED * p.value:
        notes.append(f"The error of the global p-value is above {100 * _WANTED:g} %.")
    unseen = int(np.isnan(found.rates).sum())
    if unseen:
        notes.append(
            f"At {unseen} points no rate up to {rate.upper:g} would be seen; they are left out."
        )
    if (found.rates >= 0.999 * rate.upper).any():
        notes.append(f"A best rate is at the end of the range of {of}: widen its prior.")
    if found.failed:
        most = (p.value * count + found.failed) / (count + found.failed)
        notes.append(
            f"Fits of {found.failed} toys failed; they are left out. If all had so large an "
            f"excess, the global p-value would be {most:.3g}."
        )
    return tuple(notes)
