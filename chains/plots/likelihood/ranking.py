"""Nuisance parameters with the largest impacts on a parameter: pulls and impacts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ....errors import StoreError
from ...records.ranking import Ranking
from ..palette import BAND, BEST, label, new_figure
from ..style import SIZES
from ..texts import font, legend_of, plain, shrink

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ranking"]

_LINE = 1.6


def ranking(
    found: Ranking,
    most: int = 20,
    axes: Sequence[Axes] | None = None,
    width: float = SIZES["page"],
) -> list[Axes]:
    """Pulls of nuisance parameters and their impacts on a parameter, the largest impacts on top.

    Parameters
    ----------
    found : Ranking
    most : int
        How many are shown.
    axes : sequence of two Axes, optional
        For pulls and for impacts; those of a new figure if not given.
    width : float
        Of a new figure, inches.

    Returns
    -------
    list of Axes

    Raises
    ------
    StoreError
        If there are no nuisance parameters, or not two axes.
    """
    names = found.names[:most]
    if not names:
        raise StoreError(f"{found.term} has no nuisance parameters.")
    own = axes is None
    size = font(1.0 if len(names) <= 30 else 0.7)
    if axes is None:
        height = (len(names) * _LINE * size + 5.0 * font()) / 72.0
        figure = new_figure(width, height)
        figure.set_layout_engine("constrained")
        panels = list(figure.subplots(1, 2, sharey=True))
    else:
        panels = list(axes)
    if len(panels) != 2:
        raise StoreError(f"a ranking needs 2 axes, not {len(panels)}.")
    handles = [
        *_draw_pulls(panels[0], found, len(names)),
        *_draw_impacts(panels[1], found, len(names)),
    ]
    panels[0].set_yticks(range(len(names)), [plain(name, 42) for name in names], fontsize=size)
    panels[0].set_ylim(len(names) - 0.4, -0.6)
    panels[1].set_ylim(len(names) - 0.4, -0.6)
    for panel in panels:
        panel.tick_params(axis="y", length=0)
        panel.tick_params(axis="x", labelsize=font())
        panel.locator_params(axis="x", nbins=4)
    panels[0].set_xlabel(r"$(\hat\theta - \theta_0)/\sigma_0$", fontsize=font(1.1))
    name = label(found.latex, found.unit, found.parameter)
    panels[1].set_xlabel(f"Δ {name}", fontsize=font(1.1))
    if own:
        root: Any = panels[0].get_figure(root=True)
        shrink(panels[0].get_yticklabels(), 0.4 * root.bbox.width)
        for panel in panels:
            shrink([panel.xaxis.label], 0.28 * root.bbox.width)
    legend_of(panels[0], handles, own)
    return panels


def _draw_pulls(axes: Axes, found: Ranking, number: int) -> list[Any]:
    for band, shade in ((2.0, "#EEEEEE"), (1.0, "#DDDDDD")):
        axes.axvspan(-band, band, color=shade, linewidth=0.0, zorder=0)
    axes.axvline(0.0, color="#888888", linewidth=0.8, zorder=1)
    known = np.isfinite(found.pull[:number])
    rows, pulls = np.flatnonzero(known), found.pull[:number][known]
    errors = found.constraint[:number][known]
    reach = max(2.2, *(1.1 * (abs(pulls) + errors))) if len(rows) else 2.2
    axes.set_xlim(-reach, reach)
    if not len(rows):
        return []
    return [
        axes.errorbar(
            pulls, rows, xerr=errors, fmt="ko", markersize=3.5, linewidth=1.1, label="pull"
        )
    ]


def _draw_impacts(axes: Axes, found: Ranking, number: int) -> list[Any]:
    rows = np.arange(number)
    handles: list[Any] = [
        axes.barh(rows, found.impact[:number, side], height=0.7, color=colour, label=text, zorder=2)
        for side, colour, text in (
            (1, BAND, r"$\hat\theta + \sigma$"),
            (0, BEST, r"$\hat\theta - \sigma$"),
        )
    ]
    axes.axvline(0.0, color="#888888", linewidth=0.8, zorder=1)
    shown = [found.impact[:number]]
    if np.isfinite(found.refitted[:number]).any():
        for side in (0, 1):
            (line,) = axes.plot(
                found.refitted[:number, side], rows, "|", color="black", markersize=9, mew=1.6,
                zorder=3, label="refitted",
            )  # fmt: skip
        handles.append(line)
        shown.append(found.refitted[:number])
    reach = 1.15 * float(np.nanmax(np.abs(np.concatenate(shown))))
    axes.set_xlim(-reach or -1.0, reach or 1.0)
    return handles
