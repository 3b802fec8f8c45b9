"""Quadrature of densities with a threshold or a resonance inside the range of q2.

The range is cut into cells, at most a sixtieth of the physical region wide. In a cell that lies two
of its widths or more away from every singular point a fixed Gauss rule converges geometrically, and
what does not depend on the density can be tabulated there. The few cells nearer to the threshold or
to a resonance get nodes of their own at every parameter point, in variables in which the integrand
is smooth:

- from the threshold upwards q2 = threshold + scale sinh^2(x), the rapidity for equal masses;
- on both sides of a resonance q2 = M^2 +- M Gamma sinh(x), with the resonance in the
  weights, which is exact for any width;
- down from the end point q2 = end - scale sinh^2(x).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ...arrays import Array, frozen
from ...kinematics import checked_edges
from ..densities.base import Density, Pole

__all__ = ["Cells", "Zone", "cells", "zone"]

_CELLS = 60
_NODES = 16
_NODES_RESONANT = 24

# Cells are singular if a singular point is closer than this many of their widths.
_DISTANCE = 2.0

# Variables that resolve a scale smaller than this part of the physical region gain nothing, but
# near a resonance.
_SMALLEST_SCALE = 1e-7

# Part of the physical region that stands for zero.
_TINY_SCALE = 1e-150

# Distance from the threshold to the next singular point over that to q2 = 0: less is uneven.
_UNEVEN = 0.5

# A resonance nearer to an end of the range than this part of its half width belongs to that end.
_AT_THE_END = 0.05


@dataclass(frozen=True, eq=False)
class Cells:
    """A division of bins of q2.

    Attributes
    ----------
    edges : (c + 1,) array, GeV^2
    first : (bins,) array of int
        First cell of each bin.
    """

    edges: Array
    first: Array

    def bins(self, values: Array) -> Array:
        """Sums over the cells of each bin: (n, c) to (n, bins)."""
        if self.first.size == values.shape[1]:
            return values
        return np.asarray(np.add.reduceat(values, self.first, axis=1))


@lru_cache(maxsize=256)
def cells(edges: tuple[float, ...], end: float) -> Cells:
    """Divide bins so that no cell inside [0, end] is wider than a sixtieth of it.

    Parameters
    ----------
    edges : tuple of float, GeV^2
        Increasing.
    end : float, GeV^2
        Kinematic end point, the largest if there are several.

    Returns
    -------
    Cells
    """
    inside = np.clip(checked_edges(edges), 0.0, end)
    counts = np.maximum(np.ceil(np.diff(inside) * (_CELLS / end)).astype(int), 1)
    parts = [
        np.linspace(low, high, count, endpoint=False)
        for low, high, count in zip(inside[:-1], inside[1:], counts, strict=True)
    ]
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    return Cells(frozen(np.concatenate([*parts, inside[-1:]])), frozen(first))


@dataclass(frozen=True, eq=False)
class Zone:
    """The cells near singular points, with their own nodes.

    Attributes
    ----------
    regular : (g, c) array of bool
        Cells above the threshold that the zone leaves to the fixed rule.
    index : (g, z) array of int
        Cells of the zone; unused places point anywhere and have zero weights.
    q2, weight : (g, z * nodes) arrays
        Nodes, GeV^2, and weights, cell by cell: GeV^2, times the factor of a resonance.
    """

    regular: Array
    index: Array
    q2: Array
    weight: Array

    def add_to(self, values: Array, kernel: Array) -> None:
        """Add the integrals of a kernel at the nodes, (n, z * nodes), to the cells, (n, c).

        The kernel leaves out the factor of a resonance.
        """
        size = values.shape[0]
        weighted = kernel * self.weight
        used = self.index.shape[1]
        parts = weighted.reshape(len(weighted), used, weighted.shape[1] // used).sum(axis=2)
        rows = np.arange(size)[:, None]
        # A cell occurs once in a row, so that plain indexing adds up correctly.
        values[rows, np.broadcast_to(self.index, (size, self.index.shape[1]))] += parts


def zone(division: Cells, density: Density, end: float | Array) -> Zone:
    """Cells near the threshold or a resonance, and nodes in them.

    Parameters
    ----------
    division : Cells
    density : Density
    end : float or (n, 1) array, GeV^2
        Kinematic end point.

    Returns
    -------
    Zone
    """
    low, high = division.edges[None, :-1], division.edges[None, 1:]
    start = np.atleast_2d(density.threshold)
    last = np.atleast_2d(end)
    reach = _DISTANCE * (high - low)
    top = np.minimum(high, last)
    above = (top > start) & (low < last) & (high > low)
    near = above & (low < start + reach)
    if density.pole is not None:
        centre = np.atleast_2d(density.pole.square)
        near = near | (above & (low < centre + reach) & (high > centre - reach))
    size = max(int(near.sum(axis=1).max()), 1)
    # Cells of the zone first, in their order.
    index = np.argsort(~near, axis=1, kind="stable")[:, :size]
    rows = np.arange(index.shape[0])[:, None]
    used = near[rows, index]
    bottom = np.maximum(division.edges[index], start)
    upper = np.where(used, np.minimum(division.edges[index + 1], last), bottom)
    bottom = np.minimum(bottom, upper)
    q2, weight = _nodes(bottom, upper, density, start, last)
    return Zone(above & ~near, index, q2, weight)


def _nodes(
    bottom: Array, upper: Array, density: Density, start: Array, last: Array
) -> tuple[Array, Array]:
    """Nodes and weights on the intervals [bottom, upper], (g, z), in the right variables.

    The factor of a resonance is in the weights: near a narrow one it cannot be had from rounded q2.
    """
    scale = np.atleast_2d(density.scale)
    pole = density.pole
    regions = _regions(scale, start, last) if pole is None else _resonant(pole, scale, start, last)
    # Of two masses, the point q2 = 0 is nearer to the interval than the rule of 16 nodes allows.
    uneven = bool((scale < _UNEVEN * start).any())
    order = None if pole or uneven else _NODES
    q2_parts, weight_parts = [], []
    for low, high, anchor, size, kind in regions:
        left = np.clip(bottom, low, high)
        right = np.clip(upper, left, high)
        if not np.any(right > left):
            continue
        offset, weights = _mapped(left, right, anchor, size, kind, order)
        if pole is not None:
            distance = (anchor - np.atleast_2d(pole.square))[..., None] + offset
            weights = weights * pole.factor(distance)
        q2 = anchor[..., None] + offset
        q2_parts.append(np.clip(q2, np.minimum(start, last)[..., None], last[..., None]))
        weight_parts.append(weights)
    if not q2_parts:
        q2_parts = [np.broadcast_to(np.minimum(start, last)[..., None], (*bottom.shape, 1))]
        weight_parts = [np.zeros((*bottom.shape, 1))]
    shape = (bottom.shape[0], -1)
    joined = np.concatenate(q2_parts, axis=2).reshape(shape)
    return joined, np.concatenate(weight_parts, axis=2).reshape(shape)


# Lower and upper end, anchor, scale, and name of the variable.
_Region = tuple[Array, Array, Array, Array, str]


def _regions(scale: Array, start: Array, last: Array) -> list[_Region]:
    """Variables between the threshold and the end point."""
    smallest = _SMALLEST_SCALE * last
    turn = 0.5 * (start + last)
    top_scale = np.maximum(0.2 * last, smallest)
    return [
        (start, turn, start, np.maximum(scale, smallest), "up"),
        (turn, last, last, top_scale, "down"),
    ]


def _resonant(pole: Pole, scale: Array, start: Array, last: Array) -> list[_Region]:
    """Variables between the threshold, a resonance and the end point.

    Beyond the range, or inside it but far nearer to an end than its width, the resonance is the
    singular point next to that end.
    """
    centre, half = np.atleast_2d(pole.square), np.atleast_2d(pole.half_width)
    tiny = _TINY_SCALE * last
    from_start, to_last = abs(centre - start), abs(last - centre)
    at_an_end = np.minimum(from_start, to_last) < _AT_THE_END * half
    apart = (centre < start) | (centre > last) | at_an_end
    between = 0.5 * (start + last)
    turn = np.where(apart, between, 0.5 * (start + centre))
    turn_back = np.where(apart, between, 0.5 * (centre + last))
    middle = np.where(apart, between, centre)
    known = np.where(scale > 0.0, scale, np.inf)
    up = np.maximum(np.minimum(known, np.hypot(from_start, half)), tiny)
    down = np.maximum(np.minimum(0.2 * last, np.hypot(to_last, half)), tiny)
    size = np.maximum(half, tiny)
    return [
        (start, turn, start, up, "up"),
        (turn, middle, centre, size, "left"),
        (middle, turn_back, centre, size, "right"),
        (turn_back, last, last, down, "down"),
    ]


def _mapped(
    left: Array, right: Array, anchor: Array, size: Array, kind: str, order: int | None
) -> tuple[Array, Array]:
    """Gauss rule on [left, right] in the variable of one region.

    Parameters
    ----------
    left, right : (g, z) array, GeV^2
    anchor, size : (g or 1, 1) array, GeV^2
    kind : {"up", "down", "left", "right"}
    order : int or None
        Number of nodes; None for one that suits the range of the variable.

    Returns
    -------
    offset, weight : (g, z, nodes) arrays, GeV^2
        q2 - anchor at the nodes.
    """
    sign = 1.0 if kind in ("up", "right") else -1.0
    squared = kind in ("up", "down")
    distances = [np.maximum(sign * (edge - anchor), 0.0) / size for edge in (left, right)]
    if squared:
        distances = [np.sqrt(value) for value in distances]
    x_1, x_2 = (np.arcsinh(value) for value in distances)
    half, middle = 0.5 * (x_2 - x_1), 0.5 * (x_2 + x_1)
    node, weight = _gauss(_order(2.0 * half) if order is None else order)
    x = middle[..., None] + half[..., None] * node
    sinh = np.sinh(x)
    cosh = np.sqrt(1.0 + sinh * sinh)
    broad = np.broadcast_to(size, left.shape)[..., None]
    step = np.abs(half)[..., None] * weight
    if squared:
        return sign * broad * sinh * sinh, step * 2.0 * broad * sinh * cosh
    return sign * broad * sinh, step * broad * cosh


def _order(ranges: Array) -> int:
    """Nodes for 1e-10 on the longest range of a variable.

    The singular points of the integrands are some way off its real axis near an end of the range R:
    the error falls like exp(-a N/sqrt(R)). The number is measured, see the tests of poles near
    thresholds and end points.
    """
    widest = float(np.max(np.abs(ranges)))
    return max(_NODES_RESONANT, 8 * int(np.ceil(4.0 * np.sqrt(widest / np.pi))))


@lru_cache(maxsize=64)
def _gauss(order: int) -> tuple[Array, Array]:
    node, weight = np.polynomial.legendre.leggauss(order)
    return frozen(node), frozen(weight)
