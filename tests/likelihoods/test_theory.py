"""Theory errors: the same as draws of the constants give, off where a constant floats."""

import dataclasses
import importlib

import numpy as np
import pytest
from bsinv.data.constants import constant
from bsinv.errors import DataError
from bsinv.likelihoods import catalogue, theory
from bsinv.likelihoods.options import TermOptions
from bsinv.physics.inputs import Inputs
from bsinv.physics.observable import Observable
from bsinv.physics.wilson import Wilson

# The package has a function of the same name.
registry = importlib.import_module("bsinv.physics.observables")
NAMES = ("one", "two", "plain")


@pytest.fixture(autouse=True)
def toys(monkeypatch):
    """Two observables that share a constant, one without a theory error."""

    def one(wilson, inputs):
        return inputs.constant("f_Bs") ** 2 * inputs.constant("X_t")

    def two(wilson, inputs):
        return 3.0 * inputs.constant("f_Bs")

    def plain(wilson, inputs):
        return np.ones(1)

    made = {
        name: Observable(name, name, "1", function, (), (), name, (), named)
        for name, function, named in (
            ("one", one, ("f_Bs", "X_t", "G_F")),
            ("two", two, ("f_Bs",)),
            ("plain", plain, ()),
        )
    }
    monkeypatch.setattr(registry, "_OBSERVABLES", {**registry.observables(), **made})
    theory._shifts.cache_clear()
    yield made
    theory._shifts.cache_clear()


def relative(name):
    record = constant(name)
    return record.error / record.value


def test_constants_are_named_once_and_have_errors():
    constants = theory.theory_constants(NAMES)
    assert constants[:2] == ("f_Bs", "X_t")
    assert all(constant(name).error > 0 for name in constants)
    assert len(set(constants)) == len(constants)
    assert "X_t" not in theory.theory_constants(NAMES, ("X_t",))
    assert theory.theory_constants(("plain",)) == ()


def test_covariance_against_derivatives():
    f, x = constant("f_Bs"), constant("X_t")
    first, second = f.value**2 * x.value, 3.0 * f.value
    found = theory.theory_covariance(NAMES, ("G_F",))
    expected = [
        first**2 * (4 * relative("f_Bs") ** 2 + relative("X_t") ** 2),
        second**2 * relative("f_Bs") ** 2,
        first * second * 2 * relative("f_Bs") ** 2,
    ]
    assert found[0, 0] == pytest.approx(expected[0], rel=1e-9)
    assert found[1, 1] == pytest.approx(expected[1], rel=1e-9)
    assert found[0, 1] == found[1, 0] == pytest.approx(expected[2], rel=1e-9)
    assert not found[2].any()


def test_a_floating_constant_is_left_out():
    found = theory.theory_covariance(("one",), ("f_Bs", "G_F"))
    value = constant("f_Bs").value ** 2 * constant("X_t").value
    assert np.sqrt(found[0, 0]) == pytest.approx(value * relative("X_t"), rel=1e-9)
    assert not theory.theory_covariance(("one", "two"), ("f_Bs", "X_t", "G_F")).any()


def test_not_finite(monkeypatch, toys):
    bad = dataclasses.replace(toys["two"], function=lambda wilson, inputs: np.array([np.nan]))
    monkeypatch.setitem(registry._OBSERVABLES, "two", bad)
    with pytest.raises(DataError, match="theory error of two: its change with f_Bs is nan"):
        theory.theory_covariance(("two",))


WITH_THEORY = [
    name
    for name, options in catalogue.accepted_options().items()
    if "theory_errors" in options and name not in catalogue.groups()
]


@pytest.mark.parametrize("name", WITH_THEORY)
def test_theory_errors_of_terms_are_those_of_draws(name):
    """Every term with a theory error: standard deviation over draws of its constants."""
    term = catalogue.term(name)
    constants = theory.theory_constants(term.observables)
    rng = np.random.default_rng(3)
    # Small draws, so that what is not linear does not matter.
    shrink = 0.05
    drawn = {
        entry: constant(entry).value + shrink * constant(entry).error * rng.standard_normal(4000)
        for entry in constants
    }
    prediction = term.predict(Wilson(), Inputs.default().replace(constants=drawn))
    spread = np.atleast_2d(np.cov(prediction.reshape(len(prediction), -1).T)) / shrink**2
    parts = [entry.theory_error for entry in term.quoted()]
    np.testing.assert_allclose(np.sqrt(np.diag(spread)), parts, rtol=0.05, atol=1e-30)
    off = catalogue.term(name, TermOptions(theory_errors=False))
    assert all(entry.theory_error == 0 for entry in off.quoted())
    assert "theory errors from" in term.description
    assert "theory errors from" not in off.description
    floated = catalogue.term(name, floated=constants)
    assert all(entry.theory_error == 0 for entry in floated.quoted())
    assert floated.description == off.description


@pytest.mark.parametrize(
    ("name", "decay_constant"), [("pdg2026_dms", "f_Bs"), ("hflav_2025_dmd", "f_B")]
)
def test_a_decay_constant_counts_once(name, decay_constant):
    """Floating or not: what its prior does to the prediction is no longer in the term."""
    whole = catalogue.term(name).theory_error
    rest = catalogue.term(name, floated=(decay_constant,)).theory_error
    prediction = catalogue.term(name).predict(Wilson(), Inputs.default())[0]
    assert np.hypot(rest, 2.0 * relative(decay_constant) * prediction) == pytest.approx(whole)


def test_error_of_the_mass_difference_is_that_of_the_lattice():
    """f_Bs sqrt(B) = 0.2561(57) GeV, squared, where the CKM factor floats."""
    term = catalogue.term("pdg2026_dms", floated=("VtbVts",))
    prediction = term.predict(Wilson(), Inputs.default())[0]
    assert term.theory_error / prediction == pytest.approx(2.0 * 0.0057 / 0.2561, rel=0.01)
