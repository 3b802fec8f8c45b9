"""A submission for HEPData: scans, limits, excesses, toys, and the posterior as tables.

Format: https://hepdata-submission.readthedocs.io.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ...errors import StoreError
from ..records import Array, LimitScan, RunFile, Scan, ScanSignificance, ToyStudy
from ..records.shown import with_unit
from ..statistics.samples import Posterior, has_samples, posterior
from ..statistics.weights import quantile
from ..tables.global_significance import significance_columns, significance_table
from ..tables.hepdata import hepdata_documents, hepdata_table
from ..tables.limits import title
from ..tables.profiles import scan_heights

__all__ = ["hepdata_files", "slug"]

_QUANTILES = (0.025, 0.16, 0.5, 0.84, 0.975)
_BINS = 40


def hepdata_files(run: RunFile) -> Mapping[str, str]:
    """Files of a submission.

    Parameters
    ----------
    run : RunFile

    Returns
    -------
    mapping of str to str
        Name and text: ``submission.yaml``, and one file for each scan, each table of limits, each
        search for an excess, the statistic of each study of toys, and of the posterior quantiles,
        correlations and the density of each parameter of the model.

    Raises
    ------
    StoreError
        If the run has none of them.
    """
    tables: list[tuple[str, str, str]] = []  # file, text, description
    for scan in run.scans:
        tables.append((f"scan_{slug(scan.name)}.yaml", _scan(run, scan), _scanned(scan)))
    for i, limits in enumerate(run.limits, start=1):
        number = f"_{i}" if len(run.limits) > 1 else ""
        tables.append((f"limits{number}.yaml", hepdata_table(limits), _limited(limits)))
    for i, excess in enumerate(run.significances, start=1):
        number = f"_{i}" if len(run.significances) > 1 else ""
        tables.append((f"significance{number}.yaml", _excess(excess), _excess_told(excess)))
    for study in run.toys:
        if np.isfinite(study.statistic).any():
            name = f"toys_{slug(study.label)}.yaml"
            tables.append((name, _toys(study), _toys_told(study)))
    if has_samples(run):
        tables += _posterior(run)
    if not tables:
        raise StoreError(
            f"run {run.name!r} has no scans, limits, significances, toys or samples: run them "
            "first."
        )
    tables = _apart(tables)
    entries = [
        {
            "name": _title(file),
            "description": description,
            "keywords": [],
            "data_file": file,
        }
        for file, _, description in tables
    ]
    first = {"comment": f"{run.name}: made by bsinv {run.versions.get('bsinv', '')}".rstrip()}
    found = {"submission.yaml": hepdata_documents([first, *entries])}
    return found | {file: text for file, text, _ in tables}


def _apart(tables: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Tables whose files have names of their own, also where names differ by signs alone."""
    found: dict[str, tuple[str, str, str]] = {}
    for file, text, told in tables:
        name, number = file, 1
        while name in found:
            number += 1
            name = f"{file.removesuffix('.yaml')}_{number}.yaml"
        found[name] = (name, text, told)
    return list(found.values())


def _limited(limits: LimitScan) -> str:
    return " ".join([f"{title(limits)}.", limits.statistic, *limits.notes])


def _scanned(scan: Scan) -> str:
    others = "held" if scan.held else "refitted at each point"
    return (
        f"-2 Delta ln(likelihood times constraints) against {' and '.join(scan.parameters)}, from "
        f"the best point known, other parameters {others}."
    )


def _scan(run: RunFile, scan: Scan) -> str:
    grids = np.meshgrid(*scan.axes, indexing="ij")
    independent = [
        _variable(name, run.parameter(name).unit, grid.ravel())
        for name, grid in zip(scan.parameters, grids, strict=True)
    ]
    heights = scan_heights(run.best_fit, scan).ravel()
    dependent = [_variable("-2 Delta ln L", "", heights)]
    return _table(independent, dependent)


def _excess(found: ScanSignificance) -> str:
    columns = significance_columns(found)
    names = [with_unit(*pair) for pair in zip(found.axes, found.axis_units, strict=True)]
    independent = [
        _variable(name, unit, columns[full])
        for name, unit, full in zip(found.axes, found.axis_units, names, strict=True)
    ]
    best, *rest = list(columns)[len(names) :]
    dependent = [_variable(f"{found.parameter} best fit", found.unit, columns[best])]
    dependent += [_variable(name, "", columns[name]) for name in rest]
    return _table(independent, dependent)


def _excess_told(found: ScanSignificance) -> str:
    table = significance_table(found)
    return " ".join([f"{table.title}, with {found.toys} toys of no signal.", *found.notes])


def _toys(study: ToyStudy) -> str:
    """Histogram of the statistic of toys."""
    statistic = study.statistic[np.isfinite(study.statistic)]
    counts, edges = np.histogram(statistic, bins=min(_BINS, max(1, len(statistic) // 5)))
    axis = _binned("-2 Delta ln L", "", edges)
    observed = {"name": "Observed -2 Delta ln L", "value": f"{study.observed_statistic:.6g}"}
    return _table([axis], [{**_variable("Toys", "", counts), "qualifiers": [observed]}])


def _toys_told(study: ToyStudy) -> str:
    tested = ", ".join(study.tested)
    return " ".join(
        [f"-2 Delta ln L of {tested} in {study.done} toys at {study.label}.", *study.notes]
    )


def _binned(name: str, unit: str, edges: Array) -> dict[str, Any]:
    header = {"name": name} if unit in ("", "1") else {"name": name, "units": unit}
    ends = [float(f"{edge:.8g}") for edge in edges.tolist()]
    bins = [{"low": low, "high": high} for low, high in pairwise(ends)]
    return {"header": header, "values": bins}


def _densities(run: RunFile, samples: Posterior) -> list[tuple[str, str, str]]:
    """Marginal density of each parameter of the model, or of all if there is none."""
    own = [name for name in samples.names if run.parameter(name).role in ("model", "auxiliary")]
    found = []
    for name in own or samples.names:
        unit = run.parameter(name).unit
        values = samples.column(name)
        if not values.min() < values.max():
            continue
        density, edges = np.histogram(values, bins=_BINS, density=True, weights=samples.weights)
        per = f"1/({unit})" if unit not in ("", "1") else ""
        text = _table([_binned(name, unit, edges)], [_variable("Density", per, density)])
        told = f"Marginal posterior density of {name}, of {len(values)} samples."
        found.append((f"posterior_{slug(name)}.yaml", text, told))
    return found


def _posterior(run: RunFile) -> list[tuple[str, str, str]]:
    """Tables of quantiles and of correlations."""
    samples = posterior(run)
    names = list(samples.names)
    weights = samples.weights
    points = samples.samples
    levels = np.array([quantile(column, _QUANTILES, weights) for column in points.T])
    columns = [
        _variable(f"{100.0 * level:g} % quantile", "", levels[:, i])
        for i, level in enumerate(_QUANTILES)
    ]
    parameters = [_named("Parameter", [_with_unit(run, name) for name in names])]
    found = [
        (
            "posterior.yaml",
            _table(parameters, columns),
            f"Quantiles of the marginal posterior of each parameter, of {len(points)} samples.",
        )
    ]
    found += _densities(run, samples)
    if len(names) < 2:
        return found
    deviations = points - np.average(points, axis=0, weights=weights)
    covariance = np.cov(deviations.T, aweights=weights)
    sigma = np.sqrt(np.diag(covariance))
    with np.errstate(invalid="ignore", divide="ignore"):
        matrix = covariance / np.outer(sigma, sigma)
    pairs = [
        _named("First parameter", [a for a in names for _ in names]),
        _named("Second parameter", names * len(names)),
    ]
    table = _table(pairs, [_variable("Correlation", "", matrix.ravel())])
    found.append(("correlations.yaml", table, "Correlations of the posterior."))
    return found


def _with_unit(run: RunFile, name: str) -> str:
    unit = run.parameter(name).unit
    return name if unit in ("", "1") else f"{name} [{unit}]"


def _named(name: str, values: Sequence[str]) -> dict[str, Any]:
    return {"header": {"name": name}, "values": [{"value": value} for value in values]}


def _variable(name: str, unit: str, values: Array) -> dict[str, Any]:
    header = {"name": name} if unit in ("", "1") else {"name": name, "units": unit}
    return {
        "header": header,
        "values": [
            {"value": float(f"{value:.8g}") if math.isfinite(value) else "-"}
            for value in values.tolist()
        ],
    }


def _table(independent: list[dict[str, Any]], dependent: list[dict[str, Any]]) -> str:
    return hepdata_documents(
        [{"independent_variables": independent, "dependent_variables": dependent}]
    )


def _title(file: str) -> str:
    """Name of a table from that of its file; letters of parameters stay as they are."""
    kind, _, rest = file.removesuffix(".yaml").partition("_")
    if kind == "scan":
        rest = rest.replace("_", " ", 1)  # which scan, and of what
    return f"{kind.capitalize()} {rest}".rstrip()


def slug(name: str) -> str:
    """Name as part of the name of a file."""
    return "".join(char if char.isalnum() or char in "-_" else "_" for char in name)
