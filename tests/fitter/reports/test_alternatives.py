"""Other forms of limits and the other response: refitted, stored, shown."""

import bsinv
import numpy as np
import pytest
from bsinv.chains.files.store import read
from bsinv.chains.records import RunFile
from bsinv.cli.plain_records import results_record
from bsinv.cli.printing import print_results
from bsinv.fitter.reports.alternatives import alternatives, weighted_median
from bsinv.fitter.reports.notes import notes_of
from bsinv.fitter.reports.predictions import predictions, support_report
from bsinv.fitter.runs.run import fit_only
from hypothesis import given
from hypothesis import strategies as st

# What makes one parameter, the common factor on B -> K* nu nu, out of two yields and a half limit.
LIMITS = {
    "name": "limits",
    "model": "wet-lfu",
    "likelihoods": ["belle_2017_kst0nunu", "belle_2017_kstpnunu", "belle_2013_kst0nunu"],
    "parameters": {"dC_L": {"prior": {"uniform": [-6.4, 6.3]}}},
    "seed": 3,
}
ONE_PARTICLE = {
    "name": "one-particle",
    "model": "two-body-br",
    "likelihoods": ["belle2-2023-bknunu"],
    "parameters": {"BR_K": {"prior": {"uniform": [0, 40]}}, "m_X": 2.02},
    "seed": 3,
}
NO_SAMPLES = np.empty((0, 1))


def with_option(analysis, **options):
    entries = [{"name": name, **options} for name in analysis["likelihoods"]]
    return {**analysis, "likelihoods": entries}


def found_for(text, samples=NO_SAMPLES):
    analysis = bsinv.load(text)
    best = analysis.fit(retries=1)
    predicted = predictions(analysis.problem, best, samples)
    support = support_report(analysis.problem, best)
    return best, alternatives(
        analysis.problem, analysis.requested, best, samples, predicted, support
    )


def test_refit_is_the_fit_with_the_other_form():
    best, (found,) = found_for(LIMITS)
    assert (found.option, found.used, found.other) == ("limit_form", "measured", "half-gaussian")
    # Belle 2013 is a half Gaussian in any case.
    assert found.terms == ("belle_2017_kst0nunu", "belle_2017_kstpnunu")
    other, (back,) = found_for(with_option(LIMITS, limit_form="half-gaussian"))
    assert (back.used, back.other) == ("half-gaussian", "measured")
    assert found.valid
    assert found.minus_two_delta_log == pytest.approx(other.minus_two_delta_log, abs=1e-3)
    assert back.minus_two_delta_log == pytest.approx(best.minus_two_delta_log, abs=1e-3)
    # Half Gaussians push the rate to zero, at the end of the range; the yields do not.
    assert back.values == pytest.approx(best.values, abs=0.02 * best.errors[0])
    assert abs(found.values[0] - best.values[0]) > 0.1 * best.errors[0]


def test_nothing_moves_where_no_form_has_another():
    text = {**LIMITS, "likelihoods": ["belle_2013_kst0nunu", "belle_2017_kpnunu_value"]}
    assert found_for(text)[1] == ()


def test_medians_are_those_of_samples_with_weights():
    """One Gaussian rate: exact samples of one form, reweighted, have the medians of the other."""
    analysis = bsinv.load(LIMITS)
    grid = np.linspace(-6.4, 6.3, 4001)[:, None]

    def draws(target, size):
        log = target.log_likelihood(grid)
        mass = np.cumsum(np.exp(log - log.max()))
        return np.interp((np.arange(size) + 0.5) / size, mass / mass[-1], grid[:, 0])[:, None]

    samples = draws(analysis, 2000)
    other = bsinv.load(with_option(LIMITS, limit_form="half-gaussian"))
    expected = np.median(draws(other, 2000)) - np.median(samples)
    _, (found,) = found_for(LIMITS, samples)
    assert 1000 < found.effective_samples < 2000
    assert abs(expected) > 0.1
    assert found.median_shifts[0] == pytest.approx(expected, abs=0.03)
    at = found.prediction_names.index("RK*(nunu)")
    rates = [
        np.median(analysis.observable("RK*(nunu)", draws(one, 2000))) for one in (other, analysis)
    ]
    assert found.prediction_median_shifts[at] == pytest.approx(rates[0] - rates[1], rel=0.05)


def test_few_samples_have_no_median():
    _, (found,) = found_for(LIMITS, np.linspace(-5.0, 5.0, 20)[:, None])
    assert found.effective_samples < 50
    assert np.isnan(found.median_shifts).all()
    assert np.isnan(found.prediction_median_shifts).all()
    assert np.isfinite(found.prediction_values).all()


def test_a_narrow_peak_tells_of_the_other_response():
    best, (found,) = found_for(ONE_PARTICLE)
    assert (found.option, found.used, found.other) == ("response", "published", "linear")
    other, (back,) = found_for(with_option(ONE_PARTICLE, response="linear"))
    assert (back.used, back.other) == ("linear", "published")
    assert found.values[0] == pytest.approx(other.values[0], abs=0.01 * other.errors[0])
    assert found.minus_two_delta_log == pytest.approx(other.minus_two_delta_log, abs=1e-3)
    assert back.minus_two_delta_log == pytest.approx(best.minus_two_delta_log, abs=1e-3)
    # At 2.02 GeV, between two centres, the responses differ, and not by much.
    assert 0.01 < abs(found.minus_two_delta_log - best.minus_two_delta_log) < 1.0


def test_response_of_an_analysis_file_is_noted():
    analysis = bsinv.load(with_option(ONE_PARTICLE, response="linear"))
    assert analysis.terms[0].response == "linear"
    told = [note for note in notes_of(analysis.problem, RunFile("x", "", 1)) if "response" in note]
    assert len(told) == 1
    assert "; response: linear; nuisance parameters: profile." in told[0]


def test_a_smooth_spectrum_does_not_tell_of_the_response():
    text = {**LIMITS, "likelihoods": ["belle2-2023-bknunu"]}
    assert found_for(text)[1] == ()


def test_stored_and_shown(tmp_path, capsys):
    text = {**ONE_PARTICLE, "likelihoods": ["belle2-2023-bknunu", "belle_2017_kpnunu"]}
    outcome = fit_only(text, tmp_path)
    stored = read(tmp_path / "run.h5")
    options = [entry.option for entry in stored.alternatives]
    assert options == ["spectrum_support", "limit_form", "response"]
    for one, two in zip(stored.alternatives, outcome.results.alternatives, strict=True):
        assert (one.terms, one.prediction_names) == (two.terms, two.prediction_names)
        np.testing.assert_array_equal(one.values, two.values)
        np.testing.assert_array_equal(one.prediction_values, two.prediction_values)
    summary = (tmp_path / "summary.md").read_text()
    assert "## limit_form: half-gaussian in place of measured" in summary
    assert "## response: linear in place of published" in summary
    assert "| quantity | unit | best fit | best fit, linear | in errors |" in summary
    assert "−2 Δ ln L relative to SM: " in summary
    record = results_record(stored, None)["alternatives"]
    assert record[2]["other"] == "linear"
    print_results(stored, None)
    assert "response: linear in place of published" in capsys.readouterr().out


@given(st.lists(st.floats(-5.0, 5.0), min_size=1, max_size=30), st.integers(1, 5))
def test_weights_are_repetitions(values, times):
    """With whole numbers as weights the median is near that of repeated values."""
    column, rng = np.array(values), np.random.default_rng(len(values) + times)
    weights = rng.integers(0, times + 1, len(column)).astype(float)
    if not weights.any():
        weights[:] = 1.0
    median = weighted_median(column, weights / weights.sum())
    repeated = np.sort(np.repeat(column, weights.astype(int)))
    width = int(weights.max())
    middle = len(repeated) / 2
    low = repeated[max(int(middle - width) - 1, 0)]
    high = repeated[min(int(middle + width) + 1, len(repeated) - 1)]
    assert low <= median <= high


def test_median_of_equal_weights_is_the_median():
    column = np.array([3.0, 1.0, 2.0, 7.0])
    assert weighted_median(column, np.full(4, 0.25)) == np.median(column)
    assert weighted_median(column[:3], np.full(3, 1.0)) == 2.0
