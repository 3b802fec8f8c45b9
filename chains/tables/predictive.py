"""Tables of a posterior predictive check: each datum, and discrepancies."""

from __future__ import annotations

from ..records.predictive import PredictiveCheck
from ..statistics.predictive import discrepancies
from .run import hundredths, without_empty_columns
from .table import Cell, Label, Table
from .toys import probability

__all__ = ["predictive_tables"]

# Parts of the data sets with more than was measured that are told of below the table.
_RARE = 0.025


def predictive_tables(check: PredictiveCheck) -> tuple[Table, ...]:
    """Tables of the data and of discrepancies; those without rows are left out.

    Parameters
    ----------
    check : PredictiveCheck

    Returns
    -------
    tuple of Table
    """
    title = f"{check.number} data sets of the posterior"
    rows: list[list[Cell]] = [
        [
            Label(found.name) if found.name else "all data",
            hundredths(found.measured),
            hundredths(found.drawn),
            probability(found.probability),
        ]
        for found in discrepancies(check)
    ]
    notes = [
        "Discrepancy: −2 ln of the ratio to the saturated model at each point, its mean over the "
        "posterior; p: part of the points whose data sets have at least that of the measured data. "
        "Conservative: the posterior has seen the data.",
        *check.notes,
    ]
    together = without_empty_columns(
        f"Discrepancy: {title}", ["discrepancy", "measured", "expected", "p"], rows, notes
    )
    tables = (together, _data_table(check, title))
    return tuple(table for table in tables if table.rows)


def _data_table(check: PredictiveCheck, title: str) -> Table:
    head = ["datum", "measured", "median", "68 %", "95 %", "p above"]
    rows: list[list[Cell]] = []
    for name, observed, row, above in zip(
        check.names, check.observed, check.quantiles, check.above, strict=True
    ):
        low95, low, middle, high, high95 = (f"{value:.4g}" for value in row)
        bands = f"{low} to {high}", f"{low95} to {high95}"
        rows.append([Label(name), f"{observed:.5g}", middle, *bands, f"{above:.3f}"])
    told = "p above: part of the data sets with more than measured, half of those with as much"
    if check.number * _RARE >= 1.0:  # of fewer sets most are outside by their number alone
        rare = int(((check.above < _RARE) | (check.above > 1.0 - _RARE)).sum())
        expected = 2.0 * _RARE * len(rows)
        told += (
            f"; {rare} of {len(rows)} are outside of 0.025 to 0.975, {expected:.1f} expected of "
            "data that are independent"
        )
    notes = [f"{told}."]
    return without_empty_columns(f"Data: {title}", head, rows, notes)
