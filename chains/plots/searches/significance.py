"""p-values of excesses: local and global along one axis of a scan, the local one over two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ....errors import StoreError
from ...records import Array, RunFile, ScanSignificance
from ...statistics.excesses import local_probability
from ...tables.global_significance import global_curve
from ..palette import BAND, BEST, REFERENCE, legend_above, new_figure, parameter_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["significance_figure"]

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
    if not found.drawable:
        raise StoreError(f"significance of {found.parameter}: nothing to draw.")
    figure = new_figure(5.6, 4.6)
    figure.set_layout_engine("constrained")
    axes = figure.add_subplot()
    if len(found.axes) == 2:
        _area(axes, run, found)
    else:
        _curves(axes, found)
    axes.set_xlabel(parameter_label(run.parameter(found.axes[0])))
    return figure


def _curves(axes: Axes, found: ScanSignificance) -> None:
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
    heading = f"probability of as large an excess of {found.parameter}"
    legend_above(axes, handles, 3, title=heading, size=9)


def _area(axes: Axes, run: RunFile, found: ScanSignificance) -> None:
    """Local significance, and its place."""
    first, second = (found.points[:, i].reshape(tuple(found.shape)) for i in (0, 1))
    sigmas: Array = np.sqrt(found.statistic).reshape(first.shape)
    shown = axes.pcolormesh(first, second, sigmas, shading="nearest", cmap="Blues")
    axes.figure.colorbar(shown, ax=axes, label="local significance [σ]")
    place = found.points[found.place]
    handles = axes.plot(*place, "x", color=BEST, label="largest")
    axes.set_ylabel(parameter_label(run.parameter(found.axes[1])))
    p = f"{found.global_p:.2g}" if found.global_p else f"below {found.global_error:.2g}"
    legend_above(axes, handles, 1, title=f"local p {found.local_p:.2g}, anywhere {p}", size=9)
