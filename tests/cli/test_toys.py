from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from bsinv.chains.files.store import read
from bsinv.fitter.drivers.data_sets import toys as driver
from bsinv.fitter.reports.studies import toys as reports
from bsinv.fitter.runs.job import Interrupted
from bsinv.fitter.runs.studies.toys import toys_only

Command = Callable[..., tuple[int, str, str]]


def test_toys_are_stored_shown_and_continued(bsinv: Command, quick: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, text, told = bsinv("toys", quick, "--at", "dC_L=2", "--number", 60, "--out", out)
    assert code == 0
    saved = f"saved {out / 'run.h5'}"
    lines = list(dict.fromkeys(told.splitlines()))
    assert lines[:3] == ["fit", saved, "toys"]
    assert re.fullmatch(r"executor: serial \(about \d s on one core\)", lines[3])
    assert len(lines) == 4
    assert not (out / "run.chunks").exists()
    assert told.splitlines()[-1] == saved
    for title in ("Tests", "Goodness of fit", "Coverage", "Best fits"):
        assert f"{title}: 60 toys at dC_L = 2" in text
    assert f"{out / 'run.h5'}: 60 toys at dC_L = 2" in text
    assert "Without goodness of fit, left out: babar_2013_k0nunu_combined." in text
    first = read(out / "run.h5").toys[0]
    assert (first.done, first.seed, first.tested) == (60, "7", ("dC_L",))

    assert bsinv("toys", out / "run.h5", "--at", "sm", "--number", 5)[0] == 0
    assert bsinv("toys", out / "run.h5", "--at", "dC_L=2", "--number", 80)[0] == 0
    both = read(out / "run.h5").toys
    assert [(one.label, one.done) for one in both] == [("SM", 5), ("dC_L = 2", 80)]
    np.testing.assert_allclose(both[1].statistic[:60], first.statistic, atol=1e-6)

    code, text, _ = bsinv("show", out / "run.h5")
    assert code == 0
    assert "Tests: 80 toys at dC_L = 2" in text
    assert "Tests: 5 toys at SM" in text
    code, text, _ = bsinv("show", out / "run.h5", "--json")
    record = json.loads(text)["toys"][1]
    assert (record["name"], record["done"], record["failed"]) == ("dC_L = 2", 80, 0)
    assert 0.0 <= record["likelihood_ratio"]["toys"]["value"] <= 1.0
    assert "Coverage: 80 toys" in bsinv("show", out / "run.h5", "--latex")[1]
    assert bsinv("plot", out / "run.h5")[0] == 0
    assert "## Tests: 80 toys at dC_L = 2" in (out / "summary.md").read_text()


def test_json_of_toys_at_the_best_fit(bsinv: Command, quick: Path) -> None:
    code, text, _ = bsinv("toys", quick, "--number", 20, "--nuisances", "prior", "--json")
    record = json.loads(text)
    assert code == 0
    assert (record["name"], record["nuisances"]) == ("best fit", "prior")
    # The best fit is at the end of the range of its one parameter, which does not count then.
    assert (record["goodness"][0]["data"], record["goodness"][0]["degrees"]) == (1, 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--at", "dC_L=30"], "toys at dC_L = 30: outside of its range [-6.4, 20]"),
        (["--at", "dC_R=1"], "'dC_R'"),
        (["--at", "worst"], "at = 'worst' is not allowed: values of free parameters by name"),
        (["--at", "best", "--at", "dC_L=1"], "--at 'best': name=value is needed"),
        (["--at", "dC_L=x"], "--at dC_L: 'x' is not a number"),
        (["--nuisances", "fixed"], "nuisances = 'fixed' is not allowed"),
        (["--number", "0"], "--number"),
    ],
)
def test_wrong_options(bsinv: Command, quick: Path, arguments: list[str], message: str) -> None:
    code, _, told = bsinv("toys", quick, *arguments)
    assert code == 2
    assert message in told
    assert not (quick.parent / "quick").exists()


def test_an_interrupted_run_goes_on(quick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "CHUNK_SIZE", 10)
    out = quick.parent / "out"
    whole = toys_only(quick, {"dC_L": 2.0}, 40, out=quick.parent / "whole").study
    number = 0

    def after_two() -> bool:
        return number >= 2

    def counted(*given: object) -> object:
        nonlocal number
        number += 1
        return chunk(*given)  # type: ignore[arg-type]

    chunk = driver.toy_chunk
    monkeypatch.setattr(driver, "toy_chunk", counted)
    with pytest.raises(Interrupted, match="stopped; 20 toys are saved in"):
        toys_only(quick, {"dC_L": 2.0}, 40, out=out, stop=after_two)
    assert read(out / "run.h5").toys[0].done == 20
    rest = toys_only(quick, {"dC_L": 2.0}, 40, out=out)
    assert (rest.study.done, number) == (40, 4)
    np.testing.assert_allclose(rest.study.statistic, whole.statistic, atol=1e-6)


def test_data_of_the_posterior(bsinv, quick, tmp_path):
    file = tmp_path / "quick" / "run.h5"
    assert bsinv("run", quick)[0] == 0
    code, shown, _ = bsinv("toys", file, "--at", "posterior", "--number", 400)
    assert code == 0
    assert "all data" in shown
    assert "p above" in shown
    found = json.loads(bsinv("show", file, "--json")[1])["predictive"][0]
    assert (found["number"], found["names"]) == (400, ["belle_2013_kpnunu_value"])
    again = bsinv("toys", file, "--at", "posterior", "--number", 400, "--json")
    assert json.loads(again[1]) == found
    assert "data sets of the posterior" in bsinv("show", file)[1]


def test_data_of_the_posterior_need_samples(bsinv, quick, tmp_path):
    code, _, told = bsinv("toys", quick, "--at", "posterior")
    assert (code, told) == (
        2,
        f"bsinv: error: --at posterior: {quick} must be a results file (*.h5) with samples, which "
        "is continued in place, without --out and --fresh.\n",
    )
    assert bsinv("fit", quick)[0] == 0
    file = tmp_path / "quick" / "run.h5"
    code, _, told = bsinv("toys", file, "--at", "posterior")
    assert code == 2
    assert "no samples of the posterior, from which data are drawn" in told
