"""Tables of a user's own: columns of numbers with their names and units in the first line."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import DataError

__all__ = ["CurveTable", "parse_curve"]

MOST_ROWS = 100_000
_HEAD = re.compile(r"\s*(?P<name>[^\[\],]+?)\s*\[(?P<unit>[^\[\]]+)\]\s*")


@dataclass(frozen=True)
class CurveTable:
    """Columns of equal length.

    Attributes
    ----------
    columns : mapping of str to tuple of float
        In the order of the table.
    units : mapping of str to str
        Of the columns whose unit is given.
    """

    columns: Mapping[str, tuple[float, ...]]
    units: Mapping[str, str] = field(default_factory=dict)


def parse_curve(text: str, file: str) -> CurveTable:
    """Read a table with commas between its columns.

    Parameters
    ----------
    text : str
        The first line names columns and units, such as ``m_X [GeV], limit [1]``; then one line of
        numbers for each point. Empty lines, and those that begin with ``#``, are skipped.
    file : str
        Name used in errors.

    Returns
    -------
    CurveTable

    Raises
    ------
    DataError
        Naming the file, the line and what is wrong.
    """
    lines = [
        (number, line)
        for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not lines:
        raise DataError(f"{file}: no line but comments: a header and numbers are needed.")
    number, header = lines[0]
    units = _units(header, f"{file}:{number}")
    if len(lines) > MOST_ROWS:
        raise DataError(f"{file}: more than {MOST_ROWS} lines.")
    rows = [_row(line, f"{file}:{at}", tuple(units)) for at, line in lines[1:]]
    if not rows:
        raise DataError(f"{file}: a header without numbers below it.")
    columns = dict(zip(units, zip(*rows, strict=True), strict=True))
    return CurveTable(columns, units)


def _units(header: str, where: str) -> dict[str, str]:
    """Unit of each column by its name."""
    units: dict[str, str] = {}
    for part in header.split(","):
        match = _HEAD.fullmatch(part)
        if match is None:
            raise DataError(
                f"{where}: {part.strip()!r} in the header is no column with its unit: write, for "
                "example, m_X [GeV], limit [1]."
            )
        if match["name"] in units:
            raise DataError(f"{where}: the column {match['name']!r} is named twice.")
        units[match["name"]] = match["unit"].strip()
    return units


def _row(line: str, where: str, names: Sequence[str]) -> tuple[float, ...]:
    cells = line.split(",")
    if len(cells) != len(names):
        raise DataError(f"{where}: {len(cells)} numbers for {len(names)} columns.")
    found = []
    for name, cell in zip(names, cells, strict=True):
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise DataError(f"{where}: {name} is {cell.strip()!r}; allowed: a finite number.")
        found.append(value)
    return tuple(found)
