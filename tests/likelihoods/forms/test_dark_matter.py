"""Terms for dark matter: curves in the mass, the density as a value or a bound, groups."""

import dataclasses

import numpy as np
import pytest
from bsinv.data.measurements import measurement, measurements
from bsinv.errors import DataError, ParameterError, PredictionError, UnknownNameError
from bsinv.likelihoods import catalogue
from bsinv.likelihoods.catalogue import TermOptions
from bsinv.likelihoods.forms.dark_matter import DarkMatterLimit, UpperGaussian, measured_density
from bsinv.likelihoods.forms.gaussian import TwoPieceGaussian
from bsinv.likelihoods.measured import from_measurement
from bsinv.physics.inputs import Inputs
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson
from scipy.special import ndtri

INPUTS = Inputs.default()
CURVES = ("xenon1t_2019_migdal", "ds50_2022_migdal", "cresst3_2019", "pandax4t_2023_migdal")
PLANCK, CMB = "planck_2018_omegac", "cmb-annihilation"


def scalar(mass, strange=1e-4):
    return Wilson({"m_phi0": mass, "phi0_S_ss": strange})


def prediction(term, rate, mass, share=1.0):
    columns = map(np.atleast_1d, (np.asarray(rate) / term.unit, mass, share))
    return np.stack(np.broadcast_arrays(*columns), axis=1)


@pytest.mark.parametrize("name", CURVES)
def test_curves_are_those_of_the_data(name):
    """A rate at the limit has the -2 ln L of the quantile at the confidence level."""
    term, source = catalogue.term(name), measurement(name)
    masses, limits = source.curve.T
    np.testing.assert_allclose(term.limit_at(masses), limits, rtol=1e-12)
    log = term.log_likelihood(prediction(term, limits, masses))
    np.testing.assert_allclose(-2.0 * log, ndtri(0.95) ** 2, rtol=1e-12)
    middle = np.sqrt(masses[1:] * masses[:-1])
    np.testing.assert_allclose(term.limit_at(middle), np.sqrt(limits[1:] * limits[:-1]))
    assert f"limit for masses from {masses[0]:.3g} to {masses[-1]:.3g} GeV" in term.description


def test_outside_the_curve_there_is_no_constraint():
    term = catalogue.term("cresst3_2019")
    outside = prediction(term, 1e-30, [0.2, 0.5, 1.1])
    np.testing.assert_array_equal(term.log_likelihood(outside), 0.0)
    assert np.isnan(term.pull(outside)).all()
    inside = prediction(term, [0.0, 1e-30], 0.7)
    assert term.log_likelihood(inside)[0] == 0.0
    assert term.log_likelihood(inside)[1] < -1e6
    assert np.all(term.pull(inside) <= 0.0)


def test_what_a_curve_predicts():
    term, wilson = catalogue.term("xenon1t_2019_migdal"), scalar([0.5, 0.7, 0.9])
    values = term.predict(wilson, INPUTS)
    np.testing.assert_allclose(values[:, 1], [0.5, 0.7, 0.9])
    np.testing.assert_array_equal(values[:, 2], 1.0)
    expected = observable("sigma_SI(phi)")(wilson, INPUTS)
    np.testing.assert_allclose(term.observable_values(values)[:, 0], expected)


def test_published_limits_on_the_coupling():
    """XENON1T at 0.5, 0.7, 0.9 GeV: C_s below 1.1, 0.41, 0.32 times 1e-4 (digitised: 10 %)."""
    term, masses = catalogue.term("xenon1t_2019_migdal"), np.array([0.5, 0.7, 0.9])
    sigma = term.predict(scalar(masses), INPUTS)[:, 0] * term.unit
    largest = np.sqrt(term.limit_at(masses) / sigma)
    np.testing.assert_allclose(largest, [1.1, 0.41, 0.32], rtol=0.1)


def test_a_part_of_the_dark_matter():
    """Scattering falls with the density, energy injection with its square; never enhanced."""
    wilson = scalar([0.7, 0.7], [3e-4, 3e-5])
    omega = observable("Omega_phi h^2")(wilson, INPUTS)
    assert omega[0] < measured_density() < omega[1]
    share = np.array([omega[0] / measured_density(), 1.0])
    for name, power in ((CMB, 2), ("xenon1t_2019_migdal", 1)):
        whole, part = (
            catalogue.term(name, TermOptions(abundance=abundance)) for abundance in ("all", "relic")
        )
        values = part.predict(wilson, INPUTS)
        np.testing.assert_allclose(values[:, 2], share)
        np.testing.assert_allclose(
            part.pull(values), share**power * whole.pull(whole.predict(wilson, INPUTS))
        )
        np.testing.assert_allclose(
            part.observable_values(values),
            whole.observable_values(whole.predict(wilson, INPUTS)),
        )


def test_energy_injection():
    term = catalogue.term(CMB)
    assert isinstance(term, DarkMatterLimit)
    at_limit = prediction(term, 3.2e-28, [0.1, 0.7, 5.0])
    np.testing.assert_allclose(-2 * term.log_likelihood(at_limit), ndtri(0.975) ** 2)
    (quoted,) = term.quoted()
    assert (quoted.kind, quoted.level) == ("upper limit", 0.95)
    assert quoted.limit == pytest.approx(3.2e-28)
    thermal = term.predict(scalar(0.7, 1.225e-4), INPUTS)
    assert thermal[0, 0] * term.unit / 3.2e-28 == pytest.approx(40.0, rel=0.02)


def test_density_as_a_measurement_and_as_a_bound():
    value, bound = (
        catalogue.term(PLANCK, TermOptions(omega_form=form)) for form in ("measurement", "upper")
    )
    assert isinstance(value, TwoPieceGaussian)
    assert isinstance(bound, UpperGaussian)
    omega = np.array([0.01, 0.12, 0.1224])
    np.testing.assert_allclose(bound.log_likelihood(omega), [0.0, 0.0, -2.0], atol=1e-12)
    np.testing.assert_allclose(bound.pull(omega), [0.0, 0.0, -2.0], atol=1e-12)
    np.testing.assert_allclose(value.pull(omega), [0.11 / 0.0012, 0.0, -2.0], atol=1e-12)
    assert "may stay below" in bound.description
    wilson = scalar([0.6, 0.7])
    np.testing.assert_allclose(bound.predict(wilson, INPUTS), value.predict(wilson, INPUTS))
    assert bound.quoted()[0].value == 0.12


def test_groups():
    members = catalogue.groups()
    assert set(members["dark-matter-talk"]) == {
        PLANCK,
        "talk_2024_bs_inv",
        "belle_2017_d0_inv",
        "bes3_2022_d0_pi0nunu",
        "atlas_2023_hinv",
        "hflav_xsgamma",
    }
    searches = {"xenon1t_2019_migdal", "ds50_2022_migdal", "cresst3_2019", CMB}
    assert searches <= set(members["dark-matter-full"])
    assert not searches & set(members["dark-matter-talk"])
    options = TermOptions(omega_form="upper", abundance="relic")
    wilson = scalar([0.49, 0.7, 0.9])
    for group in ("dark-matter-talk", "dark-matter-full"):
        for term in catalogue.build([(group, options)]):
            log = term.log_likelihood(term.predict(wilson, INPUTS))
            assert np.isfinite(np.broadcast_to(log, 3)).all()


def test_direct_searches_exclude_what_the_talk_group_allows():
    """At the couplings of Omega h^2 = 0.12; the group of the talk has no objection."""
    wilson = scalar([0.7], 1.2249e-4)
    total = {}
    for group in ("dark-matter-talk", "dark-matter-full"):
        terms = catalogue.build([(group, TermOptions())])
        total[group] = sum(float(t.log_likelihood(t.predict(wilson, INPUTS))[0]) for t in terms)
    assert total["dark-matter-talk"] > 0.0
    assert total["dark-matter-full"] < -1000.0


def test_models_without_a_dark_scalar_are_told():
    for name in (PLANCK, "xenon1t_2019_migdal", CMB):
        with pytest.raises(PredictionError, match="needs a dark scalar"):
            catalogue.term(name).predict(Wilson(), INPUTS)


def test_a_mass_that_is_not_positive_gives_nan():
    term = catalogue.term("xenon1t_2019_migdal")
    log = term.log_likelihood(term.predict(scalar([0.0, 0.7]), INPUTS))
    np.testing.assert_array_equal(np.isnan(log), [True, False])


def test_limits_at_one_mass_are_not_offered():
    offered = catalogue.names()
    assert "lz_migdal" in measurements()
    assert "lz_migdal" not in offered


CURVE = np.array([[0.5, 1e-38], [1.0, 1e-39]])


@pytest.mark.parametrize(
    ("limit", "level", "abundance", "error", "message"),
    [
        (CURVE[::-1], 0.9, "all", DataError, "x: the masses of the curve must be positive and inc"),
        (CURVE * [-1, 1], 0.9, "all", DataError, "x: the masses of the curve must be positive and"),
        (CURVE * [1, -1], 0.9, "all", DataError, "must be positive"),
        (0.0, 0.9, "all", DataError, "x: limit 0.0 must be positive"),
        (1.0, 1.0, "all", DataError, "x: confidence level 1.0 must lie between 0 and 1"),
        (1.0, 0.9, "half", ParameterError, "x: abundance 'half' is not known: allowed are 'all',"),
    ],
)
def test_faults(limit, level, abundance, error, message):
    with pytest.raises(error) as caught:
        DarkMatterLimit("x", "", "sigma_SI(phi)", limit, level, (), abundance)
    assert message in str(caught.value)


def test_a_rate_of_something_else():
    with pytest.raises(UnknownNameError, match="unknown rate of dark matter 'Gamma' in likelihood"):
        DarkMatterLimit("x", "", "Gamma", 1.0, 0.9, ())


def test_faults_of_data_and_options():
    source = measurement(PLANCK)
    with pytest.raises(ParameterError) as caught:
        catalogue.term(PLANCK, TermOptions(omega_form="lower"))
    assert str(caught.value) == (
        "planck_2018_omegac: omega_form 'lower' is not known: allowed are 'measurement', 'upper'."
    )
    with pytest.raises(DataError, match="has no values with errors"):
        from_measurement(dataclasses.replace(source, errors_plus=None), TermOptions())
    limit = dataclasses.replace(measurement(CMB), limit=None)
    with pytest.raises(DataError, match="has no limit with a confidence level"):
        from_measurement(limit, TermOptions())
    with pytest.raises(DataError, match=r"x: error 0.0 of y must be positive"):
        UpperGaussian("x", "", "y", 1.0, 0.0, ())
