"""Mistakes that show when an analysis is put together say where in its file they are."""

from __future__ import annotations

from pathlib import Path

import bsinv
import pytest
from bsinv.errors import AnalysisError, FitError, MissingExtraError
from bsinv.fitter.runs.run import run

HEAD = "name: a\nmodel: wet-lfu\nlikelihoods: [belle_2013_kpnunu_value]\n"
FREE = "{prior: {uniform: [-20, 20]}}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f"auxiliary: {{x: {FREE}}}\nparameters:\n  dC_L: {{expression: 200 + x}}\n",
            "6: parameters.dC_L: dC_L = 200 + x starts at 200: outside its range [-100, 100].",
        ),
        (
            f"auxiliary: {{x: {FREE}, y: {{expression: 1 / x}}}}\nparameters: {{dC_L: y}}\n",
            "5: parameters.dC_L: dC_L, tied to y, is not a finite number at the start",
        ),
        (
            f"auxiliary: {{x: {FREE}}}\n"
            "parameters:\n  dC_L: {polar: {modulus: 7, phase: 1 / x}}\n",
            "6: parameters.dC_L: dC_L = (7) * cos(1 / x) is not a finite number at the start",
        ),
        (
            f"parameters: {{dC_L: {FREE}}}\ninputs:\n  X_t: 1.5\n  m_b: -4\n",
            "7: inputs.m_b: m_b = -4 GeV is not allowed: it must be between 0.42 and 42",
        ),
    ],
)
def test_a_mistake_found_late_has_a_place(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(HEAD + text)
    with pytest.raises(AnalysisError) as caught:
        bsinv.load(file)
    assert str(caught.value).startswith(f"{file}:{message}")


def test_the_place_of_a_likelihood_that_needs_flavio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bsinv.likelihoods.flavio.term.find_spec", lambda name: None)
    file = tmp_path / "a.yaml"
    limit = "{observable: BR(Bs->mumu), limit: 1.0e-8, cl: 0.9}"
    head = HEAD.replace("[belle_2013_kpnunu_value]", "")
    file.write_text(f"{head}  - name: mine\n    flavio: {limit}\nparameters: {{dC_L: {FREE}}}\n")
    with pytest.raises(MissingExtraError) as caught:
        bsinv.load(file)
    assert str(caught.value) == (
        f"{file}:5: likelihoods[0].flavio: the likelihood 'mine' needs flavio: "
        "pip install 'bsinv[flavio]'."
    )


def test_nothing_free_can_be_checked_and_not_fitted(tmp_path: Path) -> None:
    analysis = bsinv.load(HEAD + "parameters: {dC_L: 3.0}\n")
    assert analysis.check().dead == ()
    for job in (analysis.fit, analysis.sample, lambda: run(analysis, tmp_path / "out")):
        with pytest.raises(FitError, match="a: no parameter is free: give one a prior"):
            job()
    assert not (tmp_path / "out").exists()
