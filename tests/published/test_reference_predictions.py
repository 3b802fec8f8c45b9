"""Predictions under version control: a change in them needs a line in the changelog."""

import importlib.util
import json
from pathlib import Path

import bsinv
import numpy as np
import pytest
from bsinv.data import constants as data_constants
from bsinv.fitter.predict import predict_with_error
from bsinv.fitter.varied import stream

ROOT = Path(__file__).parents[2]
REFERENCE = json.loads((Path(__file__).parent / "reference_predictions.json").read_text())


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location(
        "reference_predictions", ROOT / "tools" / "reference_predictions.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_prediction_and_error_is_the_recorded_one(tool):
    """To 1e-12: the draws are the same, bit for bit."""
    assert tool.differences(tool.predictions()) == []


def test_a_change_is_found(tool):
    changed = {name: dict(entry) for name, entry in REFERENCE.items()}
    changed["BR(B+->Knunu)"]["error"] *= 1.0 + 1e-11
    (line,) = tool.differences(changed)
    assert line.startswith("BR(B+->Knunu): error is 3.")
    del changed["DeltaM_s"]
    assert "DeltaM_s: in one of the two only" in tool.differences(changed)


@pytest.mark.parametrize("name", ["BR(B+->Knunu)", "BR(B0->K*nunu)", "BR(K+->pi+inv)"])
def test_error_with_other_draws(name):
    # 4000 draws: the error of a standard deviation is 1.1 %.
    _, error = predict_with_error(name, seed=7)
    assert error == pytest.approx(REFERENCE[name]["error"], rel=0.05)


def test_an_unrelated_constant_changes_nothing(monkeypatch):
    """Each constant has its own stream: others may come and go."""
    names = ("BR(B+->Knunu)", "BR(B0->K*nunu)", "DeltaM_s", "BR(KL->pi0inv)")
    before = [predict_with_error(name, samples=500) for name in names]
    fewer = dict(reversed(list(data_constants.constants().items())))
    for name in ("Vub", "a_mu_SM", "n_s", "tau_tau", "f_D"):
        del fewer[name]
    monkeypatch.setattr(data_constants, "constants", lambda: fewer)
    assert [predict_with_error(name, samples=500) for name in names] == before


def test_a_constant_that_is_given_leaves_the_draws_of_the_others():
    """Its own part is gone, that of the others is the same: the errors differ by one term."""
    _, all_of_them = predict_with_error("BR(Bs->mumu)", samples=200)
    _, without = predict_with_error("BR(Bs->mumu)", samples=200, m_u_2GeV=0.00216)
    assert without == all_of_them
    _, fixed = predict_with_error("BR(Bs->mumu)", samples=200, VtbVts=0.041)
    _, same = predict_with_error("BR(Bs->mumu)", samples=200, V_cb=0.041 / 0.982)
    assert fixed == pytest.approx(same, rel=1e-12)
    assert fixed < 0.5 * all_of_them


def test_streams_are_independent():
    """Correlations of 60 constants over 4000 draws are those of independent numbers."""
    drawn = np.array([stream(1, name).standard_normal(4000) for name in sorted(REFERENCE)[:60]])
    matrix = np.corrcoef(drawn)
    others = matrix[np.triu_indices(len(drawn), 1)]
    assert np.abs(others).max() < 5.0 / np.sqrt(4000)
    assert others.std() == pytest.approx(1.0 / np.sqrt(4000), rel=0.1)
    assert not np.array_equal(stream(1, "X_t").random(3), stream(2, "X_t").random(3))


def test_the_values_are_those_of_predict():
    for name, entry in REFERENCE.items():
        assert bsinv.predict(name) == pytest.approx(entry["central"], rel=1e-12)
