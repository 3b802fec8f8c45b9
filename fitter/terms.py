"""Likelihood terms of an analysis: those asked for by name, with those that its file states."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import AnalysisError
from ..likelihoods.base import Term
from ..likelihoods.catalogue import TermOptions, build, check_overlaps
from ..models import Model
from .analysis_file.sections import AnalysisSpec
from .parameters.table import ParameterTable

__all__ = [
    "TermRequests",
    "all_terms",
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
    spectrum_support : str
        ``"exclude"``: without terms that assume efficiencies of the Standard Model spectrum.
    """

    named: tuple[tuple[str, TermOptions], ...]
    allow_overlaps: tuple[tuple[str, str], ...]
    constants: tuple[str, ...]
    excluded: tuple[str, ...] = ()
    spectrum_support: str = "include"

    def kept(self, term: Term) -> bool:
        """Whether a term is used for all that `spectrum_support` says."""
        return self.spectrum_support == "include" or not term.standard_model_spectrum

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
        return build(asked, self.allow_overlaps, self.constants, self.excluded, self.kept)


def term_requests(
    spec: AnalysisSpec, model: Model, table: ParameterTable, own: Collection[str] = ()
) -> TermRequests:
    """Names and options of the terms that an analysis asks for.

    Parameters
    ----------
    spec : AnalysisSpec
    model : Model
    table : ParameterTable
    own : collection of str, optional
        Names of terms of the user's own, which are made already.

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
        if entry.by_name and entry.name not in own
    )
    constants = tuple(table.constants)
    return TermRequests(named, spec.allow_overlaps, constants, spec.exclude, spec.spectrum_support)


def all_terms(requests: TermRequests, own: Sequence[Term]) -> tuple[Term, ...]:
    """Terms of an analysis, with overlaps refused.

    Parameters
    ----------
    requests : TermRequests
    own : sequence of Term
        Those that the file states itself, and terms of the user's own.

    Returns
    -------
    tuple of Term

    Raises
    ------
    AnalysisError
        If two data overlap, or ``spectrum_support: exclude`` leaves nothing.
    BsinvError
        If a term cannot be made.
    """
    terms = requests.build()
    used = tuple(filter(requests.kept, own))
    if used:
        terms += used
        check_overlaps((entry.data_ids for entry in terms), requests.allow_overlaps)
    if not terms:
        raise AnalysisError(
            "spectrum_support: exclude leaves nothing of the likelihoods: all of them assume "
            "efficiencies of the Standard Model spectrum."
        )
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
