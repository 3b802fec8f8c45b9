"""The command that puts runs beside each other."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

Command = Callable[..., tuple[int, str, str]]


def test_runs_are_compared_and_drawn(bsinv: Command, quick: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    assert bsinv("fit", quick, "--out", one, "--profile", "dC_L")[0] == 0
    text = quick.read_text()
    quick.write_text(text.replace("name: ", "name: x", 1))
    assert bsinv("fit", quick, "--out", other, "--profile", "dC_L")[0] == 0
    files = (one / "run.h5", other / "run.h5")
    code, shown, told = bsinv("compare", *files, "--out", tmp_path / "pictures")
    assert (code, told) == (0, "")
    assert "−2 Δ ln L" in shown
    assert (tmp_path / "pictures" / "profile-dC_L.png").stat().st_size > 1000
    code, text, _ = bsinv("compare", *files, "--json")
    found = json.loads(text)["runs"][1]
    assert abs(found["minus_two_delta_log"]) < 1e-3
    assert found["log_bayes_factor"] is None
    assert found["reasons"] == ["no ln Z: run bsinv evidence"]


def test_faults_are_told(bsinv: Command, quick: Path, tmp_path: Path) -> None:
    assert bsinv("fit", quick, "--out", tmp_path)[0] == 0
    file = tmp_path / "run.h5"
    assert "two results files or more" in bsinv("compare", file)[2]
    assert "given twice" in bsinv("compare", file, file)[2]
    assert bsinv("compare", file, tmp_path / "none.h5")[0] == 2
