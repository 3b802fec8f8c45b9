"""Measurements of a user's own: from what is stated of one to its record and its term."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..data._checks import UNITS, check_array, check_symmetric_positive
from ..data.curves import CurveTable
from ..data.measurements import measurements, read_measurement
from ..errors import DataError, UnknownNameError, did_you_mean
from .base import Term
from .limit_forms import countable, expected_for_each_unit, measured_forms
from .measured import from_measurement, options_of
from .options import TermOptions

if TYPE_CHECKING:
    from ..data.records import Measurement
    from ..data.written import Written
    from ..physics.observable import Observable

__all__ = ["Stated", "stated_record", "stated_term", "unlisted", "written_term"]

Error = tuple[float, float]

_FILE = "own measurement"
_ROOT = "minus_two_log_l"
# Curves against a mass: kind, and columns besides the mass.
_MASS_CURVES = (
    ("limit_curve", ("limit",)),
    ("value_curve", ("value", "error", "error")),
    ("value_curve", ("value", "error_plus", "error_minus")),
)
# Counts that a term uses; errors of backgrounds are not.
_COUNTS = (
    *("observed", "background", "efficiency", "b_pairs", "single_event_sensitivity"),
    *("signal_yield", "signal_yield_stat", "signal_yield_stat_plus", "signal_yield_stat_minus"),
    "signal_yield_syst",
)
_ROUNDING = 0.02  # of published sensitivities and efficiencies


@dataclass(frozen=True)
class Stated:
    """What a user states of a measurement; what is not given is None or empty.

    Attributes
    ----------
    observables : tuple of str, length k
        Names, kinematics in brackets included.
    values : tuple of float
    errors : tuple of (plus, minus)
    correlation, covariance : sequence of sequences of float, optional
        One of them where k > 1.
    limit, cl : float, optional
    counts : mapping of str to float, optional
    curve : CurveTable, optional
        Columns ``x`` and ``minus_two_log_l``; or a mass, and ``limit``, or ``value`` with ``error``
        or ``error_plus`` and ``error_minus``.
    mass : str, optional
        Parameter of the model that is the mass of the curve; the name of its column if not given.
    unit : str, optional
        Of all numbers; that of the observable if not given.
    experiment, year, arxiv, doi : optional
        Where it is from.
    data : tuple of str
        Ids of data of the package made from the same events.
    """

    observables: tuple[str, ...]
    values: tuple[float, ...] = ()
    errors: tuple[Error, ...] = ()
    correlation: Sequence[Sequence[float]] | None = None
    covariance: Sequence[Sequence[float]] | None = None
    limit: float | None = None
    cl: float | None = None
    counts: Mapping[str, float] | None = None
    curve: CurveTable | None = None
    mass: str | None = None
    unit: str | None = None
    experiment: str | None = None
    year: int | None = None
    arxiv: str | None = None
    doi: str | None = None
    data: tuple[str, ...] = field(default=())


def stated_term(
    name: str, stated: Stated, options: TermOptions, floated: Collection[str] = ()
) -> Term:
    """Term of a measurement of the user's own.

    Parameters
    ----------
    name : str
        Of the term; that of no likelihood of the package.
    stated : Stated
    options : TermOptions
    floated : collection of str
        Constants that float in the fit: their errors are not added.

    Returns
    -------
    Term

    Raises
    ------
    UnknownNameError
        If an observable or a datum is not known.
    DataError
        If numbers are missing or not allowed, or the unit is not that of the observable.
    PredictionError
        If kinematics of an observable are not allowed.
    """
    for entry in stated.data:
        if entry not in measurements():
            raise UnknownNameError("measurement", entry, measurements(), f"data of {name!r}")
    return _own(stated_record(name, stated, options), stated.data, options, floated)


def written_term(
    written: Written, options: TermOptions, given: Iterable[str], floated: Collection[str] = ()
) -> Term:
    """Term of a measurement from a file of the user's own.

    Parameters
    ----------
    written : Written
    options : TermOptions
    given : iterable of str
        Options that were asked for of the whole file; those that do not matter here are left out.
    floated : collection of str

    Returns
    -------
    Term

    Raises
    ------
    DataError, UnknownNameError
        As `stated_term`.
    """
    record = written.measurement
    taken = options_of(record)
    defaults = TermOptions(observables=options.observables)
    kept = {key: getattr(options, key) for key in given if key in taken}
    if kept.get("limit_form") == "gamma" and not countable(record):
        kept.pop("limit_form")
    fields: dict[str, Any] = {**kept, "observables": defaults.observables}
    return _own(record, written.data, TermOptions(**fields), floated)


def _own(
    record: Measurement, data: tuple[str, ...], options: TermOptions, floated: Collection[str]
) -> Term:
    term = from_measurement(record, options, floated)
    term.data_ids = tuple(dict.fromkeys((record.id, *data)))
    term.own = True
    if record.kind == "upper_limit" and options.limit_form == "measured":
        forms = measured_forms(record)
        if forms and not any(form.good for form in forms):
            bounds = ", ".join(f"{form.bound:.3g} from {form.kind}" for form in forms)
            term.description += (
                f"; what is stated beside the limit {record.limit:.3g} does not reproduce it "
                f"({bounds}) and is not used"
            )
    return term


def stated_record(name: str, stated: Stated, options: TermOptions) -> Measurement:
    """Record of a measurement that a user states, with the checks of those of the package.

    Parameters
    ----------
    name : str
    stated : Stated
    options : TermOptions
        Of which the observables of one's own count.

    Returns
    -------
    Measurement

    Raises
    ------
    DataError, UnknownNameError, PredictionError
        As `stated_term`.
    """
    reference = {
        key: getattr(stated, key)
        for key in ("experiment", "year", "arxiv", "doi")
        if getattr(stated, key) is not None
    }
    entry: dict[str, Any] = {
        "id": name,
        "group": "own",
        "observables": list(stated.observables),
        "status": "current",
        "unit": _unit(name, stated, options),
        "confirmed": True,
        "reference": reference,
    }
    if stated.values:
        entry["values"] = list(stated.values)
        entry |= _errors(name, stated)
    for key in ("limit", "cl"):
        if getattr(stated, key) is not None:
            entry[key] = getattr(stated, key)
    if stated.counts is not None:
        entry["counts"] = _counts(name, stated.counts)
    entry["kind"] = _kind(stated)
    if stated.curve is not None:
        entry |= _curve(name, stated.curve, stated)
    return _with_sensitivity(read_measurement(entry, _FILE))


def _check_inside(name: str, record: Observable) -> None:
    """Refuse a point of a spectrum of neutrinos that lies outside the physical region."""
    from ..physics.inputs import Inputs
    from ..physics.wilson import Wilson

    spectrum = record.name.startswith("dBR/dq2(") and "nunu" in record.name
    if not spectrum or record.kinematics:  # those that are not fixed are asked for elsewhere
        return
    if not np.any(record.function(Wilson({}), Inputs.default())):
        raise DataError(
            f"measurement {name!r}: {record.name} is zero: the point is outside the physical region"
        )


def _kind(stated: Stated) -> str:
    if stated.limit is not None:
        return "upper_limit"
    if stated.counts is not None:
        return "counts"
    return "correlated" if len(stated.observables) > 1 else "asymmetric"


def _unit(name: str, stated: Stated, options: TermOptions) -> str:
    """Unit as given, or that of each observable."""
    from ..physics.observables import observable

    records = [options.observables.get(one) or observable(one) for one in stated.observables]
    for record in records:
        _check_inside(name, record)
    if stated.unit is not None:
        for part in stated.unit.split(", "):
            if part not in UNITS:
                hint = did_you_mean(part, UNITS)
                raise DataError(f"measurement {name!r}: unknown unit {part!r}{hint}")
        return stated.unit
    units = [record.unit for record in records]
    return units[0] if len(set(units)) == 1 else ", ".join(units)


def _errors(name: str, stated: Stated) -> dict[str, Any]:
    """Errors and correlation, from either form."""
    if stated.covariance is None:
        plus, minus = zip(*stated.errors, strict=True) if stated.errors else ((), ())
        found: dict[str, Any] = {"errors_plus": list(plus), "errors_minus": list(minus)}
        if stated.correlation is not None:
            found["correlation"] = [list(row) for row in stated.correlation]
        return found
    where, k = f"{_FILE}: {name}", len(stated.observables)
    matrix = check_array(where, "covariance", [list(row) for row in stated.covariance], (k, k))
    check_symmetric_positive(where, "covariance", matrix)
    errors = np.sqrt(np.diag(matrix))
    correlation = matrix / np.outer(errors, errors)
    correlation = 0.5 * (correlation + correlation.T)
    np.fill_diagonal(correlation, 1.0)
    sides = {"errors_plus": errors.tolist(), "errors_minus": errors.tolist()}
    return sides if k == 1 else {**sides, "correlation": correlation.tolist()}


def _counts(name: str, counts: Mapping[str, float]) -> dict[str, float]:
    for key in counts:
        if key.startswith("background_error"):
            raise DataError(
                f"measurement {name!r}: counts: {key} would not be used: backgrounds count as known"
            )
        if key not in _COUNTS:
            raise UnknownNameError("count", key, _COUNTS, f"measurement {name!r}")
    if {"single_event_sensitivity", "efficiency", "b_pairs"} <= set(counts):
        events = counts["efficiency"] * counts["b_pairs"] * counts["single_event_sensitivity"]
        if not abs(events - 1.0) <= _ROUNDING:
            raise DataError(
                f"measurement {name!r}: counts: efficiency times b_pairs times "
                f"single_event_sensitivity is {events:.6g}; allowed: 1 within {_ROUNDING:.0%} "
                "(they say the same), or one of both left out"
            )
    if not float(counts.get("observed", 0.0)).is_integer():
        raise DataError(
            f"measurement {name!r}: counts: observed is {counts['observed']:g}; allowed: a whole "
            "number of events"
        )
    return dict(counts)


def _with_sensitivity(record: Measurement) -> Measurement:
    """Counts of which efficiency and B-meson pairs give the sensitivity say so."""
    from dataclasses import replace

    counts, sensitivity = record.counts, expected_for_each_unit(record)
    if counts is None or sensitivity is None or not countable(record):
        return record
    return replace(record, counts={**counts, "single_event_sensitivity": 1.0 / sensitivity})


def _curve(name: str, table: CurveTable, stated: Stated) -> dict[str, Any]:
    """Kind, numbers and mass of a curve, from its columns."""
    columns = set(table.columns)
    where = f"measurement {name!r}: curve"
    if columns == {"x", _ROOT}:
        if stated.mass is not None or stated.cl is not None:
            key = "mass" if stated.mass is not None else "cl"
            raise DataError(f"{where}: {key} does not go with {_ROOT}")
        _check_units(where, table, stated, ("x",), {_ROOT: "1"})
        rows = _rows(where, table, ("x", _ROOT))
        return {"kind": "likelihood", "curve": rows, **_own_unit(table, "x")}
    kind, order, mass = _against_mass(where, columns, table)
    if (stated.cl is None) == (kind == "limit_curve"):
        raise DataError(
            f"{where}: {'limits need cl' if stated.cl is None else 'cl does not go with values'}"
        )
    _check_units(where, table, stated, order, {})
    return {
        "kind": kind,
        "curve": _rows(where, table, (mass, *order)),
        "mass": stated.mass or mass,
        "mass_unit": table.units.get(mass, "GeV"),
        **_own_unit(table, order[0]),
    }


def _against_mass(
    where: str, columns: Collection[str], table: CurveTable
) -> tuple[str, tuple[str, ...], str]:
    """Kind of a curve against a mass, its columns, and that of the mass."""
    for kind, order in _MASS_CURVES:
        others = set(columns) - set(order)
        if set(order) <= set(columns) and len(others) == 1:
            return kind, order, others.pop()
    raise DataError(
        f"{where}: has the columns {', '.join(table.columns)}; allowed: x, {_ROOT}; or a mass and "
        "limit; or a mass, value and error; or a mass, value, error_plus and error_minus"
    )


def _check_units(
    where: str, table: CurveTable, stated: Stated, order: Sequence[str], fixed: Mapping[str, str]
) -> None:
    """All columns in the unit of the observable say the same; others their own."""
    said = {key: table.units[key] for key in order if key in table.units}
    if stated.unit is not None:
        said["the key unit"] = stated.unit
    if len(set(said.values())) > 1:
        told = ", ".join(f"{key} [{unit}]" for key, unit in said.items())
        raise DataError(f"{where}: {told}: one unit is needed")
    for key, unit in fixed.items():
        if table.units.get(key, unit) != unit:
            raise DataError(f"{where}: {key} is in {table.units[key]}; allowed: {unit}")


def _own_unit(table: CurveTable, column: str) -> dict[str, str]:
    return {"unit": table.units[column]} if column in table.units else {}


def _rows(where: str, table: CurveTable, order: Sequence[str]) -> list[list[float]]:
    lengths = {key: len(table.columns[key]) for key in order}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{count} of {key}" for key, count in lengths.items())
        raise DataError(f"{where}: {told}: as many of each are needed")
    return [list(row) for row in zip(*(table.columns[key] for key in order), strict=True)]


def unlisted(terms: Sequence[Term]) -> tuple[str, ...]:
    """Sentences on data in a fit that a measurement of the user's own may be made from.

    Those of the same experiment, year and decay that its ``data`` do not list.

    Parameters
    ----------
    terms : sequence of Term
        All terms of the fit.

    Returns
    -------
    tuple of str
    """
    found = []
    for one in terms:
        if not one.own or one.reference is None or one.reference.experiment is None:
            continue
        for other in terms:
            new = other is not one and not set(other.data_ids) & set(one.data_ids)
            if new and _same_source(one, other) and _quantities(one) & _quantities(other):
                when = one.reference.year
                found.append(
                    f"{one.name} and {other.name} are of the same experiment, year and observable "
                    f"({one.reference.experiment}{'' if when is None else f' {when}'}): if they "
                    f"share events, list {other.name} under the data of {one.name}, which then is "
                    "an error, and leave one of the two out."
                )
    return tuple(found)


def _same_source(one: Term, other: Term) -> bool:
    if one.reference is None or other.reference is None:
        return False
    here, there = (reference.experiment or "" for reference in (one.reference, other.reference))
    return (
        here.casefold().strip() == there.casefold().strip()
        and one.reference.year == other.reference.year
    )


def _quantities(term: Term) -> set[str]:
    """What its observables are of, such as ``(B+->Knunu)``, whatever the kinematics."""
    found = set()
    for name in term.observables:
        base = name.rpartition("[")[0] if name.endswith("]") and "=" in name else name
        mode = base[base.find("(") :] if "->" in base else base
        found.add(mode)
    return found
