"""Faults of an analysis: where, and a sentence; all of them become one AnalysisError."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from ....errors import AnalysisError, did_you_mean
from ..own_workspaces import NullSpec, PyhfSpec, RedistSpec, ReweightedSpec, SignalSpec
from ..parameters import (
    ExpressionSpec,
    FixedAuxiliarySpec,
    FormedAuxiliarySpec,
    FreeAuxiliarySpec,
    PolarPair,
    PolarSpec,
)
from ..sections import (
    AnalysisSpec,
    ErrorSpec,
    FitSpec,
    FixedSpec,
    FlavioSpec,
    FormFactorSpec,
    FreeSpec,
    GridSpec,
    LikelihoodSpec,
    PredictionSpec,
    PriorSpec,
    SamplerSpec,
    TiedSpec,
    WcxfSpec,
)
from .nodes import Key, describe_value, format_key
from .source import Located

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

__all__ = ["MAX_FAULTS", "Fault", "faults_of", "raise_faults"]

# Faults told at once: nobody reads more, and looking for a near name takes its time for each.
MAX_FAULTS = 50

# Which record stands where: paths with the tag of an entry's form, "*" for a name or a position.
_RECORDS: Mapping[tuple[str, ...], type[BaseModel]] = {
    (): AnalysisSpec,
    ("model", "<wcxf>"): WcxfSpec,
    ("fit", "grids", "*"): GridSpec,
    ("likelihoods", "*"): LikelihoodSpec,
    ("likelihoods", "*", "error", "<sides>"): ErrorSpec,
    ("likelihoods", "*", "errors", "*", "<sides>"): ErrorSpec,
    ("likelihoods", "*", "flavio"): FlavioSpec,
    ("likelihoods", "*", "flavio", "error", "<sides>"): ErrorSpec,
    ("likelihoods", "*", "reweighted"): ReweightedSpec,
    ("likelihoods", "*", "reweighted", "signal", "*"): SignalSpec,
    ("likelihoods", "*", "reweighted", "null_spectrum", "<predicted>"): NullSpec,
    ("likelihoods", "*", "reweighted", "signal", "*", "null_spectrum", "<predicted>"): NullSpec,
    ("likelihoods", "*", "redist"): RedistSpec,
    ("likelihoods", "*", "redist", "null_spectrum", "*", "<predicted>"): NullSpec,
    ("likelihoods", "*", "pyhf"): PyhfSpec,
    ("form_factors", "*"): FormFactorSpec,
    ("fit",): FitSpec,
    ("predictions", "*"): PredictionSpec,
    ("sampler",): SamplerSpec,
    **{
        (section, "*", *rest): record
        for section in ("parameters", "inputs")
        for rest, record in (
            (("<fixed>",), FixedSpec),
            (("<free>",), FreeSpec),
            (("<tied>",), TiedSpec),
            (("<expression>",), ExpressionSpec),
            (("<polar>",), PolarSpec),
            (("<polar>", "polar"), PolarPair),
            (("<free>", "prior"), PriorSpec),
        )
    },
    ("auxiliary", "*", "<fixed>"): FixedAuxiliarySpec,
    ("auxiliary", "*", "<free>"): FreeAuxiliarySpec,
    ("auxiliary", "*", "<free>", "prior"): PriorSpec,
    ("auxiliary", "*", "<expression>"): FormedAuxiliarySpec,
}

_OTHER_FORMS: Mapping[str, tuple[str, ...]] = {
    "parameters": ("equals", "expression", "polar", "value"),
    "auxiliary": ("expression", "value"),
    "inputs": ("value",),
}

_COLLECTIONS = ("likelihoods", "predictions", "form_factors", "parameters", "auxiliary", "inputs")


@dataclass(frozen=True)
class Fault:
    """One mistake: the key path it stands at, and a sentence."""

    path: Key
    message: str


def raise_faults(faults: Iterable[Fault], source: Located) -> None:
    """Raise one AnalysisError with a line for each fault, in the order of the file.

    The list ends after ``MAX_FAULTS``.

    Parameters
    ----------
    faults : iterable of Fault
        Nothing happens if there are none.
    source : Located
        The analysis, for file and lines.

    Raises
    ------
    AnalysisError
        ``file``, ``line`` and ``key`` are those of the first fault.
    """
    found = list(islice(faults, MAX_FAULTS + 1))
    if not found:
        return
    ordered = sorted(found[:MAX_FAULTS], key=lambda entry: source.line(entry.path) or 0)
    places = [(source.file, source.line(entry.path), format_key(entry.path)) for entry in ordered]
    rest = [
        str(AnalysisError(entry.message, *place))
        for entry, place in zip(ordered[1:], places[1:], strict=True)
    ]
    if len(found) > MAX_FAULTS:
        rest.append(f"and more: only the first {MAX_FAULTS} faults found are shown.")
    raise AnalysisError("\n".join([ordered[0].message, *rest]), *places[0])


def faults_of(error: ValidationError, data: dict[str, Any]) -> list[Fault]:
    """Faults in a pydantic error, each with its key path and a sentence of our own.

    Parameters
    ----------
    error : pydantic.ValidationError
        Of ``AnalysisSpec``.
    data : dict
        What was validated.

    Returns
    -------
    list of Fault
    """
    details = error.errors(include_url=False)[: MAX_FAULTS + 1]
    unknown = {
        (detail["loc"][:-1], name)
        for detail in details
        if detail["type"] == "extra_forbidden"
        for name in _nearest(detail["loc"])
    }
    return [
        Fault(_path(detail["loc"], data), _sentence(detail))
        for detail in details
        # A misspelt required key, or one that tells the form, is one mistake, not two.
        if not (
            detail["type"] == "missing"
            and {(detail["loc"][:-1], name) for name in (detail["loc"][-1], *_forms(detail["loc"]))}
            & unknown
        )
    ]


def _path(loc: Key, data: Any) -> Key:
    """Path in the file: without tags, and without the keys that a short form leaves out."""
    path: list[str | int] = []
    for part in loc:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            continue
        path.append(part)
    return tuple(path)


def _fields(loc: Key) -> tuple[str, ...]:
    """Keys allowed in the section in which the key path ``loc`` ends."""
    parent = list(loc[:-1])
    if len(parent) > 1 and parent[0] in _COLLECTIONS:
        parent[1] = "*"
    record = _RECORDS.get(tuple("*" if isinstance(part, int) else part for part in parent))
    return () if record is None else (*record.model_fields, *_forms(loc))


def _forms(loc: Key) -> tuple[str, ...]:
    """Keys that would make an entry that passed for a free one an entry of another form."""
    return _OTHER_FORMS.get(str(loc[0]), ()) if loc[2:-1] == ("<free>",) else ()


def _nearest(loc: Key) -> list[str]:
    return difflib.get_close_matches(str(loc[-1]), _fields(loc), n=1)


def _sentence(detail: Mapping[str, Any]) -> str:
    """Sentence that goes after the key."""
    context = detail.get("ctx", {})
    given = describe_value(detail["input"])
    match detail["type"]:
        case "own":
            return str(context["message"])
        case "extra_forbidden":
            return f"unknown key{did_you_mean(str(detail['loc'][-1]), _fields(detail['loc']))}"
        case "missing":
            return f"the key {detail['loc'][-1]!r} is missing."
        case "dict_type" | "model_type":
            return f"must be a mapping, not {given}."
        case "tuple_type":
            return f"must be a list, not {given}."
        case "literal_error":
            return f"must be {context['expected']}, not {given}."
        case "greater_than_equal":
            return f"must be at least {context['ge']}, not {detail['input']}."
        case "greater_than":
            return f"must be above {context['gt']:g}, not {detail['input']}."
        case "less_than_equal":
            return f"must be at most {context['le']}, not {detail['input']}."
        case "less_than":
            return f"must be below {context['lt']}, not {detail['input']}."
        case "string_pattern_mismatch":
            return (
                "must start with a letter or digit and go on with letters, digits or . _ + -, "
                f"not {given}."
            )
    return f"{detail['msg']}, not {given}."
