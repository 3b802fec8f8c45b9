"""Limits along a scan as a table and as CSV."""

from __future__ import annotations

import math

from ..records import LimitScan
from ..records.shown import with_unit
from .run import without_empty_columns
from .table import Cell, Table, columns_csv

__all__ = ["METHODS", "limit_csv", "limit_table"]

METHODS = {
    "cls": "CLs",
    "feldman-cousins": "Feldman–Cousins",
    "bayes": "Bayesian",
}
"""Names of methods."""


def limit_csv(limits: LimitScan) -> str:
    """Limits as CSV; lines that begin with # say what they are.

    Parameters
    ----------
    limits : LimitScan

    Returns
    -------
    str
    """
    told = (title(limits), limits.statistic, *limits.notes)
    return columns_csv(told, limits.columns())


def title(limits: LimitScan) -> str:
    """What is limited, and how."""
    what = with_unit(limits.parameter, limits.unit)
    kind = "Intervals" if limits.method == "feldman-cousins" else "Upper limits"
    rescaled = ", Standard Model rescaled" if limits.background == "rescaled-sm" else ""
    toys = f", {limits.toys} toys at each rate" if limits.toys else ""
    return f"{kind} on {what}: {METHODS.get(limits.method, limits.method)}{toys}{rescaled}"


def limit_table(limits: LimitScan) -> Table:
    """Limits as a table.

    Parameters
    ----------
    limits : LimitScan

    Returns
    -------
    Table
    """
    columns = limits.columns()
    if not limits.axes:  # one limit: a row for each number
        numbers: list[list[Cell]] = [
            [name, _cell(limits, float(values[0]))] for name, values in columns.items()
        ]
        return without_empty_columns(title(limits), ["quantity", "value"], numbers, _notes(limits))
    rows: list[list[Cell]] = [
        [_cell(limits, float(value)) for value in row]
        for row in zip(*columns.values(), strict=True)
    ]
    head = [_short(name) for name in columns]
    return without_empty_columns(title(limits), head, rows, _notes(limits))


def _short(name: str) -> str:
    """Name of a column where those of one level stand beside each other."""
    if not name.startswith("expected "):
        return name
    sigma = name.removeprefix("expected ").rsplit(" ", 2)[0]
    return sigma.replace(" sigma", "σ").replace("-", "−")


def _cell(limits: LimitScan, value: float) -> Cell:
    if math.isinf(value):
        return f"> {limits.range_end:.4g}"
    return value if math.isfinite(value) else ""


def _notes(limits: LimitScan) -> list[str]:
    return [limits.statistic, *limits.notes]
