"""Significance of the largest excess of a scan, as a table and as CSV."""

from __future__ import annotations

import math

import numpy as np

from ..records import Array, ScanSignificance
from ..records.shown import with_unit
from ..statistics.excesses import global_probability, local_probability
from .table import Cell, Measured, Table, columns_csv

__all__ = ["global_curve", "significance_columns", "significance_csv", "significance_table"]


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
    for i, (name, unit) in enumerate(zip(found.axes, found.axis_units, strict=True)):
        values = found.points[:, i]
        many = int(found.shape[i])
        ends = f"{values.min():.4g} to {values.max():.4g}, {many} points"
        ends = ends if many > 1 else f"{values[0]:.4g}"
        rows += [
            [f"scan of {with_unit(name, unit)}", ends],
            [f"{with_unit(name, unit)} of the excess", float(values[place])],
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
        ["error of the bound", f"{found.bound_error:.2g}" if found.bound_error > 0.0 else ""],
    ]
    return Table(
        title(found),
        ("quantity", "value"),
        tuple(tuple(row) for row in rows if row[1] != ""),
        (f"Bound: {found.bound_kind}", *found.notes),
    )


def title(found: ScanSignificance) -> str:
    """What is asked."""
    rescaled = ", Standard Model rescaled" if found.background == "rescaled-sm" else ""
    return f"Largest excess of {found.parameter}{rescaled}"


def global_curve(found: ScanSignificance) -> Array:
    """Part of the toys with an excess at least as large as that of each point: (n,)."""
    return np.array([global_probability(found.largest, q).value for q in found.statistic.tolist()])


def significance_columns(found: ScanSignificance) -> dict[str, Array]:
    """Columns of numbers along the scan, by names that a program can read.

    Parameters
    ----------
    found : ScanSignificance

    Returns
    -------
    dict of str to (n,) array
    """
    columns = {
        with_unit(name, unit): found.points[:, i]
        for i, (name, unit) in enumerate(zip(found.axes, found.axis_units, strict=True))
    }
    columns[with_unit(f"{found.parameter} best fit", found.unit)] = found.best
    columns["q"] = found.statistic
    columns["local p"] = local_probability(found.statistic)
    columns["global p"] = global_curve(found)
    return columns


def significance_csv(found: ScanSignificance) -> str:
    """The scan as CSV; lines that begin with # hold the table.

    Parameters
    ----------
    found : ScanSignificance

    Returns
    -------
    str
    """
    table = significance_table(found)
    rows = [f"{row[0]}: {_plain(row[1])}" for row in table.rows]
    return columns_csv((table.title, *rows, *table.notes), significance_columns(found))


def _plain(cell: Cell) -> str:
    if isinstance(cell, Measured):
        return f"{cell.value:.3g} ± {cell.plus:.2g}"
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)


def _sigmas(p: float) -> str:
    from scipy.special import ndtri

    return f"{-ndtri(p):.2f} σ" if 0.0 < p < 1.0 else ""


def _with_sigmas(p: float) -> str:
    from scipy.special import ndtri

    return "" if math.isnan(p) else f"{p:.3g} ({-ndtri(p):.2f} σ)" if p < 1.0 else "1"
