from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from bsinv.chains.files.store import read

Command = Callable[..., tuple[int, str, str]]

PARTICLE = """\
name: particle
model: two-body-br
likelihoods: [belle2-2023-bknunu]
parameters:
  m_X: {prior: {uniform: [0.0, 4.7]}}
  BR_K: {prior: {uniform: [0, 1000]}, start: 3.0}
seed: 1
"""


@pytest.fixture
def particle(tmp_path: Path) -> Path:
    file = tmp_path / "particle.yaml"
    file.write_text(PARTICLE)
    return file


def test_limits_are_stored_and_exported(bsinv: Command, particle: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    asked = ("limit", particle, "--of", "BR_K", "--scan", "m_X=1:3:3", "--out", out)
    code, text, told = bsinv(*asked)
    assert code == 0
    assert "Upper limits on BR_K [10^-6]: CLs" in text
    assert told.splitlines()[-1] == f"saved {out / 'run.h5'}"
    (found,) = read(out / "run.h5").limits
    assert found.points[:, 0].tolist() == [1.0, 2.0, 3.0]
    stem = "limit-BR_K-m_X-cls"
    names = {path.name for path in out.iterdir()}
    assert {f"{stem}.csv", f"{stem}.png", f"{stem}-hepdata", "run.h5"} <= names
    inside = {path.name for path in (out / f"{stem}-hepdata").iterdir()}
    assert inside == {"submission.yaml", f"{stem}.yaml"}

    # Asked again, the same limits replace those, and other ones stand beside them.
    code, text, _ = bsinv(*asked[:-3], "m_X=1,2", "--out", out, "--format", "json")
    assert code == 0
    assert len(json.loads(text)["upper"]) == 2
    assert [len(entry.best) for entry in read(out / "run.h5").limits] == [2]
    assert "Upper limits on BR_K" in bsinv("show", out / "run.h5")[1]
    assert len(json.loads(bsinv("show", out / "run.h5", "--json")[1])["limits"]) == 1
    assert bsinv("plot", out / "run.h5")[0] == 0
    assert "## Upper limits on BR_K" in (out / "summary.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--of", "BR_k"], "BR_K"),
        (["--of", "BR_K", "--scan", "m_X=0:5:3"], "scan of m_X at 5: outside of its range"),
        (["--of", "BR_K", "--scan", "m_X=0:5"], "name=first:last:number is needed"),
        (["--of", "BR_K", "--scan", "m_X"], "name=first:last:number is needed"),
        (["--of", "BR_K", "--scan", "m_X=2:1:3"], "first < last and a number of points"),
        (["--of", "BR_K", "--scan", "m_X=1:2:1"], "first < last and a number of points"),
        (["--of", "BR_K", "--scan", "m_X=1:2:x"], "first < last and a number of points"),
        (["--of", "BR_K", "--scan", "m_X=a:2:3"], "'a' is not a number"),
        (["--of", "BR_K", "--scan", "m_X=1", "--scan", "m_X=2"], "m_X is given twice"),
        (["--of", "BR_K", "--method", "clb"], "method = 'clb' is not allowed"),
        (["--of", "BR_K", "--format", "xml"], "--format 'xml': one of 'table', 'csv'"),
        (["--of", "BR_K", "--background", "none"], "background = 'none' is not allowed"),
        (["--of", "BR_K", "--toys", "7"], "toys = 7: none, or 100 or more"),
    ],
)
def test_wrong_options(bsinv: Command, particle: Path, arguments: list[str], message: str) -> None:
    code, _, told = bsinv("limit", particle, *arguments)
    assert code == 2
    assert message in told
    assert not (particle.parent / "particle").exists()


def test_a_range_with_negative_values_is_refused(bsinv: Command, quick: Path) -> None:
    code, _, told = bsinv("limit", quick, "--of", "dC_L")
    assert code == 2
    assert "limit on dC_L, of range [-6.4, 20]" in told
    assert "use the rate" in told
