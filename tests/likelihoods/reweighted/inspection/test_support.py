"""What the report on a reweighted spectrum says of spectra whose answer is known."""

import numpy as np
import pytest
from bsinv.errors import PredictionError
from bsinv.likelihoods.reweighted.inspection.bin_shape import changes_inside_bins, narrow_peaks
from bsinv.likelihoods.reweighted.inspection.support import (
    SupportOptions,
    simulated_events,
    spectrum_support,
)
from bsinv.likelihoods.reweighted.template import shares, signal
from bsinv.physics.invisible.null import null_spectrum
from numpy.testing import assert_allclose


def line(position, rate=8e-6):
    """The null prediction and a delta function, in bins of any edges."""

    def spectrum(edges):
        hit = (edges[:-1] <= position) & (position < edges[1:])
        return null_spectrum(edges) + rate * hit

    return spectrum


def resonance(position, width, rate=8e-6):
    """The null prediction and a Breit-Wigner of full width `width` in q2."""

    def spectrum(edges):
        cumulative = np.arctan((edges - position) / (0.5 * width)) / np.pi
        return null_spectrum(edges) + rate * np.diff(cumulative)

    return spectrum


def report(belle2, spectrum, **options):
    chosen = SupportOptions(**options)
    return spectrum_support(belle2, spectrum(belle2.q2_edges), spectrum, chosen)


def test_null_prediction_is_supported(belle2):
    found = report(belle2, null_spectrum)
    assert found.supported
    assert found.verdict.startswith("The published simulation supports this spectrum: 100 % of the")
    assert_allclose(found.weights, 1.0, rtol=1e-12)
    assert_allclose(found.expected_events, found.nominal_events, rtol=1e-12)
    assert_allclose(found.reweighted_error, found.published_error, rtol=1e-12)
    assert_allclose(found.changes, 0.0, atol=1e-12)
    assert len(found.changed_bins) == 0
    assert found.peaks.shape == (0, 2)
    assert (found.largest_weight, found.mean_weight) == pytest.approx((1.0, 1.0))
    assert found.bins[0] == "ITA-SR 1"
    assert found.bins[-1] == "HTA 6"
    assert len(found.bins) == 18


def test_strength_changes_no_error(belle2, null):
    """A multiple of the template, column outside the histogram too, is as good as the template."""
    scaled = 4.6 * np.concatenate([[1.0], null])
    found = spectrum_support(belle2, scaled)
    assert_allclose(found.reweighted_error, found.published_error, rtol=1e-12)
    assert found.mean_weight == pytest.approx(4.6)
    assert np.isnan(found.changes).all()


def test_reweighted_error_from_explicit_events(belle2, null):
    """k_b equal events of weight w_b: the error of their sum, event by event."""
    weight = np.concatenate([[1.0], np.random.default_rng(3).uniform(0.0, 5.0, 100)])
    prediction = np.concatenate([[1.0], null]) * weight
    found = spectrum_support(belle2, prediction)
    signal = np.flatnonzero(belle2.model.nominal[0] > 0)
    for index, bin_ in enumerate(signal):
        k = shares()[:, bin_] / found.published_error[index] ** 2
        expected = np.sqrt((k * weight**2).sum()) / (k * weight).sum()
        assert found.reweighted_error[index] == pytest.approx(expected, rel=1e-12)
    assert (found.reweighted_error > found.published_error).all()


def test_simulated_events_are_whole_numbers_where_few():
    counts = simulated_events(signal(True))
    assert counts.shape == (101, 18)
    few = counts[1:][(counts[1:] > 0) & (counts[1:] < 3.4)]
    # Weights differ by some percent from event to event.
    assert np.quantile(abs(few - few.round()), 0.9) < 0.2
    # Tens of thousands in each analysis bin: far more than the published errors would say.
    assert 8_000 < counts.sum(axis=0).min() < counts.sum(axis=0).max() < 80_000


def test_counted_error_of_the_template(belle2):
    found = report(belle2, null_spectrum)
    assert_allclose(
        found.counted_error, simulated_events(signal(True)).sum(axis=0) ** -0.5, rtol=1e-9
    )
    assert (found.counted_error < 0.1 * found.published_error).all()


@pytest.mark.parametrize("position", [0.004, 4.41, 9.1, 20.3])
def test_two_body_decay(belle2, position):
    found = report(belle2, line(position))
    cell = 22.885 / 100 / 64
    assert found.peaks.shape == (1, 2)
    assert found.peaks[0] == pytest.approx([position, cell], abs=cell)
    assert not found.supported
    assert f"a peak at q2 = {found.peaks[0, 0]:.2f} GeV^2 narrower than a bin" in found.verdict
    assert "a line as of a two-body decay" in found.verdict
    (bin_,) = found.changed_bins
    assert found.q2_edges[bin_] <= position < found.q2_edges[bin_ + 1]
    assert found.largest_weight == found.weights[bin_]


def test_growth_of_the_template_error_is_told(belle2):
    """Nearly all signal of a bin from one generated bin: the error is that of its few events."""
    found = report(belle2, line(4.41, rate=1e-3))
    share = shares()[20, np.flatnonzero(belle2.model.nominal[0] > 0)]
    many = share > 1e-3
    assert_allclose(
        found.reweighted_error[many] / found.published_error[many], share[many] ** -0.5, rtol=0.02
    )
    assert "the template error of one bin grows from" in found.verdict
    assert "from the number of simulated events)" in found.verdict


def test_width_of_a_narrow_peak(belle2):
    found = report(belle2, resonance(9.0, 0.1))
    assert found.peaks.shape == (1, 2)
    assert found.peaks[0, 0] == pytest.approx(9.0, abs=0.01)
    assert found.peaks[0, 1] == pytest.approx(0.1, rel=0.2)
    assert f"narrower than a bin (0.23 GeV^2), {found.peaks[0, 1]:.2g} GeV^2 wide" in found.verdict


def test_wide_peak_is_none(belle2):
    found = report(belle2, resonance(9.0, 1.5))
    assert found.peaks.shape == (0, 2)
    assert found.supported


def test_threshold_is_no_peak(belle2):
    """A step at 9.1 GeV^2: the bin changes inside, nothing peaks."""

    def spectrum(edges):
        return null_spectrum(edges) + 1e-6 * np.diff(np.clip(edges, 9.1, None))

    changes = changes_inside_bins(spectrum, belle2.q2_edges)
    assert changes[39] > 0.5
    assert (changes[:39] < 0.01).all()
    assert narrow_peaks(spectrum, belle2.q2_edges).shape == (0, 2)


def test_peak_on_a_border_is_found_once(belle2):
    edges = belle2.q2_edges
    assert narrow_peaks(resonance(edges[40], 0.1), edges).shape == (1, 2)


def test_change_inside_a_bin_is_that_of_the_quarters(belle2):
    """A weight linear in q2 changes by three quarters of its slope between outer quarters."""
    edges, slope = belle2.q2_edges, 0.4

    def spectrum(fine):
        centre = 0.5 * (fine[1:] + fine[:-1])
        return null_spectrum(fine) * (1.0 + slope * centre)

    width = edges[1] - edges[0]
    centre = 0.5 * (edges[1:] + edges[:-1])
    expected = 0.75 * slope * width / (1.0 + slope * centre)
    assert_allclose(changes_inside_bins(spectrum, edges)[:98], expected[:98], rtol=0.02)


def test_nothing_changes_where_nothing_is(belle2):
    assert_allclose(changes_inside_bins(lambda e: np.zeros(len(e) - 1), belle2.q2_edges), 0.0)


def test_rate_where_nothing_was_simulated(belle2):
    """All of a spectrum near the end point: no events, and it is said."""

    def spectrum(edges):
        return 1e-6 * np.diff(np.clip(edges, 21.6, None))

    found = report(belle2, spectrum)
    assert found.unsupported_rate == pytest.approx(1.0)
    assert found.expected_events.sum() < 0.05
    assert not found.supported
    assert "100 % of the branching fraction lies in bins of q2 with fewer than 10" in found.verdict
    none = report(belle2, spectrum, few_events=0.0)
    assert none.unsupported_rate == 0.0


def test_only_what_lies_outside(belle2):
    """Without any spectrum, the signal left is that outside the histograms."""
    found = spectrum_support(belle2, np.zeros(100))
    assert found.outside_fraction == pytest.approx(1.0)
    assert_allclose(found.expected_events, found.outside_events)
    assert "outside the histograms and not reweighted" in found.verdict


def test_bad_spectrum(belle2, null):
    with pytest.raises(PredictionError, match="the spectrum is not finite"):
        spectrum_support(belle2, np.full(100, np.nan))
    with pytest.raises(PredictionError, match="negative branching fraction"):
        spectrum_support(belle2, -null)
