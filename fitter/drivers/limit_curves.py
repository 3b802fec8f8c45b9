"""Profile likelihoods of one rate, each row a data set at a point of a scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..dataset import Dataset
from ..problem import Problem
from .data_sets.data_fits import DataFits, DataFitter
from .row_searches import minimise_rows
from .target import Array

__all__ = ["Curves", "RateProblem"]

# Rows profiled at once.
_CHUNK = 4096


@dataclass(frozen=True, eq=False)
class RateProblem:
    """A problem with a rate that is limited, and parameters that are scanned.

    Attributes
    ----------
    problem : Problem
    column : int
        Of the rate, whose support begins at zero.
    scanned : tuple of int
        Columns that are held.
    origin : (d,) array
        Where other parameters begin.
    """

    problem: Problem
    column: int
    scanned: tuple[int, ...]
    origin: Array

    @property
    def upper(self) -> float:
        """Upper end of the range of the rate."""
        return float(self.problem.bounds[self.column, 1])

    @property
    def others(self) -> Array:
        """Columns that are fitted beside the rate."""
        held = [self.column, *self.scanned]
        return np.setdiff1d(np.arange(len(self.problem.names)), held)

    def at(self, scan: Array) -> Array:
        """Points (n, d) of the scan (n, a), other parameters at the origin, the rate at zero."""
        points = np.repeat(self.origin[None], len(scan), axis=0)
        points[:, list(self.scanned)] = scan
        points[:, self.column] = 0.0
        return points


class Curves:
    """-2 ln L of each row as a function of the rate, other parameters fitted.

    Parameters
    ----------
    of : RateProblem
    points : (n, d) array
        Scanned parameters of each row, and where its fits begin.
    data : Dataset
        One for each row, or one for all.
    """

    def __init__(self, of: RateProblem, points: Array, data: Dataset) -> None:
        self.of, self.points = of, np.array(points)
        if len(data) == 1:
            data = data.take(np.zeros(len(points), dtype=int))
        self.data = data
        self.failed = np.zeros(len(points), dtype=bool)
        self._fitter: DataFitter | None = None

    def __len__(self) -> int:
        return len(self.points)

    def profile(self, rows: Array, rate: Array) -> Array:
        """``-2 (ln L + ln constraints)`` of rows (m,) at rates (m,): (m,).

        NaN where it has no finite value.
        """
        parts = [np.empty(0)]
        for at in range(0, len(rows), _CHUNK):
            some = slice(at, at + _CHUNK)
            parts.append(self._fits(rows[some], rate[some]).values)
        values = np.concatenate(parts)
        return np.where(values < 1e15, values, np.nan)

    def conditional(self, rows: Array, rate: Array) -> Array:
        """Points at which other parameters describe the data of rows best: (m, d)."""
        return self._fits(rows, rate).points

    def best(self, size: Array) -> tuple[Array, Array]:
        """Best rate >= 0 of each row and the value there; `size` is about the error: (n,) each."""
        every = self._finite
        rate, values, converged = minimise_rows(every, self.of.upper, size)
        self.failed |= ~converged
        return rate, np.where(converged, values, np.nan)

    def _finite(self, rows: Array, rate: Array) -> Array:
        values = self.profile(rows, rate)
        return np.where(np.isnan(values), np.inf, values)

    def _fits(self, rows: Array, rate: Array) -> DataFits:
        problem, points = self.of.problem, self.points[rows]
        points[:, self.of.column] = rate
        data = self.data.take(rows)
        if not len(self.of.others):
            values = problem.log_likelihood(points, data) + problem.log_constraint(points, data)
            return DataFits(points, -2.0 * values, np.isfinite(values))
        held: dict[int, float | Array] = {
            column: points[:, column] for column in (self.of.column, *self.of.scanned)
        }
        if self._fitter is None:
            self._fitter = DataFitter(problem, data, points[0], held)
        found = self._fitter.other(data, held).fit(points)
        # The next fit of a row begins where this one ended, but for parameters without constraint:
        # a coupling that came to zero, where its square is stationary, would stay there.
        warm = self.of.others[problem.constrained[self.of.others]]
        self.points[np.ix_(rows, warm)] = found.points[:, warm]
        return found

    @classmethod
    def joined(cls, of: RateProblem, parts: Sequence[tuple[Array, Dataset]]) -> Curves:
        """Rows of several batches of points and data, one after the other."""
        return cls(
            of,
            np.concatenate([points for points, _ in parts]),
            Dataset.joined([data for _, data in parts]),
        )
