"""The report on the simulation behind a best fit: made, stored, shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bsinv.chains.files.store import read
from bsinv.cli.plain_records import results_record
from bsinv.cli.printing import print_results
from bsinv.fitter.runs.run import fit_only


@pytest.fixture(scope="module")
def quick() -> dict[str, Any]:
    return {
        "name": "support",
        "model": "wet-lfu",
        "likelihoods": [{"name": "belle2-2023-bknunu", "template_errors": "reweighted"}],
        "parameters": {"dC_L": {"prior": {"uniform": [-6.4, 20]}}},
        "seed": 11,
    }


def test_report_of_a_fit(
    quick: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = fit_only(quick, tmp_path)
    stored = read(tmp_path / "run.h5")
    report = stored.support
    assert report is not None
    assert report.term == "belle2-2023-bknunu"
    assert report.supported  # the shape is that of the Standard Model
    assert report.verdict.startswith("The published simulation supports this spectrum: ")
    np.testing.assert_array_equal(report.weights, outcome.results.support.weights)
    # Evaluated at the best fit, with its parts of bins.
    assert report.expected_events.sum() == pytest.approx(
        report.mean_weight * report.nominal_events.sum()
    )
    assert np.isfinite(report.changes).all()
    assert "## Support by the published simulation" in (tmp_path / "summary.md").read_text()
    assert results_record(stored, None)["support"]["supported"] is True
    print_results(stored, None)
    shown = capsys.readouterr().out
    assert "Support by the published simulation" in shown
    assert "template errors: reweighted" in shown


def test_no_report_without_the_likelihood(quick: dict[str, Any], tmp_path: Path) -> None:
    other = {**quick, "likelihoods": ["belle_2013_kpnunu_value"]}
    assert fit_only(other, tmp_path).results.support is None
