"""Access to an HDF5 file that may come from anywhere: nothing is followed, nothing is believed.

A file of a kilobyte can claim arrays of terabytes, point to other files, or ask for a decoder.
What is read here is what a results file holds: groups, numbers and texts that are really there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import StoreError, printable
from ..records.arrays import Array

__all__ = ["Budget", "Guarded", "member"]

# Bytes of all texts together, and of one attribute; records in a list.
MOST_TEXT = 16_000_000
MOST_ATTRIBUTE = 1_000_000
MOST_MEMBERS = 100_000
# What is read beyond the size of the file: small numbers that HDF5 keeps in its headers.
_SLACK = 1 << 16
# Decoders that come with h5py, so that none is looked for elsewhere.
_OWN_FILTERS = ("DEFLATE", "SHUFFLE", "FLETCHER32", "LZF")


class Budget:
    """Bytes that may still be read from a file, so that one array counted twice is found.

    Parameters
    ----------
    size : int
        Bytes of the file.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._arrays, self._texts = size + _SLACK, MOST_TEXT

    def take(self, wanted: int, where: str) -> None:
        """Count an array; StoreError if the file cannot hold all that it claims."""
        self._arrays -= wanted
        if self._arrays < 0:
            raise StoreError(f"{where} claims more bytes than the file has")

    def take_text(self, wanted: int, where: str) -> None:
        """Count a text; StoreError if they are too many."""
        self._texts -= wanted
        if self._texts < 0:
            raise StoreError(f"the texts up to {where} have more than {MOST_TEXT} bytes")

    @property
    def batch(self) -> int:
        """Texts to read at a time, each of which may be as long as the file."""
        return max(1, min(256, MOST_TEXT // max(self.size, 1)))


class Guarded:
    """A group of an HDF5 file from which only what is expected can be read.

    Parameters
    ----------
    group : h5py.Group
    budget : Budget
        Shared by all groups of a file.
    """

    def __init__(self, group: Any, budget: Budget) -> None:
        self._group, self._budget = group, budget

    def where(self, name: str) -> str:
        """Path of a member, for messages."""
        return f"{(self._group.name or '').rstrip('/')}/{name}"

    def __contains__(self, name: str) -> bool:
        return bool(self._group.id.links.exists(name.encode()))

    def __len__(self) -> int:
        members = int(self._group.id.get_num_objs())
        if members > MOST_MEMBERS:
            raise StoreError(f"{self._group.name} claims {members} members")
        return members

    def _open(self, name: str, kind: str) -> Any:
        import h5py

        if name not in self:
            raise StoreError(f"no {name!r} in group {self._group.name!r}")
        item = member(self._group, name)
        if not isinstance(item, getattr(h5py, kind)):
            raise StoreError(f"{self.where(name)} is a {type(item).__name__}, not a {kind}")
        return item

    def group(self, name: str) -> Guarded:
        """Group inside this one."""
        return Guarded(self._open(name, "Group"), self._budget)

    def is_group(self, name: str) -> bool:
        """Whether a member is a group, not a dataset."""
        return hasattr(member(self._group, name), "keys")

    def array(self, name: str, rows: int | None = None) -> Array:
        """Numbers of a dataset.

        Parameters
        ----------
        name : str
        rows : int, optional
            Number of rows to read, from the first; all if None.

        Returns
        -------
        array

        Raises
        ------
        StoreError
            If it is not an array of numbers, or not all in the file.
        """
        dataset = self._open(name, "Dataset")
        where = self.where(name)
        _check_numbers(dataset.id.get_type(), where)
        shape = dataset.shape
        if shape is None:
            raise StoreError(f"{where} is empty, without a shape")
        if rows is not None:
            if not shape or not 0 <= rows <= shape[0]:
                raise StoreError(f"{where} has shape {shape}, but {rows} rows are needed")
            shape = (rows, *shape[1:])
        # Python's integers, which do not overflow.
        claimed = dataset.id.get_type().get_size()
        for length in shape:
            claimed *= int(length)
        if claimed > dataset.id.get_storage_size():
            raise StoreError(f"{where} claims {claimed} bytes that are not in the file")
        self._budget.take(claimed, where)
        return np.asarray(dataset[()] if rows is None else dataset[:rows])

    def text(self, name: str, longest: int = MOST_TEXT) -> str:
        """Text of a dataset that holds one."""
        dataset = self._open(name, "Dataset")
        self._check_texts(dataset, name, ())
        found = dataset.asstr()[()]
        if len(found) > longest:
            raise StoreError(f"{self.where(name)} has {len(found)} characters, more than {longest}")
        self._budget.take_text(len(found), self.where(name))
        return printable(str(found), "\n\t")

    def texts(self, name: str) -> tuple[str, ...]:
        """Texts of a dataset."""
        dataset = self._open(name, "Dataset")
        if dataset.shape is not None and not dataset.size:
            return ()
        self._check_texts(dataset, name, None)
        found: list[str] = []
        for first in range(0, len(dataset), self._budget.batch):
            for entry in dataset.asstr()[first : first + self._budget.batch]:
                self._budget.take_text(len(entry), self.where(name))
                found.append(printable(str(entry), "\n\t"))
        return tuple(found)

    def _check_texts(self, dataset: Any, name: str, shape: tuple[int, ...] | None) -> None:
        import h5py

        where = self.where(name)
        if dataset.id.get_type().get_class() != h5py.h5t.STRING:
            raise StoreError(f"{where} does not hold text")
        if (len(dataset.shape or ()) != 1) if shape is None else (dataset.shape != shape):
            raise StoreError(f"{where} has shape {dataset.shape}")
        claimed = dataset.id.get_type().get_size()
        for length in dataset.shape:
            claimed *= int(length)
        if claimed > dataset.id.get_storage_size():
            raise StoreError(f"{where} claims {claimed} bytes that are not in the file")
        self._budget.take(claimed, where)

    def has_attribute(self, name: str) -> bool:
        """Whether the group has an attribute."""
        import h5py

        return bool(h5py.h5a.exists(self._group.id, name.encode()))

    def attribute(self, name: str) -> Any:
        """Value of an attribute: a Python number, truth value or text, or an array."""
        import h5py

        where = self.where(name)
        if not self.has_attribute(name):
            raise StoreError(f"no attribute {name!r} in group {self._group.name!r}")
        found = h5py.h5a.open(self._group.id, name.encode())
        kind, size = found.get_type(), int(found.get_type().get_size())
        for length in found.shape:
            size *= int(length)
        if size > MOST_ATTRIBUTE:
            raise StoreError(f"{where} claims {size} bytes")
        if kind.get_class() != h5py.h5t.STRING:
            _check_numbers(kind, where)
        elif found.shape:
            raise StoreError(f"{where} is an array of texts")
        value = self._group.attrs[name]
        if isinstance(value, str | bytes):
            text = value if isinstance(value, str) else value.decode()
            self._budget.take_text(len(text), where)
            return printable(text, "\n\t")
        return value.item() if isinstance(value, np.generic) else value


def member(group: Any, name: str, *, compressed: bool = False) -> Any:
    """Group or dataset in a group, if it is there and nowhere else.

    Parameters
    ----------
    group : h5py.Group
    name : str
    compressed : bool
        Whether it may be compressed by what HDF5 itself brings, as files of others are.

    Raises
    ------
    StoreError
        If it lies in another place or file, or has to be decoded.
    """
    import h5py

    where = f"{(group.name or '').rstrip('/')}/{name}"
    if group.id.links.get_info(name.encode()).type != h5py.h5l.TYPE_HARD:
        raise StoreError(f"{where} is a link to another place, which is not followed")
    item = group[name]
    if isinstance(item, h5py.Dataset):
        made = item.id.get_create_plist()
        if made.get_layout() not in (h5py.h5d.COMPACT, h5py.h5d.CONTIGUOUS, h5py.h5d.CHUNKED):
            raise StoreError(f"{where} is put together from other files, which is not followed")
        if made.get_external_count():
            raise StoreError(f"{where} is stored in another file, which is not followed")
        filters = {made.get_filter(i)[0] for i in range(made.get_nfilters())}
        if filters and not compressed:
            raise StoreError(f"{where} is compressed, as no results file is")
        own = {getattr(h5py.h5z, f"FILTER_{one}") for one in _OWN_FILTERS}
        if not filters <= own:
            raise StoreError(f"{where} is compressed by what h5py does not bring")
    return item


def _check_numbers(kind: Any, where: str) -> None:
    """Refuse references, texts and lists where numbers are expected."""
    import h5py

    members = (
        [kind.get_member_type(index) for index in range(kind.get_nmembers())]
        if kind.get_class() == h5py.h5t.COMPOUND
        else [kind]
    )
    numbers = (h5py.h5t.INTEGER, h5py.h5t.FLOAT, h5py.h5t.ENUM)
    if not all(member.get_class() in numbers for member in members):
        raise StoreError(f"{where} does not hold numbers")
