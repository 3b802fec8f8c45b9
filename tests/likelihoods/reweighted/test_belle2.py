"""The Belle II term: its numbers, its weights, the sentinel column, bad input."""

import numpy as np
import pytest
from bsinv.data.belle2 import belle2_2023
from bsinv.errors import ParameterError, PredictionError
from bsinv.likelihoods.reweighted.belle2 import Belle2Likelihood
from bsinv.likelihoods.reweighted.inspection.post_fit import post_fit
from bsinv.likelihoods.reweighted.inspection.regions import SIGNAL_REGIONS
from bsinv.likelihoods.reweighted.template import FORM_FACTOR_MODIFIERS
from bsinv.physics.inputs import Inputs
from bsinv.physics.wilson import Wilson
from numpy.testing import assert_allclose


def template(null, strength):
    """Multiple of the published signal template, also outside the histogram: (n, 101)."""
    return np.multiply.outer(np.atleast_1d(strength), np.concatenate([[1.0], null]))


# One independent evaluation, with 0.5 ln(2 pi) and ln(sigma) of all 231 constrained parameters,
# ln n!, and the Laplace integral over those 231.
PROFILED = {0.0: -11.3614, 1.0: -15.9572, 4.599: -23.3343}
MARGINAL = {0.0: 268.384, 1.0: 263.667, 4.6: 256.261}


@pytest.mark.parametrize(("strength", "expected"), PROFILED.items())
def test_profiled_values(belle2, null, strength, expected):
    value = -2 * belle2.log_likelihood(template(null, strength))[0]
    assert value == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize(("strength", "expected"), MARGINAL.items())
def test_laplace_values(laplace, null, strength, expected):
    value = -2 * laplace.log_likelihood(template(null, strength))[0]
    assert value == pytest.approx(expected, abs=1e-3)


def test_best_strength(belle2, null):
    """The minimum of the parabola through three neighbours lies at 4.60."""
    mu = np.array([4.55, 4.60, 4.65])
    quadratic = np.polyfit(mu, belle2.log_likelihood(template(null, mu)), 2)
    assert -0.5 * quadratic[1] / quadratic[0] == pytest.approx(4.60, abs=0.005)


def test_null_spectrum_is_strength_one(belle2, null, laplace):
    """100 columns (sentinel weight 1) and the template at mu = 1 are the same prediction."""
    assert_allclose(belle2.weights(null), 1.0, rtol=1e-12)
    for term in (belle2, laplace):
        one = term.log_likelihood(template(null, 1.0))
        assert term.log_likelihood(null[None])[0] == pytest.approx(one[0], abs=1e-9)


def test_sentinel_scales_with_the_template_only(belle2, null):
    signal = belle2.model.nominal[0] > 0
    for strength in (0.0, 0.5, 4.6, 20.0):
        full = belle2.weights(template(null, strength))[0]
        assert_allclose(full[signal], strength, rtol=1e-12)
        assert_allclose(full[~signal], 1.0)
    # The published hadronic-tag density has events outside the histogram.
    alone = belle2.weights(np.zeros(100))[0]
    outside = np.concatenate(
        [density[:, 0] / density.sum(axis=1) for density in belle2_2023().densities.values()]
    )
    assert_allclose(np.sort(alone[signal]), np.sort(outside), atol=1e-15)
    assert outside.max() > 0


def test_weights_are_linear(belle2, spectra):
    signal = belle2.model.nominal[0] > 0
    zero = belle2.weights(np.zeros(100))
    one, other = (belle2.weights(spectra[rows]) - zero for rows in (slice(0, 5), slice(5, 10)))
    both = belle2.weights(2.0 * spectra[:5] + spectra[5:10]) - zero
    assert_allclose(both[:, signal], (2 * one + other)[:, signal], atol=1e-12)


def test_weights_from_the_densities(belle2, spectra, null):
    """The formula of the module, bin by bin."""
    data = belle2_2023()
    for channel, density in data.densities.items():
        expected = (density[:, 0] + (density[:, 1:] * (spectra[3] / null)).sum(axis=1)) / (
            density.sum(axis=1)
        )
        assert_allclose(belle2.weights(spectra[3])[0, belle2.model.channel(channel)], expected)


def test_one_spectrum_or_many(belle2, spectra):
    many = belle2.log_likelihood(spectra)
    assert many.shape == (len(spectra),)
    assert belle2.log_likelihood(spectra[2])[0] == pytest.approx(many[2], abs=1e-9)


def test_laplace_batch_is_a_loop(laplace, spectra):
    many = laplace.log_likelihood(spectra[:8])
    alone = [laplace.log_likelihood(row)[0] for row in spectra[:8]]
    assert_allclose(many, alone, atol=1e-8)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_not_finite_is_nan_for_that_row_only(belle2, laplace, spectra, bad):
    broken = spectra[:6].copy()
    broken[2, 17] = bad
    broken[4] = bad
    for term in (belle2, laplace):
        log = term.log_likelihood(broken)
        expected = term.log_likelihood(spectra[:6])
        good = [0, 1, 3, 5]
        assert np.isnan(log[[2, 4]]).all()
        assert_allclose(log[good], expected[good], atol=1e-8)
    assert np.isnan(belle2.log_likelihood(broken[[4]])).all()


def test_no_points(belle2):
    assert belle2.log_likelihood(np.zeros((0, 100))).shape == (0,)


def test_negative_spectrum(belle2, spectra):
    broken = spectra[:4].copy()
    broken[3, 41] = -2.5e-8
    with pytest.raises(PredictionError) as error:
        belle2.log_likelihood(broken)
    assert str(error.value) == (
        "belle2-2023-bknunu: negative branching fraction -2.5e-08 in column 41 of point 3"
    )


@pytest.mark.parametrize("shape", [(3, 99), (2, 3, 100), (102,)])
def test_wrong_shape(belle2, shape):
    with pytest.raises(PredictionError, match=r"a spectrum of shape \(n, 100\) is needed"):
        belle2.log_likelihood(np.zeros(shape))


def test_unknown_treatment():
    with pytest.raises(ParameterError) as error:
        Belle2Likelihood("marginal")
    assert str(error.value) == (
        "belle2-2023-bknunu: nuisances 'marginal' is not known: allowed are 'profile', 'laplace'."
    )


def test_without_form_factor_modifiers(belle2, null):
    dropped = Belle2Likelihood(form_factor_systematics=False)
    assert set(belle2.model.alpha_names) - set(dropped.model.alpha_names) == set(
        FORM_FACTOR_MODIFIERS
    )
    assert dropped.model.n_alpha == 48
    spectra = template(null, [1.0, 4.6])
    # One constrained parameter less is ln(2 pi)/2 more; less freedom is less likelihood.
    lost = belle2.log_likelihood(spectra) - dropped.log_likelihood(spectra)
    assert ((lost + 1.5 * np.log(2 * np.pi) > 0) & (lost + 1.5 * np.log(2 * np.pi) < 1)).all()


def test_predict_signal_strength(belle2, null):
    wilson = Wilson({"signal_strength": np.array([1.0, 4.6])})
    prediction = belle2.predict(wilson, Inputs.default())
    assert_allclose(prediction, template(null, [1.0, 4.6]), rtol=1e-14)


def test_predict_standard_model(belle2):
    """A model's spectrum: sentinel weight 1, null masses, so nothing is lost at the end point."""
    prediction = belle2.predict(Wilson(), Inputs.default())
    assert prediction.shape == (1, 101)
    assert prediction[0, 0] == 1.0
    assert (prediction[0, 1:] > 0).all()
    assert 4e-6 < prediction[0, 1:].sum() < 6e-6
    assert np.isfinite(belle2.log_likelihood(prediction)).all()


def test_pull_has_the_sign_of_what_the_data_want(belle2, null):
    pulls = belle2.pull(template(null, [1.0, 4.6, 12.0]))
    assert pulls[0] == pytest.approx(2.716, abs=0.01)
    assert pulls[1] == pytest.approx(0.0, abs=0.02)
    assert pulls[2] < -3


def test_post_fit_counts(belle2, null):
    counts = post_fit(belle2, template(null, 4.6)[0])
    assert list(counts) == [name for name, _ in belle2.model.channels]
    for region in SIGNAL_REGIONS:
        channel = counts[region.channel]
        assert len(channel.observed) == len(region.groups) * (len(region.edges) - 1)
        assert next(iter(channel.samples)) == belle2_2023().signal_samples[region.channel]
    for channel in counts.values():
        assert_allclose(sum(channel.samples.values()), channel.expected, rtol=1e-10)
        assert (channel.error > 0).all()
        # A fit to the data cannot know a sum worse than the data alone do.
        assert (channel.error < 1.1 * np.sqrt(channel.expected)).all()


def test_post_fit_signal_is_that_of_the_template(belle2, null):
    """Signal counts scale with the template, up to what the nuisance parameters do."""
    region = SIGNAL_REGIONS[0].channel
    signal = [
        next(iter(post_fit(belle2, template(null, mu)[0])[region].samples.values())).sum()
        for mu in (1.0, 4.6)
    ]
    assert 3.5 < signal[1] / signal[0] < 5.5


def test_notes_say_how_it_was_made(belle2):
    name = "belle2-2023-bknunu"
    kept = f"{name}: its own form-factor modifiers (corr_ff_*) are kept; nuisance parameters: "
    assert belle2.notes() == (f"{kept}profile.",)
    (note,) = Belle2Likelihood("laplace", False, "reweighted", "linear").notes()
    assert note.startswith(f"{name}: its own form-factor modifiers (corr_ff_*) are left out, since")
    assert note.endswith(
        "; template errors: reweighted; response: linear; nuisance parameters: laplace."
    )
    assert (belle2.null_label, belle2.response) == ("SM", "published")
