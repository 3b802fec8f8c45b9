"""Samples with weights: what the record holds, and what it refuses."""

import dataclasses

import numpy as np
import pytest
from bsinv.chains.records import Prediction, RunFile, WeightedSamples
from bsinv.chains.records.arrays import kish
from bsinv.errors import StoreError


def weighted(log_weights, points=None, **given):
    count = len(log_weights)
    points = np.arange(count, dtype=float)[:, None] if points is None else points
    return WeightedSamples(("x",), points, log_weights, np.zeros(count), **given)


def test_weights_are_normalised_whatever_their_constant():
    found = weighted([-1e5, -1e5 + np.log(3.0), -np.inf])
    np.testing.assert_allclose(found.weights, [0.25, 0.75, 0.0], rtol=1e-9)
    assert found.effective_samples == pytest.approx(1.6, rel=1e-9)
    assert found.size == 3
    assert np.isnan(found.log_prior).all()


def test_effective_number():
    assert kish(np.full(7, 1e-300)) == pytest.approx(7.0)
    assert kish(np.array([1.0, 1e-200, 0.0])) == 1.0
    assert kish(np.array([])) == kish(np.zeros(3)) == 0.0
    assert weighted(np.zeros(4), effective_samples=2.5).effective_samples == 2.5
    with pytest.raises(StoreError, match="is 5, but the weights are those of 4 samples at most"):
        weighted(np.zeros(4), effective_samples=5.0)


def test_no_points():
    found = WeightedSamples(("x", "y"), np.empty((0, 2)), [], [])
    assert (found.size, found.effective_samples, len(found.weights)) == (0, 0.0, 0)


def test_what_is_wrong_is_named():
    with pytest.raises(StoreError, match=r"log_weights\[1\] is nan: a finite number or minus"):
        weighted([0.0, np.nan])
    with pytest.raises(StoreError, match=r"log_weights\[0\] is inf"):
        weighted([np.inf, 0.0])
    with pytest.raises(StoreError, match="all weights are zero"):
        weighted([-np.inf, -np.inf])
    with pytest.raises(StoreError, match="point 1 has a weight, but x = nan"):
        weighted([0.0, 0.0], np.array([[0.0], [np.nan]]))
    assert weighted([0.0, -np.inf], np.array([[0.0], [np.nan]])).size == 2
    with pytest.raises(StoreError, match=r"log_weights has shape \(3,\), but \(2,\) is needed"):
        WeightedSamples(("x",), np.zeros((2, 1)), np.zeros(3), np.zeros(2))
    with pytest.raises(StoreError, match=r"points has shape \(2, 1\), but \(2, 2\) is needed"):
        WeightedSamples(("x", "y"), np.zeros((2, 1)), np.zeros(2), np.zeros(2))


def test_all_samples_of_a_run_have_the_same_parameters(nested, run):
    other = dataclasses.replace(nested.weighted[0], names=("a", "b", "c"))
    with pytest.raises(StoreError, match="parameters of all other samples of the run"):
        dataclasses.replace(run, weighted=(other,))
    with pytest.raises(StoreError, match="parameters of all other samples of the run"):
        RunFile("x", "", 1, weighted=(*nested.weighted, other))


def test_weights_of_predictions():
    assert Prediction("p", np.zeros((3, 1))).weights is None
    for weights in ([1.0, -1.0, 1.0], [1.0, np.nan, 1.0], np.zeros(3)):
        with pytest.raises(StoreError, match="finite, not negative and not all zero"):
            Prediction("p", np.zeros((3, 1)), weights=weights)
    with pytest.raises(StoreError, match=r"weights has shape \(2,\)"):
        Prediction("p", np.zeros((3, 1)), weights=[1.0, 1.0])
