"""The table of observables: what was measured, what is predicted, and the pulls."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..records import BestFit, ObservableRecord
from .run import SPECTRUM_NOTE, STANDARD_SPECTRUM, hundredths, without_empty_columns
from .table import Bound, Cell, Label, Measured, Rounded, Table, plain

__all__ = ["measured_text", "observable_table"]


def observable_table(fit: BestFit, most: int | None = None) -> Table:
    """Table of the observables of a fit, the largest pulls at the best fit first.

    Parameters
    ----------
    fit : BestFit
    most : int, optional
        Largest number of rows; all if not given.

    Returns
    -------
    Table
        A pull is measured minus predicted over the total error, that of the prediction included;
        of correlated values each on its own.
    """
    label = fit.reference_name
    ordered = sorted(fit.observables, key=_size)
    shown = ordered if most is None else ordered[:most]
    head = ["observable", "unit", "measured", "theory error", "best fit", "pull best fit"]
    head += [label, f"pull {label}", "term"]
    notes = ["Largest pulls first."]
    if any(record.theory_error > 0 for record in shown):
        notes = ["Errors measured; pulls count the theory error in. Largest pulls first."]
    if any(record.own for record in shown):
        notes.append("(own): a measurement of your own, stated in the analysis.")
    if any(record.standard_spectrum for record in shown):
        notes.append(SPECTRUM_NOTE)
    if len(shown) < len(ordered):
        notes.append(f"{len(ordered) - len(shown)} more: 'bsinv show' lists all.")
    title = "Observables"
    return without_empty_columns(title, head, [_row(record) for record in shown], notes)


def _size(record: ObservableRecord) -> tuple[float, float]:
    """Sorting key: larger pulls first, none last."""
    pulls = (record.pull, record.reference_pull)
    best, reference = (math.inf if math.isnan(pull) else -abs(pull) for pull in pulls)
    return best, reference


def _row(record: ObservableRecord) -> Sequence[Cell]:
    return (
        Label(record.observable, record.latex),
        "" if record.unit == "1" else record.unit,
        _measured(record),
        _number(record.theory_error or math.nan, 2),
        _number(record.prediction, _digits(record)),
        hundredths(record.pull, sign=True),
        _number(record.reference_prediction, _digits(record)),
        hundredths(record.reference_pull, sign=True),
        Label(_term(record)),
    )


def _term(record: ObservableRecord) -> str:
    """Name of the term, with what is to be known of it."""
    own = " (own)" if record.own else ""
    return f"{record.term}{own}{STANDARD_SPECTRUM if record.standard_spectrum else ''}"


def _measured(record: ObservableRecord) -> Cell:
    if record.kind == "value":
        return Measured(record.value, -record.error_minus, record.error_plus)
    if record.kind == "likelihood":
        return "likelihood"
    return Bound(record.limit, record.level, record.kind == "lower limit")


def measured_text(record: ObservableRecord) -> str:
    """What was measured, with its unit, as a text."""
    text = plain(_measured(record))
    return (
        text if record.unit in ("", "1") or record.kind == "likelihood" else f"{text} {record.unit}"
    )


def _digits(record: ObservableRecord) -> int:
    """Significant digits of a prediction: those that its measurement resolves, four at least."""
    error = math.hypot(max(record.error_plus, record.error_minus), record.theory_error)
    if not (math.isfinite(error) and error > 0 and record.value):
        return 4
    return min(15, max(4, 2 + math.ceil(math.log10(abs(record.value) / error))))


def _number(value: float, digits: int) -> Cell:
    return "" if math.isnan(value) else Rounded(value, digits)
