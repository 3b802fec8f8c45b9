"""Record of a run for summary.json of the gallery: few numbers, with few digits.

python tools/gallery_records.py RUN.h5    # prints it
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from bsinv.chains.files.store import read
from bsinv.chains.records import BestFit, RunFile, Scan
from bsinv.chains.statistics.diagnostics import Verdict, diagnose
from bsinv.chains.statistics.intervals import hdi
from bsinv.chains.statistics.samples import posterior_of
from bsinv.chains.tables.profiles import profile_curve, profile_regions
from bsinv.fitter.runs.resume import stored_analysis

# Of numbers in summaries: more would change with the machine.
DIGITS = 4
Record = dict[str, Any]


def record_of(results: RunFile) -> Record:
    """Best fit, predictions there, ends of profiles, and intervals of a chain that converged."""
    best = results.best_fit
    assert best is not None
    verdict = verdict_of(results)
    found: Record = {
        "best fit": fit_record(best),
        "predictions": {
            one.name: float(one.best_fit[0]) for one in results.predictions if one.axis is None
        },
        "profiles": {
            scan.parameters[0]: regions(best, scan)
            for scan in results.scans
            if len(scan.parameters) == 1
        },
    }
    if verdict is not None:
        found["chain"] = {"converged": verdict.converged, "steps": verdict.steps}
        if verdict.converged:
            found["posterior"] = posterior_record(results, verdict)
    return dict(rounded(found))


def verdict_of(results: RunFile) -> Verdict | None:
    """Verdict on the chain by the targets of the analysis; None without a chain."""
    if not results.ensembles:
        return None
    given = stored_analysis(results).spec.sampler
    return diagnose(results.ensembles, target_ess=given.target_ess, target_rhat=given.target_rhat)


def rounded(value: Any) -> Any:
    """Numbers with few digits; None for what is not finite."""
    if isinstance(value, Mapping):
        return {key: rounded(one) for key, one in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [rounded(one) for one in value]
    if isinstance(value, float | np.floating):
        return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value


def fit_record(best: BestFit) -> Record:
    """The best fit: parameters of the model first, without those of form factors."""
    shown = [name for name in best.names if not name.startswith("BtoK")]
    rows = [best.names.index(name) for name in shown]
    return {
        "valid": bool(best.valid),
        "values": dict(zip(shown, best.values[rows], strict=True)),
        "errors": dict(zip(shown, best.errors[rows], strict=True)),
        "minos": {
            name: best.minos[row]
            for name, row in zip(shown, rows, strict=True)
            if np.isfinite(best.minos[row]).any()
        },
        "minus two ln L": -2.0 * best.log_likelihood,
        "gain": best.minus_two_delta_log if best.reference_label else None,
        "test": best.reference_test,
        "sigma": best.reference_sigma if best.reference_label else None,
    }


def regions(best: BestFit, scan: Scan) -> Record:
    """Ends of the regions of one and two standard deviations."""
    axis, heights = profile_curve(best, scan)
    return {str(level): profile_regions(axis, heights, level) for level in (1.0, 4.0)}


def posterior_record(results: RunFile, verdict: Verdict) -> Record:
    """Central and shortest intervals of each parameter and prediction."""
    joined = posterior_of(results, verdict)
    assert joined is not None
    columns = {name: joined.samples[:, row] for row, name in enumerate(joined.names)}
    columns |= {one.name: one.samples[:, 0] for one in results.predictions if one.axis is None}
    keep = [name for name in columns if not name.startswith(("BtoK", "<FL>"))]
    return {
        name: {
            "quantiles": np.quantile(columns[name], [0.025, 0.16, 0.5, 0.84, 0.975]),
            "hdi 95": hdi(columns[name], 0.95),
        }
        for name in keep
        if len(columns[name])
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", type=Path, help="results, run.h5")
    given = parser.parse_args()
    print(json.dumps(record_of(read(given.file)), indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
