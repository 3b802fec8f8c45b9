"""Chains in HDF5 files of other programs: backends of emcee, and netCDF of arviz.

Like results files they may come from anywhere: links and references are not followed, and what a
file claims is counted before it is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import StoreError, did_you_mean, printable
from ..records.arrays import Array
from .guarded import Budget, Guarded, member

__all__ = ["Found", "is_hdf5", "kind_of_hdf5", "read_hdf5", "rehearse_hdf5"]

# Numbers that a file may unfold to, each of 8 bytes, and depth of groups that is searched.
_MOST_NUMBERS = 500_000_000
_DEEPEST = 3
_EMCEE = ("chain", "log_prob")
# Log posterior in the group sample_stats of arviz: as arviz has it, and as some converters do.
_LOG_POSTERIOR = ("lp", "log_posterior")


@dataclass(frozen=True, eq=False)
class Found:
    """Samples of a file as they are there.

    Parameters
    ----------
    kind : str
    names : tuple of str
        Empty if the file has none.
    chains : tuple of (s, d) arrays
    log_posterior : tuple of (s,) arrays
        Empty if it is not in the file.
    weights : tuple of (s,) arrays
        Empty if all samples count the same.
    step : int
        Rows that belong to one stored step: walkers of emcee, else 1.
    labels : dict of str to str
    ranges : dict of str to (float, float)
    """

    kind: str
    names: tuple[str, ...]
    chains: tuple[Array, ...]
    log_posterior: tuple[Array, ...] = ()
    weights: tuple[Array, ...] = ()
    step: int = 1
    labels: dict[str, str] | None = None
    ranges: dict[str, tuple[float, float]] | None = None


def is_hdf5(start: bytes) -> bool:
    """Whether a file that begins so is one of HDF5, with a block of a user's in front or not.

    Parameters
    ----------
    start : bytes
        Of the file, 64 kB of them.
    """
    places = [0, *(512 << i for i in range(8))]
    return any(start[place : place + 8] == b"\x89HDF\r\n\x1a\n" for place in places)


def kind_of_hdf5(file: Any) -> str:
    """What wrote an HDF5 file: ``bsinv``, ``emcee`` or ``arviz``.

    Parameters
    ----------
    file : binary file

    Raises
    ------
    StoreError
        If it is none of them, or not whole.
    """
    with _open(file) as opened:
        return _kind(opened)


def read_hdf5(file: Any, group: str | None = None) -> Found:
    """Samples of an HDF5 file.

    Parameters
    ----------
    file : binary file
    group : str, optional
        Group of emcee's backend, if there are several.

    Returns
    -------
    Found

    Raises
    ------
    StoreError
        If there are none, or the file is damaged.
    """
    with _open(file) as opened:
        kind = _kind(opened)
        if kind == "bsinv":
            raise StoreError(
                "a results file of bsinv, not a chain of another program: read it as a run."
            )
        if kind == "arviz":
            if group is not None:
                raise StoreError(f"group {group!r}: groups are those of emcee; this is of arviz.")
            return _of_arviz(opened)
        return _of_emcee(opened, group)


def rehearse_hdf5(file: Any) -> None:
    """Read all samples of a file, to see that nothing breaks.

    Parameters
    ----------
    file : binary file
    """
    with _open(file) as opened:
        kind = _kind(opened)
        if kind == "arviz":
            _of_arviz(opened)
        elif kind == "emcee":
            for name in _backends(opened):
                _of_emcee(opened, name)


def _open(file: Any) -> Any:
    import h5py

    file.seek(0)
    try:
        return h5py.File(file, "r")
    except OSError as error:
        raise StoreError(f"cannot be read as HDF5: truncated or damaged ({error}).") from None


def _kind(opened: Any) -> str:
    root = Guarded(opened, Budget(0))
    if root.has_attribute("format") and root.attribute("format") == "bsinv results":
        return "bsinv"
    if "posterior" in root and root.is_group("posterior"):
        return "arviz"
    if _backends(opened):
        return "emcee"
    raise StoreError(
        "an HDF5 file, but no chain: neither a backend of emcee (chain, log_prob) nor a netCDF of "
        "arviz (posterior)."
    )


def _backends(opened: Any) -> list[str]:
    """Names of groups that look like backends of emcee."""
    return [name for name, group in _groups(opened, "", 0) if all(k in group for k in _EMCEE)]


def _groups(group: Any, name: str, depth: int) -> Iterator[tuple[str, Guarded]]:
    guarded = Guarded(group, Budget(0))
    len(guarded)  # refuses a group with members without end
    yield name, guarded
    if depth == _DEEPEST:
        return
    for key in group:
        try:
            item = member(group, key, compressed=True)
        except StoreError:
            continue  # a link elsewhere is of no concern
        if hasattr(item, "keys"):
            yield from _groups(item, f"{name}/{key}".lstrip("/"), depth + 1)


def _of_emcee(opened: Any, wanted: str | None) -> Found:
    names = _backends(opened)
    if wanted is None and len(names) > 1:
        raise StoreError(f"several chains: choose one by its group, of {', '.join(names)}.")
    name = names[0] if wanted is None else wanted.strip("/")
    if name not in names:
        raise StoreError(f"no chain in group {name!r}{did_you_mean(name, names)}.")
    group = opened[name] if name else opened
    guarded = Guarded(group, Budget(1 << 20))
    steps = int(guarded.attribute("iteration")) if guarded.has_attribute("iteration") else None
    chain = _numbers(group, "chain", steps)
    log_posterior = _numbers(group, "log_prob", steps)
    if chain.ndim != 3 or log_posterior.shape != chain.shape[:2]:
        raise StoreError(
            f"chain has shape {chain.shape}, log_prob {log_posterior.shape}: (steps, walkers, "
            "parameters) and (steps, walkers) are needed."
        )
    _, walkers, ndim = chain.shape
    told = guarded.texts("names") if "names" in guarded else ()
    if told and len(told) != ndim:
        raise StoreError(f"{len(told)} names of {ndim} parameters.")
    if not chain.size:
        raise StoreError("no samples: no step was stored.")
    return Found("emcee", told, (chain.reshape(-1, ndim),), (log_posterior.ravel(),), step=walkers)


def _of_arviz(opened: Any) -> Found:
    group = member(opened, "posterior")
    guarded = Guarded(group, Budget(0))
    sizes = tuple(_length(group, guarded, name) for name in ("chain", "draw"))
    if 0 in sizes:
        raise StoreError("no samples: the group posterior is empty.")
    columns: dict[str, Array] = {}
    for name in group:
        dataset = member(group, name, compressed=True)
        if hasattr(dataset, "keys") or _is_scale(dataset):
            continue
        if (dataset.shape or ())[:2] != sizes:
            raise StoreError(
                f"posterior/{name} has shape {dataset.shape}: it begins with {sizes} (chain, "
                "draw) in files of arviz."
            )
        values = _unpacked(dataset, _numbers(group, name)).reshape(*sizes, -1)
        scalar = len(dataset.shape) == 2
        places = np.ndindex(dataset.shape[2:])
        for i, place in enumerate(places):
            key = name if scalar else f"{name}[{','.join(map(str, place))}]"
            columns[key] = values[:, :, i]
            if sum(column.size for column in columns.values()) > _MOST_NUMBERS:
                raise StoreError("too many numbers to be read.")
    if not columns:
        raise StoreError("no parameters in the group posterior.")
    stacked = np.stack(list(columns.values()), axis=-1)
    return Found(
        "arviz",
        tuple(printable(name) for name in columns),
        tuple(stacked),
        _statistics(opened, sizes),
        labels=_labels(group, columns),
    )


def _length(group: Any, guarded: Guarded, name: str) -> int:
    if name not in guarded:
        raise StoreError(f"no {name!r} in the group posterior: not a chain of arviz.")
    dataset = member(group, name, compressed=True)
    shape = getattr(dataset, "shape", None)
    if shape is None or len(shape) != 1:
        raise StoreError(f"posterior/{name} has shape {shape}: one dimension is needed.")
    return int(shape[0])


def _is_scale(dataset: Any) -> bool:
    """Whether a dataset is a coordinate, which HDF5 calls a scale of a dimension."""
    import h5py

    return bool(h5py.h5ds.is_scale(dataset.id))


def _statistics(opened: Any, sizes: tuple[int, ...]) -> tuple[Array, ...]:
    """Log posterior of each chain, if it is there."""
    if "sample_stats" not in Guarded(opened, Budget(0)):
        return ()
    group = member(opened, "sample_stats")
    for name in _LOG_POSTERIOR:
        if hasattr(group, "keys") and name in Guarded(group, Budget(0)):
            values = _unpacked(member(group, name, compressed=True), _numbers(group, name))
            return tuple(values) if values.shape == sizes else ()
    return ()


def _labels(group: Any, columns: dict[str, Array]) -> dict[str, str]:
    """LaTeX of parameters, which `bsinv export` writes."""
    found = {}
    for name in columns:
        if name in group and isinstance(label := group[name].attrs.get("latex"), str):
            found[name] = printable(label[:200])
    return found


def _unpacked(dataset: Any, values: Array) -> Array:
    """Numbers of a netCDF variable that was packed into integers."""
    scale, offset = (dataset.attrs.get(key, value) for key, value in _PACKING)
    packed: Array = values * float(np.ravel(scale)[0]) + float(np.ravel(offset)[0])
    return packed


_PACKING = (("scale_factor", 1.0), ("add_offset", 0.0))


def _numbers(group: Any, name: str, rows: int | None = None) -> Array:
    """Numbers of a dataset, which may be compressed."""
    import h5py

    dataset = member(group, name, compressed=True)
    where = f"{(group.name or '').rstrip('/')}/{name}"
    if not isinstance(dataset, h5py.Dataset) or dataset.shape is None:
        raise StoreError(f"{where} is no array.")
    if dataset.id.get_type().get_class() not in (h5py.h5t.INTEGER, h5py.h5t.FLOAT):
        raise StoreError(f"{where} does not hold numbers.")
    if rows is not None and not (dataset.shape and 0 <= rows <= dataset.shape[0]):
        raise StoreError(f"{where} has shape {dataset.shape}, but {rows} steps are told.")
    count = 1
    for length in dataset.shape if rows is None else (rows, *dataset.shape[1:]):
        count *= int(length)
    stored = dataset.id.get_storage_size()
    size = dataset.id.get_type().get_size()
    plain = not dataset.id.get_create_plist().get_nfilters()
    if count > _MOST_NUMBERS or (plain and count * size > stored) or (count and not stored):
        raise StoreError(f"{where} claims {count} numbers that are not in the file, or too many.")
    return np.asarray(dataset[()] if rows is None else dataset[:rows], dtype=float)
