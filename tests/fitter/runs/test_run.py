from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bsinv
import numpy as np
import pytest
from bsinv.chains.files.store import read
from bsinv.errors import StoreError
from bsinv.fitter.reports.predictions import post_fit_spectra
from bsinv.fitter.runs.job import Interrupted
from bsinv.fitter.runs.progress import Reporter
from bsinv.fitter.runs.run import fit_only, redraw, run, sample_only
from bsinv.fitter.runs.stages import verdict_of
from bsinv.models import Model, ModelParameter
from bsinv.physics.wilson import Wilson


@pytest.fixture
def quick() -> dict[str, Any]:
    return {
        "name": "quick",
        "model": "wet-lfu",
        "likelihoods": ["belle_2013_kpnunu_value"],
        "parameters": {"dC_L": {"prior": {"uniform": [-6.4, 20]}}},
        "fit": {"profiles": {"dC_L": 5}},
        "sampler": {"walkers": 8, "target_ess": 100, "target_rhat": 1.1, "max_steps": 400},
        "seed": 11,
    }


class Listener(Reporter):
    def __init__(self) -> None:
        self.steps: list[str] = []
        self.said: list[str] = []

    def step(self, stage: str, done: int, total: int | None = None, text: str = "") -> None:
        self.steps.append(stage)

    def say(self, sentence: str) -> None:
        self.said.append(sentence)


def test_run_is_silent_and_returns_what_it_stored(
    quick: dict[str, Any], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    outcome = run(quick, tmp_path / "out")
    assert capfd.readouterr() == ("", "")
    assert outcome.verdict is not None
    assert outcome.verdict.converged
    assert outcome.directory == tmp_path / "out"
    assert set(outcome.files) == {entry.name for entry in outcome.directory.iterdir()}
    assert set(outcome.seconds) == {"fit", "scans", "sampling", "predictions and pictures"}
    stored = read(tmp_path / "out" / "run.h5")
    np.testing.assert_array_equal(stored.ensembles[0].chain, outcome.results.ensembles[0].chain)
    assert stored.best_fit is not None
    assert stored.predictions[0].samples.shape[0] > 100
    assert stored.notes == outcome.results.notes
    assert "profile-dC_L.png" in outcome.files


def test_notes_say_what_was_assumed(quick: dict[str, Any], tmp_path: Path) -> None:
    quick["likelihoods"] = ["belle2-2023-bknunu", "belle_2013_kpnunu_value"]
    quick["form_factors"] = {"B->K": {"set": "BtoK_FLAG2021_HPQCD2022_BSZ", "treatment": "float"}}
    quick["fit"], quick["sampler"] = {"retries": 0}, {}
    notes = fit_only(quick, tmp_path).results.notes
    assert notes == (
        "No prediction depends on BtoK_a1_f0, BtoK_a2_f0, BtoK_a0_fT, BtoK_a1_fT, BtoK_a2_fT: "
        "they follow their prior.",
        "Parameters of the model 'wet-lfu' not listed: at their defaults.",
        "Reference point SM (refitted): the parameters of the model 'wet-lfu' at their defaults, "
        "inputs and form factors fitted again.",
        "belle2-2023-bknunu: its own form-factor modifiers (corr_ff_*) are left out, since the "
        "B->K form factors float in the prediction; nuisance parameters: profile.",
        "Compared as total branching fractions, with efficiencies that the experiments found for "
        "the Standard Model spectrum: belle_2013_kpnunu_value.",
    )


def test_each_stage_is_stored_when_it_is_there(quick: dict[str, Any], tmp_path: Path) -> None:
    listener = Listener()
    stored = []

    def stop() -> bool:
        if (tmp_path / "run.h5").exists():
            stored.append(read(tmp_path / "run.h5"))
        return bool(stored and stored[-1].scans)

    with pytest.raises(Interrupted, match=r"stopped; 50 steps are saved in .*run\.h5"):
        run(quick, tmp_path, reporter=listener, stop=stop)
    assert stored[0].best_fit is not None
    assert not stored[0].scans
    assert stored[-1].scans[0].parameters == ("dC_L",)
    assert listener.steps[0] == "fit"
    assert read(tmp_path / "run.h5").ensembles[0].steps == 50

    again = Listener()
    outcome = run(quick, tmp_path, reporter=again)
    assert again.said[0].endswith(": the best fit, 50 steps")
    assert "fit" not in again.steps
    assert "profile dC_L" not in again.steps
    assert outcome.verdict is not None


def test_an_interrupted_chain_is_the_chain_of_a_quiet_run(
    quick: dict[str, Any], tmp_path: Path
) -> None:
    quiet = sample_only(quick, tmp_path / "quiet").results
    rng = np.random.default_rng(2)

    def stop() -> bool:
        return _has_best_fit(tmp_path / "cut") and rng.random() < 0.3

    found, cuts = None, 0
    while found is None:
        try:
            found = sample_only(quick, tmp_path / "cut", stop=stop).results
        except Interrupted:
            cuts += 1
    assert cuts
    for one, other in zip(quiet.ensembles, found.ensembles, strict=True):
        np.testing.assert_array_equal(one.chain, other.chain)


def test_fit_keeps_the_chain_that_is_there(quick: dict[str, Any], tmp_path: Path) -> None:
    before = sample_only(quick, tmp_path, max_steps=50).results
    after = fit_only(bsinv.load(quick), tmp_path).results
    np.testing.assert_array_equal(after.ensembles[0].chain, before.ensembles[0].chain)
    assert after.scans


def test_redraw_makes_predictions_that_are_missing(quick: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        sample_only(quick, tmp_path, stop=lambda: _has_best_fit(tmp_path))
    assert not read(tmp_path / "run.h5").predictions
    _, files = redraw(tmp_path / "run.h5", tmp_path / "pictures")
    assert {"corner.png", "dbdq2.png", "spectrum.png", "summary.md"} <= set(files)
    assert not read(tmp_path / "run.h5").predictions


def _has_best_fit(directory: Path) -> bool:
    path = directory / "run.h5"
    return path.exists() and read(path).best_fit is not None


def test_an_analysis_that_is_no_longer_valid(quick: dict[str, Any], tmp_path: Path) -> None:
    from dataclasses import replace

    from bsinv.chains.files.store import write

    fit_only(quick, tmp_path)
    results = read(tmp_path / "run.h5")
    write(tmp_path / "run.h5", replace(results, analysis_text="name: quick\nmodel: none\n"))
    with pytest.raises(StoreError, match="the analysis stored in the results is not valid now: "):
        sample_only(tmp_path / "run.h5")


class Doubled(Model):
    """A model of a user's own."""

    name = "doubled"
    description = "twice a shift"
    parameters = (ModelParameter("x", "x", "1", 0.0, -10.0, 10.0, "half of dC_L"),)

    def wilson(self, values: Mapping[str, Any], inputs: Any) -> Wilson:
        return Wilson({"dC_L": 2.0 * values["x"][:, None, None] * np.eye(3)}, size=len(values["x"]))


def test_results_of_a_model_of_ones_own_are_shown_and_drawn(
    quick: dict[str, Any], tmp_path: Path
) -> None:
    free = {"x": {"prior": {"uniform": [-3, 10]}}}
    own = {**quick, "model": "doubled", "parameters": free, "fit": {"profiles": {"x": 5}}}
    own["sampler"]["target_ess"] = 77
    outcome = run(bsinv.load(own, model=Doubled()), tmp_path)
    stored = read(tmp_path / "run.h5")
    again = verdict_of(stored)
    assert again is not None
    assert outcome.verdict is not None
    assert again.text == outcome.verdict.text
    assert "target 77" in again.text
    _, files = redraw(tmp_path / "run.h5", tmp_path / "pictures")
    assert "profile-x.png" in files
    with pytest.raises(StoreError, match="Given in Python: model doubled"):
        sample_only(tmp_path / "run.h5")


def test_a_profile_and_a_grid_of_one_parameter_are_two_pictures(
    quick: dict[str, Any], tmp_path: Path
) -> None:
    quick["fit"]["grids"] = [{"axes": {"dC_L": [-5, 5, 7]}}, {"axes": {"dC_L": [0, 5, 5]}}]
    files = fit_only(quick, tmp_path).files
    pictures = {name for name in files if name.startswith("profile")}
    assert pictures == {"profile-dC_L.png", "profile-dC_L-2.png", "profile-dC_L-3.png"}


def test_without_a_reference_the_line_is_the_signal_of_the_simulation(
    quick: dict[str, Any],
) -> None:
    quick |= {"model": "wet", "likelihoods": ["belle2-2023-bknunu"]}
    quick["parameters"] = {"dC_L": {"prior": {"uniform": [-20, 20]}}, "dC_L_ee": 5.0}
    analysis = bsinv.load(quick)
    best = analysis.fit(retries=0)
    assert best.reference_label == ""
    inclusive, _ = post_fit_spectra(analysis.problem, best)
    assert inclusive.signal_reference.sum() < 0.3 * inclusive.signal_best.sum()
    assert inclusive.reference_label == "SM"
