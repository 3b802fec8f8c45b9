"""Records of limits and intervals of one rate along a scan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...errors import StoreError
from .arrays import Array, expect, fill, missing, read_only
from .shown import columns_html, dataframe, file_stem, with_unit

__all__ = ["EXPECTED", "LimitScan"]

EXPECTED = ("-2 sigma", "-1 sigma", "median", "+1 sigma", "+2 sigma")
"""Fluctuations of the background at which limits are expected, in the order of pyhf."""


@dataclass(frozen=True, eq=False)
class LimitScan:
    """Limits on a rate at n points of a scan, for l levels.

    Parameters
    ----------
    parameter : str
        The rate.
    unit : str
    axes : tuple of str
        Scanned parameters; none for a single limit.
    axis_units : tuple of str
    points : (n, a) array
        Their values.
    shape : (a,) integer array
        Of the grid, whose last axis runs fastest.
    method : str
        ``"cls"``, ``"feldman-cousins"`` or ``"bayes"``.
    statistic : str
        What it rests on, in words.
    background : str
        ``"sm"`` or ``"rescaled-sm"``.
    levels : (l,) array
    range_end : float
        Upper end of the range of the rate: limits beyond are infinite.
    toys : int
        At each rate; 0 without.
    seed : str
        Whole number, of any width.
    best : (n,) array
        Best rate >= 0; for a Bayesian limit that of the largest posterior.
    lower, upper : (n, l) arrays
        Ends of intervals; the lower one is zero for an upper limit.
    expected : (n, l, 5) array
        Limits of background alone in the order of `EXPECTED`; NaN for a method without.
    lower_errors, upper_errors : (n, l) arrays
        From the number of toys or draws.
    failed : (n,) integer array
        Toys left out since their fits failed.
    notes : tuple of str
    """

    parameter: str
    unit: str
    axes: tuple[str, ...]
    axis_units: tuple[str, ...]
    points: Array
    shape: Array = field(metadata={"integer": True})
    method: str
    statistic: str
    background: str
    levels: Array
    range_end: float
    toys: int
    seed: str
    best: Array
    lower: Array
    upper: Array
    expected: Array = field(default_factory=missing)
    lower_errors: Array = field(default_factory=missing)
    upper_errors: Array = field(default_factory=missing)
    failed: Array = field(default_factory=missing, metadata={"integer": True})
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n, many, a = len(self.best), len(self.levels), len(self.axes)
        fill(self, "expected", (n, many, len(EXPECTED)))
        for name in ("lower_errors", "upper_errors"):
            fill(self, name, (n, many), 0.0)
        fill(self, "failed", (n,), 0)
        read_only(self)
        for name in ("lower", "upper", "lower_errors", "upper_errors"):
            expect(self, name, (n, many))
        expect(self, "expected", (n, many, len(EXPECTED)))
        expect(self, "points", (n, a))
        expect(self, "shape", (a,))
        if len(self.axis_units) != a or int(self.shape.prod()) != n:
            raise StoreError(f"limits on {self.parameter}: {n} points are none of the grid.")

    def columns(self) -> dict[str, Array]:
        """Columns of numbers, by names that a program can read.

        Returns
        -------
        dict of str to (n,) array
            Infinite where a limit is beyond the range of the rate.
        """
        found = {
            with_unit(name, unit): self.points[:, i]
            for i, (name, unit) in enumerate(zip(self.axes, self.axis_units, strict=True))
        }
        found[with_unit(f"{self.parameter} best fit", self.unit)] = self.best
        interval = self.method == "feldman-cousins"
        for k, level in enumerate(self.levels.tolist()):
            tag = f"{100.0 * level:g} %"
            if interval:
                found[f"lower end {tag}"] = self.lower[:, k]
            found[f"upper end {tag}" if interval else f"observed {tag}"] = self.upper[:, k]
            if self.toys or self.upper_errors.any():
                if interval:
                    found[f"error of lower end {tag}"] = self.lower_errors[:, k]
                found[f"error of {'upper end' if interval else 'observed'} {tag}"] = (
                    self.upper_errors[:, k]
                )
            if np.isfinite(self.expected).any():
                for i, name in enumerate(EXPECTED):
                    found[f"expected {name} {tag}"] = self.expected[:, k, i]
        return found

    def __repr__(self) -> str:
        along = f" along {', '.join(self.axes)}" if self.axes else ""
        levels = ", ".join(f"{100.0 * level:g} %" for level in self.levels.tolist())
        count = len(self.best)
        return (
            f"<LimitScan of {self.parameter}{along}: {count} point{'s' if count != 1 else ''}, "
            f"{self.method}, {levels}>"
        )

    def _repr_html_(self) -> str:
        return columns_html(repr(self).strip("<>"), self.columns())

    def to_dataframe(self) -> Any:
        """`columns` as a ``pandas.DataFrame``, a row for each point (extra ``pandas``)."""
        return dataframe(self.columns())

    @property
    def stem(self) -> str:
        """Name of its files, without ending."""
        parts = ["limit", self.parameter, *self.axes, self.method]
        parts += ["toys"] if self.toys and self.method == "cls" else []
        parts += [self.background] if self.background != "sm" else []
        return file_stem(parts)

    @property
    def drawable(self) -> bool:
        """Whether there is a curve or a contour to draw."""
        return bool(self.axes) and int(self.shape.max()) > 1
