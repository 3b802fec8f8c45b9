"""Highest-density regions: unions of intervals where a posterior has separate modes.

Hyndman, Am. Stat. 50 (1996) 120: the region of a content is where the density lies above a level,
and the level is set so that this part of the samples is inside. Modes are told apart first
(`chains.statistics.modes`); within a mode the density is made to fall on both sides of its peak, so
that noise opens no gaps. Because samples are counted, smoothing moves ends a little but not the
content.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...errors import ParameterError
from ..records import Array
from . import weights as weighting
from .density import Branch, branch_of
from .intervals import interval
from .modes import NOISE, emptiest, nearest, valleys

__all__ = ["Marginal", "Mode", "Region"]

# Contents of the regions that are looked at for gaps; angles are put where the first lies.
_INNER, _OUTER = 0.68, 0.95
# Two intervals join if fewer samples than this would be expected between their ends.
_TELLING = 4.0


@dataclass(frozen=True)
class Mode:
    """A mode: where its density is largest, and the probability between the valleys beside it."""

    peak: float
    weight: float


@dataclass(frozen=True)
class Region:
    """A highest-density region.

    Attributes
    ----------
    content : float
        Probability asked for.
    intervals : tuple of (lower, upper)
        In ascending order.
    probabilities : tuple of float
        Part of the samples in each; the sum is the content.
    """

    content: float
    intervals: tuple[tuple[float, float], ...]
    probabilities: tuple[float, ...]


class Marginal:
    """Samples of one parameter, and what is said of their distribution.

    Parameters
    ----------
    samples : (n,) array
    ess : float, optional
        Effective number of samples; n if not given, and small if it is not a number.
    weights : (n,) array, optional
        Not negative; all the same if not given.
    period : float, optional
        Of an angle: its regions may cross the ends of the range, and its location is the mean
        direction. NaN counts as not given.
    origin : float
        Lower end of the range of an angle.
    logarithmic : bool
        Whether density means that of the logarithm, as for a parameter with a log-uniform prior.

    Attributes
    ----------
    samples : (n,) array
        As they were given, but for those of weight zero.
    weights : (n,) array or None
        Positive; None if all are the same.
    size : int
        How many.

    Raises
    ------
    ParameterError
        If a sample or weight is not finite, a weight is negative, the weights do not match the
        samples or all vanish, the period is not positive, or the logarithm of a sample does not
        exist.
    """

    def __init__(
        self,
        samples: Array,
        ess: float | None = None,
        *,
        weights: Array | None = None,
        period: float | None = None,
        origin: float = 0.0,
        logarithmic: bool = False,
    ) -> None:
        values, given = weighting.checked(samples, weights, "a region")
        self.samples, self.weights = values, given
        if logarithmic:
            if (values <= 0.0).any():
                raise ParameterError("the logarithm of samples that are not positive was asked for")
            values = np.log(values)
        self._back = math.exp if logarithmic else float
        self.size = len(values)
        self._cut_at = math.nan
        self._ess = weighting.effective(len(values), ess, given)
        self.period = None if period is None or math.isnan(period) else float(period)
        self._origin = origin if math.isfinite(origin) else 0.0
        ordered = weighting.in_order(values, given) if len(values) else values
        if self.period is not None and len(ordered):
            if not 0.0 < self.period < math.inf:
                raise ParameterError(f"period = {period}: a positive number is needed.")
            ordered = self._cut(ordered)
        self._samples = ordered
        splits = valleys(ordered, self._ess) if len(ordered) else np.empty(0)
        parts = np.split(ordered, np.searchsorted(ordered, splits))
        self._parts = [part for part in parts if len(part)]

    def _cut(self, values: Array) -> Array:
        """Samples of an angle over the period that begins where they are fewest."""
        assert self.period is not None
        lowest = values[0]
        values = np.sort(lowest + np.mod(values - lowest, self.period))
        self._cut_at = cut = emptiest(values, self.period, self._ess)
        return np.sort(cut + np.mod(values - cut, self.period))

    @cached_property
    def _branches(self) -> tuple[Branch, ...]:
        total = len(self._samples)
        # the width given to a value that is repeated: of its rounding, the same for all
        atom = NOISE * float(abs(self._samples).max()) + np.finfo(float).tiny
        return tuple(
            branch_of(part, len(part) / total, self._ess * len(part) / total, atom)
            for part in self._parts
        )

    @property
    def modes(self) -> tuple[Mode, ...]:
        """Modes that are told apart by more than chance, in ascending order of their peaks."""
        total = len(self._samples)
        return tuple(
            Mode(self._back(self._in_range(branch.points[branch.top])), len(part) / total)
            for branch, part in zip(self._branches, self._parts, strict=True)
        )

    @cached_property
    def separate(self) -> bool:
        """Whether the region of 68 or of 95 % is of more than one interval."""
        if len(self._parts) < 2:
            return False
        return any(len(self.region(content).intervals) > 1 for content in (_INNER, _OUTER))

    @property
    def location(self) -> float:
        """Median, or the mean direction of an angle; NaN without samples or with separate modes."""
        if not self.size or self.separate:
            return math.nan
        if self.period is None:
            return float(weighting.quantile(self.samples, 0.5, self.weights))
        turns = 2.0 * np.pi * self._samples / self.period
        mean = self.period * np.arctan2(np.sin(turns).mean(), np.cos(turns).mean()) / (2.0 * np.pi)
        lower, upper = self.region(_INNER).intervals[0]
        return float(nearest(mean, 0.5 * (lower + upper), self.period))

    @property
    def mean(self) -> float:
        """Mean; NaN without samples."""
        return weighting.mean(self.samples, self.weights) if self.size else math.nan

    @property
    def deviation(self) -> float:
        """Standard deviation; NaN without samples."""
        return weighting.deviation(self.samples, self.weights) if self.size else math.nan

    def interval(self, content: float, kind: str = "equal-tailed") -> tuple[float, float]:
        """One interval of a content, as `chains.statistics.intervals.interval` gives it."""
        return interval(self.samples, content, kind, self.weights)

    @property
    def window(self) -> tuple[float, float]:
        """Period over which an angle is best drawn: with few samples at its ends."""
        if self.period is None or not self.size:
            return math.nan, math.nan
        lower, upper = self.region(_INNER).intervals[0]
        middle = float(
            nearest(self._cut_at + 0.5 * self.period, 0.5 * (lower + upper), self.period)
        )
        return middle - 0.5 * self.period, middle + 0.5 * self.period

    @property
    def mean_length(self) -> float:
        """Length of the mean of the directions of an angle: 1 if all are the same, 0 if even."""
        if self.period is None or not self.size:
            return math.nan
        return float(abs(np.exp(2.0j * np.pi * self._samples / self.period).mean()))

    def region(self, content: float) -> Region:
        """Smallest region of a content.

        Parameters
        ----------
        content : float
            Probability inside, between 0 and 1.

        Returns
        -------
        Region
            No intervals if there are no samples. Those of an angle lie in its range, but for one
            that crosses the end: it is put where its middle is nearer to zero, or, of a larger
            content, around the region of 68 %.

        Raises
        ------
        ParameterError
            If the content is not between 0 and 1.
        """
        if not 0.0 < content < 1.0:
            raise ParameterError(f"the content of a region must lie between 0 and 1: {content}.")
        if not self.size:
            return Region(content, (), ())
        level = self._level(content)
        found = sorted(map(self._shown, self._joined(self._intervals(level), level)))
        if self.period is not None and len(found) == 1 and content != _INNER:
            inner = self.region(_INNER).intervals
            if len(inner) == 1:  # one around the other
                (low, high), middle = found[0], 0.5 * sum(inner[0])
                shift = float(nearest(0.5 * (low + high), middle, self.period)) - 0.5 * (low + high)
                found = [(low + shift, high + shift)]
        ends = tuple((self._back(low), self._back(high)) for low, high in found)
        return Region(content, ends, tuple(self._inside(*interval) for interval in found))

    def _in_range(self, value: float) -> float:
        if self.period is None:
            return float(value)
        return float(self._origin + np.mod(value - self._origin, self.period))

    def _shown(self, interval: tuple[float, float]) -> tuple[float, float]:
        """An interval of an angle in its range, or across the end of it."""
        if self.period is None:
            return interval
        end = self._origin + self.period
        shift = math.floor((interval[0] - self._origin) / self.period) * self.period
        lower, upper = interval[0] - shift, interval[1] - shift
        if upper > end and abs(lower + upper - 2.0 * self.period) < abs(lower + upper):
            return lower - self.period, upper - self.period
        return lower, upper

    def _intervals(self, level: float) -> list[tuple[float, float]]:
        found = [branch.above(level) for branch in self._branches]
        return [interval for interval in found if interval is not None]

    def _inside(self, lower: float, upper: float) -> float:
        """Part of the samples in an interval, which may cross the cut of an angle."""
        part = 0.0
        turns = (0.0,) if self.period is None else (-2.0, -1.0, 0.0, 1.0, 2.0)
        for turn in turns:
            shift = turn * (self.period or 0.0)
            first = np.searchsorted(self._samples, lower - shift, side="left")
            last = np.searchsorted(self._samples, upper - shift, side="right")
            part += float(last - first) / len(self._samples)
        return min(part, 1.0)

    def _level(self, content: float) -> float:
        """Highest level above which the density holds the content, by bisection in its logarithm.

        It is the logarithm since densities of narrow and of wide modes differ by many decades.
        """
        low = math.log(min(branch.density.min() for branch in self._branches))
        high = math.log(max(branch.density.max() for branch in self._branches))
        for _ in range(60):
            middle = 0.5 * (low + high)
            held = sum(self._inside(*interval) for interval in self._intervals(math.exp(middle)))
            low, high = (middle, high) if held >= content else (low, middle)
        return math.exp(low)

    def _joined(
        self, intervals: list[tuple[float, float]], level: float
    ) -> list[tuple[float, float]]:
        """Intervals, joined where the samples cannot tell that there is a gap between them."""
        if not intervals:
            return intervals
        narrow = _TELLING / (self._ess * level)
        joined = intervals[:1]
        for lower, upper in intervals[1:]:
            if lower - joined[-1][1] < narrow:
                joined[-1] = (joined[-1][0], upper)
            else:
                joined.append((lower, upper))
        if self.period is not None and len(joined) > 1:
            (first, end), (begin, _) = joined[0], joined[-1]
            if first + self.period - joined[-1][1] < narrow:
                joined = [(begin - self.period, end), *joined[1:-1]]
        return joined
