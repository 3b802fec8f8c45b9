"""Likelihood terms of an analysis: those asked for by name, and those that its file states."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from ..likelihoods.base import Term
from ..likelihoods.catalogue import TermOptions, build, check_overlaps
from .analysis_file.sections import AnalysisSpec
from .parameters.table import ParameterTable

__all__ = ["all_terms", "with_other_option"]


def all_terms(spec: AnalysisSpec, table: ParameterTable, own: Sequence[Term]) -> tuple[Term, ...]:
    """Terms of an analysis, with overlaps refused.

    Parameters
    ----------
    spec : AnalysisSpec
    table : ParameterTable
        What floats brings its error into the fit itself: terms leave it out.
    own : sequence of Term
        Those of `own_terms`.

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
    terms = build(_requests(spec, table), spec.allow_overlaps, tuple(table.constants))
    if own:
        terms += tuple(own)
        ids = (data_id for entry in terms for data_id in entry.data_ids)
        check_overlaps(ids, spec.allow_overlaps)
    return terms


def with_other_option(
    spec: AnalysisSpec,
    table: ParameterTable,
    terms: Sequence[Term],
    option: str,
    other: Mapping[str, str],
) -> tuple[Term, ...]:
    """Terms of an analysis with one option of those asked for by name at another value.

    Parameters
    ----------
    spec : AnalysisSpec
    table : ParameterTable
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
    requests = []
    for name, options in _requests(spec, table):
        change: dict[str, Any] = {option: other[getattr(options, option)]}
        requests.append((name, dataclasses.replace(options, **change)))
    built = build(requests, spec.allow_overlaps, tuple(table.constants))
    changed = {term.name: term for term in built}
    return tuple(
        changed[term.name] if term.name in changed and _differ(term, changed[term.name]) else term
        for term in terms
    )


def _differ(one: Term, two: Term) -> bool:
    """Whether two terms of one name are different likelihoods."""
    forms = [getattr(term, "response", "") for term in (one, two)]
    return type(one) is not type(two) or forms[0] != forms[1]


def _requests(spec: AnalysisSpec, table: ParameterTable) -> list[tuple[str, TermOptions]]:
    """Names and options of the terms that are asked for by name."""
    # Where the prediction's own form factors float, the Belle II modifiers for the same
    # uncertainty would count it twice; a signal strength scales the published template.
    floats = "B->K" in table.blocks and spec.model != "signal-strength"
    default = TermOptions(form_factor_systematics=not floats)
    return [
        (entry.name, dataclasses.replace(default, **entry.options))
        for entry in spec.likelihoods
        if entry.flavio is None
    ]
