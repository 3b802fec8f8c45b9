"""The simulation that a likelihood reweights, and the spectrum that the best fit makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ....errors import StoreError
from ...records import SupportReport
from ..palette import BAND, BEST, WARNING, unit_text
from ..placement import escaped, place_legend
from ..style import SIZES, on_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["simulation_support"]


def simulation_support(
    report: SupportReport,
    *,
    axes: Axes | None = None,
    width: float = SIZES["page"],
) -> Axes:
    """Draw the density of simulated events in q2 and that of the spectrum made of them.

    Both are events per GeV^2 of generated q2, all analysis bins together, normalised to one: the
    simulation as it is, and with the weights of the best fit. Bins whose weights change more
    inside than is allowed are marked, and peaks narrower than a bin.

    Parameters
    ----------
    report : SupportReport
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
        If there are no simulated events, or the spectrum puts none of its events on them.
    """
    edges, events = report.q2_edges, np.nan_to_num(report.simulated_events)
    signal = events * np.nan_to_num(report.weights)
    if not events.sum() > 0.0:
        raise StoreError(f"{report.term}: no simulated events are known.")
    if not (np.isfinite(signal).all() and signal.sum() > 0.0):
        raise StoreError(f"{report.term}: the spectrum of the best fit has no events to draw.")
    panel, sizes = on_axes(axes, width), np.diff(edges)
    handles: list[Any] = [
        panel.stairs(
            events / events.sum() / sizes, edges, fill=True, color=BAND, alpha=0.3,
            label=f"simulated, {events.sum():.3g} events",
        ),
        panel.stairs(
            signal / signal.sum() / sizes, edges, color=BEST, linewidth=1.8,
            label="spectrum of the best fit",
        ),
    ]  # fmt: skip
    if len(report.changed_bins):
        for index in report.changed_bins.tolist():
            shown = panel.axvspan(edges[index], edges[index + 1], color=WARNING, alpha=0.1, lw=0)
        shown.set_label("weight changes inside the bin")
        handles.append(shown)
    for position, _ in report.peaks[:, :2].tolist():
        line = panel.axvline(position, color=WARNING, linestyle=":", linewidth=1.2)
    if len(report.peaks):
        line.set_label("peak narrower than a bin")
        handles.append(line)
    panel.set_xlim(edges[0], edges[-1])
    panel.set_ylim(bottom=0.0)
    panel.set_xlabel(f"generated $q^2$ [{unit_text('GeV^2')}]")
    panel.set_ylabel(f"part of the events [{unit_text('GeV^-2')}]")
    word = "supported" if report.supported else "not supported"
    place_legend(panel, handles, f"{escaped(report.term)}: {word}", axes is None)
    return panel
