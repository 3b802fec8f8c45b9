"""How far results can be trusted: the published simulation, other forms of the likelihoods."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from ..records import Alternative, RunFile, SupportReport
from .run import hundredths, without_empty_columns
from .table import Cell, Label, Rounded, Table

__all__ = ["alternative_table", "support_table"]


def support_table(report: SupportReport) -> Table:
    """Table of the channels of a support report, with its verdict.

    Parameters
    ----------
    report : SupportReport

    Returns
    -------
    Table
        One row for each channel: signal events as published and of this spectrum, and the template
        error of the bin in which it grows most.
    """
    head = (
        *("channel", "signal (SM simulation)", "signal", "template error", "reweighted"),
        *("effective events", "reweighted", "from simulated events"),
    )
    rows: list[tuple[Cell, ...]] = []
    for name in report.channels:
        bins = report.channel(name)
        growth = report.reweighted_error[bins] / report.published_error[bins]
        worst = bins[int(growth.argmax())]
        errors = report.published_error[worst], report.reweighted_error[worst]
        rows.append(
            (
                Label(name),
                f"{report.nominal_events[bins].sum():.1f}",
                f"{report.expected_events[bins].sum():.1f}",
                *(_percent(error) for error in errors),
                *(f"{error**-2:.3g}" for error in errors),
                _percent(report.counted_error[worst]),
            )
        )
    notes = (
        report.verdict,
        f"Signal events weighted by up to {report.largest_weight:.3g} (mean "
        f"{report.mean_weight:.3g}); {_percent(report.outside_fraction)} of them outside the "
        f"histograms; {_percent(report.unsupported_rate)} of the branching fraction and "
        f"{_percent(report.unsupported_events)} of the events where there is nearly no simulation; "
        f"{_percent(report.changed_events)} of the events in bins of q2 inside which the weight "
        "changes strongly. Errors are those of the bin in which they grow most; reweighted ones "
        "take the published error as that of a count, which is an upper estimate.",
    )
    return Table("Support by the published simulation", head, tuple(rows), notes)


def _percent(fraction: float) -> str:
    return f"{100.0 * fraction:.2g} %" if fraction < 0.995 else f"{100.0 * fraction:.0f} %"


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
    names = ", ".join(found.terms)
    notes = [f"Changes {names}. Best fits are refitted."]
    if found.option == "spectrum_support":
        notes = [
            f"Without {names}: rates measured with efficiencies for the q2 spectrum of the "
            "Standard Model, while the best fit has another one. Best fits are refitted."
        ]
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
