"""Figures of data from the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., tuple[int, str, str]]


def test_figures_without_a_results_file(bsinv: Command, tmp_path: Path) -> None:
    code, text, _ = bsinv(
        "plot", "--kind", "forest", "--of", "BR(B0->K*nunu)", "--format", "pdf,svg"
    )
    assert code == 0
    assert "forest.pdf: measurements of an observable" in text
    assert (tmp_path / "forest.svg").stat().st_size > 5000
    code, _, told = bsinv("plot", "--kind", "pulls")
    assert code == 2
    assert "--kind pulls needs a results file: bsinv plot FILE.h5 --kind pulls" in told
    code, _, told = bsinv("plot")
    assert code == 2
    assert "--kind says which figure" in told


def test_figures_of_a_fit(bsinv: Command, quick: Path, tmp_path: Path) -> None:
    assert bsinv("fit", quick, "--out", tmp_path / "out")[0] == 0
    file = tmp_path / "out" / "run.h5"
    for arguments in (
        ("pulls", "--show", "reference"),
        ("spectra", "--of", "FL(B0->K*nunu)"),
        ("observables", "--params", "BR(B+->Knunu),BR(B0->K*nunu)", "--along", "dC_L=-5:0:5"),
        ("forest", "--range", "BR(B+->Knunu)=0:5e-5"),
        ("rates", "--size", "slide", "--style", "talk"),
    ):
        code, text, told = bsinv("plot", file, "--kind", *arguments)
        assert (code, told) == (0, "")
        assert f"{arguments[0]}.png" in text
    code, _, told = bsinv("plot", file, "--kind", "bins")
    assert code == 2
    assert "holds no counts after a fit" in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--kind pulls --out x.jpg", "--out x.jpg: its end is one of png, pdf, svg, or none."),
        ("--kind pulls --out run.h5", "--out run.h5: its end is one of png, pdf, svg, or none."),
        ("--kind pulls --format pdf --out x.svg", "--format pdf and --out x.svg: which of the two"),
        ("--format pdf", "--kind says which figure"),
        ("--style talk", "--kind says which figure"),
        ("--size slide", "--kind says which figure"),
    ],
)
def test_options_that_would_be_ignored(bsinv: Command, arguments: str, message: str) -> None:
    Path("run.h5").write_bytes(b"")
    code, _, told = bsinv("plot", "run.h5", *arguments.split())
    assert code == 2
    assert message in told
    assert [path.name for path in Path().iterdir()] == ["run.h5"]


def test_names_of_files(bsinv: Command) -> None:
    def drawn(*options: str) -> list[str]:
        code, text, _ = bsinv("plot", "--kind", "forest", *options)
        assert code == 0
        return [line.partition(":")[0] for line in text.splitlines()]

    assert drawn("--format", "svg,svg", "--out", "v1.0") == ["v1.0.svg"]
    assert drawn("--out", "X.SVG") == ["X.SVG"]
    assert drawn("--format", "svg", "--out", "y.svg") == ["y.svg"]
    Path("made").mkdir()
    assert drawn("--out", "made") == ["made/forest.png"]


@pytest.mark.slow
def test_a_ranking_prints_its_table(bsinv: Command, tmp_path: Path) -> None:
    assert bsinv("fit", "belle2-signal-strength", "--out", tmp_path / "out")[0] == 0
    code, text, _ = bsinv("plot", tmp_path / "out" / "run.h5", "--kind", "ranking")
    assert code == 0
    assert text.splitlines()[2].startswith("mu_bkg_charged")
