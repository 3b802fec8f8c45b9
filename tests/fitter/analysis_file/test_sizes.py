"""Analyses that are too large: refused, or read, in a moment, with one short message."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from bsinv.errors import AnalysisError
from bsinv.fitter.analysis_file.names import known_names
from bsinv.fitter.analysis_file.schema import load_spec

HEAD = """\
name: large
model: wet-lfu
likelihoods: [belle_2013_kpnunu_value]
parameters:
"""
FREE = HEAD + "  dC_L: {prior: {uniform: [-6, 20]}}\n"


NamedFile = Callable[[str], Path]


@pytest.fixture
def named_file(tmp_path: Path) -> NamedFile:
    def write(text: str) -> Path:
        (tmp_path / "large.yaml").write_text(text)
        return tmp_path / "large.yaml"

    return write


def _chain(length: int) -> str:
    links = "".join(f"  a{i}: {{expression: a{i - 1} + 0}}\n" for i in range(1, length))
    last = f"  dC_L: {{expression: a{length - 1}}}\n"
    return HEAD + last + "auxiliary:\n  a0: {prior: {uniform: [-6, 20]}}\n" + links


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("name: " + "[" * 20_000, "nested too deeply", id="open brackets"),
        pytest.param("name: " + "[" * 9_999 + "]" * 9_999, "nested too deeply", id="brackets"),
        pytest.param("name: " + "{a: " * 5_000, "nested too deeply", id="mappings"),
        pytest.param(
            FREE + f"fit: {{minos: [{', '.join(['dC_L'] * 150_000)}]}}\n",
            "large.yaml:6: more than 20000 keys and values",
            id="900 kB list",
        ),
        pytest.param(
            FREE + "".join(f"k{i}: 1\n" for i in range(60_000)), "more than 20000", id="keys"
        ),
        pytest.param(_chain(5_000), "more than 20000", id="5000 chained expressions"),
    ],
)
def test_what_is_no_analysis_is_refused(text: str, message: str, named_file: NamedFile) -> None:
    began = time.process_time()
    with pytest.raises(AnalysisError) as told:
        load_spec(named_file(text), known_names())
    assert message in str(told.value)
    assert len(str(told.value)) < 300
    assert time.process_time() - began < 5.0


def test_a_long_chain_of_expressions_is_read() -> None:
    began = time.process_time()
    assert len(load_spec(_chain(3_000), known_names()).auxiliary) == 3_000
    assert time.process_time() - began < 5.0


def test_a_list_of_faults_ends_after_fifty() -> None:
    wrong = FREE.replace("[belle_2013_kpnunu_value]", str([f"x{i}" for i in range(5_000)]))
    with pytest.raises(AnalysisError) as told:
        load_spec(wrong, known_names())
    lines = str(told.value).splitlines()
    assert len(lines) == 51
    assert lines[-1] == "and more: only the first 50 faults found are shown."
    assert "x0" in lines[0]


@pytest.mark.parametrize(
    ("key", "allowed"),
    [
        ("sampler: {walkers: 1000000000}", "sampler.walkers: must be at most 65536"),
        ("sampler: {ensembles: 1000000000}", "sampler.ensembles: must be at most 256"),
        ("sampler: {thin: 1000000000}", "sampler.thin: must be at most 10000"),
        ("sampler: {max_steps: 1000000000000}", "sampler.max_steps: must be at most 10000000"),
        ("fit: {retries: 1000000000}", "fit.retries: must be at most 10000"),
        ("fit: {profiles: {dC_L: 1000000000000}}", "fit.profiles.dC_L: must be at most 10000"),
        (
            "fit: {grids: [{axes: {dC_L: [-1, 1, 1000000000000]}}]}",
            "fit.grids[0].axes: needs at most 1000000 points in all, not 1000000000000.",
        ),
    ],
)
def test_a_run_has_a_largest_size(key: str, allowed: str) -> None:
    with pytest.raises(AnalysisError) as told:
        load_spec(f"{FREE}{key}\n", known_names())
    assert allowed in str(told.value)


def test_a_mapping_has_a_largest_size() -> None:
    with pytest.raises(AnalysisError, match="more than 20000 values"):
        load_spec({"name": "large", "likelihoods": ["x"] * 30_000}, known_names())
