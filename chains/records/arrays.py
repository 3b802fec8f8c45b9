"""Arrays inside frozen records: read-only, of the right shape, NaN where not given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any

import numpy as np

from ...errors import StoreError

__all__ = ["Array", "expect", "fill", "kish", "missing", "missing_chunks", "read_only"]

Array = np.ndarray[Any, np.dtype[Any]]


def read_only(record: Any, dtype: type = float) -> None:
    """Turn the array fields of a record into read-only views, without copying."""
    for entry in fields(record):
        value = getattr(record, entry.name)
        if "Array" in str(entry.type) and value is not None:
            if isinstance(value, Mapping):
                frozen: Any = MappingProxyType({k: _view(v, dtype) for k, v in value.items()})
            elif isinstance(value, tuple):
                frozen = tuple(_view(v, dtype) for v in value)
            else:
                kind = np.dtype(int).type if entry.metadata.get("integer") else dtype
                frozen = _view(value, kind)
            object.__setattr__(record, entry.name, frozen)


def missing() -> Array:
    """Stand for an array that was not given; replaced by one of NaN of the right shape."""
    return np.empty(0)


def fill(record: Any, name: str, shape: tuple[int, ...], value: float = np.nan) -> None:
    """Replace an array that was not given."""
    given = getattr(record, name)
    if given is None or np.size(given) == 0:
        object.__setattr__(record, name, np.full(shape, value))


def _view(value: Any, dtype: type) -> Array:
    view: Array = np.asarray(value, dtype=dtype).view()
    view.flags.writeable = False
    return view


def expect(record: Any, name: str, shape: tuple[int, ...]) -> None:
    """Refuse an array whose shape does not fit the others of its record."""
    found = getattr(record, name).shape
    if found != shape:
        kind = type(record).__name__
        raise StoreError(f"{kind}.{name} has shape {found}, but {shape} is needed.")


def kish(weights: Array) -> float:
    """Effective number of samples with weights: (sum w)^2 / sum w^2.

    Kish, Survey Sampling (1965), section 11.7. As many as there are if all weights are the same, 1
    if one of them dominates, 0 without samples.

    Parameters
    ----------
    weights : (s,) array
        Not negative.

    Returns
    -------
    float
    """
    largest = float(np.max(weights, initial=0.0))
    if not largest > 0.0:
        return 0.0
    scaled = weights / largest  # so that squares of small ones do not vanish
    return float(scaled.sum() ** 2 / (scaled * scaled).sum())


def missing_chunks(chunks: Array, number: int, size: int) -> tuple[tuple[int, int], ...]:
    """Chunks of toys that are not there in full, each with the number of its toys.

    Parameters
    ----------
    chunks : (n,) integer array
        Chunk of each toy that is there.
    number : int
        Toys wanted.
    size : int
        Toys of a chunk; the last one may have less.
    """
    sizes = np.bincount(chunks, minlength=1) if len(chunks) else np.zeros(1, int)
    found = []
    for chunk in range(-(-number // size)):
        wanted = min(size, number - chunk * size)
        if chunk >= len(sizes) or sizes[chunk] < wanted:
            found.append((chunk, wanted))
    return tuple(found)
