"""Read-only arrays and mappings, of which the records are made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Array", "FrozenMapping", "read_only"]

Array = NDArray[np.float64]

K = TypeVar("K")
V = TypeVar("V")


class FrozenMapping(Mapping[K, V], Generic[K, V]):
    """A mapping that cannot be changed and can be pickled (``MappingProxyType`` cannot).

    Parameters
    ----------
    items : mapping
        What it holds; copied (not deeply).
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[K, V] | None = None) -> None:
        self._items: dict[K, V] = dict(items or {})

    def __getitem__(self, key: K) -> V:
        return self._items[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return f"FrozenMapping({self._items!r})"


def read_only(values: ArrayLike) -> Array:
    """Copy numbers into a float64 array that cannot be written to.

    Parameters
    ----------
    values : array_like
        Numbers, any shape.

    Returns
    -------
    array of the same shape
        With ``flags.writeable`` off.
    """
    array = np.array(values, dtype=np.float64)
    array.setflags(write=False)
    return array
