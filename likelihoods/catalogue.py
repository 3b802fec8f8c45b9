"""Likelihood terms by name: the Belle II likelihood, every measurement by its id, and groups."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType

from ..errors import AnalysisError, ParameterError, UnknownNameError
from .base import Term
from .forms.walls import PERTURBATIVITY, Perturbativity
from .limit_forms import countable
from .measured import describe, from_measurement, options_of, usable
from .options import TermOptions
from .reweighted.belle2 import NAME as BELLE2_2023
from .reweighted.belle2 import Belle2Likelihood

__all__ = [
    "TermOptions",
    "accepted_options",
    "build",
    "check_overlaps",
    "groups",
    "names",
    "term",
]


@dataclass(frozen=True)
class _Own:
    """A likelihood that is no entry of the measurements: description, options, and its maker."""

    description: str
    options: tuple[str, ...]
    build: Callable[[TermOptions], Term]


def _belle2(options: TermOptions) -> Term:
    from ..data.belle2 import belle2_2023

    made = Belle2Likelihood(
        options.nuisances,
        options.form_factor_systematics,
        options.template_errors,
        options.response,
    )
    made.reference = belle2_2023().reference
    return made


_OWN: Mapping[str, _Own] = MappingProxyType(
    {
        BELLE2_2023: _Own(
            Belle2Likelihood.description,
            ("nuisances", "form_factor_systematics", "template_errors", "response"),
            _belle2,
        ),
        PERTURBATIVITY: _Own(Perturbativity.description, (), lambda options: Perturbativity()),
    }
)


def groups() -> Mapping[str, tuple[str, ...]]:
    """Groups of likelihoods: name to the names of its terms."""
    from ..data.groups import groups as records

    return {name: record.members for name, record in records().items()}


def names() -> dict[str, str]:
    """Every likelihood that can be asked for: name to a one-line description."""
    from ..data.groups import groups as records
    from ..data.measurements import measurements

    described = {name: entry.description for name, entry in _OWN.items()}
    for name, group in records().items():
        count = "1 term" if len(group.members) == 1 else f"{len(group.members)} terms"
        described[name] = f"group of {count}: {group.description}"
    for measurement in measurements().values():
        if usable(measurement):
            # The form of a limit takes scipy to choose; the term itself tells it.
            described[measurement.id] = describe(
                measurement, TermOptions(limit_form="half-gaussian")
            )
    return described


def accepted_options() -> dict[str, tuple[str, ...]]:
    """Options that each likelihood or group takes: name to names of fields of `TermOptions`."""
    from ..data.measurements import measurements

    accepted = {name: entry.options for name, entry in _OWN.items()} | dict.fromkeys(groups(), ())
    accepted |= {one.id: options_of(one) for one in measurements().values() if usable(one)}
    every = [entry.name for entry in fields(TermOptions)]
    for name, members in groups().items():
        taken = {option for member in members for option in accepted[member]}
        accepted[name] = tuple(option for option in every if option in taken)
    return accepted


def build(
    requests: Iterable[tuple[str, TermOptions]],
    allowed: Iterable[Iterable[str]] = (),
    floated: Collection[str] = (),
    excluded: Collection[str] = (),
    kept: Callable[[Term], bool] | None = None,
) -> tuple[Term, ...]:
    """Terms of a fit, groups expanded, with overlaps refused.

    Parameters
    ----------
    requests : iterable of (name, TermOptions)
        Names of likelihoods or groups. A term that a group brings and that is also named alone is
        made once, with the options given with its own name.
    allowed : iterable of pairs of str, optional
        Overlapping data that may stand together all the same.
    floated : collection of str, optional
        Constants that float in the fit: their errors are not added to those of measurements.
    excluded : collection of str, optional
        Members of groups that are left out.
    kept : callable, optional
        (term) to whether it is kept; all are if not given. What is not kept overlaps with nothing.

    Returns
    -------
    tuple of Term

    Raises
    ------
    UnknownNameError
        For a name that is neither a likelihood nor a group.
    AnalysisError
        If two data overlap, or two groups give different options to one member.
    """
    requests, known = tuple(requests), groups()
    alone = {name: options for name, options in requests if name not in known}
    chosen = _of_groups([one for one in requests if one[0] in known], {*alone, *excluded})
    for name in excluded:
        chosen.pop(name, None)
    chosen.update(alone)
    terms = tuple(term(name, options, floated) for name, options in chosen.items())
    terms = terms if kept is None else tuple(filter(kept, terms))
    check_overlaps((entry.data_ids for entry in terms), allowed)
    return terms


def _of_groups(
    requests: Iterable[tuple[str, TermOptions]], alone: Collection[str]
) -> dict[str, TermOptions]:
    """Members of groups with their options; those listed alone bring their own."""
    known, accepted = groups(), accepted_options()
    chosen: dict[str, TermOptions] = {}
    brought: dict[str, str] = {}
    for group, options in requests:
        for member in known[group]:
            own = _possible(member, options)
            before = chosen.setdefault(member, own)
            first = brought.setdefault(member, group)
            for option in accepted[member] if member not in alone else ():
                one, other = getattr(before, option), getattr(own, option)
                if one != other:
                    raise AnalysisError(
                        f"{member!r} is in {first!r} with {option} {_written(one)} and in "
                        f"{group!r} with {option} {_written(other)}: list it by itself with the "
                        "option that you mean."
                    )
    return chosen


def _possible(member: str, options: TermOptions) -> TermOptions:
    """Options of a group for one member: counts are asked of those that have them."""
    from ..data.measurements import measurements

    known = measurements()
    if options.limit_form != "gamma" or (member in known and countable(known[member])):
        return options
    return replace(options, limit_form=TermOptions.limit_form)


def _written(value: str | bool) -> str:
    """Value of an option as in an analysis file."""
    return str(value).lower() if isinstance(value, bool) else value


def term(name: str, options: TermOptions | None = None, floated: Collection[str] = ()) -> Term:
    """One likelihood term by name.

    Parameters
    ----------
    name : str
        ``belle2-2023-bknunu``, ``perturbativity`` or the id of a measurement.
    options : TermOptions, optional
    floated : collection of str, optional
        Constants that float in the fit.

    Returns
    -------
    Term

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    ParameterError
        If it is the name of a group.
    DataError
        If the form asked for needs what the measurement does not give.
    """
    options = options or TermOptions()
    if name in _OWN:
        return _OWN[name].build(options)
    from ..data.measurements import measurements

    if name in groups():
        raise ParameterError(
            f"{name!r} is a group of likelihoods: choose one of {', '.join(groups()[name])}"
        )
    known = measurements()
    if name not in known or not usable(known[name]):
        raise UnknownNameError("likelihood", name, names())
    return from_measurement(known[name], options, floated)


def check_overlaps(
    ids: Iterable[str | Iterable[str]], allowed: Iterable[Iterable[str]] = ()
) -> None:
    """Refuse data that count the same events twice.

    Parameters
    ----------
    ids : iterable of str or of iterables of str
        Identifiers of the data of a fit: one, or all those of one term, which may overlap with each
        other.
    allowed : iterable of pairs of str, optional
        Pairs that may stand together.

    Raises
    ------
    AnalysisError
        Naming the first overlapping pair, why it overlaps, and what can be done.
    """
    from ..data.overlaps import conflicts

    terms = [(one,) if isinstance(one, str) else tuple(dict.fromkeys(one)) for one in ids]
    owners: dict[str, set[int]] = {}
    for place, names in enumerate(terms):
        for name in names:
            owners.setdefault(name, set()).add(place)
    permitted = {frozenset(pair) for pair in allowed}
    for one, other, reason in conflicts(name for names in terms for name in names):
        if one == other:
            # The first id of a term is that of its own data.
            users = sorted({terms[place][0] for place in owners[one]})
            if len(users) > 1:
                used = " and ".join(map(repr, users))
                raise AnalysisError(f"{used} use the same data, {one!r}: leave one of them out.")
            raise AnalysisError(f"{one!r} overlaps with itself ({reason}): leave one out.")
        if len(owners[one] | owners[other]) == 1:
            continue
        if frozenset((one, other)) not in permitted:
            raise AnalysisError(
                f"{one!r} and {other!r} overlap ({reason}): leave one out, or allow it with "
                f"allow_overlaps: [[{one}, {other}]]"
            )
