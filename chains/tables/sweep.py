"""Several runs as one table: a row for each analysis."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .table import csv_text

__all__ = ["SweepRow", "sweep_csv"]


@dataclass(frozen=True)
class SweepRow:
    """What came of one analysis.

    Attributes
    ----------
    source : str
        As it was named.
    directory : str
        Of its results.
    code : int
        0, 1 if the fit failed, 2 if it could not be done.
    told : str
        Sentence on the result.
    seconds : float
    name : str
        Of the analysis; empty if it could not be loaded.
    log_likelihood : float
        At the best fit; NaN without one.
    converged : str
        ``"yes"``, ``"no"``, or empty without a chain.
    values : mapping of str to (float, float)
        Best fit of each parameter and its error, NaN without one, in the unit of the parameter.
    """

    source: str
    directory: str
    code: int = 0
    told: str = ""
    seconds: float = 0.0
    name: str = ""
    log_likelihood: float = math.nan
    converged: str = ""
    values: Mapping[str, tuple[float, float]] = field(default_factory=dict)


_RESULT = {0: "done", 1: "failed", 2: "error"}


def sweep_csv(rows: Sequence[SweepRow]) -> str:
    """Runs as CSV: a column for each parameter that any of them has, and its error.

    Parameters
    ----------
    rows : sequence of SweepRow

    Returns
    -------
    str
        With a header line; cells are empty where there is nothing to tell.
    """
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    head = ["analysis", "name", "result", "directory", "log_likelihood", "converged"]
    columns = [part for name in names for part in (name, f"{name} error")]
    lines = []
    for row in rows:
        cells = [row.source, row.name, _RESULT[row.code], row.directory]
        numbers = [part for name in names for part in row.values.get(name, (math.nan, math.nan))]
        told = "" if row.code == 0 else row.told
        lines.append([*cells, _cell(row.log_likelihood), row.converged, *map(_cell, numbers), told])
    return csv_text([*head, *columns, "told"], lines)


def _cell(value: float) -> str:
    return f"{value:.10g}" if math.isfinite(value) else ""
