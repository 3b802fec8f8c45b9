"""Chains in text files of other programs: those of CosmoMC, getdist and cobaya, and CSV.

A line of a chain has the weight, minus the log posterior and the parameters
(https://getdist.readthedocs.io/en/latest/intro.html). Names are in ``root.paramnames``, or in a
comment in front, as cobaya writes it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...errors import StoreError, printable
from ..records.arrays import Array
from .foreign_hdf5 import Found

__all__ = ["chain_files", "is_csv", "read_csv", "read_getdist"]

# Bytes of a text file, as numbers take several times as much in memory.
_LARGEST = 2_000_000_000
_LEAST_COLUMNS = 3
_WEIGHT = ("weight", "weights")
_MINUS_LOG_POSTERIOR = ("minuslogpost", "minuslogposterior")
# Columns of CSV that are no parameters.
_COUNTERS = ("ensemble", "chain", "draw", "step", "walker", "")
_LOGARITHMS = ("log_posterior", "log_likelihood", "log_prior")


def chain_files(path: Path) -> tuple[str, tuple[Path, ...]]:
    """Root and text files of a chain that is named by its root or by one of its files.

    A file of samples that is named is read alone.

    Parameters
    ----------
    path : Path
        ``root``, ``root.paramnames``, ``root.txt``, ``root_1.txt`` or ``root.1.txt``.

    Returns
    -------
    root : str
    files : tuple of Path
        Ordered by their numbers; none if there are none.
    """
    if path.suffix == ".txt" and path.is_file():
        return re.sub(r"[._]\d+$", "", str(path)[: -len(".txt")]), (path,)
    root = re.sub(r"\.(paramnames|ranges)$", "", str(path))
    stem = Path(root).name
    single = Path(f"{root}.txt")
    if single.is_file():
        return root, (single,)
    pattern = re.compile(re.escape(stem) + r"[._](\d+)\.txt")
    directory = Path(root).parent
    entries = sorted(directory.iterdir()) if directory.is_dir() else []
    numbered = [(int(m[1]), p) for p in entries if (m := pattern.fullmatch(p.name)) is not None]
    return root, tuple(entry for _, entry in sorted(numbered))


def read_getdist(root: str, files: Sequence[Path]) -> Found:
    """Samples of text files of getdist, one chain a file.

    Parameters
    ----------
    root : str
        What names of the other files begin with.
    files : sequence of Path

    Returns
    -------
    Found

    Raises
    ------
    StoreError
        If one cannot be read, or has another number of columns.
    """
    tables = [_table(path) for path in files]
    width = tables[0].shape[1]
    for path, table in zip(files, tables, strict=True):
        if table.shape[1] != width:
            raise StoreError(
                f"{path}: {table.shape[1]} columns, but {files[0].name} has {width}: not chains "
                "of one run."
            )
    if width < _LEAST_COLUMNS:
        raise StoreError(
            f"{files[0]}: {width} columns: weight, minus log posterior and a parameter are needed."
        )
    names, labels = _names(root, files[0])
    if names and len(names) != width - 2:
        raise StoreError(
            f"{root}: {len(names)} names of parameters, but {width - 2} columns of them."
        )
    heights = [-table[:, 1] for table in tables]
    unknown = all((height == 0.0).all() for height in heights)
    weights = [table[:, 0] for table in tables]
    return Found(
        "getdist",
        names,
        tuple(table[:, 2:] for table in tables),
        () if unknown else tuple(heights),
        () if all((weight == 1.0).all() for weight in weights) else tuple(weights),
        labels=labels,
        ranges=_ranges(Path(f"{root}.ranges")),
    )


def _text(path: Path) -> str:
    if path.stat().st_size > _LARGEST:
        raise StoreError(f"{path}: {path.stat().st_size} bytes are more than {_LARGEST}.")
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise StoreError(
            f"{path}: not a chain: no text file, nor one of HDF5 (emcee, arviz's netCDF)."
        )
    return text


def _table(path: Path) -> Array:
    lines = [line for line in _text(path).splitlines() if line.split("#")[0].strip()]
    if not lines:
        raise StoreError(f"{path}: no samples: the file is empty.")
    width = len(lines[0].split("#")[0].split())
    try:
        found: Array = np.loadtxt(lines, ndmin=2)
    except ValueError:
        raise StoreError(f"{path}: {_fault(lines, width)}") from None
    return found


def _fault(lines: Sequence[str], width: int) -> str:
    """Why lines are no table of numbers."""
    for number, line in enumerate(lines, start=1):
        cells = line.split("#")[0].split()
        for cell in cells:
            try:
                float(cell)
            except ValueError:
                return f"not a chain: {printable(cell[:40])!r} in sample {number} is no number."
        if len(cells) != width:
            return f"sample {number} has {len(cells)} columns, the first {width}: truncated?"
    return "not a chain: no table of numbers."


def _names(root: str, first: Path) -> tuple[tuple[str, ...], dict[str, str]]:
    """Names and labels of parameters; none if nothing tells them."""
    path = Path(f"{root}.paramnames")
    if path.is_file():
        rows = [line.split(None, 1) for line in _text(path).splitlines() if line.strip()]
        names = tuple(printable(row[0].rstrip("*")) for row in rows)
        labels = {
            name: printable(row[1].partition("#")[0].strip())
            for name, row in zip(names, rows, strict=True)
            if len(row) > 1
        }
        return names, {name: label for name, label in labels.items() if label}
    with first.open(encoding="utf-8-sig", errors="replace") as file:
        header = file.readline(1_000_000)
    words = header.lstrip("#").split() if header.startswith("#") else []
    if len(words) > 1 and words[0] in _WEIGHT and words[1] in _MINUS_LOG_POSTERIOR:
        return tuple(map(printable, words[2:])), {}
    return (), {}


def _ranges(path: Path) -> dict[str, tuple[float, float]]:
    """Ends of priors: a line has name, lower and upper end, of which N is none."""
    if not path.is_file():
        return {}
    found = {}
    for line in _text(path).splitlines():
        words = line.split()
        if len(words) < 3:
            continue
        try:
            ends = [
                side if word == "N" else float(word)
                for word, side in zip(words[1:3], (-np.inf, np.inf), strict=True)
            ]
        except ValueError:
            raise StoreError(f"{path}: {printable(line[:60])!r}: name, lower, upper.") from None
        found[printable(words[0])] = (ends[0], ends[1])
    return found


def is_csv(path: Path) -> bool:
    """Whether the first line of a file is a header with commas.

    Parameters
    ----------
    path : Path
    """
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        first = file.readline(1_000_000)
    return "," in first and not first.startswith("#") and re.search("[A-Za-z]", first) is not None


def read_csv(path: Path) -> Found:
    """Samples of a table with a header: columns, of which some have a meaning.

    ``weight``; ``log_posterior``, or the sum of ``log_likelihood`` and ``log_prior``; ``ensemble``
    or ``chain``. All others are parameters; a unit in brackets is left out of their names.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Found

    Raises
    ------
    StoreError
        If it is none.
    """
    reader = csv.reader(io.StringIO(_text(path)))
    header = [re.sub(r"\s*\[[^\]]*\]$", "", word.strip()) for word in next(reader, [])]
    rows = [row for row in reader if row]
    if not rows:
        raise StoreError(f"{path}: no samples: the table is empty.")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise StoreError(
                f"{path}: sample {number} has {len(row)} columns, the header {len(header)}: "
                "truncated?"
            )
    try:
        table = np.array(rows, dtype=float)
    except ValueError:
        fault = _fault([" ".join(cell or "?" for cell in row) for row in rows], len(header))
        raise StoreError(f"{path}: {fault}") from None
    return _of_table(header, table)


def _of_table(header: list[str], table: Array) -> Found:
    columns = dict(zip(header, table.T, strict=True))
    names = [name for name in header if name not in (*_COUNTERS, *_WEIGHT, *_LOGARITHMS)]
    number = next((columns[name] for name in ("ensemble", "chain") if name in columns), None)
    chosen = (
        [np.full(len(table), True)] if number is None else [number == n for n in np.unique(number)]
    )
    values = table[:, [header.index(name) for name in names]]
    weights = next((columns[name] for name in _WEIGHT if name in columns), None)
    heights = columns.get("log_posterior")
    if heights is None and {"log_likelihood", "log_prior"} <= set(columns):
        heights = columns["log_likelihood"] + columns["log_prior"]
    return Found(
        "csv",
        tuple(map(printable, names)),
        tuple(values[rows] for rows in chosen),
        () if heights is None else tuple(heights[rows] for rows in chosen),
        ()
        if weights is None or (weights == 1.0).all()
        else tuple(weights[rows] for rows in chosen),
    )
