"""Formulas as outlines."""

from __future__ import annotations

import re

import pytest
from bsinv.chains.report.formulas import formula


def test_a_fraction_is_higher_and_a_longer_formula_wider():
    letter, fraction, sentence = formula("x"), formula(r"\frac{x}{y}"), formula("x+x+x")
    assert fraction.height + fraction.depth > letter.height + letter.depth
    assert sentence.width > 3 * letter.width


def test_the_outline_lies_in_its_box():
    made = formula(r"\mathcal{B}(B^+\to K^+\nu\bar\nu)")
    left, top, width, height = (float(number) for number in made.box.split())
    numbers = [float(number) for number in re.findall(r"-?\d+", made.path)]
    assert left <= min(numbers[::2])
    assert max(numbers[::2]) <= left + width
    assert top <= min(numbers[1::2])
    assert max(numbers[1::2]) <= top + height
    assert set(re.findall("[A-Za-z]", made.path)) <= set("MLQCZ")


@pytest.mark.parametrize(
    "latex", ["", "  ", r"\frac{", r"\nonsense", "a$b", "x" * 3000, "{" * 500, "a\\", "^^"]
)
def test_what_cannot_be_set_is_none(latex):
    assert formula(latex) is None
