"""Blocks of points of a scan at which limits are found, as workers do them."""

from __future__ import annotations

from dataclasses import dataclass

from ..problem import Problem
from .limit_bayes import bayesian
from .limit_curves import RateProblem
from .limit_toys import ToyOptions, cls_toys, feldman_cousins
from .limits import Limits, asymptotic
from .target import Array

__all__ = ["LimitTask", "blocks"]

# Points of a block without toys: enough for a batch to pay, few enough that 40 points are work for
# several. A point with toys is a block of its own.
_BLOCK = 10


@dataclass(frozen=True, eq=False)
class LimitTask:
    """Limits on a rate at some points of a scan.

    Attributes
    ----------
    column : int
        Of the rate.
    scanned : tuple of int
        Columns that are held.
    origin : (d,) array
        Where other parameters begin.
    points : (n, a) array
        All of the scan.
    method : str
        ``"cls"``, ``"feldman-cousins"`` or ``"bayes"``.
    levels : tuple of float
    toys, seed : int
        Toys at each rate; each point has random numbers of its own.
    """

    column: int
    scanned: tuple[int, ...]
    origin: Array
    points: Array
    method: str
    levels: tuple[float, ...]
    toys: int
    seed: int

    def __call__(self, problem: Problem, block: tuple[int, int]) -> Limits:
        """Limits at the points from the first to before the last of a block."""
        rate = RateProblem(problem, self.column, self.scanned, self.origin)
        first, last = block
        some = self.points[first:last]
        limits, size = asymptotic(rate, some, self.levels)
        own = ToyOptions(self.toys, self.seed, first=first)
        if self.method == "bayes":
            return bayesian(rate, some, self.levels, size, self.seed)
        if self.method == "feldman-cousins":
            return feldman_cousins(rate, some, self.levels, limits, size, own)
        if self.toys:
            return cls_toys(rate, some, self.levels, limits, size, own)
        return limits


def blocks(points: int, toys: int) -> tuple[tuple[int, int], ...]:
    """First point and the one behind the last of each block, whoever does them.

    Parameters
    ----------
    points : int
    toys : int
        At each rate; 0 for none.
    """
    size = 1 if toys else _BLOCK
    return tuple((at, min(at + size, points)) for at in range(0, points, size))
