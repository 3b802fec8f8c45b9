"""Largest excess of a scan: brute force of a Gaussian field, local p, bounds; refusals."""

import re
from dataclasses import replace

import numpy as np
import pytest
from bsinv.chains.files.store import read, write
from bsinv.chains.plots.searches.significance import significance_figure
from bsinv.chains.records import RunFile
from bsinv.chains.tables.global_significance import significance_csv, significance_table
from bsinv.errors import FitError, ParameterError, StoreError, UnknownNameError
from bsinv.fitter.reports.studies.significance import scan_significance
from linear_toys import Linear, coefficients, problem
from scipy.stats import norm

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


SIDE = np.arange(9.0)
PLANE = np.linspace(1.0, 7.0, 13)


class Plane(Linear):
    """9 x 9 numbers, each with an error of 1: dC_R times a bump at dC_L and C_Lp."""

    name, sigma = "plane", np.ones(81)

    def __init__(self, value):
        self.value = np.reshape(value, (1, -1))

    def predict(self, wilson, inputs):
        columns = (coefficients(wilson, name) for name in ("dC_L", "dC_R", "C_Lp"))
        x, size, y = np.broadcast_arrays(*columns)
        return size[:, None] * plane(x, y)


def plane(x, y):
    """A bump of width 1 at places (n,), of norm 1: (n, 81)."""
    across, along = (np.exp(-0.5 * (SIDE - np.reshape(v, (-1, 1))) ** 2) for v in (x, y))
    made = (across[:, :, None] * along[:, None, :]).reshape(len(across), -1)
    return made / np.sqrt((made**2).sum(axis=1, keepdims=True))


def plane_problem(size):
    """Measured: a bump of this size at (3, 5), without noise."""
    free = {"C_Lp": {"prior": {"uniform": [-50, 50]}}}
    return problem(Plane(size * plane(3.0, 5.0)), b=(0, 50), nuisance=False, **free)


def test_two_scanned_parameters():
    scan = {"dC_L": PLANE[::-1], "C_Lp": PLANE}
    found = scan_significance(plane_problem(3.5), "dC_R", scan, toys=750, seed=5, precision=0.0)
    assert (found.axes, found.shape.tolist(), found.toys) == (("dC_L", "C_Lp"), [13, 13], 750)
    assert found.points[found.place].tolist() == [3.0, 5.0]
    assert found.best[found.place] == pytest.approx(3.5, abs=1e-2)
    noise = np.random.default_rng(12).standard_normal((60_000, 81))
    x, y = (values.ravel() for values in np.meshgrid(PLANE, PLANE, indexing="ij"))
    exact = (((noise @ plane(x, y).T).max(axis=1)) >= 3.5).mean()
    assert found.global_p == pytest.approx(exact, abs=3.0 * found.global_error)
    assert found.bound_kind.startswith("Vitells and Gross, two axes, Euler characteristic")
    # The expected characteristic is a little above the probability itself.
    assert exact - 3.0 * found.bound_error < found.bound < 1.25 * exact + 3.0 * found.bound_error
    # Away from the edges the field has covariance exp(-d^2 / 4): formula of test_excesses.
    area = 0.5 * 36.0 * 3.5 / (2.0 * np.pi) ** 1.5 + 12.0 * np.sqrt(0.5) / (2.0 * np.pi)
    assert found.bound == pytest.approx(norm.sf(3.5) + area * np.exp(-6.125), rel=0.15)


def test_coarse_grid_of_two_has_no_bound():
    scan = {"dC_L": np.arange(0.0, 9.0, 2.0), "C_Lp": np.arange(0.0, 9.0, 2.0)}
    found = scan_significance(plane_problem(3.0), "dC_R", scan, toys=300)
    assert np.isnan(found.bound)
    assert "every second point along each axis gives" in found.bound_kind


def test_toys_go_on_where_they_ended():
    made, scan = bump(3.5), {"dC_L": np.linspace(-3.0, 3.0, 7)}
    told = []
    whole = scan_significance(made, "dC_R", scan, toys=600, precision=0.0, report=told.append)
    assert [entry.drawn for entry in told] == [250, 500, 600]
    part = scan_significance(made, "dC_R", scan, toys=320, precision=0.0)
    np.testing.assert_allclose(part.largest, whole.largest[:320], atol=1e-6)
    more = scan_significance(made, "dC_R", scan, toys=600, precision=0.0, begun=[part])
    np.testing.assert_allclose(more.largest, whole.largest, atol=1e-6)
    assert (more.counts == whole.counts).all()
    assert (more.above == whole.above).all()
    assert (more.global_p, more.bound) == pytest.approx((whole.global_p, whole.bound), rel=1e-6)
    # Nothing is drawn where there are enough, nor for other points or another seed.
    told.clear()
    kept = scan_significance(made, "dC_R", scan, toys=200, begun=[whole], report=told.append)
    assert (kept.toys, told) == (600, [])
    other = scan_significance(made, "dC_R", scan, toys=100, seed=8, begun=[whole])
    assert other.toys == 100


def test_a_grid_of_two_is_stored_and_drawn(tmp_path):
    scan = {"dC_L": [2.0, 3.0], "C_Lp": [4.0, 5.0, 6.0]}
    found = scan_significance(plane_problem(3.0), "dC_R", scan, toys=100)
    results = RunFile("plane", "", 1, significances=(found,))
    path = tmp_path / "run.h5"
    write(path, results)
    again = read(path).significances[0]
    assert again.same(found)
    assert significance_table(again) == significance_table(found)
    assert significance_csv(again) == significance_csv(found)
    ends = [row[1] for row in significance_table(found).rows if str(row[0]).startswith("scan of")]
    assert ends == ["2 to 3, 2 points", "4 to 6, 3 points"]
    axes = significance_figure(results, found).axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("dC_L", "C_Lp")
    one = scan_significance(plane_problem(3.0), "dC_R", {"dC_L": [3.0], "C_Lp": [5.0]}, toys=100)
    with pytest.raises(StoreError, match="nothing to draw"):
        significance_figure(results, one)
    with pytest.raises(StoreError, match="6 points are none of the grid"):
        replace(found, shape=np.array([2, 2]))
    with pytest.raises(StoreError, match="counts are not those of 5 toys"):
        replace(found, largest=found.largest[:5])


class Broad(Bump):
    """Errors that are 1.5 times as large as the likelihood believes: no chi2."""

    name = "broad"

    def sample(self, prediction, rng):
        drawn = super().sample(prediction, rng)
        return type(drawn)(prediction + 1.5 * (drawn.values - prediction))


def test_tail_that_is_not_that_of_chi2_has_no_bound():
    found = scan_significance(bump(3.0, Broad), "dC_R", {"dC_L": GRID}, toys=500, precision=0.0)
    assert np.isnan(found.bound)
    assert found.bound_kind.startswith("none: the local tail at dC_L = ")
    assert found.bound_kind.endswith("is not half of chi2 (1 degree).")
    assert found.global_p > 0.05  # toys still tell: 9 / 2.25 = 4 is not rare anywhere


class Continuous(Bump):
    """Numbers in bins of width 2 to which the term attributes its signal."""

    name, response = "continuous", "linear"

    def predict(self, wilson, inputs):
        a, b = np.broadcast_arrays(coefficients(wilson, "dC_L"), coefficients(wilson, "dC_R"))
        return b[:, None] * shape(a)


@pytest.mark.parametrize(("step", "fewest"), [(0.5, 2), (0.4, 2), (0.25, None)])
def test_few_points_in_a_bin_have_no_bound(step, fewest):
    """The numbers are 0.5 apart; with a continuous response three points are needed in each."""
    grid = np.arange(-3.0, 3.01, step / 2.0)
    found = scan_significance(bump(3.0, Continuous), "dC_R", {"dC_L": grid}, toys=500)
    if fewest is None:
        assert found.bound_kind.startswith("Gross and Vitells")
        return
    assert np.isnan(found.bound)
    words = rf"none: {fewest} points? of the scan in a bin of q2, 3 are needed\."
    assert re.fullmatch(words, found.bound_kind)


def test_refusals():
    made = bump(1.0)
    with pytest.raises(ParameterError, match="of up to two free parameters"):
        scan_significance(made, "dC_R", {"dC_L": [1.0], "x": [1.0], "y": [1.0]})
    with pytest.raises(ParameterError, match="toys = 99 is not allowed"):
        scan_significance(made, "dC_R", {"dC_L": [1.0]}, toys=99)
    for precision in (-0.1, 1.0, np.nan):
        with pytest.raises(ParameterError, match="precision"):
            scan_significance(made, "dC_R", {"dC_L": [1.0]}, precision=precision)
    narrow = problem(Bump(shape(2.0)), b=(0, 0.5), nuisance=False)
    with pytest.raises(ParameterError, match=r"at no point a rate up to 0\.5 would be seen"):
        scan_significance(narrow, "dC_R", {"dC_L": [1.0]})
    both = problem(b=(0, 50), nuisance=False)  # a is measured by itself
    with pytest.raises(ParameterError, match="must not depend on what is scanned"):
        scan_significance(both, "dC_R", {"dC_L": [0.0, 3.0]})


@pytest.mark.parametrize(
    ("of", "scan", "kind", "message"),
    [
        ("dC_r", {}, UnknownNameError, "significance"),
        ("dC_L", {}, ParameterError, r"significance of dC_L, .*: a significance is of a rate"),
        ("dC_R", {"dC_R": [1.0]}, ParameterError, "scan of dC_R: it is the rate itself"),
        ("dC_R", {"dC_L": [60.0]}, ParameterError, "scan of dC_L at 60: outside of its range"),
    ],
)  # fmt: skip
def test_errors_speak_of_a_significance(of, scan, kind, message):
    with pytest.raises(kind, match=message) as caught:
        scan_significance(bump(1.0), of, scan)
    assert "limit" not in str(caught.value)


class Square(Bump):
    """A coupling that enters squared."""

    name = "square"

    def predict(self, wilson, inputs):
        a, b = np.broadcast_arrays(coefficients(wilson, "dC_L"), coefficients(wilson, "dC_R"))
        return b[:, None] ** 2 * shape(a)


class Lost(Bump):
    """Toys that cannot be fitted."""

    name = "lost"

    def sample(self, prediction, rng):
        drawn = super().sample(prediction, rng)
        return type(drawn)(np.full_like(drawn.values, np.nan))


def test_what_is_no_rate_and_toys_that_fail():
    scan = {"dC_L": [1.0]}
    with pytest.raises(ParameterError, match="significance of dC_R: the prediction of square"):
        scan_significance(bump(1.0, Square), "dC_R", scan)
    with pytest.raises(FitError, match="significance of dC_R: fits of all 100 toys failed"):
        scan_significance(bump(1.0, Lost), "dC_R", scan, toys=100)
    marginalised = bump(1.0)
    marginalised.terms[0].nuisances = "laplace"
    with pytest.raises(ParameterError, match=r"significance: bump marginalises .*: profile'"):
        scan_significance(marginalised, "dC_R", scan)
