import pickle

import numpy as np
import pytest
from bsinv.data.constants import constants
from bsinv.data.form_factors import form_factor_set
from bsinv.errors import PredictionError, UnknownNameError
from bsinv.physics.inputs import DEFAULT_FORM_FACTORS, Inputs


def test_default_values_come_from_the_data():
    inputs = Inputs.default()
    assert inputs.constant("X_t").shape == (1,)
    assert inputs.size == 1
    for process, name in DEFAULT_FORM_FACTORS.items():
        found = inputs.form_factors(process)
        assert found.source is form_factor_set(name)
        np.testing.assert_array_equal(found.coefficients[0], found.source.central)


def test_replace_makes_a_copy():
    inputs = Inputs.default()
    changed = inputs.replace(constants={"X_t": [1.4, 1.5]}, sets={"B->K": "BtoK_HPQCD2022_BCL"})
    assert inputs.constant("X_t").shape == (1,)
    assert changed.size == 2
    assert changed.form_factors("B->K").source.id == "BtoK_HPQCD2022_BCL"
    again = changed.replace(coefficients={"B->K": np.ones((2, 8))})
    np.testing.assert_array_equal(again.form_factors("B->K").coefficients, 1.0)
    np.testing.assert_array_equal(again.constant("X_t"), [1.4, 1.5])


def test_other_default_sets():
    inputs = Inputs.default({"B->K": "BtoK_HPQCD2022_BCL"})
    assert inputs.form_factors("B->K").source.id == "BtoK_HPQCD2022_BCL"
    assert inputs.form_factors("B->K*").source.id == DEFAULT_FORM_FACTORS["B->K*"]


def test_survives_pickling():
    inputs = pickle.loads(pickle.dumps(Inputs.default().replace(constants={"X_t": 1.5})))
    assert inputs.constant("X_t")[0] == 1.5
    assert inputs.form_factors("B->K").size == 1


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"constants": {"Xt": 1.0}}, UnknownNameError, "unknown constant 'Xt': did you mean 'X_t'"),
        ({"constants": {"X_t": np.ones((2, 2))}}, PredictionError, r"X_t has shape \(2, 2\)"),
        ({"coefficients": {"B->D": [1.0]}}, UnknownNameError, "process 'B->D'"),
        ({"coefficients": {"B->K": [1.0]}}, PredictionError, r"needed are \(n, 8\)"),
        ({"sets": {"B->K": "nothing"}}, UnknownNameError, "'nothing'"),
        (
            {"sets": {"B->K": "BtoKstar_BSZ2015_LCSR"}},
            PredictionError,
            r"'BtoKstar_BSZ2015_LCSR' is for B->K\*, not B->K",
        ),
    ],
)
def test_mistakes(change, error, message):
    with pytest.raises(error, match=message):
        Inputs.default().replace(**change)


def test_unknown_names():
    with pytest.raises(UnknownNameError, match="unknown constant 'm_Higgs'"):
        Inputs.default().constant("m_Higgs")
    with pytest.raises(UnknownNameError, match="process 'B->D' in the inputs: did you"):
        Inputs.default().form_factors("B->D")


def test_sizes_that_differ():
    inputs = Inputs.default().replace(constants={"X_t": [1.0, 2.0], "m_b": [4.0, 4.1, 4.2]})
    with pytest.raises(PredictionError, match=r"batch sizes differ \(X_t: 2, m_b: 3\)"):
        _ = inputs.size


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("m_b", -1, "m_b = -1 GeV is not allowed: it must be between 0.42 and 42 GeV."),
        ("hbar", 0, "hbar = 0 GeV s is not allowed: it must be between 6.6e-26 and 6.6e-24 GeV s."),
        ("tau_B0", np.inf, "tau_B0 = inf ps is not allowed: it must be between 0.15 and 15 ps."),
        ("alpha_inv", np.nan, "alpha_inv = nan is not allowed: it must be between 50 and 200."),
        ("X_t", np.nan, "X_t = nan is not allowed: it must be between 0 and 10."),
        ("X_t", -1, "X_t = -1 is not allowed: it must be between 0 and 10."),
        ("X_t", 1e200, "X_t = 1e+200 is not allowed: it must be between 0 and 10."),
        ("X_t", 1.469 + 0j, "X_t = (1.469+0j) is not allowed: it must be a real number."),
        ("X_t", True, "X_t = True is not allowed: it must be a real number."),
        ("X_t", "1.4", "X_t = '1.4' is not allowed: it must be a real number."),
        ("X_t", 10**400, "X_t = 1000"),
        ("CKM_etabar", 1e9, "CKM_etabar = 1e+09 is not allowed: it must be between -2 and 2."),
        (
            "norm_BtoKstar",
            -0.1,
            "norm_BtoKstar = -0.1 is not allowed: it must be between 0 and 10.",
        ),
        (
            "m_Kplus",
            7,
            "m_Kplus = 7 GeV is not allowed: for B+->K+ it must be below m_Bplus = 5.27941 GeV.",
        ),
        (
            "m_Bplus",
            0.1,
            "m_Bplus = 0.1 GeV is not allowed: for B+->K+ it must be above m_Kplus = 0.493677 GeV.",
        ),
    ],
)
def test_numbers_that_are_not_allowed(name, value, message):
    with pytest.raises(PredictionError) as caught:
        Inputs.default().replace(constants={name: value})
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("name", sorted(constants()))
def test_every_constant_is_refused_outside_its_range(name):
    lower, upper = constants()[name].allowed
    width = upper - lower
    for value in (lower - 0.01 * width, upper + 0.01 * width, -1e200, 1e200):
        with pytest.raises(PredictionError, match="must be between"):
            Inputs.default().replace(constants={name: value})
        assert np.isnan(Inputs.default().replace(constants={name: [value]}).constant(name)[0])


def test_v_cb_and_the_factor_of_b_to_s_are_one_number():
    inputs = Inputs.default()
    assert inputs.constant("V_cb")[0] == pytest.approx(0.0410 / 0.982, rel=1e-15)
    given = inputs.replace(constants={"V_cb": [0.039, 0.042]})
    np.testing.assert_allclose(given.constant("VtbVts"), 0.982 * np.array([0.039, 0.042]))
    assert given.size == 2
    given = given.replace(constants={"VtbVts": 0.041})
    assert given.constant("V_cb")[0] == pytest.approx(0.0410 / 0.982, rel=1e-15)
    with pytest.raises(PredictionError) as caught:
        inputs.replace(constants={"VtbVts": 0.041, "V_cb": 0.042})
    assert str(caught.value) == (
        "V_cb is not allowed beside VtbVts: they are one number, VtbVts = 0.982 V_cb."
    )


def test_points_that_are_not_allowed_become_nan():
    given = {"m_b": [4.0, -1.0, 0.0, np.nan], "X_t": [1.0, 0.0, -1.0, 2.0], "hbar": [-1.0]}
    inputs = Inputs.default().replace(constants=given)
    np.testing.assert_array_equal(inputs.constant("m_b"), [4.0, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(inputs.constant("X_t"), [1.0, 0.0, np.nan, 2.0])
    np.testing.assert_array_equal(inputs.constant("hbar"), [np.nan])


def test_zero_is_allowed_where_nothing_is_divided_by_it():
    inputs = Inputs.default().replace(constants={"X_t": 0.0, "VtbVts": 0.0, "norm_BtoKstar": 0.0})
    assert inputs.constant("X_t")[0] == 0.0
