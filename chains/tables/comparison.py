"""The table of runs beside each other."""

from __future__ import annotations

import math

from ..statistics.comparison import Compared, Comparison
from .run import hundredths, without_empty_columns
from .table import Cell, Measured, Table

__all__ = ["common_table", "comparison_table"]

# Terms named by their pulls.
_NAMED = 3


def comparison_table(found: Comparison) -> Table:
    """One row for each run; numbers that are missing stay blank, with the reason below.

    Parameters
    ----------
    found : Comparison

    Returns
    -------
    Table
    """
    head = ["run", "−2 Δ ln L", "free", "Δ AIC", "ln Z", "ln B", "ln B, half", "ln B, twice"]
    head += ["ln B ≤ q/2", "p of the fit", "largest pulls"]
    first = found.runs[0].name
    notes = [
        f"−2 Δ ln L, Δ AIC and ln B are relative to {first}: what describes the data better has "
        "negative ones and ln B above zero.",
    ]
    if any(math.isfinite(run.log_bayes_factor) for run in found.runs[1:]):
        told = f"of {found.quantity}" if found.quantity else "of the signal, which no run shares"
        notes.append(f"Half, twice: with the range of the prior {told} halved and doubled.")
    if any(math.isfinite(run.largest) for run in found.runs):
        notes.append(
            "q/2, with q = −2 ln [L(reference)/L(best)], bounds ln B of the run against its "
            "reference point for any prior of the signal."
        )
    notes += [f"{run.name}: {'; '.join(run.reasons)}." for run in found.runs if run.reasons]
    return without_empty_columns("Comparison", head, [_row(run) for run in found.runs], notes)


def common_table(found: Comparison) -> Table:
    """Evidences with signal priors uniform in a rate; without rows if none were asked for.

    Parameters
    ----------
    found : Comparison

    Returns
    -------
    Table
    """
    head = ["run", "ln Z", "ln B", "ln B, half", "ln B, twice", "ln B ≤ q/2"]
    rows: list[list[Cell]] = [
        [
            run.name,
            _measured(run.log_evidence, run.error),
            _measured(run.factor, run.factor_error),
            _hundredths(run.halved),
            _hundredths(run.doubled),
            _hundredths(run.largest),
        ]
        for run in found.common
    ]
    notes = [
        f"Prior of signals: uniform in {found.rate} of the new part, other priors as they are; "
        f"by reweighting. ln B is relative to {found.runs[0].name}; half, twice: ends of the rate."
    ]
    notes += [f"{run.name}: {run.reason}." for run in found.common if run.reason]
    return without_empty_columns("Evidence with a common prior", head, rows, notes)


def _row(run: Compared) -> list[Cell]:
    fit = run.goodness
    pulls = ", ".join(f"{name} {pull:+.1f}" for name, pull in run.pulls[:_NAMED])
    return [
        run.name,
        _hundredths(run.minus_two_delta_log),
        str(run.parameters) if run.parameters else "",
        _hundredths(run.delta_aic),
        _measured(run.log_evidence, run.log_evidence_error),
        _measured(run.log_bayes_factor, run.log_bayes_factor_error),
        _hundredths(run.halved),
        _hundredths(run.doubled),
        _hundredths(run.largest),
        "" if fit is None else _measured(fit.toys.value, fit.toys.error),
        pulls,
    ]


def _measured(value: float, error: float) -> Cell:
    return Measured(value, error, error) if math.isfinite(value) else ""


def _hundredths(value: float) -> Cell:
    return hundredths(value) if math.isfinite(value) else "" if math.isnan(value) else f"{value}"
