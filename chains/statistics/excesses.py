"""Excesses of toys along a scan: what is counted of each, and probabilities from the counts.

q is -2 ln of the ratio of the likelihood without a rate to the largest one with a rate >= 0 (q_0
of 1007.1727, eq. 12), at each point of a grid with up to two axes. Of the toys the largest q of
each is kept, and what bounds of its distribution need, not q at all points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..records.arrays import Array

__all__ = [
    "LEVELS",
    "TAIL_LEVELS",
    "Probability",
    "Tally",
    "characteristic",
    "excess_bound",
    "global_probability",
    "local_probability",
    "neighbours",
    "tail_deviates",
    "tallied",
    "tread_bound",
]

LEVELS: tuple[tuple[float, ...], ...] = ((), (0.5,), (0.5, 2.0))
"""Levels at which up-crossings are counted (1005.1891), or Euler characteristics (1105.4355)."""

TAIL_LEVELS = (1.0, 2.71)
"""Levels at which the tail at each point is compared with that of chi2."""

# Statistics that differ by less are equal: of a toy and the data, and of points of one tread.
_EQUAL, _TREAD = 1e-4, 0.05
# Deviations from the tail of chi2 that are none: in binomial errors, and relative.
_SIGMAS, _PART = 4.0, 0.2


@dataclass(frozen=True)
class Probability:
    """A probability and its error."""

    value: float
    error: float


@dataclass(frozen=True, eq=False)
class Tally:
    """What is counted of t toys at n points, with l levels and e pairs of neighbours.

    Attributes
    ----------
    largest : (t,) array
        Largest q of each toy.
    counts, coarse : (t, l) arrays
        `characteristic` of each toy, of all points and of every second one along each axis.
    above : (2, n) array
        How many toys are above each of `TAIL_LEVELS`.
    alive : (n,) array
        Largest q of any toy.
    apart : (e,) array
        Largest difference of q between neighbours, of any toy.
    failed : int
        Toys of which a fit failed; they are counted nowhere else.
    """

    largest: Array
    counts: Array
    coarse: Array
    above: Array
    alive: Array
    apart: Array
    failed: int

    @property
    def drawn(self) -> int:
        """Toys, with those that failed."""
        return len(self.largest) + self.failed

    @classmethod
    def joined(cls, parts: Sequence[Tally]) -> Tally:
        """Toys of several chunks."""
        return cls(
            np.concatenate([part.largest for part in parts]),
            np.concatenate([part.counts for part in parts]),
            np.concatenate([part.coarse for part in parts]),
            np.sum([part.above for part in parts], axis=0),
            np.max([part.alive for part in parts], axis=0),
            np.max([part.apart for part in parts], axis=0),
            sum(part.failed for part in parts),
        )


def tallied(q: Array, shape: tuple[int, ...]) -> Tally:
    """Counts of toys, q of each (t, n); NaN where a fit failed.

    Parameters
    ----------
    q : (t, n) array
    shape : tuple of int
        Of the grid, whose last axis runs fastest.

    Returns
    -------
    Tally
    """
    good = np.isfinite(q).all(axis=1)
    kept = q[good]
    grid = kept.reshape(len(kept), *(size for size in shape if size > 1))
    levels = LEVELS[grid.ndim - 1]
    second = grid[(slice(None), *(slice(None, None, 2),) * (grid.ndim - 1))]
    pairs = neighbours(shape)
    return Tally(
        kept.max(axis=1, initial=0.0),
        _at_levels(grid, levels),
        _at_levels(second, levels),
        np.stack([(kept >= level).sum(axis=0) for level in TAIL_LEVELS]),
        kept.max(axis=0, initial=0.0),
        abs(kept[:, pairs[:, 0]] - kept[:, pairs[:, 1]]).max(axis=0, initial=0.0),
        int((~good).sum()),
    )


def _at_levels(grid: Array, levels: tuple[float, ...]) -> Array:
    counts = [characteristic(grid, level) for level in levels]
    return np.stack(counts, axis=1) if counts else np.zeros((len(grid), 0))


def characteristic(grid: Array, level: float) -> Array:
    """How often q of each toy rises through a level, or the Euler characteristic of where it is.

    Parameters
    ----------
    grid : (t, n) or (t, n, m) array
        q along one axis: up-crossings are counted. Of two: points above, less neighbours that both
        are, plus squares whose four corners are (1105.4355).
    level : float

    Returns
    -------
    (t,) array
    """
    above = grid >= level
    if grid.ndim == 2:
        found: Array = (~above[:, :-1] & above[:, 1:]).sum(axis=1)
        return found
    down, along = above[:, 1:] & above[:, :-1], above[:, :, 1:] & above[:, :, :-1]
    squares = down[:, :, 1:] & down[:, :, :-1]
    parts = [part.sum(axis=(1, 2)) for part in (above, down, along, squares)]
    return np.asarray(parts[0] - parts[1] - parts[2] + parts[3])


def neighbours(shape: tuple[int, ...]) -> Array:
    """Pairs of points of a grid that lie next to each other: (e, 2) integer array."""
    index = np.arange(int(np.prod(shape, dtype=int))).reshape(shape)
    pairs = [np.zeros((0, 2), dtype=int)]
    for axis in range(index.ndim):
        moved = np.moveaxis(index, axis, 0)
        pairs.append(np.stack([moved[:-1].ravel(), moved[1:].ravel()], axis=1))
    return np.concatenate(pairs)


def local_probability(statistic: Array) -> Array:
    """``P(q >= c)`` at one point in the asymptotic limit: half of that of chi2 (1 degree).

    1007.1727, section 3.5; one where c is zero.
    """
    from scipy.special import ndtr

    found: Array = np.where(statistic > 0.0, ndtr(-np.sqrt(np.maximum(statistic, 0.0))), 1.0)
    return found


def global_probability(largest: Array, level: float) -> Probability:
    """Part of the toys whose largest q is at least `level`, and binomial error.

    None of t toys gives zero with the error 1 / t.
    """
    number = len(largest)
    value = int((largest >= level - _EQUAL).sum()) / number
    return Probability(value, max(float(np.sqrt(value * (1.0 - value) / number)), 1.0 / number))


def excess_bound(counts: Array, level: float) -> Probability:
    """Probability of so large an excess from counts at low levels.

    One axis: the bound of Gross and Vitells, P <= P(chi2 > c) / 2 + <N(c0)> exp(-(c - c0) / 2)
    (1005.1891, eq. 3) with N the up-crossings. Two: the expected Euler characteristic of where q is
    above c, P(chi2 > c) / 2 + (N1 + N2 sqrt(c)) exp(-c / 2) (1105.4355), with N1 and N2 from those
    at two levels; P is nearly equal to it where it is small. Both of a process whose q is half of
    chi2 (1 degree) at each point.

    Parameters
    ----------
    counts : (t, l) array
        `characteristic` of toys at the `LEVELS` of one or two axes.
    level : float
        c; up to the last of the levels there is no bound but one.

    Returns
    -------
    Probability
        Not above 1; the error is that of the mean counts.
    """
    levels = np.array(LEVELS[counts.shape[1]])
    if level <= levels[-1]:
        return Probability(1.0, 0.0)
    local = float(local_probability(np.array(level)))
    scaled = counts * np.exp(0.5 * levels)
    if len(levels) == 1:
        rest, offset = scaled[:, 0], 0.0
    else:
        # Of two axes the excess over the local part is a line in the root of the level.
        offsets = local_probability(levels) * np.exp(0.5 * levels)
        low, high = np.sqrt(levels)
        part = (np.sqrt(level) - low) / (high - low)
        share = np.array([1.0 - part, part])
        rest, offset = scaled @ share, float(offsets @ share)
    fall = float(np.exp(-0.5 * level))
    value = local + (float(rest.mean()) - offset) * fall
    error = float(rest.std() / np.sqrt(len(rest))) * fall
    return Probability(min(max(value, local), 1.0), error)


def tread_bound(tally: Tally, measured: Array, shape: tuple[int, ...]) -> tuple[float, int]:
    """Sum of local probabilities over the treads of a staircase, and their number.

    Neighbours of which no toy, nor the data, tells one from the other are one tread; points where
    the rate does nothing are none.

    Parameters
    ----------
    tally : Tally
    measured : (n,) array
        q of the data.
    shape : tuple of int
        Of the grid.

    Returns
    -------
    bound : float
    treads : int
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    live = (tally.alive > 0.0) | (measured > 0.0)
    if not live.any():
        return 1.0, 0
    first, second = neighbours(shape).T
    same = (tally.apart <= _TREAD) & (abs(measured[first] - measured[second]) <= _TREAD)
    same &= live[first] & live[second]
    n = len(measured)
    graph = coo_array((np.ones(int(same.sum())), (first[same], second[same])), shape=(n, n))
    treads = len(np.unique(connected_components(graph, directed=False)[1][live]))
    local = float(local_probability(measured.max()))
    return min(treads * local, 1.0), treads


def tail_deviates(tally: Tally) -> int | None:
    """Point at which the tail of q is not half of that of chi2 (1 degree); None if nowhere.

    Parts of the toys beyond two levels may deviate by four binomial errors and a fifth. Points
    where q is always zero have nothing to say.
    """
    live, number = np.flatnonzero(tally.alive > 0.0), len(tally.largest)
    for level, above in zip(TAIL_LEVELS, tally.above, strict=True):
        p = float(local_probability(np.array(level)))
        allowed = _SIGMAS * np.sqrt(p * (1.0 - p) / number) + _PART * p
        away = abs(above[live] / number - p)
        if len(live) and away.max() > allowed:
            return int(live[away.argmax()])
    return None
