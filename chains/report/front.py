"""What stands before and after the results: question, data, model, priors; notes and sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..records import BestFit, ObservableRecord, ParameterRecord, RunFile
from ..statistics.samples import posterior_of
from ..tables.observables import measured_text
from ..tables.run import parameter_table, without_empty_columns
from ..tables.significance import comparison_text
from ..tables.summary import free_parameters
from ..tables.table import Cell, Label, Table
from .about import Reported
from .alternatives import limits_in_words, significance_in_words
from .blocks import Block, Data, Fold, Grid, Items, Lagrangian, Section, Sources, Text
from .commands import made_by
from .results import own_parameters

__all__ = ["cited", "notes", "prior_table", "provenance", "question", "setting"]

_CITE = "If you use bsinv in a publication, please cite it and the measurements that your fit uses."


def question(entry: Reported) -> Section:
    """What was asked, and the answer in short."""
    run, about, fit = entry.run, entry.about, entry.run.best_fit
    blocks: list[Block] = [Text(about.description, "lead")] if about.description else []
    terms = len(about.data) or (0 if fit is None else len(fit.term_names))
    fitted = f"{terms} likelihood term{'' if terms == 1 else 's'}. " if terms else ""
    blocks.append(Text(fitted + free_parameters(run)))
    table = _answer(entry)
    if table.rows:
        blocks.append(Grid(table))
    if fit is not None and comparison_text(fit):
        blocks.append(Text(comparison_text(fit)))
    blocks += [Text(limits_in_words(found)) for found in run.limits]
    blocks += [Text(significance_in_words(found)) for found in run.significances]
    return Section("question", "Question and answer", (*blocks, *_verdicts(entry)))


def _answer(entry: Reported) -> Table:
    """Parameters of the model: best fit and posterior."""
    run = entry.run
    names = own_parameters(run, tuple(one.name for one in run.parameters if one.free))
    own = replace(run, parameters=tuple(run.parameter(name) for name in names))
    table = parameter_table(own, posterior_of(run, entry.verdict))
    told = set(table.header) - {"parameter", "unit"}
    return replace(table, title="Result", rows=table.rows if told else (), notes=())


def _verdicts(entry: Reported) -> Iterator[Text]:
    """How far fit, chain and simulation are to be trusted."""
    fit, verdict, support = entry.run.best_fit, entry.verdict, entry.run.support
    if fit is not None:
        told = fit.status if fit.valid else f"Not to be trusted. {fit.status}"
        yield Text(told, "good" if fit.valid else "warning")
    if verdict is not None:
        yield Text(verdict.text, "good" if verdict.converged else "warning")
    if support is not None:
        yield Text(support.verdict, "good" if support.supported else "warning")


def setting(entry: Reported) -> Iterator[Section]:
    """Data, model, and priors."""
    run, about = entry.run, entry.about
    if about.data:
        rows = tuple((datum, _measured(run.best_fit, datum.name)) for datum in about.data)
        yield Section("data", "Data", (Data(rows),))
    elif about.unknown:
        yield Section("data", "Data", (Text(f"References are not known: {about.unknown}", "hint"),))
    blocks: list[Block] = []
    if about.model:
        told = about.model_text and f": {about.model_text}"
        blocks.append(Text(f"{about.model}{told}."))
    if about.lagrangian:
        lines = tuple(line for line in about.lagrangian.split("\n") if line.strip())
        blocks += [Lagrangian(lines), Fold("LaTeX of the formula", "\n".join(lines), printed=False)]
    elif about.unknown:
        blocks.append(Text(f"Its Lagrangian is not known: {about.unknown}", "hint"))
    elif about.model:
        blocks.append(Text("The model does not write down its Lagrangian.", "hint"))
    if blocks:
        yield Section("model", "Model", tuple(blocks))
    table = prior_table(run)
    if table.rows:
        yield Section("priors", "Parameters and priors", (Grid(table),))


def _measured(fit: BestFit | None, term: str) -> str:
    """What a term says was measured, of one observable; empty where there are several or none."""
    found: list[ObservableRecord] = []
    if fit is not None:
        found = [record for record in fit.observables if record.term == term]
    return measured_text(found[0]) if len(found) == 1 else ""


def prior_table(run: RunFile) -> Table:
    """Table of all parameters: what they are, their priors or values.

    Parameters
    ----------
    run : RunFile
    """
    rows: list[list[Cell]] = [
        [
            Label(record.name, record.latex),
            "" if record.unit == "1" else record.unit,
            record.role,
            _prior(record),
            float(record.start),
        ]
        for record in run.parameters
    ]
    notes = []
    if run.prior_fraction != 1.0:
        notes.append(
            f"Cuts of the analysis leave {run.prior_fraction:.4g} ± {run.prior_fraction_error:.2g} "
            "of the prior."
        )
    head = ["parameter", "unit", "role", "prior or value", "start"]
    return without_empty_columns("Parameters and their priors", head, rows, notes)


def _prior(record: ParameterRecord) -> str:
    if record.free or record.value is None:
        return record.prior
    return f"fixed, {record.value:g}"


def notes(run: RunFile) -> Iterator[Section]:
    """Sentences of the run."""
    if run.notes:
        yield Section("notes", "Notes", (Items(run.notes),))


def provenance(entry: Reported) -> Section:
    """Seed, versions, checksum, command, and the analysis as it stands."""
    run, about = entry.run, entry.about
    facts: list[tuple[Cell, ...]] = [
        ("results", f"{about.file}, {about.size} bytes, layout {run.schema_version}"),
        ("SHA-256", Label(about.sha256) if about.sha256 else ""),
        ("begun", run.created),
        ("seed", str(run.seed)),
        *(("made by", Label(command)) for command in made_by(entry)),
        *((name, version) for name, version in run.versions.items()),
        *((f"fingerprint of {key}", Label(value)) for key, value in run.fingerprint.items()),
    ]
    rows = tuple(row for row in facts if row[1] != "")
    blocks: list[Block] = [Grid(Table("What was run", ("what", "value"), rows))]
    blocks.append(Fold("Analysis, as it stands in the results", run.analysis_text))
    blocks += [Fold(f"File {name}", text) for name, text in run.files.items()]
    blocks += [
        Fold(f"Plugin {name} (its text; nothing of it was executed for this page)", text)
        for name, text in run.plugins.items()
    ]
    return Section("provenance", "Provenance", tuple(blocks))


def cited(entry: Reported) -> Section:
    """How to cite: all references, and their BibTeX."""
    about = entry.about
    blocks: list[Block] = [Text(_CITE)]
    if about.sources:
        blocks.append(Sources(about.sources))
    elif about.unknown:
        blocks.append(Text(f"References are not known: {about.unknown}", "hint"))
    if about.bibtex:
        blocks.append(Fold("BibTeX", about.bibtex))
    return Section("cite", "How to cite", tuple(blocks))
