"""Likelihood terms of an analysis: those asked for by name, and those that its file states."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..data.curves import CurveTable, parse_curve
from ..data.measurements import measurements
from ..data.written import read_written
from ..errors import AnalysisError, BsinvError, DataError, MissingExtraError, ParameterError
from ..likelihoods.base import Term
from ..likelihoods.catalogue import TermOptions, accepted_options, build, check_overlaps
from ..likelihoods.flavio.term import FlavioTerm, flavio_limit, flavio_value
from ..likelihoods.measured import options_of
from ..likelihoods.own import Stated, stated_record, stated_term, written_term
from ..models import Model
from .analysis_file.attachments import Attachments
from .analysis_file.nodes import Key
from .analysis_file.own_data import sides_of
from .analysis_file.sections import AnalysisSpec, FlavioSpec, LikelihoodSpec
from .analysis_file.source import Located, read_text
from .parameters.table import ParameterTable

__all__ = [
    "TermRequests",
    "all_terms",
    "own_term",
    "stated_terms",
    "term_requests",
    "with_other_option",
]


@dataclass(frozen=True)
class TermRequests:
    """Terms that are asked for by name.

    Attributes
    ----------
    named : tuple of (str, TermOptions)
        Likelihoods or groups of them.
    allow_overlaps : tuple of pairs of str
        Data that overlap and may be used together all the same.
    constants : tuple of str
        Constants that float: terms leave the errors of these out.
    excluded : tuple of str
        Members of groups that are left out.
    """

    named: tuple[tuple[str, TermOptions], ...]
    allow_overlaps: tuple[tuple[str, str], ...]
    constants: tuple[str, ...]
    excluded: tuple[str, ...] = ()

    def build(self, **changes: Mapping[str, str]) -> tuple[Term, ...]:
        """Make the terms.

        Parameters
        ----------
        **changes : mapping of str to str
            Options by name, each with the other value for every one that it may have.

        Returns
        -------
        tuple of Term

        Raises
        ------
        AnalysisError
            If two data overlap.
        """
        asked = []
        for name, options in self.named:
            other: dict[str, Any] = {
                option: values[getattr(options, option)] for option, values in changes.items()
            }
            asked.append((name, dataclasses.replace(options, **other)))
        return build(asked, self.allow_overlaps, self.constants, self.excluded)


def term_requests(spec: AnalysisSpec, model: Model, table: ParameterTable) -> TermRequests:
    """Names and options of the terms that an analysis asks for.

    Parameters
    ----------
    spec : AnalysisSpec
    model : Model
    table : ParameterTable

    Returns
    -------
    TermRequests
    """
    # Where the prediction's own form factors float, the Belle II modifiers for the same
    # uncertainty would count it twice; a scaled template keeps those of its simulation.
    floats = "B->K" in table.blocks and not model.scales_template
    default = TermOptions(form_factor_systematics=not floats)
    named = tuple(
        (entry.name, dataclasses.replace(default, **entry.options))
        for entry in spec.likelihoods
        if entry.by_name
    )
    return TermRequests(named, spec.allow_overlaps, tuple(table.constants), spec.exclude)


def all_terms(requests: TermRequests, own: Sequence[Term]) -> tuple[Term, ...]:
    """Terms of an analysis, with overlaps refused.

    Parameters
    ----------
    requests : TermRequests
    own : sequence of Term
        Those that the file states itself.

    Returns
    -------
    tuple of Term

    Raises
    ------
    AnalysisError
        If two data overlap.
    BsinvError
        If a term cannot be made.
    """
    terms = requests.build()
    if own:
        terms += tuple(own)
        check_overlaps((entry.data_ids for entry in terms), requests.allow_overlaps)
    return terms


def with_other_option(
    requests: TermRequests, terms: Sequence[Term], option: str, other: Mapping[str, str]
) -> tuple[Term, ...]:
    """Terms of an analysis with one option of those asked for by name at another value.

    Parameters
    ----------
    requests : TermRequests
    terms : sequence of Term
        Those of the analysis.
    option : str
        Field of `TermOptions`.
    other : mapping of str to str
        The other value for each that the option may have.

    Returns
    -------
    tuple of Term
        In the same order; a term that the option leaves as it is is the same object.
    """
    changed = {term.name: term for term in requests.build(**{option: other})}
    return tuple(
        changed[term.name] if term.name in changed and _differ(term, changed[term.name]) else term
        for term in terms
    )


def _differ(one: Term, two: Term) -> bool:
    """Whether two terms of one name are different likelihoods."""
    forms = [getattr(term, "response", "") for term in (one, two)]
    return type(one) is not type(two) or forms[0] != forms[1]


def stated_terms(
    spec: AnalysisSpec, table: ParameterTable, source: Located, attached: Attachments
) -> tuple[Term, ...]:
    """Terms that the file states itself: measurements of one's own, also of observables of flavio.

    Parameters
    ----------
    spec : AnalysisSpec
    table : ParameterTable
        Of which the constants that float and the units of masses are asked.
    source : Located
        The analysis as read, for file and lines.
    attached : Attachments
        Files that it names.

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
        try:
            made = _made(entry, table, attached)
            for term in made:
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


def _made(entry: LikelihoodSpec, table: ParameterTable, attached: Attachments) -> tuple[Term, ...]:
    """Terms of one entry."""
    if entry.flavio is not None:
        return (_flavio_term(entry.name, entry.flavio),)
    constants = tuple(table.constants)
    if entry.file is None:
        return (own_term(entry, constants, attached),)
    located = read_text(attached.text(entry.file), entry.file)
    written = read_written(located.data, entry.file, {*accepted_options(), *measurements()})
    options = TermOptions(**entry.options)
    taken = {option for one in written for option in options_of(one.measurement)}
    for option in entry.options:
        if option not in taken:
            raise ParameterError(f"{entry.file}: none of its measurements takes {option}")
    return tuple(written_term(one, options, entry.options, constants) for one in written)


def own_term(entry: LikelihoodSpec, constants: Collection[str], attached: Attachments) -> Term:
    """Term of an entry that says itself what was measured.

    Parameters
    ----------
    entry : LikelihoodSpec
    constants : collection of str
        Those that float: their errors are not added.
    attached : Attachments
        Where the file of a curve is read from.

    Returns
    -------
    Term

    Raises
    ------
    BsinvError
        As `likelihoods.own.stated_term`, and for options that it does not take.
    """
    stated, options = _stated(entry, attached), TermOptions(**entry.options)
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
