"""Cuts: comparisons of expressions are read and evaluated on batches."""

import numpy as np
import pytest
from bsinv.errors import ParameterError
from bsinv.fitter.analysis_file.cuts import parse_cut

A, B = np.array([0.0, 1.0, 2.0]), np.array([1.0, 1.0, 1.0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a < b", [True, False, False]),
        ("a <= b", [True, True, False]),
        ("a  >  b", [False, False, True]),
        ("a >= b", [False, True, True]),
        ("0 < a < 2*b", [False, True, False]),
        ("(a + b)**2 > 3", [False, True, True]),
        ("1 / a > 0.1", [False, True, True]),  # not defined at zero
        ("log(a) < 0.5", [False, True, False]),
        ("-a < 0", [False, True, True]),
    ],
)
def test_points_that_pass(text, expected):
    cut = parse_cut(text)
    assert cut({"a": A, "b": B}).tolist() == expected
    assert set(cut.names) <= {"a", "b"}
    assert cut.text == " ".join(text.split())


def test_nan_and_infinity_do_not_pass():
    cut = parse_cut("a < 1")
    assert cut({"a": np.array([np.nan, -np.inf, np.inf])}).tolist() == [False, False, False]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a", "'a' is no comparison"),
        ("a != b", "only <, <=, > and >= compare"),
        ("a in b", "only <, <=, > and >= compare"),
        ("a > 0 or b > 0", "list the parts of and as cuts of their own"),
        ("not a > 0", "is no comparison"),
        ("(a > 0) > b", "a comparison is not allowed"),
        ("a.real > 0", "an attribute is not allowed"),
        ("a > 0; b", "cannot be read from"),
        ("a > 'x'", "this is no number"),
        ("a > 0 # so", "'#' is not allowed"),
        ("2 > 1", "no parameter is compared"),
        ("  ", "an empty cut"),
        ("a > " + "1 + " * 400 + "1", "more than 1000 characters"),
    ],
)
def test_refused(text, message):
    with pytest.raises(ParameterError, match=message):
        parse_cut(text)
