"""Chains of other programs, told apart by what is in their files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import StoreError, UnknownNameError
from ..records.arrays import Array
from ..records.foreign import ForeignChain
from .foreign_hdf5 import Found, is_hdf5, kind_of_hdf5, read_hdf5
from .foreign_text import chain_files, is_csv, read_csv, read_getdist
from .rehearsal import rehearse

__all__ = ["chain_kind", "read_samples"]

_START = 1 << 17


def chain_kind(path: str | Path) -> str:
    """What wrote a file: ``bsinv``, ``emcee``, ``arviz``, ``getdist`` or ``csv``.

    Parameters
    ----------
    path : str or Path
        A file, or the root of getdist's text files.

    Returns
    -------
    str

    Raises
    ------
    StoreError
        If there is none, or it is none of them.
    """
    place = Path(path)
    try:
        kind = _text_kind(place)
        if kind:
            return kind
        with place.open("rb") as file:
            return kind_of_hdf5(file)
    except StoreError as error:
        raise _named(place, error) from None


def read_samples(
    path: str | Path,
    *,
    names: Sequence[str] | None = None,
    rename: Mapping[str, str] | None = None,
    discard: int | float = 0,
    group: str | None = None,
) -> ForeignChain:
    """Read samples of the posterior that another program wrote.

    Known are backends of emcee (HDF5), netCDF of arviz, text files of getdist, CosmoMC and cobaya,
    and CSV with a header. Which it is, is told by what is in the file, not by its name. Samples
    with weight zero, or where the log posterior is minus infinity, are left out.

    Parameters
    ----------
    path : str or Path
        A file; of getdist also the root that several chains share (``root_1.txt``, …).
    names : sequence of str, optional
        Names of the parameters, in the order of the columns, of a file that has none: emcee stores
        none. Without them ``x0``, ``x1``, ….
    rename : mapping of str to str, optional
        Name in the file: name here.
    discard : int or float, optional
        Burn-in left out at the start of each chain: stored steps (int), or a part of it (float from
        0, less than 1). All is kept by default.
    group : str, optional
        Group of emcee's backend in its file, if there are several.

    Returns
    -------
    ForeignChain

    Raises
    ------
    StoreError
        If there is no such file, it is no chain, it is truncated, it has no samples or some that
        are not finite, or `names` are not as many as its columns, or the file has its own.
    UnknownNameError
        If `rename` names a parameter that is not in the file.
    """
    place = Path(path)
    try:
        found = _found(place, group)
        found = _with_names(found, names)
        stem = Path(chain_files(place)[0]).name if found.kind == "getdist" else place.stem
        return _chain(stem, found, dict(rename or {}), discard)
    except StoreError as error:
        raise _named(place, error) from None
    except OSError as error:
        raise StoreError(f"{place}: cannot be read: {error.strerror or error}.") from None


def _named(path: Path, error: StoreError) -> StoreError:
    """Error that names the file, once."""
    text = str(error)
    return error if text.startswith(str(path)) else StoreError(f"{path}: {text}")


def _text_kind(path: Path) -> str:
    """Kind of a text file; empty for one of HDF5."""
    if path.is_dir():
        raise StoreError("a directory: name a file in it, or the root of getdist's files.")
    if path.exists() and not path.is_file():
        raise StoreError("not a chain, but a device.")
    if path.is_file() and path.suffix not in (".paramnames", ".ranges"):
        with path.open("rb") as file:
            start = file.read(_START)
        if is_hdf5(start):
            return ""
        if not start:
            raise StoreError("no samples: the file is empty.")
        return "csv" if is_csv(path) else "getdist"
    if not chain_files(path)[1]:
        raise StoreError("no such chain, nor text files of getdist that begin so.")
    return "getdist"


def _found(path: Path, group: str | None) -> Found:
    kind = _text_kind(path)
    if kind and group is not None:
        raise StoreError(f"group {group!r}: text files have none.")
    if kind == "csv":
        return read_csv(path)
    if kind == "getdist":
        root, files = chain_files(path)
        return read_getdist(root, files or (path,))
    with path.open("rb", buffering=0) as file:
        fault = rehearse(file, chain=True).fault
        if fault is not None:
            raise StoreError("HDF5 fails on it: damaged, or too large to be read.")
        return read_hdf5(file, group)


def _with_names(found: Found, names: Sequence[str] | None) -> Found:
    count = found.chains[0].shape[1]
    if names is not None and found.names:
        raise StoreError(
            f"has names of its own ({', '.join(found.names[:6])}…): rename those that differ."
            if len(found.names) > 6
            else f"has names of its own ({', '.join(found.names)}): rename those that differ."
        )
    given = tuple(names) if names is not None else found.names
    if not given:
        given = tuple(f"x{i}" for i in range(count))
    if len(given) != count:
        raise StoreError(f"{len(given)} names given for {count} parameters.")
    return Found(**{**vars(found), "names": given})


def _chain(name: str, found: Found, rename: dict[str, str], discard: int | float) -> ForeignChain:
    for theirs in rename:
        if theirs not in found.names:
            raise UnknownNameError("parameter", theirs, found.names, f"chain {name!r}")
    starts = [_start(len(chain), found.step, discard) for chain in found.chains]

    def joined(parts: Sequence[Array]) -> Array:
        return np.concatenate([part[start:] for part, start in zip(parts, starts, strict=True)])

    columns = joined(found.chains)
    number = joined([np.full(len(chain), i) for i, chain in enumerate(found.chains)])
    weights = joined(found.weights) if found.weights else None
    heights = joined(found.log_posterior) if found.log_posterior else None
    kept = np.full(len(columns), True)
    if weights is not None:
        kept &= weights != 0.0
    if heights is not None:
        kept &= heights != -np.inf
    if not kept.any():
        raise StoreError("no samples are left: all have weight or posterior zero.")

    def renamed(values: Mapping[str, Any] | None) -> dict[str, Any]:
        return {rename.get(k, k): v for k, v in (values or {}).items() if k in found.names}

    return ForeignChain(
        name,
        found.kind,
        tuple(rename.get(entry, entry) for entry in found.names),
        columns[kept],
        None if weights is None else weights[kept],
        None if heights is None else heights[kept],
        chain=number[kept],
        labels=renamed(found.labels),
        ranges=renamed(found.ranges),
    )


def _start(rows: int, step: int, discard: int | float) -> int:
    """First row of a chain that is kept."""
    steps = rows // step
    if isinstance(discard, bool) or not isinstance(discard, int | float | np.number):
        raise StoreError(f"discard = {discard!r}: steps, or a part of the chain.")
    if isinstance(discard, float | np.floating):
        if not 0.0 <= discard < 1.0:
            raise StoreError(f"discard = {discard:g}: a part of the chain, from 0 to less than 1.")
        return step * int(discard * steps)
    if not 0 <= discard < steps:
        raise StoreError(f"discard = {discard}: between 0 and {steps - 1} steps.")
    return step * int(discard)
