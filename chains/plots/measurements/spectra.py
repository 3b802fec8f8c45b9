"""Spectra: counts after the fit with data, and predicted differential rates with their bands."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ....errors import StoreError
from ...records import Array, PostFitSpectrum, Prediction
from ...statistics.regions import Marginal
from ...statistics.weights import quantile
from ..palette import BACKGROUNDS, BAND, BEST, REFERENCE, label, legend_above, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["poisson_errors", "post_fit_figure", "rate_figure"]

_CONTENT = 0.6827


def poisson_errors(counts: Array) -> tuple[Array, Array]:
    """Errors of observed counts: distance to the ends of the central 68.27 % interval.

    Garwood's interval, from the quantiles of the gamma distribution (Biometrika 28 (1936) 437).

    Parameters
    ----------
    counts : (k,) array
        Not negative.

    Returns
    -------
    lower, upper : (k,) arrays
        Not negative; the lower one is 0 for no counts.
    """
    from scipy import special

    counts = np.asarray(counts, dtype=float)
    tail = 0.5 * (1.0 - _CONTENT)
    # gammaincinv wants a positive shape; its value for no counts is replaced
    low = np.where(counts > 0, special.gammaincinv(np.maximum(counts, 1e-9), tail), 0.0)
    high = special.gammainccinv(counts + 1.0, tail)
    return counts - low, high - counts


def post_fit_figure(spectra: Sequence[PostFitSpectrum]) -> Figure:
    """Draw counts after the fit: stack above, data minus background below, one column a channel.

    Bins are drawn equally wide, with their ranges written below.

    Parameters
    ----------
    spectra : sequence of PostFitSpectrum
        One or more channels.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    StoreError
        If there are none.
    """
    if not spectra:
        raise StoreError("no post-fit spectra to draw.")
    widths = [_column_width(spectrum) for spectrum in spectra]
    figure = new_figure(sum(widths) + 0.6, 6.2)
    figure.set_layout_engine("constrained")
    grid = figure.add_gridspec(
        2, len(spectra), width_ratios=widths, height_ratios=[2.2, 1.0], hspace=0.03
    )
    for index, spectrum in enumerate(spectra):
        upper = figure.add_subplot(grid[0, index])
        lower = figure.add_subplot(grid[1, index], sharex=upper)
        _draw_stack(upper, spectrum)
        _draw_difference(lower, spectrum)
        _bin_axis(upper, lower, spectrum)
        if index == 0:
            upper.set_ylabel("events per bin")
            lower.set_ylabel("data − background")
    return figure


def _column_width(spectrum: PostFitSpectrum) -> float:
    """Width of the column of a channel, inches."""
    return max(4.5, 0.62 * len(spectrum.data))


def _steps(axes: Axes, heights: Array, bottom: Array | None = None, **style: Any) -> Any:
    """Histogram of bins one wide; `stairs` takes what baseline and heights have in common."""
    return axes.stairs(heights, np.arange(len(heights) + 1), baseline=bottom, **style)


def _draw_stack(axes: Axes, spectrum: PostFitSpectrum) -> None:
    """Draw backgrounds and best-fit signal stacked, the reference as a line, the data."""
    label_reference = f"background + {spectrum.reference_label} signal"
    total = np.zeros(len(spectrum.data))
    handles = []
    for index, (name, counts) in enumerate(spectrum.backgrounds.items()):
        colour = BACKGROUNDS[index % len(BACKGROUNDS)]
        style: dict[str, Any] = {"facecolor": colour, "edgecolor": "white", "linewidth": 0.4}
        handles.append(_steps(axes, total + counts, total, fill=True, label=name, **style))
        total = total + counts
    best = total + spectrum.signal_best
    handles.append(
        _steps(axes, best, total, fill=True, facecolor=BEST, label="signal, best fit", zorder=2)
    )
    handles.append(
        _steps(
            axes,
            total + spectrum.signal_reference,
            None,
            color=REFERENCE,
            linestyle="--",
            label=label_reference,
            zorder=3,
        )
    )
    handles.append(_draw_band(axes, spectrum.total_lower, spectrum.total_upper))
    handles.append(_draw_data(axes, spectrum.data, spectrum.data))
    top = np.max(np.concatenate([best, spectrum.data + poisson_errors(spectrum.data)[1]]))
    axes.set_ylim(0.0, 1.08 * top)
    legend_above(axes, handles, 3, 0.07, spectrum.channel)


def _draw_difference(axes: Axes, spectrum: PostFitSpectrum) -> None:
    """Draw data minus background with the two signals and the band of the total."""
    background = spectrum.background
    axes.axhline(0.0, color="#888888", linewidth=0.8)
    _draw_band(axes, spectrum.total_lower - background, spectrum.total_upper - background)
    _steps(axes, spectrum.signal_best, None, color=BEST, linewidth=1.6, zorder=3)
    _steps(axes, spectrum.signal_reference, None, color=REFERENCE, linestyle="--", zorder=3)
    _draw_data(axes, spectrum.data, spectrum.data - background)


def _draw_band(axes: Axes, lower: Array, upper: Array) -> Any:
    return _steps(
        axes,
        upper,
        lower,
        fill=True,
        facecolor="none",
        edgecolor="#444444",
        hatch="//////",
        linewidth=0.0,
        zorder=2.5,
        label="68 % band of the total",
    )


def _draw_data(axes: Axes, counts: Array, heights: Array) -> Any:
    return axes.errorbar(
        np.arange(len(counts)) + 0.5,
        heights,
        yerr=poisson_errors(counts),
        fmt="o",
        color="black",
        markersize=4,
        linewidth=1.2,
        zorder=4,
        label="data",
    )


def _bin_axis(upper: Axes, lower: Axes, spectrum: PostFitSpectrum) -> None:
    """Label bins with their ranges, and groups of bins above them."""
    edges, groups = spectrum.edges, spectrum.groups
    per_group = len(edges) - 1
    ranges = [f"[{lo:g}, {hi:g}]" for lo, hi in pairwise(edges)]
    lower.set_xlim(0.0, len(spectrum.data))
    lower.set_xticks(np.arange(len(spectrum.data)) + 0.5, ranges * len(groups))
    crowded = 0.07 * max(map(len, ranges)) > _column_width(spectrum) / len(spectrum.data)
    lower.tick_params(axis="x", length=0, labelsize=8, labelrotation=40 if crowded else 0)
    upper.tick_params(axis="x", length=0, labelbottom=False)
    lower.set_xlabel(label(spectrum.axis_latex, spectrum.axis_unit))
    for index, text in enumerate(groups):
        if index:
            for axes in (upper, lower):
                axes.axvline(index * per_group, color="#888888", linewidth=0.8, linestyle=":")
        upper.text(
            (index + 0.5) * per_group,
            1.01,
            text,
            transform=upper.get_xaxis_transform(),
            ha="center",
            va="bottom",
            fontsize=8,
        )


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
