"""Marginal densities of samples on the axes of a figure: curves of one parameter, or regions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...records import Array
from ...records.arrays import kish
from ...statistics.samples import Posterior
from ..frames import Frame

__all__ = ["CONTENTS", "density_curve", "draw_regions", "region_levels"]

CONTENTS = (0.68, 0.95)
# Most bins along an axis for a curve and in a plane, and how many for one sample.
_BINS, _PLANE = 60, 50
_FEW_BINS, _FEW_PLANE = 4.0, 2.2
_SMOOTH = 1.0


def _bins(samples: Posterior, names: Sequence[str], one: float, most: int) -> int:
    """Bins for samples that are worth a number of independent ones."""
    size = float(len(samples.samples) if samples.weights is None else kish(samples.weights))
    if samples.ess is not None:
        known = [float(samples.ess[samples.names.index(name)]) for name in names]
        size = min([size, *(5.0 * ess for ess in known if ess > 0.0)])
    return int(np.clip(one * size ** (1.0 / 3.0), 12, most))


def density_curve(samples: Posterior, frame: Frame) -> tuple[Array, Array]:
    """Density of one parameter along its axis, normalised over all samples.

    Parameters
    ----------
    samples : Posterior
    frame : Frame

    Returns
    -------
    values, density : (k,) arrays
        The density is that of the value, or of its natural logarithm on a logarithmic axis.
    """
    from scipy.ndimage import gaussian_filter1d

    values = frame.straight(frame.turned(samples.column(frame.record.name)))
    ends = (float(frame.straight(frame.low)), float(frame.straight(frame.high)))
    bins = _bins(samples, [frame.record.name], _FEW_BINS, _BINS)
    counts, edges = np.histogram(values, bins, ends, weights=samples.weights)
    total = len(values) if samples.weights is None else samples.weights.sum()
    density = gaussian_filter1d(counts / total / np.diff(edges), _SMOOTH, mode="nearest")
    if frame.logarithmic:
        density = density / np.log(10.0)
    # out to the ends, where the first and last bins begin
    places = np.concatenate([edges[:1], 0.5 * (edges[1:] + edges[:-1]), edges[-1:]])
    return frame.back(places), np.concatenate([density[:1], density, density[-1:]])


def region_levels(density: Array, counts: Array, total: float) -> list[float]:
    """Densities above which 95 and 68 % of the samples lie, rising; fewer if they cannot be told.

    Samples are counted where the smoothed density is above, so that smoothing moves the ends of a
    region but not its content.

    Parameters
    ----------
    density : array
        Smoothed, in equal cells.
    counts : array
        Samples in each cell, or their weights.
    total : float
        Of all samples, also of those in no cell.
    """
    order = np.argsort(density, axis=None, kind="stable")[::-1]
    sums = np.cumsum(counts.ravel()[order]) / total
    levels: list[float] = []
    for content in reversed(CONTENTS):
        row = int(np.searchsorted(sums, content))
        if row < len(order) and density.ravel()[order[row]] > 0.0:
            levels.append(float(density.ravel()[order[row]]))
    return sorted(set(levels))


def draw_regions(
    axes: Any,
    samples: Posterior,
    frames: Sequence[Frame],
    colour: str,
    *,
    filled: bool = True,
) -> None:
    """Draw regions that hold 68 and 95 % of the samples of two parameters.

    Parameters
    ----------
    axes : Axes
    samples : Posterior
    frames : two Frames
        Of abscissa and ordinate.
    colour : str
    filled : bool
    """
    from matplotlib.colors import to_rgba
    from scipy.ndimage import gaussian_filter

    columns = [f.straight(f.turned(samples.column(f.record.name))) for f in frames]
    box = [(float(f.straight(f.low)), float(f.straight(f.high))) for f in frames]
    bins = _bins(samples, [f.record.name for f in frames], _FEW_PLANE, _PLANE)
    across, down = columns
    counts, *edges = np.histogram2d(across, down, bins, box, weights=samples.weights)
    total = len(columns[0]) if samples.weights is None else float(samples.weights.sum())
    density = gaussian_filter(counts, _SMOOTH, mode="nearest")
    levels = region_levels(density, counts, total)
    if not levels or not levels[-1] < density.max():
        return
    # one cell more on each side, so that contours end at the frame and not half a cell before it
    padded = np.pad(density, 1, mode="edge")
    places = [
        frame.back(np.concatenate([e[:1], 0.5 * (e[1:] + e[:-1]), e[-1:]]))
        for frame, e in zip(frames, edges, strict=True)
    ]
    if filled:
        shades = [to_rgba(colour, shade) for shade in ((0.22, 0.5) if len(levels) > 1 else (0.22,))]
        axes.contourf(*places, padded.T, levels=[*levels, 1.01 * density.max()], colors=shades)
    axes.contour(*places, padded.T, levels=levels, colors=[colour], linewidths=1.0)
