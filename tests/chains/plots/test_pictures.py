"""Corner plot, spectra and profiles: drawn without a display, with the right things in them."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest
from bsinv.chains.plots.likelihood.profiles import minus_two_delta_log, profile_figure
from bsinv.chains.plots.measurements.counts import poisson_errors, post_fit_figure
from bsinv.chains.plots.measurements.spectra import rate_figure
from bsinv.chains.plots.palette import label, logarithmic, new_figure, unit_text
from bsinv.chains.plots.posterior.corner import corner
from bsinv.chains.records import Prediction, RunFile, Scan, ScanStatus, WeightedSamples
from bsinv.chains.statistics.diagnostics import diagnose
from bsinv.errors import StoreError, UnknownNameError
from matplotlib.path import Path as Outline
from scipy import stats


def drawn(figure, tmp_path):
    """Draw the figure to a file and return the texts of its legends."""
    path = tmp_path / "figure.png"
    figure.savefig(path)
    assert path.stat().st_size > 5000
    legends = [axes.get_legend() for axes in figure.axes] + list(figure.legends)
    return [
        text.get_text()
        for legend in legends
        if legend is not None
        for text in (legend.get_title(), *legend.get_texts())
    ]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (3.5, 80.0, ["5", "10", "20", "50"]),
        (0.362, 50.0, ["0.5", "1", "2", "5", "10", "20", "50"]),
        (0.4, 2.2, ["0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1", "2"]),
        (5.5, 7.5, ["5.5", "6", "6.5", "7", "7.5"]),
    ],
)
def test_logarithmic_ticks_are_plain_numbers(low, high, expected):
    axes = new_figure(4.0, 3.0).add_subplot()
    for axis, set_range in ((axes.xaxis, axes.set_xlim), (axes.yaxis, axes.set_ylim)):
        logarithmic(axis, low, high)
        set_range(low, high)
        axes.figure.canvas.draw()
        inside = [
            text.get_text()
            for place, text in zip(axis.get_majorticklocs(), axis.get_ticklabels(), strict=True)
            if low <= place <= high
        ]
        assert inside == expected
        assert not any(text.get_text() for text in axis.get_ticklabels(minor=True))


def test_corner_says_what_its_contours_hold(run, tmp_path):
    figure = corner(run, verdict=diagnose(run.ensembles))
    texts = drawn(figure, tmp_path)
    assert "68 % of the probability (2D)" in texts
    assert "95 % of the probability (2D)" in texts
    assert {"best fit", "SM", "median", "68 % interval (1D)"} <= set(texts)
    assert "not converged" not in texts
    assert len(figure.axes) == 4  # the two parameters of the model, not the input
    assert figure.axes[2].get_xlabel() == r"$\delta C_L$"


def test_corner_contours_hold_what_they_say(run):
    """The fraction of samples inside the contours, 12800 samples of a Gaussian."""
    figure = corner(run, discard=0)
    samples = np.concatenate([e.chain[:, :, :2].reshape(-1, 2) for e in run.ensembles])
    panel = np.array(figure.axes).reshape(2, 2)[1, 0]
    fractions = set()
    for collection in panel.collections:
        for path in collection.get_paths():
            if len(path.vertices) > 20 and not collection.get_facecolor().size:
                # one path may hold several closed curves
                curves = path.to_polygons()
                largest = Outline(max(curves, key=len))
                fractions.add(round(float(largest.contains_points(samples).mean()), 3))
    # binning and one bin of smoothing widen the contours by about a percent
    assert min(fractions) == pytest.approx(0.68, abs=0.02)
    assert max(fractions) == pytest.approx(0.95, abs=0.015)


def two_modes_and_an_angle(run):
    """The first parameter with modes at -8 and 8, the second an angle around 0 in [0, 2 pi]."""
    rng = np.random.default_rng(1)
    ensembles = []
    for ensemble in run.ensembles:
        chain = np.array(ensemble.chain)
        chain[:, :, 0] += np.where(rng.random(chain.shape[:2]) < 0.3, -8.0, 8.0)
        chain[:, :, 1] = np.mod(0.6 * chain[:, :, 1], 2 * np.pi)
        ensembles.append(dataclasses.replace(ensemble, chain=chain))
    angle = dataclasses.replace(run.parameters[1], lower=0.0, upper=2 * np.pi, period=2 * np.pi)
    parameters = (run.parameters[0], angle, *run.parameters[2:])
    return dataclasses.replace(run, ensembles=tuple(ensembles), parameters=parameters)


def test_corner_shades_separate_modes_and_not_the_valley(run, tmp_path):
    run = two_modes_and_an_angle(run)
    figure = corner(run, ["dC_L", "VtbVts"], discard=0)
    texts = drawn(figure, tmp_path)
    assert "68 % interval or region (1D)" in texts
    assert "median" in texts  # of the other parameter
    panel = figure.axes[0]
    shaded = sorted(
        patch.get_extents().transformed(panel.transData.inverted()).intervalx.tolist()
        for patch in panel.patches
        if patch.get_alpha() == 0.15
    )
    (low, high), (other, _) = shaded
    assert -10.0 < low < high < -6.0 < 6.0 < other
    assert "∪" in panel.get_title()
    # best fit 0.1 and SM 0, no median between the modes
    assert sorted(float(line.get_xdata()[0]) for line in panel.lines) == [0.0, 0.1]
    only = drawn(corner(run, ["dC_L"], discard=0), tmp_path)
    assert "median" not in only


def test_corner_of_an_angle_is_not_cut_at_its_seam(run, tmp_path):
    figure = corner(two_modes_and_an_angle(run), ["dC_R"], discard=0)
    assert "mean direction" in drawn(figure, tmp_path)
    low, high = figure.axes[0].get_xlim()
    assert -np.pi < low < -1.5
    assert 1.5 < high < np.pi


def test_rate_with_separate_modes_leaves_the_valley_free(run, tmp_path):
    prediction = run.predictions[0]
    rng = np.random.default_rng(2)
    factor = np.where(rng.random((400, 1)) < 0.4, 3.0, 1.0) * (1 + 0.05 * rng.normal(size=(400, 1)))
    samples = factor * prediction.samples.mean(axis=0)
    for axis in (prediction.axis, np.linspace(0.0, 22.0, 13)):
        figure = rate_figure(dataclasses.replace(prediction, samples=samples, axis=axis))
        assert {"posterior, 68 %", "posterior, 95 %"} <= set(drawn(figure, tmp_path))
        valley = 2.0 * samples[:, 0].min()
        boxes = [path.vertices for path in figure.axes[0].collections[-1].get_paths()]
        first = [box for box in boxes if box[:, 0].min() == 0.0]
        assert len(first) == 2
        assert not any(box[:, 1].min() < valley < box[:, 1].max() for box in first)


def test_corner_is_marked_if_not_converged(run, tmp_path):
    verdict = dataclasses.replace(diagnose(run.ensembles), converged=False)
    for names in (["dC_L"], ["dC_L", "VtbVts"]):
        assert "not converged" in drawn(corner(run, names, verdict=verdict), tmp_path)


def test_corner_of_one_parameter_has_no_contours(run, tmp_path):
    texts = drawn(corner(run, ["VtbVts"]), tmp_path)
    assert not any("2D" in text for text in texts)


@pytest.mark.parametrize(("undefined", "marker"), [((), "D"), (("dC_R",), "None")])
def test_corner_explains_no_marker_that_it_does_not_draw(run, undefined, marker):
    """A reference point with one coordinate is a line, never a marker."""
    fit = dataclasses.replace(run.best_fit, reference_undefined=undefined)
    (legend,) = corner(dataclasses.replace(run, best_fit=fit)).legends
    texts = [text.get_text() for text in legend.get_texts()]
    shown = dict(zip(texts, legend.legend_handles, strict=True))
    assert shown["SM"].get_marker() == marker
    assert shown["best fit"].get_marker() == "*"


def test_corner_of_a_short_chain_without_a_fit(make_ensemble, tmp_path):
    ensemble = make_ensemble(np.random.default_rng(1), steps=4, walkers=8)
    run = RunFile("short", "", 1, ensembles=(ensemble,))
    texts = drawn(corner(run, discard=0), tmp_path)
    assert "best fit" not in texts


def test_corner_of_a_parameter_that_does_not_vary(run, tmp_path):
    ensembles = []
    for ensemble in run.ensembles:
        chain = np.array(ensemble.chain)
        chain[:, :, 1] = 0.0
        ensembles.append(dataclasses.replace(ensemble, chain=chain))
    drawn(corner(dataclasses.replace(run, ensembles=tuple(ensembles)), discard=0), tmp_path)


def test_corner_stays_inside_the_prior(run):
    """A density that ends at the bound of its prior is not drawn beyond it."""
    ensembles = tuple(
        dataclasses.replace(ensemble, chain=np.abs(ensemble.chain)) for ensemble in run.ensembles
    )
    positive = dataclasses.replace(run.parameters[0], lower=0.0)
    run = dataclasses.replace(run, ensembles=ensembles, parameters=(positive, *run.parameters[1:]))
    figure = corner(run, ["dC_L", "dC_R"])
    assert figure.axes[2].get_xlim()[0] == 0.0


def test_corner_mistakes_are_named(run, make_ensemble):
    with pytest.raises(UnknownNameError, match="did you mean 'dC_L'"):
        corner(run, ["dC_l"])
    with pytest.raises(StoreError, match="no samples"):
        corner(RunFile("empty", "", 1))
    few = make_ensemble(np.random.default_rng(1), steps=2, walkers=2)
    with pytest.raises(StoreError, match="4 samples, too few"):
        corner(RunFile("few", "", 1, ensembles=(few,)), discard=0)


def test_post_fit(spectrum, tmp_path):
    figure = post_fit_figure([spectrum, dataclasses.replace(spectrum, channel="HTA")])
    assert len(figure.axes) == 4
    texts = drawn(figure, tmp_path)
    for name in (*spectrum.backgrounds, "signal, best fit", "background + SM signal", "data"):
        assert texts.count(name) == 2
    assert {"ITA signal region", "HTA", "68 % band of the total"} <= set(texts)
    assert figure.axes[1].get_xlabel() == r"$q^2_\mathrm{rec}$ [GeV$^{2}$]"


def test_post_fit_legend_covers_no_data(spectrum):
    figure = post_fit_figure([spectrum])
    figure.canvas.draw()
    axes = figure.axes[0]
    box, frame = axes.get_legend().get_window_extent(), axes.get_window_extent()
    assert box.y0 >= frame.y1
    labels = [text.get_window_extent() for text in axes.texts]
    assert not any(box.overlaps(text) for text in labels)


def test_post_fit_without_channels():
    with pytest.raises(StoreError, match="no post-fit spectra"):
        post_fit_figure([])


def test_poisson_errors():
    """At either end of the interval the counts are in a tail of 15.87 %."""
    counts = np.array([0.0, 1.0, 4.0, 10000.0])
    lower, upper = poisson_errors(counts)
    np.testing.assert_allclose(lower[:3], [0.0, 0.827, 1.914], atol=1e-3)
    np.testing.assert_allclose(upper[:3], [1.841, 2.300, 3.163], atol=1e-3)
    tail = 0.5 * (1 - 0.6827)
    np.testing.assert_allclose(stats.poisson.cdf(counts, counts + upper), tail)
    np.testing.assert_allclose(stats.poisson.sf(counts[1:] - 1, (counts - lower)[1:]), tail)


def test_rate(run, tmp_path):
    prediction = dataclasses.replace(run.predictions[0], reference=run.predictions[0].best_fit / 2)
    for axis in (prediction.axis, np.linspace(0.0, 22.0, 13)):
        figure = rate_figure(dataclasses.replace(prediction, axis=axis), "SM")
        texts = drawn(figure, tmp_path)
        assert {"posterior, 68 %", "posterior, 95 %", "best fit", "SM"} <= set(texts)
        assert figure.axes[0].get_xlabel() == "$q^2$ [GeV$^{2}$]"
        assert figure.axes[0].get_ylim()[0] == 0.0


def test_rate_without_samples(run, tmp_path):
    bare = dataclasses.replace(run.predictions[0], samples=np.empty((0, 12)))
    assert [text for text in drawn(rate_figure(bare), tmp_path) if text] == ["best fit"]


def test_rate_mistakes_are_named(run):
    with pytest.raises(StoreError, match="one number, not a spectrum"):
        rate_figure(Prediction("BR", np.zeros((3, 1))))
    bare = Prediction("spectrum", np.empty((0, 2)), axis=[0.0, 1.0])
    with pytest.raises(StoreError, match="no values to draw"):
        rate_figure(bare)


def test_profile_curve(run, tmp_path):
    grid = np.linspace(-4, 4, 41)
    status = np.zeros(41)
    status[[10, 20]] = ScanStatus.NOT_CONVERGED, ScanStatus.FAILED
    scan = Scan("s", ("dC_L",), (grid,), -3 - 0.5 * (grid - 0.1) ** 2, np.full(41, -1.0), status)
    heights = minus_two_delta_log(run, scan)
    assert np.isnan(heights[20])
    np.testing.assert_allclose(heights[0], 4.1**2)
    texts = drawn(profile_figure(run, scan), tmp_path)
    assert [text for text in texts if text] == ["profile", "not converged", "best fit", "SM"]


def test_profile_takes_the_best_point_known(run):
    scan = Scan("s", ("dC_L",), (np.arange(3.0),), [-1.0, -2.0, -3.0])
    assert minus_two_delta_log(run, scan)[0] == 0.0  # better than the best fit, -4


@pytest.mark.parametrize("broken", [False, True])
def test_profile_contours(run, tmp_path, broken):
    first, second = np.linspace(-4, 4, 21), np.linspace(-5, 5, 31)
    grid = -0.5 * (first[:, None] ** 2 + second[None, :] ** 2)
    status = np.zeros(grid.shape)
    status[2, 3] = ScanStatus.NOT_CONVERGED if broken else ScanStatus.CONVERGED
    scan = Scan("s", ("dC_L", "dC_R"), (first, second), grid, status=status)
    figure = profile_figure(dataclasses.replace(run, best_fit=None), scan)
    texts = drawn(figure, tmp_path)
    assert {"68 % content (2D)", "95 % content (2D)"} <= set(texts)
    assert ("not converged" in texts) is broken
    # radius of the contours: -2 ln(1 - content)
    outlines = [path.vertices for c in figure.axes[0].collections for path in c.get_paths()]
    radii = [np.hypot(*vertices.T).max() for vertices in outlines if len(vertices)]
    expected = np.sqrt(-2 * np.log([0.32, 0.05]))
    np.testing.assert_allclose([min(radii), max(radii)], expected, rtol=0.02)


def test_a_marker_on_the_frame_is_drawn_whole(run):
    """The Standard Model at the end of a prior that begins at zero: as much black as inside."""

    def black(lower):
        axes = np.linspace(lower, 4, 9), np.linspace(-4, 4, 9)
        heights = -0.5 * (axes[0][:, None] ** 2 + axes[1] ** 2)
        status = np.full(heights.shape, ScanStatus.CONVERGED)
        figure = profile_figure(run, Scan("s", ("dC_L", "dC_R"), axes, heights, status=status))
        panel = figure.axes[0]
        panel.set_axis_off()
        panel.get_legend().remove()
        figure.canvas.draw()
        return int((np.asarray(figure.canvas.buffer_rgba())[..., :3] < 40).all(axis=2).sum())

    assert black(-4) > 20
    assert black(0) == pytest.approx(black(-4), rel=0.2)


def test_profile_of_nothing(run):
    scan = Scan("s", ("dC_L",), (np.arange(2.0),), [np.nan, np.nan])
    with pytest.raises(StoreError, match="no point of scan 's' was done"):
        profile_figure(run, scan)


def test_labels():
    assert label("q^2", "GeV^2") == "$q^2$ [GeV$^{2}$]"
    assert label("", "1", "dC_L") == "dC_L"
    assert label(r"\nosuchcommand", "GeV", "m_X") == "m_X [GeV]"
    assert label("", "", "a$b") == r"a\$b"
    assert unit_text("GeV^-2") == "GeV$^{-2}$"


def test_corner_of_samples_with_weights(nested, tmp_path):
    """Contours and intervals are those of the weights, not of the points, which are wider."""
    figure = corner(nested)
    texts = drawn(figure, tmp_path)
    assert "68 % interval (1D)" in texts
    panel = figure.axes[0]
    shaded = [patch for patch in panel.patches if patch.get_alpha() == 0.15]
    box = shaded[0].get_path().get_extents(shaded[0].get_patch_transform())
    assert (box.x0, box.x1) == pytest.approx((-0.9945, 0.9945), abs=0.06)


def test_corner_of_equal_weights_is_that_of_samples(run, nested):
    """Bit by bit the same picture of the same points, with and without weights."""
    chain = run.ensembles[0]
    points = chain.chain[100:].reshape(-1, 3)
    logs = chain.log_likelihood[100:].ravel()
    entry = WeightedSamples(chain.names, points, np.full(len(points), -3.0), logs)
    images = []
    for one in (
        dataclasses.replace(run, ensembles=(chain,)),
        dataclasses.replace(run, ensembles=(), weighted=(entry,)),
    ):
        figure = corner(one, discard=100)
        figure.canvas.draw()
        images.append(np.asarray(figure.canvas.buffer_rgba()))
    np.testing.assert_array_equal(*images)


def test_one_sample_that_dominates_is_too_few_for_a_picture(nested):
    log_weights = np.full(6000, -50.0)
    log_weights[3] = 0.0
    entry = dataclasses.replace(
        nested.weighted[0], log_weights=log_weights, effective_samples=np.nan
    )
    with pytest.raises(StoreError, match="has 1 effective samples, too few for a picture"):
        corner(dataclasses.replace(nested, weighted=(entry,)))


def test_band_of_a_spectrum_with_weights(tmp_path):
    """Flat draws of a height with the weights of a normal distribution of 5 +- 1."""
    heights = np.random.default_rng(1).uniform(0.0, 10.0, 20000)
    weights = np.exp(-0.5 * (heights - 5.0) ** 2)
    figure = rate_figure(
        Prediction("p", np.outer(heights, [1.0, 2.0]), axis=[0.0, 1.0], weights=weights)
    )
    drawn(figure, tmp_path)
    ends = [band.get_datalim(figure.axes[0].transData) for band in figure.axes[0].collections]
    # 95 % first: 5 +- 1.96 at the left, twice that at the right
    found = np.sort([(end.y0, end.y1) for end in ends], axis=0)
    np.testing.assert_allclose(found, [(3.04, 11.989), (4.0055, 13.92)], atol=0.15)


def test_import_is_light():
    code = (
        "import sys, bsinv.chains\n"
        "heavy = {'scipy', 'matplotlib', 'h5py', 'emcee', 'corner', 'iminuit', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_nothing_global_changes(run, spectrum):
    code = (
        "import matplotlib; before = dict(matplotlib.rcParams)\n"
        "import numpy as np; from bsinv.chains.plots.measurements.spectra import rate_figure\n"
        "from bsinv.chains.records import Prediction, RunFile, Ensemble\n"
        "from bsinv.chains.plots.posterior.corner import corner\n"
        "figure = rate_figure(Prediction('p', np.ones((3, 2)), axis=[0, 1]))\n"
        "figure.savefig('/dev/null', format='png')\n"
        "z = np.zeros((50, 4)); c = np.random.default_rng(1).normal(size=(50, 4, 2))\n"
        "corner(RunFile('r', '', 1, ensembles=(Ensemble(('x', 'y'), c, z, z, z, z[0]),)))\n"
        "print(before == dict(matplotlib.rcParams))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={"PATH": ""}
    )
    assert done.stdout.strip() == "True", done.stderr


def test_zero_likelihood_is_not_called_a_failure(run, tmp_path):
    axes = (np.linspace(-1, 1, 7), np.linspace(-1, 1, 7))
    heights = -0.5 * (axes[0][:, None] ** 2 + axes[1] ** 2)
    status = np.full(heights.shape, ScanStatus.CONVERGED)
    status[0], heights[0] = ScanStatus.FAILED, np.nan
    others = np.zeros((*heights.shape, 0))
    scan = Scan("walled", ("dC_L", "dC_R"), axes, heights, 0 * heights, status, (), others)
    texts = drawn(profile_figure(run, scan), tmp_path)
    assert "zero likelihood" in texts
    assert "not converged" not in texts


def test_style_stays_a_function():
    """The module of this name does not take its place once it is loaded."""
    import bsinv

    figures = [getattr(bsinv.plots, name) for name in bsinv.plots.__all__]
    assert all(callable(figure) for figure in figures)
    with bsinv.plots.style("talk"):
        pass


def test_figures_do_not_depend_on_settings_of_a_user():
    from bsinv.chains.plots.style import picture, style
    from matplotlib import rc_context, rcParams
    from matplotlib.figure import Figure

    def drawn():
        with style():
            figure = Figure((3, 2))
            figure.add_subplot().plot([0, 1], label="a")
            return picture(figure, "png")

    plain = drawn()
    own = {"axes.grid": True, "font.family": "serif", "savefig.bbox": "tight", "text.usetex": True}
    with rc_context(own):
        assert drawn() == plain
        assert rcParams["axes.grid"]  # as it was
        assert rcParams["savefig.bbox"] == "tight"
