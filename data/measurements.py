"""Loader of the measurements, limits, theory values and inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np

from ..errors import DataError, find
from ._checks import (
    check_array,
    check_choice,
    check_keys,
    check_number,
    check_symmetric_positive,
    check_text,
    check_texts,
    check_unit,
    fault,
    read_json,
    read_reference,
)
from .frozen import Array, FrozenMapping
from .records import Measurement

__all__ = ["groups", "measurement", "measurements", "provenance"]

FILE = "measurements.json"


@dataclass(frozen=True)
class _Needs:
    """What a kind of measurement must hold.

    Several observables, a bound, errors of one size; whether it may lack values; counts; a curve of
    so many columns, which depends on a mass or not, and on decay lengths.
    """

    several: bool = False
    bound: bool = False
    equal_errors: bool = False
    no_values: bool = False
    counts: bool = False
    columns: int = 0
    mass: bool = False
    lengths: bool = False


KINDS: Mapping[str, _Needs] = MappingProxyType(
    {
        "gaussian": _Needs(equal_errors=True),
        "asymmetric": _Needs(),
        "upper_limit": _Needs(bound=True, no_values=True),
        "lower_limit": _Needs(bound=True, no_values=True),
        "correlated": _Needs(several=True),
        "counts": _Needs(no_values=True, counts=True),
        "likelihood": _Needs(no_values=True, columns=2),
        "limit_curve": _Needs(bound=True, no_values=True, columns=2, mass=True),
        "limit_surface": _Needs(bound=True, no_values=True, mass=True, lengths=True),
        "value_curve": _Needs(no_values=True, columns=4, mass=True),
    }
)
STATUSES = {
    *("current", "component", "superseded", "preliminary", "average", "recast", "theory"),
    *("input", "auxiliary"),
}
COUNTS = {
    *("observed", "background", "background_error_plus", "background_error_minus"),
    *("signal_yield", "signal_yield_stat", "signal_yield_stat_plus", "signal_yield_stat_minus"),
    *("signal_yield_syst", "fitted_events", "efficiency", "b_pairs", "single_event_sensitivity"),
}
# Counts that divide others.
_DIVISORS = {"efficiency", "b_pairs", "single_event_sensitivity"}
_REQUIRED = {"id", "group", "observables", "kind", "status", "unit", "confirmed", "reference"}
_OPTIONAL = {
    *("values", "errors_plus", "errors_minus", "correlation", "limit", "cl", "counts", "curve"),
    *("method", "luminosity", "superseded_by", "value_from", "notes", "mass", "mass_unit"),
    "lengths",
}


@lru_cache(maxsize=1)
def measurements() -> Mapping[str, Measurement]:
    """Every measurement by its id, in the order of the topics.

    Returns
    -------
    mapping of id to Measurement

    Raises
    ------
    DataError
        If the file is missing or a number in it is not allowed.
    """
    return read_measurements(read_json(FILE))


def measurement(id: str) -> Measurement:
    """Return one measurement.

    Parameters
    ----------
    id : str
        Such as ``"belle_2017_kst0nunu"``.

    Returns
    -------
    Measurement

    Raises
    ------
    UnknownNameError
        If there is no such id; the nearest ones are named.
    """
    return find("measurement", id, measurements())


@lru_cache(maxsize=1)
def groups() -> Mapping[str, str]:
    """Titles of the topics by letter, as in `Measurement.group`.

    Returns
    -------
    mapping of letter to title
    """
    return FrozenMapping(_texts("groups", read_json(FILE).get("groups")))


@lru_cache(maxsize=1)
def provenance() -> Mapping[str, str]:
    """Explain the short names that `Reference.source` uses.

    Returns
    -------
    mapping of short name to what it stands for
    """
    return FrozenMapping(_texts("provenance", read_json(FILE).get("provenance")))


def read_measurements(content: Mapping[str, Any], file: str = FILE) -> Mapping[str, Measurement]:
    """Check and make all measurements from the content of the file.

    Parameters
    ----------
    content : mapping
        With keys ``groups``, ``provenance`` and ``entries``.
    file : str
        Name used in errors.

    Returns
    -------
    mapping of id to Measurement

    Raises
    ------
    DataError
        On the first thing that is not allowed.
    """
    check_keys(file, content, {"groups", "provenance", "entries"})
    found: dict[str, Measurement] = {}
    for entry in content["entries"]:
        record = read_measurement(entry, file)
        if record.id in found:
            raise DataError(f"{file}: the id {record.id} occurs twice; ids are unique.")
        if record.group not in content["groups"]:
            where = f"{file}: {record.id}"
            raise fault(where, "group", record.group, ", ".join(content["groups"]))
        found[record.id] = record
    for record in found.values():
        if record.superseded_by is not None and record.superseded_by not in found:
            where = f"{file}: {record.id}"
            raise fault(where, "superseded_by", record.superseded_by, "the id of a measurement")
        _check_value_from(file, record, found)
    return FrozenMapping(found)


def read_measurement(entry: Mapping[str, Any], file: str = FILE) -> Measurement:
    """Check and make one measurement.

    Parameters
    ----------
    entry : mapping
        Keys as the attributes of `Measurement`; those that are None are left out.
    file : str
        Name used in errors.

    Returns
    -------
    Measurement

    Raises
    ------
    DataError
        Naming file, id, key, value and what is allowed.
    """
    id = check_text(file, "id", entry.get("id"))
    where = f"{file}: {id}"
    check_keys(where, entry, _REQUIRED, _OPTIONAL)
    observables = check_texts(where, "observables", entry["observables"])
    kind = check_choice(where, "kind", entry["kind"], set(KINDS))
    if not observables or (len(observables) > 1) != KINDS[kind].several:
        allowed = "more than one observable for correlated, else one"
        raise fault(where, "observables", entry["observables"], allowed)
    if not isinstance(entry["confirmed"], bool):
        raise fault(where, "confirmed", entry["confirmed"], "true or false")
    notes = check_texts(where, "notes", entry.get("notes", []))
    texts = {
        key: None if entry.get(key) is None else check_text(where, key, entry[key])
        for key in ("method", "luminosity", "superseded_by", "value_from", "mass", "mass_unit")
    }
    lengths = entry.get("lengths")
    if (lengths is not None) != KINDS[kind].lengths:
        allowed = "decay lengths in m" if KINDS[kind].lengths else f"nothing for a {kind}"
        raise fault(where, "lengths", lengths, allowed)
    lengths = None if lengths is None else check_array(where, "lengths", lengths, (None,))
    values, plus, minus = _values(where, entry, len(observables), noted=bool(notes))
    limit, cl, curve = _limit(where, entry, noted=bool(notes))
    if KINDS[kind].counts and entry.get("counts") is None:
        raise fault(where, "counts", None, "a mapping")
    if (texts["mass"] is not None) != KINDS[kind].mass:
        allowed = "the name of a parameter" if KINDS[kind].mass else f"nothing for a {kind}"
        raise fault(where, "mass", texts["mass"], allowed)
    return Measurement(
        id=id,
        group=check_text(where, "group", entry["group"]),
        observables=observables,
        kind=kind,
        status=check_choice(where, "status", entry["status"], STATUSES),
        unit=check_unit(where, entry["unit"], len(observables)),
        values=values,
        errors_plus=plus,
        errors_minus=minus,
        correlation=_correlation(where, entry, len(observables)),
        limit=limit,
        cl=cl,
        counts=_counts(where, entry),
        curve=curve,
        method=texts["method"],
        luminosity=texts["luminosity"],
        superseded_by=texts["superseded_by"],
        value_from=texts["value_from"],
        confirmed=entry["confirmed"],
        notes=notes,
        reference=read_reference(where, entry["reference"]),
        mass=texts["mass"],
        mass_unit=texts["mass_unit"] or "GeV",
        lengths=lengths,
    )


def _values(
    where: str, entry: Mapping[str, Any], k: int, *, noted: bool
) -> tuple[Array | None, Array | None, Array | None]:
    """Central values and errors; what may be absent or zero depends on kind and group."""
    if entry.get("values") is None:
        for key in ("errors_plus", "errors_minus", "correlation"):
            if entry.get(key) is not None:
                raise fault(where, key, entry[key], "nothing, since there are no values")
        if not KINDS[entry["kind"]].no_values and not (entry["status"] == "recast" and noted):
            raise fault(where, "values", None, "numbers (only a recast with a note may lack them)")
        return None, None, None
    values = check_array(where, "values", entry["values"], (k,))
    if entry.get("errors_plus") is None and entry.get("errors_minus") is None:
        if not (entry["status"] == "auxiliary" and noted):
            allowed = "numbers (only auxiliary data with a note may lack them)"
            raise fault(where, "errors_plus", None, allowed)
        return values, None, None
    plus = check_array(where, "errors_plus", entry.get("errors_plus"), (k,))
    minus = check_array(where, "errors_minus", entry.get("errors_minus"), (k,))
    for key, errors in (("errors_plus", plus), ("errors_minus", minus)):
        lowest = float(errors.min())
        # Some inputs carry zero for "negligible" or "not known"; nobody fits to those.
        if lowest < 0 or (lowest == 0 and not (entry["group"] == "k" and noted)):
            allowed = "positive numbers (zero only for inputs, group k, with a note)"
            raise fault(where, key, lowest, allowed)
    if KINDS[entry["kind"]].equal_errors and (plus != minus).any():
        raise fault(where, "errors_minus", minus.tolist(), f"{plus.tolist()}, as errors_plus")
    return values, plus, minus


def _limit(
    where: str, entry: Mapping[str, Any], *, noted: bool
) -> tuple[float | None, float | None, Array | None]:
    """Bound, confidence level and limit curve."""
    limit, cl, curve = entry.get("limit"), entry.get("cl"), entry.get("curve")
    bounded, columns = KINDS[entry["kind"]].bound, KINDS[entry["kind"]].columns
    if bounded and limit is None and curve is None and not noted:
        raise fault(
            where, "limit", None, "a number, a curve, or a note that says why there is none"
        )
    limited = bounded or limit is not None or (curve is not None and not columns)
    if limited and cl is None:
        raise fault(where, "cl", None, "a number between 0 and 1, since there is a limit")
    if cl is not None:
        cl = check_number(where, "cl", cl, above=0, below=1)
    if limit is not None:
        limit = check_number(where, "limit", limit, above=0)
    if KINDS[entry["kind"]].lengths and curve is not None:
        return limit, cl, _surface(where, entry)
    if columns:
        # What the numbers may be depends on the form, which checks them.
        return limit, cl, check_array(where, "curve", curve, (None, columns))
    if curve is not None:
        curve = check_array(where, "curve", curve, (None, 2))
        if (curve <= 0).any() or (np.diff(curve[:, 0]) <= 0).any():
            allowed = "pairs of positive numbers, the first of each pair rising"
            raise fault(where, "curve", entry["curve"], allowed)
    return limit, cl, curve


def _surface(where: str, entry: Mapping[str, Any]) -> Array:
    """Masses and limits for each decay length; a limit that is None is infinite."""
    rows = entry["curve"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise fault(where, "curve", rows, "a list of rows")
    filled = [[-1.0 if cell is None else cell for cell in row] for row in rows]
    columns = 1 + len(entry.get("lengths") or [])
    array = check_array(where, "curve", filled, (None, columns)).copy()
    empty = np.array([[cell is None for cell in row] for row in rows])
    if empty[:, 0].any() or (array[~empty] < 0).any():
        raise fault(where, "curve", rows, "masses, and limits that are positive or null")
    array[empty] = np.inf
    array.flags.writeable = False
    return array


def _correlation(where: str, entry: Mapping[str, Any], k: int) -> Array | None:
    """Correlation matrix: symmetric, positive, ones on the diagonal."""
    if entry.get("correlation") is None:
        return None
    matrix = check_array(where, "correlation", entry["correlation"], (k, k))
    if (np.diag(matrix) != 1).any():
        raise fault(where, "diagonal of correlation", np.diag(matrix).tolist(), "ones")
    check_symmetric_positive(where, "correlation", matrix)
    return matrix


def _counts(where: str, entry: Mapping[str, Any]) -> Mapping[str, float] | None:
    """Event counts by name."""
    counts = entry.get("counts")
    if counts is None:
        return None
    if not isinstance(counts, Mapping):
        raise fault(where, "counts", counts, "a mapping")
    check_keys(f"{where}: counts", counts, (), COUNTS)
    found = {
        key: check_number(f"{where}: counts", key, value)
        if key == "signal_yield"
        else check_number(f"{where}: counts", key, value, above=0, equal=key not in _DIVISORS)
        for key, value in counts.items()
    }
    if found.get("efficiency", 0.0) > 1.0:
        raise fault(f"{where}: counts", "efficiency", found["efficiency"], "a number up to 1")
    return FrozenMapping(found)


def _check_value_from(file: str, record: Measurement, known: Mapping[str, Measurement]) -> None:
    """The central value of a limit is that of another entry on the same observable."""
    if record.value_from is None:
        return
    source = known.get(record.value_from)
    same = source is not None and (source.observables, source.unit) == (
        record.observables,
        record.unit,
    )
    valued = source is not None and source.values is not None and source.errors_plus is not None
    if record.kind != "upper_limit" or record.values is not None or not (same and valued):
        allowed = "for an upper limit without a value, the id of one with errors for the same"
        raise fault(f"{file}: {record.id}", "value_from", record.value_from, allowed)


def _texts(key: str, value: object) -> dict[str, str]:
    """Check a mapping of texts at the top of the file."""
    if not isinstance(value, Mapping):
        raise fault(FILE, key, value, "a mapping of texts")
    return {name: check_text(f"{FILE}: {key}", name, text) for name, text in value.items()}
