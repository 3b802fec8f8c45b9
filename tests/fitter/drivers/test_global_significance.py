"""Largest excess of a scan: brute force of a Gaussian field, local p, bounds; refusals."""

import numpy as np
import pytest
from bsinv.errors import ParameterError
from bsinv.fitter.drivers.global_significance import (
    crossing_bound,
    tail_deviates,
    toy_probability,
    tread_bound,
    up_crossings,
)
from bsinv.fitter.reports.significance import scan_significance
from linear_toys import Linear, coefficients, problem
from scipy.stats import chi2, norm

CENTRES = np.linspace(-10.0, 10.0, 41)
GRID = np.linspace(-7.0, 7.0, 57)


def shape(place):
    """A bump of width 1 at places (n,), of norm 1: (n, 41)."""
    made = np.exp(-0.5 * (CENTRES - np.reshape(place, (-1, 1))) ** 2)
    return made / np.sqrt((made**2).sum(axis=1, keepdims=True))


class Bump(Linear):
    """41 numbers, each with an error of 1: dC_R times a bump at dC_L."""

    name, sigma = "bump", np.ones(41)

    def __init__(self, value):
        self.value = np.reshape(value, (1, -1))

    def predict(self, wilson, inputs):
        a, b = np.broadcast_arrays(coefficients(wilson, "dC_L"), coefficients(wilson, "dC_R"))
        return b[:, None] * shape(a)


class Steps(Bump):
    """The same bump wherever in a bin of width 1: a staircase."""

    response = "published"

    def predict(self, wilson, inputs):
        a, b = np.broadcast_arrays(coefficients(wilson, "dC_L"), coefficients(wilson, "dC_R"))
        return b[:, None] * shape(np.round(a))


def bump(size, kind=Bump):
    """Measured: a bump of this size at 2, without noise, so that the largest q is its square."""
    return problem(kind(size * shape(2.0)), b=(0, 50), nuisance=False)


def brute_force(level, grid=GRID, number=200_000):
    """P(max q >= level) of the exact best fits: q = max(0, noise . shape)^2."""
    noise = np.random.default_rng(11).standard_normal((number, 41))
    return float(((noise @ shape(grid).T).max(axis=1) ** 2 >= level).mean())


def test_global_p_is_that_of_the_field():
    found = scan_significance(bump(3.0), "dC_R", {"dC_L": GRID}, toys=3000, seed=3)
    assert found.points[found.place] == pytest.approx(2.0)
    assert found.statistic[found.place] == pytest.approx(9.0, abs=1e-3)
    assert found.best[found.place] == pytest.approx(3.0, abs=1e-2)
    assert found.local_p == pytest.approx(norm.sf(3.0), rel=1e-3)
    exact = brute_force(9.0 - 1e-4)
    assert found.global_p == pytest.approx(exact, abs=3.0 * found.global_error)
    assert found.global_error <= 0.2 * found.global_p
    assert found.toys < 3000  # stopped where p was known well enough
    assert found.bound_kind.startswith("Gross and Vitells")
    assert found.bound > exact - 3.0 * found.bound_error
    # Rice's formula for the field: sqrt(-rho'') / 2 pi per unit length, rho'' = -1/2.
    rice = norm.sf(3.0) + 14.0 * np.sqrt(0.5) / (2.0 * np.pi) * np.exp(-4.5)
    assert found.bound == pytest.approx(rice, abs=4.0 * found.bound_error + 0.03 * rice)


def test_one_point_has_no_trials():
    found = scan_significance(bump(1.5), "dC_R", {"dC_L": [2.0]}, toys=2000, seed=1)
    assert found.global_p == pytest.approx(norm.sf(1.5), abs=3.0 * found.global_error)
    assert found.bound == found.local_p == pytest.approx(norm.sf(1.5), rel=1e-3)
    assert found.bound_kind == "local p-value"


def test_no_excess_is_certain():
    """Where the data are below everywhere, every toy has as large an excess."""
    found = scan_significance(bump(0.0), "dC_R", {"dC_L": [2.0]}, toys=100)
    assert (found.local_p, found.global_p, found.bound) == (1.0, 1.0, 1.0)


def test_staircase_counts_each_tread_once():
    scan = np.arange(-4.0, 4.0, 0.25)  # rounded: -4 to 4
    found = scan_significance(bump(2.5, Steps), "dC_R", {"dC_L": scan}, toys=1000, seed=2)
    assert found.bound_kind == "sum of local p-values of 9 bins"
    assert found.bound == pytest.approx(9.0 * norm.sf(2.5), rel=1e-3)
    assert found.bound > found.global_p - 3.0 * found.global_error
    exact = brute_force(6.25 - 1e-4, np.arange(-4.0, 5.0))
    assert found.global_p == pytest.approx(exact, abs=3.0 * found.global_error)


def test_coarse_scan_has_no_bound():
    found = scan_significance(bump(2.0), "dC_R", {"dC_L": np.arange(-6.0, 7.0, 2.0)}, toys=500)
    assert np.isnan(found.bound)
    assert "more points are needed" in found.bound_kind


def test_none_as_large():
    found = scan_significance(bump(7.0), "dC_R", {"dC_L": [0.0, 2.0]}, toys=100)
    assert (found.global_p, found.global_error) == (0.0, 0.01)
    assert "No toy has so large an excess: p < 0.03 (95 %); draw more toys." in found.notes


def test_order_of_the_scan_and_chunks_do_not_matter():
    forward = scan_significance(bump(1.0), "dC_R", {"dC_L": [0.0, 1.0, 2.0]}, toys=100)
    backward = scan_significance(bump(1.0), "dC_R", {"dC_L": [2.0, 1.0, 0.0, 0.0]}, toys=100)
    assert forward.global_p == backward.global_p
    assert (forward.points == backward.points).all()


def test_refusals():
    made = bump(1.0)
    with pytest.raises(ParameterError, match="a significance is of one parameter"):
        scan_significance(made, "dC_R", {"dC_L": [1.0], "x": [1.0]})
    with pytest.raises(ParameterError, match="toys = 99 is not allowed"):
        scan_significance(made, "dC_R", {"dC_L": [1.0]}, toys=99)
    narrow = problem(Bump(shape(2.0)), b=(0, 0.5), nuisance=False)
    with pytest.raises(ParameterError, match=r"at no point a rate up to 0\.5 would be seen"):
        scan_significance(narrow, "dC_R", {"dC_L": [1.0]})
    both = problem(b=(0, 50), nuisance=False)  # a is measured by itself
    with pytest.raises(ParameterError, match="must not depend on what is scanned"):
        scan_significance(both, "dC_R", {"dC_L": [0.0, 3.0]})


def test_counts():
    toys = np.array([[0.0, 1.0, 0.2, 3.0], [0.6, 0.7, 0.8, 0.9], [0.4, 0.5, 0.0, 0.0]])
    assert up_crossings(toys, 0.5).value == pytest.approx(1.0)
    bound = crossing_bound(toys, 4.0)
    assert bound.value == pytest.approx(0.5 * chi2.sf(4.0, 1) + np.exp(-1.75))
    assert crossing_bound(toys, 0.5).value == 1.0
    assert toy_probability(toys, 0.9).value == pytest.approx(2.0 / 3.0)
    assert tread_bound(toys[:, :1], toys[0, :1], 4.0)[0] == pytest.approx(0.5 * chi2.sf(4.0, 1))


def test_tail():
    z = np.random.default_rng(1).standard_normal((4000, 3))
    good = np.maximum(z, 0.0) ** 2
    assert tail_deviates(good) is None
    dead = good * np.array([1.0, 0.0, 1.0])  # the rate does nothing there
    assert tail_deviates(dead) is None
    assert tail_deviates(good * np.array([1.0, 1.0, 2.0])) == 2
