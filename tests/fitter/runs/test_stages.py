from dataclasses import replace

import numpy as np
import pytest
from bsinv.chains.export.as_csv import scan_csv
from bsinv.chains.files.store import read
from bsinv.chains.records import ScanEnd, ScanStatus, WeightedSamples
from bsinv.chains.statistics.weights import quantile
from bsinv.fitter.requests import scans_asked
from bsinv.fitter.runs.job import Interrupted, open_job
from bsinv.fitter.runs.stages import _same, derived, fit, scan
from bsinv.fitter.terms import with_other_option

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


def test_parts_of_the_likelihood_are_stored_and_read_back(fitted):
    job, results = fitted
    problem, given = job.analysis.problem, job.analysis.spec.fit
    term = problem.terms[0].name
    grid = given.grids[0].model_copy(update={"separate": {"this": (term,)}})
    asked = scans_asked(problem, given.model_copy(update={"grids": (grid,)}))[-1:]
    before = scan(job, results, scans_asked(problem, given)[:1])
    assert before.scans[0].separate.shape == (9, 7, 0)
    made = scan(job, before, asked)  # asked for with parts, the grid is scanned again
    stored = read(job.path).scans[-1]
    assert stored.separate_names[0] == "this"
    assert stored.separate_terms[0] == term
    values = dict(zip(stored.parameters, (stored.axes[0][2], stored.axes[1][3]), strict=True))
    values |= dict(zip(stored.other_names, stored.other_values[2, 3], strict=True))
    logs = problem.term_log_likelihoods(problem.point(values))
    assert stored.separate[2, 3, 0] == logs[term][0]
    np.testing.assert_allclose(stored.separate.sum(axis=-1), stored.log_likelihood)
    assert scan(job, made, asked) is made  # nothing is left to do


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


def test_predictions_of_samples_with_weights(fitted):
    """Flat draws with the weights of the likelihood, next to what the prior predicts without."""
    job, results = fitted
    problem = job.analysis.problem
    points = problem.sample_prior(np.random.default_rng(1), 4000)
    log_likelihood = problem.log_likelihood(points)
    entry = WeightedSamples(problem.names, points, log_likelihood, log_likelihood)
    found = derived(job, replace(results, weighted=(entry,)), None)
    weights = found.predictions[0].weights
    assert len(weights) == len(found.predictions[0].samples) <= 1000
    rate = next(one for one in found.predictions if one.name == "BR(B0->K*nunu)")
    everywhere = problem.observable(rate.name, points)
    exact = quantile(everywhere, 0.84, entry.weights)
    assert quantile(rate.samples[:, 0], 0.84, rate.weights) == pytest.approx(exact, rel=0.08)
    assert np.quantile(everywhere, 0.84) > 1.2 * exact  # that of the prior alone
    (other,) = found.alternatives
    assert 50 < other.effective_samples < 1000
    # from all of the points, with the weights of either form
    change = ("limit_form", {"measured": "half-gaussian"})
    halves = with_other_option(job.analysis.requested, problem.terms, *change)
    log_other = problem.with_terms(halves).log_likelihood(points)
    there = quantile(points[:, 0], 0.5, np.exp(log_other - log_other.max()))
    here = quantile(points[:, 0], 0.5, entry.weights)
    assert other.median_shifts[0] == pytest.approx(there - here, abs=0.35)


def test_a_better_point_of_a_scan_is_refined(fitted):
    job, results = fitted
    best = results.best_fit
    worse = replace(best, log_likelihood=best.log_likelihood - 2.0)
    said = []
    job.reporter.say = said.append
    asked = scans_asked(job.analysis.problem, job.analysis.spec.fit, profiles=("dC_L",))[:1]
    found = scan(job, replace(results, best_fit=worse), asked).best_fit
    assert any("a better fit was found, which is refined now" in one for one in said)
    assert found.log_penalised == pytest.approx(best.log_penalised, abs=1e-4)


def test_a_refined_grid_is_stored_resumed_and_exported(fitted, monkeypatch):
    monkeypatch.setattr("bsinv.fitter.drivers.scans.CHUNK", 20)
    job, results = fitted
    problem, given = job.analysis.problem, job.analysis.spec.fit
    separate = {"this": (problem.terms[0].name,)}
    more = {"separate": separate, "refine": 2, "others": "refitted"}
    grid = given.grids[0].model_copy(update=more)
    asked = scans_asked(problem, given.model_copy(update={"grids": (grid,)}))[-1:]
    whole = scan(job, results, asked, again=True).scans[0]
    assert whole.status.shape == (33, 25)
    done = whole.status >= ScanStatus.CONVERGED
    assert done[::4, ::4].all()
    assert 63 < done.sum() < done.size
    np.testing.assert_array_equal(np.isfinite(whole.separate[..., 0]), done)
    polls = iter([False] * 6 + [True])
    stopping = replace(job, stop=lambda: next(polls))
    with pytest.raises(Interrupted):
        scan(stopping, results, asked)
    stored = read(job.path)
    assert (stored.scans[0].status[2::4] != ScanStatus.NOT_ASKED).any()
    made = scan(job, stored, asked)
    for name in ("log_likelihood", "status", "separate", "other_values"):
        resumed = getattr(read(job.path).scans[0], name)
        np.testing.assert_array_equal(resumed, getattr(whole, name))
    assert scan(job, made, asked) is made
    rows = scan_csv(made, whole).splitlines()[1:]
    blank = [row for row in rows if ",,,-2," in row]
    assert len(rows) == done.size
    assert len(blank) == np.count_nonzero(~done)
    assert not any("nan" in row for row in rows)
    # A uniform grid of the same points is another request.
    axes = {name: (low, high, 4 * (k - 1) + 1) for name, (low, high, k) in grid.axes.items()}
    uniform = replace(asked[0], axes=axes, refine=0)
    assert uniform.name == asked[0].name
    assert not _same(whole, uniform)
