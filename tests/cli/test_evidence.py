"""The command that finds evidence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from bsinv.chains.files.store import read
from bsinv.fitter.analysis import load
from bsinv.fitter.drivers.sampling.nested import NestedOptions
from bsinv.fitter.runs.job import Interrupted
from bsinv.fitter.runs.studies.evidence import evidence_only

Command = Callable[..., tuple[int, str, str]]

TEXT = """\
name: line
model: signal-strength
likelihoods:
  - {name: a, observable: BR(B+->Knunu), value: 1.0e-5, error: 2.0e-6}
parameters:
  mu: {prior: {uniform: [0, 10]}}
seed: 3
sampler: {checkpoint_seconds: 0.5}
"""
FAST = NestedOptions(live=200, effective=500, batch=100)


@pytest.fixture(autouse=True)
def installed() -> None:
    pytest.importorskip("nautilus")


def test_evidence_is_stored_and_continued(bsinv: Command, tmp_path: Path) -> None:
    file, out = tmp_path / "line.yaml", tmp_path / "out"
    file.write_text(TEXT)
    quick = ("evidence", file, "--effective", 300, "--out", out)
    code, text, told = bsinv(*quick, "--seeds", 1, "--json")
    assert code == 0
    assert "nested sampling, run 1" in told
    found = json.loads(text)
    stored = read(out / "run.h5")
    assert found["evidence"]["log_evidence"] == stored.weighted[0].log_evidence
    assert stored.best_fit is not None
    assert [entry.name for entry in out.glob(".nested*")] == []
    code, text, _ = bsinv(*quick, "--seeds", 2)
    assert code == 0
    assert "agree in ln Z" in text
    both = read(out / "run.h5").weighted
    np.testing.assert_array_equal(both[0].points, stored.weighted[0].points)
    assert "ln Z" in bsinv("show", out / "run.h5")[1]


def test_a_run_that_is_stopped_goes_on(tmp_path: Path) -> None:
    analysis, calls = load(TEXT), []
    whole = evidence_only(analysis, tmp_path / "whole", 1, options=FAST)

    def stop() -> bool:
        calls.append(1)
        return len(list((tmp_path / "part").glob(".nested*"))) > 0

    with pytest.raises(Interrupted, match="0 runs of nested sampling are saved"):
        evidence_only(analysis, tmp_path / "part", 1, options=FAST, stop=stop)
    found = evidence_only(analysis, tmp_path / "part", 1, options=FAST)
    np.testing.assert_array_equal(
        found.results.weighted[0].points, whole.results.weighted[0].points
    )


def test_what_has_no_evidence_is_told(bsinv: Command, tmp_path: Path) -> None:
    file = tmp_path / "line.yaml"
    points = "{x: [0, 5.0e-6, 1.0e-5, 1.5e-5, 2.0e-5], minus_two_log_l: [4, 1, 0, 1, 4]}"
    before = "value: 1.0e-5, error: 2.0e-6"
    assert before in TEXT
    file.write_text(TEXT.replace(before, f"curve: {points}"))
    code, _, told = bsinv("evidence", file, "--out", tmp_path / "out")
    assert code == 2
    assert "there is no evidence of this analysis" in told
    assert "a is none (such as curves of ln L without data)" in told
    assert not (tmp_path / "out").exists()
