"""Terms that an analysis states itself: measurements of one's own, also of flavio's observables."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..data.curves import CurveTable, parse_curve
from ..data.measurements import measurements
from ..data.written import read_written
from ..errors import (
    AnalysisError,
    BsinvError,
    DataError,
    MissingExtraError,
    ParameterError,
    UnknownNameError,
)
from ..likelihoods.base import Term
from ..likelihoods.catalogue import TermOptions, accepted_options
from ..likelihoods.flavio.term import FlavioTerm, flavio_limit, flavio_value
from ..likelihoods.measured import options_of
from ..likelihoods.own import Stated, stated_record, stated_term, written_term
from .analysis_file.own_data import sides_of
from .analysis_file.own_workspaces import WORKSPACES
from .analysis_file.reading.attachments import Attachments
from .analysis_file.reading.nodes import Key
from .analysis_file.reading.source import Located, read_text
from .analysis_file.sections import AnalysisSpec, FlavioSpec, LikelihoodSpec
from .own_workspaces import workspace_term
from .parameters.table import ParameterTable

if TYPE_CHECKING:
    from ..models import Model
    from ..physics.observable import Observable

__all__ = ["measurement", "stated_terms"]

# Keys of an entry that are no measurement in numbers.
_OTHER = ("name", "file", "flavio", *WORKSPACES)

_NONE: Mapping[str, Observable] = MappingProxyType({})


def stated_terms(
    spec: AnalysisSpec,
    table: ParameterTable,
    source: Located,
    attached: Attachments,
    own: Mapping[str, Observable] = _NONE,
    model: Model | None = None,
) -> tuple[Term, ...]:
    """Terms that the file states itself: measurements and HistFactory likelihoods of one's own.

    Parameters
    ----------
    spec : AnalysisSpec
    table : ParameterTable
        Of which the constants that float and the units of masses are asked.
    source : Located
        The analysis as read, for file and lines.
    attached : Attachments
        Files that it names.
    own : mapping of str to Observable, optional
        Observables of the user's own.
    model : Model, optional
        That of the analysis; needed where there are HistFactory likelihoods.

    Returns
    -------
    tuple of Term

    Raises
    ------
    MissingExtraError
        If an observable of flavio is named and flavio is not installed.
    AnalysisError
        If an observable, a kinematic variable or a file is not known, a unit is not that of the
        observable, numbers are not allowed, or two terms have one name.
    """
    terms: list[Term] = []
    for index, entry in enumerate(spec.likelihoods):
        if entry.by_name:
            continue
        path: Key = ("likelihoods", index)
        path = path if entry.flavio is None else (*path, "flavio")
        path = (*path, *entry.workspaces)
        try:
            made = _made(entry, table, attached, own, model)
            for term in made:
                _check_name(term)
                _check_mass(term, table)
        except MissingExtraError as error:
            error.args = (str(source.mistake(str(error), path)),)
            raise
        except BsinvError as error:
            raise source.mistake(_sentence(str(error)), path) from error
        taken = {term.name for term in terms}
        twice = next((term.name for term in made if term.name in taken), None)
        if twice is not None:
            raise source.mistake(f"{twice!r} is the name of two measurements.", path)
        terms.extend(made)
    return tuple(terms)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _made(
    entry: LikelihoodSpec,
    table: ParameterTable,
    attached: Attachments,
    own: Mapping[str, Observable],
    model: Model | None,
) -> tuple[Term, ...]:
    """Terms of one entry."""
    if entry.workspaces and model is not None:
        return (workspace_term(entry, table, attached, model),)
    if entry.flavio is not None:
        return (_flavio_term(entry.name, entry.flavio),)
    constants = tuple(table.constants)
    if entry.file is None:
        return (_own_term(entry, constants, attached, own),)
    text = attached.text(entry.file)
    if all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines()):
        raise DataError(f"{entry.file}: empty: a list of entries is needed")
    located = read_text(text, entry.file)
    written = read_written(located.data, entry.file, {*accepted_options(), *measurements()})
    options = TermOptions(**entry.options, observables=own)
    taken = {option for one in written for option in options_of(one.measurement)}
    for option in entry.options:
        if option not in taken:
            raise ParameterError(f"{entry.file}: none of its measurements takes {option}")
    return tuple(written_term(one, options, entry.options, constants) for one in written)


def _own_term(
    entry: LikelihoodSpec,
    constants: Collection[str],
    attached: Attachments,
    own: Mapping[str, Observable] = _NONE,
) -> Term:
    """Term of an entry that says itself what was measured."""
    stated, options = _stated(entry, attached), TermOptions(**entry.options, observables=own)
    taken = {*options_of(stated_record(entry.name, stated, options))}
    # Also where no constant is named by the observable, so that the option then changes nothing.
    taken |= {"theory_errors"} if stated.values and entry.limit is None else set()
    for option in entry.options:
        if option not in taken:
            raise ParameterError(f"{entry.name!r} does not take the option {option}")
    return stated_term(entry.name, stated, options, constants)


def _stated(entry: LikelihoodSpec, attached: Attachments) -> Stated:
    """What an entry says, in the terms of the likelihoods."""
    several = entry.observables is not None
    one = () if entry.value is None else (entry.value,)
    errors = entry.errors if several else (() if entry.error is None else (entry.error,))
    curve: CurveTable | None = None
    if isinstance(entry.curve, str):
        curve = parse_curve(attached.text(entry.curve), entry.curve)
    elif entry.curve is not None:
        curve = CurveTable(entry.curve)
    return Stated(
        observables=entry.observables or (entry.observable or "",),
        values=entry.values or one,
        errors=tuple(map(sides_of, errors or ())),
        curve=curve,
        data=entry.data or (),
        **{key: getattr(entry, key) for key in _SAME},
    )


# Keys of an entry that are fields of `Stated` as they are.
_SAME = (
    *("correlation", "covariance", "limit", "cl", "counts", "mass", "unit"),
    *("experiment", "year", "arxiv", "doi"),
)


def _check_name(term: Term) -> None:
    """Refuse a name that would be a path where a table, a picture or a part of a file is named."""
    bad = next((c for c in term.name if c in "/\\" or not c.isprintable()), None)
    if bad is not None and not isinstance(term, FlavioTerm):
        raise DataError(f"name: {term.name!r} must not hold {bad!r}")


def _check_mass(term: Term, table: ParameterTable) -> None:
    """The mass of a curve must be in the unit of the parameter that it is."""
    mass, unit = getattr(term, "mass", None), getattr(term, "mass_unit", None)
    found = next((one for one in table.parameters if one.name == mass), None)
    if unit is not None and found is not None and found.unit != unit:
        raise DataError(
            f"{term.name}: {mass} of the curve is in {unit}, of the model in {found.unit}"
        )


def _flavio_term(name: str, given: FlavioSpec) -> FlavioTerm:
    what = (name, given.observable, given.arguments)
    if given.limit is not None and given.cl is not None:
        return flavio_limit(*what, given.limit, given.cl, given.data)
    if given.value is not None and given.errors is not None:
        return flavio_value(*what, given.value, *given.errors, given.data)
    # Not reached: the record holds one of the two forms in full.
    raise AnalysisError(f"{name!r} needs value and error, or limit and cl.")


def measurement(name: str = "my-measurement", **keys: Any) -> Term:
    """Likelihood term of a measurement of one's own.

    Parameters
    ----------
    name : str
        Of the term; that of no likelihood of the package.
    **keys
        Those of an entry under ``likelihoods`` in an analysis file (docs/guide/your-own.md):
        `observable` with `value` and `error`, `limit` and `cl`, `counts`, or `curve` with `mass`
        and `cl`; or `observables` with `values`, `errors` and `correlation`, or `covariance`;
        `unit`, `data`, `experiment`, `year`, and options such as `theory_errors`. Numbers may be
        numpy arrays, and an observable may be a record of one's own
        (`bsinv.physics.observable.Observable`). A file of a curve is looked for in the working
        directory.

    Returns
    -------
    Term
        With `predict` and `log_likelihood`.

    Raises
    ------
    ParameterError
        If keys are missing, do not go together, or have values that are not allowed.
    DataError, PredictionError, UnknownNameError
        If a unit is not that of the observable, numbers are missing or not allowed, or there is no
        key, observable, datum or file of a name.
    """
    from pydantic import ValidationError

    from .analysis_file.reading.faults import faults_of
    from .analysis_file.reading.nodes import format_key

    known = [key for key in LikelihoodSpec.model_fields if key not in _OTHER]
    for key in keys:
        if key not in known:
            raise UnknownNameError("key", key, known, f"the measurement {name!r}")
    own = {one.name: one for one in _records(keys)}
    plain = {"name": name, **{key: _plain(value) for key, value in keys.items()}}
    try:
        entry = LikelihoodSpec.model_validate(plain)
    except ValidationError as error:
        fault = faults_of(error, plain)[0]
        where = format_key(fault.path)
        raise ParameterError(
            ": ".join([name, *([where] if where else []), fault.message])
        ) from None
    if not entry.is_own:
        raise ParameterError(f"{name}: needs observable or observables: what was measured.")
    if name in accepted_options():
        raise ParameterError(f"{name!r} is a likelihood of the package: take another name.")
    return _own_term(entry, (), Attachments.of(None), own)


def _records(keys: Mapping[str, Any]) -> list[Observable]:
    """Observables of the user's own among what is measured."""
    from ..physics.observable import Observable

    several = keys.get("observables")
    listed = several if isinstance(several, list | tuple) else ()
    return [one for one in (keys.get("observable"), *listed) if isinstance(one, Observable)]


def _plain(value: Any) -> Any:
    """What a file would give: plain numbers and lists, names of observables."""
    from ..physics.observable import Observable

    if isinstance(value, Observable):
        return value.name
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, list | tuple) else value
