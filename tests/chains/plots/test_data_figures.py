"""Figures of data beside fits: nothing overlaps at any size, and they show what they say."""

import dataclasses

import numpy as np
import pytest
from bsinv import plots
from bsinv.chains.plots.measurements.counts import bin_pulls
from bsinv.chains.plots.measurements.plane import Cloud
from bsinv.chains.plots.style import SIZES
from bsinv.chains.records import BestFit, ObservableRecord, Prediction
from bsinv.chains.records.curves import Band, Curve, Ellipse
from bsinv.chains.records.forest import Average, Forest, ForestRow
from bsinv.chains.records.ranking import Ranking
from bsinv.errors import StoreError
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline

from .overlap import overlapping

STYLED = [(size, style) for size in SIZES for style in ("paper", "talk")]


def make_fit(number, seed=0):
    rng = np.random.default_rng(seed)
    observables = tuple(
        ObservableRecord(
            f"term_{index}",
            f"BR(X{index}->f)",
            kind="value",
            value=1.0,
            error_plus=0.1,
            error_minus=0.1,
            pull=rng.normal() if index % 11 != 10 else np.nan,
            reference_pull=1.5 * rng.normal(),
            latex=rf"\mathcal{{B}}(X_{{{index}}}\to f)",
        )
        for index in range(number)
    )
    return BestFit(
        names=("a",),
        values=[0.0],
        covariance=[[1.0]],
        errors=[1.0],
        log_likelihood=0.0,
        log_prior=0.0,
        status="",
        valid=True,
        observables=observables,
        reference_label="SM",
    )


def draw_pulls(spectrum, width, axes=None):
    fits = {"one": make_fit(75), "another $run_50%": make_fit(75, 1)}
    groups = {f"term_{index}": f"group {index // 15}" for index in range(75)}
    sources = {"term_3": "a very long name of a collaboration of many laboratories 2024"}
    return plots.pulls(fits, groups, sources, True, axes=axes, width=width)


def draw_bins(spectrum, width, axes=None):
    other = dataclasses.replace(spectrum, signal_best=2.0 * spectrum.signal_best)
    hadronic = dataclasses.replace(spectrum, channel="another channel")
    spectra = (spectrum,) if axes else (spectrum, hadronic)
    return plots.bins(spectra, "first", {"other_$x": (other,)}, axes=axes, width=width)


def draw_spectra(spectrum, width, axes=None):
    q2 = np.linspace(0.0, 22.0, 30)
    rng = np.random.default_rng(3)
    entry = Prediction(
        "dBR/dq2(B+->Knunu)",
        1e-6 * (1 - q2 / 23) * (1 + 0.1 * rng.normal(size=(50, 1))),
        1e-6 * (1 - q2 / 23),
        0.5e-6 * (1 - q2 / 23),
        latex=r"d\mathcal{B}(B^+\to K^+\nu\bar\nu)/dq^2",
        unit="GeV^-2",
        axis=q2,
    )
    runs = {"one": entry, "two": dataclasses.replace(entry, best_fit=2 * entry.best_fit)}
    return plots.spectra(runs, {"one": spectrum, "two": spectrum}, axes=axes, width=width)


ROWS = (
    ForestRow("Belle II 2023", 2.3e-5, 7.1e-6, 6.4e-6, detail="combination of two taggings"),
    ForestRow("Belle 2017", 1e-5, 6e-6, 6e-6, 1.9e-5, 0.9, detail="semileptonic tag"),
    ForestRow("BaBar_$2013", limit=1.6e-5, level=0.9),
    ForestRow("LEP 1996", limit=1e-3, level=0.9),
    ForestRow("Belle II 2021", 1.9e-5, 1.5e-5, 1.5e-5, mark="superseded"),
)


def make_forest(**changes):
    average = Average(1.39e-5, 4.2e-6, 1.18, 5.6, 4, 5)
    runs = (ForestRow("a run", 1.2e-5, 4e-6, 4e-6, detail="posterior"),)
    latex = r"\mathcal{B}(B^+\to K^+\nu\bar\nu)"
    given = {"average": average, "theory": 4.7e-6, "theory_error": 3e-7, "runs": runs, **changes}
    return Forest("BR(B+->Knunu)", latex, "", ROWS, **given)


def draw_forest(spectrum, width, axes=None):
    return [plots.forest(make_forest(), axes=axes and axes[0], width=width)]


def make_ranking(number=25):
    rng = np.random.default_rng(5)
    impact = np.sort(rng.uniform(0.01, 0.5, number))[::-1]
    return Ranking(
        "term",
        "mu",
        4.6,
        1.3,
        tuple(f"a_nuisance_parameter_{index}" for index in range(number)),
        np.where(np.arange(number) == 3, np.nan, rng.normal(size=number)),
        rng.uniform(0.3, 1.0, number),
        np.stack([-impact, impact], axis=1),
        latex=r"\mu",
    )


def draw_ranking(spectrum, width, axes=None):
    return plots.ranking(make_ranking(), axes=axes, width=width)


def draw_observables(spectrum, width, axes=None):
    rng = np.random.default_rng(2)
    clouds = [
        Cloud("first", 1e-5 * (1 + 0.2 * rng.normal(size=(500, 2))), best=np.array([1e-5, 1e-5])),
        Cloud("a_run with $", best=np.array([1.5e-5, 0.5e-5]), converged=False),
    ]
    t = np.linspace(0.0, 3e-5, 30)
    curves = [Curve("$S_0$", t, t), Curve("$C_R", t, 0.5 * t)]
    bands = [Band("Belle II", "x", 1.6e-5, 3e-5), Band("limit", "y", -np.inf, 1.8e-5)]
    ellipses = [Ellipse("SM", [5e-6, 1e-5], 1e-13 * np.eye(2))]
    labels = (r"$\mathcal{B}(B^+\to K^+\nu\bar\nu)$", r"$\mathcal{B}(B^0\to K^{*0}\nu\bar\nu)$")
    ends = {"x": (0.0, 4e-5)}
    axes = axes and axes[0]
    return [plots.observables(labels, clouds, curves, bands, ellipses, ends, axes, width)]


# Axes that a drawing of one panel or channel takes.
DRAWINGS = {
    draw_pulls: 3,
    draw_bins: 3,
    draw_spectra: 2,
    draw_forest: 1,
    draw_ranking: 2,
    draw_observables: 1,
}


# The two with many texts take seconds each; the larger letters are the harder case.
CASES = [
    pytest.param(
        drawing,
        size,
        style,
        marks=[pytest.mark.slow]
        if drawing in (draw_pulls, draw_bins) and (size == "page" or style == "paper")
        else [],
    )
    for drawing in DRAWINGS
    for size, style in STYLED
]


@pytest.mark.parametrize(("drawing", "size", "style"), CASES)
def test_no_text_overlaps(spectrum, drawing, size, style):
    with plots.style(style):
        axes = drawing(spectrum, SIZES[size])
        figure = axes[0].get_figure(root=True)
        assert figure.get_figwidth() == pytest.approx(SIZES[size])
        assert overlapping(figure) == []


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_draws_on_the_axes_given(spectrum, drawing):
    figure = Figure(figsize=(9, 9), layout="constrained")
    axes = list(figure.subplots(DRAWINGS[drawing], 1, squeeze=False).ravel())
    found = drawing(spectrum, 5.6, axes)
    assert found == axes
    assert not figure.legends
    figure.canvas.draw()


def test_few_pulls_and_none():
    (axes,) = plots.pulls({"fit": make_fit(5)})
    assert axes.get_yticklabels()[0].get_text().endswith("term_0")
    assert len(axes.get_yticklabels()) == 5
    with pytest.raises(StoreError, match="no pulls are stored"):
        plots.pulls({"fit": make_fit(0)})
    # One of two runs has a term: it is drawn for that one.
    (axes,) = plots.pulls({"fit": make_fit(5), "other": make_fit(3)})
    marks = [line for line in axes.lines if line.get_marker() in "os" and len(line.get_xdata())]
    assert len(marks) == 8


def test_bin_pulls_are_roots_of_the_deviance():
    """n = 120 over nu = 100: sqrt(2 (120 ln 1.2 - 20)) = 1.9362; many events: (n - nu)/sqrt(nu)."""
    found = bin_pulls(np.array([120.0, 0.0, 1e8 + 1e4, 3.0, 0.0]), np.array([100, 2, 1e8, 0, 0]))
    assert found[0] == pytest.approx(np.sqrt(2 * (120 * np.log(1.2) - 20)))
    assert found[1] == pytest.approx(-2.0)  # -sqrt(2 nu)
    assert found[2] == pytest.approx(1.0, rel=1e-4)
    assert np.isnan(found[3])
    assert found[4] == 0.0


def test_bins_need_three_axes_a_channel(spectrum):
    with pytest.raises(StoreError, match="1 channels need 3 axes, not 1"):
        plots.bins((spectrum,), axes=[Figure().add_subplot()])


def test_a_limit_far_off_is_written_and_does_not_stretch_the_axis():
    axes = plots.forest(make_forest())
    assert axes.get_xlim()[1] < 6.0  # in 1e-5
    assert [text.get_text() for text in axes.texts if "<" in text.get_text()] == [r"$<\,100$"]
    assert "average (PDG) of 5, S = 1.18" in [text.get_text() for text in axes.get_yticklabels()]
    with pytest.raises(StoreError, match=r"no measurement of BR\(B\+->Knunu\) is known"):
        plots.forest(Forest("BR(B+->Knunu)", "", "", ()))


def test_regions_hold_what_they_say():
    """Fractions of the samples of a Gaussian inside the two contours."""
    samples = np.random.default_rng(1).normal(size=(4000, 2)) @ np.array([[1.0, 0.4], [0.0, 0.7]])
    axes = plots.observables(("x", "y"), [Cloud("run", samples)])
    fractions = set()
    for collection in axes.collections:
        for path in collection.get_paths():
            if len(path.vertices) > 20 and not collection.get_facecolor().size:
                curves = path.to_polygons()
                inside = Outline(max(curves, key=len)).contains_points(samples)
                fractions.add(round(float(inside.mean()), 2))
    assert min(fractions) == pytest.approx(0.68, abs=0.01)
    assert max(fractions) == pytest.approx(0.95, abs=0.01)


def test_lines_that_coincide_are_all_seen_and_one_line_of_samples_is_drawn():
    t = np.linspace(0.0, 3.0, 20)
    curves = [Curve("a", t, t), Curve("b", t[5:9], t[5:9]), Curve("c", t, 0.3 * t)]
    # Samples on a line have no region.
    axes = plots.observables(("x", "y"), [Cloud("run", np.stack([t, t], axis=1))], curves)
    widths = {line.get_label(): line.get_linewidth() for line in axes.lines}
    assert widths["a"] > widths["b"] == widths["c"]
    with pytest.raises(StoreError, match="nothing to draw"):
        plots.observables(("x", "y"), [], [Curve("a", [np.nan], [np.nan])])


def test_a_ranking_without_parameters_is_refused():
    with pytest.raises(StoreError, match="term has no nuisance parameters"):
        plots.ranking(make_ranking(0))


def test_the_same_input_gives_the_same_bytes(spectrum):
    from bsinv.chains.plots.style import picture

    for kind in ("pdf", "svg"):
        one, two = (picture(draw_forest(spectrum, 3.5)[0].figure, kind) for _ in range(2))
        assert one == two
        assert b"/Type3" not in one
