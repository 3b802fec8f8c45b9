"""Record of the significance of the largest excess of a scan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...errors import StoreError
from .arrays import Array, expect, missing, read_only
from .shown import columns_html, dataframe, file_stem, with_unit

__all__ = ["ScanSignificance"]


@dataclass(frozen=True, eq=False)
class ScanSignificance:
    """How likely so large an excess is, at its place and anywhere in a scan of n points.

    Parameters
    ----------
    parameter, unit : str
        The rate.
    axes, axis_units : tuple of str
        Scanned parameters; none for a single point.
    points : (n, a) array
        Their values.
    shape : (a,) integer array
        Of the grid, whose last axis runs fastest.
    statistic, best : (n,) arrays
        q of the data, and the best rate >= 0; NaN where the rate changes nothing.
    background : str
        ``"sm"`` or ``"rescaled-sm"``.
    seed : str
        Whole number, of any width.
    most : int
        Toys asked for.
    precision : float
        Relative error of the global p at which no more are drawn.
    place : int
        Of the largest q.
    local_p : float
        There, asymptotic: half of chi2 with one degree of freedom.
    global_p, global_error : float
        From toys; with none as large 0, and the error is 1 / toys.
    failed : int
        Toys left out since a fit failed.
    bound, bound_error : float
        Upper bound of the global p-value; NaN where there is none.
    bound_kind : str
        Which it is, or why there is none.
    largest : (t,) array
        Largest q of each toy.
    counts, coarse : (t, l) arrays
        Up-crossings of each toy, or Euler characteristics, at the levels of
        `statistics.excesses.LEVELS`; of all points, and of every second one along each axis.
    above : (2, n) array
        How many toys are above `statistics.excesses.TAIL_LEVELS`.
    alive : (n,) array
        Largest q of any toy.
    apart : (e,) array
        Largest difference of q between neighbours, of any toy.
    notes : tuple of str
    """

    parameter: str
    unit: str
    axes: tuple[str, ...]
    axis_units: tuple[str, ...]
    points: Array
    shape: Array = field(metadata={"integer": True})
    statistic: Array
    best: Array
    background: str
    seed: str
    most: int
    precision: float
    place: int
    local_p: float
    global_p: float
    global_error: float
    failed: int
    bound: float
    bound_error: float
    bound_kind: str
    largest: Array = field(default_factory=missing)
    counts: Array = field(default_factory=missing)
    coarse: Array = field(default_factory=missing)
    above: Array = field(default_factory=missing)
    alive: Array = field(default_factory=missing)
    apart: Array = field(default_factory=missing)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        read_only(self)
        n, a, t = len(self.statistic), len(self.axes), len(self.largest)
        expect(self, "best", (n,))
        expect(self, "points", (n, a))
        expect(self, "shape", (a,))
        expect(self, "above", (2, n))
        expect(self, "alive", (n,))
        if len(self.axis_units) != a or int(self.shape.prod()) != n or not 0 <= self.place < n:
            raise StoreError(f"significance of {self.parameter}: {n} points are none of the grid.")
        if len(self.counts) != t or self.coarse.shape != self.counts.shape:
            raise StoreError(f"significance of {self.parameter}: counts are not those of {t} toys.")

    def columns(self) -> dict[str, Array]:
        """Columns of numbers: the scanned parameters, best rate, q and local significance.

        Returns
        -------
        dict of str to (n,) array
            The significance, the square root of q, is one-sided and that of each point alone.
        """
        found = {
            with_unit(name, unit): self.points[:, i]
            for i, (name, unit) in enumerate(zip(self.axes, self.axis_units, strict=True))
        }
        found[with_unit(f"{self.parameter} best fit", self.unit)] = self.best
        found["q"] = self.statistic
        found["local significance"] = np.sqrt(np.maximum(self.statistic, 0.0))
        return found

    def __repr__(self) -> str:
        along = f" along {', '.join(self.axes)}" if self.axes else ""
        p = f"= {self.global_p:.3g}" if self.global_p > 0.0 else f"< {self.global_error:.3g}"
        return (
            f"<ScanSignificance of {self.parameter}{along}: {len(self.best)} points, local p = "
            f"{self.local_p:.3g}, global p {p} from {self.toys} toys>"
        )

    def _repr_html_(self) -> str:
        return columns_html(repr(self).strip("<>"), self.columns())

    def to_dataframe(self) -> Any:
        """`columns` as a ``pandas.DataFrame``, a row for each point (extra ``pandas``)."""
        return dataframe(self.columns())

    @property
    def toys(self) -> int:
        """Toys that are counted."""
        return len(self.largest)

    @property
    def drawn(self) -> int:
        """Toys, with those that failed."""
        return self.toys + self.failed

    @property
    def stem(self) -> str:
        """Name of its files, without ending."""
        parts = ["significance", self.parameter, *self.axes]
        parts += [self.background] if self.background != "sm" else []
        return file_stem(parts)

    @property
    def drawable(self) -> bool:
        """Whether there is a curve or an area to draw."""
        return bool(self.axes) and int(self.shape.min()) > 1

    def same(self, other: ScanSignificance) -> bool:
        """Whether toys of the other are those of this scan: same points, seed and data."""
        mine = (self.parameter, self.axes, self.background, self.seed, self.statistic.shape)
        theirs = (other.parameter, other.axes, other.background, other.seed, other.statistic.shape)
        return mine == theirs and bool(
            np.array_equal(self.points, other.points)
            and np.allclose(self.statistic, other.statistic, rtol=0.0, atol=1e-3)
        )
