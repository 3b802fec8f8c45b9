"""Records to HDF5 groups and back: one rule per kind of field.

Numbers, truth values and short texts become attributes; arrays, lists of texts and long texts
become datasets; a mapping of arrays or of texts becomes a subgroup that keeps the order of its
names, and so do records inside a record, as a table; a value of None is left out. Reading asks the
record's class what each field is.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from ...errors import StoreError
from .guarded import Guarded

__all__ = ["read_record", "read_table", "write_record", "write_table"]

Record = TypeVar("Record")

# HDF5 keeps the attributes of a group in its header, which holds 64 kB in all.
LONGEST_ATTRIBUTE = 1000


def write_record(group: Any, record: Any) -> None:
    """Write the fields of a record into an HDF5 group.

    Parameters
    ----------
    group : h5py.Group
        Empty group.
    record : dataclass instance
        Its fields may hold numbers, texts, arrays, tuples of texts, of arrays or of records of one
        class, and mappings from text to array or to text.
    """
    for entry in fields(record):
        _write_value(group, entry.name, getattr(record, entry.name))


def _write_value(group: Any, name: str, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, str) and len(value) > LONGEST_ATTRIBUTE:
        group.create_dataset(name, data=value)
    elif isinstance(value, str | bool | int | float):
        group.attrs[name] = value
    elif isinstance(value, np.ndarray):
        group.create_dataset(name, data=value)
    elif isinstance(value, Mapping):
        inner = group.create_group(name)
        _write_texts(inner, "names", tuple(value))
        if all(isinstance(entry, str) for entry in value.values()):
            _write_texts(inner, "texts", tuple(value.values()))
            return
        for index, array in enumerate(value.values()):
            inner.create_dataset(str(index), data=array)
    elif value and is_dataclass(value[0]):
        write_table(group.create_group(name), value, type(value[0]))
    elif all(isinstance(item, str) for item in value):
        _write_texts(group, name, value)
    else:
        inner = group.create_group(name)
        for index, array in enumerate(value):
            inner.create_dataset(str(index), data=array)


def _write_texts(group: Any, name: str, texts: tuple[str, ...]) -> None:
    import h5py

    group.create_dataset(name, data=np.array(texts, dtype=object), dtype=h5py.string_dtype())


def read_record(group: Guarded, kind: type[Record]) -> Record:
    """Read a record written by `write_record`.

    Parameters
    ----------
    group : Guarded
    kind : type
        Class of the record.

    Returns
    -------
    instance of `kind`

    Raises
    ------
    StoreError
        If a field without a default is not in the group, or one holds what it cannot.
    """
    hints = get_type_hints(kind)
    values = {}
    for entry in fields(kind):  # type: ignore[arg-type]
        if group.has_attribute(entry.name):
            value = group.attribute(entry.name)
            values[entry.name] = _checked(value, hints[entry.name], group.where(entry.name))
        elif entry.name in group:
            values[entry.name] = _read_value(group, entry.name, hints[entry.name])
        elif entry.default is MISSING and entry.default_factory is MISSING:
            raise StoreError(f"no {entry.name!r} in group {group.where('').rstrip('/')!r}")
    return kind(**values)


_PLAIN = {str: (str,), bool: (bool,), int: (int,), float: (float, int)}


def _checked(value: Any, hint: Any, where: str) -> Any:
    """Value of an attribute, if it is what the field is for."""
    hint = _without_none(hint)
    if hint is int and isinstance(value, float) and value.is_integer():
        return int(value)
    if hint in _PLAIN and not (
        isinstance(value, _PLAIN[hint]) and (hint is bool or not isinstance(value, bool))
    ):
        raise StoreError(f"{where} is {value!r:.40}, but {hint.__name__} is needed")
    return value


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, types.UnionType):
        return next(part for part in get_args(hint) if part is not type(None))
    return hint


def _read_value(group: Guarded, name: str, hint: Any) -> Any:
    hint = _without_none(hint)
    origin = get_origin(hint)
    if hint is str:
        return group.text(name)
    if origin is tuple and is_dataclass(get_args(hint)[0]):
        # An empty tuple was written without a word on what it is empty of.
        return read_table(group.group(name), get_args(hint)[0]) if group.is_group(name) else ()
    if origin is tuple and get_args(hint)[0] is str:
        return group.texts(name)
    if origin is tuple:
        inner = group.group(name)
        return tuple(inner.array(str(index)) for index in range(len(inner)))
    if origin is Mapping:
        inner = group.group(name)
        names = inner.texts("names")
        if get_args(hint)[1] is str:
            return dict(zip(names, inner.texts("texts"), strict=True))
        return {entry: inner.array(str(index)) for index, entry in enumerate(names)}
    return group.array(name)


def write_table(group: Any, records: tuple[Any, ...], kind: type) -> None:
    """Write records of numbers and texts as a table: one dataset per field.

    Parameters
    ----------
    group : h5py.Group
        Empty group.
    records : tuple of dataclass instances
    kind : type
        Their class, whose fields are texts, truth values, or numbers (None becomes NaN).
    """
    hints = get_type_hints(kind)
    for entry in fields(kind):
        column = [getattr(record, entry.name) for record in records]
        if hints[entry.name] is str:
            _write_texts(group, entry.name, tuple(column))
        elif hints[entry.name] is bool:
            group.create_dataset(entry.name, data=np.array(column, dtype=bool))
        else:
            numbers = [np.nan if value is None else value for value in column]
            group.create_dataset(entry.name, data=np.array(numbers, dtype=float))


def read_table(group: Guarded, kind: type[Record]) -> tuple[Record, ...]:
    """Read records written by `write_table`; a field whose column is missing takes its default.

    Parameters
    ----------
    group : Guarded
    kind : type
        Class of the records.

    Returns
    -------
    tuple of instances of `kind`
    """
    hints = get_type_hints(kind)
    columns: dict[str, list[Any]] = {}
    for entry in fields(kind):  # type: ignore[arg-type]
        if entry.name not in group:
            continue
        if hints[entry.name] is str:
            columns[entry.name] = list(group.texts(entry.name))
        else:
            values = group.array(entry.name)
            if values.ndim != 1 or values.dtype.kind not in "biuf":
                raise StoreError(f"{group.where(entry.name)} has shape {values.shape}")
            optional = type(None) in get_args(hints[entry.name])
            columns[entry.name] = [
                None if optional and value != value else value for value in values.tolist()
            ]
    rows = zip(*columns.values(), strict=True)
    return tuple(kind(**dict(zip(columns, row, strict=True))) for row in rows)
