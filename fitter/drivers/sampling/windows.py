"""Which grid a scan is made on: around the minima that are known, and wider where it stays low."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ....chains.records import BestFit, Scan, ScanEnd, ScanStatus
from ....chains.tables.profiles import scan_heights, scan_level
from ...parameters.angles import nearest
from ..target import Array, Target, periods

__all__ = ["Window", "ends_of", "grown", "window_of"]

# Half width of a window in errors of the best fit, and around the other minima.
_WIDTH, _BESIDE = 3.0, 2.0
# A window that is wider only because of other minima keeps its spacing up to so many times the
# points; beyond, the way between minima is passed in steps as long as need be.
_MOST_WIDER = 3
# Growth of the step, new points at a time in parts of those asked for, and when a scan is given up:
# along one parameter, and along each of two.
_GROWTH, _PART = {1: 1.25, 2: 1.15}, {1: 0.4, 2: 0.2}
_MOST = {1: 12, 2: 3}


@dataclass(frozen=True)
class Window:
    """Grid values of one parameter, and how far they may go.

    Attributes
    ----------
    axis : (k,) array, ascending
    lower, upper : float
        Ends of the support, or of the period of an angle around the best fit.
    periodic : bool
    points : int
        That were asked for.
    """

    axis: Array
    lower: float
    upper: float
    periodic: bool
    points: int


def window_of(target: Target, best: BestFit, name: str, points: int) -> Window:
    """Window around a best fit that holds the other minima that are known.

    Parameters
    ----------
    target : Target
    best : BestFit
    name : str
        Free parameter.
    points : int
        Within three errors of the best fit; there are more where other minima lie beyond.

    Returns
    -------
    Window
        Inside the support; without a finite error it is all of it.
    """
    column = target.names.index(name)
    value, error = float(best.values[column]), float(best.errors[column])
    error = error if np.isfinite(error) and error > 0.0 else np.nan
    lower, upper = (float(end) for end in np.asarray(target.bounds)[column])
    others = np.asarray(best.other_minima, float).reshape(-1, len(target.names))[:, column]
    period = float(periods(target)[column])
    if np.isfinite(period):
        lower, upper = value - 0.5 * period, value + 0.5 * period
        others = nearest(others, np.array(value), np.array(period))
    # without an error and without ends, typical changes have to do
    far = _WIDTH * float(np.asarray(target.scale)[column])
    ends = (
        lower if np.isfinite(lower) or error > 0.0 else value - far,
        upper if np.isfinite(upper) or error > 0.0 else value + far,
    )
    axis = _axis(value, error, others[np.isfinite(others)], ends, points)
    return Window(axis, lower, upper, bool(np.isfinite(period)), points)


def _axis(
    value: float, error: float, others: Array, ends: tuple[float, float], points: int
) -> Array:
    if not error > 0.0:
        return np.linspace(*ends, points)
    first = np.clip([value - _WIDTH * error, value + _WIDTH * error], *ends)
    beside = [np.clip([x - _BESIDE * error, x + _BESIDE * error], *ends) for x in others]
    low, high = float(np.min([first, *beside])), float(np.max([first, *beside]))
    if not first[0] < first[1]:
        return np.linspace(*ends, points)
    wanted = int(np.ceil((high - low) / (first[1] - first[0]) * (points - 1))) + 1
    if wanted <= _MOST_WIDER * points:
        return np.linspace(low, high, wanted)
    parts = [np.linspace(part[0], part[1], points) for part in (first, *beside)]
    return np.unique(np.concatenate([*parts, np.linspace(low, high, points)]))


def grown(scan: Scan, windows: tuple[Window, ...], best: BestFit) -> tuple[Scan, bool]:
    """Make a scan wider on the sides where the 95 % region is open.

    Parameters
    ----------
    scan : Scan
        All points done.
    windows : tuple of Window
        Of its parameters.
    best : BestFit

    Returns
    -------
    scan : Scan
        With new points that are not done.
    wider : bool
        False if there are none: the region is closed, or the support ends, or it is given up.
    """
    wider = False
    ends = ends_of(scan, windows, best)
    for number, window in enumerate(windows):
        for side in (0, 1):
            if ends[2 * number + side] == ScanEnd.OPEN and _may_grow(scan, number, window):
                scan, wider = _extended(scan, number, side, window), True
    return scan, wider


def _may_grow(scan: Scan, number: int, window: Window) -> bool:
    return len(scan.axes[number]) < _MOST[len(scan.axes)] * window.points


def ends_of(scan: Scan, windows: tuple[Window, ...], best: BestFit) -> tuple[str, ...]:
    """How a scan ends: lower and upper end along each axis, as named by `ScanEnd`."""
    heights = scan_heights(best, scan)
    low = np.where(np.isnan(heights), np.inf, heights) < scan_level(len(scan.axes))
    ends = []
    for number, window in enumerate(windows):
        for side, limit in ((0, window.lower), (-1, window.upper)):
            at = scan.axes[number][side]
            if not np.take(low, side, axis=number).any():
                ends.append(ScanEnd.CLOSED)
            elif np.isfinite(limit) and abs(at - limit) <= 1e-12 * max(abs(at), abs(limit)):
                ends.append(ScanEnd.PERIOD if window.periodic else ScanEnd.SUPPORT)
            else:
                ends.append(ScanEnd.OPEN)
    return tuple(ends)


def _extended(scan: Scan, number: int, side: int, window: Window) -> Scan:
    """A scan with more points along one axis, on its lower (0) or upper (1) side."""
    count = len(scan.axes)
    axis = scan.axes[number]
    more = max(3, int(_PART[count] * window.points))
    limit, edge = (window.upper, axis[-1]) if side else (window.lower, axis[0])
    step = abs(axis[-1] - axis[-2]) if side else abs(axis[1] - axis[0])
    away = np.cumsum(step * _GROWTH[count] ** np.arange(1, more + 1))
    new = edge + away if side else edge - away
    inside = new < limit - 0.3 * step if side else new > limit + 0.3 * step
    if not inside.all():  # the last point is the end itself
        new = np.append(new[inside], limit)
    added = len(new)
    wider = np.concatenate([axis, new]) if side else np.concatenate([new[::-1], axis])
    pad = [(0, 0)] * count
    pad[number] = (0, added) if side else (added, 0)
    axes = tuple(wider if i == number else given for i, given in enumerate(scan.axes))
    return replace(
        scan,
        axes=axes,
        ends=(ScanEnd.UNFINISHED,),
        log_likelihood=np.pad(scan.log_likelihood, pad, constant_values=np.nan),
        log_constraint=np.pad(scan.log_constraint, pad, constant_values=np.nan),
        status=np.pad(scan.status, pad, constant_values=ScanStatus.NOT_DONE),
        other_values=np.pad(scan.other_values, [*pad, (0, 0)], constant_values=np.nan),
    )
