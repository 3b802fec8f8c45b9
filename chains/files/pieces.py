"""One record in a file of its own: a piece of results that are still being made.

Sealed as results files are: a piece that is damaged or of another run is found before HDF5 sees it.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from ...errors import StoreError
from .codec import read_record, write_record
from .disk import replace_file
from .guarded import Budget, Guarded
from .seal import BLOCK, fingerprint_digest, holds, read_seal, seal

__all__ = ["read_piece", "write_piece"]

Record = TypeVar("Record")

_FORMAT = "bsinv piece of results"


def write_piece(path: Path, record: Any, fingerprint: Mapping[str, str]) -> None:
    """Write a record; when this returns, the whole of it is on disk.

    Parameters
    ----------
    path : Path
        In a directory that is there.
    record : dataclass instance
        As `codec.write_record` takes it.
    fingerprint : mapping of str to str
        What it is a piece of.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    import h5py

    try:
        buffer = io.BytesIO()
        with h5py.File(buffer, "w", userblock_size=BLOCK) as file:
            file.attrs["format"] = _FORMAT
            write_record(file.create_group("record"), record)
        image = buffer.getbuffer()
        replace_file(path, image, front=lambda: seal(image, fingerprint))
    except (OSError, RuntimeError, MemoryError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error) or "not enough memory"
        raise StoreError(f"{path}: cannot write a piece of the results: {why}") from error


def read_piece(path: Path, kind: type[Record], fingerprint: Mapping[str, str]) -> Record:
    """Read a record.

    Parameters
    ----------
    path : Path
    kind : type
        Class of the record.
    fingerprint : mapping of str to str
        What it must be a piece of.

    Returns
    -------
    instance of `kind`

    Raises
    ------
    StoreError
        If it cannot be read, is damaged, or a piece of something else.
    """
    import h5py

    try:
        with open(path, "rb", buffering=0) as opened:
            told = read_seal(opened.fileno())
            if told is None or not holds(told, opened.fileno()):
                raise StoreError(f"{path}: damaged: its checksum does not agree.")
            if told.fingerprint != fingerprint_digest(fingerprint):
                raise StoreError(f"{path}: of another run or another version of it.")
            opened.seek(0)
            with h5py.File(opened, "r") as file:
                root = Guarded(file, Budget(os.fstat(opened.fileno()).st_size))
                if not root.has_attribute("format") or root.attribute("format") != _FORMAT:
                    raise StoreError(f"{path}: no piece of results.")
                return read_record(root.group("record"), kind)
    except StoreError:
        raise
    except Exception as error:
        told_why = getattr(error, "strerror", None) or str(error).partition("\n")[0]
        raise StoreError(f"{path}: cannot be read: {told_why}.") from error
