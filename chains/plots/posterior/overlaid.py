"""Runs drawn over each other: posteriors, profiles, spectra."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...records import RunFile
from ...statistics.samples import Posterior
from ...tables.profiles import profile_curve
from ..palette import BAND, BEST, label, legend_above, new_figure, parameter_label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["overlaid_posteriors", "overlaid_profiles", "overlaid_spectra"]

_COLOURS = (BAND, BEST, "#009E73", "#CC79A7", "#E69F00", "#000000", "#56B4E9", "#999933")
_BINS, _MOST = 40, 5
_CONTENTS = (0.95, 0.68)


def overlaid_posteriors(runs: Mapping[str, tuple[RunFile, Posterior]]) -> Figure | None:
    """Marginal distributions of parameters that all runs sampled, and regions of 68 and 95 %.

    Parameters
    ----------
    runs : mapping of str to (RunFile, Posterior)

    Returns
    -------
    matplotlib.figure.Figure or None
        Of the first five parameters; None if the runs have none in common.
    """
    if len(runs) < 2:
        return None
    (record, first), *others = runs.values()
    names = [n for n in first.names if all(n in other.names for _, other in others)]
    free = [n for n in names if record.parameter(n).role in ("model", "auxiliary")] or names
    free = free[:_MOST]
    if not free:
        return None
    size = len(free)
    figure = new_figure(2.4 * size + 1.6, 2.4 * size + 1.6)
    figure.set_layout_engine("constrained")
    panels = figure.subplots(size, size, squeeze=False)
    ends = {name: _ends(name, [one for _, one in runs.values()]) for name in free}
    handles: list[Any] = []
    for colour, (title, (_, samples)) in zip(_cycle(len(runs)), runs.items(), strict=True):
        for row, down in enumerate(free):
            handle = _curve(panels[row, row], samples, down, ends[down], colour)
            if not row:
                handle.set_label(title)
                handles.append(handle)
            for column, across in enumerate(free[:row]):
                _region(panels[row, column], samples, (across, down), ends, colour)
    for above, beside in zip(*np.triu_indices(size, 1), strict=True):
        panels[above, beside].set_axis_off()
    for row, name in enumerate(free):
        panels[-1, row].set_xlabel(parameter_label(record.parameter(name)))
        panels[row, row].set_yticks([])
        if row:
            panels[row, 0].set_ylabel(parameter_label(record.parameter(name)))
    # Of one parameter there is no empty corner, and no region.
    place = {"loc": "upper right", "title": "68, 95 % of the posterior"}
    alone = {"loc": "outside upper center", "ncols": 2, "frameon": False}
    figure.legend(handles=handles, **(place if size > 1 else alone))
    return figure


def overlaid_profiles(runs: Mapping[str, RunFile], parameter: str) -> Figure | None:
    """Profiles of one parameter, each relative to the best point of its own run.

    Parameters
    ----------
    runs : mapping of str to RunFile
    parameter : str

    Returns
    -------
    matplotlib.figure.Figure or None
        None if fewer than two runs have a profile of it.
    """
    found = {
        title: (run, scan)
        for title, run in runs.items()
        for scan in run.scans
        if tuple(scan.parameters) == (parameter,)
    }
    if len(found) < 2:
        return None
    figure = new_figure(5.6, 4.4)
    figure.set_layout_engine("constrained")
    axes = figure.add_subplot()
    handles = []
    for colour, (title, (run, scan)) in zip(_cycle(len(found)), found.items(), strict=True):
        handles += axes.plot(*profile_curve(run.best_fit, scan), color=colour, label=title)
    axes.set_ylim(-0.2, 9.0)
    for level in (1.0, 4.0):
        axes.axhline(level, color="#888888", linewidth=0.9, linestyle="--")
    axes.set_ylabel(r"$-2\,\Delta \ln L$")
    axes.set_xlabel(parameter_label(next(iter(found.values()))[0].parameter(parameter)))
    legend_above(axes, handles, 2, size=8)
    return figure


def overlaid_spectra(runs: Mapping[str, RunFile], prediction: str) -> Figure | None:
    """A predicted spectrum at the best fits.

    Parameters
    ----------
    runs : mapping of str to RunFile
    prediction : str
        Name of a prediction with an axis.

    Returns
    -------
    matplotlib.figure.Figure or None
        None if fewer than two runs have it.
    """
    found = {
        title: one
        for title, run in runs.items()
        for one in run.predictions
        if one.name == prediction and one.axis is not None and len(one.axis) == len(one.best_fit)
    }
    if len(found) < 2:
        return None
    figure = new_figure(5.6, 4.4)
    figure.set_layout_engine("constrained")
    axes = figure.add_subplot()
    handles = []
    for colour, (title, one) in zip(_cycle(len(found)), found.items(), strict=True):
        handles += axes.plot(np.asarray(one.axis), one.best_fit, color=colour, label=title)
    some = next(iter(found.values()))
    axes.set_xlabel(r"$q^2$ [GeV$^2$]")
    axes.set_ylabel(label(some.latex, some.unit, some.name))
    axes.set_ylim(bottom=0.0)
    legend_above(axes, handles, 2, size=8)
    return figure


def _cycle(count: int) -> list[str]:
    return [_COLOURS[index % len(_COLOURS)] for index in range(count)]


def _ends(name: str, samples: Sequence[Posterior]) -> tuple[float, float]:
    """Ends between which all posteriors have nearly all of their samples."""
    ends = [np.quantile(one.column(name), (0.002, 0.998)) for one in samples]
    low, high = min(one[0] for one in ends), max(one[1] for one in ends)
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def _curve(axes: Any, samples: Posterior, name: str, ends: tuple[float, float], colour: str) -> Any:
    heights, edges = np.histogram(
        samples.column(name), _BINS, ends, weights=samples.weights, density=True
    )
    centres = 0.5 * (edges[1:] + edges[:-1])
    (handle,) = axes.plot(centres, heights, color=colour, drawstyle="steps-mid")
    axes.set_xlim(*ends)
    return handle


def _region(
    axes: Any,
    samples: Posterior,
    names: tuple[str, str],
    ends: Mapping[str, tuple[float, float]],
    colour: str,
) -> None:
    """Contours that hold 95 and 68 % of the samples."""
    from scipy.ndimage import gaussian_filter

    across, down = (samples.column(name) for name in names)
    box = [ends[name] for name in names]
    counts, x, y = np.histogram2d(across, down, _BINS, box, weights=samples.weights)
    density = gaussian_filter(counts, 1.0)
    order = np.sort(density, axis=None)[::-1]
    sums = np.cumsum(order) / order.sum()
    levels = [float(order[np.searchsorted(sums, content)]) for content in _CONTENTS]
    if levels[0] < levels[1] < order[0]:
        centres = 0.5 * (x[1:] + x[:-1]), 0.5 * (y[1:] + y[:-1])
        axes.contour(*centres, density.T, levels=levels, colors=colour, linestyles=("--", "-"))
    axes.set_xlim(*ends[names[0]])
    axes.set_ylim(*ends[names[1]])
