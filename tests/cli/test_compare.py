"""The command that puts runs beside each other."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from bsinv.chains.files.store import read

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


def test_toys_of_two_models(bsinv: Command, quick: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "one" / "run.h5", tmp_path / "other" / "run.h5"
    assert bsinv("fit", quick, "--out", one.parent)[0] == 0
    quick.write_text(quick.read_text().replace("dC_L", "dC_R").replace("name: ", "name: x", 1))
    assert bsinv("fit", quick, "--out", other.parent)[0] == 0
    before = other.read_bytes()
    code, shown, told = bsinv("compare", one, other, "--toys", 30, "--out", tmp_path / "pictures")
    assert code == 0
    assert "toys of xquick" in told
    assert "T observed" in shown
    assert (tmp_path / "pictures" / "toys.png").stat().st_size > 1000
    tests = json.loads(bsinv("compare", one, other, "--json")[1])["tests"]
    assert [(test["true_name"], test["toys"]["total"]) for test in tests] == [
        ("quick", 30),
        ("xquick", 30),
    ]
    # The other way round there are none, and the second file is as it was.
    assert json.loads(bsinv("compare", other, one, "--json")[1])["tests"] == []
    assert other.read_bytes() == before
    assert "T observed" in bsinv("show", one)[1]
    shown = json.loads(bsinv("show", one, "--json")[1])["non_nested"]
    assert shown == tests
    # More of the same are added to those that are there.
    copy = tmp_path / "copy.h5"
    shutil.copy(one, copy)
    assert bsinv("compare", one, other, "--toys", 120)[0] == 0
    # Processes, to which both problems go, draw the same.
    asked = ("compare", copy, other, "--toys", 120, "--executor", "processes:1")
    assert "executor: 1 process\n" in bsinv(*asked)[2]
    for here, there in zip(read(one).non_nested, read(copy).non_nested, strict=True):
        np.testing.assert_array_equal(here.values, there.values)
    more = json.loads(bsinv("compare", one, other, "--json")[1])["tests"]
    assert [test["toys"]["total"] for test in more] == [120, 120]
    assert more[0]["observed"] == tests[0]["observed"]


def test_toys_of_other_data_are_refused(bsinv: Command, quick: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "one" / "run.h5", tmp_path / "other" / "run.h5"
    assert bsinv("fit", quick, "--out", one.parent)[0] == 0
    text = quick.read_text().replace(", babar_2013_k0nunu_combined", "")
    quick.write_text(text.replace("name: ", "name: x", 1))
    assert bsinv("fit", quick, "--out", other.parent)[0] == 0
    code, shown, told = bsinv("compare", one, other, "--toys", 10)
    assert (code, shown) == (2, "")
    assert told == (
        f"bsinv: error: {other}: toys of two models need the same data, but those of xquick and "
        "quick differ: likelihoods differ; terms that only one has: "
        "babar_2013_k0nunu_combined.\n"
    )
    assert "toys" in bsinv("compare", one, other, "--toys", -1)[2]


def test_faults_are_told(bsinv: Command, quick: Path, tmp_path: Path) -> None:
    assert bsinv("fit", quick, "--out", tmp_path)[0] == 0
    file = tmp_path / "run.h5"
    assert "two results files or more" in bsinv("compare", file)[2]
    assert "given twice" in bsinv("compare", file, file)[2]
    before = file.read_bytes()
    code, _, told = bsinv("compare", file, file, "--toys", 5)
    assert (code, file.read_bytes()) == (2, before)
    assert "given twice" in told
    (tmp_path / "copy.h5").write_bytes(before)
    both = ("compare", file, tmp_path / "copy.h5")
    code, _, told = bsinv(*both, "--up-to", 1e-5)
    assert (code, told) == (
        2,
        "bsinv: error: --up-to is the end of a rate: name it with --rate.\n",
    )
    # Also where no run has an evidence.
    code, _, told = bsinv(*both, "--rate", "BR(B+->Kxx)")
    assert code == 2
    assert "unknown observable 'BR(B+->Kxx)'" in told
    assert bsinv("compare", file, tmp_path / "none.h5")[0] == 2


def test_evidence_with_priors_in_a_rate(bsinv: Command, tmp_path: Path) -> None:
    """One coupling enters squared, the other is the rate: with the prior in it they agree."""
    pytest.importorskip("nautilus")
    text = """\
name: {name}
model: {model}
likelihoods:
- {{name: a, observable: BR(B+->Knunu), value: 3.0e-5, error: 5.0e-6}}
parameters: {{{mass}: {low}, {coupling}: {{prior: {{uniform: [0, {end}]}}}}}}
seed: 1
"""
    files = []
    for name, model, mass, low, coupling, end in (
        ("pair", "dm-scalar", "m_S", 0.5, "C_S", 40),
        ("one", "two-body-br", "m_X", 1.0, "BR_K", 400),
    ):
        file = tmp_path / f"{name}.yaml"
        file.write_text(
            text.format(name=name, model=model, mass=mass, low=low, coupling=coupling, end=end)
        )
        assert bsinv("evidence", file, "--seeds", 1, "--effective", 3000)[0] == 0
        files.append(tmp_path / f"{name}-evidence" / "run.h5")
    code, shown, _ = bsinv("compare", *files, "--rate", "BR(B+->Knunu)")
    assert code == 0
    assert "Evidence with a common prior" in shown
    found = json.loads(bsinv("compare", *files, "--rate", "BR(B+->Knunu)", "--json")[1])
    first, second = found["common"]
    assert found["rate"] == "BR(B+->Knunu) up to 0.0001"
    for key in ("factor", "halved", "doubled"):
        assert abs(second[key]) < 5.0 * second["factor_error"]
    # Nothing of the likelihood is beyond half of the range: each has twice the density.
    assert abs(first["log_evidence"] - second["log_evidence"]) < 5.0 * second["factor_error"]
    # Priors in different couplings give no ln B by themselves.
    assert found["runs"][1]["log_bayes_factor"] is None
    assert "up_to" in bsinv("compare", *files, "--rate", "BR(B+->Knunu)", "--up-to", 0)[2]
