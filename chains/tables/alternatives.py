"""The table that tells how far results move with another form of some likelihoods."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from ..records import RunFile
from ..records.alternatives import Alternative
from .run import hundredths, without_empty_columns
from .table import Cell, Label, Rounded, Table

__all__ = ["alternative_table"]


def alternative_table(run: RunFile, found: Alternative) -> Table:
    """Table of the moves of best fit and posterior medians.

    Parameters
    ----------
    run : RunFile
        With a best fit.
    found : Alternative

    Returns
    -------
    Table
        One row for each parameter of the model and each predicted number.
    """
    rows = [*_parameters(run, found), *_predictions(run, found)]
    head = ["quantity", "unit", "best fit", f"best fit, {found.other}", "in errors"]
    head.append("median moves by")
    title = f"{found.option}: {found.other} in place of {found.used}"
    return without_empty_columns(title, head, rows, _notes(run, found))


def _parameters(run: RunFile, found: Alternative) -> Iterator[list[Cell]]:
    fit = run.best_fit
    for record in run.parameters:
        if fit is None or record.role not in ("model", "auxiliary"):
            continue
        if record.name not in found.names or record.name not in fit.names:
            continue
        at, here = found.names.index(record.name), fit.names.index(record.name)
        value, error = float(fit.values[here]), float(fit.errors[here])
        move = float(found.values[at]) - value
        unit = "" if record.unit == "1" else record.unit
        relative = move / error if error > 0 else math.nan
        numbers = value, float(found.values[at])
        yield [
            *(Label(record.name, record.latex), unit, *map(_number, numbers)),
            *(hundredths(relative, sign=True), _move(found.median_shifts[at])),
        ]


def _predictions(run: RunFile, found: Alternative) -> Iterator[list[Cell]]:
    known = {entry.name: entry for entry in run.predictions}
    for at, name in enumerate(found.prediction_names):
        entry = known.get(name)
        if entry is None or np.size(entry.best_fit) != 1:
            continue
        numbers = float(np.ravel(entry.best_fit)[0]), float(found.prediction_values[at])
        shift = _move(found.prediction_median_shifts[at])
        yield [Label(name, entry.latex), entry.unit, *map(_number, numbers), "", shift]


def _number(value: float) -> Cell:
    return "" if math.isnan(value) else Rounded(value, 4)


def _move(value: float) -> Cell:
    return "" if math.isnan(value) else f"{value:+.2g}"


def _notes(run: RunFile, found: Alternative) -> list[str]:
    notes = [f"Changes {', '.join(found.terms)}. Best fits are refitted."]
    if not found.valid:
        notes.append("The refit did not end in a minimum that can be trusted.")
    fit = run.best_fit
    if fit is not None and math.isfinite(found.minus_two_delta_log):
        notes.append(
            f"−2 Δ ln L relative to {fit.reference_label}: {hundredths(fit.minus_two_delta_log)} "
            f"with {found.used}, {hundredths(found.minus_two_delta_log)} with {found.other} "
            f"({hundredths(found.at_best_fit)} at the points of this run)."
        )
    if math.isfinite(found.effective_samples):
        notes.append(
            "Medians are those of samples of this run with other weights, worth "
            f"{found.effective_samples:.0f} samples."
        )
    return notes
