"""Likelihoods that an analysis states itself, on observables of flavio."""

import numpy as np
import pytest
from bsinv.errors import AnalysisError, MissingExtraError
from bsinv.fitter.analysis import Analysis
from bsinv.likelihoods.flavio import term as flavio_term

TEXT = """\
name: own
model: wet
likelihoods:
  - belle_2017_kst0nunu
  - name: mine
    flavio: {FLAVIO}
parameters:
  dC_L: {prior: {uniform: [-20, 20]}}
  dC_R: {prior: {uniform: [-20, 20]}}
"""


def load(section):
    return Analysis(TEXT.replace("{FLAVIO}", section))


def test_missing_package_is_said_before_anything_else(monkeypatch):
    monkeypatch.setattr(flavio_term, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"'mine' needs flavio: pip install 'bsinv\[flav"):
        load("{observable: BR(B0->Knunu), limit: 2.6e-5, cl: 0.9}")


def test_value_and_limit():
    pytest.importorskip("flavio")
    value = load("{observable: BR(B0->Knunu), value: 1.0e-5, error: {plus: 3.0e-6, minus: 2.0e-6}}")
    limit = load("{observable: BR(B0->Knunu), limit: 2.6e-5, cl: 0.9}")
    assert [term.name for term in value.terms] == ["belle_2017_kst0nunu", "mine"]
    theta = value.point({"dC_L": -5.0})
    prediction = value.problem.predictions(theta)["mine"]
    assert np.array_equal(prediction, limit.problem.predictions(theta)["mine"])
    log = value.problem.term_log_likelihoods(theta)["mine"]
    error = 3e-6 if prediction[0] > 1e-5 else 2e-6
    assert log == pytest.approx(
        -0.5 * ((prediction - 1e-5) / error) ** 2 - np.log(np.sqrt(2 * np.pi) * 2.5e-6)
    )
    assert limit.problem.term_log_likelihoods(theta)["mine"] < 0


def test_the_same_data_may_not_enter_twice():
    pytest.importorskip("flavio")
    with pytest.raises(AnalysisError, match=r"use the same data, .*: leave one of them out"):
        load("{observable: BR(B0->K*nunu), limit: 1.8e-5, cl: 0.9, data: [belle_2017_kst0nunu]}")


@pytest.mark.parametrize(
    ("section", "message"),
    [
        (
            "{observable: BR(B0->Knunuu), limit: 2.6e-5, cl: 0.9}",
            "unknown observable of flavio 'BR(B0->Knunuu)': did you mean",
        ),
        (
            "{observable: dBR/dq2(B0->Knunu), limit: 2.6e-5, cl: 0.9}",
            "flavio's dBR/dq2(B0->Knunu) needs a value of q2.",
        ),
    ],
)
def test_what_flavio_does_not_know_is_told_with_its_line(section, message):
    pytest.importorskip("flavio")
    with pytest.raises(AnalysisError) as caught:
        load(section)
    assert str(caught.value).startswith(f"6: likelihoods[1].flavio: {message}")
