"""Predictions under version control: a change in them needs a line in the changelog."""

import json
from pathlib import Path

import bsinv
import pytest
from bsinv.fitter.face import predict_with_error

REFERENCE = json.loads((Path(__file__).parent / "reference_predictions.json").read_text())


@pytest.mark.parametrize("name", sorted(REFERENCE))
def test_prediction_is_the_recorded_one(name):
    assert bsinv.predict(name) == pytest.approx(REFERENCE[name]["central"], rel=1e-9)
    _, error = predict_with_error(name)
    # 4000 draws: the error of a standard deviation is 1.1 %.
    assert error == pytest.approx(REFERENCE[name]["error"], rel=0.05)
