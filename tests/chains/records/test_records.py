import numpy as np
import pytest
from bsinv.chains.records import (
    BestFit,
    Ensemble,
    ParameterRecord,
    PostFitSpectrum,
    Prediction,
    RunFile,
    Scan,
    ScanStatus,
)
from bsinv.errors import StoreError


def test_arrays_are_read_only_views():
    values = np.zeros((3, 2, 1))
    zero = np.zeros((3, 2))
    ensemble = Ensemble(("x",), values, zero, zero, zero, np.zeros(2))
    assert np.shares_memory(ensemble.chain, values)
    with pytest.raises(ValueError, match="read-only"):
        ensemble.chain[0] = 1.0
    values[0] = 1.0  # the owner may still write
    assert (ensemble.steps, ensemble.walkers) == (3, 2)


def test_best_fit_fills_what_was_not_given():
    fit = BestFit(("x",), [1.0], [[4.0]], [2.0], -1.0, -0.5, "ok", True, term_names=("a", "b"))
    assert fit.minos.shape == (1, 2)
    assert fit.term_pulls.shape == (2,)
    assert np.isnan(fit.term_pulls).all()
    assert fit.minos_status == ("",)
    assert fit.log_posterior == -1.5
    assert np.isnan(fit.minus_two_delta_log)


def test_minus_two_delta_log_is_positive_when_the_best_fit_wins(run):
    assert run.best_fit.minus_two_delta_log == pytest.approx(8.0)


def test_shapes_are_checked():
    with pytest.raises(StoreError, match=r"BestFit.errors has shape \(2,\), but \(1,\) is needed"):
        BestFit(("x",), [1.0], [[4.0]], [2.0, 1.0], 0.0, 0.0, "ok", True)
    with pytest.raises(StoreError, match=r"\(steps, walkers, parameters\)"):
        Ensemble(("x",), np.zeros((3, 1)), [0], [0], [0], [0])
    zero, one = np.zeros((3, 2)), np.ones(2)
    with pytest.raises(StoreError, match=r"Ensemble.chain has shape \(3, 2, 1\)"):
        Ensemble(("x", "y"), np.zeros((3, 2, 1)), zero, zero, zero, np.zeros(2))
    with pytest.raises(StoreError, match="5 points or 6 edges are needed"):
        Prediction("p", np.zeros((4, 5)), axis=np.zeros(4))
    with pytest.raises(StoreError, match="2 columns and an axis of shape None"):
        Prediction("p", np.zeros((4, 2)))
    with pytest.raises(StoreError, match="one or two of each"):
        Scan("s", ("a",), (np.arange(2), np.arange(2)), np.zeros((2, 2)))
    with pytest.raises(StoreError, match="background 'b' of channel 'c'"):
        PostFitSpectrum("c", ("",), [0, 1, 2], one, {"b": np.ones(3)}, one, one, one, one)


def test_role_is_checked():
    known = "known: model, auxiliary, input, form factor"
    with pytest.raises(StoreError, match=f"role 'nuisance'; {known}"):
        ParameterRecord("x", role="nuisance")


def test_scan_marks_what_was_not_done():
    scan = Scan("s", ("a",), (np.arange(3),), [0.0, np.nan, -1.0])
    assert scan.status.tolist() == [
        ScanStatus.CONVERGED,
        ScanStatus.NOT_DONE,
        ScanStatus.CONVERGED,
    ]
    assert scan.status.dtype.kind == "i"
    assert scan.log_penalised[2] == -1.0


def test_prediction_knows_edges_from_points():
    assert Prediction("p", np.zeros((4, 2)), axis=[0, 1, 2]).binned
    assert not Prediction("p", np.zeros((4, 2)), axis=[0, 1]).binned
    assert not Prediction("p", np.zeros((4, 1))).binned


def test_background_is_the_sum(spectrum):
    expected = np.sum(list(spectrum.backgrounds.values()), axis=0)
    np.testing.assert_allclose(spectrum.background, expected)


def test_ensembles_of_a_run_agree_on_parameters():
    zero = np.zeros((3, 2))
    first = Ensemble(("x",), np.zeros((3, 2, 1)), zero, zero, zero, np.zeros(2))
    second = Ensemble(("y",), np.zeros((3, 2, 1)), zero, zero, zero, np.zeros(2))
    with pytest.raises(StoreError, match="same parameters"):
        RunFile("n", "", 1, ensembles=(first, second))


def test_parameter_lookup(run):
    assert run.parameter("m_X").unit == "GeV"
    assert run.parameter("other").name == "other"
