"""What a spectrum does inside the bins of generated q2, where reweighting cannot follow it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...base import Array

__all__ = ["Spectrum", "changes_inside_bins", "narrow_peaks"]

Spectrum = Callable[[Array], Array]
"""Branching fraction in bins: (k + 1,) edges in GeV^2 to (k,)."""

# Parts of a bin that are compared, and cells of a bin that resolve a peak.
PARTS, FINE = 4, 64


def changes_inside_bins(
    spectrum_at: Spectrum, edges: Array, parts: int = PARTS, null_at: Spectrum | None = None
) -> Array:
    """Relative change of the weight inside each bin, from its quarters.

    Parameters
    ----------
    spectrum_at : callable
        Branching fraction in bins of any edges.
    edges : (k + 1,) array, GeV^2
    parts : int
        Parts into which each bin is cut.
    null_at : callable, optional
        Null prediction in bins of any edges, that of Belle II 2023 by default.

    Returns
    -------
    (k,) array
        Largest minus smallest ratio to the null prediction among the parts, over that of the whole
        bin; zero where there is no spectrum.
    """
    from ....physics.invisible.null import null_spectrum

    fine = _refined(edges, parts)
    spectrum = np.asarray(spectrum_at(fine)).reshape(-1, parts)
    null = (null_at or null_spectrum)(fine).reshape(-1, parts)
    weight = np.divide(spectrum, null, out=np.zeros_like(spectrum), where=null > 0)
    whole = null.sum(axis=1)
    mean = np.divide(spectrum.sum(axis=1), whole, out=np.zeros_like(whole), where=whole > 0)
    spread = weight.max(axis=1) - weight.min(axis=1)
    empty = ~(mean > 0)
    change: Array = np.where(empty, 0.0, spread / np.where(empty, 1.0, mean))
    return change


def _refined(edges: Array, parts: int) -> Array:
    inner = edges[:-1, None] + np.diff(edges)[:, None] * np.arange(parts) / parts
    return np.append(inner.ravel(), edges[-1])


def narrow_peaks(spectrum_at: Spectrum, edges: Array, largest_change: float = 0.5) -> Array:
    """Peaks of the spectrum that are narrower than a bin.

    Parameters
    ----------
    spectrum_at : callable
        Branching fraction in bins of any edges.
    edges : (k + 1,) array, GeV^2
        Uniform.
    largest_change : float
        Height over the surroundings, relative to them, from which on it is a peak.

    Returns
    -------
    (p, 2) array, GeV^2
        Position and full width at half height, as seen in cells of 1/64 bin: a two-body decay, a
        delta function, has the width of one cell.
    """
    # The spectrum itself: its ratio to the null prediction may diverge at the end point.
    parts = np.asarray(spectrum_at(_refined(edges, PARTS)))
    # What lies one bin away on either side is the surroundings; at an end, the one side there is.
    padded = np.concatenate([np.full(PARTS, np.nan), parts, np.full(PARTS, np.nan)])
    with np.errstate(invalid="ignore"):
        base = np.fmax(padded[: -2 * PARTS], padded[2 * PARTS :])
    highest = np.array([parts[max(0, i - PARTS) : i + PARTS + 1].max() for i in range(len(parts))])
    candidates = np.flatnonzero((parts == highest) & (parts > (1.0 + largest_change) * base))
    width = edges[1] - edges[0]
    found: list[tuple[float, float]] = []
    for index in candidates:
        centre = edges[0] + (index + 0.5) * width / PARTS
        cells = np.linspace(
            max(edges[0], centre - width), min(edges[-1], centre + width), 2 * FINE + 1
        )
        heights = np.asarray(spectrum_at(cells)) / np.diff(cells)
        level = 0.5 * (heights.max() + min(heights[0], heights[-1]))
        extent = float(np.count_nonzero(heights > level) * (cells[1] - cells[0]))
        top = int(heights.argmax())
        position = 0.5 * (cells[top] + cells[top + 1])
        # A peak on the border of two parts is found from both.
        known = found and position - found[-1][0] < width / PARTS
        if extent < width and not known:
            found.append((position, extent))
    return np.array(found).reshape(-1, 2)
