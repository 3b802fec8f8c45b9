"""Profile likelihoods: curves of one parameter, contours of two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...records import Array, RunFile, Scan, ScanStatus
from ...statistics.modes import nearest
from ...tables.profiles import CONTENTS, contour_levels, ends_text, profile_curve, scan_heights
from ..palette import (
    BAND,
    BEST,
    REFERENCE,
    legend_above,
    logarithmic,
    new_figure,
    parameter_label,
)
from .surfaces import surface_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["contour_levels", "minus_two_delta_log", "profile_figure"]


def minus_two_delta_log(run: RunFile, scan: Scan) -> Array:
    """-2 Delta ln(likelihood times prior) on the grid, from the best point known.

    Parameters
    ----------
    run : RunFile
        Its best fit is the zero, unless a point of the scan is better.
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
    return scan_heights(run.best_fit, scan)


def profile_figure(run: RunFile, scan: Scan) -> Figure:
    """Draw a scan: a curve with lines at 1 and 2 sigma, or contours of 68 and 95 % content.

    Parameters
    ----------
    run : RunFile
        Gives labels, best fit and reference point.
    scan : Scan
        Of one or two parameters.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    StoreError
        If no point of the scan was done.
    """
    minus_two_delta_log(run, scan)  # says if no point was done
    two = len(scan.parameters) == 2
    figure = new_figure(5.6, 5.2 if two else 4.4)
    figure.set_layout_engine("constrained")
    axes = figure.add_subplot()
    handles = _draw_contours(axes, run, scan) if two else _draw_curve(axes, run, scan)
    handles += _draw_points(axes, run, scan)
    axes.set_xlabel(parameter_label(run.parameter(scan.parameters[0])))
    _logarithmic(axes, run, scan)
    if two:
        axes.set_ylabel(parameter_label(run.parameter(scan.parameters[1])))
    else:
        axes.set_ylabel(r"$-2\,\Delta \ln L$")
    told = ends_text(scan)
    title = None if told in ("", "closed") else f"95 % region: {told}"
    legend_above(axes, handles, 2 if two else 3, title=title, size=8)
    return figure


def _logarithmic(axes: Axes, run: RunFile, scan: Scan) -> None:
    """Logarithmic axes for parameters with a prior flat in the logarithm, over a decade or more."""
    sides = (axes.xaxis, axes.yaxis)
    for name, values, axis in zip(scan.parameters, scan.axes, sides, strict=False):
        if run.parameter(name).logarithmic and 0.0 < 10.0 * values[0] < values[-1]:
            logarithmic(axis, values[0], values[-1])


def _draw_curve(axes: Axes, run: RunFile, scan: Scan) -> list[Any]:
    """Draw a profile of one parameter; points that did not converge are marked."""
    axis, heights = scan.axes[0], minus_two_delta_log(run, scan)
    top = max(min(float(np.nanmax(heights)) * 1.05, 12.0), 1.2)
    # the line breaks where a point is missing
    handles: list[Any] = list(
        axes.plot(*profile_curve(run.best_fit, scan), color=BAND, marker=".", label="profile")
    )
    poor = (heights <= top) & (scan.status == ScanStatus.NOT_CONVERGED)
    if poor.any():
        handles += axes.plot(
            axis[poor], heights[poor], "x", color=BEST, markersize=7, label="not converged"
        )
    # a little room below zero: a flat profile would lie on the frame
    axes.set_ylim(-0.03 * top, top)
    axes.set_xlim(axis[0], axis[-1])
    for level, text in ((1.0, "1 σ\n68.3 %"), (4.0, "2 σ\n95.4 %")):
        if level < axes.get_ylim()[1]:
            axes.axhline(level, color="#888888", linewidth=0.9, linestyle="--")
            axes.annotate(
                text,
                (1.01, level),
                xycoords=("axes fraction", "data"),
                va="center",
                fontsize=8,
                color="#555555",
            )
    return handles


def _draw_contours(axes: Axes, run: RunFile, scan: Scan) -> list[Any]:
    """Draw the regions of two parameters, their content written in the legend."""
    from matplotlib.colors import to_rgba
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    surface = surface_of(run.best_fit, scan)
    levels = contour_levels()
    inner, outer = to_rgba(BAND, 0.6), to_rgba(BAND, 0.25)
    if len(surface.triangles):
        triangles, lowest = surface.triangulation(), min(-1.0, surface.heights.min() - 1.0)
        axes.tricontourf(
            triangles, surface.heights, levels=[lowest, *levels], colors=[inner, outer]
        )
        axes.tricontour(triangles, surface.heights, levels=levels, colors=[BAND], linewidths=1.2)
        axes.set_xlim(scan.axes[0][0], scan.axes[0][-1])
        axes.set_ylim(scan.axes[1][0], scan.axes[1][-1])
    handles: list[Any] = [
        Patch(facecolor=colour, edgecolor=BAND, label=f"{100 * content:.0f} % content (2D)")
        for content, colour in zip(CONTENTS, (inner, outer), strict=True)
    ]
    failed = scan.status == ScanStatus.FAILED
    poor = ~failed & (scan.status != ScanStatus.CONVERGED)
    poor &= scan.status != ScanStatus.NOT_ASKED
    # A point of zero likelihood, such as one behind a hard bound, is no failure of the scan.
    for where, marker, text in ((poor, "x", "not converged"), (failed, ".", "zero likelihood")):
        if where.any():
            rows, columns = np.nonzero(where)
            style: dict[str, Any] = {
                "color": "#888888",
                "marker": marker,
                "linestyle": "none",
                "label": text,
            }
            axes.plot(scan.axes[0][rows], scan.axes[1][columns], markersize=4, **style)
            handles.append(Line2D([], [], **style))
    return handles


def _inside(run: RunFile, scan: Scan, point: Array) -> Array:
    """A point with every angle turned to where the scan has it."""
    turned = np.array(point, dtype=float)
    for index, name in enumerate(scan.parameters):
        period = run.parameter(name).period
        if np.isfinite(period):
            axis = scan.axes[index]
            turned[index] = nearest(turned[index], 0.5 * (axis[0] + axis[-1]), period)
    return turned


def _draw_points(axes: Axes, run: RunFile, scan: Scan) -> list[Any]:
    """Mark best fit and reference point: lines on a curve, markers among contours."""
    fit = run.best_fit
    if fit is None or any(name not in fit.names for name in scan.parameters):
        return []
    chosen = [fit.names.index(name) for name in scan.parameters]
    handles: list[Any] = []
    reference = np.array([fit.reference_line(name) for name in scan.parameters])
    for point, colour, marker, dashes, text in (
        (fit.values[chosen], BEST, "*", "-", "best fit"),
        (reference, REFERENCE, "D", ":", fit.reference_label),
    ):
        point = _inside(run, scan, point)
        inside = [a[0] <= p <= a[-1] for a, p in zip(scan.axes, point, strict=True)]
        if not all(inside):  # NaN among them
            continue
        if len(chosen) == 1:
            handles.append(axes.axvline(point[0], color=colour, linestyle=dashes, label=text))
            continue
        handles += axes.plot(
            *point,
            marker=marker,
            markersize=12 if marker == "*" else 7,
            color=colour,
            markeredgecolor="white",
            linestyle="none",
            label=text,
            clip_on=False,  # whole also on the frame, where the end of a prior is
            zorder=5,
        )
    return handles
