"""Sections that put runs beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from ..records import BestFit, RunFile
from ..statistics.comparison import compared
from ..statistics.evidence import evidence
from ..statistics.non_nested import studies_of
from ..statistics.samples import Posterior, posterior_of
from ..statistics.weights import quantile
from ..tables.comparison import comparison_table
from ..tables.non_nested import non_nested_table
from ..tables.rounding import format_interval, format_number
from ..tables.run import hundredths
from ..tables.table import Cell, Label, Measured, Table
from . import pictures
from .about import Reported
from .alternatives import overlay_in_words, pulls_in_words, toys_in_words
from .blocks import Block, Grid, Section
from .pictures import picture
from .results import ROLES, own_parameters

__all__ = ["best_fits_table", "compared_sections"]

# Characters of a title in legends and heads of columns.
_LONGEST = 40


def compared_sections(entries: Sequence[Reported]) -> Iterator[Section]:
    """Tables of all runs, and pictures of them over each other.

    Parameters
    ----------
    entries : sequence of Reported
        Two or more.
    """
    entries = _with_short_titles(entries)
    runs, titles = [entry.run for entry in entries], [entry.title for entry in entries]
    found = compared(runs, titles)
    yield Section(
        "comparison", "All runs", (Grid(comparison_table(found)), Grid(best_fits_table(entries)))
    )
    blocks = _overlays(entries)
    if blocks:
        yield Section("overlays", "Drawn over each other", tuple(blocks))
    if found.tests:
        table = Grid(non_nested_table(found.tests, found.notes))
        first, *others = entries
        shown = [
            picture(
                partial(pictures.non_nested_figure, studies, (first.title, other.title)),
                partial(toys_in_words, studies),
                f"Ratio of the likelihoods of {first.title} and {other.title} in toys of both",
            )
            for other in others
            if (studies := studies_of(first.run, other.run))
        ]
        yield Section("tests", "Toys of pairs of models", (table, *shown))


def _with_short_titles(entries: Sequence[Reported]) -> list[Reported]:
    """Runs with titles that fit into a legend, and are not the same."""
    titles: list[str] = []
    for entry in entries:
        title = entry.title
        if len(title) > _LONGEST:
            title = f"{title[: _LONGEST // 2]}…{title[-_LONGEST // 2 :]}"
        number = sum(one == title for one in titles)
        titles.append(f"{title} ({number + 1})" if number else title)
    return [replace(entry, title=title) for entry, title in zip(entries, titles, strict=True)]


def best_fits_table(entries: Sequence[Reported]) -> Table:
    """Likelihood and parameters of the models at the best fits, a column for each run.

    Parameters
    ----------
    entries : sequence of Reported
    """
    fits = [entry.run.best_fit for entry in entries]
    rows: list[tuple[Cell, ...]] = [
        ("−2 ln L", *(_minus_two(fit, "log_likelihood") for fit in fits)),
        ("−2 ln (L × constraints)", *(_minus_two(fit, "log_penalised") for fit in fits)),
        ("free parameters", *("" if fit is None else str(len(fit.names)) for fit in fits)),
        ("ln Z", *(_evidence(entry) for entry in entries)),
    ]
    names: dict[str, str] = {}
    for entry, fit in zip(entries, fits, strict=True):
        for name in () if fit is None else own_parameters(entry.run, fit.names):
            names.setdefault(name, entry.run.parameter(name).latex)
    for name, latex in names.items():
        rows.append((Label(name, latex), *(_value(fit, name) for fit in fits)))
    kept = tuple(row for row in rows if any(cell != "" for cell in row[1:]))
    notes = (
        "Parameters of the models with errors from MINOS, or from second derivatives. Likelihoods "
        "of different data, told of above, are not to be compared.",
    )
    return Table("Best fits", ("quantity", *(entry.title for entry in entries)), kept, notes)


def _minus_two(fit: BestFit | None, name: str) -> str:
    return "" if fit is None else hundredths(-2.0 * float(getattr(fit, name)))


def _evidence(entry: Reported) -> Cell:
    ended = [one for one in entry.run.weighted if one.complete and one.size]
    if not ended or not np.isfinite([one.log_evidence for one in ended]).any():
        return ""
    found = evidence(ended)
    return Measured(found.log_evidence, found.error, found.error)


def _value(fit: BestFit | None, name: str) -> Cell:
    """Best value with the errors of MINOS if there are both, else with the symmetric one."""
    if fit is None or name not in fit.names:
        return ""
    index = fit.names.index(name)
    low, high = (float(error) for error in fit.minos[index])
    if not np.isfinite([low, high]).all():
        error = np.nan if fit.hesse_status[index] else float(fit.errors[index])
        low, high = error, error
    return Measured(float(fit.values[index]), low, high)


def _overlays(entries: Sequence[Reported]) -> list[Block]:
    """Posteriors, profiles and spectra that two runs or more have."""
    runs = {entry.title: entry.run for entry in entries}
    blocks: list[Block] = [
        picture(
            partial(pictures.overlaid_posteriors, shown),
            partial(_posteriors_in_words, shown),
            f"Posteriors of {', '.join(names)}"
            + (": distributions, and regions of 68 and 95 %" if len(names) > 1 else ""),
        )
        for names, shown in _shared_posteriors(entries)
    ]
    fits = {title: run.best_fit for title, run in runs.items() if run.best_fit is not None}
    known = [fit for fit in fits.values() if any(np.isfinite(o.pull) for o in fit.observables)]
    if len(known) > 1:
        blocks.append(
            picture(
                partial(pictures.pull_figure, fits),
                partial(pulls_in_words, fits),
                "Pulls of all observables",
            )
        )
    scanned = [
        scan.parameters[0] for run in runs.values() for scan in run.scans if len(scan.axes) == 1
    ]
    for name in dict.fromkeys(scanned):
        if sum(any(s.parameters == (name,) for s in run.scans) for run in runs.values()) > 1:
            blocks.append(
                picture(
                    partial(pictures.overlaid_profiles, runs, name),
                    partial(_profiles_in_words, name, fits),
                    f"Profiles of {name}, each from the best point of its own run",
                )
            )
    spectra = [one.name for run in runs.values() for one in run.predictions if one.axis is not None]
    for name in dict.fromkeys(spectra):
        if spectra.count(name) > 1:
            blocks.append(
                picture(
                    partial(pictures.overlaid_spectra, runs, name),
                    partial(_spectra_in_words, name, entries),
                    f"{name} at the best fits",
                )
            )
    return blocks


def _shared_posteriors(
    entries: Sequence[Reported],
) -> Iterator[tuple[tuple[str, ...], dict[str, tuple[RunFile, Posterior]]]]:
    """Parameters of the models that the same two runs or more sampled, and those samples."""
    samples = {
        entry.title: (entry.run, sample)
        for entry in entries
        if (sample := posterior_of(entry.run, entry.verdict)) is not None and len(sample.samples)
    }
    having: dict[str, list[str]] = {}
    for title, (run, sample) in samples.items():
        for name in sample.names:
            if run.parameter(name).role in ROLES:
                having.setdefault(name, []).append(title)
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, titles in having.items():
        if len(titles) > 1:
            groups.setdefault(tuple(titles), []).append(name)
    for same, names in groups.items():
        yield (
            tuple(names),
            {title: (samples[title][0], _only(samples[title][1], names)) for title in same},
        )


def _only(samples: Posterior, names: Sequence[str]) -> Posterior:
    """The samples of some parameters."""
    columns = [samples.names.index(name) for name in names]
    ess = None if samples.ess is None else samples.ess[columns]
    return replace(samples, names=tuple(names), samples=samples.samples[:, columns], ess=ess)


def _posteriors_in_words(shown: Mapping[str, tuple[RunFile, Posterior]]) -> str:
    told = {
        title: ", ".join(_interval(sample, name) for name in sample.names)
        for title, (_, sample) in shown.items()
    }
    return overlay_in_words("Posteriors over each other", told)


def _interval(samples: Posterior, name: str) -> str:
    low, high = quantile(samples.column(name), [0.16, 0.84], samples.weights)
    return f"{name} in {format_interval(float(low), float(high))} (central 68 %)"


def _profiles_in_words(name: str, fits: Mapping[str, BestFit]) -> str:
    told = {
        title: f"best fit at {format_number(fit[name])}"
        for title, fit in fits.items()
        if name in fit.names
    }
    return overlay_in_words(f"Profiles of the likelihood in {name}", told)


def _spectra_in_words(name: str, entries: Sequence[Reported]) -> str:
    told = {}
    for entry in entries:
        for one in entry.run.predictions:
            if one.name == name and np.isfinite(one.best_fit).any():
                largest = format_number(float(np.nanmax(one.best_fit)), digits=3)
                told[entry.title] = f"largest {largest} {one.unit}".strip()
    return overlay_in_words(f"{name} at the best fits", told)
