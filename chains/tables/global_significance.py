"""Significance of the largest excess of a scan as a table."""

from __future__ import annotations

import math

from scipy.stats import norm

from ..records import ScanSignificance
from .limits import with_unit
from .table import Cell, Measured, Table

__all__ = ["significance_table"]


def significance_table(found: ScanSignificance) -> Table:
    """How likely the largest excess is, at its place and anywhere.

    Parameters
    ----------
    found : ScanSignificance

    Returns
    -------
    Table
        Standard deviations are one-sided, of a normal distribution.
    """
    place = found.place
    rows: list[list[Cell]] = []
    if found.axis:
        ends = f"{found.points[0]:.4g} to {found.points[-1]:.4g}, {len(found.points)} points"
        rows += [
            [f"scan of {with_unit(found.axis, found.axis_unit)}", ends],
            [f"{with_unit(found.axis, found.axis_unit)} of the excess", float(found.points[place])],
        ]
    rows += [
        [f"best {with_unit(found.parameter, found.unit)}", float(found.best[place])],
        ["q", float(found.statistic[place])],
        ["local p", _with_sigmas(found.local_p)],
        [
            f"global p, {found.toys} toys",
            Measured(found.global_p, found.global_error, found.global_error)
            if found.global_p
            else "none as large",
        ],
        ["global significance", _sigmas(found.global_p)],
        ["trials factor", f"{found.global_p / found.local_p:.3g}" if found.global_p else ""],
        ["bound of the global p", _with_sigmas(found.bound)],
    ]
    rescaled = ", Standard Model rescaled" if found.background == "rescaled-sm" else ""
    return Table(
        f"Largest excess of {found.parameter}{rescaled}",
        ("quantity", "value"),
        tuple(tuple(row) for row in rows),
        (f"Bound: {found.bound_kind}", *found.notes),
    )


def _sigmas(p: float) -> str:
    return f"{norm.isf(p):.2f} σ" if 0.0 < p < 1.0 else ""


def _with_sigmas(p: float) -> str:
    return "" if math.isnan(p) else f"{p:.3g} ({norm.isf(p):.2f} σ)" if p < 1.0 else "1"
