"""Differential rates or polarisations of several runs, over the counts they were fitted to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ....errors import StoreError
from ...records import PostFitSpectrum, Prediction
from ...statistics.weights import quantile
from ..palette import REFERENCE, label, new_figure
from ..style import SIZES
from ..texts import COLOURS, font, legend_of, plain, shrink
from .counts import differences, fit_bin_texts

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["spectra"]


def spectra(
    predictions: Mapping[str, Prediction],
    counts: Mapping[str, PostFitSpectrum] | None = None,
    reference: str = "SM",
    ends: tuple[float, float] | None = None,
    axes: Sequence[Axes] | None = None,
    width: float = SIZES["page"],
) -> list[Axes]:
    """Best fits of runs with their posterior bands of 68 %; data minus background below.

    Parameters
    ----------
    predictions : mapping of str to Prediction
        The same function of q^2 of each run, by the name of the run.
    counts : mapping of str to PostFitSpectrum, optional
        One channel of runs that were fitted to it, in bins of reconstructed q^2: counts, since
        efficiency-corrected rates are not published.
    reference : str
        Name of the reference point of the first run.
    ends : (float, float), optional
        Of the axis of q^2.
    axes : sequence of Axes, optional
        One, and a second one if there are counts; those of a new figure if not given.
    width : float
        Of a new figure, inches.

    Returns
    -------
    list of Axes

    Raises
    ------
    StoreError
        If there are no finite values, or too few axes.
    """
    own, two = axes is None, bool(counts)
    panels = _new_panels(two, width) if axes is None else list(axes)
    if len(panels) < 1 + two:
        raise StoreError(f"{1 + two} axes are needed, {len(panels)} are given.")
    handles = _draw_rates(panels[0], predictions, reference, ends)
    if counts:
        colours = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(predictions)}
        handles += differences(panels[1], counts, colours)
        panels[1].set_ylabel("data − bkg", fontsize=font(1.1))
    legend_of(panels[0], handles, own)
    if own:
        figure: Any = panels[0].get_figure(root=True)
        figure.draw_without_rendering()
        for panel in panels:
            shrink([panel.yaxis.label], panel.get_window_extent().height, upright=True)
        if counts:
            fit_bin_texts(panels[1], panels[1], next(iter(counts.values())))
    return panels[: 1 + two]


def _new_panels(two: bool, width: float) -> list[Axes]:
    tall = 0.62 if width < SIZES["slide"] else 0.4
    figure = new_figure(width, width * tall + (max(1.9, 0.36 * width) if two else 0.3))
    figure.set_layout_engine("constrained")
    if not two:
        return [figure.add_subplot()]
    return list(figure.subplots(2, 1, gridspec_kw={"height_ratios": [1.6, 1.0]}))


def _draw_rates(
    axes: Axes,
    predictions: Mapping[str, Prediction],
    reference: str,
    ends: tuple[float, float] | None,
) -> list[Any]:
    handles: list[Any] = []
    lowest = 0.0
    for index, (name, entry) in enumerate(predictions.items()):
        values = np.concatenate([entry.samples.ravel(), entry.best_fit])
        if entry.axis is None or not np.isfinite(values).any():
            raise StoreError(f"{name}: {entry.name} has no values along q2 to draw.")
        lowest = min(lowest, float(np.nanmin(values)))
        colour = COLOURS[index % len(COLOURS)]
        title = plain(name)
        good = entry.samples[np.isfinite(entry.samples).all(axis=1)]
        if len(good):
            kept = None
            if entry.weights is not None:
                kept = entry.weights[np.isfinite(entry.samples).all(axis=1)]
            low, high = quantile(good, [0.16, 0.84], kept)
            _filled(axes, entry, low, high, colour)
            title += ", best fit and 68 %"
        handles.append(_line(axes, entry, entry.best_fit, colour, "-", title))
    first = next(iter(predictions.values()))
    if np.isfinite(first.reference).any():
        handles.append(_line(axes, first, first.reference, REFERENCE, "--", plain(reference)))
    axis = np.asarray(first.axis)
    axes.set_xlim(*(ends or (axis[0], axis[-1])))
    if lowest >= 0.0:
        axes.set_ylim(bottom=0.0)
    axes.ticklabel_format(axis="y", useMathText=True)
    axes.tick_params(labelsize=font())
    axes.yaxis.get_offset_text().set_fontsize(font())
    axes.set_xlabel(label(first.axis_latex, first.axis_unit), fontsize=font(1.1))
    axes.set_ylabel(label(first.latex, first.unit, first.name), fontsize=font(1.1))
    return handles


def _line(axes: Axes, entry: Prediction, values: Any, colour: str, dashes: str, text: str) -> Any:
    style: dict[str, Any] = {"color": colour, "linestyle": dashes, "linewidth": 1.6, "label": text}
    if entry.binned:
        return axes.stairs(values, entry.axis, baseline=None, **style)
    (line,) = axes.plot(np.asarray(entry.axis), values, **style)
    return line


def _filled(axes: Axes, entry: Prediction, low: Any, high: Any, colour: str) -> None:
    style: dict[str, Any] = {"color": colour, "alpha": 0.25, "linewidth": 0.0}
    if entry.binned:
        axes.stairs(high, entry.axis, baseline=low, fill=True, **style)
    else:
        axes.fill_between(np.asarray(entry.axis), low, high, **style)
