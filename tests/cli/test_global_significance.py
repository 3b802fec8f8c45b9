"""``bsinv significance``: stored, shown, continued, exported; refusals and interrupts."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from bsinv.chains.files.store import read
from bsinv.fitter.runs.job import Interrupted
from bsinv.fitter.runs.studies.significance import significance_only
from executor_jobs import differences

Command = Callable[..., tuple[int, str, str]]

PARTICLE = """\
name: particle
model: two-body-br
likelihoods: [{name: belle2-2023-bknunu, response: linear}]
parameters:
  m_X: {prior: {uniform: [0.0, 4.7]}}
  BR_K: {prior: {uniform: [0, 1000]}, start: 3.0}
sampler: {checkpoint_seconds: 0.001}
seed: 1
"""


@pytest.fixture
def particle(tmp_path: Path) -> Path:
    file = tmp_path / "particle.yaml"
    file.write_text(PARTICLE)
    return file


def test_stored_shown_continued(bsinv: Command, particle: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    asked = ("significance", particle, "--of", "BR_K", "--scan", "m_X=1.9,2.1,2.3", "--out", out)
    code, text, told = bsinv(*asked, "--toys", 100)
    assert code == 0
    assert "Largest excess of BR_K" in text
    lines = [line for line in told.splitlines() if not line.startswith("executor: serial (about ")]
    assert list(dict.fromkeys(lines)) == ["toys", f"saved {out / 'run.h5'}"]
    (first,) = read(out / "run.h5").significances
    assert (first.toys, first.seed, first.axes) == (100, "1", ("m_X",))
    stem = "significance-BR_K-m_X"
    assert {f"{stem}.csv", f"{stem}.png", "run.h5"} <= {path.name for path in out.iterdir()}
    lines = (out / f"{stem}.csv").read_text().splitlines()
    assert lines[0] == "# Largest excess of BR_K"
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    assert [float(row["m_X [GeV]"]) for row in rows] == [1.9, 2.1, 2.3]
    assert float(rows[1]["q"]) == pytest.approx(first.statistic[1], rel=1e-5)

    # More toys of the same scan are added to those, another scan stands beside it.
    code, text, _ = bsinv(*asked, "--toys", 130, "--json")
    record = json.loads(text)
    assert (code, record["toys"], record["most"]) == (0, 130, 130)
    assert "largest" not in record
    assert len(record["global_p_of_points"]) == 3
    assert bsinv(*asked[:5], "m_X=3", "--out", out, "--toys", 100)[0] == 0
    both = read(out / "run.h5").significances
    assert [entry.toys for entry in both] == [130, 100]
    np.testing.assert_allclose(both[0].largest[:100], first.largest, atol=1e-6)

    code, text, _ = bsinv("show", out / "run.h5")
    assert code == 0
    assert "global p, 130 toys" in text
    record = json.loads(bsinv("show", out / "run.h5", "--json")[1])
    assert [entry["toys"] for entry in record["significances"]] == [130, 100]
    assert "Largest excess" in bsinv("show", out / "run.h5", "--latex")[1]
    assert bsinv("plot", out / "run.h5")[0] == 0
    assert "## Largest excess of BR_K" in (out / "summary.md").read_text()


def test_interrupt_keeps_whole_chunks(particle: Path, tmp_path: Path) -> None:
    asked = (particle, "BR_K", {"m_X": [2.1]}, 600, 0.0, "sm")
    with pytest.raises(Interrupted, match=r"stopped; 250 toys are saved in .*run\.h5"):
        significance_only(*asked, tmp_path / "out", stop=lambda: True)
    (part,) = read(tmp_path / "out" / "run.h5").significances
    whole = significance_only(*asked, tmp_path / "out").found
    fresh = significance_only(*asked, tmp_path / "other").found
    assert (part.toys, whole.toys) == (250, 600)
    np.testing.assert_allclose(whole.largest, fresh.largest, atol=1e-6)
    assert whole.global_p == fresh.global_p


def test_nothing_above_the_standard_model(bsinv: Command, particle: Path) -> None:
    """Limits at 3 and 3.5 GeV have a best rate of zero."""
    particle.write_text(PARTICLE.replace("linear", "published"))
    asked = ("significance", particle, "--of", "BR_K", "--scan", "m_X=3,3.5", "--toys", 100)
    found = json.loads(bsinv(*asked, "--json")[1])
    assert (found["local_p"], found["global_p"], found["bound"]) == (1.0, 1.0, 1.0)


def test_rescaled_background(bsinv: Command, particle: Path, tmp_path: Path) -> None:
    """A free rate of the Standard Model takes part of the excess."""
    asked = ("significance", particle, "--of", "BR_K", "--scan", "m_X=2.1", "--toys", 100)
    plain = json.loads(bsinv(*asked, "--json")[1])
    out = tmp_path / "free"
    code, text, _ = bsinv(*asked, "--background", "rescaled-sm", "--out", out, "--json")
    free = json.loads(text)
    assert (code, free["background"]) == (0, "rescaled-sm")
    assert 0.0 < free["statistic"][0] < plain["statistic"][0]
    assert free["notes"][0].startswith("Fitted beside the rate, from one start: X_t.")
    assert (out / "significance-BR_K-m_X-rescaled_sm.csv").exists()
    shown = bsinv("show", out / "run.h5")[1]
    assert "Standard Model rescaled" in " ".join(shown.split())  # lines may break anywhere
    # An analysis whose X_t floats already is refused.
    particle.write_text(PARTICLE + "inputs: {X_t: {prior: {uniform: [0, 7]}}}\n")
    code, _, told = bsinv(*asked, "--background", "rescaled-sm")
    assert code == 2
    assert "background = 'rescaled-sm': particle has X_t among its inputs already." in told
    code, _, told = bsinv(*asked, "--background", "none")
    assert code == 2
    assert "background" in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--of", "BR_k"], "BR_K"),
        (
            ["--of", "m_X"],
            "significance of m_X: the prediction of belle2-2023-bknunu is not linear",
        ),
        (["--of", "BR_K", "--scan", "m_X=0:5:3"], "scan of m_X at 5: outside of its range"),
        (["--of", "BR_K", "--scan", "BR_K=1,2"], "scan of BR_K: it is the rate itself"),
        (["--of", "BR_K", "--toys", "10"], "toys = 10 is not allowed"),
        (["--of", "BR_K", "--precision", "1.5"], "precision = 1.5 is not allowed"),
    ],
)
def test_refusals(
    bsinv: Command, particle: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    code, _, told = bsinv("significance", particle, *arguments, "--out", tmp_path / "out")
    assert code == 2
    assert message in told
    assert "limit" not in told.replace("unlimited", "")
    assert not (tmp_path / "out").exists()


def test_same_bits_where_toys_are_drawn_elsewhere(
    bsinv: Command, particle: Path, tmp_path: Path
) -> None:
    """Chunks count in their order: one that another process did beyond the last is left out."""
    particle.write_text(
        PARTICLE + "form_factors: {B->K: {set: BtoK_FLAG2021_HPQCD2022_BSZ, treatment: float}}\n"
    )
    found = []
    for executor in ("serial", "processes:2"):
        out = tmp_path / executor.partition(":")[0]
        # At 3.5 GeV every second toy has as much: the first chunk tells enough.
        code, _, told = bsinv(
            *("significance", particle, "--of", "BR_K", "--scan", "m_X=3.3,3.5", "--out", out),
            *("--toys", 1000, "--executor", executor),
        )
        assert code == 0, told
        found.append(out / "run.h5")
    assert "executor: 2 processes" in told
    (one,) = read(found[0]).significances
    assert one.drawn == 250
    assert differences(*found) == []
