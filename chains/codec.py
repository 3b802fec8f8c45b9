"""Records to HDF5 groups and back: one rule per kind of field.

Numbers, truth values and short texts become attributes; arrays, lists of texts and long texts
become datasets; a mapping of arrays becomes a subgroup that keeps the order of its names, and so do
records inside a record, as a table; a value of None is left out. Reading asks the record's class
what each field is.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from ..errors import StoreError

__all__ = ["read_record", "read_table", "write_record", "write_table"]

Record = TypeVar("Record")

# HDF5 keeps the attributes of a group in its header, which holds 64 kB in all.
_LONGEST_ATTRIBUTE = 1000


def write_record(group: Any, record: Any) -> None:
    """Write the fields of a record into an HDF5 group.

    Parameters
    ----------
    group : h5py.Group
        Empty group.
    record : dataclass instance
        Its fields may hold numbers, texts, arrays, tuples of texts, of arrays or of records of one
        class, and mappings from text to array.
    """
    for entry in fields(record):
        _write_value(group, entry.name, getattr(record, entry.name))


def _write_value(group: Any, name: str, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, str) and len(value) > _LONGEST_ATTRIBUTE:
        group.create_dataset(name, data=value)
    elif isinstance(value, str | bool | int | float):
        group.attrs[name] = value
    elif isinstance(value, np.ndarray):
        group.create_dataset(name, data=value)
    elif isinstance(value, Mapping):
        inner = group.create_group(name)
        _write_texts(inner, "names", tuple(value))
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


def read_record(group: Any, kind: type[Record]) -> Record:
    """Read a record written by `write_record`.

    Parameters
    ----------
    group : h5py.Group
    kind : type
        Class of the record.

    Returns
    -------
    instance of `kind`

    Raises
    ------
    StoreError
        If a field without a default is not in the group.
    """
    hints = get_type_hints(kind)
    values = {}
    for entry in fields(kind):  # type: ignore[arg-type]
        if entry.name in group.attrs:
            values[entry.name] = _scalar(group.attrs[entry.name])
        elif entry.name in group:
            values[entry.name] = _read_value(group[entry.name], hints[entry.name])
        elif entry.default is MISSING and entry.default_factory is MISSING:
            raise StoreError(f"{group.file.filename}: no {entry.name!r} in group {group.name!r}.")
    return kind(**values)


def _scalar(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _read_value(item: Any, hint: Any) -> Any:
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(part for part in get_args(hint) if part is not type(None))
    origin = get_origin(hint)
    if hint is str:
        return item.asstr()[()]
    if origin is tuple and get_args(hint)[0] is str:
        return _read_texts(item)
    if origin is tuple and is_dataclass(get_args(hint)[0]):
        # An empty tuple was written without a word on what it is empty of.
        return read_table(item, get_args(hint)[0]) if len(item) else ()
    if origin is tuple:
        return tuple(item[str(index)][()] for index in range(len(item)))
    if origin is Mapping:
        names = _read_texts(item["names"])
        return {name: item[str(index)][()] for index, name in enumerate(names)}
    return item[()]


def _read_texts(dataset: Any) -> tuple[str, ...]:
    return tuple(dataset.asstr()[()]) if dataset.size else ()


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


def read_table(group: Any, kind: type[Record]) -> tuple[Record, ...]:
    """Read records written by `write_table`; a field whose column is missing takes its default.

    Parameters
    ----------
    group : h5py.Group
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
            columns[entry.name] = list(_read_texts(group[entry.name]))
        else:
            values = group[entry.name][()].tolist()
            optional = type(None) in get_args(hints[entry.name])
            columns[entry.name] = [
                None if optional and value != value else value for value in values
            ]
    rows = zip(*columns.values(), strict=True)
    return tuple(kind(**dict(zip(columns, row, strict=True))) for row in rows)
