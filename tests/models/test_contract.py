"""Models of a user's own: what is wrong with one is told in a sentence."""

from __future__ import annotations

import bsinv
import numpy as np
import pytest
from bsinv.errors import BsinvError, ModelError
from bsinv.models import Model, ModelParameter, Wilson, check_model, models

COUPLING = ModelParameter("g", "g", "1", 0.5, -10.0, 10.0, "coupling")
ANALYSIS = {
    "name": "own",
    "model": "own",
    "likelihoods": ["belle2_2023_kpnunu"],
    "parameters": {"g": {"prior": {"uniform": [-5, 5]}}},
}


class Own(Model):
    """A model with one coupling, right as it stands."""

    name = "own"
    description = "one coupling"
    parameters = (COUPLING,)

    def wilson(self, values, inputs):
        return Wilson({"dC_L": values["g"][:, None, None] * np.eye(3)})


def made(function=None, **attributes):
    """An object of a model with other attributes or another wilson(values)."""
    if function is not None:
        attributes["wilson"] = lambda self, values, inputs: function(values)
    return type("Mine", (Own,), attributes)()


def test_a_model_that_is_right_is_given_back():
    own = Own()
    assert check_model(own) is own
    assert bsinv.load(ANALYSIS, model=own).model is own


@pytest.mark.parametrize("name", list(models()))
def test_models_of_the_package_keep_the_contract(name):
    assert check_model(models()[name]) is models()[name]


# What a beginner writes, and the sentence.
FUNCTIONS = [
    pytest.param(
        lambda values: {"dC_L": values["g"][:, None, None] * np.eye(3)},
        r"wilson\(\) of the model 'own' returned a dict: it must return bsinv.models.Wilson\(",
        id="a plain dict",
    ),
    pytest.param(lambda values: None, r"returned None: it must return", id="nothing returned"),
    pytest.param(
        lambda values: Wilson({"dC_L": values["g"]}),
        r"fails at the default values of the parameters, each given as an array \(n,\): the "
        r"coefficient dC_L has shape \(1,\): give a matrix",
        id="no flavours",
    ),
    pytest.param(
        lambda values: Wilson({"dC_L": float(values["g"][0]) * np.eye(3)}),
        "gives another dC_L for a point in a batch than for that point alone",
        id="only the first point",
    ),
    pytest.param(
        lambda values: Wilson({"dC_L": float(values["g"].item()) * np.eye(3)}),
        r"fails at a batch of two points, each given as an array \(n,\): ValueError",
        id="one number expected",
    ),
    pytest.param(
        lambda values: Wilson({"dC_L": values["g"] * np.eye(3)}),
        "fails at a batch of two points",
        id="batch axis last",
    ),
    pytest.param(
        lambda values: Wilson({"dC_L": np.repeat(values["g"], 2)[:, None, None] * np.eye(3)}),
        "returned coefficients of 2 points for values of 1: the first axis of every array",
        id="another number of points",
    ),
    pytest.param(
        lambda values: Wilson({"dC_L": (values["g"] / 0.0)[:, None, None] * np.ones((3, 3))}),
        r"gives dC_L = \S+ at the default values of the parameters, where coefficients must be "
        "finite",
        id="not finite",
    ),
    pytest.param(
        lambda values: Wilson({"dC_L": values["h"][:, None, None] * np.eye(3)}),
        r"asks for 'h', which is none of its parameters: g\.",
        id="no such parameter",
    ),
    pytest.param(
        lambda values: Wilson({"dCL": values["g"][:, None, None] * np.eye(3)}),
        "unknown Wilson coefficient 'dCL': did you mean",
        id="no such coefficient",
    ),
    pytest.param(
        lambda values: Wilson({"m_phi": 1j * values["g"]}),
        "the coefficient m_phi is real, but complex values are given",
        id="complex mass",
    ),
]


@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.parametrize(("function", "message"), FUNCTIONS)
def test_coefficients_that_are_wrong(function, message):
    with pytest.raises(ModelError, match=message) as caught:
        bsinv.load(ANALYSIS, model=made(function))
    assert "\n" not in str(caught.value)
    with pytest.raises(BsinvError):
        bsinv.predict("BR(B+->Knunu)", made(function), g=1.0)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Own, r"model = Own is a class: give an instance of it, Own\(\)\."),
        ("wet", "model = 'wet' is a name: give an object of a class of your own"),
        ({"g": 1.0}, "model is a dict: it must be an object of a class made from bsinv.models"),
        (made(name=""), "Mine.name must be a text, not an empty one"),
        (made(description=None), "Mine.description must be a text, not None"),
        (made(parameters=COUPLING), "must be a tuple of bsinv.models.ModelParameter, not a Mod"),
        (made(parameters=("g",)), "hold a str: each must be a bsinv.models.ModelParameter"),
        (made(parameters=(COUPLING, COUPLING)), "has two parameters of the name 'g'"),
        (
            made(parameters=(ModelParameter("g", "g", "1", 11.0, -10.0, 10.0, ""),)),
            "the parameter 'g' of the model 'own' has the range -10.0 to 10.0 and the default 11.0",
        ),
        (
            made(parameters=(ModelParameter("g", "g", "1", 0.0, -np.inf, 10.0, ""),)),
            "the ends must be finite and increase, with the default between them",
        ),
        (
            made(parameters=(ModelParameter("g", "g", "1", "0", -1.0, 10.0, ""),)),
            "and the default '0': the ends must be finite",
        ),
    ],
)
def test_objects_that_are_no_model(model, message):
    with pytest.raises(ModelError, match=message):
        bsinv.load(ANALYSIS, model=model)


def test_a_point_that_the_model_refuses_is_its_own():
    def only_below(values):
        if (values["g"] > 0.55).any():
            raise bsinv.errors.PredictionError("no solution above 0.55.")
        return Wilson({"dC_L": values["g"][:, None, None] * np.eye(3)})

    check_model(made(only_below))


def test_what_goes_wrong_later_is_told_too():
    """At other points than those of the check."""
    far = made(
        lambda values: (
            Wilson({"dC_L": values["g"][:, None, None] * np.eye(3)})
            if (values["g"] < 3.0).all()
            else {}
        )
    )
    loaded = bsinv.load(ANALYSIS, model=far)
    assert np.isfinite(loaded.log_likelihood(np.array([[1.0]]))).all()
    with pytest.raises(ModelError, match="returned a dict"):
        loaded.log_likelihood(np.array([[4.0]]))
