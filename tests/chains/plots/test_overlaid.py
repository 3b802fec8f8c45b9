"""Figures of several runs over each other: nothing overlaps, what is drawn is what is stored."""

import dataclasses

import numpy as np
import pytest
from bsinv.chains.plots.likelihood.overlays import contours, profiles
from bsinv.chains.plots.likelihood.surfaces import surface_of
from bsinv.chains.plots.posterior.correlations import correlation_of, correlations
from bsinv.chains.plots.posterior.densities import density_curve, draw_regions
from bsinv.chains.plots.posterior.prior_posterior import prior_posterior, pull_of
from bsinv.chains.plots.posterior.staircase import overlaid_corner
from bsinv.chains.plots.style import SIZES, picture, style
from bsinv.chains.plots.subjects import Subject
from bsinv.chains.plots.ticks import set_ticks
from bsinv.chains.records import BestFit, Ensemble, ForeignChain, ParameterRecord, RunFile, Scan
from bsinv.chains.records.prior_densities import PriorDensity
from bsinv.chains.statistics.diagnostics import diagnose
from bsinv.errors import ParameterError, StoreError, UnknownNameError
from matplotlib.figure import Figure
from overlap import overlapping


def of(axes):
    first = np.asarray(axes, dtype=object).flat[0]
    return first.get_figure()


def legend_texts(figure):
    legends = [*figure.legends, *(axes.get_legend() for axes in figure.axes)]
    return [text.get_text() for one in legends if one for text in one.get_texts()]


@pytest.fixture
def scanned(run):
    """With a contour scan beside the profile that is there."""
    axis = np.linspace(-3.5, 3.5, 15)
    heights = -2.0 - 0.5 * (axis[:, None] ** 2 + axis**2)
    scan = Scan("profile dC_L dC_R", ("dC_L", "dC_R"), (axis, axis), heights, refitted=True)
    line = dataclasses.replace(run.scans[0], refitted=True)
    return dataclasses.replace(run, scans=(line, scan))


@pytest.fixture
def priors():
    x = np.linspace(0.036, 0.046, 200)
    normal = np.exp(-0.5 * ((x - 0.041) / 0.001) ** 2) / (0.001 * np.sqrt(2 * np.pi))
    flat = PriorDensity("dC_L", [-20.0, 20.0], [0.025, 0.025])
    return flat, PriorDensity("VtbVts", x, normal, centre=0.041, sigma=0.001)


@pytest.fixture
def subjects(scanned, priors):
    other = dataclasses.replace(scanned, scans=scanned.scans[:1])
    return [
        Subject(scanned, "first, with a long name", priors=priors),
        Subject(other, "second 100 % $x_", diagnose(other.ensembles), priors),
    ]


DRAWINGS = {
    "corner": lambda s, w: overlaid_corner(
        s, ["dC_L", "dC_R", "VtbVts"], show=("hessian", "profile", "prior"), width=w
    ),
    "corner of one": lambda s, w: overlaid_corner(s[0], ["dC_L"], show=("profile",), width=w),
    "contour": lambda s, w: contours(
        s, ("dC_L", "dC_R"), show=("profile", "posterior", "hessian"), width=w
    ),
    "profile": lambda s, w: profiles(s, "dC_L", show=("posterior", "prior"), width=w),
    "correlation": lambda s, w: correlations(s[0], width=w),
    "prior-posterior": lambda s, w: prior_posterior(s[0], width=w),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["paper", "talk"])
@pytest.mark.parametrize("kind", DRAWINGS)
def test_no_text_lies_over_another(subjects, kind, name, size):
    with style(name):
        figure = of(DRAWINGS[kind](subjects, SIZES[size]))
        assert figure.get_size_inches()[0] == pytest.approx(SIZES[size])
        assert overlapping(figure) == []


def many(count, steps=60):
    """A run of many parameters with names of every length, one constant, one logarithmic."""
    names = tuple(f"p{i}" if i % 3 else f"a_parameter_{i}_with_{'x' * i}" for i in range(count))
    rng = np.random.default_rng(3)
    chain = rng.normal(size=(steps, 40, count)) * 10.0 ** rng.integers(-6, 6, count)
    chain[:, :, 1] = 4.0
    if count > 2:
        chain[:, :, 2] = np.exp(3 * rng.normal(size=chain.shape[:2]))
    zero = np.zeros(chain.shape[:2])
    ensemble = Ensemble(names, chain, zero, zero, zero, zero[0])
    records = [ParameterRecord(n, unit="GeV^-2" if i % 2 else "") for i, n in enumerate(names)]
    if count > 2:
        records[2] = dataclasses.replace(records[2], flat_in="logarithm", lower=1e-9)
    fit = BestFit(
        names, chain[0, 0], np.cov(chain.reshape(-1, count).T), np.ones(count), 0.0, 0.0, "", True
    )
    return RunFile("many", "", 1, tuple(records), ensembles=(ensemble,), best_fit=fit)


@pytest.mark.parametrize(("count", "size", "name"), [(8, "column", "talk"), (12, "page", "paper")])
def test_many_parameters(count, size, name):
    with style(name):
        figure = of(overlaid_corner(many(count), width=SIZES[size]))
        assert overlapping(figure) == []
        figure = of(prior_posterior(many_with_prior(count), width=SIZES[size]))
        assert overlapping(figure) == []


def many_with_prior(count):
    run = many(count)
    name = run.parameters[0].name
    return Subject(run, priors=(PriorDensity(name, [-1.0, 1.0], [0.5, 0.5]),))


@pytest.mark.parametrize("count", [3, 40])
@pytest.mark.parametrize(("size", "name"), [("column", "talk"), ("page", "paper")])
def test_correlations_are_readable_at_3_and_at_40(count, size, name):
    with style(name):
        axes = correlations(many(count), width=SIZES[size])
        assert overlapping(of(axes)) == []
        assert len(axes.get_yticklabels()) == count
        # numbers where a cell holds them
        assert bool(axes.texts) is (count == 3)


def test_correlations_of_hessian_and_posterior(run):
    covariance = np.array([[4.0, -1.8, 0.0], [-1.8, 1.0, 0.0], [0.0, 0.0, 1e-6]])
    fit = dataclasses.replace(run.best_fit, covariance=covariance)
    subject = Subject(dataclasses.replace(run, best_fit=fit))
    names, matrix = correlation_of(subject, ["dC_R", "dC_L"])
    assert names == ("dC_R", "dC_L")
    np.testing.assert_allclose(matrix, [[1.0, -0.9], [-0.9, 1.0]])
    _, sampled = correlation_of(subject, posterior=True)
    samples = subject.posterior(()).samples
    np.testing.assert_allclose(sampled, np.corrcoef(samples.T), atol=1e-12)
    with pytest.raises(UnknownNameError, match="dC_l"):
        correlation_of(subject, ["dC_l"])
    with pytest.raises(StoreError, match="no best fit with a covariance"):
        correlation_of(Subject(dataclasses.replace(run, best_fit=None)))


def test_the_correlation_of_a_constant_is_not_a_number():
    _, matrix = correlation_of(Subject(many(3)), posterior=True)
    assert np.isnan(matrix[1]).all()
    assert matrix[0, 0] == pytest.approx(1.0)


def test_regions_hold_what_they_say(run):
    """Of an unsmoothed count: 68 and 95 % of 12800 normal samples, and not of a square."""
    from bsinv.chains.plots.frames import frame_of

    subject = Subject(run)
    samples = subject.posterior(())
    frames = [frame_of(run.parameter(n), [subject], [samples]) for n in ("dC_L", "dC_R")]
    axes = Figure().add_subplot()
    draw_regions(axes, samples, frames, "#0072B2", filled=False)
    radii = []
    for level in axes.collections[-1].get_paths():
        points = level.vertices
        radii.append(np.hypot(*points.T).mean())
    expected = np.sqrt(-2.0 * np.log([0.05, 0.32]))
    np.testing.assert_allclose(sorted(radii), sorted(expected), rtol=0.06)
    x, density = density_curve(samples, frames[0])
    assert np.trapezoid(density, x) == pytest.approx(1.0, abs=0.03)
    assert density.max() == pytest.approx(1.0 / np.sqrt(2.0 * np.pi), rel=0.1)


RING = (lambda x, y: ((np.hypot(x, y) - 2.0) / 0.25) ** 2, lambda level: 2 * np.pi * np.sqrt(level))
ISLANDS = (
    lambda x, y: np.minimum(
        ((x + 1.7) ** 2 + (y - 0.3) ** 2) / 0.3**2, ((x - 1.6) ** 2 + (y + 0.8) ** 2) / 0.3**2
    ),
    lambda level: 2 * np.pi * level * 0.3**2,
)
# x^2 / 0.2^2 + y^2 sheared along a parabola, which keeps areas
BANANA = (lambda x, y: ((x - 0.5 * y**2) / 0.3) ** 2 + y**2, lambda level: np.pi * level * 0.3)


@pytest.mark.parametrize(
    ("height", "area"), [RING, ISLANDS, BANANA], ids=["ring", "islands", "banana"]
)
def test_areas_of_contours_are_exact(height, area):
    """Ring of the width of its grid, islands and a banana: areas to 2 % (analytic)."""
    axes = np.linspace(-3.0, 4.5, 31), np.linspace(-3.2, 3.2, 31)
    scan = Scan("s", ("a", "b"), axes, -0.5 * height(axes[0][:, None], axes[1]))
    best = BestFit(("a", "b"), [9.0, 9.0], np.eye(2), np.ones(2), 0.0, 0.0, "", True)
    surface = surface_of(best, scan)
    for level in (-2.0 * np.log(0.32), -2.0 * np.log(0.05)):
        assert surface.area(level) == pytest.approx(area(level), rel=0.02)


def test_a_wall_beside_a_valley_does_not_swing_its_contours():
    """Circle cut by a wall of height 1e6 at x = 1: area to 3 % (a plain spline misses it by 19)."""
    axes = np.linspace(-3.0, 4.5, 31), np.linspace(-3.2, 3.2, 31)
    x, y = axes[0][:, None], axes[1]
    scan = Scan("s", ("a", "b"), axes, -0.5 * (np.where(x > 1.0, 1e6, 0.0) + x**2 + y**2))
    level = -2.0 * np.log(0.05)
    radius = np.sqrt(level)
    cap = level * np.arccos(1.0 / radius) - np.sqrt(level - 1.0)
    area = surface_of(None, scan).area(level)
    assert area == pytest.approx(np.pi * level - cap, rel=0.03)


def test_the_star_lies_in_a_region_narrower_than_the_grid():
    axis = np.linspace(-3.0, 3.0, 8)
    heights = -0.5 * (axis[:, None] ** 2 + axis**2) / 0.05**2
    fit = BestFit(("a", "b"), [0.05, -0.02], np.eye(2), np.ones(2), 0.0, 0.0, "", True)
    surface = surface_of(fit, Scan("s", ("a", "b"), (axis, axis), heights))
    at = np.flatnonzero((surface.x == 0.05) & (surface.y == -0.02))
    assert len(at) == 1
    assert surface.heights[at[0]] == 0.0
    assert surface.area(2.3) > 0.0


def test_a_failed_point_is_a_hole_and_is_not_bridged():
    axis = np.linspace(-1.0, 1.0, 5)
    heights = np.zeros((5, 5))
    heights[2, 2] = np.nan
    surface = surface_of(None, Scan("s", ("a", "b"), (axis, axis), heights))
    assert 2.9 < surface.area(1.0) <= 3.5  # of 4: the triangles around the point are left out


def test_a_parameter_that_one_run_lacks_is_told(subjects):
    chain = ForeignChain(
        "theirs", "csv", ("dC_L",), np.random.default_rng(1).normal(size=(2000, 1))
    )
    axes = overlaid_corner([*subjects, Subject(chain)], ["dC_L", "dC_R"])
    assert "theirs: no dC_R" in legend_texts(of(axes))
    with pytest.raises(ParameterError, match="no parameter in common"):
        overlaid_corner([subjects[0], dataclasses.replace(chain, names=("other",))])


def test_an_unconverged_run_is_marked(subjects):
    verdict = dataclasses.replace(subjects[1].verdict, converged=False)
    poor = dataclasses.replace(subjects[1], verdict=verdict)
    assert any("not converged" in text for text in legend_texts(of(overlaid_corner(poor))))
    axes = contours([subjects[0], poor], ("dC_L", "dC_R"))
    assert any("not converged" in text for text in legend_texts(of(axes)))


def test_what_is_missing_is_said_with_the_command_that_makes_it(subjects, run):
    bare = dataclasses.replace(run, scans=(), ensembles=())
    with pytest.raises(StoreError, match="bsinv sample"):
        overlaid_corner(bare, ["dC_L"])
    with pytest.raises(StoreError, match="'bsinv fit … --profile dC_R' makes one"):
        profiles(subjects, "dC_R")
    with pytest.raises(StoreError, match="--contour dC_L VtbVts"):
        contours(bare, ("dC_L", "VtbVts"))
    with pytest.raises(StoreError, match="no profile of VtbVts is stored"):
        overlaid_corner(run, ["VtbVts"], show=("profile",))
    with pytest.raises(StoreError, match="no run has a prior"):
        overlaid_corner(run, ["VtbVts"], show=("prior",))
    with pytest.raises(UnknownNameError, match="nothing_such"):
        overlaid_corner(run, ["nothing_such"])
    with pytest.raises(ParameterError, match=r"dC_L=50:60: nothing lies there"):
        overlaid_corner(run, ["dC_L"], ranges={"dC_L": (50.0, 60.0)})


def test_absolute_heights_need_the_same_data(subjects, scanned):
    line = scanned.scans[0]
    worse = dataclasses.replace(
        scanned,
        best_fit=dataclasses.replace(scanned.best_fit, log_likelihood=-5.0),
        scans=(dataclasses.replace(line, log_likelihood=-4.0 + line.log_likelihood),),
    )
    axes = profiles([subjects[0], worse], "dC_L", show=("absolute",))
    lows = sorted(np.nanmin(line.get_ydata()) for line in axes.lines if len(line.get_xdata()) > 9)
    assert lows[0] == pytest.approx(0.0, abs=1e-9)
    assert lows[-1] > 1.0
    fit = dataclasses.replace(worse.best_fit, term_names=("one", "other"), observables=())
    other = dataclasses.replace(worse, best_fit=fit)
    with pytest.raises(StoreError, match="different likelihood terms"):
        profiles([subjects[0], other], "dC_L", show=("absolute",))


def test_pulls_of_a_measured_input(run, priors):
    """Samples of unit width around 0 against a prior of 0.041 +- 0.001."""
    samples = Subject(run).posterior(())
    shift, width = pull_of(samples, priors[1])
    assert shift == pytest.approx(-41.0, abs=30.0)  # the mean is known to 0.02
    assert width == pytest.approx(1000.0, rel=0.05)


def test_axes_given_are_drawn_on(subjects):
    figure = Figure((6, 6))
    grid = figure.subplots(2, 2)
    assert overlaid_corner(subjects, ["dC_L", "dC_R"], axes=grid)[1, 1] is grid[1, 1]
    one = Figure().add_subplot()
    assert contours(subjects, ("dC_L", "dC_R"), axes=one) is one
    assert profiles(subjects, "dC_L", axes=one) is one
    assert correlations(subjects[0], axes=Figure().add_subplot()).images
    with pytest.raises(ParameterError, match=r"\(3, 3\) are needed"):
        overlaid_corner(subjects, ["dC_L", "dC_R", "VtbVts"], axes=grid)


def test_predictions_are_parameters_of_a_corner(run):
    chain = Subject(run).posterior(())
    points, _ = chain.thinned(400)
    from bsinv.chains.records import Prediction

    rate = Prediction("BR(x)", points[:, :1] ** 2, best_fit=[0.01], reference=[0.0])
    subject = Subject(dataclasses.replace(run, predictions=(rate,)))
    found = subject.posterior(["dC_L", "BR(x)"])
    np.testing.assert_allclose(found.column("BR(x)"), found.column("dC_L") ** 2)
    overlaid_corner(subject, ["dC_L", "BR(x)"])
    wrong = dataclasses.replace(rate, samples=np.ones((7, 1)))
    other = dataclasses.replace(rate, name="y")
    broken = dataclasses.replace(run, predictions=(other, wrong))
    with pytest.raises(StoreError, match="do not belong together"):
        Subject(broken).posterior(["y", "BR(x)"])


def test_the_same_runs_give_the_same_bytes(subjects):
    pictures = []
    for _ in range(2):
        with style():
            pictures.append(picture(of(overlaid_corner(subjects, ["dC_L", "dC_R"])), "svg"))
    assert pictures[0] == pictures[1]


@pytest.mark.parametrize(
    ("ends", "logarithmic"),
    [
        ((0, 1), False),
        ((-1e-9, 3e-9), False),
        ((1e5, 1.00001e5), False),
        ((1e-12, 1e9), True),
        ((0.3, 0.9), True),
        ((2.0, 19.0), True),
    ],
)
@pytest.mark.parametrize("room", [20.0, 60.0, 300.0])
def test_ticks_stay_apart_and_inside(ends, logarithmic, room):
    from bsinv.chains.plots.ticks import text_width

    axes = Figure().add_subplot()
    if logarithmic:
        axes.set_xscale("log")
    axes.set_xlim(*ends)
    set_ticks(axes.xaxis, ends, room, 9.0, logarithmic)
    places = axes.get_xticks()
    straight = np.log if logarithmic else np.asarray
    at = room * (straight(places) - straight(ends[0])) / (straight(ends[1]) - straight(ends[0]))
    halves = [0.5 * text_width(label.get_text(), 9.0) for label in axes.get_xticklabels()]
    assert all(h - 0.1 <= a <= room - h + 0.1 for a, h in zip(at, halves, strict=True))
    assert all(at[i + 1] - halves[i + 1] > at[i] + halves[i] for i in range(len(at) - 1))
    if room > 100.0:
        assert len(places) >= 2


@pytest.mark.parametrize("draw", ["corner", "profile"])
def test_names_that_are_no_latex_and_very_long_ones(scanned, draw):
    evil = dataclasses.replace(scanned.parameters[0], latex=r"\frac{")
    other = dataclasses.replace(scanned, parameters=(evil, *scanned.parameters[1:]))
    runs = [Subject(other, "$a^{ very long " * 9), Subject(scanned, "b_% $")]
    with style("talk"):
        if draw == "corner":
            axes = overlaid_corner(runs, ["dC_L", "dC_R"], width=SIZES["column"])
        else:
            axes = profiles(runs, "dC_L", width=SIZES["column"])
        assert overlapping(of(axes)) == []


def test_an_angle_and_separate_modes_and_weights(run, nested):
    ensembles = []
    for ensemble in run.ensembles:
        chain = np.array(ensemble.chain)
        chain[:, :, 1] = np.mod(0.6 * chain[:, :, 1], 2 * np.pi)
        ensembles.append(dataclasses.replace(ensemble, chain=chain))
    angle = dataclasses.replace(run.parameters[1], lower=0.0, upper=2 * np.pi, period=2 * np.pi)
    parameters = (run.parameters[0], angle, *run.parameters[2:])
    turned = dataclasses.replace(run, ensembles=tuple(ensembles), parameters=parameters)
    low, high = overlaid_corner(turned, ["dC_R"])[0, 0].get_xlim()
    assert -np.pi < low < -1.5 < 1.5 < high < np.pi  # not cut at its seam
    heights = overlaid_corner([nested, run], ["dC_L"])[0, 0].lines[0].get_ydata()
    assert heights.max() == pytest.approx(1.0)


def test_a_scan_with_gaps_is_drawn_with_them(run):
    line = np.array(run.scans[0].log_likelihood)
    line[2] = np.nan
    scan = dataclasses.replace(
        run.scans[0], log_likelihood=line, status=np.where(np.isnan(line), 2, 0), refitted=True
    )
    axes = profiles(dataclasses.replace(run, scans=(scan,)), "dC_L")
    assert np.isnan(axes.lines[0].get_ydata()).any()
    nothing = dataclasses.replace(scan, log_likelihood=np.full(7, np.nan), status=np.full(7, 2))
    with pytest.raises(StoreError, match="no profile of 'dC_L' is stored"):
        profiles(dataclasses.replace(run, scans=(nothing,)), "dC_L")
