"""Results on disk: store, diagnostics, tables and pictures."""

from __future__ import annotations

from .alternative_table import alternative_table
from .autosave import Checkpointer
from .corner_plot import corner
from .diagnostics import Verdict, diagnose
from .intervals import equal_tailed, hdi
from .lease import Lease
from .observable_table import observable_table
from .profile_plot import profile_figure
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
)
from .regions import Marginal, Mode, Region
from .samples import Posterior, posterior
from .significance import comparison_text, one_sided_significance, significance
from .spectrum_plot import post_fit_figure, rate_figure
from .store import check_fingerprint, read, remove_stale_temporaries, write
from .summary import summary_markdown
from .support_table import support_table
from .table import Table
from .tables import diagnostics_table, parameter_table, prediction_table, term_table

__all__ = [
    "Alternative",
    "BestFit",
    "Checkpointer",
    "Ensemble",
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
    "Verdict",
    "alternative_table",
    "check_fingerprint",
    "comparison_text",
    "corner",
    "diagnose",
    "diagnostics_table",
    "equal_tailed",
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
