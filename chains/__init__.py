"""Results on disk: store, diagnostics, tables and pictures."""

from __future__ import annotations

from .files.autosave import Checkpointer
from .files.lease import Lease
from .files.store import check_fingerprint, read, remove_stale_temporaries, write
from .plots.likelihood.profiles import profile_figure
from .plots.measurements.counts import post_fit_figure
from .plots.measurements.spectra import rate_figure
from .plots.posterior.corner import corner
from .records import (
    Alternative,
    BestFit,
    Ensemble,
    ObservableRecord,
    ParameterRecord,
    PostFitSpectrum,
    Prediction,
    RunFile,
    Scan,
    ScanEnd,
    ScanStatus,
    SupportReport,
    ToyStudy,
    WeightedSamples,
)
from .statistics.diagnostics import Verdict, diagnose
from .statistics.evidence import Evidence, evidence
from .statistics.intervals import equal_tailed, hdi
from .statistics.regions import Marginal, Mode, Region
from .statistics.samples import Posterior, posterior
from .tables.evidence import evidence_table
from .tables.observables import observable_table
from .tables.robustness import alternative_table, support_table
from .tables.run import diagnostics_table, parameter_table, prediction_table, term_table
from .tables.significance import comparison_text, one_sided_significance, significance
from .tables.summary import summary_markdown
from .tables.table import Table

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
