"""Counts after the fit with the data: stacks, data minus background, pulls of bins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ....errors import StoreError
from ...records import Array, PostFitSpectrum
from ..palette import BACKGROUNDS, BEST, REFERENCE, label, legend_above, new_figure
from ..style import SIZES
from ..texts import COLOURS, font, legend_of, plain, shrink

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "bin_pulls",
    "bins",
    "differences",
    "fit_bin_texts",
    "poisson_errors",
    "post_fit_figure",
]

_CONTENT = 0.6827
_FILLS = (*BACKGROUNDS, "#AA4499", "#117733", "#88CCEE", "#661100")


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


def bin_pulls(data: Array, expected: Array) -> Array:
    """Signed root of the Poisson deviance of counts: sign(n - nu) sqrt(2 (n ln(n/nu) - n + nu)).

    For many events (n - nu) / sqrt(nu). It is relative to the expectation of the fit, to which
    nuisance parameters were fitted: where they follow the data, pulls are small.

    Parameters
    ----------
    data : (k,) array
        Counts, not negative.
    expected : (k,) array
        Counts; NaN is returned where an expectation is not positive and there are events.

    Returns
    -------
    (k,) array
    """
    from scipy.special import xlogy

    n, nu = np.asarray(data, dtype=float), np.asarray(expected, dtype=float)
    good = (nu > 0.0) | (n == 0.0)
    safe = np.where(nu > 0.0, nu, 1.0)
    deviance = xlogy(n, n / safe) - n + np.maximum(nu, 0.0)
    pulls: Array = np.where(
        good, np.sign(n - nu) * np.sqrt(2.0 * np.maximum(deviance, 0.0)), np.nan
    )
    return pulls


def bins(
    spectra: Sequence[PostFitSpectrum],
    name: str = "best fit",
    others: Mapping[str, Sequence[PostFitSpectrum]] | None = None,
    axes: Sequence[Axes] | None = None,
    width: float = SIZES["page"],
) -> list[Axes]:
    """Counts after the fit: stack, data minus background, pull of each bin (`bin_pulls`).

    Parameters
    ----------
    spectra : sequence of PostFitSpectrum
        One or more channels.
    name : str
        Of the run that they are of.
    others : mapping of str to sequence of PostFitSpectrum, optional
        Of other runs with the same channels, by name: their signals and pulls are drawn too.
    axes : sequence of Axes, optional
        Three for each channel, from top to bottom; those of a new figure if not given.
    width : float
        Of a new figure, inches.

    Returns
    -------
    list of Axes
        Three for each channel.

    Raises
    ------
    StoreError
        If there are no channels, or not three axes for each.
    """
    if not spectra:
        raise StoreError("no post-fit spectra to draw.")
    own = axes is None
    panels = _bin_panels(len(spectra), width) if axes is None else list(axes)
    if len(panels) != 3 * len(spectra):
        raise StoreError(
            f"{len(spectra)} channels need {3 * len(spectra)} axes, not {len(panels)}."
        )
    fills = _fills(spectra)
    handles: dict[str, Any] = {}
    for index, spectrum in enumerate(spectra):
        three = panels[3 * index : 3 * index + 3]
        runs = {name: spectrum, **_same_channel(spectrum, others or {})}
        handles |= {
            each.get_label(): each for each in _draw_bins(three, spectrum, fills, len(runs))
        }
        handles |= {each.get_label(): each for each in _draw_runs(three, runs)}
    legend_of(panels[0], list(handles.values()), own)
    figure: Any = panels[0].get_figure(root=True)
    if own:
        figure.draw_without_rendering()
        for index, spectrum in enumerate(spectra):
            _fit_bins(panels[3 * index : 3 * index + 3], spectrum)
    return panels


def _bin_panels(channels: int, width: float) -> list[Axes]:
    """Panels of a new figure: channels side by side if it is wide, else one below the other."""
    beside = width >= SIZES["slide"]
    rows, columns = (1, channels) if beside else (channels, 1)
    figure = new_figure(width, 0.62 * width)
    figure.set_layout_engine("constrained")
    if not beside:
        figure.set_size_inches(width, rows * max(3.4 * font() / 8.0, 0.7 * width))
    parts = np.ravel(figure.subfigures(rows, columns, squeeze=False))
    panels: list[Axes] = []
    for part in parts:
        ratios = {"height_ratios": [2.0, 1.2, 0.9]}
        panels += list(part.subplots(3, 1, sharex=True, gridspec_kw=ratios))
    return panels


def _fills(spectra: Sequence[PostFitSpectrum]) -> dict[str, str]:
    """Colour of each background: the same one in all channels."""
    names = dict.fromkeys(name for spectrum in spectra for name in spectrum.backgrounds)
    return {name: _FILLS[index % len(_FILLS)] for index, name in enumerate(names)}


def _same_channel(
    spectrum: PostFitSpectrum, others: Mapping[str, Sequence[PostFitSpectrum]]
) -> dict[str, PostFitSpectrum]:
    return {
        name: entry
        for name, entries in others.items()
        for entry in entries
        if entry.channel == spectrum.channel and entry.data.shape == spectrum.data.shape
    }


def _draw_bins(
    axes: Sequence[Axes], spectrum: PostFitSpectrum, fills: Mapping[str, str], runs: int
) -> list[Any]:
    """Stack of backgrounds and best signal, bands and data in the two upper panels."""
    upper, middle, _ = axes
    total, handles = np.zeros(len(spectrum.data)), []
    for name, counts in spectrum.backgrounds.items():
        style: dict[str, Any] = {"facecolor": fills[name], "edgecolor": "white", "linewidth": 0.3}
        handles.append(_steps(upper, total + counts, total, fill=True, label=name, **style))
        total = total + counts
    best = total + spectrum.signal_best
    text = "signal, best fit" if runs == 1 else None
    stacked = _steps(upper, best, total, fill=True, facecolor=BEST, label=text, zorder=2)
    handles += [stacked] if runs == 1 else []
    handles.append(_draw_band(upper, spectrum.total_lower, spectrum.total_upper))
    handles.append(_draw_data(upper, spectrum.data, spectrum.data))
    upper.set_ylim(
        0.0, 1.08 * np.max([*best, *(spectrum.data + poisson_errors(spectrum.data)[1]), 1e-9])
    )
    middle.axhline(0.0, color="#888888", linewidth=0.8)
    _draw_band(middle, spectrum.total_lower - total, spectrum.total_upper - total)
    _draw_data(middle, spectrum.data, spectrum.data - total)
    dashed = f"{plain(spectrum.reference_label)} signal"
    handles.append(
        _steps(
            middle,
            spectrum.signal_reference,
            color=REFERENCE,
            linestyle="--",
            zorder=3,
            label=dashed,
        )
    )
    return handles


def _draw_runs(axes: Sequence[Axes], runs: Mapping[str, PostFitSpectrum]) -> list[Any]:
    """Signals of runs in the middle panel, pulls of their bins below."""
    upper, middle, lower = axes
    handles: list[Any] = []
    for band, shade in ((2.0, "#EEEEEE"), (1.0, "#DDDDDD")):
        lower.axhspan(-band, band, color=shade, linewidth=0.0, zorder=0)
    lower.axhline(0.0, color="#888888", linewidth=0.8)
    largest, step = 2.4, 0.7 / len(runs)
    spectrum = next(iter(runs.values()))
    places = np.arange(len(spectrum.data)) + 0.5
    for index, (name, entry) in enumerate(runs.items()):
        colour = BEST if len(runs) == 1 else COLOURS[(index + 1) % len(COLOURS)]
        text = "" if len(runs) == 1 else f"signal, {plain(name)}"
        line = _steps(middle, entry.signal_best, color=colour, linewidth=1.6, zorder=3, label=text)
        handles += [line] if text else []
        values = bin_pulls(entry.data, entry.background + entry.signal_best)
        at = places + (index - 0.5 * (len(runs) - 1)) * step
        lower.bar(at, values, width=0.85 * step, color=colour, zorder=2)
        largest = max(largest, *np.abs(values[np.isfinite(values)]))
    lower.set_ylim(-1.1 * largest, 1.1 * largest)
    _label_bins(axes, spectrum)
    upper.set_ylabel("events", fontsize=font(1.1))
    middle.set_ylabel("data − bkg", fontsize=font(1.1))
    lower.set_ylabel("pull", fontsize=font(1.1))
    upper.get_figure().align_ylabels(list(axes))  # type: ignore[union-attr]
    return handles


def _label_bins(axes: Sequence[Axes], spectrum: PostFitSpectrum) -> None:
    """Ranges below the bins, groups above them, channel above all."""
    upper, lower = axes[0], axes[-1]
    per_group, groups = len(spectrum.edges) - 1, spectrum.groups
    ranges = [f"[{low:g}, {high:g}]" for low, high in pairwise(spectrum.edges)] * len(groups)
    lower.set_xlim(0.0, len(spectrum.data))
    lower.set_xticks(np.arange(len(ranges)) + 0.5, ranges, fontsize=font())
    for panel in axes:
        panel.tick_params(axis="x", length=0, labelbottom=panel is lower)
        panel.tick_params(axis="y", labelsize=font())
        panel.locator_params(axis="y", nbins=4)
        for edge in range(1, len(groups)):
            panel.axvline(edge * per_group, color="#888888", linewidth=0.8, linestyle=":")
    lower.set_xlabel(label(spectrum.axis_latex, spectrum.axis_unit), fontsize=font(1.1))
    lines = 0
    for index, text in enumerate(groups):
        shown = text.replace(" in ", "\n")
        lines = max(lines, shown.count("\n") + 1 if shown else 0)
        upper.text(
            (index + 0.5) * per_group, 1.02, shown, transform=upper.get_xaxis_transform(),
            ha="center", va="bottom", fontsize=font(0.9), gid="group",
        )  # fmt: skip
    upper.set_title(plain(spectrum.channel), fontsize=font(1.1), pad=4 + 1.3 * lines * font(0.9))


def _fit_bins(axes: Sequence[Axes], spectrum: PostFitSpectrum) -> None:
    for panel in axes:
        shrink([panel.yaxis.label], panel.get_window_extent().height, upright=True)
    fit_bin_texts(axes[0], axes[-1], spectrum)


def fit_bin_texts(upper: Axes, lower: Axes, spectrum: PostFitSpectrum) -> None:
    """Make groups of bins above and ranges below fit into panels as they were laid out."""
    room = upper.get_window_extent().width
    groups = [text for text in upper.texts if text.get_gid() == "group"]
    shrink(groups, 0.94 * room / len(spectrum.groups))
    ticks = lower.get_xticklabels()
    size = float(ticks[0].get_fontsize())
    shrink(ticks, 0.92 * room / len(ticks))
    if float(ticks[0].get_fontsize()) < 0.75 * size:  # upright they stay legible
        lower.tick_params(axis="x", labelrotation=90)
        for text in ticks:
            text.set_fontsize(size)


def differences(
    axes: Axes, runs: Mapping[str, PostFitSpectrum], colours: Mapping[str, str]
) -> list[Any]:
    """Data minus background of the first run, signals of all.

    Parameters
    ----------
    axes : Axes
    runs : mapping of str to PostFitSpectrum
        One channel.
    colours : mapping of str to str
        Of the signals.

    Returns
    -------
    list of artists
        For a legend.
    """
    first = next(iter(runs.values()))
    axes.axhline(0.0, color="#888888", linewidth=0.8)
    total = first.background
    band = _draw_band(axes, first.total_lower - total, first.total_upper - total)
    for name, entry in runs.items():
        _steps(axes, entry.signal_best, color=colours[name], linewidth=1.6, zorder=3)
    _steps(axes, first.signal_reference, color=REFERENCE, linestyle="--", zorder=3)
    data = _draw_data(axes, first.data, first.data - total)
    _label_bins([axes], first)
    return [data, band]


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
