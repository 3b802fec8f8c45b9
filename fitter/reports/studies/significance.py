"""Significance of the largest excess of a scan: what is asked, and the toys that are drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....chains.records import ScanSignificance
from ....chains.statistics.excesses import Tally, tallied
from ....errors import FitError, ParameterError
from ...analysis_file.arguments import check_count, check_number
from ...drivers.global_significance import CHUNK_SIZE, ExcessSearch, excess_search, toy_excesses
from ...drivers.limit_curves import RateProblem
from ...drivers.target import Array
from ...drivers.work import Work, one_by_one
from ...problem import Problem
from .limits import FEWEST_TOYS, MOST_TOYS, grid_points, rate_request, refuse_nuisances
from .significance_record import PRECISION, Asked, fewest_in_a_bin, significance_record

__all__ = [
    "PRECISION",
    "ExcessTask",
    "SignificanceJob",
    "checked_scan",
    "scan_significance",
    "significance_job",
]


@dataclass(frozen=True, eq=False)
class SignificanceJob:
    """The toys that are needed for the significance of a scan, and what they tell.

    Attributes
    ----------
    search : ExcessSearch
        First argument of each task: the scan, and what is found there of the measured data.
    begun : ScanSignificance
        What is known before, of toys done earlier too.
    """

    search: ExcessSearch
    begun: ScanSignificance
    _asked: Asked
    _tally: Tally

    def find(
        self,
        work: Work,
        at_once: int = 1,
        report: Callable[[ScanSignificance], None] | None = None,
    ) -> ScanSignificance:
        """Have toys drawn until the global p-value is known, or all are.

        Whoever does the chunks, they count in their order: one behind the last that is needed is
        left out.

        Parameters
        ----------
        work : callable
            Does chunks.
        at_once : int
            Chunks that it does at the same time.
        report : callable, optional
            Told what is known after each chunk.

        Raises
        ------
        FitError
            If no toy could be fitted.
        """
        asked, tally, found = self._asked, self._tally, self.begun
        task = ExcessTask(asked.seed, asked.shape)
        while tally.drawn < asked.most and not _known(found):
            items = _next(tally.drawn, asked.most)
            if asked.precision:  # later ones may not be needed
                items = items[: max(at_once, 1)]
            waiting: dict[int, Tally] = {}
            turn = 0
            for index, made in work(task, items):
                waiting[index] = made
                while turn in waiting and not _known(found):
                    tally = Tally.joined([tally, waiting.pop(turn)])
                    turn += 1
                    found = significance_record(asked, tally)
                    if report is not None and found.toys:
                        report(found)
                if _known(found):
                    break
        if not found.toys:
            raise FitError(f"significance of {asked.of}: fits of all {found.failed} toys failed.")
        return found


@dataclass(frozen=True)
class ExcessTask:
    """Toys of a chunk, as workers do them.

    Attributes
    ----------
    seed : int
    shape : tuple of int
        Of the scan.
    """

    seed: int
    shape: tuple[int, ...]

    def __call__(self, search: ExcessSearch, item: tuple[int, int, int]) -> Tally:
        """Of a search; an item is a chunk's number, its first toy and the one past its last."""
        return tallied(toy_excesses(search, self.seed, *item), self.shape)


def significance_job(
    problem: Problem,
    of: str,
    scan: Mapping[str, Any],
    *,
    toys: int = 1000,
    precision: float = PRECISION,
    background: str = "sm",
    seed: int = 0,
    begun: Sequence[ScanSignificance] = (),
) -> SignificanceJob:
    """What is to be done for `scan_significance`, whose arguments these are."""
    check_count("seed", seed, 0)
    axes, points, rate = checked_scan(problem, of, scan, toys, precision)
    search = excess_search(rate, points)
    if not search.live.any():
        raise ParameterError(
            f"significance of {of}: at no point a rate up to {rate.upper:g} would be seen: widen "
            "its prior."
        )
    shape = tuple(len(values) for values in axes.values())
    fewest = fewest_in_a_bin(rate, points, shape, search.live)
    asked = Asked(
        problem, of, axes, points, rate, search, fewest, background, seed, toys, float(precision)
    )
    tally = tallied(np.zeros((0, len(points))), shape)
    found = significance_record(asked, tally)
    for earlier in begun:
        if found.same(earlier):
            tally = _tally_of(earlier)
            found = significance_record(asked, tally)
    return SignificanceJob(search, found, asked, tally)


def scan_significance(
    problem: Problem,
    of: str,
    scan: Mapping[str, Any],
    *,
    report: Callable[[ScanSignificance], None] | None = None,
    **options: Any,
) -> ScanSignificance:
    """Largest excess of a scan; arguments and errors are those of `Analysis.significance`.

    Parameters
    ----------
    problem : Problem
    of : str
    scan : mapping of str to (k,) array
    report : callable, optional
    **options
        As for `significance_job`.

    Returns
    -------
    ScanSignificance
    """
    job = significance_job(problem, of, scan, **options)
    return job.find(one_by_one(job.search), report=report)


def checked_scan(
    problem: Problem, of: str, scan: Mapping[str, Any], toys: int, precision: float
) -> tuple[dict[str, Array], Array, RateProblem]:
    """What is asked for, if it can be: axes, each increasing, points (n, a), and the rate."""
    check_count("toys", toys, FEWEST_TOYS, MOST_TOYS)
    if not 0.0 <= check_number("precision", precision) < 1.0:
        raise ParameterError(
            f"precision = {precision:g} is not allowed: from 0 (all toys) to below 1."
        )
    rate, axes, _ = rate_request(problem, of, scan, "significance of")
    refuse_nuisances(problem, "significance", "profile")
    axes = {name: np.unique(values) for name, values in axes.items()}
    return axes, grid_points(axes), rate


def _next(drawn: int, most: int) -> list[tuple[int, int, int]]:
    """Numbers of the chunks that are left, each with its first toy and the one past its last."""
    found = []
    while drawn < most:
        chunk, first = divmod(drawn, CHUNK_SIZE)
        last = min(CHUNK_SIZE, first + most - drawn)
        found.append((chunk, first, last))
        drawn += last - first
    return found


def _known(found: ScanSignificance) -> bool:
    """Whether the global p-value is known well enough."""
    return found.global_p > 0.0 and found.global_error <= found.precision * found.global_p


def _tally_of(found: ScanSignificance) -> Tally:
    return Tally(
        found.largest, found.counts, found.coarse, found.above, found.alive, found.apart,
        found.failed,
    )  # fmt: skip
