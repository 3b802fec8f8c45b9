"""Limits along a scan: curves with bands of one and two sigma, or exclusion contours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import StoreError
from ..records import LimitScan, RunFile
from ..tables.limits import METHODS
from .palette import BAND, BEST, REFERENCE, legend_above, new_figure, parameter_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["limit_figure"]


def limit_figure(run: RunFile, limits: LimitScan) -> Figure:
    """Draw limits of the highest level against one scanned parameter, or contours against two.

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
    if len(limits.axes) == 2:
        _contours(axes, run, limits)
    else:
        _curves(axes, run, limits)
    axes.set_xlabel(parameter_label(run.parameter(limits.axes[0])))
    return figure


def _curves(axes: Axes, run: RunFile, limits: LimitScan) -> None:
    from matplotlib.patches import Patch

    order = limits.points[:, 0].argsort()
    x, k = limits.points[order, 0], int(limits.levels.argmax())
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
    positive = upper[np.isfinite(upper)]
    if positive.max() > 20.0 * positive.min() > 0.0:
        axes.set_yscale("log")
        axes.set_ylim(bottom=0.2 * np.nanmin(np.append(expected[:, 0], positive)))
    axes.set_ylabel(parameter_label(run.parameter(limits.parameter)))
    heading = f"{METHODS.get(limits.method, limits.method)}, {level}"
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
