import numpy as np
import pytest
from bsinv.errors import PredictionError
from bsinv.physics.kinematics import bin_grid, checked_edges, kinematics, q2_max, z_map
from hypothesis import given
from hypothesis import strategies as st


def test_z_vanishes_at_t0_and_is_minus_one_beyond_the_cut():
    assert z_map(np.array(3.0), 33.0, 3.0) == 0.0
    assert z_map(np.array(33.0), 33.0, 3.0) == -1.0


def test_lambda_is_the_kaellen_function_inside_and_zero_beyond_the_end_point():
    m_b, m_m = 5.28, 0.892
    q2 = np.array([[0.0, 3.0, 17.0, 19.2, 19.3, 25.0]])
    kin = kinematics(q2, m_b, m_m)
    a, b = m_b**2, m_m**2
    squared = a**2 + b**2 + q2**2 - 2 * (a * b + a * q2 + b * q2)
    inside = q2[0] < q2_max(m_b, m_m)
    np.testing.assert_allclose(kin.root_lambda[0, inside] ** 2, squared[0, inside], rtol=1e-10)
    assert np.all(kin.root_lambda[0, ~inside] == 0.0)


@pytest.mark.parametrize("power", [0.5, 1.5])
@pytest.mark.parametrize("threshold", [0.0, 1.3])
def test_square_roots_at_both_ends_are_integrated_exactly(power, threshold):
    end = 22.0
    grid = bin_grid(np.array([0.0, 30.0]), threshold, end)
    values = ((grid.q2 - threshold) * (end - grid.q2)) ** power
    # Beta function: span^(2p+1) B(p + 1, p + 1).
    exact = (end - threshold) ** (2 * power + 1) * {0.5: np.pi / 8, 1.5: 3 * np.pi / 128}[power]
    np.testing.assert_allclose(grid.integrate(values)[0, 0], exact, rtol=1e-13)


def test_bins_outside_the_physical_region_are_exactly_zero():
    grid = bin_grid(np.array([-3.0, -1.0, 0.5, 5.0, 6.0, 9.0]), 1.0, 5.5)
    widths = grid.integrate(np.ones_like(grid.q2))[0]
    np.testing.assert_allclose(widths, [0.0, 0.0, 4.0, 0.5, 0.0], atol=1e-13)
    assert widths[0] == 0.0
    assert widths[-1] == 0.0


def test_closed_phase_space_is_zero_without_warning():
    grid = bin_grid(np.array([0.0, 30.0]), 25.0, 22.0)
    assert grid.integrate(np.ones_like(grid.q2))[0, 0] == 0.0


def test_limits_may_differ_from_point_to_point():
    lower = np.array([[0.0], [1.0], [40.0]])
    grid = bin_grid(np.array([0.0, 2.0, 30.0]), lower, 20.0)
    widths = grid.integrate(np.ones_like(grid.q2))
    np.testing.assert_allclose(widths, [[2, 18], [1, 18], [0, 0]], rtol=1e-12)


@given(st.lists(st.floats(0.0, 25.0), min_size=2, max_size=8, unique=True))
def test_widths_add_up(points):
    edges = np.sort(points)
    grid = bin_grid(edges, 0.0, 22.9)
    expected = np.diff(np.clip(edges, 0.0, 22.9))
    np.testing.assert_allclose(
        grid.integrate(np.ones_like(grid.q2))[0], expected, rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ((1.0,), "needs two edges, not 1"),
        ((0.0, 2.0, 2.0), r"must increase: \[0.0, 2.0, 2.0\]"),
        ((0.0, float("nan")), "must increase"),
    ],
)
def test_bad_edges(edges, message):
    with pytest.raises(PredictionError, match=message):
        checked_edges(edges)
