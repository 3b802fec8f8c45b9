"""What exists, as plain records and tables: models, observables, likelihoods, analyses, data."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import rich.table

    from ..chains.diagnostics import Verdict
    from ..chains.records import Prediction, RunFile
    from .check import Identifiability

__all__ = [
    "LISTINGS",
    "Listing",
    "check_record",
    "plain",
    "results_record",
    "rich_table",
    "sensitivity_tables",
]

QUANTILES = {
    "median": 0.5,
    "lower_68": 0.16,
    "upper_68": 0.84,
    "lower_95": 0.025,
    "upper_95": 0.975,
}


@dataclass(frozen=True)
class Listing:
    """A list for people and for programs.

    Attributes
    ----------
    title : str
    header : tuple of str
    rows : tuple of tuple of str
        For people.
    records : tuple of mappings
        For programs: all there is to know, JSON types only.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    records: tuple[Mapping[str, Any], ...]


def _models() -> Listing:
    from ..models import models

    found = models().values()
    return Listing(
        "Models",
        ("name", "description", "parameters"),
        tuple(
            (entry.name, entry.description, ", ".join(p.name for p in entry.parameters))
            for entry in found
        ),
        tuple(
            {
                "name": entry.name,
                "description": entry.description,
                "parameters": [dataclasses.asdict(p) for p in entry.parameters],
            }
            for entry in found
        ),
    )


def _observables() -> Listing:
    from ..physics.observables import ALIASES, observables

    aliases: dict[str, list[str]] = {}
    for alias, name in ALIASES.items():
        aliases.setdefault(name, []).append(alias)
    keys = ("name", "latex", "unit", "kinematics", "optional", "description", "references")
    found = observables().values()
    return Listing(
        "Observables",
        ("name", "unit", "needs", "takes", "description"),
        tuple(
            (
                entry.name,
                "" if entry.unit == "1" else entry.unit,
                ", ".join(entry.kinematics),
                ", ".join(entry.optional),
                entry.description,
            )
            for entry in found
        ),
        tuple(
            {
                **{key: getattr(entry, key) for key in keys},
                "aliases": aliases.get(entry.name, []),
            }
            for entry in found
        ),
    )


def _likelihoods() -> Listing:
    from ..likelihoods.catalogue import accepted_options, groups, names

    members, options = groups(), accepted_options()
    return Listing(
        "Likelihoods",
        ("name", "description", "options"),
        tuple((name, text, ", ".join(options[name])) for name, text in names().items()),
        tuple(
            {
                "name": name,
                "description": text,
                "members": members.get(name, ()),
                "options": options[name],
            }
            for name, text in names().items()
        ),
    )


def _analyses() -> Listing:
    from .builtin import DEFAULT, builtin_analyses
    from .yaml_source import read_source

    records = []
    for name, path in builtin_analyses().items():
        data = read_source(path).data
        records.append(
            {
                "name": name,
                "description": " ".join(str(data.get("description", "")).split()),
                "model": str(data["model"]),
                "default": name == DEFAULT,
                "file": str(path),
            }
        )
    return Listing(
        "Analyses",
        ("name", "model", "description"),
        tuple(
            (
                entry["name"] + (" (default)" if entry["default"] else ""),
                entry["model"],
                entry["description"],
            )
            for entry in records
        ),
        tuple(records),
    )


def _data() -> Listing:
    from ..data.catalogue import listing

    found = listing()
    return Listing(
        "Data",
        ("kind", "id", "observable", "experiment", "value", "unit", "status", "reference"),
        tuple(
            (
                entry.kind,
                entry.id,
                ", ".join(entry.observables),
                f"{entry.experiment} {entry.year or ''}".strip(),
                entry.value,
                "" if entry.unit == "1" else entry.unit,
                entry.status,
                entry.reference,
            )
            for entry in found
        ),
        tuple(dataclasses.asdict(entry) for entry in found),
    )


LISTINGS: Mapping[str, Callable[[], Listing]] = {
    "models": _models,
    "observables": _observables,
    "likelihoods": _likelihoods,
    "analyses": _analyses,
    "data": _data,
}


def rich_table(
    title: str, header: Sequence[str], rows: Sequence[Sequence[str]], right: bool = False
) -> rich.table.Table:
    """Make a table of texts for the terminal.

    Parameters
    ----------
    title : str
    header : sequence of str
    rows : sequence of sequences of str
    right : bool
        Align all columns but the first to the right.

    Returns
    -------
    rich.table.Table
    """
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left")
    for index, head in enumerate(header):
        justify: Any = "right" if right and index else "left"
        table.add_column(Text(head), overflow="fold", justify=justify, no_wrap=index == 0)
    for row in rows:
        # Text, since square brackets in plain strings would be read as markup.
        table.add_row(*(Text(cell) for cell in row))
    return table


def sensitivity_tables(found: Identifiability, width: int) -> list[rich.table.Table]:
    """Tables of term against parameter, as many as the width of the terminal makes needed.

    Parameters
    ----------
    found : Identifiability
    width : int
        Characters.

    Returns
    -------
    list of rich.table.Table
    """
    used = max(map(len, found.terms)) + 4
    blocks: list[list[int]] = []
    left = 0
    for index, name in enumerate(found.parameters):
        needed = max(len(name), 7) + 3
        if not blocks or left < needed:
            blocks.append([])
            left = width - used
        blocks[-1].append(index)
        left -= needed
    title = "Largest relative change of the prediction of a term, per typical change of a parameter"
    return [
        rich_table(
            title if number == 0 else "",
            ("term", *(found.parameters[index] for index in block)),
            [
                (term, *(_sensitivity(row[index]) for index in block))
                for term, row in zip(found.terms, found.sensitivity, strict=True)
            ],
            right=True,
        )
        for number, block in enumerate(blocks)
    ]


def _sensitivity(value: float) -> str:
    return f"{value:.2g}" if value else "-"


def check_record(found: Identifiability) -> dict[str, Any]:
    """Findings of a check as JSON types.

    Parameters
    ----------
    found : Identifiability

    Returns
    -------
    dict
    """
    record: dict[str, Any] = plain(found)
    record["sensitivity"] = {
        term: dict(zip(found.parameters, plain(row), strict=True))
        for term, row in zip(found.terms, found.sensitivity, strict=True)
    }
    return record


def results_record(results: RunFile, verdict: Verdict | None) -> dict[str, Any]:
    """Results without the chain itself, as JSON types; what is not a finite number is None.

    Parameters
    ----------
    results : RunFile
    verdict : Verdict or None

    Returns
    -------
    dict
    """
    from ..chains.intervals import interval
    from ..chains.samples import posterior

    record: dict[str, Any] = {
        key: plain(getattr(results, key))
        for key in ("name", "seed", "created", "versions", "fingerprint", "parameters", "notes")
    }
    record["best_fit"] = plain(results.best_fit)
    if results.best_fit is not None:
        record["best_fit"]["minus_two_delta_log"] = plain(results.best_fit.minus_two_delta_log)
    record["verdict"] = plain(verdict)
    record["posterior"] = None
    if verdict is not None:
        samples = posterior(results, verdict.burn_in)
        record["posterior"] = {
            name: {
                "mean": plain(column.mean()),
                "standard_deviation": plain(column.std()),
                "median": plain(np.median(column)),
                "interval_68": plain(interval(column, 0.68, "equal-tailed")),
                "interval_95": plain(interval(column, 0.95, "equal-tailed")),
            }
            for name, column in zip(samples.names, samples.samples.T, strict=True)
            if len(column)
        }
    record["predictions"] = [_prediction_record(entry) for entry in results.predictions]
    record["scans"] = plain(results.scans)
    record["analysis"] = results.analysis_text
    return record


def _prediction_record(prediction: Prediction) -> dict[str, Any]:
    """A prediction with quantiles in place of its samples."""
    fields = [entry.name for entry in dataclasses.fields(prediction) if entry.name != "samples"]
    record = {name: plain(getattr(prediction, name)) for name in fields}
    for name, tail in QUANTILES.items():
        empty = not len(prediction.samples)
        record[name] = None if empty else plain(np.quantile(prediction.samples, tail, axis=0))
    return record


def plain(value: Any) -> Any:
    """Turn records, arrays and mappings into JSON types; NaN and infinity become None.

    Parameters
    ----------
    value : object

    Returns
    -------
    object
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            entry.name: plain(getattr(value, entry.name)) for entry in dataclasses.fields(value)
        }
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
