"""What a scan of the likelihood says: its height, the regions of one parameter, where it ends."""

from __future__ import annotations

import numpy as np

from ...errors import StoreError
from ..records import Array, BestFit, RunFile, Scan, ScanEnd, ScanStatus
from .run import without_empty_columns
from .table import Cell, Interval, Label, Table, Union

__all__ = [
    "CONTENTS",
    "contour_levels",
    "ends_text",
    "profile_curve",
    "profile_regions",
    "profile_table",
    "scan_heights",
    "scan_level",
]

CONTENTS = (0.68, 0.95)


def contour_levels() -> list[float]:
    """-2 Delta ln L whose region covers 68 and 95 % for two parameters: -2 ln(1 - content)."""
    return [float(-2.0 * np.log1p(-content)) for content in CONTENTS]


def scan_level(parameters: int) -> float:
    """-2 Delta ln L at which the 95 % region of one or two parameters ends.

    Of one parameter it is 4, two standard deviations (95.4 %).
    """
    return 4.0 if parameters == 1 else contour_levels()[-1]


def scan_heights(best: BestFit | None, scan: Scan) -> Array:
    """-2 Delta ln(likelihood times prior) on the grid, from the best point known.

    Parameters
    ----------
    best : BestFit or None
        The zero, unless a point of the scan is better.
    scan : Scan

    Returns
    -------
    array of the shape of the grid
        NaN where the scan was not done or failed.

    Raises
    ------
    StoreError
        If no point of the scan was done.
    """
    usable = np.isfinite(scan.log_penalised) & (scan.status != ScanStatus.FAILED)
    if not usable.any():
        raise StoreError(f"no point of scan {scan.name!r} was done.")
    values = np.where(usable, scan.log_penalised, np.nan)
    highest = float(np.nanmax(values))
    if best is not None and np.isfinite(best.log_penalised):
        highest = max(highest, best.log_penalised)
    result: Array = 2.0 * (highest - values)
    return result


def profile_curve(best: BestFit | None, scan: Scan) -> tuple[Array, Array]:
    """A scan of one parameter as a curve through its grid and the best fit.

    Parameters
    ----------
    best : BestFit or None
        A minimum narrower than the grid would be missing from the curve without it.
    scan : Scan
        Of one parameter.

    Returns
    -------
    axis, heights : (k,) arrays
        Ascending; -2 Delta ln(likelihood times prior) as `scan_heights` gives it.
    """
    axis, heights = scan.axes[0], scan_heights(best, scan)
    if best is None or not np.isfinite(best.log_penalised) or len(axis) < 2:
        return axis, heights
    place = float(best.values[best.names.index(scan.parameters[0])])
    if not axis[0] < place < axis[-1] or (axis == place).any():
        return axis, heights
    usable = np.isfinite(heights)
    highest = float(np.max(scan.log_penalised[usable]))
    row = int(np.searchsorted(axis, place))
    depth = 2.0 * (max(highest, best.log_penalised) - best.log_penalised)
    return np.insert(axis, row, place), np.insert(heights, row, depth)


def profile_regions(axis: Array, heights: Array, level: float) -> tuple[tuple[float, float], ...]:
    """Intervals in which a curve is below a level, by straight lines between its points.

    Parameters
    ----------
    axis : (k,) array, ascending
    heights : (k,) array
        NaN counts as above.
    level : float

    Returns
    -------
    tuple of (lower, upper)
        In ascending order; an interval that reaches the end of the axis ends there.
    """
    known = np.where(np.isnan(heights), np.inf, heights)
    below = known <= level
    steps = np.flatnonzero(np.diff(below))
    ends = []
    for left in steps:
        one, other = known[left], known[left + 1]
        part = (level - one) / (other - one) if np.isfinite(one) and np.isfinite(other) else 0.0
        part = part if np.isfinite(one) else 1.0
        ends.append(float(axis[left] + part * (axis[left + 1] - axis[left])))
    if below[0]:
        ends.insert(0, float(axis[0]))
    if below[-1]:
        ends.append(float(axis[-1]))
    return tuple(zip(ends[::2], ends[1::2], strict=True))


def ends_text(scan: Scan) -> str:
    """Say in words where the 95 % region of a scan is open; empty if that is not known.

    Parameters
    ----------
    scan : Scan

    Returns
    -------
    str
    """
    if not scan.ends or ScanEnd.UNFINISHED in scan.ends:
        return ""
    told = []
    for number, name in enumerate(scan.parameters):
        axis = scan.axes[number]
        of = f" of {name}" if len(scan.parameters) > 1 else ""
        sides = ((0, "lower", axis[0]), (1, "upper", axis[-1]))
        if ScanEnd.PERIOD in scan.ends[2 * number : 2 * number + 2]:
            told.append(f"scanned over the whole period{of}")
            continue
        for side, word, at in sides:
            end = scan.ends[2 * number + side]
            if end == ScanEnd.SUPPORT:
                told.append(f"open to the {word} end of the support{of}, {at:.4g}")
            elif end == ScanEnd.OPEN:
                told.append(f"open at {at:.4g}{of}, where the scan was given up")
    return "; ".join(told) or "closed"


def profile_table(run: RunFile) -> Table:
    """Table of the profiles of one parameter: the regions that they enclose and where they end.

    Parameters
    ----------
    run : RunFile

    Returns
    -------
    Table
        Without rows if there are none.
    """
    rows: list[tuple[Cell, ...]] = []
    for scan in run.scans:
        if len(scan.parameters) != 1 or not np.isfinite(scan.log_penalised).any():
            continue
        record = run.parameter(scan.parameters[0])
        curve = profile_curve(run.best_fit, scan)
        regions = [_cell(profile_regions(*curve, level)) for level in (1.0, 4.0)]
        what = "others held" if scan.held else "others refitted"
        rows.append(
            (
                Label(record.name, record.latex),
                "" if record.unit == "1" else record.unit,
                what,
                *regions,
                ends_text(scan) or f"seen over [{scan.axes[0][0]:.4g}, {scan.axes[0][-1]:.4g}]",
            )
        )
    head = ("parameter", "unit", "scan", "1 σ (68.3 %)", "2 σ (95.4 %)", "95 % region")
    notes = ("Where −2 Δ ln L is below 1 and 4.",) if rows else ()
    return without_empty_columns("Profiles", head, rows, notes)


def _cell(regions: tuple[tuple[float, float], ...]) -> Cell:
    if len(regions) == 1:
        return Interval(*regions[0])
    return Union(regions) if regions else ""
