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
    assert "assumption = 'none' is not allowed: one of 'statistical', 'published'" in told
    code, _, told = bsinv("project", "belle2-signal-strength", "--luminosity", "0")
    assert "it must be positive" in told


def test_toys_rivals_and_errors_to_come(bsinv: Command, tmp_path: Path) -> None:
    quick = (*ARGUMENTS, "--assumption", "statistical", "--null", "mu=0")
    rival = tmp_path / "rival.yaml"
    rival.write_text(
        "name: rival\nmodel: two-body-br\nlikelihoods: [belle2-2023-bknunu]\n"
        "parameters: {m_X: 2.1, BR_K: {prior: {uniform: [0, 60]}, start: 3.0}}\nseed: 1\n"
    )
    out = tmp_path / "out"
    code, text, told = bsinv(*quick, "--toys", "20", "--rival", rival, "--out", out, "--json")
    assert code == 0, told
    found = json.loads(text)
    assert (found["toys"], found["rival"]) == (20, "rival")
    (point,) = found["points"]
    assert 0.1 < point["errors"][0]["spread"] < 0.7
    assert point["separation"] > 0.5
    assert (out / "projection.png").exists()
    code, _, told = bsinv(*quick, "--samples", "fcc-ee")
    assert code == 2
    assert "a signal strength predicts only B+->K+nunu" in told


def test_a_truth_at_the_end_of_its_range_has_no_error(bsinv: Command) -> None:
    at_zero = (*ARGUMENTS[:-1], "mu=0", "--null", "mu=0")
    code, shown, _ = bsinv(*at_zero, "--json")
    assert code == 0
    (entry,) = json.loads(shown)["points"][0]["errors"]
    parts = ("error", "counts", "simulation", "others")
    assert [entry[name] for name in parts] == [None] * 4
    shown = bsinv(*at_zero)[1]
    assert "Without an error from second derivatives" in shown


def test_same_numbers_where_points_are_done_elsewhere(bsinv: Command) -> None:
    asked = (*ARGUMENTS, "--luminosity", "1,5", "--assumption", "scaled", "--toys", "5", "--json")
    here = bsinv(*asked, "--executor", "serial")
    there = bsinv(*asked, "--executor", "processes:2")
    assert here[0] == there[0] == 0, there[2]
    assert here[1] == there[1]
    assert "executor: 2 processes" in there[2]
