"""Significance of the largest excess of a scan: what is asked, and the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....chains.records import ScanSignificance
from ....chains.statistics.excesses import (
    LEVELS,
    Probability,
    Tally,
    excess_bound,
    global_probability,
    local_probability,
    tail_deviates,
    tallied,
    tread_bound,
)
from ....errors import FitError, ParameterError
from ...analysis_file.arguments import check_count, check_number
from ...drivers.global_significance import (
    CHUNK_SIZE,
    ExcessSearch,
    excess_search,
    toy_excesses,
)
from ...drivers.limit_curves import RateProblem
from ...drivers.target import Array
from ...drivers.work import Work, one_by_one
from ...problem import Problem
from ..best_fit import parameter_records
from .limits import FEWEST_TOYS, MOST_TOYS, grid_points, rate_request, refuse_nuisances

__all__ = [
    "PRECISION",
    "ExcessTask",
    "SignificanceJob",
    "checked_scan",
    "scan_significance",
    "significance_job",
]

PRECISION = 0.2
"""Relative error of the global p-value at which no more toys are drawn."""

# Points in each bin of q2, part of the up-crossings that every second point must see, and how much
# a bound from Euler characteristics may change without every second point.
_IN_BIN, _HALF, _CHANGE = 3, 0.8, 0.2


@dataclass(frozen=True, eq=False)
class _Asked:
    """A scan that is asked for, and what is found of the measured data."""

    problem: Problem
    of: str
    axes: dict[str, Array]
    points: Array
    rate: RateProblem
    search: ExcessSearch
    fewest: int  # points of the scan in a bin of q2
    background: str
    seed: int
    most: int
    precision: float

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(values) for values in self.axes.values())

    @property
    def dimensions(self) -> int:
        return sum(size > 1 for size in self.shape)


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
    _asked: _Asked
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
                    found = _record(asked, tally)
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
    fewest = _fewest_in_a_bin(rate, points, shape, search.live)
    asked = _Asked(
        problem, of, axes, points, rate, search, fewest, background, seed, toys, float(precision)
    )
    tally = tallied(np.zeros((0, len(points))), shape)
    found = _record(asked, tally)
    for earlier in begun:
        if found.same(earlier):
            tally = _tally_of(earlier)
            found = _record(asked, tally)
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


def _record(asked: _Asked, tally: Tally) -> ScanSignificance:
    """What the data and the toys so far tell; without any toy all that rests on them is unknown."""
    search = asked.search
    place = int(search.measured.argmax())
    level = float(search.measured[place])
    anywhere, (bound, error, kind) = Probability(np.nan, np.nan), (np.nan, np.nan, "none: no toys.")
    if len(tally.largest):
        anywhere = global_probability(tally.largest, level)
        bound, error, kind = _bound(asked, tally, level)
    units = {record.name: record.unit for record in parameter_records(asked.problem)}
    return ScanSignificance(
        parameter=asked.of,
        unit=units[asked.of],
        axes=tuple(asked.axes),
        axis_units=tuple(units[name] for name in asked.axes),
        points=asked.points,
        shape=np.array(asked.shape, dtype=int),
        statistic=search.measured,
        best=search.rates,
        background=asked.background,
        seed=str(asked.seed),
        most=asked.most,
        precision=asked.precision,
        place=place,
        local_p=float(local_probability(np.array(level))),
        global_p=anywhere.value,
        global_error=anywhere.error,
        failed=tally.failed,
        bound=bound,
        bound_error=error,
        bound_kind=kind,
        largest=tally.largest,
        counts=tally.counts,
        coarse=tally.coarse,
        above=tally.above,
        alive=tally.alive,
        apart=tally.apart,
        notes=_notes(asked, tally, anywhere),
    )


def _bound(asked: _Asked, tally: Tally, level: float) -> tuple[float, float, str]:
    """Upper bound of the global p-value, its error, and what it is or why there is none."""
    away = tail_deviates(tally)
    if away is not None:
        where = ", ".join(
            f"{name} = {value:g}"
            for name, value in zip(asked.axes, asked.points[away], strict=True)
        )
        at = f" at {where}" if where else ""
        return np.nan, np.nan, f"none: the local tail{at} is not half of chi2 (1 degree)."
    steps = [term.name for term in asked.problem.terms if _response(term) == "published"]
    if steps or not asked.dimensions:
        bound, treads = tread_bound(tally, asked.search.measured, asked.shape)
        many = "local p-value" if treads == 1 else f"sum of local p-values of {treads} bins"
        return bound, 0.0, many
    few = _coarse(asked, tally, level)
    if few:
        return np.nan, np.nan, few
    made = excess_bound(tally.counts, level)
    means, number = tally.counts.mean(axis=0), len(tally.counts)
    errors = tally.counts.std(axis=0) / np.sqrt(number)
    told = " and ".join(
        f"{mean:.3g} ± {error:.2g} at {height:g}"
        for mean, error, height in zip(means, errors, LEVELS[asked.dimensions], strict=True)
    )
    kind = (
        f"Gross and Vitells, up-crossings {told}"
        if asked.dimensions == 1
        else f"Vitells and Gross, two axes, Euler characteristic {told}; for small p"
    )
    return made.value, made.error, kind


def _response(term: Any) -> str | None:
    """How signal moves between bins of a reweighted template; None for another term."""
    found = getattr(term, "response", None)
    return found if isinstance(found, str) and found else None


def _coarse(asked: _Asked, tally: Tally, level: float) -> str:
    """Why points are too far apart for a bound; empty if they are not."""
    if asked.fewest < _IN_BIN:
        return f"none: {asked.fewest} points of the scan in a bin of q2, {_IN_BIN} are needed."
    if asked.dimensions == 1:
        every, half = (float(counts.mean()) for counts in (tally.counts, tally.coarse))
        if half < _HALF * every:
            return (
                f"none: every second point sees {half:.3g} of {every:.3g} up-crossings: "
                "more points are needed."
            )
        return ""
    every, half = (excess_bound(counts, level).value for counts in (tally.counts, tally.coarse))
    if abs(half - every) > _CHANGE * every:
        return (
            f"none: every second point along each axis gives {half:.3g}, all give {every:.3g}: "
            "more points are needed."
        )
    return ""


def _fewest_in_a_bin(rate: RateProblem, points: Array, shape: tuple[int, ...], live: Array) -> int:
    """Least number of neighbours whose signal is largest in the same bin, of templates with bins.

    Along each line of the grid the bins at its ends may have fewer; a line inside of one bin has
    all in it. Points that see no rate are left out.
    """
    theta = rate.at(points)
    without = rate.problem.predictions(theta)
    theta[:, rate.column] = min(float(rate.problem.scale[rate.column]), rate.upper)
    signal = rate.problem.predictions(theta)
    fewest = len(points) + _IN_BIN
    for term in rate.problem.terms:
        if _response(term) is None:
            continue
        moved = abs(signal[term.name] - without[term.name]).reshape(len(points), -1)
        places = np.where(live, moved.argmax(axis=1), -1).reshape(shape)
        for axis, size in enumerate(shape):
            for line in np.moveaxis(places, axis, -1).reshape(-1, size):
                fewest = min(fewest, _shortest_run(line[line >= 0], fewest))
    return fewest


def _shortest_run(line: Array, many: int) -> int:
    """Least number of equal neighbours in a line, not of those at its ends; `many` if one run."""
    steps = np.flatnonzero(np.diff(line)) + 1
    if len(steps) > 1:
        return int(np.diff(steps).min())
    if len(steps) == 1:  # both are at an end
        return max(int(steps[0]), len(line) - int(steps[0]))
    return many


def _notes(asked: _Asked, tally: Tally, p: Probability) -> tuple[str, ...]:
    notes = []
    problem, rate, search, count = asked.problem, asked.rate, asked.search, len(tally.largest)
    free = [problem.names[i] for i in rate.others if not problem.constrained[i]]
    if free:
        notes.append(
            f"Fitted beside the rate, from one start: {', '.join(free)}. A parameter that means "
            "nothing where the rate is zero must be scanned."
        )
    if not p.value:
        most = 1.0 - 0.05 ** (1.0 / count)
        notes.append(f"No toy has so large an excess: p < {most:.2g} (95 %); draw more toys.")
    elif p.error > PRECISION * p.value:
        notes.append(f"The error of the global p-value is above {100 * PRECISION:g} %.")
    unseen = int((~search.live).sum())
    if unseen:
        notes.append(
            f"At {unseen} points no rate up to {rate.upper:g} would be seen; they are left out."
        )
    if (search.rates >= 0.999 * rate.upper).any():
        notes.append(f"A best rate is at the end of the range of {asked.of}: widen its prior.")
    if tally.failed:
        most = (p.value * count + tally.failed) / (count + tally.failed)
        notes.append(
            f"Fits of {tally.failed} toys failed; they are left out. If all had so large an "
            f"excess, the global p-value would be {most:.3g}."
        )
    return tuple(notes)
