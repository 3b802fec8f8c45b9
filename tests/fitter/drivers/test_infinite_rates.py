"""Points at which a rate has no limit are counted in a fit, and stop nothing else."""

import bsinv
import numpy as np
import pytest
from bsinv.errors import PredictionError


def analysis(model, parameters, likelihoods=("belle2-2023-bknunu", "belle_2017_kst0nunu")):
    return bsinv.load(
        {
            "name": "a",
            "model": model,
            "likelihoods": list(likelihoods),
            "parameters": parameters,
            "seed": 1,
        }
    )


@pytest.fixture(scope="module")
def vector():
    """The prior of the mass holds zero as an end point."""
    return analysis(
        "two-body",
        {
            "m_X": {"prior": {"uniform": [0.0, 4.0]}, "start": 2.0},
            "g_V": {"prior": {"uniform": [-5.0, 5.0]}, "start": 0.5},
            "g_A": 0.3,
        },
    )


def test_a_massless_point_is_counted_and_its_neighbours_keep_their_values(vector):
    theta = np.array([[2.0, 0.5], [0.0, 0.5], [1e-200, 1.0], [0.0, 0.0], [1.0, 0.2]])
    vector.problem.rejected.clear()
    log = vector.log_likelihood(theta)
    np.testing.assert_array_equal(np.isfinite(log), [True, False, False, False, True])
    assert np.all(log[1:4] == -np.inf)
    # g_A alone leaves B -> K alone.
    assert vector.problem.rejected == {"belle2-2023-bknunu": 2, "belle_2017_kst0nunu": 3}
    for i in (0, 4):
        assert vector.log_likelihood(theta[i : i + 1])[0] == pytest.approx(log[i], rel=1e-9)


def test_a_fit_whose_support_ends_at_zero_mass():
    loaded = analysis(
        "two-body",
        {
            "m_X": {"prior": {"uniform": [0.0, 4.0]}, "start": 0.0},
            "g_A": {"prior": {"uniform": [-5.0, 5.0]}, "start": 0.5},
        },
        ["belle_2017_kst0nunu"],
    )
    best = loaded.fit()
    assert loaded.problem.rejected["belle_2017_kst0nunu"] > 0
    assert np.isfinite(best.log_likelihood)
    # The limit likes no rate at all.
    assert best.log_likelihood > loaded.log_likelihood(np.array([[2.0, 0.5]]))[0]


def test_a_prediction_at_such_a_point_is_refused():
    with pytest.raises(PredictionError, match="g_V couples one vector particle of mass 0 GeV"):
        bsinv.predict("BR(B+->Knunu)", "two-body", m_X=[1.0, 0.0], g_V=1.0)


def test_massless_couplings_with_a_limit_are_points_like_others():
    loaded = analysis(
        "two-body",
        {
            "m_X": {"prior": {"uniform": [0.0, 4.0]}, "start": 2.0},
            "k_V": {"prior": {"uniform": [-5.0, 5.0]}, "start": 0.5},
            "d_T": 0.1,
        },
    )
    log = loaded.log_likelihood(np.array([[0.0, 0.1], [1e-9, 0.1], [0.0, 3.0]]))
    assert np.isfinite(log).all()
    assert log[0] == pytest.approx(log[1], rel=1e-12)
    assert log[2] < log[0] - 100.0
    assert not loaded.problem.rejected


def test_stable_mediators_are_counted_on_their_mass_shell_alone():
    loaded = analysis(
        "mediator",
        {
            "m_med": {"prior": {"uniform": [0.5, 20.0]}, "start": 10.0},
            "g_SS": {"prior": {"uniform": [0.0, 500.0]}, "start": 1.0},
            "Gamma_med": 0.0,
            "m_chi": 0.4,
        },
    )
    log = loaded.log_likelihood(np.array([[10.0, 50.0], [3.0, 1.0], [0.6, 1.0], [3.0, 0.0]]))
    np.testing.assert_array_equal(np.isfinite(log), [True, False, True, True])
    assert loaded.problem.rejected == {"belle2-2023-bknunu": 1}
