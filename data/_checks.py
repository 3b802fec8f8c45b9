"""Reading of the shipped JSON files, and the checks that several loaders share."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import DataError
from .frozen import Array, read_only
from .records import Reference

_ARXIV = re.compile(r"\d{4}\.\d{4,5}|[a-z-]+/\d{7}")
_REFERENCE_KEYS = {"experiment", "year", "arxiv", "doi", "journal", "source"}

UNITS = {
    *("1", "GeV", "GeV^-2", "GeV s", "MeV", "ps", "ps^-1", "s", "m", "cm^2", "degrees"),
    *("cm^-3", "GeV cm^-3", "cm^3 s^-1 GeV^-1"),
}


def read_json(name: str) -> dict[str, Any]:
    """Read one of the JSON files beside this module.

    Raises
    ------
    DataError
        If the file is missing or is not JSON; the message says how to make it.
    """
    path = Path(__file__).with_name(name)
    remedy = "reinstall bsinv, or in a checkout run tools/compile_data.py"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{name}: cannot be read ({error.strerror}); {remedy}.") from None
    except json.JSONDecodeError as error:
        raise DataError(f"{name}: line {error.lineno} is not JSON; {remedy}.") from None
    if not isinstance(content, dict):
        raise DataError(f"{name}: holds a {type(content).__name__}, not a mapping; {remedy}.")
    return content


def fault(where: str, key: str, value: object, allowed: str) -> DataError:
    """Error that names the place, the key, the value found and what is allowed."""
    shown = repr(value)
    if len(shown) > 80:
        shown = shown[:77] + "..."
    return DataError(f"{where}: {key} is {shown}; allowed: {allowed}.")


def check_keys(
    where: str, entry: Mapping[str, Any], required: Collection[str], optional: Collection[str] = ()
) -> None:
    """Refuse missing and unknown keys."""
    for key in required:
        if key not in entry:
            raise DataError(f"{where}: {key} is missing; needed: {', '.join(sorted(required))}.")
    for key in entry:
        if key not in required and key not in optional:
            known = ", ".join(sorted({*required, *optional}))
            raise DataError(f"{where}: unknown key {key!r}; allowed: {known}.")


def named_entries(
    file: str,
    entries: Iterable[Mapping[str, Any]],
    required: Collection[str],
    optional: Collection[str] = (),
    taken: Collection[str] = (),
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Name, place and mapping of each entry of a file, keys checked, names unique and not taken."""
    seen = set(taken)
    for entry in entries:
        name = check_text(file, "name", entry.get("name"))
        where = f"{file}: {name}"
        check_keys(where, entry, required, optional)
        if name in seen:
            raise DataError(f"{file}: the name {name} occurs twice; names are unique.")
        seen.add(name)
        yield name, where, entry


def check_choice(where: str, key: str, value: object, allowed: Iterable[str]) -> str:
    """Return a text that is one of those allowed."""
    allowed = sorted(allowed)
    if not isinstance(value, str) or value not in allowed:
        more = f", ... ({len(allowed)} in all)" if len(allowed) > 24 else ""
        raise fault(where, key, value, "one of " + ", ".join(allowed[:24]) + more)
    return value


def check_number(
    where: str,
    key: str,
    value: object,
    *,
    above: float = -math.inf,
    below: float = math.inf,
    equal: bool = False,
) -> float:
    """Return a finite number inside bounds (`equal`: the bounds themselves are allowed)."""
    allowed = "a finite number"
    if above > -math.inf:
        allowed += f" {'of at least' if equal else 'above'} {above:g}"
    if below < math.inf:
        allowed += (
            f"{' and' if above > -math.inf else ''} {'up to' if equal else 'below'} {below:g}"
        )
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise fault(where, key, value, allowed)
    inside = above <= value <= below if equal else above < value < below
    if not inside:
        raise fault(where, key, value, allowed)
    return float(value)


def check_text(where: str, key: str, value: object) -> str:
    """Return a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise fault(where, key, value, "a text that is not empty")
    return value


def check_texts(where: str, key: str, value: object) -> tuple[str, ...]:
    """Return a sequence of texts that are not empty."""
    if not isinstance(value, list | tuple):
        raise fault(where, key, value, "a list of texts")
    return tuple(check_text(where, f"{key}[{i}]", item) for i, item in enumerate(value))


def check_unit(where: str, value: object, count: int) -> str:
    """Return a unit, or a comma-separated list of `count` units."""
    parts = value.split(", ") if isinstance(value, str) else []
    if len(parts) not in {1, count} or not set(parts) <= UNITS:
        raise fault(where, "unit", value, "one of " + ", ".join(sorted(UNITS)))
    return str(value)


def check_array(where: str, key: str, value: object, shape: Sequence[int | None]) -> Array:
    """Return a read-only array of finite numbers of a given shape (None: any length)."""
    allowed = "finite numbers of shape (" + ", ".join(str(n or "any") for n in shape) + ")"
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different lengths
        raise fault(where, key, value, allowed) from None
    fits = (
        array.dtype.kind in "iuf"
        and array.ndim == len(shape)
        and all(want is None or want == got for want, got in zip(shape, array.shape, strict=True))
    )
    if not fits or not np.isfinite(array).all():
        raise fault(where, key, value, allowed)
    return read_only(array)


def check_symmetric_positive(where: str, key: str, matrix: Array) -> None:
    """Refuse a matrix that is not symmetric, or whose correlation matrix is not positive.

    The correlation matrix is tested, not the covariance, since the scales of the entries may
    differ by many orders of magnitude.
    """
    diagonal = np.diag(matrix)
    if (diagonal <= 0).any():
        at = int(np.argmin(diagonal))
        raise fault(where, f"{key}[{at}][{at}]", float(diagonal[at]), "a number above 0")
    scale = np.sqrt(np.outer(diagonal, diagonal))
    gap = np.abs(matrix - matrix.T) / scale
    if gap.max() > 1e-12:
        i, j = (int(n) for n in np.unravel_index(int(gap.argmax()), gap.shape))
        raise fault(
            where, f"{key}[{i}][{j}]", float(matrix[i, j]), f"its mirror {float(matrix[j, i])!r}"
        )
    lowest = float(np.linalg.eigvalsh(matrix / scale)[0])
    if lowest <= 1e-10:
        raise fault(
            where, f"lowest eigenvalue of the correlations of {key}", lowest, "a number above 1e-10"
        )


def read_reference(where: str, entry: object) -> Reference:
    """Check and make a reference from its mapping (missing keys are None)."""
    if not isinstance(entry, Mapping):
        raise fault(where, "reference", entry, "a mapping")
    place = f"{where}: reference"
    check_keys(place, entry, (), _REFERENCE_KEYS)
    texts: dict[str, str | None] = {}
    for key in ("experiment", "arxiv", "doi", "journal"):
        value = entry.get(key)
        texts[key] = None if value is None else check_text(place, key, value)
    for identifier in (texts["arxiv"] or "").split(", "):
        if identifier and not _ARXIV.fullmatch(identifier):
            raise fault(place, "arxiv", identifier, "such as 2311.14647 or hep-ex/0010022")
    if texts["doi"] and not texts["doi"].startswith("10."):
        raise fault(place, "doi", texts["doi"], "such as 10.1103/PhysRevD.109.112006")
    year = entry.get("year")
    if year is not None and (not isinstance(year, int) or not 1950 <= year <= 2100):
        raise fault(place, "year", year, "a year from 1950 to 2100, or none")
    return Reference(
        experiment=texts["experiment"],
        year=year,
        arxiv=texts["arxiv"],
        doi=texts["doi"],
        journal=texts["journal"],
        source=check_texts(place, "source", entry.get("source", [])),
    )
