"""Expected errors and significance against luminosity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...records.projections import Projected, Projection
from ..palette import BAND, BEST, logarithmic, new_figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["projection_figure"]

_COLOURS = {"statistical": "#009E73", "published": BAND, "scaled": BEST}


def projection_figure(found: Projection) -> Figure:
    """One panel for the error of each parameter, and one for the significance if there is a null.

    Parameters
    ----------
    found : Projection

    Returns
    -------
    matplotlib.figure.Figure
    """
    names = [entry.name for entry in found.points[0].errors]
    panels = len(names) + bool(found.null) + bool(found.rival)
    figure = new_figure(5.6, 1.0 + 2.6 * panels)
    figure.set_layout_engine("constrained")
    axes = figure.subplots(panels, 1, sharex=True, squeeze=False)[:, 0]
    for assumption in dict.fromkeys(point.assumption for point in found.points):
        points = sorted(
            (one for one in found.points if one.assumption == assumption),
            key=lambda one: one.luminosity,
        )
        style = {"color": _COLOURS[assumption], "marker": "o", "label": assumption}
        crosses = {"color": _COLOURS[assumption], "marker": "x", "linestyle": ""}
        places = [one.luminosity for one in points]
        for index, panel in enumerate(axes[: len(names)]):
            panel.plot(places, [one.errors[index].error for one in points], **style)
            panel.plot(places, [one.errors[index].spread for one in points], **crosses)
        if found.null:
            _discovery(axes[len(names)], points, style)
        if found.rival:
            axes[-1].plot(places, [one.separation for one in points], **style)
            axes[-1].plot(places, [one.separation_toys for one in points], **crosses)
    for name, panel in zip(names, axes, strict=False):
        panel.set_ylabel(f"error of {name}".replace("$", r"\$"))
        panel.set_ylim(bottom=0.0)
    if found.null:
        axes[len(names)].set_ylabel(f"significance against {found.null}")
        panel = axes[len(names)]
        low, high = panel.dataLim.intervaly
        if 0.0 < low < high < np.inf:
            logarithmic(panel.yaxis, low, high)
    if found.rival:
        axes[-1].set_ylabel(f"separation from {found.rival}".replace("$", r"\$"))
        axes[-1].set_ylim(bottom=0.0)
    places = [one.luminosity for one in found.points]
    logarithmic(axes[-1].xaxis, min(places), max(places))
    axes[-1].set_xlabel(r"luminosity [ab$^{-1}$]")
    title = f"truth: {found.truth}" + ("; crosses: toys" if found.toys else "")
    axes[0].legend(title=title, fontsize=8)
    return figure


def _discovery(panel: Axes, points: Sequence[Projected], style: Mapping[str, Any]) -> None:
    """Expected significance, and the median of toys with 68.27 %."""
    places = [one.luminosity for one in points]
    panel.plot(places, [one.sigma for one in points], **style)
    low, middle, high = np.array([one.sigma_toys for one in points]).T
    if np.isfinite(middle).any():
        errors = [middle - low, high - middle]
        panel.errorbar(places, middle, errors, color=style["color"], fmt="x", capsize=3)
