import numpy as np
import pytest
from bsinv.chains.plots.likelihood.surfaces import surface_of
from bsinv.chains.records import ScanStatus
from bsinv.chains.tables.profiles import contour_levels
from bsinv.errors import ParameterError
from bsinv.fitter.drivers.refinement import halved
from bsinv.fitter.drivers.scans import grid_scan
from bsinv.fitter.reports.profiles import profile_scan
from targets import GaussianTarget

ORIGIN = np.zeros(3)
FIELDS = ("log_likelihood", "log_constraint", "status", "other_values", "separate")
LEVELS = np.array(contour_levels())


class Plane(GaussianTarget):
    """-2 ln L of a and b alone."""

    def __init__(self, height):
        super().__init__()
        self.height = height

    def log_likelihood(self, theta):
        self.calls += len(theta)
        return -0.5 * self.height(theta[:, 0], theta[:, 1])

    def term_log_likelihoods(self, theta):
        return {"disc": -0.5 * disc(theta[:, 0], theta[:, 1]), "all": self.log_likelihood(theta)}


def ring(x, y):
    return ((np.hypot(x, y) - 1.5) / 0.06) ** 2


def banana(x, y):
    return ((y - x**2) / 0.12) ** 2 + (x / 0.6) ** 2


def islands(x, y):
    """Two discs, 95 % within 0.086, between which is one point of a grid of spacing 0.2."""
    one, other = ((x - at) ** 2 + (y - 0.13) ** 2 for at in (0.51, 0.69))
    return np.minimum(one, other) / 0.035**2


def disc(x, y):
    return ((x + 1.0) ** 2 + (y + 1.0) ** 2) / 0.3**2


def scanned(target, points=21, refine=0, **options):
    axis = np.linspace(-2.0, 2.0, points)
    options = {"profiled": False, **options}
    return grid_scan(target, {"a": axis, "b": axis}, ORIGIN, refine=refine, **options)


def areas(scan):
    """Of the regions counted from zero, where the minimum is, as from a best fit in a run."""
    surface, lowest = surface_of(None, scan), np.nanmin(-2.0 * scan.log_penalised)
    return np.array([surface.area(level - lowest) for level in contour_levels()])


# Areas: a ring |r - 1.5| < 0.06 sqrt(z), a bent ellipse (y - x^2 shears, so pi 0.12 0.6 z), discs.
# Shares of the points of the finest grid that are computed: half of them, or less, is asked.
@pytest.mark.parametrize(
    ("height", "points", "refine", "exact", "share"),
    [
        (ring, 21, 3, 2 * np.pi * 1.5 * 2 * 0.06 * np.sqrt(LEVELS), 0.4),
        (banana, 17, 2, np.pi * 0.12 * 0.6 * LEVELS, 0.4),
        (islands, 21, 3, 2 * np.pi * 0.035**2 * LEVELS, 0.05),
    ],
)
def test_areas_of_narrow_regions(height, points, refine, exact, share):
    scan = scanned(Plane(height), points, refine)
    np.testing.assert_allclose(areas(scan), exact, rtol=0.02)
    assert abs(areas(scanned(Plane(height), points)) / exact - 1.0).max() > 0.02
    done = scan.status >= ScanStatus.CONVERGED
    assert scan.status.shape == ((points - 1) * 2**refine + 1,) * 2
    assert done.mean() < share
    assert (np.isnan(scan.log_likelihood) == ~done).all()
    assert (scan.status[~done] == ScanStatus.NOT_ASKED).all()


def test_islands_that_a_uniform_grid_merges_are_two():
    from scipy.ndimage import label

    def number(scan):
        heights = 2.0 * (np.nanmax(scan.log_penalised) - scan.log_penalised)
        return label(np.nan_to_num(heights, nan=np.inf) < contour_levels()[1])[1]

    assert number(scanned(Plane(islands), 21)) == 1
    assert number(scanned(Plane(islands), 21, 3)) == 2


def test_refitted_points_are_those_of_the_exact_profile():
    target, axes = GaussianTarget(), gaussian_axes()
    scan = grid_scan(target, axes, ORIGIN, refine=2)
    inverse = np.linalg.inv(target.posterior_covariance)
    offset = np.stack(np.meshgrid(*scan.axes, indexing="ij"), -1) - target.mean
    exact = np.einsum("xyi,ij,xyj->xy", offset, inverse, offset)
    done = scan.status == ScanStatus.CONVERGED
    np.testing.assert_allclose(-2.0 * scan.log_penalised[done], exact[done], atol=1e-4)
    # Every point of the finest grid beside a contour is there.
    for level in contour_levels():
        below = exact < level
        crossed = below[1:] != below[:-1]
        assert (done[1:] & done[:-1])[crossed].all()


def gaussian_axes():
    return {"a": np.linspace(-6.0, 8.0, 10), "b": np.linspace(-8.0, 4.0, 11)}


def test_resumed_anywhere_or_done_in_another_order_it_is_the_same(monkeypatch):
    monkeypatch.setattr("bsinv.fitter.drivers.scans.CHUNK", 32)
    seen, axes = [], gaussian_axes()
    whole = grid_scan(GaussianTarget(), axes, ORIGIN, refine=2, report=seen.append)
    assert len(seen) > 12

    def backwards(task, items):
        for index in reversed(range(len(items))):
            yield index, task(GaussianTarget(), items[index])

    others = [grid_scan(GaussianTarget(), axes, ORIGIN, refine=2, begun=part) for part in seen]
    others.append(grid_scan(GaussianTarget(), axes, ORIGIN, refine=2, work=backwards))
    for other in others:
        for name in FIELDS:
            np.testing.assert_array_equal(getattr(other, name), getattr(whole, name))


def test_points_of_the_given_grid_are_those_without_refinement():
    axes = gaussian_axes()
    plain = grid_scan(GaussianTarget(), axes, ORIGIN)
    refined = grid_scan(GaussianTarget(), axes, ORIGIN, refine=1)
    assert (plain.status == ScanStatus.CONVERGED).all()
    np.testing.assert_allclose(
        refined.log_penalised[::2, ::2], plain.log_penalised, atol=1e-5, rtol=0
    )


def test_the_region_of_a_part_is_refined_too():
    separate = {"disc": ("disc",)}
    scan = scanned(Plane(islands), 21, 2, separate=separate)
    part = scan.separate[..., 0]
    assert (np.isfinite(part) == (scan.status >= ScanStatus.CONVERGED)).all()
    near = abs(disc(*np.meshgrid(*scan.axes, indexing="ij")) - contour_levels()[1]) < 0.8
    assert near.sum() > 20
    assert (scan.status[near] == ScanStatus.CONVERGED).all()
    assert (scanned(Plane(islands), 21, 2).status[near] == ScanStatus.NOT_ASKED).any()


def test_a_hard_wall_beside_the_minimum():
    def walled(x, y):
        return np.where(x > 0.313, np.inf, x**2 / 0.5**2 + y**2 / 0.4**2)

    scan = scanned(Plane(walled), 17, 3)
    edge = np.flatnonzero(np.isfinite(scan.log_likelihood[:, scan.axes[1].searchsorted(0.0)]))
    assert scan.axes[0][edge].max() == pytest.approx(0.3125)
    assert scan.status.max() == ScanStatus.FAILED


def test_nothing_is_refined_where_every_point_failed():
    scan = scanned(Plane(lambda x, y: np.full(len(x), np.inf)), 5, 2)
    assert (scan.status[::4, ::4] == ScanStatus.FAILED).all()
    assert np.count_nonzero(scan.status == ScanStatus.NOT_ASKED) == 17**2 - 25


@pytest.mark.parametrize("points", [2, 3])
def test_the_smallest_grids(points):
    scan = scanned(Plane(disc), points, 2)
    assert scan.status.shape == (4 * (points - 1) + 1,) * 2
    assert (scan.status[::4, ::4] == ScanStatus.CONVERGED).all()


def test_a_period_has_its_contours_at_both_ends():
    def turned(x, y):
        return 2.0 * (1.0 + np.cos(x)) / 0.2**2 + (y / 0.3) ** 2

    axes = {"a": np.linspace(-np.pi, np.pi, 15), "b": np.linspace(-2.0, 2.0, 15)}
    scan = grid_scan(Plane(turned), axes, ORIGIN, profiled=False, refine=2)
    done = scan.status == ScanStatus.CONVERGED
    np.testing.assert_array_equal(done, done[::-1])
    np.testing.assert_allclose(areas(scan), np.pi * 0.2 * 0.3 * LEVELS, rtol=0.02)


def test_halved_axes_keep_their_points():
    axis = np.array([0.0, 1.0, 4.0])
    np.testing.assert_array_equal(halved(axis, 0), axis)
    np.testing.assert_array_equal(halved(axis, 2)[::4], axis)
    np.testing.assert_array_equal(halved(axis, 1), [0.0, 0.5, 1.0, 2.5, 4.0])


@pytest.mark.parametrize(
    ("axes", "refine", "message"),
    [
        (gaussian_axes(), 4, "refine = 4 is not allowed: .* at least 0 and at most 3"),
        (gaussian_axes(), "2", "refine = '2' is not allowed: it must be a whole number"),
        ({"a": [0.0, 1.0]}, 1, "only a grid of two parameters with axes that are given"),
        (None, 1, "only a grid of two parameters with axes that are given"),
    ],
)
def test_what_cannot_be_refined_is_refused(axes, refine, message):
    with pytest.raises(ParameterError, match=message):
        profile_scan(GaussianTarget(), ("a", "b"), 5, unasked, axes=axes, refine=refine)


def unasked():
    pytest.fail("a best fit was made before the arguments were checked")
