"""Record of the significance of the largest excess of a scan."""

from __future__ import annotations

from dataclasses import dataclass

from .arrays import Array, expect, read_only

__all__ = ["ScanSignificance"]


@dataclass(frozen=True, eq=False)
class ScanSignificance:
    """How likely so large an excess is, at its place and anywhere in a scan of n points.

    Parameters
    ----------
    parameter, unit : str
        The rate.
    axis, axis_unit : str
        The scanned parameter; empty for none.
    points : (n,) array
        Its values.
    statistic, best : (n,) arrays
        q of the data, and the best rate >= 0; NaN where the rate changes nothing.
    background : str
        ``"sm"`` or ``"rescaled-sm"``.
    place : int
        Of the largest q.
    local_p : float
        There, asymptotic: half of chi2 with one degree of freedom.
    global_p, global_error : float
        From toys; with none as large 0, and the error is 1 / toys.
    toys, failed : int
        Toys counted, and those left out since a fit failed.
    bound, bound_error : float
        Upper bound of the global p-value; NaN where there is none.
    bound_kind : str
        Which it is, or why there is none.
    seed : str
    notes : tuple of str
    """

    parameter: str
    unit: str
    axis: str
    axis_unit: str
    points: Array
    statistic: Array
    best: Array
    background: str
    place: int
    local_p: float
    global_p: float
    global_error: float
    toys: int
    failed: int
    bound: float
    bound_error: float
    bound_kind: str
    seed: str
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        read_only(self)
        for name in ("points", "statistic", "best"):
            expect(self, name, (len(self.statistic),))
