"""The first 512 bytes of a results file: a checksum of all the others, and whose results they are.

HDF5 leaves room for such a block (its "user block") and every program that reads HDF5 skips it.
The checksum is compared before HDF5 looks at the file, since that library does not survive every
damage. It finds damage; it is no signature.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .guarded import member

__all__ = [
    "BLOCK",
    "Seal",
    "checksum",
    "checksums",
    "fingerprint_digest",
    "holds",
    "read_seal",
    "seal",
]

BLOCK = 512
# Groups that are one part; of the others each member is one.
PARTS = ("best_fit", "parameters", "support")
_MAGIC = b"bsinv results\n"
_PIECE = 1 << 22
# From this size on the words of an array are added up in rows before the checksum is taken.
_LARGE = 1 << 20
_ROW = 4096


@dataclass(frozen=True)
class Seal:
    """What the block says.

    Attributes
    ----------
    size : int
        Bytes of the whole file.
    crc32 : int
        Checksum of the bytes after the block.
    fingerprint : str
        Digest of the fingerprint of the run.
    """

    size: int
    crc32: int
    fingerprint: str


def _digest(text: str) -> str:
    """Eight hexadecimal digits that change with a text."""
    return f"{zlib.crc32(text.encode('utf-8', 'surrogatepass')):08x}"


def fingerprint_digest(fingerprint: Mapping[str, str]) -> str:
    """Digest of a fingerprint, whatever the order of its keys."""
    return _digest(json.dumps(dict(fingerprint), sort_keys=True))


def seal(image: memoryview, fingerprint: Mapping[str, str]) -> bytes:
    """Block that belongs in front of the bytes of a results file.

    Parameters
    ----------
    image : memoryview
        The whole file; its first `BLOCK` bytes do not count.
    fingerprint : mapping of str to str

    Returns
    -------
    bytes
    """
    return _block(Seal(len(image), zlib.crc32(image[BLOCK:]), fingerprint_digest(fingerprint)))


def _block(told: Seal) -> bytes:
    text = _MAGIC + json.dumps(asdict(told)).encode() + b"\n"
    text += b" " * (BLOCK - len(text) - 10) + b"\n"
    return text + f"{zlib.crc32(text):08x}\n".encode()


def read_seal(descriptor: int) -> Seal | None:
    """Read the block of an open file.

    Parameters
    ----------
    descriptor : int

    Returns
    -------
    Seal or None
        None where there is none, or it is damaged.
    """
    os.lseek(descriptor, 0, os.SEEK_SET)
    raw = os.read(descriptor, BLOCK)
    if not raw.startswith(_MAGIC):
        return None
    with contextlib.suppress(ValueError, KeyError, TypeError):
        told = json.loads(raw[len(_MAGIC) :].partition(b"\n")[0])
        found = Seal(int(told["size"]), int(told["crc32"]), str(told["fingerprint"]))
        # Every byte counts: the block must be the one that would be written.
        return found if _block(found) == raw else None
    return None


def holds(told: Seal, descriptor: int) -> bool:
    """Whether the bytes of an open file are those that were sealed.

    Parameters
    ----------
    told : Seal
    descriptor : int
    """
    if os.fstat(descriptor).st_size != told.size:
        return False
    os.lseek(descriptor, BLOCK, os.SEEK_SET)
    value = 0
    while piece := os.read(descriptor, _PIECE):
        value = zlib.crc32(piece, value)
    return value == told.crc32


def checksums(
    file: Any, known: Mapping[str, Mapping[str, Future[str]]] | None = None
) -> dict[str, str]:
    """Checksums over the content of a results file, by part.

    Parameters
    ----------
    file : h5py.File
    known : mapping from part to mapping of future, optional
        What `checksum` makes of some of its datasets, so that they need not be read.

    Returns
    -------
    dict of str to str
        Parts are such as ``"best_fit"`` and ``"ensembles/0"``; ``"/"`` is all that is in no group.
    """
    found: dict[str, str] = {}
    loose = [f"@{name} {checksum(file.attrs[name])}" for name in sorted(file.attrs)]
    for name in sorted(set(file) - {"checksums"}):
        item = member(file, name)
        if not hasattr(item, "keys"):
            loose.append(f"{name} {checksum(item[()])}")
        elif name in PARTS:
            found[name] = _checksum(item, {})
        else:
            loose.append(f"{name} {len(item)}")
            for entry in item:
                part = f"{name}/{entry}"
                found[part] = _checksum(member(item, entry), (known or {}).get(part, {}))
    return {"/": _digest("\n".join(loose)), **found}


def _checksum(group: Any, known: Mapping[str, Future[str]]) -> str:
    """Checksum of attributes and datasets by name, however HDF5 lays them out in the file."""
    lines = [f"@{name} {checksum(group.attrs[name])}" for name in sorted(group.attrs)]
    for name in sorted(group):
        item = member(group, name)
        if hasattr(item, "keys"):
            lines.append(f"{name}/ {_checksum(item, {})}")
        else:
            lines.append(f"{name} {known[name].result() if name in known else checksum(item[()])}")
    return _digest("\n".join(lines))


def checksum(value: Any) -> str:
    """Type, shape and checksum of an attribute or a dataset.

    Parameters
    ----------
    value : bytes, str, number or array

    Returns
    -------
    str
    """
    if isinstance(value, bytes | str):
        raw = value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")
        return f"text {len(raw)} {zlib.crc32(raw):08x}"
    array = np.asarray(value)
    if array.dtype == object:
        return f"texts {array.shape} " + " ".join(checksum(entry) for entry in array.ravel())
    raw_bytes = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    return f"{array.dtype.str} {array.shape} {_crc32(raw_bytes):08x}"


def _crc32(raw: Any) -> int:
    """CRC-32 of bytes; of large ones, that of the sums of 64-bit words in columns.

    Sums run at the speed of memory and change with every flipped bit; that rows of words were
    exchanged is left to the checksum of the file.
    """
    whole = len(raw) // (8 * _ROW) * 8 * _ROW if len(raw) >= _LARGE else 0
    head = raw[:whole].view(np.uint64).reshape(-1, _ROW)
    return zlib.crc32(raw[whole:], zlib.crc32(np.add.reduce(head, axis=0)) if whole else 0)
