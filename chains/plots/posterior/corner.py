"""The corner plot of a run: one- and two-dimensional marginal posteriors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ....errors import StoreError, UnknownNameError
from ...records import Array, BestFit, ParameterRecord, RunFile
from ...records.arrays import kish
from ...statistics.diagnostics import Verdict
from ...statistics.modes import nearest
from ...statistics.regions import Marginal
from ...statistics.samples import Posterior, posterior
from ...statistics.weights import quantile
from ...tables.rounding import format_interval, format_measured
from ..palette import BAND, BEST, REFERENCE, WARNING, legend_above, new_figure, parameter_label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["corner"]

LEVELS = (0.68, 0.95)
_SHADES = (0.6, 0.25)
_BINS = 40
# With this many bins one bin of smoothing widens a 68 % contour by about one percent.
_SMOOTH = 1.0


def corner(
    run: RunFile,
    parameters: Sequence[str] | None = None,
    *,
    verdict: Verdict | None = None,
    discard: int | None = None,
) -> Figure:
    """Draw the marginal posteriors of parameters, with best fit and reference point.

    Contours hold 68 and 95 % of the probability in two dimensions (not the 39 and 86 % of one and
    two standard deviations); the legend says so.

    Parameters
    ----------
    run : RunFile
    parameters : sequence of str, optional
        Sampled parameters to show; by default those of the model and auxiliary ones, or all if
        there are none.
    verdict : Verdict, optional
        Marks the picture "not converged" if that is its word, and gives the burn-in.
    discard : int, optional
        Burn-in in stored steps, if not that of the verdict.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    StoreError
        If the run has no samples or too few.
    UnknownNameError
        If a parameter was not sampled.
    """
    import corner as corner_package
    from matplotlib.colors import to_rgba

    if discard is None and verdict is not None:
        discard = verdict.burn_in
    samples = posterior(run, discard, None if verdict is None else verdict.ess)
    names = _chosen(run, samples, parameters)
    records = [run.parameter(name) for name in names]
    columns = np.column_stack([samples.column(name) for name in names])
    count = len(columns) if samples.weights is None else kish(samples.weights)
    if count < max(10, 2 * len(names)):
        what = "samples" if samples.weights is None else "effective samples"
        raise StoreError(f"run {run.name!r} has {count:.3g} {what}, too few for a picture.")
    marginals = [samples.marginal(record) for record in records]
    columns, best, reference = _unrolled(marginals, columns, *_points(run.best_fit, names))
    size = 2.2 * len(names) + 1.2 if len(names) > 1 else 5.0
    figure = new_figure(size, size)
    corner_package.corner(
        columns,
        fig=figure,
        range=[
            _limits(*args, samples.weights)
            for args in zip(columns.T, records, best, reference, strict=True)
        ],
        weights=samples.weights,
        bins=_BINS,
        smooth=_SMOOTH,
        levels=LEVELS,
        labels=[parameter_label(record) for record in records],
        label_kwargs={"fontsize": 12},
        color=BAND,
        labelpad=-0.06,
        max_n_ticks=4,
        plot_datapoints=False,
        plot_density=False,
        fill_contours=True,
        contour_kwargs={"linewidths": 1.2, "colors": [BAND]},
        contourf_kwargs={"colors": [to_rgba(BAND, shade) for shade in (0.0, *reversed(_SHADES))]},
        quiet=True,
    )
    axes = np.array(figure.axes).reshape(len(names), len(names))
    _decorate(axes, columns, marginals, best, reference)
    if len(names) == 1:
        figure.subplots_adjust(left=0.06, right=0.96, bottom=0.14, top=0.8)
        axes[0, 0].tick_params(axis="x", labelrotation=0)
        axes[0, 0].xaxis.set_label_coords(0.5, -0.09)
    _legend(figure, run, verdict, best, reference, marginals)
    return figure


def _chosen(run: RunFile, samples: Posterior, parameters: Sequence[str] | None) -> tuple[str, ...]:
    if parameters is None:
        kinds = ("model", "auxiliary")
        own = tuple(name for name in samples.names if run.parameter(name).role in kinds)
        return own or samples.names
    for name in parameters:
        if name not in samples.names:
            raise UnknownNameError("sampled parameter", name, samples.names)
    return tuple(parameters)


def _points(fit: BestFit | None, names: Sequence[str]) -> tuple[Array, Array]:
    """Best fit and reference point of the parameters shown; NaN where there is none.

    Nor is there a reference where nothing depends on a parameter, as on a mass without a coupling.
    """
    best, reference = np.full(len(names), np.nan), np.full(len(names), np.nan)
    for index, name in enumerate(names):
        if fit is not None and name in fit.names:
            best[index] = fit.values[fit.names.index(name)]
            reference[index] = fit.reference_line(name)
    return best, reference


def _unrolled(
    marginals: Sequence[Marginal], columns: Array, best: Array, reference: Array
) -> tuple[Array, Array, Array]:
    """Columns and points with every angle over the period that begins where samples are fewest."""
    columns, best, reference = (np.array(entry) for entry in (columns, best, reference))
    for index, marginal in enumerate(marginals):
        if marginal.period is not None:
            lower, upper = marginal.window
            columns[:, index] = lower + np.mod(columns[:, index] - lower, marginal.period)
            for point in (best, reference):
                point[index] = nearest(point[index], 0.5 * (lower + upper), marginal.period)
    return columns, best, reference


def _limits(
    values: Array, record: ParameterRecord, best: float, reference: float, weights: Array | None
) -> tuple[float, float]:
    """Range of an axis: nearly all samples, best fit and a reference point that is not far."""
    lower, upper = quantile(values, [0.001, 0.999], weights)
    width = upper - lower
    if width <= 0.0:
        width = abs(lower) or 1.0
        return float(lower - 0.5 * width), float(lower + 0.5 * width)
    near = [p for p in (best, reference) if lower - width < p < upper + width]
    lower, upper = min([lower, *near]), max([upper, *near])
    margin = 0.08 * (upper - lower)
    lower, upper = lower - margin, upper + margin
    if np.isfinite(record.period):
        return float(lower), float(upper)
    # beyond the bounds of the prior there is nothing to see, and no density to smooth into
    if lower < record.lower < values.min() + margin:
        lower = record.lower
    if upper > record.upper > values.max() - margin:
        upper = record.upper
    return float(lower), float(upper)


def _decorate(
    axes: Array, columns: Array, marginals: Sequence[Marginal], best: Array, reference: Array
) -> None:
    """Add the two points to all panels, and what is said of one parameter to the diagonal ones."""
    count = len(axes)
    for row in range(count):
        panel = axes[row, row]
        title = _interval(panel, columns[:, row], marginals[row])
        if count > 1:
            panel.set_title(title, fontsize=10 if len(title) < 40 else 7)
        for value, colour, dashes in ((reference[row], REFERENCE, ":"), (best[row], BEST, "-")):
            if np.isfinite(value):
                panel.axvline(value, color=colour, linestyle=dashes, linewidth=1.4)
        for column in range(row):
            for point, colour, marker in ((reference, REFERENCE, "D"), (best, BEST, "*")):
                axes[row, column].plot(
                    point[column],
                    point[row],
                    marker=marker,
                    color=colour,
                    markersize=11 if marker == "*" else 6,
                    markeredgecolor="white",
                    linestyle="none",
                    zorder=5,
                )
    for panel in axes.flat:
        panel.tick_params(labelsize=9)
    for panel in (*axes[-1, :], *axes[1:, 0]):
        for axis in (panel.xaxis, panel.yaxis):
            formatter: Any = axis.get_major_formatter()
            if hasattr(formatter, "set_useOffset"):
                formatter.set_useOffset(False)


def _interval(panel: Any, values: Array, marginal: Marginal) -> str:
    """Shade the 68 % interval of one parameter, mark its median, and say both in a text.

    With separate modes it is the region of highest density, and there is no median.
    """
    style: dict[str, Any] = {"color": BAND, "alpha": 0.15, "linewidth": 0.0}
    if marginal.separate:
        found = marginal.region(0.68).intervals
        for low, high in _within(found, marginal):
            panel.axvspan(low, high, **style)
        # line by line: a title may be as long as a panel is wide
        texts = [format_interval(*ends) for ends in found]
        return "\n".join(" ∪ ".join(texts[at : at + 2]) for at in range(0, len(texts), 2))
    if marginal.period is None:
        low, middle, high = quantile(values, [0.16, 0.5, 0.84], marginal.weights)
        text = format_measured(middle, middle - low, high - middle, "latex")
    else:
        ((low, high),), middle = marginal.region(0.68).intervals, marginal.location
        text = format_measured(middle, middle - low, high - middle, "latex")
        ((low, high),) = _within(((low, high),), marginal)
        middle = float(nearest(middle, 0.5 * (low + high), marginal.period))
    panel.axvspan(low, high, **style)
    panel.axvline(middle, color=BAND, linestyle="--", linewidth=1.2)
    return text


def _within(
    intervals: Sequence[tuple[float, float]], marginal: Marginal
) -> list[tuple[float, float]]:
    """Intervals where the picture shows them: those of an angle over the period drawn."""
    if marginal.period is None:
        return list(intervals)
    middle = 0.5 * sum(marginal.window)
    shifted = []
    for low, high in intervals:
        centre = float(nearest(0.5 * (low + high), middle, marginal.period))
        half = 0.5 * (high - low)
        shifted.append((centre - half, centre + half))
    return shifted


def _legend(
    figure: Figure,
    run: RunFile,
    verdict: Verdict | None,
    best: Array,
    reference: Array,
    marginals: Sequence[Marginal],
) -> None:
    """Say what contours, lines and markers are, in the empty corner."""
    from matplotlib.colors import to_rgba
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    count = len(marginals)
    handles: list[Any] = [
        Patch(
            facecolor=to_rgba(BAND, shade),
            edgecolor=BAND,
            label=f"{100 * level:.0f} % of the probability (2D)",
        )
        for level, shade in zip(LEVELS, _SHADES, strict=True)
        if count > 1
    ]
    split = any(marginal.separate for marginal in marginals)
    interval = "68 % interval or region (1D)" if split else "68 % interval (1D)"
    handles.append(Patch(facecolor=to_rgba(BAND, 0.15), label=interval))
    kinds = {"mean direction" if one.period else "median" for one in marginals if not one.separate}
    if kinds:
        text = " or ".join(sorted(kinds, reverse=True))
        handles.append(Line2D([], [], color=BAND, linestyle="--", label=text))
    markers: tuple[tuple[str, Array, str, str, Any], ...] = (
        ("best fit", best, BEST, "*", "-"),
        (_reference(run), reference, REFERENCE, "D", ":"),
    )
    for text, point, colour, marker, dashes in markers:
        known = np.isfinite(point).sum()
        if known:
            shape = marker if known > 1 else None  # of one coordinate there are lines alone
            handles.append(Line2D([], [], color=colour, linestyle=dashes, marker=shape, label=text))
    poor = verdict is not None and not verdict.converged
    title = "not converged" if poor else None
    if count == 1:
        legend = legend_above(figure.axes[0], handles, 2, title=title)
    else:
        legend = figure.legend(
            handles=handles,
            loc="upper right",
            bbox_to_anchor=(0.99, 0.99),
            frameon=False,
            fontsize=9 if count < 3 else 11,
            title=title,
            title_fontsize=13,
        )
    legend.get_title().set(color=WARNING, weight="bold")


def _reference(run: RunFile) -> str:
    return run.best_fit.reference_label if run.best_fit is not None else ""
