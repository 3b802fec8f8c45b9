"""The tables of toys: tests, coverage, pulls, goodness of fit."""

from __future__ import annotations

import math

from ..records import ToyStudy
from ..statistics.coverage import coverage, pulls
from ..statistics.toys import (
    TailProbability,
    TestResult,
    at_bound,
    converged,
    discovery,
    goodness,
    likelihood_ratio,
)
from .run import hundredths, without_empty_columns
from .table import Cell, Label, Measured, Table

__all__ = ["probability", "toy_tables"]


def toy_tables(study: ToyStudy) -> tuple[Table, ...]:
    """Tables of toys drawn at one point.

    Parameters
    ----------
    study : ToyStudy

    Returns
    -------
    tuple of Table
        Tests, goodness of fit, coverage, and best fits; those without rows are left out.
    """
    tables = (
        _test_table(study),
        _goodness_table(study),
        _coverage_table(study),
        _pull_table(study),
    )
    return tuple(table for table in tables if table.rows)


def _title(study: ToyStudy, what: str) -> str:
    return f"{what}: {study.done} toys at {study.label}"


def probability(found: TailProbability) -> Cell:
    """Part of toys with its error; a bound where it is none or all of them; empty if unknown."""
    if not math.isfinite(found.value):
        return ""
    if found.count in (0, found.total):
        sign, end = ("<", found.error) if found.count == 0 else (">", 1.0 - found.error)
        return f"{sign} {end:.3g}"
    return Measured(found.value, found.error, found.error)


def _sigma(value: float) -> str:
    return hundredths(value) if math.isfinite(value) else ""


def _failures(study: ToyStudy, found: TailProbability) -> list[str]:
    """What failed fits could change, and what other starts found."""
    notes = []
    if found.failed:
        notes.append(
            f"Fits of {found.failed} toys failed: with them p would be between "
            f"{found.lowest:.3g} and {found.highest:.3g}."
        )
    moved = int((study.gains > 0.01).sum())
    if moved:
        notes.append(
            f"Of {moved} toys another minimum than that beside the truth was lower by more than "
            "0.01."
        )
    return notes


def _test_table(study: ToyStudy) -> Table:
    head = ["test", "observed", "p (toys)", "σ (toys)", "p (asymptotic)", "σ (asymptotic)"]
    rows: list[list[Cell]] = []
    notes: list[str] = []
    ratio, one_sided = likelihood_ratio(study), discovery(study)
    if study.at_best:  # nothing is tested where the likelihood is largest
        ratio = one_sided = None
    if ratio is not None:
        rows.append(_test_row(f"−2 ln λ({', '.join(study.tested)})", ratio))
        notes += _failures(study, ratio.toys)
        notes.append(
            "p: part of the toys with at least what is observed, with its binomial error; σ is "
            "one-sided, −Φ⁻¹(p)."
        )
        for name in at_bound(study):
            notes.append(f"{name} is at an end of its range: −2 ln λ has no χ² distribution.")
    if one_sided is not None:
        rows.append(_test_row("q₀, only more than the null", one_sided))
    notes += study.notes
    return without_empty_columns(_title(study, "Tests"), head, rows, notes)


def _test_row(name: str, found: TestResult) -> list[Cell]:
    asymptotic = found.asymptotic
    known = math.isfinite(asymptotic)
    return [
        name,
        hundredths(found.statistic),
        probability(found.toys),
        _sigma(found.toys.sigma),
        f"{asymptotic:.3g}" if known else "",
        _sigma(found.asymptotic_sigma) if known else "",
    ]


def _goodness_table(study: ToyStudy) -> Table:
    head = ["goodness of fit", "deviance", "data", "degrees of freedom", "p (toys)", "p (χ²)"]
    found, without = goodness(study)
    rows: list[list[Cell]] = []
    for entry in found:
        known = math.isfinite(entry.asymptotic)
        rows.append(
            [
                Label(entry.name) if entry.name else "all data",
                hundredths(entry.deviance),
                str(entry.data),
                str(entry.degrees) if entry.degrees >= 0 else "",
                probability(entry.toys),
                f"{entry.asymptotic:.3g}" if known else "",
            ]
        )
    notes = []
    if rows:
        notes.append(
            "Deviance: −2 ln of the ratio to the saturated model, at the best fit; that of all "
            "data has that of the constraints."
        )
    if rows and without:
        notes.append(f"Without goodness of fit, left out: {', '.join(without)}.")
    return without_empty_columns(_title(study, "Goodness of fit"), head, rows, notes)


def _coverage_table(study: ToyStudy) -> Table:
    head = ["interval", "of", "level (%)", "holds the truth (%)", "toys", "without"]
    rows: list[list[Cell]] = [
        [
            entry.kind,
            entry.parameters,
            f"{100.0 * entry.level:.4g}",
            Measured(100.0 * entry.fraction, 100.0 * entry.error, 100.0 * entry.error),
            str(entry.total),
            str(entry.missing) if entry.missing else "",
        ]
        for entry in coverage(study)
        if entry.total
    ]
    return without_empty_columns(_title(study, "Coverage"), head, rows)


def _pull_table(study: ToyStudy) -> Table:
    head = ["best fits", "truth", "bias", "spread", "mean pull", "width of pulls", "without error"]
    rows: list[list[Cell]] = []
    if int(converged(study).sum()) > 1:
        for place, entry in enumerate(pulls(study)):
            rows.append(
                [
                    Label(entry.name),
                    float(study.truth[place]),
                    Measured(entry.bias, entry.bias_error, entry.bias_error),
                    float(entry.spread),
                    Measured(entry.mean, entry.mean_error, entry.mean_error),
                    Measured(entry.width, entry.width_error, entry.width_error),
                    str(entry.without) if entry.without else "",
                ]
            )
    notes = ["Bias: mean of best fit − truth; pull: that over its error (HESSE)."] if rows else []
    return without_empty_columns(_title(study, "Best fits"), head, rows, notes)
