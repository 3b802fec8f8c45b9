"""Published curves: a likelihood, and limits or values against a mass."""

import numpy as np
import pytest
from bsinv.errors import DataError, PredictionError
from bsinv.likelihoods import catalogue
from bsinv.likelihoods.batches import Data
from bsinv.likelihoods.forms.likelihood_curves import LikelihoodCurve
from bsinv.likelihoods.forms.mass_curves import LimitCurve, ValueCurve
from bsinv.physics.inputs import Inputs
from bsinv.physics.wilson import Wilson
from bsinv.physics.workspace import Workspace
from numpy.testing import assert_allclose
from scipy.stats import norm, poisson

ONE = ("x", "", "BR(B+->Knunu)")
INPUTS = Inputs.default()
LIMITS = [[0.0, 1e-5], [1.0, 2e-5], [4.0, 1e-6]]
VALUES = [[0.0, 1e-5, 2e-6, 1e-6], [1.0, 2e-5, 3e-6, 3e-6]]


def curve(x, q):
    return LikelihoodCurve(*ONE, np.stack([x, q], axis=1), ("x",))


def limits(rows=LIMITS, level=0.9):
    return LimitCurve(*ONE, "m_X", "GeV", np.array(rows), level, ("x",))


def values(rows=VALUES):
    return ValueCurve(*ONE, "m_X", "GeV", np.array(rows), ("x",))


@pytest.mark.parametrize("points", [5, 6, 11, 100])
def test_a_parabola_is_exact_inside_and_outside(points):
    x = np.linspace(0.0, 5.0, points)
    term = curve(x, 7.0 + ((x - 2.13) / 0.6) ** 2)
    at = np.linspace(-3.0, 9.0, 500)
    assert_allclose(term.log_likelihood(at), norm.logpdf(at, 2.13, 0.6) - norm.logpdf(0, 0, 0.6))
    assert_allclose(term.pull(at), (2.13 - at) / 0.6, atol=1e-12)
    (quoted,) = term.quoted()
    assert_allclose([quoted.value, quoted.error_plus, quoted.error_minus], [2.13, 0.6, 0.6])
    assert term.saturated().tolist() == [0.0]


def test_a_poisson_likelihood_from_twenty_points():
    """-2 ln L of 9 events where 4 + x are expected, against scipy."""
    x = np.linspace(-2.0, 20.0, 20)
    term = curve(x, -2.0 * poisson.logpmf(9, 4.0 + x))
    at = np.linspace(-2.0, 20.0, 300)
    exact = poisson.logpmf(9, 4.0 + at) - poisson.logpmf(9, 9.0)
    distance = abs(term.log_likelihood(at) - exact)
    assert distance.max() < 0.04
    assert distance[exact > -2.0].max() < 0.005
    assert term.best == pytest.approx(5.0, abs=0.05)
    assert term.quoted()[0].error_plus > term.quoted()[0].error_minus


def test_no_minimum_that_the_table_does_not_have():
    x = np.arange(8.0)
    q = np.array([19.0, 18.9, 18.8, 0.3, 0.0, 0.4, 30.0, 31.0])
    term = curve(x, q)
    log = term.log_likelihood(np.linspace(0.0, 7.0, 2001))
    rising = np.diff(log) > 0
    assert np.count_nonzero(np.diff(rising.astype(int))) == 1
    assert_allclose(np.diff(term.log_likelihood(x)), np.diff(-0.5 * q), atol=1e-12)
    assert -1e-4 < log.max() <= 0.0


@pytest.mark.parametrize("scale", [1.0, 0.1, 3e-5, 0.7e-5])
@pytest.mark.parametrize("offset", [0.0, 0.3, 1e3])
def test_a_point_where_q_is_one(scale, offset):
    """(x - 2)^2 with points one standard deviation from its minimum, whatever rounding does."""
    x = np.array([0.0, 1.0, 2.0, 3.0])
    curve = np.stack([scale * x, offset + (x - 2.0) ** 2], axis=1)
    (quoted,) = LikelihoodCurve("mine", "", "BR(B+->Knunu)", curve, ()).quoted()
    found = np.array([quoted.value, quoted.error_plus, quoted.error_minus]) / scale
    assert_allclose(found, [2.0, 1.0, 1.0], rtol=1e-6)


def test_a_table_too_coarse_at_its_minimum():
    with pytest.raises(DataError, match=r"lies 3\.7 below the lowest point in minus_two_log_l"):
        curve(np.arange(7.0), np.array([9.0, 8.9, 8.8, 0.1, 0.0, 30.0, 31.0]))


def test_two_minima_stay_two():
    x = np.linspace(-3.0, 3.0, 61)
    term = curve(x, (x**2 - 2.0) ** 2)
    at = np.linspace(-3.0, 3.0, 1000)
    assert abs(term.log_likelihood(at) + 0.5 * (at**2 - 2.0) ** 2).max() < 0.05


def test_a_curve_that_starts_at_its_minimum():
    x = np.linspace(0.0, 4.0, 21)
    term = curve(x, x**2)
    assert not term.interior
    at = np.array([-2.0, 0.0, 1.3, 3.9, 6.0])
    assert_allclose(term.log_likelihood(at), [0.0, 0.0, -0.845, -7.605, -18.0], atol=2e-3)
    assert np.isnan(term.saturated()).all()
    assert term.quoted()[0].kind == "likelihood"
    assert term.notes() == (
        "x: likelihood curve; below 0 it keeps its last value, above 4 a parabola goes on.",
    )
    falling = curve(x, 2.0 - 0.5 * x)
    assert falling.log_likelihood(np.array([9.0])).tolist() == [0.0]


def test_what_is_not_finite_stays_so():
    x = np.linspace(0.0, 5.0, 6)
    found = curve(x, (x - 2) ** 2).log_likelihood(np.array([np.nan, np.inf, -np.inf]))
    assert np.isnan(found[0])
    assert (found[1:] == -np.inf).all()


@pytest.mark.parametrize(
    ("x", "q", "message"),
    [
        ([0, 1, 2], [1, 0, 1], "x: a likelihood curve needs 4 or more points"),
        ([0, 1, 1, 2], [1, 0, 1, 2], "must be finite and rise"),
        ([0, 1, 2, np.inf], [1, 0, 1, 2], "must be finite and rise"),
        ([0, 1, 2, 3], [1, np.nan, 1, 2], "must be finite and rise"),
        ([0, 1, 2, 3], [0.1, 0, 0.1, 0.2], "spans 0.2: at least 1 is needed"),
        ([0, 1, 2, 3], [0, 1, 1, 1e9], "at most 1e.06"),
    ],
)
def test_likelihood_curves_refused(x, q, message):
    with pytest.raises(DataError, match=message):
        curve(np.array(x, float), np.array(q, float))


@pytest.mark.parametrize(
    ("term", "prediction", "why"),
    [
        (curve(np.arange(5.0), np.arange(5.0) ** 2), np.ones(2), "says nothing of the data"),
        (values(), np.ones((2, 2)), "do not say how those at different masses go together"),
    ],
)
def test_no_toys(term, prediction, why):
    for ask in (
        lambda: term.sample(prediction, np.random.default_rng(1)),
        lambda: term.asimov(prediction),
        lambda: term.data,
        lambda: term.log_likelihood(prediction, Data(np.ones((1, 1)))),
    ):
        with pytest.raises(PredictionError, match=why):
            ask()


def test_limits_against_a_mass():
    term = limits()
    masses = np.array([0.0, 0.5, 2.5, 4.0, 4.001, -0.1])
    at = np.stack([np.full(6, 8e-6 / term.unit), masses], axis=1)
    limit = np.array([1e-5, np.sqrt(2e-10), np.sqrt(2e-11), 1e-6, np.inf, np.inf])
    sigma = limit / norm.ppf(0.95)
    assert_allclose(term.log_likelihood(at), norm.logpdf(8e-6 / sigma) - norm.logpdf(0.0))
    assert np.isnan(term.pull(at)[-2:]).all()
    assert term.log_likelihood(np.array([[-3.0, 1.0]])).tolist() == [0.0]
    assert np.isnan(term.log_likelihood(np.array([[np.nan, 1.0], [1.0, np.nan]]))).all()


def test_values_against_a_mass_are_relative_to_no_signal():
    term = values()
    x = np.array([1.2e-5, 0.8e-5, 0.0, 1.5e-5, 1.5e-5])
    masses = np.array([0.0, 0.0, 0.3, 0.5, 1.5])
    found = term.log_likelihood(np.stack([x / term.unit, masses], axis=1))
    middle = np.sqrt(2e-6 * 3e-6), np.sqrt(1e-6 * 3e-6)
    expected = [
        norm.logpdf(1.2e-5, 1e-5, 2e-6) - norm.logpdf(0.0, 1e-5, 1e-6) + np.log(2),
        norm.logpdf(0.8e-5, 1e-5, 1e-6) - norm.logpdf(0.0, 1e-5, 1e-6),
        0.0,
        norm.logpdf(1.5e-5, 1.5e-5, middle[1]) - norm.logpdf(0.0, 1.5e-5, middle[1]),
        0.0,
    ]
    assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_the_mass_is_a_parameter_of_the_model():
    workspace = Workspace(Wilson({}, size=2), INPUTS, {"m_X": np.array([0.5, 9.0])})
    for term in (limits(), values()):
        found = term.predict(workspace, INPUTS)
        assert found[:, 1].tolist() == [0.5, 9.0]
        assert_allclose(term.observable_values(found)[:, 0], 4.75e-6, rtol=0.01)
        one = Workspace(Wilson({}), INPUTS, {"m_X": np.array([0.5, 9.0])})
        assert term.predict(one, INPUTS).shape == (2, 2)
        with pytest.raises(PredictionError, match="x: no parameter of the model is called 'm_X'"):
            term.predict(Wilson({}), INPUTS)


@pytest.mark.parametrize(
    ("make", "rows", "message"),
    [
        (limits, LIMITS[:1], "needs 2 or more masses"),
        (limits, LIMITS[::-1], "not negative, and rise"),
        (limits, [[-1.0, 1.0], [1.0, 1.0]], "not negative, and rise"),
        (limits, [[0.0, 0.0], [1.0, 1.0]], "must be positive"),
        (values, [[0.0, 1.0, 1.0, 0.0], [1.0, 1.0, 1.0, 1.0]], "errors of the curve must be pos"),
        (values, LIMITS, "a curve against m_X"),
    ],
)
def test_mass_curves_refused(make, rows, message):
    with pytest.raises(DataError, match=message):
        make(rows)


def test_a_lower_edge_of_zero_is_a_boundary():
    """The upper error on both sides; also where the value itself is zero."""
    rows = [[1.0, 2e-6, 5e-6, 2e-6], [2.0, 0.0, 4e-6, 0.0], [3.0, 3e-6, 5e-6, 2e-6]]
    term = values(rows)
    assert term.at_boundary.tolist() == [True, True, False]
    assert_allclose(term.curve[:, 3], [5e-6, 4e-6, 2e-6])
    (note,) = (note for note in term.notes() if "boundary" in note)
    assert "at 2 of 3 masses the interval begins at zero" in note
    x = np.array([[8e-6 / term.unit, 2.0], [0.0, 2.0], [8e-6 / term.unit, 3.5]])
    assert_allclose(term.log_likelihood(x), [-0.5 * (8 / 4) ** 2, 0.0, 0.0], atol=1e-12)
    # A lower edge below zero is none: nothing was cut off there.
    assert not values([[1.0, 2e-6, 5e-6, 3e-6], [2.0, 1e-6, 5e-6, 3e-6]]).at_boundary.any()
    with pytest.raises(DataError, match="errors of the curve must be positive"):
        values([[1.0, 2e-6, 5e-6, 0.0], [2.0, 1e-6, 5e-6, 3e-6]])


def test_babar_at_two_gev():
    """A particle of 2.1 GeV with 8e-6 costs 1 to 2 in -2 ln L (recast of arXiv:2311.14629)."""
    term = catalogue.term("babar_2013_BKX_recast")
    at = np.array([[8e-6 / term.unit, 2.1], [8e-6 / term.unit, 2.95], [8e-6 / term.unit, 0.05]])
    cost = -2.0 * term.log_likelihood(at)
    assert 1.0 < cost[0] < 2.0
    assert_allclose(cost[1:], 0.0)
    assert "recast" in term.description


@pytest.mark.parametrize(
    ("model", "parameters"),
    [
        (
            "two-body",
            {"m_X": {"prior": {"uniform": [0.1, 4]}}, "g_S": {"prior": {"uniform": [0, 9]}}},
        ),
        ("two-body-br", {"m_X": 2.0, "BR_K": {"prior": {"uniform": [0, 10]}}}),
    ],
)
def test_notes_call_the_mass_as_the_model_does(model, parameters):
    from bsinv import load
    from bsinv.fitter.reports.notes import notes_of
    from bsinv.fitter.runs.job import begun

    given = {"name": "x", "model": model, "parameters": parameters}
    analysis = load({**given, "likelihoods": ["babar_2013_BKX_recast"]})
    notes = notes_of(analysis.problem, begun(analysis))
    told = "babar_2013_BKX_recast: no constraint for m_X (m_1) outside 0.100334 to 2.91973 GeV."
    assert told in notes


def test_a_recast_has_two_years():
    words = catalogue.term("babar_2013_BKX_recast").description
    assert words.startswith("recast of BaBar 2013 (2023), BR(B+->K+X), values, ")
