"""Joint number densities: signal events of each analysis bin from each kinematic bin.

As published: one row per analysis bin in the order of the workspace, one column per kinematic bin,
no header. Row sums are the nominal signal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import DataError
from ..base import Array
from ..histfactory.file_text import FileText

__all__ = ["Bins", "read_density", "read_table"]

# Largest relative difference between the sum of a row and the nominal yield of its bin.
CLOSURE = 1e-4
_RANGE = ("start", "stop", "bins")


@dataclass(frozen=True)
class Bins:
    """Kinematic bins of a density, and those among them that are reweighted.

    Attributes
    ----------
    edges : dict of str to (k + 1,) array
        By variable, the first slowest.
    inside : dict of str to slice
        Bins of each variable inside the cutoff.
    """

    edges: dict[str, Array]
    inside: dict[str, slice]

    @classmethod
    def of(
        cls,
        name: str,
        bins: Mapping[str, Sequence[Any]],
        cutoff: Mapping[str, Sequence[float]] | None = None,
    ) -> Bins:
        """Bins from their edges: numbers, and ranges with start, stop and number of bins.

        Parameters
        ----------
        name : str
            Of the term, for errors.
        bins : mapping of str to sequence
            By variable, such as ``{q2: [-1, {start: 0, stop: 22.885, bins: 100}]}``.
        cutoff : mapping of str to (float, float), optional
            Range outside of which columns keep the weight 1.

        Raises
        ------
        DataError
            If edges do not increase, or a cutoff leaves nothing or is no edge.
        """
        for key, given in (("bins", bins), ("cutoff", cutoff or {})):
            if not isinstance(given, Mapping) or not all(map(_is_list, given.values())):
                raise DataError(
                    f"{name}: {key} is a mapping of q2 (and cos) to a list, not {given}"
                )
        edges = {variable: _edges(name, variable, given) for variable, given in bins.items()}
        unknown = set(cutoff or {}) - set(edges)
        if unknown or not edges or "q2" not in edges or set(edges) - {"q2", "cos"}:
            raise DataError(
                f"{name}: bins and cutoff are given for q2, or q2 and cos, not for "
                + ", ".join(sorted({*edges, *(cutoff or {})}))
            )
        inside = {
            variable: _inside(name, variable, points, (cutoff or {}).get(variable))
            for variable, points in edges.items()
        }
        return cls(edges, inside)

    @property
    def size(self) -> int:
        """Number of all kinematic bins, columns of a density."""
        return int(np.prod([len(edges) - 1 for edges in self.edges.values()]))

    @property
    def mask(self) -> Array:
        """Which columns are inside the cutoff: (columns,) bool."""
        mask = np.zeros([len(edges) - 1 for edges in self.edges.values()], dtype=bool)
        mask[tuple(self.inside.values())] = True
        return mask.ravel()

    @property
    def inner_edges(self) -> dict[str, Array]:
        """Edges of the bins inside the cutoff, by variable."""
        return {
            variable: edges[self.inside[variable].start : self.inside[variable].stop + 1]
            for variable, edges in self.edges.items()
        }


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence | np.ndarray) and not isinstance(value, str)


def _number(name: str, variable: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not np.isfinite(number):
        raise DataError(f"{name}: an edge of {variable} is a number, not {value!r}")
    return number


def _edges(name: str, variable: str, given: Sequence[Any]) -> Array:
    points: list[float] = []
    for entry in given:
        if isinstance(entry, Mapping):
            if set(entry) != set(_RANGE):
                raise DataError(f"{name}: a range of bins of {variable} needs start, stop and bins")
            start, stop, size = (_number(name, variable, entry[key]) for key in _RANGE)
            points += np.linspace(start, stop, max(int(size), 0) + 1).tolist()
        else:
            points.append(_number(name, variable, entry))
    edges = np.array(points)
    # A range may begin where the one before ended.
    edges = edges[np.concatenate([[True], np.diff(edges) != 0])] if len(edges) else edges
    if len(edges) < 2 or not (np.diff(edges) > 0).all():
        raise DataError(f"{name}: edges of the bins of {variable} must increase: {points[:4]} ...")
    return edges


def _inside(name: str, variable: str, edges: Array, cutoff: Sequence[float] | None) -> slice:
    if cutoff is None:
        return slice(0, len(edges) - 1)
    if len(cutoff) != 2:
        raise DataError(f"{name}: the cutoff of {variable} has two ends, not {len(cutoff)}")
    low, high = (_number(name, variable, end) for end in cutoff)
    tolerance = 1e-9 * (abs(edges).max() + 1.0)
    within = (edges >= low - tolerance) & (edges <= high + tolerance)
    found = np.flatnonzero(within)
    if len(found) < 2:
        raise DataError(f"{name}: no bin of {variable} lies inside the cutoff [{low:g}, {high:g}]")
    return slice(int(found[0]), int(found[-1]))


def read_table(name: str, source: Any) -> Array:
    """Numbers of a file without header, or given as they are.

    Parameters
    ----------
    name : str
        Of the term, for errors.
    source : str, Path, FileText or array

    Returns
    -------
    array of one or two dimensions

    Raises
    ------
    DataError
        If the file cannot be read, or holds what is not a finite number.
    """
    if isinstance(source, str | Path | FileText):
        lines = source.text.splitlines() if isinstance(source, FileText) else source
        if isinstance(source, FileText) and not source.text.strip():
            raise DataError(f"{name}: {source} is empty")
        try:
            table = np.loadtxt(lines, delimiter=",", ndmin=2, encoding="utf-8")
        except OSError as error:
            raise DataError(f"{name}: {source} cannot be read: {error}") from None
        except ValueError as error:
            raise DataError(f"{name}: {source} is no table of numbers: {error}") from None
    else:
        table = np.asarray(source, float)
    if not np.isfinite(table).all():
        raise DataError(f"{name}: {_label(source)} holds numbers that are not finite")
    return table


def read_density(
    name: str, source: Any, nominal: Array, bins: Bins, sample: str, closure: float = CLOSURE
) -> Array:
    """Density of a sample, columns outside the cutoff added up in front.

    Parameters
    ----------
    name : str
        Of the term, for errors.
    source : str, Path, FileText or array
        One row per analysis bin, one column per kinematic bin.
    nominal : (X,) array
        Nominal events of the sample.
    bins : Bins
    sample : str
        Channel and sample, for errors.
    closure : float
        Largest relative difference of a row sum and the nominal events.

    Returns
    -------
    (X, 1 + K) array, events

    Raises
    ------
    DataError
        If the shape is another, an entry is negative, or a row does not add up to the nominal
        events; the message says whether the transpose would.
    """
    table = np.atleast_2d(read_table(name, source))
    shape, label = (len(nominal), bins.size), _label(source)
    fits = _fits(table.T, nominal, shape, closure)
    hint = "; its transpose would fit" if fits else ""
    if table.shape != shape:
        raise DataError(
            f"{name}: {label} has {table.shape[0]} rows and {table.shape[1]} columns, {sample} "
            f"needs {shape[0]} analysis bins and {shape[1]} kinematic bins{hint}"
        )
    if (table < 0).any():
        row, column = (int(index) for index in np.argwhere(table < 0)[0])
        raise DataError(
            f"{name}: {label} has a negative number of events, {table[row, column]:g}, in row "
            f"{row}, column {column}"
        )
    sums = table.sum(axis=1)
    if not _fits(table, nominal, shape, closure):
        row = int(np.argmax(abs(sums - nominal) / np.where(nominal > 0, nominal, 1.0)))
        hint = "; its transpose would fit" if fits else "; its transpose would not fit"
        raise DataError(
            f"{name}: row {row} of {label} adds up to {sums[row]:.7g} events, bin {row} of "
            f"{sample} has {nominal[row]:.7g}{hint}"
        )
    mask = bins.mask
    outside = table[:, ~mask].sum(axis=1, keepdims=True)
    return np.concatenate([outside, table[:, mask]], axis=1)


def _fits(table: Array, nominal: Array, shape: tuple[int, int], closure: float) -> bool:
    if table.shape != shape:
        return False
    return bool((abs(table.sum(axis=1) - nominal) <= closure * nominal).all())


def _label(source: Any) -> str:
    return str(source) if isinstance(source, str | Path | FileText) else "the density"
