"""Likelihoods by name: every name builds; groups, options, overlaps and their errors."""

import dataclasses

import numpy as np
import pytest
from bsinv.data.measurements import measurement, measurements
from bsinv.errors import AnalysisError, DataError, ParameterError, UnknownNameError
from bsinv.likelihoods import catalogue
from bsinv.likelihoods.catalogue import TermOptions
from bsinv.likelihoods.forms.correlated import CorrelatedGaussian
from bsinv.likelihoods.forms.gaussian import TwoPieceGaussian
from bsinv.likelihoods.forms.limits import CountingLimit, HalfGaussianLimit
from bsinv.likelihoods.measured import from_measurement
from bsinv.likelihoods.reweighted.belle2 import Belle2Likelihood
from bsinv.likelihoods.theory import theory_constants
from bsinv.physics.inputs import Inputs
from bsinv.physics.observables import observables
from bsinv.physics.wilson import Wilson

BELLE2 = "belle2-2023-bknunu"
PERTURBATIVITY = "perturbativity"
DEFAULT = TermOptions()


def build(*names, allowed=()):
    return catalogue.build([(name, DEFAULT) for name in names], allowed)


@pytest.fixture(scope="module")
def names():
    return catalogue.names()


@pytest.fixture(scope="module")
def standard_model():
    """With a dark scalar and a single particle for the limits on one."""
    return Wilson({"m_phi0": 0.7, "phi0_S_ss": 1e-4, "m_1": 0.13}), Inputs.default()


def test_every_name_builds_and_evaluates(names, standard_model):
    for name in names:
        if name in catalogue.groups():
            continue
        term = catalogue.term(name)
        assert term.name == name
        assert term.data_ids == (name,)
        prediction = term.predict(*standard_model)
        assert len(prediction) == 1
        assert np.isfinite(term.log_likelihood(prediction)).all()
        shape = (1, len(term.observables))
        quoted = term.quoted()
        if name != BELLE2:
            assert term.pull(prediction).shape == (1,)
            assert term.observable_pulls(prediction).shape == shape
            assert tuple(entry.observable for entry in quoted) == term.observables
        assert term.observable_values(prediction).shape == shape
        if {"upper limit", "value"} & {entry.kind for entry in quoted} and not term.hard:
            assert set(term.observables) <= set(observables())
            assert [entry.unit for entry in quoted] == [
                observables()[entry].unit for entry in term.observables
            ]
            assert np.isfinite(term.observable_values(prediction)).all()
            assert np.isfinite(term.observable_pulls(prediction)).all()


def test_descriptions(names):
    for description in names.values():
        assert description
        assert "None" not in description
    assert names["belle_2017_k0nunu"].startswith("Belle 2017, BR(B0->K0nunu), limit")
    assert names["b2snunu"].startswith("group of 14 terms: every published result on b -> s nu")
    assert names["hflav_ckm2025_RD_RDstar"].startswith(
        "HFLAV 2025, R(D), R(D*), value, with theory errors from RD_SM, RDstar_SM"
    )
    assert names["atlas_2024_sLQ_btau"].startswith(
        "ATLAS 2024, m(scalar LQ), BR(->b tau)=1, lower limit"
    )


def test_unconfirmed_and_theory_values_are_not_offered(names):
    for name in set(names) - set(catalogue.groups()) - {BELLE2, PERTURBATIVITY}:
        assert measurement(name).confirmed
        assert measurement(name).status != "theory"
    hidden = [entry.id for entry in measurements().values() if not entry.confirmed]
    assert hidden
    assert not set(hidden) & set(names)
    assert "sm_kpnunu_hpqcd" not in names
    with pytest.raises(UnknownNameError, match="unknown likelihood 'sm_kpnunu_hpqcd'"):
        catalogue.term("sm_kpnunu_hpqcd")


def test_group_of_the_default_analysis():
    members = catalogue.groups()["b2snunu"]
    terms = build("b2snunu")
    assert tuple(term.name for term in terms) == members
    assert isinstance(terms[0], Belle2Likelihood)
    assert all(isinstance(term, TwoPieceGaussian) for term in terms[1:5])
    # What Belle saw in 2017 is known of the K* modes; of the other limits only the limit.
    fitted = {"belle_2017_kst0nunu", "belle_2017_kstpnunu"}
    for term in terms[5:]:
        form = TwoPieceGaussian if term.name in fitted else HalfGaussianLimit
        assert isinstance(term, form), term.name
    (group,) = [("b2snunu", TermOptions(limit_form="half-gaussian"))]
    assert all(isinstance(term, HalfGaussianLimit) for term in catalogue.build([group])[5:])


def test_values_are_those_of_the_data():
    value = catalogue.term("babar_2010_kpnunu_value")
    source = measurement("babar_2010_kpnunu_value")
    assert (value.value, value.error_plus, value.error_minus) == (
        source.values[0],
        source.errors_plus[0],
        source.errors_minus[0],
    )
    limit = catalogue.term("belle_2013_kst0nunu")
    assert limit.limit == measurement("belle_2013_kst0nunu").limit
    assert limit.level == 0.9
    assert limit.observables == ("BR(B0->K*nunu)",)


def test_counting_form_on_request():
    with_background = catalogue.term("babar_2013_kst0nunu_had", TermOptions(limit_form="gamma"))
    assert isinstance(with_background, CountingLimit)
    assert (with_background.observed, with_background.background) == (9.0, 7.7)
    # The fitted yields of Belle are no counts.
    with pytest.raises(DataError, match="measurement 'belle_2017_kst0nunu' gives no counts"):
        catalogue.term("belle_2017_kst0nunu", TermOptions(limit_form="gamma"))


def test_counting_form_without_counts():
    with pytest.raises(DataError) as error:
        catalogue.term("babar_2010_k0nunu", TermOptions(limit_form="gamma"))
    assert str(error.value) == (
        "measurement 'babar_2010_k0nunu' gives no counts: its form can only be 'measured' or "
        "'half-gaussian'"
    )
    with pytest.raises(ParameterError, match=r"'gama' is not known: allowed are 'measured', "):
        catalogue.term("babar_2010_k0nunu", TermOptions(limit_form="gama"))


def test_options_accepted():
    accepted = catalogue.accepted_options()
    own = ("nuisances", "form_factor_systematics", "template_errors", "response")
    assert accepted[BELLE2] == own
    assert set(accepted["b2snunu"]) == {*own, "limit_form"}
    assert set(accepted["lhc-masses"]) == {"bound_form"}
    general = {*own, "limit_form", "theory_errors", "bound_form"}
    assert set(accepted["b2s-invisible-global"]) == general
    assert accepted["planck_2018_omegac"] == ("omega_form",)
    assert accepted["xenon1t_2019_migdal"] == accepted["cmb-annihilation"] == ("abundance",)
    assert accepted["hflav_xsgamma"] == ("theory_errors",)
    assert accepted["atlas_2024_sLQ_btau"] == ("bound_form",)
    assert accepted[PERTURBATIVITY] == ()
    assert accepted["belle_2017_k0nunu"] == accepted["babar_2010_k0nunu"] == ("limit_form",)
    assert set(accepted) == set(catalogue.names())
    for name, options in accepted.items():
        if "limit_form" in options and name not in catalogue.groups():
            for form in ("measured", "half-gaussian"):
                catalogue.term(name, TermOptions(limit_form=form))


def test_own_options_win_over_those_of_the_group():
    own = TermOptions(nuisances="laplace")
    for requests in ([(BELLE2, own), ("b2snunu", DEFAULT)], [("b2snunu", DEFAULT), (BELLE2, own)]):
        terms = catalogue.build(requests)
        assert len(terms) == 14
        assert next(term for term in terms if term.name == BELLE2).nuisances == "laplace"


def test_unknown_name():
    with pytest.raises(UnknownNameError) as error:
        build("belle2-2023-bknunnu")
    assert str(error.value) == (
        "unknown likelihood 'belle2-2023-bknunnu': did you mean 'belle2-2023-bknunu' or "
        "'belle2_2023_kpnunu' or 'belle2_2021_kpnunu'?"
    )
    with pytest.raises(UnknownNameError, match="did you mean 'b2snunu'"):
        build("b2snun")


def test_groups_that_share_members_must_agree_on_their_options():
    laplace = catalogue.TermOptions(nuisances="laplace")
    requests = [("b2snunu", laplace), ("b2s-invisible-global", catalogue.TermOptions())]
    message = (
        "'belle2-2023-bknunu' is in 'b2snunu' with nuisances laplace and in "
        "'b2s-invisible-global' with nuisances profile: list it by itself with the option that "
        "you mean."
    )
    with pytest.raises(AnalysisError, match=message):
        catalogue.build(requests)
    # An option of members that they do not share, or of one that is listed itself, is no conflict.
    requests[0] = ("b2snunu", catalogue.TermOptions(theory_errors=False))
    assert len(catalogue.build(requests)) == len(catalogue.groups()["b2s-invisible-global"])
    requests = [("b2snunu", laplace), *requests[1:], (BELLE2, laplace)]
    terms = {term.name: term for term in catalogue.build(requests)}
    assert terms[BELLE2].nuisances == "laplace"


def test_group_is_not_a_term():
    with pytest.raises(ParameterError, match=r"'b2snunu' is a group of likelihoods: choose one of"):
        catalogue.term("b2snunu")


def test_overlap():
    with pytest.raises(AnalysisError) as error:
        build(BELLE2, "belle2_2023_kpnunu")
    assert str(error.value) == (
        "'belle2-2023-bknunu' and 'belle2_2023_kpnunu' overlap (the same Belle II events of "
        "B+ -> K+ + invisible): leave one out, or allow it with allow_overlaps: "
        "[[belle2-2023-bknunu, belle2_2023_kpnunu]]"
    )


@pytest.mark.parametrize(
    "pair",
    [
        ("belle_2017_kpnunu", "belle_2017_kpnunu_value"),
        ("b2snunu", "hflav_dec2025_kpnunu"),
        ("b2snunu", "babar_2010_k0nunu"),
        ("b2snunu", "belle_2017_kstnunu_combined"),
        ("b2snunu", "babar_2013_knunu_had"),
    ],
)
def test_overlaps_with_parts_and_combinations(pair):
    with pytest.raises(AnalysisError, match="overlap"):
        build(*pair)


def test_overlap_allowed_by_name():
    pair = ("belle2_2023_kpnunu", BELLE2)
    assert len(build(BELLE2, "belle2_2023_kpnunu", allowed=[pair])) == 2
    assert len(build(BELLE2, "belle2_2023_kpnunu", allowed=[pair[::-1]])) == 2
    with pytest.raises(AnalysisError):
        build(BELLE2, "belle2_2023_kpnunu", allowed=[(BELLE2, "belle2_2021_kpnunu")])


def test_correlated_measurement():
    """One for two observables without theory errors, made from a single one."""
    source = dataclasses.replace(
        measurement("belle_2017_kpnunu_value"),
        kind="correlated",
        observables=("BR(B+->K+nunu)", "BR(B0->K*0nunu)"),
        values=np.array([1e-5, 2e-5]),
        errors_plus=np.array([3e-6, 4e-6]),
        errors_minus=np.array([3e-6, 4e-6]),
        correlation=np.array([[1.0, 0.5], [0.5, 1.0]]),
    )
    term = from_measurement(source, DEFAULT)
    assert isinstance(term, CorrelatedGaussian)
    assert term.observables == ("BR(B+->Knunu)", "BR(B0->K*nunu)")
    np.testing.assert_allclose(term.covariance, [[9e-12, 6e-12], [6e-12, 16e-12]])
    uneven = dataclasses.replace(source, errors_minus=np.array([1e-6, 4e-6]))
    term = from_measurement(uneven, DEFAULT)
    np.testing.assert_allclose(term.errors, [[3e-6, 4e-6], [1e-6, 4e-6]])
    np.testing.assert_allclose(term.covariance, [[4e-12, 4e-12], [4e-12, 16e-12]])


def test_units_must_agree():
    value = measurement("hflav_2024_dms")
    with pytest.raises(DataError) as error:
        from_measurement(dataclasses.replace(value, unit="GeV"), DEFAULT)
    assert str(error.value) == ("measurement 'hflav_2024_dms' is in GeV, DeltaM_s in ps^-1")
    bound = measurement("atlas_2024_sLQ_btau")
    with pytest.raises(DataError, match="'atlas_2024_sLQ_btau' is in MeV, masses in GeV"):
        from_measurement(dataclasses.replace(bound, unit="MeV"), DEFAULT)


def test_theory_errors_are_added_unless_a_constant_floats():
    term = catalogue.term("hflav_2024_dms")
    assert term.error_plus == pytest.approx(np.hypot(term.measured_plus, term.theory_error))
    assert term.theory_error > 100 * term.measured_plus
    requests = [("hflav_2024_dms", DEFAULT)]
    (floated,) = catalogue.build(requests, floated=theory_constants(term.observables))
    assert floated.theory_error == 0.0
    (off,) = catalogue.build([("hflav_2024_dms", TermOptions(theory_errors=False))])
    assert off.error_plus == off.measured_plus == term.measured_plus


def test_theory_errors_of_one_term_are_correlated():
    term = catalogue.term("hflav_ckm2025_RD_RDstar")
    np.testing.assert_allclose(term.covariance, term.measured_covariance + term.theory_covariance)
    source = measurement("hflav_ckm2025_RD_RDstar")
    np.testing.assert_allclose(np.sqrt(np.diag(term.measured_covariance)), source.errors_plus)
    np.testing.assert_allclose(np.sqrt(np.diag(term.theory_covariance)), [0.004, 0.005], rtol=1e-6)


def test_measurement_without_what_its_form_needs():
    value = measurement("belle_2017_kpnunu_value")
    with pytest.raises(DataError, match="has no values with errors"):
        from_measurement(dataclasses.replace(value, errors_plus=None), DEFAULT)
    limit = dataclasses.replace(measurement("belle_2017_k0nunu"), cl=None)
    with pytest.raises(DataError, match="has no limit with a confidence level"):
        from_measurement(limit, DEFAULT)
    with pytest.raises(DataError, match="has no published correlation"):
        from_measurement(dataclasses.replace(value, kind="correlated"), DEFAULT)
