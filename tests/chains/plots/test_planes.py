"""Planes of two parameters and pictures of searches: what is drawn, and no text over another."""

import dataclasses

import numpy as np
import pytest
from bsinv.chains.plots.measurements.predictive import predictive_bands
from bsinv.chains.plots.measurements.support import simulation_support
from bsinv.chains.plots.planes.constraints import constraints_plane, part_heights
from bsinv.chains.plots.planes.coupling_mass import (
    coupling_mass,
    excluded_by_limits,
    excluded_by_parts,
)
from bsinv.chains.plots.planes.grids import fine
from bsinv.chains.plots.planes.relic_density import relic_density
from bsinv.chains.plots.searches.limits import limit_bands
from bsinv.chains.plots.searches.non_nested import model_ratios
from bsinv.chains.plots.searches.projection import projection_curves
from bsinv.chains.plots.searches.significance import excess_probability
from bsinv.chains.plots.searches.toys import toy_statistic
from bsinv.chains.plots.style import SIZES, STYLES, picture, style
from bsinv.chains.records import (
    LimitScan,
    NonNestedToys,
    ParameterRecord,
    PredictiveCheck,
    RunFile,
    Scan,
    ScanSignificance,
    ScanStatus,
    SupportReport,
    ToyStudy,
)
from bsinv.chains.records.planes import Outline, PlaneField
from bsinv.chains.records.projections import ExpectedError, Projected, Projection
from bsinv.errors import StoreError, UnknownNameError
from matplotlib.figure import Figure
from overlap import overlapping

MASS = ParameterRecord("m_X", "m_X", "GeV", lower=0.1, upper=10.0)
COUPLING = ParameterRecord("g", "g_{sb}^{L}", "TeV^-1", lower=1e-6, upper=1.0, flat_in="logarithm")
RUN = RunFile("one $ run_", "", 1, parameters=(MASS, COUPLING))
LONG = "a constraint with a name that is very much longer than any column of a journal is wide $ %"


def plane(held=True, excluded=()):
    """A Gaussian in (m_X, g) at (4, 0.5): parts are its two factors, and one that is flat."""
    axes = np.linspace(0.5, 8.0, 16), np.linspace(0.0, 1.0, 21)
    x, y = np.meshgrid(*axes, indexing="ij")
    one, two = -0.5 * (x - 4.0) ** 2, -0.5 * ((y - 0.5) / 0.1) ** 2
    flat = np.zeros_like(x)
    status = np.zeros(x.shape, int)
    for row, column in excluded:
        one[row, column] = np.nan
        status[row, column] = ScanStatus.FAILED
    return Scan(
        "section m_X g", ("m_X", "g"), axes, one + two, status=status, refitted=not held,
        separate=np.stack([one, two, flat], axis=-1), separate_names=("mass", LONG, "flat"),
        separate_terms=("a", "b, c", "d"),
    )  # fmt: skip


def limits(scale=1.0, parameter="g", number=9, bad=()):
    masses = np.geomspace(0.1, 10.0, number)
    upper = (scale * 1e-3 * masses**1.5)[:, None]
    upper[list(bad)] = np.inf
    expected = upper[:, :, None] * np.array([0.4, 0.7, 1.0, 1.5, 2.2])
    return LimitScan(
        parameter, "TeV^-1", ("m_X",), ("GeV",), masses[:, None], [number], "cls", "", "sm",
        [0.95], 1.0, 0, "1", 1e-4 * masses, np.zeros((number, 1)), upper, expected,
    )  # fmt: skip


def excess(number=40):
    rng = np.random.default_rng(3)
    masses = np.linspace(0.5, 4.5, number)
    statistic = 9.0 * np.exp(-0.5 * ((masses - 2.0) / 0.3) ** 2)
    largest = rng.chisquare(1, 300) + 2.0
    return ScanSignificance(
        "g", "", ("m_X",), ("GeV",), masses[:, None], [number], statistic, 0.1 * statistic, "sm",
        "1", 300, 0.1, int(statistic.argmax()), 0.0013, 0.02, 0.005, 0, 0.03, 0.01, "bound",
        largest, np.zeros((300, 4)), np.zeros((300, 4)), np.zeros((2, number)), statistic,
    )  # fmt: skip


def study(number=400, truth=0.0, lower=-10.0, tested=("g",)):
    rng = np.random.default_rng(7)
    values = rng.normal(size=(number, 1))
    return ToyStudy(
        "g = 0", ("g",), [truth], tested, [0], [[lower, 10.0]], "conditional", "1", 50, number,
        ("term",), [3], 1, [2.0], 4.0, [1.0], 0.0, np.repeat(np.arange(number // 50), 50),
        values, values, np.ones_like(values), values[:, 0] ** 2, np.zeros(number),
    )  # fmt: skip


def projected():
    def at(luminosity, assumption, sigma):
        error = ExpectedError("g_sb", 1.0, 2.0 / sigma, 0.1, 0.1, 0.1, np.nan, np.nan, 1.0, 0.5)
        toys = (0.8 * sigma, sigma, 1.2 * sigma)
        return Projected(luminosity, assumption, (error,), 0.0, sigma**2, sigma, toys)

    points = [at(5.0, "scaled", 3.0), at(50.0, "scaled", 8.0), at(5.0, "statistical", 4.0)]
    return Projection("one", "best fit", "SM", 1, (), (), tuple(points), toys=10)


def ratios():
    rng = np.random.default_rng(5)

    def toys(under, shift):
        values = np.stack([rng.normal(shift, 2.0, 100), np.zeros(100)], axis=1)
        return NonNestedToys(
            "one", "two", under, "x", ("g",), [0.1], [1.0, 0.0], "1", 50, 100,
            np.repeat([0, 1], 50), values, np.zeros((100, 2)),
        )  # fmt: skip

    return [toys("first", -2.0), toys("second", 2.0)]


def check():
    names = tuple(f"{group} {i}" for group in ("ITA-SR", "ITA-SR-offres", "HTA") for i in range(6))
    groups = tuple(name.rpartition(" ")[0] for name in names)
    quantiles = 50.0 + np.outer(np.ones(len(names)), [-14, -7, 0, 7, 14])
    return PredictiveCheck(
        names, ("t",) * len(names), groups, np.full(len(names), 53.0), quantiles,
        np.full(len(names), 0.4), ("t",), np.ones((3, 1)), np.ones((3, 1)),
    )  # fmt: skip


def support(**changes):
    edges = np.linspace(0.0, 23.0, 24)
    one = np.ones(2)
    made = SupportReport(
        "belle2-2023-bknunu", "good", True, ("ITA 1", "ITA 2"), one, one, 0 * one, one, one, one,
        edges, np.linspace(0.2, 2.0, 23), np.linspace(1e4, 1e3, 23), changed_bins=[3],
        peaks=[[5.2, 0.1]],
    )  # fmt: skip
    return dataclasses.replace(made, **changes)


def density():
    axes = np.linspace(0.5, 8.0, 20), np.geomspace(1e-3, 1.0, 25)
    x, y = np.meshgrid(*axes, indexing="ij")
    return PlaneField(
        "Omega", r"\Omega h^2", "", ("m_X", "g"), axes, 0.12 * (0.1 * x / y) ** 2, 0.12, 0.0012,
        ("other = 3",), "a",
    )  # fmt: skip


def ctau():
    axes = np.geomspace(0.1, 10.0, 30), np.geomspace(1e-5, 1e-1, 30)
    x, y = np.meshgrid(*axes, indexing="ij")
    return PlaneField("ctau", r"c\tau", "m", ("m_X", "g"), axes, 1e-12 / (x * y**2))


def others():
    curve = Outline("BaBar $ 2013", np.array([0.2, 1.0, 5.0]), np.array([1e-3, 2e-3, 0.1]))
    corners = np.array([0.2, 1.0, 1.0]), np.array([1e-2, 1e-2, 5e-2])
    return [curve, Outline("region", *corners, True)]


def drawn(kind, width):
    """Axes of each kind."""
    run = RUN
    return {
        "constraints": lambda: constraints_plane(run, plane(), width=width),
        "coupling-mass": lambda: coupling_mass(
            [MASS, COUPLING], limits=[excluded_by_limits("Belle II", limits(bad=[3]))],
            regions=excluded_by_parts(plane(), ["mass", "flat"]), lifetime=ctau(),
            overlays=others(), width=width,
        ),
        "limits": lambda: limit_bands([("one", run, limits())], width=width),
        "several limits": lambda: limit_bands(
            [("one $", run, limits()), (LONG, run, limits(3.0))], width=width
        ),
        "non-nested": lambda: model_ratios(ratios(), ("one $", "two"), width=width),
        "predictive": lambda: predictive_bands(check(), width=width),
        "projection": lambda: projection_curves(projected(), width=width),
        "relic-density": lambda: relic_density(run, density(), plane(), width=width),
        "significance": lambda: excess_probability(run, excess(), width=width),
        "support": lambda: simulation_support(support(), width=width),
        "toys": lambda: toy_statistic(study(), width=width),
    }[kind]()  # fmt: skip


KINDS = (
    *("constraints", "coupling-mass", "limits", "several limits", "non-nested", "predictive"),
    *("projection", "relic-density", "significance", "support", "toys"),
)


# The narrowest figure with the largest letters is where texts meet first; the others take longer.
COMBINATIONS = [
    pytest.param(size, look, marks=() if (size, look) == ("column", "talk") else pytest.mark.slow)
    for size in SIZES
    for look in STYLES
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("size", "look"), COMBINATIONS)
def test_no_text_lies_over_another(kind, look, size):
    with style(look):
        figure = drawn(kind, SIZES[size]).get_figure()
        assert overlapping(figure) == []
    assert figure.get_size_inches()[0] == SIZES[size]


@pytest.mark.parametrize("kind", ["constraints", "toys"])
def test_the_same_input_gives_the_same_bytes(kind):
    made = [picture(drawn(kind, 3.5).get_figure(), "pdf") for _ in range(2)]
    assert made[0] == made[1]
    assert b"/Type3" not in made[0]


def test_what_is_drawn_on_given_axes_leaves_the_rest_of_the_figure_alone():
    figure = Figure(figsize=(6.0, 3.0))
    left, right = figure.subplots(1, 2)
    assert constraints_plane(RUN, plane(), axes=left) is left
    assert toy_statistic(study(), axes=right) is right
    assert tuple(figure.get_size_inches()) == (6.0, 3.0)
    assert left.get_legend() is not None
    assert not figure.legends


def contour_ends(axes, colour):
    """Ends in x of the curves of one colour."""
    from matplotlib.colors import same_color

    found = []
    for collection in axes.collections:
        edge = collection.get_edgecolor()
        if len(edge) and same_color(edge[0], colour) and not len(collection.get_facecolor()):
            for path in collection.get_paths():
                found += path.vertices[:, 0].tolist()
    return min(found), max(found)


def test_regions_end_where_the_likelihood_of_the_part_says():
    """The part is a Gaussian of unit width in m_X: its 95 % region ends at sqrt(5.99) = 2.4477."""
    axes = constraints_plane(RUN, plane(), ["mass"])
    low, high = contour_ends(axes, "#E69F00")
    half = np.sqrt(-2.0 * np.log(0.05))
    assert (low, high) == (pytest.approx(4.0 - half, abs=0.02), pytest.approx(4.0 + half, abs=0.02))


def test_the_star_of_a_section_is_inside_the_contours():
    axes = constraints_plane(RUN, plane())
    (star,) = [line for line in axes.lines if line.get_marker() == "*"]
    assert star.get_label() == "lowest point"
    np.testing.assert_allclose([*star.get_xdata(), *star.get_ydata()], [4.0, 0.5], atol=0.05)


def test_a_part_that_bounds_nothing_is_named_and_not_filled():
    axes = constraints_plane(RUN, plane(), ["flat"])
    texts = [text.get_text() for text in axes.get_figure().legends[0].get_texts()]
    assert "flat (no bound here)" in texts


def test_a_point_that_a_part_excludes_is_outside_of_its_region():
    scan = plane(excluded=[(2, 3), (0, 0)])
    heights = part_heights(scan, "mass")
    assert heights[2, 3] == np.inf
    assert np.isfinite(part_heights(scan, "flat")).all()
    assert constraints_plane(RUN, scan).get_xlim() == (0.5, 8.0)


def test_planes_without_parts_say_how_to_get_them():
    bare = dataclasses.replace(plane(), separate_names=(), separate_terms=(), separate=np.empty(0))
    with pytest.raises(StoreError, match=r"give its grid in the analysis file 'separate: "):
        constraints_plane(RUN, bare)
    with pytest.raises(UnknownNameError, match=r"unknown constraint of this scan 'mas'.*mass"):
        constraints_plane(RUN, plane(), ["mas"])
    nothing = dataclasses.replace(plane(), separate=np.full((16, 21, 3), np.nan))
    with pytest.raises(StoreError, match="'mass' has no finite likelihood anywhere"):
        constraints_plane(RUN, nothing)


def test_a_surface_between_grid_points_does_not_overshoot_at_a_wall():
    axis = np.linspace(0.0, 5.0, 11)
    wall = np.where(axis[:, None] > 2.6, 1e6, 0.0) + 0.0 * axis
    _, _, surface = fine((axis, axis), wall)
    assert surface.min() == 0.0
    x, _, bowl = fine((axis, axis), (axis[:, None] - 2.2) ** 2 + 0.0 * axis)
    np.testing.assert_allclose(bowl[:, 0], (x - 2.2) ** 2, atol=0.02)


def test_limits_are_filled_above_and_break_where_there_are_none():
    axes = coupling_mass([MASS, COUPLING], limits=[excluded_by_limits("a", limits(bad=[4]))])
    (line,) = axes.lines
    assert np.isnan(line.get_ydata()[4])
    assert axes.get_xscale() == axes.get_yscale() == "log"
    texts = [text.get_text() for text in axes.get_figure().legends[0].get_texts()]
    assert texts == ["a, 95 %"]


def test_nothing_positive_has_no_place_on_logarithmic_axes():
    with pytest.raises(StoreError, match="nothing to draw at positive masses and couplings"):
        coupling_mass([MASS, COUPLING], overlays=[Outline("x", np.array([-1.0, 0.0]), np.zeros(2))])


def test_limits_of_different_rates_are_not_drawn_together():
    with pytest.raises(StoreError, match="b has limits on h against m_X, a on g against m_X"):
        limit_bands([("a", RUN, limits()), ("b", RUN, limits(parameter="h"))])


def test_the_band_of_the_density_is_where_it_was_measured():
    """Omega h^2 = 0.12 (0.1 m/g)^2 is as measured at g = 0.1 m."""
    axes = relic_density(RUN, density())
    curves = [
        path.vertices
        for collection in axes.collections
        if not len(collection.get_facecolor())
        for path in collection.get_paths()
        if len(path.vertices)
    ]
    points = np.concatenate(curves)
    np.testing.assert_allclose(points[:, 1], 0.1 * points[:, 0], rtol=0.05)


def test_the_density_is_left_out_of_regions_if_its_part_is_known():
    axes = relic_density(RUN, density(), plane())
    texts = [text.get_text() for text in axes.get_figure().legends[0].get_texts()]
    assert "all but the density, 68 % (line), 95 % (dashed)" in texts


def test_the_curve_of_toys_holds_as_many_as_there_are_toys():
    axes = toy_statistic(study())
    (curve,) = [line for line in axes.lines if "d.o.f." in str(line.get_label())]
    assert curve.get_ydata().sum() == pytest.approx(400, rel=0.01)
    told = [text.get_text() for text in axes.get_figure().legends[0].get_texts()]
    assert told == ["400 toys", r"$\chi^2$ with 1 d.o.f.", "observed, 4.00"]


def test_no_asymptotic_curve_at_the_end_of_a_range():
    axes = toy_statistic(study(lower=0.0))
    assert not [line for line in axes.lines if "d.o.f." in str(line.get_label())]


def test_toys_that_test_nothing_have_no_statistic():
    with pytest.raises(StoreError, match="toys at g = 0 test no parameter"):
        toy_statistic(study(tested=()))


def test_a_projection_shows_the_quantity_asked_for():
    assert projection_curves(projected()).get_ylabel() == "significance against SM [σ]"
    assert projection_curves(projected(), "g_sb").get_ylabel() == "expected error of g_sb"
    with pytest.raises(UnknownNameError, match="unknown quantity of this projection 'separation'"):
        projection_curves(projected(), "separation")


def test_both_densities_of_the_support_are_normalised():
    axes = simulation_support(support())
    for patch in axes.patches[:2]:
        values, edges, _ = patch.get_data()
        assert (values * np.diff(edges)).sum() == pytest.approx(1.0)
    with pytest.raises(StoreError, match="no events to draw"):
        simulation_support(support(weights=np.zeros(23)))


def test_ranges_that_an_axis_cannot_show():
    from bsinv.chains.plots.planes.grids import set_ranges
    from bsinv.errors import ParameterError
    from matplotlib.figure import Figure

    axes = Figure().add_subplot()
    axes.semilogy([1.0, 3.0], [1e-3, 10.0])
    for ranges, message in (
        ({"y": (-10.0, 100.0)}, "y=-10:100: the axis is logarithmic"),
        ({"y": (0.0, 1.0)}, "y=0:1: the axis is logarithmic"),
        ({"x": (100.0, 200.0)}, "x=100:200: nothing lies there; what is drawn reaches from 0.9"),
    ):
        with pytest.raises(ParameterError, match=message):
            set_ranges(axes, ("x", "y"), ranges)
    set_ranges(axes, ("x", "y"), {"x": (2.0, 200.0), "y": (1e-4, 1.0)})
    assert (axes.get_xlim(), axes.get_ylim()) == ((2.0, 200.0), (1e-4, 1.0))
