"""Limits in the YAML format of HEPData: a table, and the submission.yaml that names it.

Format: https://hepdata-submission.readthedocs.io, documents of `submission.yaml` and
`independent_variables` / `dependent_variables` of a data file.
"""

from __future__ import annotations

import io
import math
from typing import Any

from ..records import LimitScan
from .limits import METHODS, title

__all__ = ["hepdata_documents", "hepdata_submission", "hepdata_table"]


def hepdata_table(limits: LimitScan) -> str:
    """Data file of HEPData: the scanned parameters, and for each level observed and expected.

    The expected median has the bands of one and two sigma as asymmetric errors. A number that is
    not known, or beyond the range of the rate, is ``'-'``.

    Parameters
    ----------
    limits : LimitScan

    Returns
    -------
    str
    """
    independent = [
        {
            "header": _header(name, unit),
            "values": [{"value": _number(x)} for x in limits.points[:, i].tolist()],
        }
        for i, (name, unit) in enumerate(zip(limits.axes, limits.axis_units, strict=True))
    ]
    dependent = [_best(limits)]
    for k in range(len(limits.levels)):
        dependent += _level(limits, k)
    return hepdata_documents(
        [{"independent_variables": independent, "dependent_variables": dependent}]
    )


def hepdata_submission(limits: LimitScan, data_file: str, analysis: str) -> str:
    """The submission.yaml beside the data file.

    Parameters
    ----------
    limits : LimitScan
    data_file : str
        Name of the data file.
    analysis : str
        Name of the analysis.

    Returns
    -------
    str
    """
    first = {"comment": f"{analysis}: {title(limits)}. {limits.statistic}"}
    table = {
        "name": f"Limits on {limits.parameter}",
        "description": " ".join([f"{title(limits)}.", limits.statistic, *limits.notes]),
        "keywords": [{"name": "observables", "values": [limits.parameter]}],
        "data_file": data_file,
    }
    return hepdata_documents([first, table])


def _header(name: str, unit: str) -> dict[str, str]:
    return {"name": name} if unit in ("", "1") else {"name": name, "units": unit}


def _best(limits: LimitScan) -> dict[str, Any]:
    return {
        "header": _header(f"{limits.parameter} best fit", limits.unit),
        "values": [{"value": _number(x)} for x in limits.best.tolist()],
    }


def _level(limits: LimitScan, k: int) -> list[dict[str, Any]]:
    """Observed and expected limits of one level."""
    qualifiers = [
        {"name": "Confidence level", "units": "PCT", "value": f"{100.0 * limits.levels[k]:g}"},
        {"name": "Method", "value": METHODS.get(limits.method, limits.method)},
        {"name": "Background", "value": limits.background},
    ]

    def variable(name: str, values: list[dict[str, Any]]) -> dict[str, Any]:
        header = _header(f"{name} on {limits.parameter}", limits.unit)
        return {"header": header, "qualifiers": qualifiers, "values": values}

    upper = _with_error(limits.upper[:, k].tolist(), limits.upper_errors[:, k].tolist())
    if limits.method == "feldman-cousins":
        lower = _with_error(limits.lower[:, k].tolist(), limits.lower_errors[:, k].tolist())
        return [variable("Lower end of interval", lower), variable("Upper end of interval", upper)]
    found = [variable("Observed upper limit", upper)]
    expected = limits.expected[:, k].tolist()
    if any(math.isfinite(x) for row in expected for x in row):
        found.append(variable("Expected upper limit", [_band(row) for row in expected]))
    return found


def _with_error(values: list[float], errors: list[float]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for value, error in zip(values, errors, strict=True):
        entry: dict[str, Any] = {"value": _number(value)}
        if math.isfinite(value) and error > 0.0:
            entry["errors"] = [{"symerror": _number(error), "label": "toys"}]
        found.append(entry)
    return found


def _band(row: list[float]) -> dict[str, Any]:
    two_low, low, middle, high, two_high = row
    found: dict[str, Any] = {"value": _number(middle)}
    if all(map(math.isfinite, row)):
        found["errors"] = [
            {
                "asymerror": {"minus": _number(a - middle), "plus": _number(b - middle)},
                "label": label,
            }
            for label, a, b in (("1 sigma", low, high), ("2 sigma", two_low, two_high))
        ]
    return found


def _number(value: float) -> float | str:
    return float(f"{value:.6g}") if math.isfinite(value) else "-"


def hepdata_documents(documents: list[dict[str, Any]]) -> str:
    """YAML text of documents, in the order of their keys."""
    from ruamel.yaml import YAML

    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.representer.ignore_aliases = lambda _: True
    text = io.StringIO()
    writer.dump_all(documents, text)
    return text.getvalue()
