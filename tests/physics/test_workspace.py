"""Observables of a batch, each predicted once."""

from __future__ import annotations

import dataclasses
import importlib

import numpy as np
import pytest
from bsinv.errors import UnknownNameError
from bsinv.likelihoods.base import predict_observables
from bsinv.likelihoods.catalogue import term
from bsinv.physics.inputs import Inputs
from bsinv.physics.wilson import Wilson
from bsinv.physics.workspace import Workspace, predicted

# Its name is that of a function of the package, too.
registry = importlib.import_module("bsinv.physics.observables")

INPUTS = Inputs.default()
WILSON = Wilson({"dC_L": np.array([0.0, 1.0, 2.0])[:, None, None] * np.eye(3)})
NAME = "BR(B+->Knunu)"


@pytest.fixture
def calls(monkeypatch):
    """How often the function of the observable is called."""
    record = registry.observable(NAME)
    counted = []

    def function(wilson, inputs):
        counted.append(inputs)
        return record.function(wilson, inputs)

    changed = {**registry.observables(), NAME: dataclasses.replace(record, function=function)}
    monkeypatch.setattr(registry, "_OBSERVABLES", changed)
    return counted


def test_is_the_coefficients_and_the_inputs():
    workspace = Workspace(WILSON, INPUTS)
    assert isinstance(workspace, Wilson)
    assert dict(workspace) == dict(WILSON)
    assert workspace.size == 3
    assert workspace.inputs is INPUTS


def test_an_observable_is_predicted_once(calls):
    workspace = Workspace(WILSON, INPUTS)
    first = workspace.observable(NAME)
    assert workspace.observable("BR(B+->K+nunu)") is first  # an alias
    assert predict_observables((NAME, NAME), workspace, INPUTS).shape == (3, 2)
    assert len(calls) == 1
    np.testing.assert_array_equal(first, registry.observable(NAME).function(WILSON, INPUTS))
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 1.0
    with pytest.raises(UnknownNameError, match="unknown observable"):
        workspace.observable("BR(B+->nothing)")


def test_coefficients_themselves_remember_nothing(calls):
    for _ in range(2):
        predicted(NAME, WILSON, INPUTS)
    assert len(calls) == 2


def test_other_inputs_are_not_those_of_the_workspace(calls):
    workspace = Workspace(WILSON, INPUTS)
    other = INPUTS.replace(constants={"VtbVts": 0.05})
    standard, moved = (predicted(NAME, workspace, inputs) for inputs in (INPUTS, other))
    assert (moved > 1.3 * standard).all()
    assert calls == [INPUTS, other]


def test_terms_take_it_in_place_of_coefficients():
    for name in ("belle2_2023_kpnunu", "belle2-2023-bknunu"):
        entry = term(name)
        expected = entry.predict(WILSON, INPUTS)
        np.testing.assert_array_equal(entry.predict(Workspace(WILSON, INPUTS), INPUTS), expected)
