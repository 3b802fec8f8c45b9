"""Limits along a scan: curves, with bands for one parameter, or contours against two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ....errors import StoreError
from ...records import Array, LimitScan, RunFile
from ...tables.limits import METHODS
from ..palette import (
    BAND,
    BEST,
    REFERENCE,
    WARNING,
    label,
    legend_above,
    logarithmic,
    new_figure,
    parameter_label,
    unit_text,
)
from ..placement import escaped, place_legend
from ..planes.grids import SERIES, in_ratios, tidy_ticks
from ..style import SIZES, on_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["limit_bands", "limit_figure"]

# Up to so many values of one of two scanned parameters are curves against the other.
_FEW = ((REFERENCE, "-"), (BAND, "--"), (BEST, "-."), (WARNING, ":"))


def limit_figure(run: RunFile, limits: LimitScan) -> Figure:
    """Draw limits of the highest level against one scanned parameter, or contours against two.

    A curve for each value where one of two parameters has four or fewer.

    Parameters
    ----------
    run : RunFile
        Gives labels.
    limits : LimitScan

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    StoreError
        If nothing was scanned, or no limit is finite.
    """
    if not limits.drawable or not np.isfinite(limits.upper).any():
        raise StoreError(f"limits on {limits.parameter}: nothing to draw.")
    figure = new_figure(5.6, 4.6)
    figure.set_layout_engine("constrained")
    axes = figure.add_subplot()
    handles, heading, columns = _drawn(axes, run, limits)
    legend_above(axes, handles, columns, title=heading, size=9)
    return figure


def limit_bands(
    entries: Sequence[tuple[str, RunFile, LimitScan]],
    *,
    axes: Axes | None = None,
    width: float = SIZES["page"],
) -> Axes:
    """Draw limits against a scanned parameter, those of several runs over each other.

    One entry is drawn with the bands of limits that are expected; of several, each has its colour,
    the limits expected dashed.

    Parameters
    ----------
    entries : sequence of (str, RunFile, LimitScan)
        Name in the legend, the run that gives labels, and its limits.
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
        If there is nothing to draw, or several entries have other rates or axes than the first.
    """
    first, run, limits = entries[0]
    for name, _, other in entries:
        if not other.drawable or not np.isfinite(other.upper).any():
            raise StoreError(f"{name}: limits on {other.parameter}: nothing to draw.")
    panel = on_axes(axes, width)
    if len(entries) == 1:
        handles, heading, _ = _drawn(panel, run, limits)
        _scanned_axis(panel, run, limits)
        place_legend(panel, handles, heading, axes is None)
        return panel
    handles = []
    for number, (name, _, other) in enumerate(entries):
        mine = (other.parameter, other.unit, other.axes, int((other.shape > 1).sum()))
        if mine != (limits.parameter, limits.unit, limits.axes, 1):
            raise StoreError(
                f"{name} has limits on {other.parameter} against {', '.join(other.axes)}, {first} "
                f"on {limits.parameter} against {', '.join(limits.axes)}: only those of one rate "
                "along the same single axis can be shown together."
            )
        handles += _one_of_many(panel, name, other, SERIES[number % len(SERIES)])
    every = np.concatenate([other.upper[:, int(other.levels.argmax())] for _, _, other in entries])
    _heights(panel, every[np.isfinite(every)])
    panel.set_ylabel(parameter_label(run.parameter(limits.parameter)))
    _scanned_axis(panel, run, limits)
    panel.set_xlabel(parameter_label(run.parameter(limits.axes[int(limits.shape.argmax())])))
    place_legend(panel, handles, own=axes is None)
    return panel


def _one_of_many(axes: Axes, name: str, limits: LimitScan, colour: str) -> list[Any]:
    """Observed and expected limits of one of several runs."""
    along, k = int(limits.shape.argmax()), int(limits.levels.argmax())
    order = limits.points[:, along].argsort()
    x = limits.points[order, along]
    shown = np.where(np.isfinite(limits.upper), limits.upper, np.nan)[order, k]
    median = np.where(np.isfinite(limits.expected), limits.expected, np.nan)[order, k, 2]
    method = METHODS.get(limits.method, limits.method)
    text = f"{escaped(name)}: {method}, {100.0 * limits.levels[k]:g} %"
    handles: list[Any] = axes.plot(x, shown, color=colour, label=text)
    if np.isfinite(median).any():
        axes.plot(x, median, "--", color=colour, linewidth=0.9)
    return handles


def _scanned_axis(axes: Axes, run: RunFile, limits: LimitScan) -> None:
    """A logarithmic axis where the scan goes in equal ratios."""
    along = int(limits.shape.argmax()) if int((limits.shape > 1).sum()) == 1 else 0
    if in_ratios(run, limits.axes[along], np.unique(limits.points[:, along])):
        axes.set_xscale("log")
        tidy_ticks(axes)


def _drawn(axes: Axes, run: RunFile, limits: LimitScan) -> tuple[list[Any], str, int]:
    """Draw limits of one run; handles, title and columns of the legend."""
    along = int(limits.shape.argmax())
    if int((limits.shape > 1).sum()) == 1:
        found = _curves(axes, run, limits, along)
    elif int(limits.shape.min()) > len(_FEW):
        along = 0
        found = _contours(axes, run, limits)
    else:
        found = _few(axes, run, limits, along)
    axes.set_xlabel(parameter_label(run.parameter(limits.axes[along])))
    return found


def _at(run: RunFile, limits: LimitScan, axis: int, value: float) -> str:
    """Value of a scanned parameter, with its symbol and unit."""
    record = run.parameter(limits.axes[axis])
    unit = "" if record.unit in ("", "1") else f" {unit_text(record.unit)}"
    return f"{label(record.latex, name=record.name)} = {value:g}{unit}"


def _few(axes: Axes, run: RunFile, limits: LimitScan, along: int) -> tuple[list[Any], str, int]:
    """Observed limits as a curve for each value of the other parameter, expected ones thin."""
    from matplotlib.lines import Line2D

    k, values = int(limits.levels.argmax()), limits.points[:, 1 - along]
    handles: list[Any] = []
    for value, (colour, style) in zip(np.unique(values), _FEW, strict=False):
        rows = np.flatnonzero(values == value)
        rows = rows[limits.points[rows, along].argsort()]
        x, upper = limits.points[rows, along], limits.upper[rows, k]
        name = _at(run, limits, 1 - along, value)
        shown = np.where(np.isfinite(upper), upper, np.nan)
        handles += axes.plot(x, shown, style, color=colour, label=name)
        median = np.where(np.isfinite(limits.expected), limits.expected, np.nan)[rows, k, 2]
        if np.isfinite(median).any():
            axes.plot(x, median, style, color=colour, linewidth=0.8, alpha=0.6)
        if limits.method == "feldman-cousins":
            axes.fill_between(x, limits.lower[rows, k], shown, color=colour, alpha=0.12)
    if np.isfinite(limits.expected).any():
        handles.append(Line2D([], [], color=REFERENCE, linewidth=0.8, alpha=0.6, label="expected"))
    _heights(axes, limits.upper[:, k][np.isfinite(limits.upper[:, k])])
    axes.set_ylabel(parameter_label(run.parameter(limits.parameter)))
    heading = f"{METHODS.get(limits.method, limits.method)}, {100.0 * limits.levels[k]:g} %"
    return handles, heading, 3


def _heights(axes: Axes, positive: Array, lowest: float = np.inf) -> None:
    """A logarithmic axis where limits differ by more than a factor of 20."""
    if positive.max() > 20.0 * positive.min() > 0.0:
        bottom = 0.2 * min(float(positive.min()), lowest)
        logarithmic(axes.yaxis, bottom, axes.get_ylim()[1])
        axes.set_ylim(bottom=bottom)


def _curves(axes: Axes, run: RunFile, limits: LimitScan, along: int) -> tuple[list[Any], str, int]:
    from matplotlib.patches import Patch

    order = limits.points[:, along].argsort()
    x, k = limits.points[order, along], int(limits.levels.argmax())
    upper = np.where(np.isfinite(limits.upper), limits.upper, np.nan)[order, k]
    level = f"{100.0 * limits.levels[k]:g} %"
    handles: list[Any] = []
    expected = np.where(np.isfinite(limits.expected), limits.expected, np.nan)[order, k]
    if np.isfinite(expected).any():
        for first, last, alpha in ((0, 4, 0.18), (1, 3, 0.35)):
            axes.fill_between(
                x, expected[:, first], expected[:, last], color=BAND, alpha=alpha, linewidth=0
            )
        handles += axes.plot(x, expected[:, 2], "--", color=BAND, label="expected")
        handles += [
            Patch(color=BAND, alpha=0.45, label="± 1σ"),
            Patch(color=BAND, alpha=0.18, label="± 2σ"),
        ]
    handles += axes.plot(x, upper, color=REFERENCE, label="observed")
    if limits.method == "feldman-cousins":
        axes.fill_between(x, limits.lower[order, k], upper, color=BAND, alpha=0.2, linewidth=0)
    handles += axes.plot(x, limits.best[order], ":", color=BEST, label="best fit")
    _heights(axes, upper[np.isfinite(upper)], float(np.fmin.reduce(expected[:, 0], initial=np.inf)))
    axes.set_ylabel(parameter_label(run.parameter(limits.parameter)))
    heading = f"{METHODS.get(limits.method, limits.method)}, {level}"
    for other in range(len(limits.axes)):
        if other != along:
            heading += f", {_at(run, limits, other, float(limits.points[0, other]))}"
    return handles, heading, 5


def _contours(axes: Axes, run: RunFile, limits: LimitScan) -> tuple[list[Any], str, int]:
    """Lines on which the observed and the median expected limit have the same values."""
    from matplotlib.lines import Line2D

    k = int(limits.levels.argmax())
    first, second = (limits.points[:, i].reshape(tuple(limits.shape)) for i in (0, 1))
    observed = np.where(np.isfinite(limits.upper), limits.upper, np.nan)[:, k]
    heights = np.quantile(observed[np.isfinite(observed)], (0.1, 0.3, 0.5, 0.7, 0.9))
    levels = sorted({float(f"{value:.2g}") for value in heights.tolist()})
    shown = axes.contour(
        first, second, observed.reshape(first.shape), levels=levels, colors=REFERENCE
    )
    axes.clabel(shown, fontsize=8)
    handles: list[Any] = [Line2D([], [], color=REFERENCE, label="observed")]
    median = np.where(np.isfinite(limits.expected), limits.expected, np.nan)[:, k, 2]
    if np.isfinite(median).any():
        axes.contour(
            first, second, median.reshape(first.shape), levels=levels, colors=BAND,
            linestyles="dashed",
        )  # fmt: skip
        handles.append(Line2D([], [], color=BAND, linestyle="--", label="expected"))
    axes.set_ylabel(parameter_label(run.parameter(limits.axes[1])))
    level = f"{100.0 * limits.levels[k]:g} %"
    name = parameter_label(run.parameter(limits.parameter))
    return handles, f"{name} excluded above, {level}", 2
