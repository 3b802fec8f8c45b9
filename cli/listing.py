"""What exists, as plain records and tables: models, observables, likelihoods, analyses, data."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..data.records import Reference
from ..errors import ParameterError
from ..fitter.analysis_file.definitions import IMAGINARY

if TYPE_CHECKING:
    from ..fitter.own_objects import OwnObjects
    from ..models import Model
    from ..physics.observable import Observable

__all__ = ["LISTINGS", "Listing", "unused_data", "with_own"]

# Parameters of a model that people are told.
_TOLD = 60


@dataclass(frozen=True)
class Listing:
    """A list for people and for programs.

    Attributes
    ----------
    header : tuple of str
    rows : tuple of tuple of str
        For people.
    records : tuple of mappings
        For programs: all there is to know, JSON types only.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    records: tuple[Mapping[str, Any], ...]


def _models() -> Listing:
    from ..models import models

    return _listed_models(models().values())


def _listed_models(found: Collection[Model]) -> Listing:
    return Listing(
        ("name", "description", "parameters"),
        tuple(
            (entry.name, entry.description, _told([one.name for one in entry.parameters]))
            for entry in found
        ),
        tuple(
            {
                "name": entry.name,
                "description": entry.description,
                "parameters": [dataclasses.asdict(p) for p in entry.parameters],
            }
            for entry in found
        ),
    )


def _told(names: Sequence[str]) -> str:
    """Names of parameters for people: those with an imaginary part once, and not hundreds."""
    known = set(names)
    pairs = [name for name in names if name.removeprefix(IMAGINARY) not in known - {name}]
    told = [f"[{IMAGINARY}]{name}" if IMAGINARY + name in known else name for name in pairs]
    more = f", ... ({len(names)} in all: --json lists them)" if len(told) > _TOLD else ""
    return ", ".join(told[:_TOLD]) + more


def _observables() -> Listing:
    from ..physics.observables import observables

    return _listed_observables(observables().values())


def _listed_observables(found: Collection[Observable]) -> Listing:
    from ..physics.observables import ALIASES

    aliases: dict[str, list[str]] = {}
    for alias, name in ALIASES.items():
        aliases.setdefault(name, []).append(alias)
    keys = ("name", "latex", "unit", "kinematics", "optional", "description", "references")
    return Listing(
        ("name", "unit", "needs", "takes", "description"),
        tuple(
            (
                entry.name,
                "" if entry.unit == "1" else entry.unit,
                ", ".join(entry.kinematics),
                ", ".join(entry.optional),
                entry.description,
            )
            for entry in found
        ),
        tuple(
            {
                **{key: getattr(entry, key) for key in keys},
                "aliases": aliases.get(entry.name, []),
            }
            for entry in found
        ),
    )


def _likelihoods() -> Listing:
    from ..likelihoods.catalogue import accepted_options, groups, names

    members, options = groups(), accepted_options()
    return Listing(
        ("name", "description", "options"),
        tuple((name, text, ", ".join(options[name])) for name, text in names().items()),
        tuple(
            {
                "name": name,
                "description": text,
                "members": members.get(name, ()),
                "options": options[name],
            }
            for name, text in names().items()
        ),
    )


def _analyses() -> Listing:
    from ..fitter.analysis_file.reading.builtin import DEFAULT, builtin_analyses
    from ..fitter.analysis_file.reading.source import read_source

    records: list[dict[str, Any]] = []
    for name, path in builtin_analyses().items():
        data = read_source(path).data
        records.append(
            {
                "name": name,
                "description": " ".join(str(data.get("description", "")).split()),
                "model": str(data["model"]),
                "default": name == DEFAULT,
                "file": str(path),
            }
        )
    return Listing(
        ("name", "model", "description"),
        tuple(
            (
                entry["name"] + (" (default)" if entry["default"] else ""),
                entry["model"],
                entry["description"],
            )
            for entry in records
        ),
        tuple(records),
    )


def unused_data() -> Listing:
    """Measurements that are no term of any fit, and why."""
    from ..data.measurements import measurements
    from ..likelihoods.measured import why_unused

    found = [(one, why_unused(one)) for one in measurements().values()]
    records: list[dict[str, Any]] = [
        {"id": one.id, "observables": one.observables, "status": one.status, "why": why}
        for one, why in found
        if why
    ]
    return Listing(
        ("id", "observables", "status", "why it enters no fit"),
        tuple((r["id"], ", ".join(r["observables"]), r["status"], r["why"]) for r in records),
        tuple(records),
    )


def _data() -> Listing:
    from ..data.catalogue import listing

    found = listing()
    return Listing(
        ("id", "kind", "observable", "experiment", "value", "unit", "status", "reference"),
        tuple(
            (
                entry.id,
                entry.kind,
                ", ".join(entry.observables),
                Reference(experiment=entry.experiment, year=entry.year).origin,
                entry.value,
                "" if entry.unit == "1" else entry.unit,
                entry.status,
                entry.reference,
            )
            for entry in found
        ),
        tuple(dataclasses.asdict(entry) for entry in found),
    )


def _form_factors() -> Listing:
    from .listing_inputs import form_factors_listing

    return form_factors_listing()


def _constants() -> Listing:
    from .listing_inputs import constants_listing

    return constants_listing()


def _groups() -> Listing:
    from .listing_inputs import groups_listing

    return groups_listing()


def _parameters() -> Listing:
    from .listing_inputs import parameters_listing

    return parameters_listing()


def with_own(listing: Listing, what: str, own: OwnObjects) -> Listing:
    """Listing with the objects of plugins at its end.

    Parameters
    ----------
    listing : Listing
    what : str
        Key of `LISTINGS`.
    own : OwnObjects
    """
    if what == "models":
        more = _listed_models(own.models.values())
    elif what == "observables":
        more = _listed_observables(own.observables.values())
    elif what == "likelihoods":
        keys = [(term.name, term.description) for term in own.terms]
        more = Listing(
            listing.header,
            tuple((*key, "") for key in keys),
            tuple(
                {"name": name, "description": text, "members": (), "options": ()}
                for name, text in keys
            ),
        )
    else:
        raise ParameterError(
            f"--plugin goes with the lists of models, observables and likelihoods, not {what}."
        )
    return Listing(listing.header, (*listing.rows, *more.rows), (*listing.records, *more.records))


def _figures() -> Listing:
    from ..fitter.figures.kinds import KINDS, OPTIONS

    def options(name: str) -> list[str]:
        return [OPTIONS[option] for option in KINDS[name].takes]

    return Listing(
        ("name", "description", "options", "--show"),
        tuple(
            (name, kind.text, " ".join(options(name)), ", ".join(kind.layers))
            for name, kind in KINDS.items()
        ),
        tuple(
            {
                "name": name,
                "description": kind.text,
                "options": options(name),
                "layers": list(kind.layers),
                "most_files": kind.most,
            }
            for name, kind in KINDS.items()
        ),
    )


LISTINGS: Mapping[str, Callable[[], Listing]] = {
    "models": _models,
    "observables": _observables,
    "likelihoods": _likelihoods,
    "analyses": _analyses,
    "data": _data,
    "form-factors": _form_factors,
    "constants": _constants,
    "groups": _groups,
    "parameters": _parameters,
    "figures": _figures,
}
