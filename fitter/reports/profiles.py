"""Scans of the likelihood around a best fit: windows, grids of one's own, and better fits found."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ...chains.records import BestFit, Scan
from ...errors import ParameterError
from ..analysis_file.arguments import check_count, check_kind, real_array
from ..analysis_file.settings import MOST_REFINED
from ..drivers.sampling.windows import ends_of, grown, window_of
from ..drivers.scans import grid_scan
from ..drivers.target import Array
from ..drivers.work import Work
from ..problem import Problem
from .best_fit import half_width

__all__ = ["lower_point", "profile_scan"]

# Along each axis of a scan of one or two parameters.
MOST_POINTS = {1: 1_000_000, 2: 3000}
# A scan that finds -2 ln(L x constraints) lower by this has found a better fit.
SCANNED = 1e-2


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
    problem: Problem,
    names: tuple[str, ...],
    points: int,
    best: BestFit | Callable[[], BestFit],
    *,
    axes: Mapping[str, Any] | None = None,
    profiled: bool = True,
    separate: Mapping[str, tuple[str, ...]] | None = None,
    refine: int = 0,
    begun: Scan | None = None,
    report: Callable[[Scan], None] | None = None,
    work: Work | None = None,
) -> Scan:
    """Scan one or two parameters, by default around the best fit and the other minima known.

    A default grid is made wider until the 95 % region is closed or the support ends, and the scan
    says which (`Scan.ends`).

    Parameters
    ----------
    problem : Problem
    names : tuple of str
    points : int
        Along each axis.
    best : BestFit or callable
        One that makes it is called once all else has been checked.
    axes : mapping of str to (k,) array, optional
        Grid values in place of `names` and `points`.
    profiled : bool
        Refit the other parameters; else inputs and form factors are held at their central values.
    separate, refine, begun, report, work
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
    if axes is not None:
        check_kind("axes", axes, Mapping, "a mapping of free parameters to grid values")
    check_kind("profiled", profiled, bool, "True or False")
    check_count("refine", refine, 0, MOST_REFINED)
    if refine and (axes is None or len(axes) != 2):
        raise ParameterError(
            f"refine = {refine} is not allowed here: only a grid of two parameters with axes that "
            "are given is made finer."
        )
    _check_scan(problem, tuple(axes) if axes else names, points)
    best = best() if callable(best) else best
    start = np.array(best.values)
    if not profiled:
        start = np.where(problem.constrained, problem.start, start)

    def scanned(grid: Mapping[str, Array], begun: Scan | None) -> Scan:
        return grid_scan(
            problem,
            dict(grid),
            start,
            profiled=profiled,
            separate=separate,
            refine=refine,
            best=best.log_penalised,
            begun=begun,
            report=report,
            work=work,
        )

    if axes:
        return scanned({name: _axis(name, axis, problem) for name, axis in axes.items()}, begun)
    widths = [half_width(problem, best, column) for column in range(len(problem.names))]
    told = replace(best, errors=np.array(widths))
    windows = tuple(window_of(problem, told, name, points) for name in names)
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


def _axis(name: str, values: Any, problem: Problem) -> Array:
    """Grid values along one parameter, checked: real, inside the support, each once."""
    what = "an array (k,) of two or more different real numbers inside the prior's support"
    axis = real_array(f"the axis of {name}", values, what)
    lower, upper = problem.bounds[problem.table.index(name)]
    inside = axis.ndim == 1 and ((axis >= lower) & (axis <= upper) & np.isfinite(axis)).all()
    if not inside or axis.size < 2 or len(np.unique(axis)) < axis.size:
        raise ParameterError(
            f"the axis of {name} = {reprlib.repr(values)} is not allowed: it must be {what}, "
            f"[{lower:g}, {upper:g}]."
        )
    return axis


def _check_scan(problem: Problem, names: tuple[str, ...], points: int) -> None:
    """Refuse scans of parameters that are not free, or of the wrong number of them."""
    for name in names:
        problem.table.index(name)
    if len(names) not in (1, 2) or len(set(names)) != len(names):
        raise ParameterError(
            f"a scan needs one or two different parameters, not {', '.join(names) or 'none'}"
        )
    check_count("points", points, 2, MOST_POINTS[len(names)], " along each axis")
