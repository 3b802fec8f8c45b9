"""Cuts on parameters: comparisons of expressions, such as ``dC_L + dC_R > -1``."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ...errors import ParameterError
from .expressions import MAX_LENGTH, Array, Expression, parse
from .reading.nodes import shorten

__all__ = ["Cut", "parse_cut"]

Flags = NDArray[np.bool_]

_COMPARE: Mapping[str, Callable[[Array, Array], Flags]] = MappingProxyType(
    {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
)
_SYMBOLS: Mapping[type[ast.cmpop], str] = MappingProxyType(
    {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
)
_EXAMPLE = "write, for example, dC_L + dC_R > -1"


@dataclass(frozen=True)
class Cut:
    """A comparison of expressions, or a chain of them such as ``0 < a < b``.

    Attributes
    ----------
    text : str
        As written, with single spaces between its words.
    sides : tuple of Expression
    comparisons : tuple of str
        Between one side and the next: ``<``, ``<=``, ``>`` or ``>=``.
    """

    text: str
    sides: tuple[Expression, ...]
    comparisons: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Parameters in it, each once."""
        return tuple(dict.fromkeys(name for side in self.sides for name in side.names))

    def __call__(self, values: Mapping[str, Array]) -> Flags:
        """Whether points pass.

        Parameters
        ----------
        values : mapping of str to (n,) or (1,) array
            At least those of `names`.

        Returns
        -------
        (n,) or (1,) bool array
            False where a side is not defined.
        """
        found = [side(values) for side in self.sides]
        passed: Flags = np.array([True])
        for one, symbol, two in zip(found[:-1], self.comparisons, found[1:], strict=True):
            passed = passed & _COMPARE[symbol](one, two)  # NaN compares false
        return passed


def parse_cut(text: str) -> Cut:
    """Read a cut.

    Parameters
    ----------
    text : str
        Expressions as in `expressions.parse`, with ``<``, ``<=``, ``>`` or ``>=`` between them.

    Returns
    -------
    Cut

    Raises
    ------
    ParameterError
        The text holds anything else.
    """
    plain = " ".join(text.split())
    if not plain:
        raise ParameterError("an empty cut.")
    if len(plain) > MAX_LENGTH or "#" in plain:
        parse(plain)  # says what is wrong
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(plain, mode="eval").body
    except SyntaxError as error:
        at = (error.offset or 1) - 1
        where = f"from {shorten(plain[at:])} on" if plain[at:] else "at its end"
        raise ParameterError(f"{shorten(plain)} cannot be read {where}.") from None
    except (ValueError, RecursionError, MemoryError):
        raise ParameterError(f"{shorten(plain)} cannot be read: it is too deeply nested.") from None
    if isinstance(tree, ast.BoolOp):
        raise ParameterError(f"{shorten(plain)}: list the parts of and as cuts of their own.")
    if not isinstance(tree, ast.Compare):
        raise ParameterError(f"{shorten(plain)} is no comparison: {_EXAMPLE}.")
    comparisons = tuple(_SYMBOLS.get(type(operator), "") for operator in tree.ops)
    if "" in comparisons:
        raise ParameterError(f"{shorten(plain)}: only <, <=, > and >= compare: {_EXAMPLE}.")
    nodes = (tree.left, *tree.comparators)
    sides = tuple(parse(ast.get_source_segment(plain, node) or "") for node in nodes)
    cut = Cut(plain, sides, comparisons)
    if not cut.names:
        raise ParameterError(f"{shorten(plain)}: no parameter is compared: {_EXAMPLE}.")
    return cut
