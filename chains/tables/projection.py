"""The table of a projection: expected errors and significance against luminosity."""

from __future__ import annotations

import math

from ..records.projections import ExpectedError, Projection
from .run import hundredths, without_empty_columns
from .table import Cell, Rounded, Table

__all__ = ["projection_table"]

_WORDS = {
    "statistical": "nuisance parameters are fixed at the truth",
    "published": "widths of nuisance parameters are those published",
    "scaled": "widths named for it, and the statistics of simulation, fall with 1/√L",
}


def projection_table(found: Projection) -> Table:
    """One row for each luminosity, assumption and parameter.

    Parameters
    ----------
    found : Projection

    Returns
    -------
    Table
    """
    head = ["L [1/ab]", "assumption", "parameter", "truth", "error", "lower", "upper", "counts"]
    head += ["others", "−2 Δ ln L", "σ"]
    rows: list[list[Cell]] = []
    for point in found.points:
        for index, entry in enumerate(point.errors):
            first = index == 0
            rows.append(
                [
                    f"{point.luminosity:g}" if first else "",
                    point.assumption if first else "",
                    entry.name,
                    entry.truth,
                    *_errors(entry),
                    hundredths(point.statistic) if first else "",
                    hundredths(point.sigma) if first and math.isfinite(point.sigma) else "",
                ]
            )
    today = ", ".join(f"{name} ({luminosity:g}/ab)" for name, luminosity in found.today)
    notes = [
        f"Truth: {found.truth}. Scaled: {today}.",
        "counts: part of the error from the fluctuation of counts; others: the rest in quadrature.",
    ]
    if found.null:
        freedom = f"two-sided, {found.degrees} degrees of freedom"
        notes.append(f"−2 Δ ln L and σ ({freedom}) against {found.null}.")
    if found.unchanged:
        notes.append(f"As today: {', '.join(found.unchanged)}.")
    used = dict.fromkeys(point.assumption for point in found.points)
    notes += [f"{name}: {_WORDS[name]}." for name in used]
    return without_empty_columns(f"Projection of {found.name}", head, rows, notes)


def _errors(entry: ExpectedError) -> list[Cell]:
    values = (entry.error, entry.lower, entry.upper, entry.counts, entry.others)
    return [Rounded(value, 3) if math.isfinite(value) else "" for value in values]
