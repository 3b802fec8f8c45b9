from dataclasses import replace

import numpy as np
import pytest
from bsinv.chains.files.store import read
from bsinv.chains.records import ScanEnd, ScanStatus
from bsinv.fitter.requests import scans_asked
from bsinv.fitter.runs.job import Interrupted, open_job
from bsinv.fitter.runs.stages import fit, scan

ANALYSIS = {
    "name": "grids",
    "model": "wet-lfu",
    "likelihoods": ["belle_2017_kpnunu_value", "belle_2017_kst0nunu"],
    "parameters": {
        "dC_L": {"prior": {"uniform": [-20, 20]}},
        "dC_R": {"prior": {"uniform": [-20, 20]}},
    },
    "inputs": {"norm_BtoKstar": {"prior": {"normal": [1.0, 0.09]}}},
    "fit": {
        "grids": [
            {"axes": {"dC_L": [-5, 15, 9], "dC_R": [-9, 9, 7]}, "others": "held"},
            {"axes": {"dC_L": [-5, 15, 9]}},
        ]
    },
    "seed": 1,
}


@pytest.fixture
def fitted(tmp_path):
    job, results = open_job(ANALYSIS, tmp_path)
    with job:
        yield job, fit(job, results)


def test_grids_of_the_analysis_file_are_scanned(fitted):
    job, results = fitted
    results = scan(job, results, scans_asked(job.analysis.problem, job.analysis.spec.fit))
    section, profile = results.scans
    assert section.name == "section dC_L [-5, 15] dC_R [-9, 9]"
    assert section.status.shape == (9, 7)
    np.testing.assert_array_equal(section.other_values[..., 0], 1.0)
    assert profile.name == "profile dC_L [-5, 15]"
    np.testing.assert_allclose(profile.axes[0], np.linspace(-5, 15, 9))
    # Refitting can only win, whatever the other coefficient is held at.
    assert (profile.log_penalised + 1e-6 >= section.log_penalised.max(axis=1)).all()
    assert read(job.path).scans[0].name == section.name


def test_a_scan_that_was_stopped_while_it_grew_goes_on(fitted, monkeypatch):
    """The rate is flat in one combination: the profile grows from three errors to the support."""
    monkeypatch.setattr("bsinv.fitter.drivers.scans.CHUNK", 8)
    job, results = fitted
    asked = scans_asked(job.analysis.problem, job.analysis.spec.fit, profiles=("dC_R",))[:1]
    assert asked[0].name == "profile dC_R"
    whole = scan(job, results, asked).scans[0]
    assert whole.status.size > 30
    assert ScanEnd.UNFINISHED not in whole.ends
    polls = iter([False] * 4 + [True])
    stopping = replace(job, stop=lambda: next(polls))
    with pytest.raises(Interrupted):
        scan(stopping, results, asked)
    stored = read(job.path)
    assert stored.scans[0].ends == (ScanEnd.UNFINISHED,)
    resumed = scan(job, stored, asked).scans[0]
    np.testing.assert_allclose(resumed.axes[0], whole.axes[0])
    np.testing.assert_allclose(resumed.log_penalised, whole.log_penalised, atol=1e-3)
    assert resumed.ends == whole.ends
    again = scan(job, read(job.path), asked)  # nothing is left to do
    assert again.scans[0].status.shape == whole.status.shape


def test_a_stopped_scan_goes_on_where_it_was(fitted, monkeypatch):
    monkeypatch.setattr("bsinv.fitter.drivers.scans.CHUNK", 10)
    job, results = fitted
    asked = scans_asked(job.analysis.problem, job.analysis.spec.fit)[:1]
    polls = iter([False, False, True])
    stopping = replace(job, stop=lambda: next(polls))
    with pytest.raises(Interrupted, match="30 points of the scan are saved"):
        scan(stopping, results, asked)
    stored = read(job.path)
    assert int((stored.scans[0].status != ScanStatus.NOT_DONE).sum()) == 30
    resumed = scan(job, stored, asked).scans[0]
    whole = scan(job, results, asked, again=True).scans[0]
    np.testing.assert_allclose(resumed.log_likelihood, whole.log_likelihood)
