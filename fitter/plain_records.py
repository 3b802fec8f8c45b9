"""Records of results as JSON types."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ..chains.diagnostics import Verdict
    from ..chains.records import Prediction, RunFile
    from .check import Identifiability
    from .outlook import Outlook

__all__ = ["check_record", "plain", "results_record"]

QUANTILES = {
    "median": 0.5,
    "lower_68": 0.16,
    "upper_68": 0.84,
    "lower_95": 0.025,
    "upper_95": 0.975,
}


def check_record(found: Identifiability, seen: Outlook | None = None) -> dict[str, Any]:
    """Findings of a check as JSON types.

    Parameters
    ----------
    found : Identifiability
    seen : Outlook, optional
        What would tell of flat directions, and which are constrained by the priors only.

    Returns
    -------
    dict
    """
    record: dict[str, Any] = plain(found)
    del record["turning"]  # for programs that go on from here: many numbers, and none to read
    record["sensitivity"] = {
        term: dict(zip(found.parameters, plain(row), strict=True))
        for term, row in zip(found.terms, found.sensitivity, strict=True)
    }
    if seen is not None:
        record["outlook"] = plain(seen)
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
    record["support"] = plain(results.support)
    record["alternatives"] = plain(results.alternatives)
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
