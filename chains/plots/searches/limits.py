"""Limits along a scan: curves, with bands for one parameter, or contours against two."""

from __future__ import annotations

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

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["limit_figure"]

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
    along = int(limits.shape.argmax())
    if int((limits.shape > 1).sum()) == 1:
        _curves(axes, run, limits, along)
    elif int(limits.shape.min()) > len(_FEW):
        along = 0
        _contours(axes, run, limits)
    else:
        _few(axes, run, limits, along)
    axes.set_xlabel(parameter_label(run.parameter(limits.axes[along])))
    return figure


def _at(run: RunFile, limits: LimitScan, axis: int, value: float) -> str:
    """Value of a scanned parameter, with its symbol and unit."""
    record = run.parameter(limits.axes[axis])
    unit = "" if record.unit in ("", "1") else f" {unit_text(record.unit)}"
    return f"{label(record.latex, name=record.name)} = {value:g}{unit}"


def _few(axes: Axes, run: RunFile, limits: LimitScan, along: int) -> None:
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
    legend_above(axes, handles, 3, title=heading, size=9)


def _heights(axes: Axes, positive: Array, lowest: float = np.inf) -> None:
    """A logarithmic axis where limits differ by more than a factor of 20."""
    if positive.max() > 20.0 * positive.min() > 0.0:
        bottom = 0.2 * min(float(positive.min()), lowest)
        logarithmic(axes.yaxis, bottom, axes.get_ylim()[1])
        axes.set_ylim(bottom=bottom)


def _curves(axes: Axes, run: RunFile, limits: LimitScan, along: int) -> None:
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
    legend_above(axes, handles, 5, title=heading, size=9)


def _contours(axes: Axes, run: RunFile, limits: LimitScan) -> None:
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
    handles = [Line2D([], [], color=REFERENCE, label="observed")]
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
    legend_above(axes, handles, 2, title=f"{name} excluded above, {level}", size=9)
