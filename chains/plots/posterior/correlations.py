"""Correlation matrix of the parameters of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ....errors import StoreError, UnknownNameError
from ...records import Array, ForeignChain, RunFile
from ..palette import label, new_figure
from ..style import SIZES
from ..subjects import Subject, distinct_subjects
from ..ticks import fit_text, font_size, room_of, text_height, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["correlation_of", "correlations"]

# Numbers in cells are not smaller than this, in points; a cell holds "−0.25".
_SMALLEST = 4.0
# Points: before the scale of colours, of it, and what its texts take in units of their font.
_BESIDE, _BAR, _TEXTS = 6.0, 9.0, 3.4


def correlation_of(
    subject: Subject, parameters: Sequence[str] | None = None, posterior: bool = False
) -> tuple[tuple[str, ...], Array]:
    """Correlations of parameters, of the covariance of HESSE or of the posterior.

    Parameters
    ----------
    subject : Subject
    parameters : sequence of str, optional
        All by default.
    posterior : bool

    Returns
    -------
    names : tuple of n str
    matrix : (n, n) array
        NaN for a parameter that does not vary.

    Raises
    ------
    StoreError
        If the run has no best fit with a covariance, or no samples.
    UnknownNameError
        If a parameter is not among them.
    """
    fit = None if isinstance(subject.run, ForeignChain) else subject.run.best_fit
    if posterior:
        samples = subject.posterior(parameters or ())
        if samples is None:
            raise StoreError(
                f"run {subject.run.name!r} has no samples: 'bsinv sample FILE.h5' makes them."
            )
        known = samples.names
        points = samples.samples
        centred = points - np.average(points, axis=0, weights=samples.weights)
        part = np.full(len(points), 1.0 / len(points))
        weights = part if samples.weights is None else samples.weights
        covariance = (centred * weights[:, None]).T @ centred
    elif fit is None or not np.isfinite(fit.covariance).any():
        raise StoreError(
            f"run {subject.run.name!r} has no best fit with a covariance; 'bsinv fit …' makes one "
            "(or --show posterior)."
        )
    else:
        known, covariance = fit.names, fit.covariance
    names = tuple(parameters) if parameters else known
    for name in names:
        if name not in known:
            raise UnknownNameError("parameter", name, known)
    rows = [known.index(name) for name in names]
    chosen = covariance[np.ix_(rows, rows)]
    scale = np.sqrt(np.diag(chosen))
    with np.errstate(divide="ignore", invalid="ignore"):
        matrix: Array = np.clip(chosen / np.outer(scale, scale), -1.0, 1.0)
    return names, matrix


def correlations(
    run: Subject | RunFile | ForeignChain,
    parameters: Sequence[str] | None = None,
    *,
    posterior: bool = False,
    axes: Axes | None = None,
    width: float = SIZES["page"],
) -> Axes:
    """Draw the correlation matrix of parameters, with numbers in the cells if there is room.

    Parameters
    ----------
    run : Subject, RunFile or ForeignChain
    parameters : sequence of str, optional
        All free ones by default.
    posterior : bool
        Of the samples; else of the covariance at the best fit.
    axes : Axes, optional
        To draw on; those of a new figure by default.
    width : float
        Of a new figure, inches.

    Returns
    -------
    Axes

    Raises
    ------
    StoreError, UnknownNameError
        As for `correlation_of`.
    """
    (subject,) = distinct_subjects(run)
    names, matrix = correlation_of(subject, parameters, posterior)
    texts = [_name(subject, name) for name in names]
    axes, cell, size = _placed(axes, texts, width)
    image = axes.imshow(np.ma.masked_invalid(matrix), cmap="RdBu_r", vmin=-1.0, vmax=1.0)
    axes.set_facecolor("#DDDDDD")
    number = min(0.75 * size, cell / text_width("−0.25", 1.0) * 0.9)
    if number >= _SMALLEST:
        for row, column in np.ndindex(matrix.shape):
            value = float(matrix[row, column])
            text = "–" if np.isnan(value) else f"{round(value, 2) + 0.0:.2f}".replace("-", "−")
            colour = "white" if abs(value) > 0.65 else "black"
            axes.text(column, row, text, ha="center", va="center", fontsize=number, color=colour)
    places = np.arange(len(names))
    axes.set_yticks(places, texts, fontsize=size)
    axes.set_xticks(places, texts, fontsize=size, rotation=90)
    axes.tick_params(length=0.0, pad=2.0)
    for side in axes.spines.values():
        side.set_linewidth(0.6)
    _bar(axes, image, max(size, 5.0), "posterior" if posterior else "best fit")
    return axes


def _name(subject: Subject, name: str) -> str:
    record = subject.record(name)
    return label("" if record is None else record.latex, "", name)


def _placed(axes: Axes | None, texts: list[str], width: float) -> tuple[Axes, float, float]:
    """Axes, width of a cell and size of the names, both in points."""
    count = len(texts)
    given = font_size("ytick.labelsize")
    if axes is not None:
        cell = min(room_of(axes)) / count
        return axes, cell, min(given, 0.65 * cell)
    total = 72.0 * width
    bar = _BESIDE + _BAR + _TEXTS * given + 9.0
    size = given
    tallest = 1.15 * max(text_height(text, 10.0) for text in texts) / 10.0
    for _ in range(4):  # names and cells share the width
        longest = max(text_width(text, 10.0) for text in texts) / 10.0
        left = min(longest * size + 8.0, 0.45 * total)
        cell = (total - left - bar) / count
        # names of a parameter or two in large cells are still those of ticks
        size = max(min(given, cell / tallest, (0.45 * total - 8.0) / longest), 2.5)
    left = min(longest * size + 8.0, 0.45 * total)
    side = min(cell * count, 0.75 * total)
    height = side + left + 6.0
    figure = new_figure(width, height / 72.0)
    box = (left / total, left / height, side / total, side / height)
    return figure.add_axes(box), side / count, size


def _bar(axes: Axes, image: Any, size: float, of: str) -> None:
    """Scale of colours beside the matrix, as high as it."""
    across, high = room_of(axes)
    bar = axes.inset_axes((1.0 + _BESIDE / across, 0.0, _BAR / across, 1.0))
    scale = axes.get_figure(root=True).colorbar(  # type: ignore[union-attr]
        image, cax=bar, ticks=[-1.0, -0.5, 0.0, 0.5, 1.0]
    )
    scale.outline.set_linewidth(0.6)
    bar.tick_params(labelsize=size, length=2.0, pad=2.0)
    scale.set_ticklabels(["−1", "−½", "0", "½", "1"])
    scale.set_label(f"correlation ({of})", fontsize=size, labelpad=1.0)
    fit_text(bar.yaxis.label, high)
