"""Lagrangians of the models: all are there and can be set."""

from __future__ import annotations

import re

import pytest
from bsinv.chains.report.formulas import formula
from bsinv.errors import ModelError
from bsinv.models import Model, ModelParameter, Wilson, check_model, models


@pytest.mark.parametrize("name", list(models()))
def test_every_model_has_one_that_can_be_set(name):
    lines = models()[name].lagrangian.split("\n")
    for line in lines:
        made = formula(line)
        assert made is not None, line
        assert made.width < 75 * made.em  # a line of a page
        assert line.count("(") == line.count(")")
    whole = "".join(lines)
    for left, right in (("[", "]"), (r"\{", r"\}")):
        assert whole.count(left) == whole.count(right)


def symbols(latex):
    """What a formula is of: its LaTeX without spacing."""
    return re.sub(r"\\[,;]|\\quad|\s", "", latex)


# Models whose parameters stand in the formula by their own symbols.
@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("wet-eos", ("cVL", "cVR", "cSL", "cSR", "cTL")),
        ("signal-strength", ("mu",)),
        ("scalar-dm", ("m_phi", "m_Q", "m_D", "y_1", "y_2", "kappa")),
        ("zprime-lmu-ltau", ()),
        ("alp-w", ("g_aWW",)),
        ("higgs-mixed-scalar", ("sin_theta",)),
        ("light-zprime", ("g_B",)),
    ],
)
def test_parameters_stand_in_the_formula(name, parameters):
    model = models()[name]
    own = {one.name: one.latex for one in model.parameters}
    whole = symbols(model.lagrangian)
    for parameter in parameters:
        assert symbols(own[parameter]) in whole


class Own(Model):
    """A model of one's own."""

    name = "own"
    description = "one coupling"
    parameters = (ModelParameter("g", "g", "1", 0.5, -10.0, 10.0, "coupling"),)

    def wilson(self, values, inputs):
        return Wilson({"signal_strength": values["g"]})


def test_a_model_of_ones_own_may_have_none_or_one():
    assert check_model(Own()).lagrangian == ""
    one = type("Mine", (Own,), {"lagrangian": r"\mathcal{L} = g\,\bar sb\,\phi"})()
    assert check_model(one).lagrangian.startswith(r"\mathcal{L}")


def test_a_lagrangian_that_is_no_text_is_refused():
    wrong = type("Mine", (Own,), {"lagrangian": ("a", "b")})()
    with pytest.raises(ModelError, match=r"Mine\.lagrangian must be a text, not a tuple\."):
        check_model(wrong)
