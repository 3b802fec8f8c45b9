"""The linear response: exact hat integrals, the published numbers for smooth spectra, no steps."""

import numpy as np
import pytest
from bsinv import likelihood
from bsinv.errors import ParameterError
from bsinv.likelihoods.reweighted.belle2 import Belle2Likelihood
from bsinv.likelihoods.reweighted.process import SpectrumProcess
from bsinv.likelihoods.reweighted.response import from_moments, nodes
from bsinv.models import model
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.null import null_masses, null_spectrum
from bsinv.physics.wilson import Wilson
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

INPUTS = Inputs.default()


def point(name, **values):
    known = model(name)
    columns = {key: np.atleast_1d(np.asarray(value, float)) for key, value in values.items()}
    return known.wilson(known.complete(columns), INPUTS)


def line(mass, total=8.5e-6):
    """One particle; 8.5e-6 is the best fit of the published response near 2.1 GeV."""
    return point("two-body-br", m_X=mass, BR_K=np.full(np.shape(mass), 1e6 * total))


def of_the_line(term, mass):
    """Spectrum of the particle alone, without the neutrinos of the Standard Model: (n, 100)."""
    columns = term.predict(line(mass), INPUTS) - term.predict(Wilson(), INPUTS)
    return np.where(abs(columns) < 1e-16, 0.0, columns)[:, 1:]


@pytest.fixture(scope="module")
def linear():
    return likelihood("belle2-2023-bknunu", response="linear")


@pytest.fixture(scope="module")
def centres(belle2):
    return 0.5 * (belle2.q2_edges[1:] + belle2.q2_edges[:-1])


SMOOTH = {
    "standard model": Wilson,
    "interference": lambda: point("wet-lfu", dC_L=-9.0),
    "scalar and tensor": lambda: point("wet-eos", cVL=6.6, cSL=3.0, cTL=2.0),
    "pair above its threshold": lambda: point("dm-fermion", m_chi=0.6, C_VV=0.017),
}
SPECTRA = {
    **SMOOTH,
    "resonance": lambda: point("mediator", m_med=2.0, Gamma_med=0.01, m_chi=0.3, g_VV=0.1),
}


def by_brute_force(belle2, wilson, centres, parts=400):
    """Spectrum in many cells of each bin, each with the value of the hat function at its middle."""
    edges = belle2.q2_edges
    fine = np.linspace(edges[0], edges[-1], 100 * parts + 1)
    middle = 0.5 * (fine[1:] + fine[:-1])
    spectrum = belle2.spectrum(wilson, INPUTS, fine)
    hats = np.stack([np.interp(middle, centres, row) for row in np.eye(100)], axis=1)
    return spectrum @ hats


def hats_of(wilson, edges):
    """Integrals of the spectrum with the hat functions of the bins."""
    process = SpectrumProcess("dBR/dq2(B+->Knunu)", {"q2": edges}, edges[1:], null_masses())
    return process.hats(wilson, INPUTS)


@pytest.mark.parametrize("name", SPECTRA)
def test_hat_integrals_against_brute_force(belle2, centres, name):
    wilson = SPECTRA[name]()
    found = hats_of(wilson, belle2.q2_edges)
    expected = by_brute_force(belle2, wilson, centres)
    # The middle of a cell stands for it up to (1/400)^2/24 of the second derivative in bins.
    assert_allclose(found, expected, rtol=1e-5, atol=1e-6 * expected.max())
    total = belle2.spectrum(wilson, INPUTS, belle2.q2_edges).sum()
    assert found.sum() == pytest.approx(total, rel=1e-8)


@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_spectra_do_not_tell_the_responses_apart(belle2, linear, name):
    wilson = SMOOTH[name]()
    published = belle2.log_likelihood(belle2.predict(wilson, INPUTS))
    found = linear.log_likelihood(linear.predict(wilson, INPUTS))
    # 1.9e-5, 5.6e-5, 2.1e-4 and 1.8e-4 in -2 ln L.
    assert abs(2.0 * (found - published)) < 5e-4


def test_the_difference_is_of_second_order_in_the_width(belle2):
    """h_b - dB_b = f'' w^3/24: a sixteenth of the spectrum's change of slope for half the bins."""
    edges = np.linspace(0.0, belle2.q2_edges[-1], 101)
    wilson, differences = point("wet-lfu", dC_L=-5.0), []
    for step in (4, 2, 1):
        bins = edges[::step]
        spectrum = belle2.spectrum(wilson, INPUTS, bins)[0]
        hats = hats_of(wilson, bins)[0]
        inner = slice(2, 15 * 4 // step)  # below the end point, where no derivative diverges
        differences.append(hats[inner] - spectrum[inner])
        curvature = np.diff(spectrum, 2)[1 : 15 * 4 // step - 1]
        assert_allclose(differences[-1], curvature / 24.0, rtol=0.05, atol=1e-12)
    relative = [abs(entry).max() for entry in differences]
    # The cube of the width, in bins that hold half of the spectrum: the square.
    assert relative[0] / relative[1] == pytest.approx(8.0, rel=0.15)
    assert relative[1] / relative[2] == pytest.approx(8.0, rel=0.15)


def test_a_line_is_interpolated(belle2, linear, centres):
    edges = belle2.q2_edges
    q2 = np.concatenate(
        [[0.0, 1e-12, 0.5 * centres[0], centres[0]], edges[1:6], centres[40:43], [4.321, 22.8]]
    )
    assert_allclose(linear.predict(line(np.sqrt(q2)), INPUTS)[:, 0], 1.0)
    columns = of_the_line(linear, np.sqrt(q2))
    total = of_the_line(belle2, np.sqrt(q2)).sum(axis=1)
    for row, where, size in zip(columns, q2, total, strict=True):
        expected = [np.interp(where, centres, unit) for unit in np.eye(100)]
        assert_allclose(row / size, expected, atol=1e-9)


def test_the_responses_agree_at_the_centres(belle2, linear, centres):
    mass = np.sqrt(centres[[0, 1, 17, 50, 98]])
    published = of_the_line(belle2, mass)
    assert_allclose(of_the_line(linear, mass), published, atol=1e-9 * published.max())
    logs = [term.log_likelihood(term.predict(line(mass), INPUTS)) for term in (belle2, linear)]
    # What is left is that of the smooth part.
    assert_allclose(*logs, atol=2e-5)


def test_log_likelihood_has_no_steps(belle2, linear):
    """Across every edge of 20 bins around the best mass, and at both ends of the spectrum."""
    edges = belle2.q2_edges[np.r_[1:4, 12:28, 97:100]]
    shift = 1e-6
    around = np.stack([edges - shift, edges + shift], axis=1).ravel()
    wilson = line(np.sqrt(around))
    jumps = [
        abs(np.diff(term.log_likelihood(term.predict(wilson, INPUTS)).reshape(-1, 2))).max()
        for term in (belle2, linear)
    ]
    assert jumps[0] > 1.0
    assert jumps[1] < 1e-4


def test_the_slope_is_continuous_but_at_the_centres(linear, belle2, centres):
    def slopes(where, step=2e-4):
        q2 = where + step * np.array([-2.0, -1.0, 1.0, 2.0])
        log = linear.log_likelihood(linear.predict(line(np.sqrt(q2)), INPUTS))
        return np.diff(log)[[0, 2]] / step

    at_edge, at_centre = slopes(belle2.q2_edges[19]), slopes(centres[19])
    assert abs(at_edge[1] - at_edge[0]) < 0.01 * abs(at_edge).max()
    assert abs(at_centre[1] - at_centre[0]) > 0.2 * abs(at_centre).max()


def test_constant_beyond_the_first_and_the_last_centre(linear, belle2, centres):
    below = of_the_line(linear, np.sqrt(np.array([0.0, 1e-20, 0.3, 0.99]) * centres[0]))
    assert (below[:, 0] > 0).all()
    assert (below[:, 1:] == 0).all()
    end = belle2.q2_edges[-1]
    beyond = centres[-1] + np.array([0.1, 0.5, 0.9]) * (end - centres[-1])
    columns = of_the_line(linear, np.sqrt(beyond))
    assert (columns[:, -1] > 0).all()
    assert (columns[:, :-1] == 0).all()
    assert_allclose(columns, of_the_line(belle2, np.sqrt(beyond)), atol=1e-16)
    # Beyond the end point of the null masses nothing is left.
    assert (of_the_line(linear, np.sqrt(np.array([end * (1 + 1e-9)]))) == 0).all()


def test_a_signal_strength_has_no_response(belle2, linear):
    wilson = point("signal-strength", mu=[0.0, 1.0, 4.6])
    assert_allclose(linear.predict(wilson, INPUTS), belle2.predict(wilson, INPUTS))


def test_a_batch_is_a_loop(linear):
    mass = np.array([0.0, 0.4, 2.05, 3.9])
    many = linear.predict(line(mass), INPUTS)
    alone = [linear.predict(line(one), INPUTS)[0] for one in mass]
    assert_allclose(many, alone, rtol=1e-13, atol=1e-20)


def test_not_finite_stays_in_its_row(linear):
    points = nodes(np.linspace(0.0, 3.0, 4))
    assert_allclose(points, [0.0, 0.5, 1.5, 2.5, 3.0])
    zeroth = np.array([[1.0, 1.0, 1.0, 1.0], [1.0, np.nan, 1.0, 1.0]])
    hats = from_moments(points, zeroth, zeroth * [0.25, 1.0, 2.0, 2.75])
    assert_allclose(hats[0], [1.5, 1.0, 1.5])
    assert np.isnan(hats[1, :2]).all()
    assert np.isnan(linear.log_likelihood(np.full((1, 100), np.nan))).all()


@given(st.lists(st.floats(0.0, 1.0), min_size=5, max_size=5), st.floats(-1e-9, 1e-9))
def test_hats_are_not_negative_and_add_up(weights, noise):
    """Also where rounding puts the mean of an interval outside of it."""
    points = nodes(np.linspace(0.0, 4.0, 5))
    zeroth = np.array([weights])
    first = zeroth * (points[:-1] + noise)
    hats = from_moments(points, zeroth, first)
    assert (hats >= 0).all()
    assert hats.sum() == pytest.approx(sum(weights), rel=1e-12)


def test_first_moments_of_the_null_prediction(belle2):
    """The signal strength's own spectrum has them too."""
    fine = np.linspace(0.0, 22.0, 2201)
    middle = 0.5 * (fine[1:] + fine[:-1])
    expected = (null_spectrum(fine) * middle).sum()
    assert null_spectrum([0.0, 22.0], first_moment=True)[0] == pytest.approx(expected, rel=1e-6)


def test_response_of_another_name():
    message = (
        r"belle2-2023-bknunu: response 'cubic' is not known: allowed are 'published', 'linear'"
    )
    with pytest.raises(ParameterError, match=message):
        Belle2Likelihood(response="cubic")
