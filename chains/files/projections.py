"""Projections as ``bsinv project --json`` writes them, read again."""

from __future__ import annotations

import json
import math
import types
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from ...errors import StoreError
from ..records.projections import Projection

__all__ = ["read_projection"]

_MOST_BYTES = 50_000_000


def read_projection(path: str | Path) -> Projection:
    """Read what ``bsinv project --json`` wrote.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Projection
        Numbers that were not finite are NaN.

    Raises
    ------
    StoreError
        If the file cannot be read or is something else; it is named, and what is wrong.
    """
    target = Path(path)
    try:
        if target.stat().st_size > _MOST_BYTES:
            raise StoreError(f"{target} has more than {_MOST_BYTES} bytes: it is no projection.")
        content = json.loads(target.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(
            f"{target} cannot be read as a projection ({error}): 'bsinv project ANALYSIS --json' "
            "writes one."
        ) from error
    try:
        found: Projection = _made(content, Projection, "")
        if not found.points:
            raise StoreError("'points' is empty")
    except StoreError as error:
        raise StoreError(f"{target} is not what 'bsinv project --json' writes: {error}.") from error
    return found


def _made(value: Any, hint: Any, where: str) -> Any:
    """A value of a type: record, tuple, number or text."""
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(part for part in get_args(hint) if part is not type(None))
    if is_dataclass(hint):
        return _record(value, hint, where)
    if get_origin(hint) is tuple:
        return _tuple(value, get_args(hint), where)
    if hint is float and value is None:
        return math.nan
    allowed = {float: (int, float), int: (int,), str: (str,)}[hint]
    if not isinstance(value, allowed) or isinstance(value, bool):
        raise StoreError(f"{where or 'the file'} is {value!r:.40}, not of type {hint.__name__}")
    return float(value) if hint is float else value


def _record(value: Any, kind: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise StoreError(f"{where or 'the file'} is {value!r:.40}, not a mapping")
    hints, found = get_type_hints(kind), {}
    for entry in fields(kind):
        place = f"{where}.{entry.name}".removeprefix(".")
        if entry.name in value:
            found[entry.name] = _made(value[entry.name], hints[entry.name], place)
        elif entry.default is MISSING and entry.default_factory is MISSING:
            raise StoreError(f"{place!r} is missing")
    return kind(**found)


def _tuple(value: Any, parts: tuple[Any, ...], where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise StoreError(f"{where} is {value!r:.40}, not a list")
    if len(parts) == 2 and parts[1] is Ellipsis:
        return tuple(_made(one, parts[0], f"{where}[{i}]") for i, one in enumerate(value))
    if len(value) != len(parts):
        raise StoreError(f"{where} has {len(value)} entries, {len(parts)} are needed")
    pairs = enumerate(zip(value, parts, strict=True))
    return tuple(_made(one, part, f"{where}[{i}]") for i, (one, part) in pairs)
