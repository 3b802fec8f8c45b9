"""The tables of a run: parameters, likelihood terms, diagnostics, predictions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..records import BestFit, ParameterRecord, Prediction, RunFile
from ..statistics.diagnostics import Verdict
from ..statistics.regions import Marginal, Region
from ..statistics.samples import Posterior
from .table import Cell, Interval, Label, Measured, Table, Union

__all__ = [
    "SPECTRUM_NOTE",
    "STANDARD_SPECTRUM",
    "diagnostics_table",
    "hundredths",
    "parameter_table",
    "prediction_table",
    "term_table",
    "without_empty_columns",
]

# Behind the name of a term.
STANDARD_SPECTRUM = " (SM spectrum)"
SPECTRUM_NOTE = (
    "(SM spectrum): a rate measured with efficiencies for the q2 spectrum of the Standard Model."
)


def _blank(cell: Cell) -> bool:
    if isinstance(cell, Measured):
        return bool(np.isnan(cell.value))
    if isinstance(cell, Interval):
        return bool(np.isnan(cell.lower))
    if isinstance(cell, Union):
        return not cell.intervals
    return cell == "" or cell != cell


def without_empty_columns(
    title: str, head: Sequence[str], rows: Sequence[Sequence[Cell]], notes: Sequence[str] = ()
) -> Table:
    """Make a table without its empty columns.

    Parameters
    ----------
    title : str
    head : sequence of str
    rows : sequence of sequences of cells
    notes : sequence of str

    Returns
    -------
    Table
    """
    keep = [i for i in range(len(head)) if not i or any(not _blank(row[i]) for row in rows)]
    return Table(
        title,
        tuple(head[index] for index in keep),
        tuple(tuple(row[index] for index in keep) for row in rows),
        tuple(notes),
    )


def _credible(marginal: Marginal | None, kind: str) -> tuple[Cell, Cell, Cell]:
    """Median (with the errors of the 68 % interval for rounding) and the two intervals.

    With separate modes there is no median, and the intervals are regions of highest density; an
    angle has its mean direction and such regions.
    """
    if marginal is None or not marginal.size:
        return np.nan, Interval(np.nan, np.nan), Interval(np.nan, np.nan)
    if marginal.separate:
        return "", _union(marginal.region(0.68)), _union(marginal.region(0.95))
    if marginal.period is not None:
        inner, outer = (marginal.region(content).intervals[0] for content in (0.68, 0.95))
    else:
        inner, outer = (marginal.interval(content, kind) for content in (0.68, 0.95))
    middle = marginal.location
    return (
        Measured(middle, inner[0] - middle, inner[1] - middle),
        Interval(*inner),
        Interval(*outer),
    )


def _union(region: Region) -> Cell:
    if len(region.intervals) == 1:
        return Interval(*region.intervals[0])
    return Union(region.intervals, region.probabilities)


def _mode_notes(marginals: Sequence[tuple[str, Marginal]]) -> list[str]:
    """What is said below a table of parameters with separate modes, and of angles."""
    notes = []
    for name, marginal in marginals:
        if marginal.separate:
            each = ", ".join(
                f"{100 * mode.weight:.2g} % near {mode.peak:.3g}" for mode in marginal.modes
            )
            notes.append(f"{name} has separate modes: {each}.")
    if notes:
        notes.append(
            "There, and for angles, intervals are regions of highest density, with the probability "
            "of each part; a median would lie between the modes."
        )
    elif any(marginal.period is not None for _, marginal in marginals):
        notes.append("Angles: mean direction, and regions of highest density.")
    return notes


def _unit(unit: str) -> str:
    return "" if unit == "1" else unit


_INTERVAL_NOTE = {
    "equal-tailed": "Intervals are equal tailed.",
    "hdi": "Intervals are the shortest that hold the content (highest density).",
}


def parameter_table(
    run: RunFile, samples: Posterior | None = None, kind: str = "equal-tailed"
) -> Table:
    """Table of the free parameters: best fit with errors, posterior median and intervals.

    Parameters
    ----------
    run : RunFile
    samples : Posterior, optional
        Posterior sample; without it the columns of the posterior are left out.
    kind : str
        ``"equal-tailed"`` or ``"hdi"``.

    Returns
    -------
    Table
        Fixed and tied parameters are told in the notes.
    """
    fit = run.best_fit
    free = [record for record in run.parameters if record.free]
    head = ["parameter", "unit", "best fit (HESSE)", "best fit (MINOS)", "median"]
    head += ["68 % interval", "95 % interval"]
    rows = []
    marginals = {} if samples is None else _marginals(free, samples)
    for record in free:
        row: list[Cell] = [Label(record.name, record.latex), _unit(record.unit)]
        if fit is not None and record.name in fit.names:
            index = fit.names.index(record.name)
            value = float(fit.values[index])
            error = float(fit.errors[index])
            if fit.hesse_status[index]:
                error = np.nan  # only the value can be quoted
            row.append(Measured(value, error, error))
            minos = fit.minos[index]
            done = bool(np.any(np.isfinite(minos)))
            low, high = (float(error) for error in minos)
            row.append(Measured(value, low, high, resolve=True) if done else "")
        else:
            row += ["", ""]
        rows.append([*row, *_credible(marginals.get(record.name), kind)])
    notes = [_INTERVAL_NOTE[kind]] if samples is not None else []
    if fit is not None:
        told = zip(fit.names, fit.hesse_status, strict=True)
        notes += [f"No symmetric error of {name}: {why}." for name, why in told if why]
    notes += _mode_notes(list(marginals.items()))
    fixed = [
        f"{record.name} = {record.prior.removeprefix('= ')}"
        if record.value is None
        else " ".join(filter(None, (f"{record.name} = {record.value:g}", _unit(record.unit))))
        for record in run.parameters
        if not record.free
    ]
    if fixed:
        notes.append("Not free: " + ", ".join(fixed) + ".")
    return without_empty_columns("Parameters", head, rows, notes)


def _marginals(free: Sequence[ParameterRecord], samples: Posterior) -> dict[str, Marginal]:
    return {
        record.name: samples.marginal(record) for record in free if record.name in samples.names
    }


def term_table(fit: BestFit) -> Table:
    """Table of the likelihood terms: log L at the best fit and the reference point, and pulls.

    Parameters
    ----------
    fit : BestFit

    Returns
    -------
    Table
        The difference column is -2 ln(L_reference / L_best): positive where the term prefers the
        best fit.
    """
    label = fit.reference_label
    best, reference = fit.term_log_likelihood, fit.reference_term_log_likelihood
    head = ["term", "ln L best fit", f"ln L {label}", f"−2 ln(L {label} / L best fit)"]
    head += ["pull best fit", f"pull {label}"]
    columns = [best, reference, 2.0 * (best - reference)]
    marked = {record.term for record in fit.observables if record.standard_spectrum}
    rows: list[list[Cell]] = [
        [
            Label(f"{name}{STANDARD_SPECTRUM}" if name in marked else name),
            *(hundredths(column[index]) for column in columns),
            hundredths(fit.term_pulls[index], sign=True),
            hundredths(fit.reference_term_pulls[index], sign=True),
        ]
        for index, name in enumerate(fit.term_names)
    ]
    if len(fit.term_names) > 1:
        rows.append(["all terms", *(hundredths(column.sum()) for column in columns), "", ""])
    notes = [SPECTRUM_NOTE] if marked else []
    return without_empty_columns("Likelihood terms", head, rows, notes)


def hundredths(value: float, sign: bool = False) -> str:
    """Write a number with two digits after the point; nothing for NaN."""
    if np.isnan(value):
        return ""
    return f"{round(float(value), 2) + 0.0:{'+' if sign else ''}.2f}"


def diagnostics_table(verdict: Verdict) -> Table:
    """Table of autocorrelation time (stored steps), ESS and R-hat of each parameter.

    Parameters
    ----------
    verdict : Verdict

    Returns
    -------
    Table
    """
    columns = (
        (verdict.tau, ".1f"),
        (verdict.ess, ".0f"),
        (verdict.tail_ess, ".0f"),
        (verdict.rhat, ".3f"),
        (verdict.rank_rhat, ".3f"),
    )
    rows: list[list[Cell]] = [
        [
            Label(name),
            *("" if np.isnan(values[k]) else f"{values[k]:{form}}" for values, form in columns),
        ]
        for k, name in enumerate(verdict.names)
    ]
    head = ["parameter", "τ (steps)", "ESS", "ESS of tails", "R-hat", "R-hat of ranks"]
    return without_empty_columns("Diagnostics", head, rows, [verdict.text])


def prediction_table(
    predictions: Sequence[Prediction],
    label: str = "reference",
    kind: str = "equal-tailed",
    ess: float | None = None,
) -> Table:
    """Table of predicted numbers (spectra are left to pictures).

    Parameters
    ----------
    predictions : sequence of Prediction
    label : str
        Name of the reference point.
    kind : str
        ``"equal-tailed"`` or ``"hdi"``.
    ess : float, optional
        Smallest effective number of samples of the chain; as many as there are if not given.

    Returns
    -------
    Table
    """
    head = ["observable", "unit", label, "best fit", "median", "68 % interval", "95 % interval"]
    shown = [prediction for prediction in predictions if prediction.axis is None]
    marginals = [
        Marginal(prediction.samples[:, 0], ess, weights=prediction.weights) for prediction in shown
    ]
    rows: list[list[Cell]] = [
        [
            Label(prediction.name, prediction.latex),
            _unit(prediction.unit),
            float(prediction.reference[0]),
            float(prediction.best_fit[0]),
            *_credible(marginal, kind),
        ]
        for prediction, marginal in zip(shown, marginals, strict=True)
    ]
    notes = [_INTERVAL_NOTE[kind]] if rows else []
    names = [prediction.name for prediction in shown]
    notes += _mode_notes(list(zip(names, marginals, strict=True)))
    return without_empty_columns("Predictions", head, rows, notes)
