"""Mass limits and perturbativity: values at the limit, finiteness, models without the particle."""

import math

import numpy as np
import pytest
from bsinv.data.measurements import measurements
from bsinv.errors import DataError, ParameterError
from bsinv.likelihoods import catalogue
from bsinv.likelihoods.forms import bounds
from bsinv.likelihoods.forms.bounds import MassBound
from bsinv.likelihoods.forms.walls import Perturbativity
from bsinv.likelihoods.options import CHOICES, TermOptions
from bsinv.physics.inputs import Inputs
from bsinv.physics.wilson import Wilson
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

FORMS = CHOICES["bound_form"]
SCALAR = "m(scalar LQ), BR(->b tau)=1"
# Pairs of stops at 13 TeV, NNLO_approx + NNLL (arXiv:1607.07741): GeV, fb.
STOPS = {1200: 1.70, 1300: 0.887, 1400: 0.473, 1500: 0.257, 1600: 0.142, 1700: 0.0796, 1800: 0.0451}


def bound(form="smooth", limit=1480.0, observable=SCALAR):
    return MassBound("x", "a search", observable, limit, 0.95, ("x",), form)


def events(term, masses):
    return term.predict(Wilson({term.mass: np.asarray(masses) / 1000.0}), Inputs.default())


@pytest.mark.parametrize("form", FORMS)
def test_at_the_limit(form):
    term = bound(form)
    log = term.log_likelihood(events(term, [1479.0, 1480.0, 1481.0]))
    if form == "smooth":
        assert log[1] == pytest.approx(-3.0)
        assert (np.diff(log) > 0).all()
        # No event where 3.0 are expected: the confidence level of the limit.
        assert math.exp(log[1]) == pytest.approx(0.05, rel=0.01)
    else:
        assert log.tolist() == [-np.inf, 0.0, 0.0]


def test_fall_is_that_of_the_cross_section():
    """From 1200 to 1800 GeV the exponential follows the cross section within 10 %."""
    masses, sections = np.array(list(STOPS)), np.array(list(STOPS.values()))
    expected = events(bound(limit=1500.0), masses)
    assert_allclose(expected / expected[3], sections / STOPS[1500], rtol=0.1)
    assert 600.0 / math.log(STOPS[1200] / STOPS[1800]) == pytest.approx(bounds.FALL, abs=1.0)


@pytest.mark.parametrize("form", FORMS)
def test_a_model_without_the_particle(form):
    term = bound(form)
    prediction = term.predict(Wilson(size=3), Inputs.default())
    assert prediction.tolist() == [0.0, 0.0, 0.0]
    assert term.log_likelihood(prediction).tolist() == [0.0, 0.0, 0.0]
    assert np.isnan(term.pull(prediction)).all()
    assert np.isnan(term.observable_values(prediction)).all()


@given(st.floats(1.0, 20000.0))
def test_prediction_is_finite_and_tells_the_mass(mass):
    term = bound()
    prediction = events(term, [mass])
    assert np.isfinite(prediction).all()
    assert np.isfinite(term.log_likelihood(prediction)).all()
    assert term.observable_values(prediction)[0, 0] == pytest.approx(mass, rel=1e-9)
    assert term.pull(prediction)[0] == pytest.approx(-math.sqrt(2 * prediction[0]))
    assert np.isnan(bound("hard").pull(prediction)).all()


def test_rows_that_are_not_finite():
    for form in FORMS:
        assert np.isnan(bound(form).log_likelihood(np.array([np.nan]))).all()
    assert np.isnan(Perturbativity().log_likelihood(np.array([np.nan]))).all()


def test_every_search_bounds_a_mass():
    for record in measurements().values():
        if record.kind != "lower_limit":
            continue
        mass = bounds.bounded_mass(record.observables[0])
        if record.id in ("atlas_2024_vLQ_tnu_btau", "atlas_2024_vLQ_tnu_bmu"):
            # No branching fraction is given.
            assert mass is None
            continue
        expected = "M_VLQ"
        if "LQ), " in record.observables[0] or "LQ, " in record.observables[0]:
            expected = "M_sLQ" if "scalar" in record.observables[0] else "M_vLQ"
        assert mass == expected, record.id
        term = catalogue.term(record.id)
        assert (term.mass, term.limit, term.form) == (mass, record.limit, "smooth")
        assert term.quoted()[0].unit == record.unit == "GeV"
        assert catalogue.accepted_options()[record.id] == ("bound_form",)
        assert catalogue.term(record.id, TermOptions(bound_form="hard")).hard
    assert bounds.bounded_mass("BR(Bs->mumu)") is None


def test_what_is_refused():
    with pytest.raises(DataError, match="x: 'm_phi' is not a mass that any model gives"):
        bound(observable="m_phi")
    with pytest.raises(DataError, match=r"x: limit -1\.0 must be positive"):
        bound(limit=-1.0)
    with pytest.raises(DataError, match=r"x: a mass limit at 0\.9 has no form; 0\.95 has"):
        MassBound("x", "", SCALAR, 1480.0, 0.9, ("x",))
    with pytest.raises(ParameterError) as error:
        bound("soft")
    assert (
        str(error.value)
        == "x: bound_form 'soft' is not known: allowed are 'smooth', 'hard': did you mean 'smooth'?"
    )


def test_perturbativity():
    term = catalogue.term("perturbativity")
    edge = math.sqrt(4.0 * math.pi)
    couplings = np.array([0.0, edge - 1e-9, edge + 1e-9])
    prediction = term.predict(Wilson({"max_coupling": couplings}), Inputs.default())
    assert term.log_likelihood(prediction).tolist() == [0.0, 0.0, -np.inf]
    assert np.isnan(term.pull(prediction)).all()
    assert np.isnan(term.observable_pulls(prediction)).all()
    absent = term.predict(Wilson(size=2), Inputs.default())
    assert term.log_likelihood(absent).tolist() == [0.0, 0.0]
    assert term.quoted()[0].limit == edge


def test_curve_in_the_branching_fraction_is_checked():
    curve = np.array([[0.5, 1220.0], [1.0, 1430.0]])
    with pytest.raises(DataError, match="x: the limits against the branching fraction end at 1, "):
        MassBound("x", "", SCALAR, 1480.0, 0.95, ("x",), "smooth", curve)
    with pytest.raises(DataError, match="x: the limits against the branching fraction end at 1, "):
        MassBound("x", "", SCALAR, 1430.0, 0.95, ("x",), "smooth", curve[::-1])


def test_assumptions_are_named():
    names = catalogue.names()
    words = "lower limit if it decays to W, Z or H and a quark, as a quark that is odd under a Z2"
    assert words in names["cms_2022_T_any"]
    assert "weakened by the branching fractions of the model" in names["atlas_2024_sLQ_btau"]
    assert bounds.decays_of("m(scalar LQ), BR(->t tau)=BR(->b nu)=0.5") == ("ttau", "bnu")
    # A limit without a branching fraction cannot be applied.
    assert "atlas_2024_vLQ_tnu_btau" not in names
    groups = catalogue.groups()
    assert "cms_2022_T_any" not in groups["b2s-invisible-global"]
    assert groups["talk-vlq-mass"] == ("cms_2022_T_any",)
