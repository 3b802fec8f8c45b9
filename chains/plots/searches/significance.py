"""p-values of excesses: local and global along one axis of a scan, the local one over two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ....errors import StoreError
from ...records import Array, RunFile, ScanSignificance
from ...statistics.excesses import local_probability
from ...tables.global_significance import global_curve
from ..palette import BAND, BEST, REFERENCE, legend_above, new_figure, parameter_label
from ..placement import escaped, place_legend
from ..planes.grids import in_ratios, tidy_ticks
from ..style import SIZES, on_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["excess_probability", "significance_figure"]

# Standard deviations at which lines are drawn.
_SIGMAS = (1, 2, 3, 4, 5)


def significance_figure(run: RunFile, found: ScanSignificance) -> Figure:
    """Draw the p-values along one scanned parameter, or the local one over two.

    Parameters
    ----------
    run : RunFile
        Gives labels.
    found : ScanSignificance

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    StoreError
        If nothing was scanned.
    """
    figure = new_figure(5.6, 4.6)
    figure.set_layout_engine("constrained")
    axes = figure.add_subplot()
    handles, heading = _drawn(axes, run, found)
    legend_above(axes, handles, 3, title=heading, size=9)
    return figure


def excess_probability(
    run: RunFile,
    found: ScanSignificance,
    *,
    axes: Axes | None = None,
    width: float = SIZES["page"],
) -> Axes:
    """Draw what `significance_figure` draws, on given axes or on those of a new figure.

    Parameters
    ----------
    run : RunFile
        Gives labels.
    found : ScanSignificance
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
        If nothing was scanned.
    """
    panel = on_axes(axes, width)
    handles, heading = _drawn(panel, run, found)
    if in_ratios(run, found.axes[0], np.unique(found.points[:, 0])):
        panel.set_xscale("log")
        tidy_ticks(panel)
    place_legend(panel, handles, heading, axes is None)
    return panel


def _drawn(axes: Axes, run: RunFile, found: ScanSignificance) -> tuple[list[Any], str]:
    """Draw p-values; handles and title of the legend."""
    if not found.drawable:
        raise StoreError(f"significance of {found.parameter}: nothing to draw.")
    told = _area(axes, run, found) if len(found.axes) == 2 else _curves(axes, found)
    axes.set_xlabel(parameter_label(run.parameter(found.axes[0])))
    return told


def _curves(axes: Axes, found: ScanSignificance) -> tuple[list[Any], str]:
    """Local p, and the part of the toys with an excess as large anywhere."""
    from scipy.special import ndtr

    x = found.points[:, 0]
    # Where the best rate is zero there is no excess: half of all data are so.
    local = np.minimum(local_probability(found.statistic), 0.5)
    anywhere = global_curve(found)
    shown = np.where(anywhere > 0.0, anywhere, np.nan)
    handles: list[Any] = axes.plot(x, local, color=REFERENCE, label="local")
    handles += axes.plot(x, shown, color=BAND, label=f"anywhere, {found.toys} toys")
    if np.isfinite(found.bound):
        place = found.points[found.place, 0]
        handles += axes.plot(place, found.bound, "v", color=BEST, label="bound of the largest")
    lowest = 0.3 * min(float(np.nanmin(np.concatenate([local, shown]))), float(ndtr(-1)))
    for sigma in _SIGMAS:
        p = float(ndtr(-sigma))
        if p > lowest:
            axes.axhline(p, color=REFERENCE, linewidth=0.5, alpha=0.4, linestyle=":")
            axes.annotate(f"{sigma}σ", (1.01, p), xycoords=("axes fraction", "data"), fontsize=8,
                          va="center")  # fmt: skip
    axes.set_yscale("log")
    axes.set_ylim(lowest, 1.3)
    axes.set_ylabel("p-value")
    return handles, f"probability of as large an excess of {escaped(found.parameter)}"


def _area(axes: Axes, run: RunFile, found: ScanSignificance) -> tuple[list[Any], str]:
    """Local significance, and its place."""
    first, second = (found.points[:, i].reshape(tuple(found.shape)) for i in (0, 1))
    sigmas: Array = np.sqrt(found.statistic).reshape(first.shape)
    shown = axes.pcolormesh(first, second, sigmas, shading="nearest", cmap="Blues")
    axes.figure.colorbar(shown, ax=axes, label="local significance [σ]")
    place = found.points[found.place]
    handles = axes.plot(*place, "x", color=BEST, label="largest")
    axes.set_ylabel(parameter_label(run.parameter(found.axes[1])))
    p = f"{found.global_p:.2g}" if found.global_p else f"below {found.global_error:.2g}"
    return list(handles), f"local p {found.local_p:.2g}, anywhere {p}"
