"""Loader of tables: functions on grids and coefficients that are numbers, not formulas."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ..errors import find
from ._checks import (
    check_array,
    check_keys,
    check_text,
    check_texts,
    fault,
    named_entries,
    read_json,
    read_reference,
)
from .frozen import FrozenMapping
from .records import Table

__all__ = ["table", "tables"]

FILE = "tables.json"

_KEYS = {"name", "description", "columns", "units", "reference"}


@lru_cache(maxsize=1)
def tables() -> Mapping[str, Table]:
    """Every table by its name.

    Returns
    -------
    mapping of name to Table

    Raises
    ------
    DataError
        If the file is missing or a number in it is not allowed.
    """
    return read_tables(read_json(FILE))


def table(name: str) -> Table:
    """Return one table.

    Raises
    ------
    UnknownNameError
        If there is no such table; the nearest ones are named.
    """
    return find("table", name, tables())


def read_tables(content: Mapping[str, Any], file: str = FILE) -> Mapping[str, Table]:
    """Check and make all tables from the content of the file.

    Parameters
    ----------
    content : mapping
        With the key ``entries``.
    file : str
        Name used in errors.

    Returns
    -------
    mapping of name to Table

    Raises
    ------
    DataError
        On the first thing that is not allowed: columns are of one length and each has a unit.
    """
    check_keys(file, content, {"entries"})
    found: dict[str, Table] = {}
    for name, where, entry in named_entries(file, content["entries"], _KEYS, {"notes"}):
        columns, units = entry["columns"], entry["units"]
        if not columns or set(columns) != set(units):
            raise fault(where, "units", sorted(units), f"one for each of {', '.join(columns)}")
        length = len(next(iter(columns.values())))
        found[name] = Table(
            name=name,
            description=check_text(where, "description", entry["description"]),
            columns=FrozenMapping(
                {key: check_array(where, key, values, (length,)) for key, values in columns.items()}
            ),
            units=FrozenMapping({key: check_text(where, key, unit) for key, unit in units.items()}),
            notes=check_texts(where, "notes", entry.get("notes", [])),
            reference=read_reference(where, entry["reference"]),
        )
    return FrozenMapping(found)
