"""Predicted differential rates with their bands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ....errors import StoreError
from ...records import Prediction
from ...statistics.regions import Marginal
from ...statistics.weights import quantile
from ..palette import BAND, BEST, REFERENCE, label, legend_above, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["rate_figure"]


def rate_figure(
    prediction: Prediction, reference_label: str = "reference", ess: float | None = None
) -> Figure:
    """Draw a predicted spectrum: posterior bands, best fit, reference point.

    Parameters
    ----------
    prediction : Prediction
        With an axis of points or bin edges.
    reference_label : str
        Name of the reference point.
    ess : float, optional
        Smallest effective number of samples of the chain; as many as there are if not given.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    StoreError
        If the prediction has no axis or no values.
    """
    if prediction.axis is None:
        raise StoreError(f"prediction {prediction.name!r} is one number, not a spectrum.")
    parts = (prediction.samples, prediction.best_fit, prediction.reference)
    shown = np.concatenate([values.ravel() for values in parts])
    if not np.isfinite(shown).any():
        raise StoreError(f"prediction {prediction.name!r} has no values to draw.")
    figure = new_figure(6.0, 4.4)
    figure.set_layout_engine("constrained")
    axes = figure.add_subplot()
    handles: list[Any] = []
    if len(prediction.samples):
        marginals = [
            Marginal(column, ess, weights=prediction.weights) for column in prediction.samples.T
        ]
        for content, shade in ((0.95, 0.22), (0.68, 0.5)):
            text = f"posterior, {content:.0%}".replace("%", " %")
            style: dict[str, Any] = {"color": BAND, "alpha": shade, "linewidth": 0.0, "label": text}
            handles.insert(0, _draw_posterior(axes, prediction, marginals, content, style))
    for values, colour, dashes, text in (
        (prediction.best_fit, BEST, "-", "best fit"),
        (prediction.reference, REFERENCE, "--", reference_label),
    ):
        if not np.isfinite(values).any():
            continue
        line: dict[str, Any] = {
            "color": colour,
            "linestyle": dashes,
            "linewidth": 1.6,
            "label": text,
        }
        if prediction.binned:
            handles.append(axes.stairs(values, prediction.axis, baseline=None, **line))
        else:
            handles.extend(axes.plot(prediction.axis, values, **line))
    axes.set_xlim(prediction.axis[0], prediction.axis[-1])
    if not np.any(shown < 0.0):
        axes.set_ylim(bottom=0.0)
    axes.ticklabel_format(axis="y", useMathText=True)
    axes.set_xlabel(label(prediction.axis_latex, prediction.axis_unit))
    axes.set_ylabel(label(prediction.latex, prediction.unit, prediction.name))
    legend_above(axes, handles, 4)
    return figure


def _draw_posterior(
    axes: Axes,
    prediction: Prediction,
    marginals: Sequence[Marginal],
    content: float,
    style: dict[str, Any],
) -> Any:
    """Draw a band of a content: equal tails, or regions where a point has separate modes."""
    axis = prediction.axis
    assert axis is not None
    if not any(marginal.separate for marginal in marginals):
        tails = [0.5 - 0.5 * content, 0.5 + 0.5 * content]
        low, high = quantile(prediction.samples, tails, prediction.weights)
        if prediction.binned:
            return axes.stairs(high, axis, baseline=low, fill=True, **style)
        return axes.fill_between(axis, low, high, **style)
    middles = 0.5 * (axis[1:] + axis[:-1])
    edges = axis if prediction.binned else np.concatenate([axis[:1], middles, axis[-1:]])
    boxes = []
    for left, right, marginal in zip(edges[:-1], edges[1:], marginals, strict=True):
        intervals: Sequence[tuple[float, float]] = marginal.region(content).intervals
        if not marginal.separate:
            intervals = [marginal.interval(content)]
        boxes += [[(left, a), (right, a), (right, b), (left, b)] for a, b in intervals]
    from matplotlib.collections import PolyCollection

    return axes.add_collection(PolyCollection(boxes, **style))
