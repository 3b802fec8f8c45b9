"""Results as text on a terminal, in a pipe, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .plain_records import plain
from .tables import rich_table, sensitivity_tables
from .terminal import terminal

if TYPE_CHECKING:
    from rich.console import Console

    from ..chains.records import RunFile
    from ..chains.records.projections import Projection
    from ..chains.statistics.comparison import Comparison
    from ..chains.statistics.diagnostics import Verdict
    from ..chains.tables.table import Table
    from ..fitter.drivers.target import Array
    from ..fitter.problem import Problem
    from ..fitter.runs.run import Outcome
    from ..fitter.runs.studies.evidence import EvidenceOutcome
    from ..fitter.runs.studies.limits import LimitOutcome
    from ..fitter.runs.studies.predictive import PredictiveOutcome
    from ..fitter.runs.studies.significance import SignificanceOutcome
    from ..fitter.runs.studies.toys import ToyOutcome
    from ..fitter.sensitivity.check import Identifiability
    from ..fitter.sensitivity.outlook import Outlook

__all__ = [
    "print_check",
    "print_comparison",
    "print_evidence",
    "print_json",
    "print_latex",
    "print_limits",
    "print_outcome",
    "print_predictions",
    "print_predictive",
    "print_projection",
    "print_results",
    "print_significance",
    "print_toys",
]

# Observables printed at the end of a run; the largest pulls.
SHOWN_OBSERVABLES = 10


def print_json(record: Any) -> None:
    """Print as JSON; what is not a finite number is null."""
    print(json.dumps(plain(record), indent=1, ensure_ascii=False, allow_nan=False))


def print_outcome(outcome: Outcome) -> None:
    """Print what a run found, how long it took and where it is."""
    console = terminal()
    _print_tables(console, _tables(outcome.results, outcome.verdict, details=False))
    _print_fit(console, outcome.results)
    if outcome.results.support is not None:
        console.print(outcome.results.support.verdict)
    if outcome.verdict is not None:
        console.print(outcome.verdict.text)
    times = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in outcome.seconds.items())
    console.print(f"Time: {times}.")
    for name, text in outcome.files.items():
        console.print(f"{outcome.directory / name}: {text}", soft_wrap=True)


def print_toys(outcome: ToyOutcome) -> None:
    """Print what toys say, and where they are."""
    from ..chains.tables.toys import toy_tables

    console = terminal()
    _print_tables(console, toy_tables(outcome.study))
    console.print(f"{outcome.path}: {outcome.study.done} toys at {outcome.study.label}")


def print_predictive(outcome: PredictiveOutcome) -> None:
    """Print what data sets of the posterior say, and where they are."""
    from ..chains.tables.predictive import predictive_tables

    console = terminal()
    _print_tables(console, predictive_tables(outcome.check))
    console.print(f"{outcome.path}: {outcome.check.number} data sets of the posterior")
    if outcome.picture is not None:
        console.print(f"{outcome.picture}: counts over their bands", soft_wrap=True)


def print_limits(outcome: LimitOutcome, style: str) -> None:
    """Print limits as a table, or as the text of a file; the table says where files are."""
    from ..chains.tables.hepdata import hepdata_table
    from ..chains.tables.limits import limit_csv, limit_table
    from .plain_records import limits_record

    if style == "csv":
        print(limit_csv(outcome.limits), end="")
    elif style == "hepdata":
        print(hepdata_table(outcome.limits), end="")
    elif style == "json":
        print_json(limits_record(outcome.limits))
    else:
        console = terminal()
        _print_tables(console, [limit_table(outcome.limits)])
        for path in outcome.files:
            console.print(str(path), soft_wrap=True)


def print_significance(outcome: SignificanceOutcome) -> None:
    """Print how likely the largest excess of a scan is, and where files are."""
    from ..chains.tables.global_significance import significance_table

    console = terminal()
    _print_tables(console, [significance_table(outcome.found)])
    for path in outcome.files:
        console.print(str(path), soft_wrap=True)


def print_comparison(found: Comparison) -> None:
    """Print runs beside each other."""
    from ..chains.tables.comparison import common_table, comparison_table
    from ..chains.tables.non_nested import non_nested_table

    tables = [comparison_table(found)]
    if found.common:
        tables.append(common_table(found))
    if found.tests:
        tables.append(non_nested_table(found.tests, found.notes))
    _print_tables(terminal(), tables)


def print_evidence(outcome: EvidenceOutcome) -> None:
    """Print ln Z of all runs, and where the samples are."""
    from ..chains.tables.evidence import evidence_table

    console = terminal()
    _print_tables(console, [evidence_table(outcome.results)])
    console.print(f"{outcome.path}: {len(outcome.results.weighted)} runs of nested sampling")


def print_projection(found: Projection) -> None:
    """Print expected errors and significances."""
    from ..chains.tables.projection import projection_table

    _print_tables(terminal(), [projection_table(found)])


def print_results(results: RunFile, verdict: Verdict | None) -> None:
    """Print all that a results file holds, but the chain itself."""
    console = terminal()
    _print_tables(console, _tables(results, verdict, details=True))
    _print_fit(console, results)
    for note in results.notes:
        console.print(f"Note: {note}")
    console.print(f"{results.name}, begun {results.created}, seed {results.seed}.")
    versions = ", ".join(f"{name} {version}" for name, version in results.versions.items())
    console.print(f"Made with {versions}.")


def print_latex(results: RunFile, verdict: Verdict | None) -> None:
    """Print the tables of a results file in LaTeX."""
    for table in _tables(results, verdict, details=True):
        print(f"% {table.title}\n{table.latex()}")


def _tables(results: RunFile, verdict: Verdict | None, details: bool) -> list[Table]:
    from ..chains.statistics.non_nested import non_nested_test
    from ..chains.statistics.samples import least_ess, posterior_of
    from ..chains.tables.evidence import evidence_table
    from ..chains.tables.global_significance import significance_table
    from ..chains.tables.limits import limit_table
    from ..chains.tables.non_nested import non_nested_table
    from ..chains.tables.observables import observable_table
    from ..chains.tables.predictive import predictive_tables
    from ..chains.tables.profiles import profile_table
    from ..chains.tables.robustness import alternative_table, support_table
    from ..chains.tables.run import (
        diagnostics_table,
        parameter_table,
        prediction_table,
        term_table,
    )
    from ..chains.tables.toys import toy_tables

    samples = posterior_of(results, verdict)
    best = results.best_fit
    tables = [parameter_table(results, samples)]
    if results.weighted:
        tables.append(evidence_table(results))
    profiles = profile_table(results)
    if profiles.rows:
        tables.append(profiles)
    if best is not None and details:
        tables.append(term_table(best))
    if best is not None and best.observables:
        tables.append(observable_table(best, None if details else SHOWN_OBSERVABLES))
    tables += [table for study in results.toys for table in toy_tables(study)]
    if results.non_nested:
        notes = dict.fromkeys(note for study in results.non_nested for note in study.notes)
        tests = [non_nested_test(study) for study in results.non_nested]
        tables.append(non_nested_table(tests, tuple(notes)))
    tables += [table for check in results.predictive for table in predictive_tables(check)]
    tables += [limit_table(entry) for entry in results.limits]
    tables += [significance_table(entry) for entry in results.significances]
    predicted = prediction_table(
        results.predictions, results.reference_name, ess=least_ess(samples)
    )
    if predicted.rows:
        tables.append(predicted)
    if results.support is not None and details:
        tables.append(support_table(results.support))
    tables += [alternative_table(results, entry) for entry in results.alternatives]
    if verdict is not None and details:
        tables.append(diagnostics_table(verdict))
    return tables


def _print_tables(console: Console, tables: Sequence[Table]) -> None:
    for table in tables:
        console.print(table.rich())


def _print_fit(console: Console, results: RunFile) -> None:
    from ..chains.tables.significance import comparison_text, rests_on

    best = results.best_fit
    if best is None:
        console.print("No best fit yet.")
        return
    console.print(f"Best fit: {best.status}")
    if comparison := comparison_text(best):
        console.print(comparison)
        console.print(rests_on(results))


def print_predictions(model: str, settings: dict[str, Any], records: list[dict[str, Any]]) -> None:
    """Print predictions as a table, one row for each point of q2."""
    rows = []
    for record in records:
        points = record["kinematics"].get("q2")
        limits = ", ".join(f"{k} = {v:g}" for k, v in record["kinematics"].items() if k != "q2")
        values, errors = plain(record["value"]), plain(record["error"])
        for index in range(1 if points is None else len(points)):
            value, error = (
                entry[index] if isinstance(entry, list) else entry for entry in (values, errors)
            )
            rows.append(
                (
                    record["observable"],
                    limits if points is None else f"q2 = {points[index]:g}",
                    "-" if value is None else f"{value:.6g}",
                    "" if error is None else f"{error:.2g}",
                    "" if record["unit"] == "1" else record["unit"],
                )
            )
    chosen = ", ".join(f"{name} = {value:g}" for name, value in settings.items())
    title = f"{model}: {chosen or 'all parameters at their defaults'}"
    header = ("observable", "at (GeV^2)", "value", "error", "unit")
    # A column in which nothing stands is left out.
    kept = [i for i in range(len(header)) if any(row[i] for row in rows)]
    console = terminal()
    console.print(title)
    console.print(
        rich_table(
            [header[i] for i in kept],
            [[row[i] for i in kept] for row in rows],
            right=True,
        )
    )


def print_check(problem: Problem, found: Identifiability, seen: Outlook, theta: Array) -> None:
    """Print what each term says of each parameter, log L at the first point, and what is not told.

    Parameters
    ----------
    problem : Problem
    found : Identifiability
    seen : Outlook
    theta : (1, d) array
        The first point.
    """
    from ..fitter.reports.notes import marginalised_notes
    from ..fitter.sensitivity.outlook import outlook_sentences

    console = terminal()
    console.print(
        "Largest relative change of the prediction of a term, per typical change of a parameter:"
    )
    for table in sensitivity_tables(found, console.width):
        console.print(table)
    logs = {name: log[0] for name, log in problem.term_log_likelihoods(theta).items()}
    values = ", ".join(
        f"{name} = {value:.6g}" for name, value in zip(problem.names, theta[0], strict=True)
    )
    console.print(f"ln L at {values}:")
    console.print(
        rich_table(
            ("term", "ln L"),
            [(name, f"{round(float(value), 4) + 0.0:.4f}") for name, value in logs.items()],
            right=True,
        )
    )
    for sentence in (*marginalised_notes(found), *outlook_sentences(seen), *found.problems):
        console.print(f"Warning: {sentence}")
    if not (found.dead or found.flat or found.problems):
        console.print("No dead parameter, no flat direction.")
