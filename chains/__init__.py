"""Results on disk: store, diagnostics, tables and pictures."""

from __future__ import annotations

import importlib
from typing import Any

# Public names and the module of each, resolved on first use: what asks for one room of results, as
# loading an analysis does for kinds of files, does not wait for the others.
_FACE = {
    "Alternative": "records",
    "BestFit": "records",
    "Checkpointer": "files.autosave",
    "Ensemble": "records",
    "Evidence": "statistics.evidence",
    "Lease": "files.lease",
    "Marginal": "statistics.regions",
    "Mode": "statistics.regions",
    "ObservableRecord": "records",
    "ParameterRecord": "records",
    "PostFitSpectrum": "records",
    "Posterior": "statistics.samples",
    "Prediction": "records",
    "Region": "statistics.regions",
    "RunFile": "records",
    "Scan": "records",
    "ScanEnd": "records",
    "ScanStatus": "records",
    "SupportReport": "records",
    "Table": "tables.table",
    "ToyStudy": "records",
    "Verdict": "statistics.diagnostics",
    "WeightedSamples": "records",
    "alternative_table": "tables.robustness",
    "check_fingerprint": "files.store",
    "comparison_text": "tables.significance",
    "corner": "plots.posterior.corner",
    "diagnose": "statistics.diagnostics",
    "diagnostics_table": "tables.run",
    "equal_tailed": "statistics.intervals",
    "evidence": "statistics.evidence",
    "evidence_table": "tables.evidence",
    "hdi": "statistics.intervals",
    "observable_table": "tables.observables",
    "one_sided_significance": "tables.significance",
    "parameter_table": "tables.run",
    "post_fit_figure": "plots.measurements.counts",
    "posterior": "statistics.samples",
    "prediction_table": "tables.run",
    "profile_figure": "plots.likelihood.profiles",
    "rate_figure": "plots.measurements.spectra",
    "read": "files.store",
    "remove_stale_temporaries": "files.store",
    "significance": "tables.significance",
    "summary_markdown": "tables.summary",
    "support_table": "tables.robustness",
    "term_table": "tables.run",
    "write": "files.store",
}

__all__ = [
    "Alternative",
    "BestFit",
    "Checkpointer",
    "Ensemble",
    "Evidence",
    "Lease",
    "Marginal",
    "Mode",
    "ObservableRecord",
    "ParameterRecord",
    "PostFitSpectrum",
    "Posterior",
    "Prediction",
    "Region",
    "RunFile",
    "Scan",
    "ScanEnd",
    "ScanStatus",
    "SupportReport",
    "Table",
    "ToyStudy",
    "Verdict",
    "WeightedSamples",
    "alternative_table",
    "check_fingerprint",
    "comparison_text",
    "corner",
    "diagnose",
    "diagnostics_table",
    "equal_tailed",
    "evidence",
    "evidence_table",
    "hdi",
    "observable_table",
    "one_sided_significance",
    "parameter_table",
    "post_fit_figure",
    "posterior",
    "prediction_table",
    "profile_figure",
    "rate_figure",
    "read",
    "remove_stale_temporaries",
    "significance",
    "summary_markdown",
    "support_table",
    "term_table",
    "write",
]


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name in _FACE:
        value = getattr(importlib.import_module(f"{__name__}.{_FACE[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
