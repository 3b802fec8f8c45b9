"""Samples, scans and toys as comma-separated values."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from ..records import RunFile, Scan, ScanStatus, ToyStudy
from ..records.shown import with_unit
from ..tables.table import csv_text
from .draws import draws

__all__ = ["samples_csv", "scan_csv", "toys_csv"]


def samples_csv(run: RunFile, discard: int | None = None) -> str:
    """Samples of a run, one in a line.

    Parameters
    ----------
    run : RunFile
    discard : int, optional
        Stored steps to leave out at the start of each ensemble; the suggested burn-in if None.

    Returns
    -------
    str
        Columns ``ensemble`` (from 0), ``weight`` (1, or with mean 1), ``log_likelihood``,
        ``log_prior``, and each parameter with its unit.

    Raises
    ------
    StoreError
        If there are no samples.
    """
    found = draws(run, discard)
    header = ["ensemble", "weight", "log_likelihood", "log_prior"]
    header += [with_unit(record.name, record.unit) for record in found.parameters]
    return _csv(
        header,
        (
            [i, 1.0 if chain.weights is None else chain.weights[k], *row]
            for i, chain in enumerate(found.chains)
            for k, row in enumerate(
                zip(
                    chain.log_likelihood.tolist(),
                    chain.log_prior.tolist(),
                    *chain.samples.T.tolist(),
                    strict=True,
                )
            )
        ),
    )


def scan_csv(run: RunFile, scan: Scan) -> str:
    """A scan, one grid point in a line.

    Parameters
    ----------
    run : RunFile
        Of which the units of parameters are asked.
    scan : Scan

    Returns
    -------
    str
        Columns: the scanned parameters, ``log_likelihood``, ``log_constraint``, ``status`` (0 if
        the fit of the others converged; -2, and blanks, where a refined grid has no point) and the
        other parameters.
    """
    parts = (f"log_likelihood[{name}]" for name in scan.separate_names)
    names = (*scan.parameters, "log_likelihood", "log_constraint", "status", *parts)
    names += scan.other_names
    header = [with_unit(name, run.parameter(name).unit) for name in names]
    shape = scan.log_likelihood.shape
    rows = (
        [
            *(axis[i] for axis, i in zip(scan.axes, place, strict=True)),
            scan.log_likelihood[place],
            scan.log_constraint[place],
            int(scan.status[place]),
            *scan.separate[place],
            *scan.other_values[place],
        ]
        for place in itertools.product(*map(range, shape))
    )
    if (scan.status != ScanStatus.NOT_ASKED).all():
        return _csv(header, rows)
    return _csv(header, (_blanked(row, len(scan.parameters)) for row in rows))


def _blanked(row: list[Any], axes: int) -> list[Any]:
    """A row of a scan; of a point that was not asked for, no number but its place and status."""
    if row[axes + 2] != ScanStatus.NOT_ASKED:
        return row
    return [*row[:axes], "", "", row[axes + 2], *([""] * (len(row) - axes - 3))]


def toys_csv(run: RunFile, study: ToyStudy) -> str:
    """Toys, one in a line.

    Parameters
    ----------
    run : RunFile
        Of which the units of parameters are asked.
    study : ToyStudy

    Returns
    -------
    str
        Columns of `ToyStudy.columns`, parameters and their errors with units.
    """
    columns = study.columns()
    units = {name: run.parameter(name).unit for name in study.names}
    units |= {f"error of {name}": unit for name, unit in units.items()}
    header = [with_unit(name, units.get(name, "")) for name in columns]
    return _csv(header, zip(*(column.tolist() for column in columns.values()), strict=True))


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    return csv_text(
        header,
        ([x if isinstance(x, int | str) else f"{x:.10g}" for x in row] for row in rows),
    )
