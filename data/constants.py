"""Loader of the constants that predictions depend on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ..errors import find
from ._checks import (
    check_array,
    check_choice,
    check_keys,
    check_number,
    check_text,
    check_unit,
    fault,
    named_entries,
    read_json,
    read_reference,
)
from .frozen import FrozenMapping
from .records import Constant

__all__ = ["constant", "constants", "kept_name"]

FILE = "constants.json"

ROLES = {"meson mass", "normalisation", "form factors"}

_KEYS = {"name", "value", "error", "unit", "allowed", "latex", "description", "reference"}
_OPTIONAL = {"gives", "role"}


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


def kept_name(name: str) -> str:
    """Name under which the number of a constant is kept: its own, or that of the one it gives.

    Parameters
    ----------
    name : str
        Such as ``"V_cb"``, which is kept as ``"VtbVts"``.

    Returns
    -------
    str
    """
    gives = constant(name).gives
    return name if gives is None else gives[0]


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
        is negative, the value lies in the range allowed, and a constant gives an earlier one that
        is its value times the factor.
    """
    check_keys(file, content, {"entries"})
    found: dict[str, Constant] = {}
    for name, where, entry in named_entries(file, content["entries"], _KEYS, _OPTIONAL):
        value = check_number(where, "value", entry["value"])
        lower, upper = check_array(where, "allowed", entry["allowed"], [2]).tolist()
        if not lower < upper:
            raise fault(where, "allowed", entry["allowed"], "a lower and a higher number")
        if not lower <= value <= upper:
            raise fault(where, "value", value, f"a number from {lower:g} to {upper:g}")
        found[name] = Constant(
            name=name,
            value=value,
            error=check_number(where, "error", entry["error"], above=0, equal=True),
            unit=check_unit(where, entry["unit"], 1),
            latex=check_text(where, "latex", entry["latex"]),
            description=check_text(where, "description", entry["description"]),
            reference=read_reference(where, entry["reference"]),
            allowed=(lower, upper),
            gives=_other(where, entry, found),
            role=check_choice(where, "role", entry["role"], ROLES) if "role" in entry else "",
        )
    return FrozenMapping(found)


def _other(
    where: str, entry: Mapping[str, Any], earlier: Mapping[str, Constant]
) -> tuple[str, float] | None:
    """The constant that an entry gives, and the factor; None if it gives none."""
    if "gives" not in entry:
        return None
    check_keys(f"{where}: gives", entry["gives"], {"name", "times"})
    name = check_text(where, "gives", entry["gives"]["name"])
    times = check_number(where, "gives", entry["gives"]["times"], above=0)
    if name not in earlier or earlier[name].gives is not None:
        raise fault(where, "gives", name, "an earlier constant with a number of its own")
    if not math.isclose(earlier[name].value, entry["value"] * times, rel_tol=1e-14):
        raise fault(where, "value", entry["value"], f"the value of {name} over {times:g}")
    return name, times
