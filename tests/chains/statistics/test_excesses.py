"""Counts of toys along scans, and probabilities from them, against fields that are known."""

import numpy as np
import pytest
from bsinv.chains.statistics.excesses import (
    Tally,
    characteristic,
    excess_bound,
    global_probability,
    local_probability,
    neighbours,
    tail_deviates,
    tallied,
    tread_bound,
)
from scipy.stats import chi2, norm


def test_probabilities_are_those_of_half_of_chi2():
    assert local_probability(np.array([0.0, 1.0, 13.0])) == pytest.approx(
        [1.0, 0.5 * chi2.sf(1.0, 1), 0.5 * chi2.sf(13.0, 1)]
    )
    assert global_probability(np.array([3.0, 0.8, 0.5]), 0.8).value == pytest.approx(2.0 / 3.0)
    none = global_probability(np.array([3.0, 0.8]), 4.0)
    assert (none.value, none.error) == (0.0, 0.5)


def test_counts_of_one_axis():
    q = np.array([[0.0, 1.0, 0.2, 3.0], [0.6, 0.7, 0.8, 0.9], [0.4, 0.5, 0.0, 0.0]])
    found = tallied(q, (4,))
    assert found.counts[:, 0].tolist() == [2, 0, 1]
    assert found.coarse[:, 0].tolist() == [0, 0, 0]
    assert found.largest.tolist() == [3.0, 0.9, 0.5]
    assert found.above.tolist() == [[0, 1, 0, 1], [0, 0, 0, 1]]
    assert found.apart == pytest.approx([1.0, 0.8, 2.8])
    bound = excess_bound(found.counts, 4.0)
    assert bound.value == pytest.approx(0.5 * chi2.sf(4.0, 1) + np.exp(-1.75))
    assert excess_bound(found.counts, 0.5).value == 1.0


def test_toys_that_failed_are_counted_and_left_out():
    found = tallied(np.array([[1.0, np.nan], [2.0, 0.0]]), (2,))
    assert (found.failed, found.drawn, found.largest.tolist()) == (1, 2, [2.0])
    both = Tally.joined(
        [found, tallied(np.array([[0.0, 3.0]]), (2,)), tallied(np.zeros((0, 2)), (2,))]
    )
    assert (both.failed, both.drawn, both.largest.tolist()) == (1, 3, [2.0, 3.0])
    assert both.above.tolist() == [[1, 1], [0, 1]]
    assert both.alive.tolist() == [2.0, 3.0]


@pytest.mark.parametrize(
    ("rows", "number"),
    [
        (["....", "....", "...."], 0),
        (["####", "####", "####"], 1),
        (["#...", "....", "...#"], 2),
        (["###.", "#.#.", "###."], 0),  # a ring: one part, one hole
        (["###.", "#.##", "####"], 0),
        (["#.#.", ".#.#", "#.#."], 6),  # corners do not touch
        (["#####", "#.#.#", "#####"], -1),
    ],
)
def test_euler_characteristic(rows, number):
    grid = np.array([[[2.0 if mark == "#" else 0.0 for mark in row] for row in rows]])
    assert characteristic(grid, 1.0).tolist() == [number]
    assert characteristic(np.swapaxes(grid, 1, 2), 1.0).tolist() == [number]


def field(step, number, length=6.0, seed=4):
    """Gaussian fields of unit variance with covariance exp(-d^2 / 4) on a square, as q."""
    places = np.arange(0.0, length + 1e-9, step)
    root = np.linalg.cholesky(
        np.exp(-0.25 * (places[:, None] - places) ** 2) + 1e-9 * np.eye(len(places))
    )
    noise = np.random.default_rng(seed).standard_normal((number, len(places), len(places)))
    z = root @ noise @ root.T
    return np.maximum(z, 0.0).reshape(number, -1) ** 2, (len(places), len(places))


def expected(level, length=6.0):
    """Euler characteristic of where such a field is above a level.

    Adler and Taylor, Random Fields and Geometry (2007), section 11.7: sum of L_d rho_d with the
    second spectral moment 1/2, L_1 = 2 length sqrt(1/2) and L_2 = length^2 / 2.
    """
    z = np.sqrt(level)
    fall = np.exp(-0.5 * level)
    line = 2.0 * length * np.sqrt(0.5) * fall / (2.0 * np.pi)
    area = 0.5 * length**2 * z * fall / (2.0 * np.pi) ** 1.5
    return norm.sf(z) + line + area


def test_euler_characteristics_of_a_gaussian_field():
    q, shape = field(0.25, 3000)
    found = tallied(q, shape)
    for column, level in enumerate((0.5, 2.0)):
        mean, error = found.counts[:, column].mean(), found.counts[:, column].std() / np.sqrt(3000)
        # On a grid of a fifth of the correlation length 2 % of the saddles are missed.
        assert mean == pytest.approx(expected(level), abs=4.0 * error + 0.03 * expected(level))
    for level in (9.0, 12.0, 16.0):
        bound = excess_bound(found.counts, level)
        assert bound.value == pytest.approx(expected(level), abs=4.0 * bound.error, rel=0.06)
    # Brute force: the largest of the field itself.
    exact = global_probability(found.largest, 12.0)
    bound = excess_bound(found.counts, 12.0)
    assert exact.value == pytest.approx(bound.value, abs=3.0 * exact.error)
    assert tail_deviates(found) is None


def test_bound_of_two_axes_that_is_none_is_one():
    counts = np.array([[1.0, 1.0], [1.0, 0.0]])
    assert excess_bound(counts, 2.0).value == 1.0
    # Nothing above the second level: not below the local probability.
    assert excess_bound(np.zeros((5, 2)), 9.0).value == pytest.approx(norm.sf(3.0))


def test_treads():
    q = np.array([[1.0, 1.0, 2.0, 2.0, 0.0, 2.0]])
    found = tallied(q, (6,))
    # The point where no rate does anything parts two bins that are alike.
    assert tread_bound(found, q[0], (6,)) == (pytest.approx(3.0 * norm.sf(np.sqrt(2.0))), 3)
    assert tread_bound(found, np.array([1.0, 3.0, 2.0, 2.0, 0.0, 2.0]), (6,))[1] == 4
    square = tallied(np.array([[1.0, 1.0, 2.0, 1.0, 1.0, 2.0]]), (2, 3))
    assert tread_bound(square, np.zeros(6), (2, 3))[1] == 2
    nothing = tallied(np.zeros((3, 4)), (4,))
    assert tread_bound(nothing, np.zeros(4), (4,)) == (1.0, 0)


def test_neighbours():
    assert neighbours((3,)).tolist() == [[0, 1], [1, 2]]
    assert neighbours((2, 2)).tolist() == [[0, 2], [1, 3], [0, 1], [2, 3]]
    assert neighbours((1,)).shape == neighbours(()).shape == (0, 2)


def test_tail():
    z = np.random.default_rng(1).standard_normal((4000, 3))
    good = np.maximum(z, 0.0) ** 2
    assert tail_deviates(tallied(good, (3,))) is None
    dead = good * np.array([1.0, 0.0, 1.0])  # the rate does nothing there
    assert tail_deviates(tallied(dead, (3,))) is None
    assert tail_deviates(tallied(good * np.array([1.0, 1.0, 2.0]), (3,))) == 2
    two_sided = np.where(np.arange(3) == 1, z**2, good)  # P(q > c) without the half
    assert tail_deviates(tallied(two_sided, (3,))) == 1
