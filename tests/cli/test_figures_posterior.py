"""Figures of posteriors and profiles on the command line, of a tiny fit."""

import numpy as np
import pytest
from bsinv.fitter.runs.run import fit_only

ANALYSIS = """\
name: figures
model: wet
likelihoods: [belle_2013_kpnunu_value, belle_2017_kst0nunu]
parameters: {dC_L: {prior: {uniform: [-20, 20]}}, dC_R: {prior: {uniform: [-20, 20]}}}
fit: {profiles: {dC_L: 9}, contours: [[dC_L, dC_R]]}
seed: 3
"""


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    directory = tmp_path_factory.mktemp("figures")
    file = directory / "figures.yaml"
    file.write_text(ANALYSIS)
    return fit_only(str(file), directory).directory / "run.h5"


@pytest.mark.parametrize(
    "options",
    [
        ("contour",),
        ("contour", "--params", "dC_R,dC_L", "--range", "dC_R=-10:5", "--show", "profile,hessian"),
        ("profile", "--show", "prior"),
        ("correlation", "--size", "column", "--style", "talk"),
    ],
)
def test_figures_of_a_fit(bsinv, fitted, tmp_path, options):
    out = tmp_path / "figure.pdf"
    code, text, errors = bsinv("plot", fitted, "--kind", *options, "--out", out)
    assert code == 0, errors
    assert str(out) in text
    assert b"/Type3" not in out.read_bytes()


def test_chain_of_another_program_beside_ours(bsinv, fitted, tmp_path):
    chain = tmp_path / "theirs.csv"
    points = np.random.default_rng(1).normal(size=(3000, 2))
    np.savetxt(chain, points, delimiter=",", header="dC_L,dC_R", comments="")
    out = tmp_path / "corner.png"
    code, _, errors = bsinv(
        "plot",
        fitted,
        chain,
        "--kind",
        "corner",
        "--show",
        "hessian",
        "--params",
        "dC_L,dC_R",
        "--out",
        out,
    )
    assert code == 0, errors
    assert out.stat().st_size > 5000
    code, _, errors = bsinv("plot", chain, "--kind", "prior-posterior", "--out", out)
    assert code != 0
    assert "a chain of another program, which --kind prior-posterior does not show" in errors


def test_what_a_fit_lacks(bsinv, fitted, tmp_path):
    for options, told in {
        ("corner",): "has no samples",
        ("profile", "--params", "dC_R"): "--profile dC_R",
        ("profile", "--params", "dC_l"): "dC_L",
        ("contour", "--params", "dC_L"): "two different parameters",
        ("contour", "--range", "dC_X=0:1"): "the figure shows dC_L, dC_R",
        ("profile", "--range", "dC_L=500:600"): "nothing lies there",
    }.items():
        code, _, errors = bsinv("plot", fitted, "--kind", *options, "--out", tmp_path / "x.png")
        assert code != 0
        assert told in " ".join(errors.split())
