import math
import pickle

import numpy as np
import pytest
from bsinv.errors import ParameterError
from bsinv.fitter.analysis_file.expressions import ALLOWED, MAX_LENGTH, Expression, parse
from hypothesis import assume, given
from hypothesis import strategies as st

VALUES = {"x": np.array([0.5, 2.0, -1.5]), "y": np.array([3.0, 1.0, 0.25]), "k": np.array([2.0])}


def at(text, **values):
    return parse(text)({name: np.atleast_1d(np.array(v, float)) for name, v in values.items()})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x + y", VALUES["x"] + VALUES["y"]),
        ("-x**2", -(VALUES["x"] ** 2)),
        ("2**-1", [0.5]),
        ("x - y - 1", VALUES["x"] - VALUES["y"] - 1.0),
        ("2**3**2", [512.0]),
        ("x / y * k", VALUES["x"] / VALUES["y"] * 2.0),
        ("+x", VALUES["x"]),
        ("(x + y) * cos(pi * k)", VALUES["x"] + VALUES["y"]),
        ("abs(x) + sqrt(y) + exp(x) + log(y) + sin(x) + tan(x)",
         abs(VALUES["x"]) + np.sqrt(VALUES["y"]) + np.exp(VALUES["x"]) + np.log(VALUES["y"])
         + np.sin(VALUES["x"]) + np.tan(VALUES["x"])),
        ("1e-3 * k", [0.002]),
    ],
)  # fmt: skip
def test_values(text, expected):
    assert parse(text)(VALUES) == pytest.approx(np.array(expected), rel=1e-14)


def test_names_in_the_order_of_the_text_and_text_with_single_spaces():
    expression = parse("  b * \n  a + b*cos(theta) ")
    assert expression.names == ("b", "a", "theta")
    assert expression.text == "b * a + b*cos(theta)"
    assert pickle.loads(pickle.dumps(expression)) == expression


def test_what_does_not_vary_stays_one_number():
    assert parse("2 * k + 1")(VALUES).shape == (1,)
    assert parse("pi")({}).shape == (1,)
    assert parse("x * k")(VALUES).shape == (3,)


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("1 / x", [0.0]),
        ("log(x)", [0.0, -1.0]),
        ("sqrt(x)", [-1e-300]),
        ("x ** 0.5", [-2.0]),
        ("exp(x)", [1000.0]),
        ("x ** -1", [0.0]),
        ("1 / (1 / x)", [0.0]),
        ("exp(-1 / x ** 2)", [0.0]),
        ("0 * x", [np.nan, np.inf]),
        ("x ** 0", [np.nan]),
    ],
)
def test_whatever_is_not_finite_on_the_way_is_not_a_number(text, bad):
    values = at(text, x=[*bad, 1.0])
    assert np.isnan(values[:-1]).all()
    assert np.isfinite(values[-1])


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("x.y", "'x.y': an attribute is not allowed"),
        ("__import__('os')", "unknown function '__import__'"),
        ("x.__class__()", "only functions with a name can be called"),
        ("sinh(x)", "unknown function 'sinh': did you mean 'sin'?"),
        ("lambda: 1", "a lambda is not allowed"),
        ("[x for x in y]", "a comprehension is not allowed"),
        ("x[0]", "an index is not allowed"),
        ("x if y else 1", "a condition is not allowed"),
        ("x < y", "a comparison is not allowed"),
        ("x and y", "and/or is not allowed"),
        ("f'{x}'", "a text is not allowed"),
        ("'x'", "this is no number"),
        ("True", "this is no number"),
        ("2j * x", "'2j': this is no number"),
        ("x ^ 2", "a power is written **"),
        ("x // 2", "unknown operator"),
        ("~x", "this is not allowed"),
        ("(x := 2)", "an assignment is not allowed"),
        ("sin(x, y)", "sin takes one number"),
        ("sin(*x)", "a star is not allowed"),
        ("sin(x=1)", "sin takes one number"),
        ("sin", "'sin' is a function: write sin(...)."),
        ("x y", "'x y' cannot be read from 'y' on."),
        ("x; y", "cannot be read"),
        ("x # y", "'#' is not allowed"),
        ("", "an empty expression"),
        ("1e999", "too large for a number"),
        ("9" * 400, "too large for a number"),
        ("x" * (MAX_LENGTH + 1), f"more than {MAX_LENGTH} characters"),
        ("-" * 999 + "1", "too deeply nested"),
        ("(" * 400 + "1" + ")" * 400, "cannot be read"),
        ("x\0y", "cannot be read"),
    ],
)
def test_what_is_refused(text, piece):
    with pytest.raises(ParameterError) as caught:
        parse(text)
    assert piece in str(caught.value)


def test_a_refusal_says_what_is_allowed():
    with pytest.raises(ParameterError) as caught:
        parse("2 * x.real")
    assert str(caught.value) == f"'x.real': an attribute is not allowed; allowed: {ALLOWED}."


def test_a_linear_expression_of_any_name():
    line = Expression.linear("an odd name", -2.0, 0.5)
    assert line({"an odd name": np.array([1.0, 3.0])}).tolist() == [-1.5, -5.5]
    assert line.names == ("an odd name",)


CALLS = {
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "exp": math.exp, "log": math.log,
    "sqrt": math.sqrt, "abs": abs,
}  # fmt: skip
NUMBERS = st.sampled_from(["0.5", "2", "3.25", "1e-2", "pi"])
TREES = st.recursive(
    st.one_of(NUMBERS, st.sampled_from(["a", "b"])),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**"]), inner).map(
            lambda part: f"({part[0]}) {part[1]} ({part[2]})"
        ),
        st.tuples(st.sampled_from(sorted(CALLS)), inner).map(lambda part: f"{part[0]}({part[1]})"),
        inner.map(lambda part: f"-({part})"),
    ),
    max_leaves=6,
)


class Checked(float):
    """A float that stops the test where a step is not finite, or so large that roundings grow."""

    def __new__(cls, value):
        if isinstance(value, complex) or not math.isfinite(value):
            raise ValueError("not finite")
        assume(abs(value) < 1e3)
        return super().__new__(cls, value)

    def __add__(self, other):
        return Checked(float(self) + float(other))

    def __sub__(self, other):
        return Checked(float(self) - float(other))

    def __mul__(self, other):
        return Checked(float(self) * float(other))

    def __truediv__(self, other):
        return Checked(float(self) / float(other))

    def __pow__(self, other):
        return Checked(float(self) ** float(other))

    def __neg__(self):
        return Checked(-float(self))

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other):
        return Checked(float(other) - float(self))

    def __rtruediv__(self, other):
        return Checked(float(other) / float(self))

    def __rpow__(self, other):
        return Checked(float(other) ** float(self))


@given(TREES, st.floats(-3, 3), st.floats(-3, 3))
def test_the_value_is_that_of_python(text, a, b):
    names = {
        **{name: lambda x, f=function: Checked(f(float(x))) for name, function in CALLS.items()},
        "pi": math.pi, "a": Checked(a), "b": Checked(b), "__builtins__": {},
    }  # fmt: skip
    found = at(text, a=[a, 0.5], b=[b, 0.5])[0]
    try:
        expected = float(eval(text, names))
    except (ValueError, ZeroDivisionError, OverflowError, TypeError):
        assert np.isnan(found)
    else:
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(TREES, st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), min_size=2, max_size=6))
def test_a_batch_is_a_loop(text, points):
    a, b = np.array(points).T
    batch = np.broadcast_to(at(text, a=a, b=b), (len(points),))
    loop = [at(text, a=x, b=y)[0] for x, y in points]
    np.testing.assert_allclose(batch, loop, rtol=1e-12)
