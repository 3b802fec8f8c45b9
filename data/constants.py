"""Loader of the constants that predictions depend on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ..errors import find
from ._checks import (
    check_keys,
    check_number,
    check_text,
    check_unit,
    named_entries,
    read_json,
    read_reference,
)
from .frozen import FrozenMapping
from .records import Constant

__all__ = ["constant", "constants"]

FILE = "constants.json"

_KEYS = {"name", "value", "error", "unit", "latex", "description", "reference"}


@lru_cache(maxsize=1)
def constants() -> Mapping[str, Constant]:
    """Every constant by its name.

    Returns
    -------
    mapping of name to Constant

    Raises
    ------
    DataError
        If the file is missing or a number in it is not allowed.
    """
    return read_constants(read_json(FILE))


def constant(name: str) -> Constant:
    """Return one constant.

    Parameters
    ----------
    name : str
        Such as ``"VtbVts"``.

    Returns
    -------
    Constant

    Raises
    ------
    UnknownNameError
        If there is no such constant; the nearest ones are named.
    """
    return find("constant", name, constants())


def read_constants(content: Mapping[str, Any], file: str = FILE) -> Mapping[str, Constant]:
    """Check and make all constants from the content of the file.

    Parameters
    ----------
    content : mapping
        With the key ``entries``.
    file : str
        Name used in errors.

    Returns
    -------
    mapping of name to Constant

    Raises
    ------
    DataError
        On the first thing that is not allowed: every value and error is a finite number, no error
        is negative.
    """
    check_keys(file, content, {"entries"})
    found: dict[str, Constant] = {}
    for name, where, entry in named_entries(file, content["entries"], _KEYS):
        found[name] = Constant(
            name=name,
            value=check_number(where, "value", entry["value"]),
            error=check_number(where, "error", entry["error"], above=0, equal=True),
            unit=check_unit(where, entry["unit"], 1),
            latex=check_text(where, "latex", entry["latex"]),
            description=check_text(where, "description", entry["description"]),
            reference=read_reference(where, entry["reference"]),
        )
    return FrozenMapping(found)
