"""The command that projects to other luminosities."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

Command = Callable[..., tuple[int, str, str]]
ARGUMENTS = ("project", "belle2-signal-strength", "--luminosity", "1", "--truth", "mu=2")


def test_project_prints_draws_and_tells_json(bsinv: Command, tmp_path: Path) -> None:
    quick = (*ARGUMENTS, "--assumption", "statistical")
    code, text, _ = bsinv(*quick, "--out", tmp_path / "out")
    assert code == 0
    assert "Projection of belle2-signal-strength" in text
    assert (tmp_path / "out" / "projection.png").stat().st_size > 1000
    code, text, _ = bsinv(*quick, "--json")
    (point,) = json.loads(text)["points"]
    assert point["assumption"] == "statistical"
    assert 0.2 < point["errors"][0]["error"] < 0.5


def test_faults_are_told(bsinv: Command) -> None:
    code, _, told = bsinv(*ARGUMENTS, "--assumption", "none")
    assert code == 2
    assert "assumption 'none' is not known: allowed are 'statistical', 'published'" in told
    code, _, told = bsinv("project", "belle2-signal-strength", "--luminosity", "0")
    assert "it must be positive" in told
