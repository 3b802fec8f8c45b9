"""Sections of what a run found, and what is not there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from ..records import BestFit, RunFile
from ..statistics.non_nested import non_nested_test
from ..statistics.samples import Posterior, least_ess, posterior_of
from ..tables.evidence import evidence_table
from ..tables.global_significance import significance_table
from ..tables.limits import limit_table
from ..tables.non_nested import non_nested_table
from ..tables.observables import observable_table
from ..tables.predictive import predictive_tables
from ..tables.profiles import profile_table
from ..tables.robustness import alternative_table, support_table
from ..tables.run import (
    diagnostics_table,
    parameter_table,
    prediction_table,
    term_table,
    without_empty_columns,
)
from ..tables.significance import rests_on
from ..tables.summary import best_fit_lines
from ..tables.table import Cell, Label, Table
from ..tables.toys import toy_tables
from . import pictures
from .about import Reported
from .alternatives import (
    limits_in_words,
    posterior_in_words,
    predictive_in_words,
    pulls_in_words,
    rate_in_words,
    scan_in_words,
    significance_in_words,
    spectrum_in_words,
    toys_in_words,
)
from .blocks import Block, Fold, Grid, Section, Text
from .pictures import picture

__all__ = ["ROLES", "found", "own_parameters"]

ROLES = ("model", "auxiliary")
"""Of the parameters that a question is about."""

# Parameters of a table of correlations, and of a corner plot: more are hardly read.
_MOST, _SHOWN = 12, 8


def own_parameters(run: RunFile, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those that are of the model, or all if none are."""
    return tuple(name for name in names if run.parameter(name).role in ROLES) or names


def found(entry: Reported) -> Iterator[Section]:
    """All sections of results, in the order of the page; what is not there is left out."""
    run, verdict = entry.run, entry.verdict
    samples = posterior_of(run, verdict)
    yield from _best_fit(run, samples)
    yield from _scans(run)
    yield from _posterior(entry, samples)
    yield from _against_data(run)
    yield from _predictions(run, samples)
    yield from _toys(run)
    yield from _limits(run)
    yield from _robustness(run)


def _best_fit(run: RunFile, samples: Posterior | None) -> Iterator[Section]:
    table = parameter_table(run, samples)
    if not table.rows or (run.best_fit is None and samples is None):
        return
    blocks: list[Block] = [Grid(table)]
    fit = run.best_fit
    if fit is not None:
        lines = best_fit_lines(fit)[1:2]  # how it ended and what it says stands in front
        blocks += [Text(text) for text in (*lines, rests_on(run)) if text]
        if len(fit.ladder) > 1:
            blocks.append(Fold("How the minimum was found", "\n".join(fit.ladder), printed=False))
        if len(fit.other_minima):
            blocks.append(Grid(_minima_table(run, fit)))
        correlations = _correlation_table(run, fit)
        if correlations.rows:
            blocks.append(Grid(correlations))
    yield Section("fit", "Best fit and intervals", tuple(blocks))
    modes = _mode_table(run, samples)
    if modes.rows:
        yield Section("modes", "Modes of the posterior", (Grid(modes),))


def _minima_table(run: RunFile, fit: BestFit) -> Table:
    """Parameters of the model at the best fit and the other minima."""
    names = own_parameters(run, fit.names)
    columns = [fit.names.index(name) for name in names]
    rows: list[list[Cell]] = []
    for name, index in zip(names, columns, strict=True):
        values = [float(fit.values[index]), *(float(row[index]) for row in fit.other_minima)]
        rows.append([Label(name, run.parameter(name).latex), *values])
    others = [f"minimum {number + 2}" for number in range(len(fit.other_minima))]
    return without_empty_columns("Minima", ["parameter", "best fit", *others], rows)


def _correlation_table(run: RunFile, fit: BestFit) -> Table:
    """Correlations of the parameters of the model, from second derivatives at the best fit."""
    names = own_parameters(run, fit.names)
    kept = [fit.names.index(name) for name in names]
    spread = fit.errors
    if len(names) < 2 or not (spread[kept] > 0.0).all():
        return Table("", (), ())
    shown = names[:_MOST]
    matrix = fit.covariance / np.outer(spread, spread)
    rows: list[tuple[Cell, ...]] = [
        (Label(name, run.parameter(name).latex),
         *(f"{matrix[i, j]:+.2f}".replace("-", "−") for j in kept[:_MOST]))
        for name, i in zip(shown, kept, strict=False)
    ]  # fmt: skip
    notes = ["From second derivatives at the best fit."]
    if len(names) > len(shown):
        notes.append(f"{len(names) - len(shown)} more parameters are left out.")
    return Table("Correlations", ("parameter", *shown), tuple(rows), tuple(notes))


def _mode_table(run: RunFile, samples: Posterior | None) -> Table:
    """Modes of parameters whose posterior has more than one."""
    rows: list[list[Cell]] = []
    marginals = (
        [] if samples is None else [(n, samples.marginal(run.parameter(n))) for n in samples.names]
    )
    for name, marginal in marginals:
        if not marginal.separate:
            continue
        for number, mode in enumerate(marginal.modes):
            label = Label(name, run.parameter(name).latex) if not number else ""
            rows.append([label, float(mode.peak), f"{100.0 * mode.weight:.2g} %"])
    head = ["parameter", "peak", "probability"]
    return without_empty_columns("Modes", head, rows)


def _scans(run: RunFile) -> Iterator[Section]:
    if not run.scans:
        return
    table = profile_table(run)
    blocks: list[Block] = [Grid(table)] if table.rows else []
    for scan in run.scans:
        kind = "Section" if scan.held else "Profile"
        blocks.append(
            picture(
                partial(pictures.profile_figure, run, scan),
                partial(scan_in_words, run, scan),
                f"{kind} of the likelihood in {' and '.join(scan.parameters)}",
            )
        )
    yield Section("scans", "Profiles and scans", tuple(blocks))


def _posterior(entry: Reported, samples: Posterior | None) -> Iterator[Section]:
    run, verdict = entry.run, entry.verdict
    if samples is not None:
        every = own_parameters(run, samples.names)
        names, blocks = every[:_SHOWN], list[Block]()
        more = f", the first {len(names)} of {len(every)}" if len(every) > len(names) else ""
        if verdict is not None and not verdict.converged:
            told = "The chain has not converged: the posterior is provisional."
            blocks.append(Text(told, "warning"))
        blocks.append(
            picture(
                partial(pictures.corner, run, names, verdict=verdict),
                partial(posterior_in_words, run, samples, names),
                f"Marginal posteriors of the parameters of the model{more}",
            )
        )
        yield Section("posterior", "Posterior", tuple(blocks))
    if verdict is not None:
        box = Text(verdict.text, "good" if verdict.converged else "warning")
        numbers = Grid(replace(diagnostics_table(verdict), notes=()))
        yield Section("convergence", "Convergence", (box, numbers))
    if run.weighted:
        table = Grid(evidence_table(run))
        yield Section("evidence", "Evidence and samples with weights", (table,))


def _against_data(run: RunFile) -> Iterator[Section]:
    fit = run.best_fit
    blocks: list[Block] = []
    if fit is not None and fit.term_names:
        blocks.append(Grid(term_table(fit)))
    if fit is not None and fit.observables:
        blocks.append(Grid(observable_table(fit)))
        if any(np.isfinite(entry.pull) for entry in fit.observables):
            fits = {"best fit": fit}
            blocks.append(
                picture(
                    partial(pictures.pull_figure, fits),
                    partial(pulls_in_words, fits),
                    "Pulls of all observables",
                )
            )
    for spectrum in run.spectra:
        blocks.append(
            picture(
                partial(pictures.bin_figure, spectrum),
                partial(spectrum_in_words, spectrum),
                f"{spectrum.channel} after the fit",
            )
        )
    if blocks:
        yield Section("pulls", "Data against the fit: pulls and spectra", tuple(blocks))
    for check in run.predictive:
        shown = picture(
            partial(pictures.predictive_figure, check),
            partial(predictive_in_words, check),
            "Counts over the bands of those that the posterior expects",
        )
        tables = [Grid(table) for table in predictive_tables(check)]
        yield Section("predictive", "Posterior predictive check", (shown, *tables))


def _predictions(run: RunFile, samples: Posterior | None) -> Iterator[Section]:
    ess = least_ess(samples)
    table = prediction_table(run.predictions, run.reference_name, "equal-tailed", ess)
    blocks: list[Block] = [Grid(table)] if table.rows else []
    for entry in run.predictions:
        if entry.axis is not None:
            blocks.append(
                picture(
                    partial(pictures.rate_figure, entry, run.reference_name, ess),
                    partial(rate_in_words, entry, run.reference_name),
                    f"{entry.name} with its band",
                )
            )
    if blocks:
        yield Section("predictions", "Predictions", tuple(blocks))


def _toys(run: RunFile) -> Iterator[Section]:
    tables = [Grid(table) for study in run.toys for table in toy_tables(study)]
    if tables:
        yield Section("toys", "Toys: tests, goodness of fit, coverage", tuple(tables))
    if not run.non_nested:
        return
    pairs = dict.fromkeys((study.first, study.second) for study in run.non_nested)
    blocks: list[Block] = []
    for pair in pairs:
        studies = [one for one in run.non_nested if (one.first, one.second) == pair]
        tests = [non_nested_test(study, pair) for study in studies]
        notes = tuple(dict.fromkeys(note for study in studies for note in study.notes))
        blocks.append(Grid(non_nested_table(tests, notes)))
        blocks.append(
            picture(
                partial(pictures.non_nested_figure, studies, pair),
                partial(toys_in_words, studies),
                f"Ratio of the likelihoods of {pair[0]} and {pair[1]} in toys of both",
            )
        )
    yield Section("non-nested", "Toys of two models", tuple(blocks))


def _limits(run: RunFile) -> Iterator[Section]:
    blocks: list[Block] = []
    for limits in run.limits:
        blocks.append(Grid(limit_table(limits)))
        if limits.drawable:
            blocks.append(
                picture(
                    partial(pictures.limit_figure, run, limits),
                    partial(limits_in_words, limits),
                    f"Limits on {limits.parameter} against {' and '.join(limits.axes)}",
                )
            )
    if blocks:
        yield Section("limits", "Limits", tuple(blocks))
    blocks = []
    for entry in run.significances:
        blocks.append(Grid(significance_table(entry)))
        if entry.drawable:
            blocks.append(
                picture(
                    partial(pictures.significance_figure, run, entry),
                    partial(significance_in_words, entry),
                    f"p-values of excesses of {entry.parameter}",
                )
            )
    if blocks:
        yield Section("significance", "Largest excess", tuple(blocks))


def _robustness(run: RunFile) -> Iterator[Section]:
    if run.support is not None:
        table = Grid(support_table(run.support))
        yield Section("support", "Support by the published simulation", (table,))
    tables = [Grid(alternative_table(run, entry)) for entry in run.alternatives]
    if tables:
        yield Section("alternatives", "Other forms of likelihoods", tuple(tables))
