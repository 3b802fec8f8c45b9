"""Observables whose kinematics stand in their names."""

import pickle

import numpy as np
import pytest
from bsinv.errors import PredictionError, UnknownNameError
from bsinv.fitter.predict import predict
from bsinv.physics.fixed_kinematics import spell_name, split_name
from bsinv.physics.inputs import Inputs
from bsinv.physics.observable import Observable
from bsinv.physics.observables import known_observable, observable, observables
from bsinv.physics.wilson import Wilson
from bsinv.physics.workspace import Workspace, parameter_of, predicted

SPELT = "BR(B+->Knunu)[q2min=1, q2max=6]"
INPUTS = Inputs.default()


@pytest.mark.parametrize(
    "name", [SPELT, "BR(B+->K+nunu)[ q2max=6.0,q2min = 1 ]", " BR(B+->Knunu) [q2min=1e0, q2max=6]"]
)
def test_one_spelling(name):
    record = observable(name)
    assert record.name == SPELT
    assert (record.kinematics, record.optional, record.unit) == ((), (), "1")
    assert observable(record.name).name == record.name


def test_prediction_is_that_with_keywords():
    wilson = Wilson({}, size=3)
    bare = observable("BR(B+->Knunu)")
    expected = bare(wilson, INPUTS, q2min=1.0, q2max=6.0)
    np.testing.assert_array_equal(observable(SPELT)(wilson, INPUTS), expected)
    np.testing.assert_array_equal(predicted(SPELT, Workspace(wilson, INPUTS), INPUTS), expected)
    assert predict(SPELT) == expected[0]
    assert predict(SPELT) != predict("BR(B+->Knunu)")
    switched = observable("BR(B+->Knunu)[long_distance=true]")(wilson, INPUTS)
    np.testing.assert_array_equal(switched, bare(wilson, INPUTS, long_distance=True))


def test_a_point_of_a_spectrum_is_one_number():
    record = observable("dBR/dq2(B+->Knunu)[q2=4]")
    found = record(Wilson({}, size=3), INPUTS)
    assert found.shape == (3,)
    assert found[0] == observable("dBR/dq2(B+->Knunu)")(Wilson({}), INPUTS, q2=[4.0])[0]


def test_every_observable_with_kinematics_takes_them_in_its_name():
    for name, record in observables().items():
        if "q2min" in record.optional:
            assert observable(f"{name}[q2max=0.1]").name == f"{name}[q2max=0.1]"


def test_names_with_brackets_of_their_own_stay():
    assert split_name("R_K[1.1,6.0]") is None
    assert observable("R_K[1.1,6.0]").name == "R_K[1.1,6.0]"
    assert spell_name("x", {}) == "x"
    assert split_name(spell_name("x", {"q2min": 0.1, "on": False})) == (
        "x",
        {"q2min": 0.1, "on": False},
    )


def test_records_go_to_other_processes():
    record = pickle.loads(pickle.dumps(observable(SPELT)))
    assert record(Wilson({}), INPUTS) == observable(SPELT)(Wilson({}), INPUTS)


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("BR(B+->Knun)[q2min=1]", UnknownNameError, r"'BR\(B\+->Knun\)': did you mean 'BR\(B\+->K"),
        ("BR(B+->Knunu)[1,6]", UnknownNameError, r"unknown observable 'BR\(B\+->Knunu\)\[1,6\]'"),
        ("BR(B+->Knunu)[q2mn=1]", UnknownNameError, "kinematic variable 'q2mn'.*mean 'q2min'"),
        ("R_K[1.1,6.0][q2min=1]", UnknownNameError, "unknown kinematic variable 'q2min'"),
        ("BR(B+->Knunu)[q2min=6, q2max=1]", PredictionError, "q2max = 1 .* above q2min = 6"),
        ("BR(B+->Knunu)[q2min=30]", PredictionError, "from 30 GeV.2 holds nothing of the physical"),
        ("BR(B+->Knunu)[q2min=a]", PredictionError, "q2min = 'a' is not allowed: it must be a num"),
        ("BR(B+->Knunu)[q2max=inf]", PredictionError, "q2max = inf is not allowed"),
        ("BR(B+->Knunu)[q2min=true]", PredictionError, "q2min = True is not allowed"),
        ("BR(B+->Knunu)[long_distance=1]", PredictionError, "must be true or false"),
        ("BR(B+->Knunu)[q2min=1, q2min=2]", PredictionError, "q2min is given twice"),
        ("BR(B+->Knunu)[q2min=1,]", PredictionError, "'' is not allowed in the brackets"),
        ("dBR/dq2(B+->Knunu)[q2=nan]", PredictionError, "q2 = nan is not allowed"),
    ],
)
def test_refused(name, error, message):
    with pytest.raises(error, match=message):
        observable(name)


def test_known_or_not():
    assert known_observable(SPELT).name == SPELT
    assert known_observable("BR(B+->K+nunu)").name == "BR(B+->Knunu)"
    assert known_observable("BR(B+->Knun)[q2min=1]") is None
    with pytest.raises(UnknownNameError, match="kinematic variable"):
        known_observable("BR(B+->Knunu)[q=1]")


def own(function):
    return Observable("mine", "x", "1", function, (), (), "mine", ())


def test_a_record_of_ones_own_is_predicted_once_a_batch():
    asked = []

    def function(wilson, inputs):
        asked.append(1)
        return np.full(wilson.size, 2.0)

    record, workspace = own(function), Workspace(Wilson({}, size=3), INPUTS)
    first = predicted(record, workspace, INPUTS)
    assert predicted(record, workspace, INPUTS) is first
    assert len(asked) == 1
    assert first.tolist() == [2.0] * 3
    other = own(lambda wilson, inputs: np.ones(1))
    assert predicted(other, workspace, INPUTS).tolist() == [1.0]


@pytest.mark.parametrize("value", [1j * np.ones(2), np.ones((2, 2)), "a"])
def test_what_a_function_of_ones_own_may_return(value):
    for wilson in (Wilson({}, size=2), Workspace(Wilson({}, size=2), INPUTS)):
        with pytest.raises(PredictionError, match="mine: its function must return real numbers"):
            predicted(own(lambda wilson, inputs: value), wilson, INPUTS)


def test_parameters_of_a_workspace():
    name = "C_SLL_bs"
    wilson = Wilson({name: np.array([1.0 + 0j, 2.0])})
    workspace = Workspace(wilson, INPUTS, {"m_X": np.array([0.5])})
    assert parameter_of("m_X", workspace, "t").tolist() == [0.5]
    assert parameter_of(name, wilson, "t").tolist() == [1.0, 2.0]
    with pytest.raises(PredictionError, match="t: no parameter of the model is called 'm_Y': did"):
        parameter_of("m_Y", workspace, "t")
    with pytest.raises(PredictionError, match=f"t: {name} is no real number"):
        parameter_of(name, Wilson({name: np.array([1j])}), "t")
