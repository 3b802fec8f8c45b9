"""Figures of planes and searches from stored results: what is chosen, and what is refused."""

import dataclasses
import importlib

import numpy as np
import pytest
from bsinv.chains.files.store import read
from bsinv.chains.records import RunFile
from bsinv.cli.commands import main
from bsinv.errors import BsinvError, ParameterError, StoreError
from bsinv.fitter.analysis import Analysis
from bsinv.fitter.figures.fields import decay_lengths, plane_points
from bsinv.fitter.figures.kinds import KINDS, draw_figure
from bsinv.fitter.figures.request import Request, Source
from bsinv.fitter.runs.run import fit_only

# The width is as if X decayed through its coupling: c tau = hbar c / Gamma.
TEXT = """
name: small
model: higgs-mixed-scalar
likelihoods: [belle_2017_kst0nunu, babar_2013_kpnunu_value]
parameters:
  m_X: {prior: {uniform: [0.2, 3.0]}, start: 1.0}
  sin_theta: {prior: {log_uniform: [1.0e-5, 0.3]}, start: 0.002}
  Gamma_X: {expression: sin_theta**2 * m_X * 1.0e-6}
fit:
  grids:
    - axes: {m_X: [0.3, 2.8, 6], sin_theta: [1.0e-4, 0.1, 8]}
      others: held
      separate: {Belle: [belle_2017_kst0nunu]}
seed: 1
"""


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    (folder / "small.yaml").write_text(TEXT, "utf-8")
    fit_only(Analysis(folder / "small.yaml"), folder / "out")
    return folder / "out" / "run.h5"


def source(path, label="small"):
    return Source(label, path, read(path))


def test_a_stored_grid_is_drawn_by_one_command(stored, tmp_path, capsys):
    overlay = tmp_path / "curve.csv"
    overlay.write_text("# label: E949\n0.3,1e-3\n2,2e-2\n", "utf-8")
    for kind, more in (
        ("constraints", ("--params", "Belle", "--range", "sin_theta=0.001:0.05")),
        ("coupling-mass", ("--show", "ctau,outlines", "--overlay", str(overlay))),
    ):
        out = tmp_path / f"{kind}.pdf"
        with pytest.raises(SystemExit) as left:
            main(["plot", str(stored), "--kind", kind, *more, "--out", str(out)])
        assert not left.value.code
        assert out.read_bytes().startswith(b"%PDF")
        assert str(out) in capsys.readouterr().out


def test_the_decay_length_is_hbar_c_over_the_width(stored):
    """hbar c = 1.973269804e-16 GeV m (CODATA 2018)."""
    one = source(stored)
    along = (("m_X", (0.5, 2.0)), ("sin_theta", (1e-3, 1e-2)))
    request = Request(along=along)
    points = plane_points(one, request, ("m_X", "sin_theta"), {})
    field = decay_lengths(one, request, points)
    widths = np.array([[1e-6 * theta**2 * m for theta in (1e-3, 1e-2)] for m in (0.5, 2.0)])
    np.testing.assert_allclose(field.values, 1.973269804e-16 / widths, rtol=1e-9)


@pytest.mark.parametrize(
    ("kind", "request_", "message"),
    [
        ("constraints", Request(of="x"), "--of 'x': no such scan of two parameters"),
        ("constraints", Request(params=("Bele",)), "'Bele'.*did you mean 'Belle'"),
        ("constraints", Request(ranges={"x": (0.0, 1.0)}), "--range x: the axes are m_X and sin"),
        ("coupling-mass", Request(params=("m_X",)), "--params needs two different names"),
        ("coupling-mass", Request(params=("m_X", "g")), "holds neither limits on g against m_X"),
        ("relic-density", Request(), "predicts no relic density: "),
        ("limits", Request(), "holds no limits along a scan: 'bsinv limit --scan' makes them"),
        ("significance", Request(), "'bsinv significance --scan' makes them"),
        ("predictive", Request(), "'bsinv toys FILE.h5 --at posterior' makes one"),
        ("toys", Request(), "holds no toys: 'bsinv toys FILE.h5' makes them"),
        ("support", Request(), "holds no report on the simulation: 'bsinv run' makes one"),
        ("non-nested", Request(), "needs the results files of both models"),
        ("projection", Request(), "is no projection: 'bsinv project ANALYSIS --json' writes one"),
    ],
)
def test_what_is_not_there_is_said_with_the_command_that_makes_it(stored, kind, request_, message):
    with pytest.raises(BsinvError, match=message):
        draw_figure(kind, [source(stored)], request_)


def test_a_lifetime_that_does_not_depend_on_the_plane_is_refused(stored, tmp_path):
    text = TEXT.replace("{expression: sin_theta**2 * m_X * 1.0e-6}", "1.0e-9")
    one = source(stored)
    other = Source("a", stored, RunFile("a", text, 1, parameters=one.run.parameters))
    points = {"m_X": np.array([0.5, 1.0]), "sin_theta": np.array([1e-3, 1e-2])}
    with pytest.raises(StoreError, match=r"is 1\.97e-07 m everywhere: write the width or ctau"):
        decay_lengths(other, Request(), points)
    stable = Source("a", stored, RunFile("a", text.replace("1.0e-9", "0.0"), 1))
    with pytest.raises(StoreError, match="has no decay length here: its particle is stable"):
        decay_lengths(stable, Request(), points)


def test_points_outside_of_the_range_of_a_parameter_are_refused(stored):
    one = source(stored)
    points = {"m_X": np.array([0.0, 1.0]), "sin_theta": np.array([1e-3, 1e-2])}
    with pytest.raises(ParameterError, match=r"m_X from 0 to 1 leaves its range \[0\.2, 3\]"):
        decay_lengths(one, Request(), points)


def test_a_plane_that_is_meant_has_to_be_said_if_there_are_several(stored):
    one = source(stored)
    scan = one.run.scans[0]
    twice = dataclasses.replace(one.run, scans=(scan, dataclasses.replace(scan, name="b")))
    with pytest.raises(ParameterError, match="--of says which scan of small: section m_X"):
        draw_figure("constraints", [Source("a", stored, twice)], Request())


def test_every_kind_has_a_drawer():
    for name, entry in KINDS.items():
        module, _, function = entry.drawer.partition(":")
        found = importlib.import_module(f"bsinv.fitter.figures.{module}")
        assert callable(getattr(found, function)), name
