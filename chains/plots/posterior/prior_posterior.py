"""Priors against posteriors, parameter by parameter, and the pulls of constrained ones."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ....errors import StoreError, UnknownNameError
from ...records import Array, ForeignChain, RunFile
from ...records.prior_densities import PriorDensity
from ...statistics.samples import Posterior
from ...statistics.weights import deviation, mean
from ..frames import Frame, frame_of
from ..legends import fitted
from ..palette import BAND, REFERENCE, new_figure
from ..style import SIZES
from ..subjects import Subject, colour_of, distinct_subjects, records_of
from ..ticks import fit_text, font_size, room_of, set_ticks
from .densities import density_curve

__all__ = ["prior_posterior", "pull_of"]

_EDGE, _GAP = 5.0, 9.0
# A panel is not narrower than this, in fonts of ticks.
_NARROW = 9.0


def pull_of(samples: Posterior, prior: PriorDensity) -> tuple[float, float]:
    """Shift of the posterior mean from a measured centre and its width, in units of its error.

    Parameters
    ----------
    samples : Posterior
    prior : PriorDensity
        Normal.

    Returns
    -------
    shift, width : float
        0 and 1 if the data say nothing.
    """
    column = samples.column(prior.name)
    shift = (mean(column, samples.weights) - prior.centre) / prior.sigma
    return shift, deviation(column, samples.weights) / prior.sigma


def prior_posterior(
    run: Subject,
    parameters: Sequence[str] | None = None,
    *,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    axes: Sequence[Any] | None = None,
    width: float = SIZES["page"],
) -> Array:
    """Draw prior and posterior of each parameter, with the pulls of those that were measured.

    Parameters
    ----------
    run : Subject
        With priors.
    parameters : sequence of str, optional
        All that were sampled by default.
    ranges : mapping of str to (low, high), optional
        Ends of axes.
    axes : sequence of Axes, optional
        One for each parameter; those of a new figure by default.
    width : float
        Of a new figure, inches.

    Returns
    -------
    (n,) array of Axes

    Raises
    ------
    StoreError
        If there are no samples, or not as many axes as parameters.
    UnknownNameError
        If a parameter was not sampled.
    """
    (subject,) = distinct_subjects(run)
    samples = subject.posterior(())
    if samples is None:
        raise StoreError(
            f"run {subject.run.name!r} has no samples: 'bsinv sample FILE.h5' makes them."
        )
    names = tuple(parameters) if parameters else samples.names
    for name in names:
        if name not in samples.names:
            raise UnknownNameError("sampled parameter", name, samples.names)
    if not any(subject.prior(name) is not None for name in names):
        raise StoreError(f"no prior of {', '.join(names)} is given.")
    records = records_of([subject], names)
    frames = [
        frame_of(record, [subject], [samples], (ranges or {}).get(record.name))
        for record in records
    ]
    frames = [_wider(f, subject.prior(f.record.name), ranges or {}) for f in frames]
    own = axes is None
    panels = _grid(len(names), width) if axes is None else np.array(list(axes), dtype=object)
    if len(panels) != len(names):
        raise StoreError(f"{len(panels)} axes for {len(names)} parameters.")
    pulled = [_panel(p, f, subject, samples) for p, f in zip(panels, frames, strict=True)]
    _legend(panels, subject, any(pulled), own)
    return panels


def _wider(
    frame: Frame, prior: PriorDensity | None, ranges: Mapping[str, tuple[float, float]]
) -> Frame:
    """Ends that show three standard deviations of a measured prior."""
    if prior is None or not math.isfinite(prior.sigma) or frame.record.name in ranges:
        return frame
    low = max(prior.centre - 3.0 * prior.sigma, frame.record.lower)
    high = min(prior.centre + 3.0 * prior.sigma, frame.record.upper)
    return Frame(frame.record, min(frame.low, low), max(frame.high, high), frame.logarithmic)


def _sizes() -> tuple[float, float]:
    return font_size("xtick.labelsize"), font_size("axes.labelsize")


def _grid(count: int, width: float) -> Array:
    """Panels side by side, as many as are not too narrow, at most six in a row."""
    total = 72.0 * width
    tick, name = _sizes()
    columns = int(np.clip((total - 2.0 * _EDGE) // (_NARROW * tick), 1, min(count, 6)))
    rows = -(-count // columns)
    panel = (total - 2.0 * _EDGE - (columns - 1) * _GAP) / columns
    tick, name = min(tick, 0.11 * panel), min(name, max(0.12 * panel, 5.0))
    tall, below = 0.62 * panel, 1.8 * tick + 2.2 * name
    height = rows * (tall + below + 1.5 * name) + 2.0 * _EDGE
    figure = new_figure(width, height / 72.0)
    made = np.empty(count, dtype=object)
    for index in range(count):
        row, column = divmod(index, columns)
        top = _EDGE + row * (tall + below + 1.5 * name) + 1.5 * name
        box = (
            (_EDGE + column * (panel + _GAP)) / total,
            1.0 - (top + tall) / height,
            panel / total,
            tall / height,
        )
        made[index] = figure.add_axes(box)
    return made


def _panel(panel: Any, frame: Frame, subject: Subject, samples: Posterior) -> bool:
    """One parameter; whether its pull is told."""
    name, colour = frame.record.name, colour_of(0)
    x, density = density_curve(samples, frame)
    peak = float(density.max()) or 1.0
    panel.fill_between(x, density / peak, color=colour, alpha=0.25, linewidth=0.0)
    panel.plot(x, density / peak, color=colour)
    prior = subject.prior(name)
    if prior is not None:
        heights = np.array(prior.density)
        if prior.logarithmic and not frame.logarithmic:
            heights = heights / prior.values
        elif frame.logarithmic and not prior.logarithmic:
            heights = heights * prior.values
        panel.plot(frame.turned(prior.values), heights / peak, "--", color=REFERENCE, linewidth=1.1)
    tick, font = _sizes()
    across = room_of(panel)[0]
    font = min(font, max(0.12 * across, 5.0))
    tick = min(tick, 0.11 * across)
    if frame.logarithmic:
        panel.set_xscale("log")
    panel.set_xlim(*frame.ends)
    panel.set_ylim(0.0, 1.12)
    panel.set_yticks([])
    set_ticks(panel.xaxis, frame.ends, across, tick, frame.logarithmic)
    panel.tick_params(axis="x", pad=2.0, length=2.5)
    panel.set_xlabel(frame.text(), fontsize=font, labelpad=1.5)
    fit_text(panel.xaxis.label, across)
    if prior is None or not math.isfinite(prior.sigma):
        return False
    shift, width = pull_of(samples, prior)
    text = f"{shift:+.2f}, {width:.2f}".replace("-", "−")
    panel.set_title(text, fontsize=min(0.85 * font, tick), pad=2.0)
    fit_text(panel.title, across)
    return True


def _legend(panels: Array, subject: Subject, pulled: bool, own: bool) -> None:
    from matplotlib.colors import to_rgba
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    told = "posterior"
    if isinstance(subject.run, RunFile | ForeignChain) and subject.text.endswith("(not converged)"):
        told += " (not converged)"
    handles: list[Any] = [
        Patch(facecolor=to_rgba(BAND, 0.25), edgecolor=BAND, label=told),
        Line2D([], [], color=REFERENCE, linestyle="--", linewidth=1.1, label="prior"),
    ]
    if pulled:
        words = "above: shift, width / prior's σ"
        handles.append(Line2D([], [], color="none", label=words))
    if not own:
        panels[0].legend(handles=handles, frameon=False)
        return
    from ..panels import taller

    figure: Any = panels[0].get_figure(root=True)
    total = 72.0 * figure.get_size_inches()[0]
    texts = [str(handle.get_label()) for handle in handles]
    columns, size = fitted(texts, total - 2.0 * _EDGE, 3)
    more = (1.35 * -(-len(handles) // columns) + 0.8) * size
    taller(figure, more)
    height = 72.0 * figure.get_size_inches()[1]
    figure.legend(
        handles=handles,
        loc="upper center",
        bbox_to_anchor=(0.5, 1.0 - 0.5 * _EDGE / height),
        ncol=columns,
        fontsize=size,
        frameon=False,
        borderaxespad=0.0,
        handlelength=1.8,
        handletextpad=0.6,
        columnspacing=1.4,
    )
