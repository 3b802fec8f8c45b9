"""Curves of others for figures, as CSV files."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np

from ...errors import StoreError
from ..records.planes import Outline

__all__ = ["read_overlay"]

_MOST_BYTES = 20_000_000
_KEYS = ("label", "fill")
_WORDS = {"yes": True, "no": False}


def read_overlay(path: str | Path) -> tuple[Outline, ...]:
    """Read curves: two numbers in a line, x and y in the units of the axes.

    Lines such as ``# label: BaBar 2013`` and ``# fill: yes`` are about the curve that follows,
    other comments are passed over; an empty line begins another curve of the same label. One line
    of names of columns may stand at the top. Numbers are between commas, semicolons or tabs.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    tuple of Outline

    Raises
    ------
    StoreError
        With the file and the line.
    """
    target = Path(path)
    try:
        if target.stat().st_size > _MOST_BYTES:
            raise StoreError(f"{target} has more than {_MOST_BYTES} bytes: too many for a curve.")
        lines = target.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{target} cannot be read as a curve: {error}.") from error
    reader = _Reader(target)
    for number, line in enumerate(lines, 1):
        reader.take(number, line.strip())
    reader.end(len(lines))
    if not reader.found:
        raise StoreError(f"{target} holds no curve: two numbers in a line are needed, x and y.")
    return tuple(reader.found)


class _Reader:
    """Curves found so far, and the one that is being read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found: list[Outline] = []
        self.label, self.filled = path.stem, False
        self.points: list[tuple[float, float]] = []
        self.headed = False

    def take(self, number: int, line: str) -> None:
        if not line:
            self.end(number)
        elif line.startswith("#"):
            self._comment(number, line[1:].strip())
        else:
            self._point(number, line)

    def end(self, number: int) -> None:
        """Close the curve, if there is one."""
        if len(self.points) == 1:
            self._fail(number, "the curve that ends here has one point: two or more are needed")
        if self.points:
            x, y = np.array(self.points).T
            self.found.append(Outline(self.label, x, y, self.filled))
        self.points = []

    def _comment(self, number: int, text: str) -> None:
        key, colon, value = (part.strip() for part in text.partition(":"))
        if not colon or key not in _KEYS:
            return
        self.end(number)
        if key == "label":
            self.label, self.filled = value or self.path.stem, False
        elif value not in _WORDS:
            self._fail(number, f"'fill' is {value!r:.40}: yes or no")
        else:
            self.filled = _WORDS[value]

    def _point(self, number: int, line: str) -> None:
        mark = next((one for one in (",", ";", "\t") if one in line), None)
        cells = line.split() if mark is None else next(csv.reader([line], delimiter=mark))
        numbers = [_number(cell) for cell in cells]
        first = not self.headed and not self.points and not self.found
        if first and all(value is None for value in numbers):
            self.headed = True
            return
        if len(cells) != 2:
            self._fail(number, f"{len(cells)} columns, but two are needed, x and y")
        x, y = numbers
        if x is None or y is None or not (math.isfinite(x) and math.isfinite(y)):
            bad = cells[0] if x is None or not math.isfinite(x) else cells[1]
            self._fail(number, f"{bad.strip()!r:.40} is no finite number")
        else:
            self.points.append((x, y))

    def _fail(self, number: int, message: str) -> None:
        raise StoreError(f"{self.path}:{number}: {message}.")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
