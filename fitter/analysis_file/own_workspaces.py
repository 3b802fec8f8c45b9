"""HistFactory likelihoods of one's own in an analysis file: reweighted, saved by redist, plain.

Types are checked here; files, channels, samples and bins where the term is made.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from .own_data import ObservableName
from .reading.nodes import describe_value
from .reading.values import FilledList, Name, Number, NumberPair, Record, Text, fault

__all__ = [
    "WORKSPACES",
    "CorrelatedSpec",
    "NullSpec",
    "PyhfSpec",
    "RedistSpec",
    "ReweightedSpec",
    "SignalSpec",
]

# Keys under which such a likelihood stands.
WORKSPACES = ("reweighted", "redist", "pyhf")


def _edges(value: Any) -> Any:
    """Edges of bins: numbers, and ranges."""
    if not isinstance(value, list | tuple) or not value:
        raise fault(
            "must be a list of edges, such as [-1, {start: 0, stop: 22.885, bins: 100}], not "
            f"{describe_value(value)}."
        )
    return tuple(map(_edge, value))


def _edge(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) != {"start", "stop", "bins"}:
            raise fault("a range of bins needs start, stop and bins, and nothing else.")
        if not all(map(_is_number, value.values())) or not _is_count(value["bins"]):
            raise fault("start and stop of a range must be numbers, bins a whole number above 0.")
        return {"start": value["start"], "stop": value["stop"], "bins": value["bins"]}
    if not _is_number(value):
        raise fault(f"an edge must be a number or a range, not {describe_value(value)}.")
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and 0 < value <= MOST_BINS


def _code(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise fault(f"must be a code such as 4p or 0, not {describe_value(value)}.")
    return str(value)


MOST_BINS = 100_000

Edges = Annotated[Any, BeforeValidator(_edges)]
Bins = dict[str, Edges]
Cutoff = dict[str, NumberPair]
Code = Annotated[str, BeforeValidator(_code)]
Names = tuple[Name, ...]


class NullSpec(Record):
    """The Standard Model, with form factors and constants, that a simulation was made with."""

    observable: Name | None = None
    form_factors: dict[str, Name] = Field(default_factory=dict)
    inputs: dict[str, Number] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _not_empty(self) -> NullSpec:
        if not self.model_fields_set:
            raise fault(
                "says nothing: name the observable, form factors or inputs of the simulation, or a "
                "file with its spectrum."
            )
        return self


def _form(value: Any) -> str:
    """Tag of a null spectrum; in angle brackets, so that messages can drop it."""
    return "<predicted>" if isinstance(value, dict | NullSpec) else "<file>"


Null = Annotated[
    Annotated[Name, Tag("<file>")] | Annotated[NullSpec, Tag("<predicted>")], Discriminator(_form)
]


def _listed(value: Any) -> Any:
    """One for all, or a list of one for each."""
    return value if isinstance(value, list) else [value]


class SignalSpec(Record):
    """A weighted sample: where it stands, its process and its density."""

    channel: Name
    sample: Name
    observable: Name
    density: Name
    bins: Bins | None = None
    cutoff: Cutoff | None = None
    null_spectrum: Null | None = None


class _Workspace(Record):
    """What all three have."""

    description: Text = ""
    fix: dict[str, Number] = Field(default_factory=dict)
    interpolation: dict[str, Code] = Field(default_factory=dict)


class ReweightedSpec(_Workspace):
    """A workspace with number densities and a null spectrum.

    Attributes
    ----------
    workspace : str
        File in pyhf's JSON; `measurement` and `patch` by name where there are several, with a
        `patchset` that is not the ``patchset.json`` beside it.
    signal : tuple of SignalSpec
    bins, cutoff, null_spectrum
        Of all entries of `signal` that do not have their own.
    fix : mapping of str to float
        Parameters that are held.
    theory_modifiers : tuple of str
        Left out where the form factors of the prediction float.
    interpolation : mapping of str to str
        Codes by type of modifier.
    """

    workspace: Name
    signal: Annotated[tuple[SignalSpec, ...], FilledList]
    bins: Bins | None = None
    cutoff: Cutoff | None = None
    null_spectrum: Null | None = None
    theory_modifiers: Names = ()
    measurement: Name | None = None
    patch: Name | None = None
    patchset: Name | None = None

    @model_validator(mode="after")
    def _whole(self) -> ReweightedSpec:
        for key in ("bins", "null_spectrum"):
            if getattr(self, key) is None and any(getattr(one, key) is None for one in self.signal):
                raise fault(f"the key {key!r} is missing.")
        if self.patchset is not None and self.patch is None:
            raise fault("patchset goes with patch, the name of one of its patches.")
        return self


class RedistSpec(_Workspace):
    """A file that redist saves.

    Attributes
    ----------
    file : str
    observable, null_spectrum : tuple
        One for all modifiers, or one for each in the order of the file.
    theory_modifiers, cutoff, fix, interpolation
        As for `ReweightedSpec`; the cutoff is that of the file by default.
    observations : mapping of str to tuple of float
        Observed counts by channel, where the file has none.
    """

    file: Name
    observable: Annotated[tuple[Name, ...], FilledList, BeforeValidator(_listed)]
    null_spectrum: Annotated[tuple[Null, ...], FilledList, BeforeValidator(_listed)]
    theory_modifiers: Names = ()
    cutoff: Cutoff | None = None
    observations: dict[str, Annotated[tuple[Number, ...], FilledList]] | None = None


class PyhfSpec(_Workspace):
    """A workspace in which norm factors are observables.

    Attributes
    ----------
    file : str
        As `ReweightedSpec.workspace`.
    parameter_map : mapping of str to str
        Norm factor -> observable.
    """

    file: Name
    parameter_map: dict[str, ObservableName]
    measurement: Name | None = None
    patch: Name | None = None
    patchset: Name | None = None

    @model_validator(mode="after")
    def _whole(self) -> PyhfSpec:
        if not self.parameter_map:
            raise fault("parameter_map is empty: name a norm factor and its observable.")
        if self.patchset is not None and self.patch is None:
            raise fault("patchset goes with patch, the name of one of its patches.")
        return self


def _group(value: Any) -> dict[str, str]:
    if isinstance(value, dict) and len(value) < 2:
        raise fault(
            f"needs two or more terms, each with the name of a parameter, not {len(value)}."
        )
    if not isinstance(value, dict):
        raise fault(
            "must be a mapping of two or more terms to the name of the parameter in each, not "
            f"{describe_value(value)}."
        )
    for name, entry in value.items():
        if not isinstance(entry, str) or not entry.strip():
            raise fault(f"{name}: must be the name of a parameter, not {describe_value(entry)}.")
    return {str(name): str(entry) for name, entry in value.items()}


CorrelatedSpec = Annotated[dict[str, str], BeforeValidator(_group)]
