"""Measurements of one observable from the data, their average, and what theory and runs predict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...chains.records.forest import Average, Forest, ForestRow
from ...chains.statistics.average import weighted_average
from ...chains.statistics.weights import quantile
from ...data.measurements import measurements
from ...data.overlaps import conflicts
from ...data.records import Measurement
from ...errors import BsinvError, ParameterError, StoreError
from ..predict import predict_with_error
from ..runs.resume import Own
from .request import Source

__all__ = ["measured_forest", "of_observable"]

_DRAWS = 1000
_WHY = {
    "component": "part of a combination",
    "superseded": "superseded",
    "preliminary": "preliminary",
    "average": "average of others",
    "recast": "recast",
    "auxiliary": "auxiliary",
    "input": "input",
}
_HIDDEN = ("superseded", "component", "auxiliary")


def of_observable(name: str) -> list[Measurement]:
    """Measurements, limits and averages of one observable, under any of its names."""
    from ...physics.observables import ALIASES

    def kept(text: str) -> str:
        return ALIASES.get(text, text)

    return [
        entry
        for entry in measurements().values()
        if len(entry.observables) == 1
        and kept(entry.observables[0]) == name
        and entry.status != "theory"
        and (entry.values is not None or entry.limit is not None)
    ]


def measured_forest(
    name: str, sources: Sequence[Source] = (), own: Own | None = None, hidden: bool = False
) -> Forest:
    """What is known of one observable.

    Parameters
    ----------
    name : str
        An observable, or another name of one.
    sources : sequence of Source
        Runs whose predictions are shown.
    own : Own, optional
        For predictions that a file does not hold.
    hidden : bool
        Show also what is superseded, part of a combination, or auxiliary.

    Returns
    -------
    Forest
        The average is of current, confirmed measurements with errors that share no data, limits not
        among them (`weighted_average`).

    Raises
    ------
    UnknownNameError
        If there is no such observable.
    ParameterError
        If there is no measurement of it.
    """
    from ...physics.observables import observable

    record = observable(name)
    entries = of_observable(record.name)
    if not entries:
        raise ParameterError(
            f"--of {record.name!r}: no measurement or limit of it is among the data "
            "('bsinv list data' shows all)."
        )
    marks = {entry.id: _mark(entry) for entry in entries}
    _leave_out_overlaps(entries, marks)
    shown = [entry for entry in entries if hidden or entry.status not in _HIDDEN]
    given_with = {entry.id for entry in shown}
    limits = {e.value_from: e for e in shown if e.value_from in given_with}
    rows = [_row(e, marks[e.id], limits.get(e.id)) for e in shown if e.value_from not in given_with]
    rows.sort(key=lambda row: (bool(row.mark), not np.isfinite(row.value)))
    central, error = _standard_model(record.name)
    return Forest(
        record.name,
        record.latex,
        "" if record.unit == "1" else record.unit,
        tuple(rows),
        _average([entry for entry in shown if not marks[entry.id] and entry.values is not None]),
        central,
        error,
        tuple(_of_run(record.name, source, own or Own()) for source in sources),
    )


def _mark(entry: Measurement) -> str:
    """Why a measurement is in no average; empty if it may be."""
    if not entry.confirmed:
        return "not confirmed"
    if any("digiti" in note.lower() for note in entry.notes):
        return "digitised"
    if entry.status in _WHY:
        return _WHY[entry.status]
    if entry.values is None:
        return ""
    return "" if entry.errors_plus is not None and (entry.errors_plus > 0).all() else "no error"


def _leave_out_overlaps(entries: Sequence[Measurement], marks: dict[str, str]) -> None:
    """Of two values of the same data the first one counts."""
    kept: list[str] = []
    for entry in entries:
        if marks[entry.id] or entry.values is None:
            continue
        if conflicts([*kept, entry.id]):
            marks[entry.id] = "shares data"
        else:
            kept.append(entry.id)


def _row(entry: Measurement, mark: str, limit: Measurement | None) -> ForestRow:
    from .measurements import short_name

    numbers: dict[str, Any] = {}
    if entry.values is not None:
        numbers["value"] = float(entry.values[0])
        numbers["plus"] = 0.0 if entry.errors_plus is None else float(entry.errors_plus[0])
        numbers["minus"] = 0.0 if entry.errors_minus is None else float(entry.errors_minus[0])
    bound = limit or entry
    if bound.limit is not None and bound.kind != "lower_limit":
        numbers |= {"limit": float(bound.limit), "level": float(bound.cl or np.nan)}
    return ForestRow(short_name(entry), mark=mark, detail=entry.method or "", **numbers)


def _average(used: Sequence[Measurement]) -> Average | None:
    if len(used) < 2:
        return None
    columns = [
        np.array([getattr(entry, name)[0] for entry in used])
        for name in ("values", "errors_plus", "errors_minus")
    ]
    return weighted_average(*columns)


def _standard_model(name: str) -> tuple[float, float]:
    """Prediction and error of the Standard Model; NaN where there is none."""
    try:
        central, error = predict_with_error(name, samples=_DRAWS)
    except BsinvError:
        return np.nan, np.nan
    if np.ndim(central):
        return np.nan, np.nan
    return float(central), float(error)


def _of_run(name: str, source: Source, own: Own) -> ForestRow:
    """Median and 68 % of the posterior of a run, or its best fit."""
    for entry in source.run.predictions:
        if entry.name == name and entry.axis is None and len(entry.samples):
            low, middle, high = quantile(entry.samples, [0.16, 0.5, 0.84], entry.weights)[:, 0]
            return ForestRow(source.label, middle, high - middle, middle - low, detail="posterior")
        if entry.name == name and entry.axis is None and np.isfinite(entry.best_fit).all():
            value = float(entry.best_fit[0])
            return ForestRow(source.label, value, 0.0, 0.0, detail="best fit")
    best = source.run.best_fit
    if best is None:
        raise StoreError(f"{source.path} holds no fit: 'bsinv resume {source.path}' makes it.")
    problem = source.analysis(own).problem
    value = float(problem.observable(name, best.values[None])[0])
    return ForestRow(source.label, value, 0.0, 0.0, detail="best fit")
