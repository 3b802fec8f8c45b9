"""Workspaces with nuisance parameters in common: one term with one joint, exact profile.

Channels and parameters are named ``term/name`` in the joint workspace, but for parameters that are
correlated: they are one, with one constraint and one auxiliary datum.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...errors import DataError, UnknownNameError
from ..histfactory.compiling.modifiers import MODIFIERS
from ..histfactory.compiling.workspace import Channel, Modifier, Sample, Workspace
from .signal import ReweightedSignal, SignalEntry
from .term import ReweightedTerm, Row

__all__ = ["joint_term"]


def joint_term(
    terms: Sequence[ReweightedTerm],
    correlate: Sequence[Mapping[str, str]],
    name: str | None = None,
) -> ReweightedTerm:
    """One term from several workspaces.

    Parameters
    ----------
    terms : sequence of ReweightedTerm
        With the same treatment of nuisance parameters.
    correlate : sequence of mapping of str to str
        Parameters that are one: by name of the term, name of the parameter.
    name : str, optional
        Of the joint term; the names joined with ``+`` by default.

    Returns
    -------
    ReweightedTerm
        Its prediction has the columns of all terms, in order.

    Raises
    ------
    UnknownNameError
        For a term or a parameter that is not there.
    DataError
        If correlated parameters have different constraints, one is correlated twice, held, or a
        bin factor, or if options of the terms differ.
    """
    name = name or "+".join(term.name for term in terms)
    options = _options(name, terms)
    common = _common(name, terms, correlate)
    channels: list[Channel] = []
    parameters: dict[str, Mapping[str, Any]] = {}
    entries: list[SignalEntry] = []
    dropped: set[str] = set()
    fixed: dict[str, float] = {}
    for term in terms:
        signal, rename = term.signal, _Renaming(term, common)
        channels += [_channel(term, channel, rename) for channel in signal.workspace.channels]
        for parameter, config in signal.workspace.parameters.items():
            _add_config(name, parameters, rename(parameter), config)
        entries += [
            replace(entry, channel=f"{term.name}/{entry.channel}") for entry in signal.entries
        ]
        dropped |= {rename(each) for each in signal.dropped}
        fixed |= {rename(each): value for each, value in signal.fixed.items()}
    workspace = Workspace(name, tuple(channels), parameters, None, _codes(name, terms))
    joint = ReweightedSignal.of(name, workspace, entries, dropped, fixed)
    data_ids = tuple(each for term in terms for each in term.data_ids)
    description = "joint likelihood of " + ", ".join(term.name for term in terms)
    found = ReweightedTerm(joint, description, data_ids, *options)
    lost = "no picture after the fit and no report of the support of spectra are made of it."
    found.origin = (
        *(note for term in terms for note in term.origin),
        *([f"{name}: {lost}"] if any(term.null_label for term in terms) else []),
    )
    found.rows = tuple(_rows(found, terms))
    found.observables = tuple(row.observable for row in found.rows)
    return found


def _rows(joint: ReweightedTerm, terms: Sequence[ReweightedTerm]) -> Iterator[Row]:
    """Each observable of each term, with its process in the joint term."""
    for term in terms:
        for row in term.rows:
            wanted = term.signal.processes[row.process]
            entry = next(each for each in term.signal.entries if each.process is wanted)
            place = (f"{term.name}/{entry.channel}", entry.sample)
            own = next(e.process for e in joint.signal.entries if (e.channel, e.sample) == place)
            index = next(i for i, known in enumerate(joint.signal.processes) if known is own)
            yield Row(term.name, row.observable, index, term.own)


def _options(name: str, terms: Sequence[ReweightedTerm]) -> tuple[str, str, str]:
    options = {(term.nuisances, term.template_errors, term.response) for term in terms}
    if len(options) != 1:
        raise DataError(
            f"{name}: terms with correlated parameters need the same nuisances, template_errors "
            "and response"
        )
    return options.pop()


def _codes(name: str, terms: Sequence[ReweightedTerm]) -> tuple[str, str]:
    codes = {term.signal.workspace.codes for term in terms}
    if len(codes) != 1:
        raise DataError(
            f"{name}: workspaces with correlated parameters need the same interpolation"
        )
    return codes.pop()


def _common(
    name: str, terms: Sequence[ReweightedTerm], correlate: Sequence[Mapping[str, str]]
) -> dict[tuple[str, str], str]:
    """Name in the joint workspace of each correlated parameter, by term and name."""
    by_name = {term.name: term for term in terms}
    common: dict[tuple[str, str], str] = {}
    for group in correlate:
        kinds: dict[str, str] = {}
        label = "=".join(f"{term}/{parameter}" for term, parameter in group.items())
        for term, parameter in group.items():
            if term not in by_name:
                raise UnknownNameError("term", term, by_name, f"{name}: correlate")
            kinds[f"{term}/{parameter}"] = _kind(name, by_name[term], parameter)
            if (term, parameter) in common:
                raise DataError(f"{name}: {parameter!r} of {term} is correlated twice")
            common[term, parameter] = label
        if len(set(kinds.values())) > 1:
            listed = " and ".join(f"{where} ({kind})" for where, kind in kinds.items())
            raise DataError(f"{name}: correlated parameters have different constraints: {listed}")
    return common


def _kind(name: str, term: ReweightedTerm, parameter: str) -> str:
    """Kind of constraint of a parameter that may be correlated."""
    signal = term.signal
    known = {each.name: each.type for _, _, each in signal.workspace.modifiers()}
    if parameter not in known:
        raise UnknownNameError("parameter", parameter, known, f"{name}: correlate, {term.name}")
    if parameter in signal.dropped or parameter in signal.fixed:
        raise DataError(f"{name}: {parameter!r} of {term.name} is held or left out: not correlated")
    kind = MODIFIERS[known[parameter]]
    if "bin by bin" in kind:
        raise DataError(
            f"{name}: {parameter!r} of {term.name} is a {known[parameter]}, which acts bin by bin "
            "and cannot be correlated"
        )
    return kind


class _Renaming:
    """Name of a parameter of a term in the joint workspace."""

    def __init__(self, term: ReweightedTerm, common: Mapping[tuple[str, str], str]) -> None:
        self.term, self.common = term.name, common

    def __call__(self, parameter: str) -> str:
        return self.common.get((self.term, parameter), f"{self.term}/{parameter}")


def _channel(term: ReweightedTerm, channel: Channel, rename: _Renaming) -> Channel:
    samples = tuple(
        Sample(
            sample.name,
            sample.data,
            tuple(Modifier(rename(each.name), each.type, each.data) for each in sample.modifiers),
        )
        for sample in channel.samples
    )
    return Channel(f"{term.name}/{channel.name}", samples, channel.observed)


def _add_config(
    name: str, parameters: dict[str, Mapping[str, Any]], parameter: str, config: Mapping[str, Any]
) -> None:
    kept = {key: value for key, value in config.items() if key != "name"}
    if parameter in parameters and parameters[parameter] != kept:
        raise DataError(
            f"{name}: the measurements configure the correlated {parameter!r} differently: "
            f"{parameters[parameter]} and {kept}"
        )
    parameters[parameter] = kept
