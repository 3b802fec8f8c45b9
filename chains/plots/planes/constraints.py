"""The plane of two parameters: the region of each constraint, and of all together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ....errors import StoreError, UnknownNameError
from ...records import Array, RunFile, Scan
from ...tables.profiles import scan_heights
from ..palette import BEST, REFERENCE
from ..placement import escaped, place_legend
from ..refined import filled
from ..style import SIZES, on_axes
from .grids import SERIES, dress, fine, in_ratios, region_levels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["constraints_plane", "part_heights"]


def constraints_plane(
    run: RunFile,
    scan: Scan,
    parts: Sequence[str] = (),
    *,
    axes: Axes | None = None,
    width: float = SIZES["page"],
) -> Axes:
    """Draw the regions of single constraints over a plane, and those of all data on top.

    The regions hold 68 and 95 % for two parameters: -2 Delta ln L below 2.28 and 5.99. That of a
    constraint is counted from its own minimum over the grid, that of all from the best fit, or
    where the others are held from the lowest point of the grid.

    Parameters
    ----------
    run : RunFile
        Gives labels and the best fit.
    scan : Scan
        Of two parameters, with the log likelihood of parts (``separate`` in the analysis file).
    parts : sequence of str
        Which of them, in this order; all by default.
    axes : Axes, optional
        Drawn on in place of those of a new figure; the legend is then inside.
    width : float
        Of a new figure, inches.

    Returns
    -------
    Axes

    Raises
    ------
    StoreError
        If the scan is of one parameter, no part was stored, or no point was done.
    UnknownNameError
        If a part is none of those stored.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    _check(scan, parts)
    scales = [in_ratios(run, n, v) for n, v in zip(scan.parameters, scan.axes, strict=True)]
    base = filled(scan, scan_heights(None if scan.held else run.best_fit, scan))
    panel = on_axes(axes, width, 0.85)
    handles: list[Any] = []
    for number, name in enumerate(parts or scan.separate_names):
        handles.append(_region(panel, scan, name, scales, SERIES[number % len(SERIES)]))
    x, y, surface = fine(scan.axes, base, scales)
    levels = region_levels()[1:]
    style: dict[str, Any] = {"colors": REFERENCE, "linestyles": ("-", "--"), "linewidths": 1.4}
    panel.contour(x, y, surface.T, levels, **style)
    handles += [
        Line2D([], [], color=REFERENCE, label="all, 68 %"),
        Line2D([], [], color=REFERENCE, linestyle="--", label="all, 95 %"),
        _star(panel, run, scan, (x, y, surface)),
        Patch(facecolor="#777777", alpha=0.7, label="single, 68 %"),
        Patch(facecolor="#777777", alpha=0.35, label="single, 95 %"),
    ]
    panel.set_xlim(float(scan.axes[0][0]), float(scan.axes[0][-1]))
    panel.set_ylim(float(scan.axes[1][0]), float(scan.axes[1][-1]))
    dress(panel, run, scan.parameters, scales)
    place_legend(panel, handles, own=axes is None)
    return panel


def _check(scan: Scan, parts: Sequence[str]) -> None:
    if len(scan.parameters) != 2:
        raise StoreError(f"scan {scan.name!r} is of one parameter; a plane needs two.")
    if not scan.separate_names:
        raise StoreError(
            f"scan {scan.name!r} holds the log likelihood of all data alone: give its grid in the "
            "analysis file 'separate: [groups]' and run 'bsinv fit' again."
        )
    for name in parts:
        if name not in scan.separate_names:
            raise UnknownNameError("constraint of this scan", name, scan.separate_names)


def part_heights(scan: Scan, name: str) -> Array:
    """-2 Delta ln L of one part, from its own lowest point of the grid; infinite where excluded.

    Parameters
    ----------
    scan : Scan
    name : str
        One of its `separate_names`.

    Returns
    -------
    array of the shape of the grid

    Raises
    ------
    StoreError
        If it has no finite value anywhere.
    """
    values = scan.separate[..., scan.separate_names.index(name)]
    if not np.isfinite(values).any():
        raise StoreError(f"{name!r} has no finite likelihood anywhere in scan {scan.name!r}.")
    heights: Array = 2.0 * (np.nanmax(values) - values)
    return filled(scan, np.where(np.isfinite(heights), heights, np.inf))


def _region(panel: Axes, scan: Scan, name: str, scales: Sequence[bool], colour: str) -> Any:
    """Fill the region of a part; its handle says where it leaves all of the plane."""
    from matplotlib.colors import to_rgba
    from matplotlib.patches import Patch

    x, y, surface = fine(scan.axes, part_heights(scan, name), scales)
    levels = region_levels()
    # A region that is the whole plane would only dull the others.
    kept = [level for level in levels if level < surface.max()]
    if len(kept) == 1:
        return Patch(facecolor="none", edgecolor=colour, label=f"{escaped(name)} (no bound here)")
    colours = [to_rgba(colour, 0.55), to_rgba(colour, 0.25)][: len(kept) - 1]
    panel.contourf(x, y, surface.T, kept, colors=colours)
    panel.contour(x, y, surface.T, kept[-1:], colors=[colour], linewidths=0.9)
    return Patch(facecolor=to_rgba(colour, 0.55), edgecolor=colour, label=escaped(name))


def _star(panel: Axes, run: RunFile, scan: Scan, fine_grid: tuple[Array, Array, Array]) -> Any:
    """The best fit, if the contours are counted from it; else the lowest point of the surface."""
    x, y, surface = fine_grid
    best, text = run.best_fit, "best fit"
    inside = False
    if best is not None and not scan.held and np.isfinite(best.log_penalised):
        place = [float(best.values[best.names.index(name)]) for name in scan.parameters]
        inside = bool(
            x[0] <= place[0] <= x[-1] and y[0] <= place[1] <= y[-1]
            and best.log_penalised >= float(np.nanmax(scan.log_penalised)) - 1e-2
        )  # fmt: skip
    if not inside:
        row, column = np.unravel_index(int(surface.argmin()), surface.shape)
        place, text = [float(x[row]), float(y[column])], "lowest point"
    found = panel.plot(
        *place, marker="*", markersize=13, color=BEST, markeredgecolor="white",
        linestyle="none", label=text, clip_on=False, zorder=6,
    )  # fmt: skip
    return found[0]
