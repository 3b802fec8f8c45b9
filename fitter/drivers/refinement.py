"""Where a grid of two parameters is made finer: cells that a contour crosses, or may cross."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ...chains.records import Scan, ScanStatus
from ...chains.tables.profiles import contour_levels
from .target import Array

__all__ = ["begun_stride", "halved", "points_in_doubt", "warm_points"]

# Places between two grid points at which lines from outside are compared.
_PLACES = np.linspace(0.0, 1.0, 9)


def halved(axis: Array, times: int) -> Array:
    """Grid values with the spacing halved some times: ((k - 1) 2**times + 1,).

    Parameters
    ----------
    axis : (k,) array
    times : int
    """
    for _ in range(times):
        finer = np.empty(2 * len(axis) - 1)
        finer[::2], finer[1::2] = axis, 0.5 * (axis[1:] + axis[:-1])
        axis = finer
    return axis


def begun_stride(status: Array, refine: int) -> int:
    """Spacing, in that of the finest grid, of the points that a scan is at.

    Parameters
    ----------
    status : (k_1, k_2) integer array
    refine : int
        How often the first spacing is halved.
    """
    asked = status != ScanStatus.NOT_ASKED
    for stride in (2**level for level in range(refine)):
        if asked[stride :: 2 * stride].any() or asked[:, stride :: 2 * stride].any():
            return int(stride)
    return int(2**refine)


def points_in_doubt(scan: Scan, stride: int, best: float) -> Array:
    """Points half a spacing away, of the cells in which the place of a contour is in doubt.

    A cell is if a level of 68 or 95 % is between the values at its corners, or between bounds on
    its sides (lines through the points outside: no convex or concave curve passes them), or if a
    corner is a local minimum; the cells around one are too. The levels are those of the sum, from
    its highest point and from the best fit, and of each separate part.

    Parameters
    ----------
    scan : Scan
        Of two parameters, done at every asked point.
    stride : int
        Spacing of its points in that of its axes, even.
    best : float
        Log likelihood times constraints of the best fit; -inf if that is no zero.

    Returns
    -------
    array of bool, of the shape of the grid
    """
    from scipy.ndimage import binary_dilation

    coarse = (slice(None, None, stride),) * 2
    asked = np.asarray(scan.status[coarse] != ScanStatus.NOT_ASKED)
    whole = _corners(asked).all(axis=0)
    doubt = np.zeros_like(whole)
    for heights, levels in _surfaces(scan, coarse, best):
        doubt |= _crossed(heights, asked, levels)
    doubt = binary_dilation(doubt & whole, np.ones((3, 3))) & whole
    fine = np.zeros(tuple(2 * size - 1 for size in asked.shape), bool)
    for row in range(3):
        for column in range(3):
            ends = (row + 2 * doubt.shape[0] - 1, column + 2 * doubt.shape[1] - 1)
            fine[row : ends[0] : 2, column : ends[1] : 2] |= doubt
    wanted = np.zeros(scan.status.shape, bool)
    wanted[(slice(None, None, stride // 2),) * 2] = fine
    found: Array = wanted & (scan.status == ScanStatus.NOT_ASKED)
    return found


def warm_points(index: Array, status: Array, stride: int) -> Array:
    """Done points on either side of new ones, from whose solutions these can start: (m, 4).

    Parameters
    ----------
    index : (m,) integer array
        Flat indices of points between those of twice the spacing.
    status : (k_1, k_2) integer array
    stride : int
        The new spacing.
    """
    row, column = np.unravel_index(index, status.shape)
    down, right = (np.where(at // stride % 2 == 1, stride, 0) for at in (row, column))
    near = [(row + a * down, column + b * right) for a in (-1, 1) for b in (-1, 1)]
    found: Array = np.stack([np.ravel_multi_index(at, status.shape) for at in near], axis=1)
    return found


def _surfaces(
    scan: Scan, coarse: tuple[slice, ...], best: float
) -> Iterator[tuple[Array, Sequence[float]]]:
    """-2 Delta ln L of the sum and of each part, and the levels to find; infinite if excluded."""
    levels = contour_levels()
    parts = [scan.separate[..., number] for number in range(len(scan.separate_names))]
    for number, whole in enumerate((scan.log_penalised, *parts)):
        finite = np.isfinite(whole)
        if number == 0:
            finite = finite & (scan.status != ScanStatus.FAILED)
        if not finite.any():
            continue
        highest = float(np.max(whole[finite]))
        heights = np.where(finite, 2.0 * (highest - whole), np.inf)[coarse]
        above = max(0.0, 2.0 * (best - highest)) if number == 0 and np.isfinite(best) else 0.0
        yield heights, sorted({*levels, *(level - above for level in levels)})


def _crossed(heights: Array, asked: Array, levels: Sequence[float]) -> Array:
    """Cells in which one of the levels is, may be, or where a corner is a local minimum."""
    seen = np.where(asked, heights, np.nan)
    corners = _corners(np.where(asked, heights, np.inf))
    low, high = corners.min(axis=0), corners.max(axis=0)
    for axis in (0, 1):
        least, most = (np.moveaxis(b, -1, axis) for b in _bounds(np.moveaxis(seen, axis, -1)))
        one, other = [slice(None)] * 2, [slice(None)] * 2
        one[1 - axis], other[1 - axis] = slice(None, -1), slice(1, None)
        low = np.fmin(low, np.fmin(least[tuple(one)], least[tuple(other)]))
        high = np.fmax(high, np.fmax(most[tuple(one)], most[tuple(other)]))
    found: Array = np.any(_corners(_local_minima(heights, asked)), axis=0)
    for level in levels:
        found = np.logical_or(found, (low <= level) & (high > level))
    return found


def _bounds(values: Array) -> tuple[Array, Array]:
    """Least and most between neighbours along the last axis, if convex, or if concave there."""
    known = np.where(np.isfinite(values), values, np.nan)
    padded = np.pad(known, ((0, 0), (1, 1)), constant_values=np.nan)
    before, one, other, after = padded[:, :-3], known[:, :-1], known[:, 1:], padded[:, 3:]
    left = one[..., None] + (one - before)[..., None] * _PLACES
    right = other[..., None] - (after - other)[..., None] * (1.0 - _PLACES)
    # A line that is not known bounds nothing, and where neither is nothing is foretold.
    low, high = np.fmax(left, right), np.fmin(left, right)
    least, most = np.fmin.reduce(low, axis=-1), np.fmax.reduce(high, axis=-1)
    return np.where(np.isnan(least), np.inf, least), np.where(np.isnan(most), -np.inf, most)


def _local_minima(heights: Array, asked: Array) -> Array:
    """Points that no neighbour is below and some neighbour is above, all of them being known."""
    inner = np.where(asked, heights, -np.inf)
    padded = np.pad(inner, 1, constant_values=np.nan)
    lowest: Array = np.isfinite(inner)
    some: Array = np.zeros(heights.shape, bool)
    rows, columns = heights.shape
    for row in range(3):
        for column in range(3):
            beside = padded[row : row + rows, column : column + columns]
            lowest &= ~(beside < inner)
            some |= beside > inner
    found: Array = lowest & some
    return found


def _corners(values: Array) -> Array:
    """Values at the four corners of each cell: (4, k_1 - 1, k_2 - 1)."""
    return np.stack([values[:-1, :-1], values[1:, :-1], values[:-1, 1:], values[1:, 1:]])
