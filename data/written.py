"""Measurements as people write them, in YAML, and as the package reads them.

Numbers are absolute, in `unit`. An error is a number or {plus, minus}; `error` is the total, which
for `error_from: quadrature` (or if absent) is that of `stat` and `syst`; `errors` of
`kind: correlated` may be {interval95: [low, high]}. `confirmed_by` lists where the number was seen
(`source: place`) or is `unconfirmed`. Files in data/sources have this form, and so have those of a
user's own, see `read_written`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import DataError, did_you_mean
from ._checks import check_text, check_texts, fault
from .measurements import measurements, read_measurement
from .records import Measurement

__all__ = ["Written", "flatten_counts", "flatten_measurement", "read_written"]

Error = tuple[float, float]

_OWN = {"data"}
_NUMBERS = ("value", "limit", "expected_limit", "cl", "chi2", "ndf")
_ERRORS = ("error", "stat", "syst")
_LISTS = ("observables", "values", "errors", "correlation", "curve", "notes", "lengths")
_ENTRY = {
    *("id", "observable", "observables", "kind", "status", "unit", "experiment", "year", "arxiv"),
    *("doi", "journal", "value", "values", "error", "errors", "error_from", "stat", "syst"),
    *("correlation", "limit", "expected_limit", "cl", "counts", "curve", "chi2", "ndf"),
    *("luminosity", "method", "superseded_by", "value_from", "notes", "confirmed_by"),
    *("mass", "mass_unit", "lengths"),
}
_ORIGIN = {"quadrature": "added in quadrature", "PDG": "combined by the PDG"}


def flatten_measurement(entry: dict[str, Any], group: str, where: str = "") -> dict[str, Any]:
    """One measurement in the form that `bsinv.data.measurements` reads."""
    where = where or f"measurements of group {group}: {entry.get('id')}"
    unknown = sorted(set(entry) - _ENTRY)
    if unknown:
        raise DataError(
            f"{where}: unknown key {unknown[0]!r}; allowed: {', '.join(sorted(_ENTRY))}."
        )
    notes = list(entry.get("notes", []))
    values, errors = _central_values(where, entry, notes)
    unconfirmed = entry["confirmed_by"] == "unconfirmed"
    record = {
        "id": entry["id"],
        "group": group,
        "observables": entry.get("observables") or [entry["observable"]],
        "kind": entry["kind"],
        "status": entry["status"],
        "unit": entry["unit"],
        "values": values,
        "errors_plus": None if errors is None else [error[0] for error in errors],
        "errors_minus": None if errors is None else [error[1] for error in errors],
        **{key: entry.get(key) for key in ("correlation", "limit", "cl")},
        "counts": flatten_counts(entry.get("counts")),
        **{key: entry.get(key) for key in ("curve", "method", "luminosity", "superseded_by")},
        **{key: entry.get(key) for key in ("value_from", "mass", "mass_unit", "lengths")},
        "confirmed": not unconfirmed,
    }
    if "expected_limit" in entry:
        notes.append(f"Expected limit: {entry['expected_limit']}.")
    if "chi2" in entry:
        notes.append(f"chi2 = {entry['chi2']} for {entry['ndf']} degrees of freedom.")
    record["notes"] = notes or None
    origin = {key: entry.get(key) for key in ("experiment", "year", "arxiv", "doi", "journal")}
    origin["source"] = None if unconfirmed else entry["confirmed_by"]
    record["reference"] = {key: value for key, value in origin.items() if value is not None}
    return {key: value for key, value in record.items() if value is not None}


def _central_values(
    where: str, entry: dict[str, Any], notes: list[str]
) -> tuple[list[float] | None, list[Error] | None]:
    """Central values with total errors; statistical and systematic parts go to the notes."""
    several = "values" in entry

    def column(singular: str, plural: str) -> list[Any] | None:
        found = entry.get(plural) if several else [entry.get(singular)]
        return found if found and found[0] is not None else None

    values, raw = column("value", "values"), column("error", "errors")
    if values is None:
        return None, None
    if raw and any(isinstance(item, dict) and "interval95" in item for item in raw):
        spans = zip(entry["observables"], (item["interval95"] for item in raw), strict=True)
        texts = [f"{name} [{low}, {high}]" for name, (low, high) in spans]
        notes.append(f"95 % intervals, no 68 % errors: {'; '.join(texts)}.")
        return values, None
    errors = raw and [_both(item) for item in raw]
    stat, syst = column("stat", "stat"), column("syst", "syst")
    if stat is None or syst is None:
        return values, errors
    parts = list(zip(map(_both, stat), map(_both, syst), strict=True))
    total = [(math.hypot(a[0], b[0]), math.hypot(a[1], b[1])) for a, b in parts]
    origin = entry.get("error_from", "quadrature")
    for found, expected in zip(errors or [], total, strict=bool(errors)):
        if origin == "quadrature" and not np.allclose(found, expected, rtol=6e-3):
            allowed = f"the quadrature sum of stat and syst, {_spell(expected)}"
            raise DataError(f"{where}: error is {_spell(found)}; allowed: {allowed}.")
    texts = [f"{_spell(a)} (stat) {_spell(b)} (syst)" for a, b in parts]
    how = _ORIGIN.get(origin, "total as given by the source")
    notes.append(f"Errors: {'; '.join(texts)}; {how}.")
    # Three digits, as where the sources give the sum.
    return values, errors or [(float(f"{a:.3g}"), float(f"{b:.3g}")) for a, b in total]


def _both(error: Any) -> Error:
    """Upward and downward error."""
    return (error["plus"], error["minus"]) if isinstance(error, dict) else (error, error)


def _spell(error: Error) -> str:
    """Error as text."""
    plus, minus = error
    return f"+-{plus:.4g}" if plus == minus else f"+{plus:.4g} -{minus:.4g}"


def flatten_counts(counts: dict[str, Any] | None) -> dict[str, float] | None:
    """Split asymmetric errors of counts into two."""
    if counts is None:
        return None
    flat: dict[str, float] = {}
    for key, value in counts.items():
        if isinstance(value, dict):
            flat |= {f"{key}_{sign}": value[sign] for sign in ("plus", "minus")}
        else:
            flat[key] = value
    return flat


@dataclass(frozen=True)
class Written:
    """A measurement from a file of a user's own.

    Attributes
    ----------
    measurement : Measurement
    data : tuple of str
        Ids of data of the package that were made from the same events.
    """

    measurement: Measurement
    data: tuple[str, ...]


def read_written(content: object, file: str, taken: Collection[str]) -> tuple[Written, ...]:
    """Check and make the measurements of a file in the format of data/sources.

    Parameters
    ----------
    content : object
        What the file holds: a mapping with ``entries`` (and ``group`` and ``title``, which are not
        used). In an entry ``status`` may be left out (``current``), and so may ``confirmed_by``;
        ``data`` lists ids of data of the package made from the same events.
    file : str
        Name used in errors.
    taken : collection of str
        Names of likelihoods, which no id may be.

    Returns
    -------
    tuple of Written
        One or more.

    Raises
    ------
    DataError
        On the first thing that is not allowed, with the file, the id and the key.
    """
    if not isinstance(content, Mapping) or not isinstance(content.get("entries"), list):
        raise fault(file, "the content", content, "a mapping with a list of entries")
    unknown = sorted(set(content) - {"entries", "group", "title"})
    if unknown:
        hint = did_you_mean(unknown[0], ("entries", "group", "title"))
        raise DataError(f"{file}: unknown key {unknown[0]!r}{hint}")
    if not content["entries"]:
        raise fault(file, "entries", [], "one or more")
    found: dict[str, Written] = {}
    for index, entry in enumerate(content["entries"]):
        one = _read_entry(entry, f"{file}: entries[{index}]", file)
        name = one.measurement.id
        if name in taken:
            raise DataError(f"{file}: {name}: is a likelihood of the package: take another id.")
        if name in found:
            raise DataError(f"{file}: the id {name} occurs twice; ids are unique.")
        found[name] = one
    records = {name: one.measurement for name, one in found.items()}
    return tuple(_resolved(one, records, file) for one in found.values())


def _read_entry(entry: object, place: str, file: str) -> Written:
    if not isinstance(entry, Mapping):
        raise fault(place, "the entry", entry, "a mapping")
    where = f"{file}: {check_text(place, 'id', entry.get('id'))}"
    entry = {key: value for key, value in entry.items() if value is not None}
    _check_entry(where, entry)
    filled = {"status": "current", "confirmed_by": [], **entry}
    data = check_texts(where, "data", filled.pop("data", []))
    flat = flatten_measurement(filled, "own", where)
    if flat.get("status") == "theory":
        raise fault(where, "status", "theory", "that of a measurement: a prediction is no datum")
    if not flat["confirmed"]:
        raise fault(where, "confirmed_by", "unconfirmed", "where the number was seen")
    return Written(read_measurement(flat, file), data)


def _check_entry(where: str, entry: Mapping[str, Any]) -> None:
    """Refuse unknown and missing keys, and values that `flatten_measurement` cannot take."""
    for key in entry:
        if key not in _ENTRY | _OWN:
            raise DataError(f"{where}: unknown key {key!r}{did_you_mean(key, _ENTRY | _OWN)}")
    for key in ("kind", "unit"):
        if key not in entry:
            raise DataError(f"{where}: {key} is missing.")
    if ("observable" in entry) == ("observables" in entry):
        raise DataError(f"{where}: needs one of observable and observables.")
    for key in _NUMBERS:
        if key in entry and not _number(entry[key]):
            raise fault(where, key, entry[key], "a number")
    for key in _ERRORS:
        several = entry[key] if isinstance(entry.get(key), list) else [entry.get(key, 1.0)]
        if not all(map(_error, several)):
            raise fault(where, key, entry[key], "a number or {plus, minus}, for values one of each")
        sides = [one.values() if isinstance(one, Mapping) else (one,) for one in several]
        if any(side < 0 for pair in sides for side in pair):
            raise fault(where, key, entry[key], "numbers that are not negative, minus too")
    if ("stat" in entry) != ("syst" in entry) and not {"error", "errors"} & set(entry):
        missing = "syst" if "stat" in entry else "stat"
        allowed = "the other part of the error (0 if there is none), or error, the total, instead"
        raise fault(where, missing, None, allowed)
    for key in _LISTS:
        if key in entry and not isinstance(entry[key], list):
            raise fault(where, key, entry[key], "a list")
    if not all(_error(one) or _interval(one) for one in entry.get("errors", [])):
        raise fault(where, "errors", entry["errors"], "numbers or {plus, minus}")
    lengths = {key: len(entry[key]) for key in ("observables", "values", "errors") if key in entry}
    if len(set(lengths.values())) > 1 or ("chi2" in entry) != ("ndf" in entry):
        told = ", ".join(f"{count} {key}" for key, count in lengths.items())
        raise DataError(f"{where}: {told or 'chi2 and ndf'}: as many of each are needed.")
    for key in ("stat", "syst"):
        count = len(entry[key]) if isinstance(entry.get(key), list) else 1
        if key in entry and count != lengths.get("values", 1):
            raise fault(where, key, entry[key], "as many as values")
    counts = entry.get("counts", {})
    if not isinstance(counts, Mapping) or not all(map(_error, counts.values())):
        raise fault(where, "counts", counts, "a mapping of names to numbers or {plus, minus}")


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _error(value: object) -> bool:
    if isinstance(value, Mapping):
        return set(value) == {"plus", "minus"} and all(map(_number, value.values()))
    return _number(value)


def _interval(value: object) -> bool:
    return (
        isinstance(value, Mapping)
        and set(value) == {"interval95"}
        and isinstance(value["interval95"], list)
        and len(value["interval95"]) == 2
        and all(map(_number, value["interval95"]))
    )


def _resolved(one: Written, records: Mapping[str, Measurement], file: str) -> Written:
    """Entry with the value that it takes from another, and what it overlaps with."""
    record, where = one.measurement, f"{file}: {one.measurement.id}"
    known = {**measurements(), **records}
    for key in ("value_from", "superseded_by"):
        name = getattr(record, key)
        if name is not None and name not in known:
            raise DataError(
                f"{where}: {key}: unknown measurement {name!r}{did_you_mean(name, known)}"
            )
    for name in one.data:
        if name not in measurements():
            hint = did_you_mean(name, measurements())
            raise DataError(f"{where}: data: unknown measurement {name!r}{hint}")
    if record.value_from is not None:
        source = known[record.value_from]
        same = (source.observables, source.unit) == (record.observables, record.unit)
        if record.kind != "upper_limit" or record.values is not None or not same:
            allowed = "for an upper limit without a value, the id of one for the same observable"
            raise fault(where, "value_from", record.value_from, allowed)
        if source.values is None or source.errors_plus is None:
            raise fault(where, "value_from", record.value_from, "the id of a value with errors")
        record = replace(
            record,
            value_from=None,
            values=source.values,
            errors_plus=source.errors_plus,
            errors_minus=source.errors_minus,
        )
    data = one.data
    if record.superseded_by is not None:
        data = tuple(dict.fromkeys((*data, record.superseded_by)))
    return Written(record, data)
