"""Record of the significance of a scan, from what is asked and the toys that are there."""

from __future__ import annotations

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
    tread_bound,
)
from ...drivers.global_significance import ExcessSearch
from ...drivers.limit_curves import RateProblem
from ...drivers.target import Array
from ...problem import Problem
from ..best_fit import parameter_records

__all__ = ["PRECISION", "Asked", "fewest_in_a_bin", "significance_record"]

PRECISION = 0.2
"""Relative error of the global p-value at which no more toys are drawn."""

# Points in each bin of q2, part of the up-crossings that every second point must see, and how much
# a bound from Euler characteristics may change without every second point.
_IN_BIN, _HALF, _CHANGE = 3, 0.8, 0.2


@dataclass(frozen=True, eq=False)
class Asked:
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
        """Points along each axis."""
        return tuple(len(values) for values in self.axes.values())

    @property
    def dimensions(self) -> int:
        """Axes with more than one point."""
        return sum(size > 1 for size in self.shape)


def significance_record(asked: Asked, tally: Tally) -> ScanSignificance:
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


def _bound(asked: Asked, tally: Tally, level: float) -> tuple[float, float, str]:
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


def _coarse(asked: Asked, tally: Tally, level: float) -> str:
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


def fewest_in_a_bin(rate: RateProblem, points: Array, shape: tuple[int, ...], live: Array) -> int:
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


def _notes(asked: Asked, tally: Tally, p: Probability) -> tuple[str, ...]:
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
