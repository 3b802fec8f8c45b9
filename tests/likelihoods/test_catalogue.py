"""Likelihoods by name: every name builds; groups, options, overlaps and their errors."""

import dataclasses

import numpy as np
import pytest
from bsinv.data.measurements import measurement, measurements
from bsinv.errors import AnalysisError, DataError, ParameterError, UnknownNameError
from bsinv.likelihoods import catalogue
from bsinv.likelihoods.belle2 import Belle2Likelihood
from bsinv.likelihoods.catalogue import TermOptions
from bsinv.likelihoods.gaussian import CorrelatedGaussian, TwoPieceGaussian
from bsinv.likelihoods.limits import CountingLimit, HalfGaussianLimit
from bsinv.physics.inputs import Inputs
from bsinv.physics.observables import observables
from bsinv.physics.wilson import Wilson

BELLE2 = "belle2-2023-bknunu"
DEFAULT = TermOptions()


def build(*names, allowed=()):
    return catalogue.build([(name, DEFAULT) for name in names], allowed)


@pytest.fixture(scope="module")
def names():
    return catalogue.names()


@pytest.fixture(scope="module")
def standard_model():
    return Wilson(), Inputs.default()


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
        if name != BELLE2:
            assert set(term.observables) <= set(observables())
            assert term.pull(prediction).shape == (1,)


def test_descriptions(names):
    for description in names.values():
        assert description
        assert "None" not in description
    assert names["belle_2017_k0nunu"].startswith("Belle 2017, BR(B0->K0nunu), limit")
    assert names["b2snunu"].startswith("group of 14 terms: belle2-2023-bknunu, ")


def test_unconfirmed_and_theory_values_are_not_offered(names):
    for name in set(names) - set(catalogue.groups()) - {BELLE2}:
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
    assert all(isinstance(term, HalfGaussianLimit) for term in terms[5:])


def test_values_are_those_of_the_data():
    value = catalogue.term("babar_2010_kpnunu_value")
    source = measurement("babar_2010_kpnunu_value")
    assert (value.value, value.error_plus, value.error_minus) == (
        source.values[0],
        source.errors_plus[0],
        source.errors_minus[0],
    )
    limit = catalogue.term("belle_2017_kst0nunu")
    assert limit.limit == measurement("belle_2017_kst0nunu").limit
    assert limit.level == 0.9
    assert limit.observables == ("BR(B0->K*nunu)",)


def test_counting_form_on_request():
    with_background = catalogue.term("babar_2013_kst0nunu_had", TermOptions(limit_form="gamma"))
    assert isinstance(with_background, CountingLimit)
    assert (with_background.observed, with_background.background) == (9.0, 7.7)
    with_yield = catalogue.term("belle_2017_kst0nunu", TermOptions(limit_form="gamma"))
    assert with_yield.observed == 13.0
    assert with_yield.background == pytest.approx(15.0)


def test_counting_form_without_counts():
    with pytest.raises(DataError) as error:
        catalogue.term("babar_2010_k0nunu", TermOptions(limit_form="gamma"))
    assert str(error.value) == (
        "measurement 'babar_2010_k0nunu' gives no counts: its form can only be 'half-gaussian'"
    )


def test_options_accepted():
    accepted = catalogue.accepted_options()
    own = ("nuisances", "form_factor_systematics", "template_errors")
    assert accepted[BELLE2] == own
    assert set(accepted["b2snunu"]) == {*own, "limit_form"}
    assert accepted["belle_2017_k0nunu"] == ("limit_form",)
    assert accepted["babar_2010_k0nunu"] == ()
    assert set(accepted) == set(catalogue.names())
    for name, options in accepted.items():
        if "limit_form" in options and name not in catalogue.groups():
            catalogue.term(name, TermOptions(limit_form="gamma"))


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
    """None is predicted yet: made from one for two observables that are."""
    source = dataclasses.replace(
        measurement("belle_2017_kpnunu_value"),
        kind="correlated",
        observables=("BR(B+->K+nunu)", "BR(B0->K*0nunu)"),
        values=np.array([1e-5, 2e-5]),
        errors_plus=np.array([3e-6, 4e-6]),
        errors_minus=np.array([3e-6, 4e-6]),
        correlation=np.array([[1.0, 0.5], [0.5, 1.0]]),
    )
    term = catalogue._from_measurement(source, DEFAULT)
    assert isinstance(term, CorrelatedGaussian)
    assert term.observables == ("BR(B+->Knunu)", "BR(B0->K*nunu)")
    np.testing.assert_allclose(term.covariance, [[9e-12, 6e-12], [6e-12, 16e-12]])
    uneven = dataclasses.replace(source, errors_minus=np.array([2e-9, 4e-6]))
    with pytest.raises(DataError, match="correlated values need equal errors"):
        catalogue._from_measurement(uneven, DEFAULT)
    small = dataclasses.replace(
        source, errors_plus=np.array([1e-9, 1e-9]), errors_minus=np.array([2e-9, 1e-9])
    )
    with pytest.raises(DataError, match="correlated values need equal errors"):
        catalogue._from_measurement(small, DEFAULT)


def test_measurement_without_what_its_form_needs():
    value = measurement("belle_2017_kpnunu_value")
    with pytest.raises(DataError, match="has no values with errors"):
        catalogue._from_measurement(dataclasses.replace(value, errors_plus=None), DEFAULT)
    limit = dataclasses.replace(measurement("belle_2017_k0nunu"), cl=None)
    with pytest.raises(DataError, match="has no limit with a confidence level"):
        catalogue._from_measurement(limit, DEFAULT)
    with pytest.raises(DataError, match="has no published correlation"):
        catalogue._from_measurement(dataclasses.replace(value, kind="correlated"), DEFAULT)
