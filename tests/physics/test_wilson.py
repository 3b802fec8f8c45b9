import pickle

import numpy as np
import pytest
from bsinv.errors import PredictionError, UnknownNameError
from bsinv.physics.wilson import WILSON_NAMES, Wilson


def test_is_a_read_only_mapping():
    wilson = Wilson({"dC_L": np.eye(3), "dC_R": np.zeros((4, 3, 3))})
    assert list(wilson) == ["dC_L", "dC_R"]
    assert len(wilson) == 2
    assert "C_SL" not in wilson
    assert wilson.get("C_SL") is None
    assert wilson.get("C_SL", "nothing") == "nothing"
    assert wilson.get("dC_R", "nothing") is wilson["dC_R"]
    assert wilson.size == 4
    assert wilson["dC_L"].shape == (1, 3, 3)
    assert wilson["dC_L"].dtype == complex
    assert repr(wilson) == "Wilson(dC_L(1, 3, 3), dC_R(4, 3, 3))"
    with pytest.raises(ValueError, match="read-only"):
        wilson["dC_L"][0, 0, 0] = 1.0


def test_does_not_lock_the_array_given():
    array = np.zeros((2, 3, 3), dtype=complex)
    Wilson({"dC_L": array})
    array[0, 0, 0] = 1.0


def test_empty_and_sized():
    assert Wilson().size == 1
    assert Wilson(size=7).size == 7
    assert Wilson({"signal_strength": 2.0})["signal_strength"].shape == (1,)


def test_survives_pickling():
    wilson = pickle.loads(pickle.dumps(Wilson({"dC_L": np.ones((2, 3, 3))})))
    assert wilson.size == 2
    np.testing.assert_array_equal(wilson["dC_L"], 1.0)


def test_every_name_is_described():
    for name, entry in WILSON_NAMES.items():
        assert entry.description, name
        assert entry.latex, name


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({"dCL": np.eye(3)}, UnknownNameError, "unknown Wilson coefficient 'dCL': did you mean"),
        ({"dC_L": 1.0}, PredictionError, r"dC_L has shape \(\): give a matrix"),
        ({"dC_L": np.zeros((2, 3))}, PredictionError, r"dC_L has shape \(2, 3\)"),
        ({"signal_strength": 1j}, PredictionError, "signal_strength is real"),
        ({"signal_strength": np.ones((2, 2))}, PredictionError, r"shape \(2, 2\)"),
        (
            {"dC_L": np.zeros((2, 3, 3)), "dC_R": np.zeros((3, 3, 3))},
            PredictionError,
            r"batch sizes differ \(dC_L: 2, dC_R: 3\)",
        ),
    ],
)
def test_mistakes(values, error, message):
    with pytest.raises(error, match=message):
        Wilson(values)
