"""Likelihood terms of an analysis: those asked for by name, and those that its file states."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from ..likelihoods.base import Term
from ..likelihoods.catalogue import TermOptions, build, check_overlaps
from .parameters import ParameterTable
from .spec import AnalysisSpec

__all__ = ["all_terms"]


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
