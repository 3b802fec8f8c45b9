"""Expressions of parameters: arithmetic that is read once and evaluated on whole batches.

The text is taken apart by `ast` against a short list of what is allowed and becomes a list of
steps; nothing of it is ever run as Python.
"""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from ...errors import ParameterError, did_you_mean
from .reading.nodes import shorten

__all__ = ["ALLOWED", "CONSTANTS", "FUNCTIONS", "MAX_LENGTH", "Expression", "parse"]

Array = NDArray[np.float64]
Step = tuple[str, str | float]

FUNCTIONS: Mapping[str, Callable[[Array], Array]] = MappingProxyType(
    {
        "abs": np.abs,
        "cos": np.cos,
        "exp": np.exp,
        "log": np.log,
        "sin": np.sin,
        "sqrt": np.sqrt,
        "tan": np.tan,
    }
)
CONSTANTS: Mapping[str, float] = MappingProxyType({"pi": math.pi})
ALLOWED = f"numbers, parameters, pi, + - * / ** ( ) and the functions {', '.join(FUNCTIONS)}"

MAX_LENGTH = 1000

_BINARY: Mapping[str, Callable[[Array, Array], Array]] = MappingProxyType(
    {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "**": np.power}
)
_SYMBOLS: Mapping[type[ast.operator], str] = MappingProxyType(
    {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
)
# What people may try, in words.
_FORBIDDEN: Mapping[type[ast.AST], str] = MappingProxyType(
    {
        ast.Attribute: "an attribute",
        ast.Subscript: "an index",
        ast.Lambda: "a lambda",
        ast.Compare: "a comparison",
        ast.BoolOp: "and/or",
        ast.IfExp: "a condition",
        ast.ListComp: "a comprehension",
        ast.GeneratorExp: "a comprehension",
        ast.SetComp: "a comprehension",
        ast.DictComp: "a comprehension",
        ast.JoinedStr: "a text",
        ast.NamedExpr: "an assignment",
        ast.Tuple: "a list",
        ast.List: "a list",
        ast.Starred: "a star",
    }
)


@dataclass(frozen=True)
class Expression:
    """An expression, taken apart.

    Attributes
    ----------
    text : str
        As written, with single spaces between its words.
    names : tuple of str
        Parameters in it, each once, in the order of the text.
    steps : tuple of (kind, what)
        In postfix order: ``("number", 2.0)``, ``("name", "r")``, ``("call", "sin")``,
        ``("binary", "*")``, ``("negate", "-")``.
    """

    text: str
    names: tuple[str, ...]
    steps: tuple[Step, ...]

    def __call__(self, values: Mapping[str, Array]) -> Array:
        """Evaluate at a batch of points.

        Parameters
        ----------
        values : mapping of str to (n,) or (1,) array
            At least those of `names`.

        Returns
        -------
        (n,) or (1,) array
            NaN where any step is not finite: a division by zero, the logarithm of a negative
            number, an overflow.
        """
        stack: list[Array] = []
        finite = np.array([True])
        # What is not finite becomes NaN, which whoever asks for the value counts and tells.
        with np.errstate(all="ignore"):
            for kind, what in self.steps:
                if kind == "number":
                    stack.append(np.array([what], dtype=np.float64))
                    continue
                if kind == "name":
                    result = np.asarray(values[str(what)], dtype=np.float64)
                elif kind == "call":
                    result = FUNCTIONS[str(what)](stack.pop())
                elif kind == "negate":
                    result = -stack.pop()
                else:
                    right, left = stack.pop(), stack.pop()
                    result = _BINARY[str(what)](left, right)
                finite = finite & np.isfinite(result)
                stack.append(result)
        return np.where(finite, stack.pop(), np.nan)

    @classmethod
    def linear(cls, name: str, times: float, plus: float) -> Expression:
        """``times * name + plus``, for a name that need not be readable in an expression."""
        steps: tuple[Step, ...] = (
            ("number", times),
            ("name", name),
            ("binary", "*"),
            ("number", plus),
            ("binary", "+"),
        )
        return cls(f"{times:g} * {name} + {plus:g}", (name,), steps)


@lru_cache(maxsize=1024)
def parse(text: str) -> Expression:
    """Read an expression.

    Parameters
    ----------
    text : str
        Such as ``"r_d * y_d_s * cos(theta)"``. Allowed are numbers, names, ``pi``, the operators
        ``+ - * / **``, parentheses and `FUNCTIONS` of one argument, with the meaning and the
        precedence they have in Python.

    Returns
    -------
    Expression

    Raises
    ------
    ParameterError
        The text holds anything else; the message shows the piece and what is allowed.
    """
    plain = " ".join(text.split())
    if not plain:
        raise ParameterError("an empty expression.")
    if len(plain) > MAX_LENGTH:
        raise ParameterError(f"an expression of more than {MAX_LENGTH} characters.")
    if "#" in plain:
        raise ParameterError("'#' is not allowed in an expression.")
    try:
        with warnings.catch_warnings():
            # Of odd literals such as "1if", which are refused below.
            warnings.simplefilter("ignore")
            tree = ast.parse(plain, mode="eval")
        reader = _Reader(plain)
        reader.read(tree.body)
    except SyntaxError as error:
        at = (error.offset or 1) - 1
        where = f"from {shorten(plain[at:])} on" if plain[at:] else "at its end"
        raise ParameterError(f"{shorten(plain)} cannot be read {where}.") from None
    except (ValueError, RecursionError, MemoryError):
        raise ParameterError(f"{shorten(plain)} cannot be read: it is too deeply nested.") from None
    return Expression(plain, tuple(dict.fromkeys(reader.names)), tuple(reader.steps))


class _Reader:
    """Walk through the tree of an expression, writing its steps."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: list[str] = []
        self.steps: list[Step] = []

    def read(self, node: ast.expr) -> None:
        """Append the steps of a node, its operands first."""
        match node:
            case ast.Constant(value=bool() | str() | bytes() | complex() | None):
                self._refuse(node, "this is no number")
            case ast.Constant(value=int() | float()):
                self._number(node)
            case ast.Name():
                self._name(node)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                self.read(operand)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                self.read(operand)
                self.steps.append(("negate", "-"))
            case ast.BinOp(left=left, op=operator, right=right):
                if type(operator) not in _SYMBOLS:
                    power = isinstance(operator, ast.BitXor)
                    self._refuse(node, "a power is written **" if power else "unknown operator")
                self.read(left)
                self.read(right)
                self.steps.append(("binary", _SYMBOLS[type(operator)]))
            case ast.Call():
                self._call(node)
            case _:
                self._refuse(node, f"{_FORBIDDEN.get(type(node), 'this')} is not allowed")

    def _number(self, node: ast.Constant) -> None:
        try:
            value = float(node.value)  # type: ignore[arg-type]
        except OverflowError:
            value = math.inf
        if not math.isfinite(value):
            raise ParameterError(f"{shorten(self._piece(node))} is too large for a number.")
        self.steps.append(("number", value))

    def _name(self, node: ast.Name) -> None:
        if node.id in FUNCTIONS:
            raise ParameterError(f"{node.id!r} is a function: write {node.id}(...).")
        if node.id in CONSTANTS:
            self.steps.append(("number", CONSTANTS[node.id]))
            return
        self.names.append(node.id)
        self.steps.append(("name", node.id))

    def _call(self, node: ast.Call) -> None:
        if not isinstance(node.func, ast.Name):
            self._refuse(node, "only functions with a name can be called")
        name = node.func.id
        if name not in FUNCTIONS:
            hint = did_you_mean(name, FUNCTIONS)
            raise ParameterError(f"{shorten(self._piece(node))}: unknown function {name!r}{hint}")
        if node.keywords or len(node.args) != 1:
            raise ParameterError(f"{shorten(self._piece(node))}: {name} takes one number.")
        self.read(node.args[0])
        self.steps.append(("call", name))

    def _refuse(self, node: ast.expr, why: str) -> NoReturn:
        raise ParameterError(f"{shorten(self._piece(node))}: {why}; allowed: {ALLOWED}.")

    def _piece(self, node: ast.expr) -> str:
        return ast.get_source_segment(self.text, node) or self.text
