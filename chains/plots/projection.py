"""Expected errors and significance against luminosity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..records.projections import Projection
from .palette import BAND, BEST, new_figure

if TYPE_CHECKING:
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
    panels = len(names) + bool(found.null)
    figure = new_figure(5.6, 1.0 + 2.6 * panels)
    figure.set_layout_engine("constrained")
    axes = figure.subplots(panels, 1, sharex=True, squeeze=False)[:, 0]
    for assumption in dict.fromkeys(point.assumption for point in found.points):
        points = sorted(
            (one for one in found.points if one.assumption == assumption),
            key=lambda one: one.luminosity,
        )
        style = {"color": _COLOURS[assumption], "marker": "o", "label": assumption}
        places = [one.luminosity for one in points]
        for index, panel in enumerate(axes[: len(names)]):
            panel.plot(places, [one.errors[index].error for one in points], **style)
        if found.null:
            axes[-1].plot(places, [one.sigma for one in points], **style)
    for name, panel in zip(names, axes, strict=False):
        panel.set_ylabel(f"error of {name}".replace("$", r"\$"))
        panel.set_ylim(bottom=0.0)
    if found.null:
        axes[-1].set_ylabel(f"significance against {found.null}")
        if np.isfinite([one.sigma for one in found.points]).any():
            axes[-1].set_yscale("log")
    axes[-1].set_xscale("log")
    axes[-1].set_xlabel(r"luminosity [ab$^{-1}$]")
    axes[0].legend(title=f"truth: {found.truth}", fontsize=8)
    return figure
