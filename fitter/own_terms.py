"""Likelihoods that an analysis file states itself, on observables that flavio predicts."""

from __future__ import annotations

from ..errors import AnalysisError, BsinvError, MissingExtraError
from ..likelihoods.base import Term
from ..likelihoods.flavio.term import FlavioTerm, flavio_limit, flavio_value
from .analysis_file.flavio import FlavioSpec
from .analysis_file.sections import AnalysisSpec
from .analysis_file.source import Located

__all__ = ["own_terms"]


def own_terms(spec: AnalysisSpec, source: Located) -> tuple[Term, ...]:
    """Terms of the likelihoods with a section ``flavio``.

    Parameters
    ----------
    spec : AnalysisSpec
    source : Located
        The analysis as read, for file and lines.

    Returns
    -------
    tuple of Term

    Raises
    ------
    MissingExtraError
        If there are any and flavio is not installed.
    AnalysisError
        If flavio does not know an observable or an argument, or cannot predict it.
    """
    terms: list[Term] = []
    for index, entry in enumerate(spec.likelihoods):
        if entry.flavio is None:
            continue
        try:
            terms.append(_term(entry.name, entry.flavio))
        except MissingExtraError as error:
            error.args = (str(source.mistake(str(error), ("likelihoods", index, "flavio"))),)
            raise
        except BsinvError as error:
            raise source.mistake(str(error), ("likelihoods", index, "flavio")) from error
    return tuple(terms)


def _term(name: str, given: FlavioSpec) -> FlavioTerm:
    what = (name, given.observable, given.arguments)
    if given.limit is not None and given.cl is not None:
        return flavio_limit(*what, given.limit, given.cl, given.data)
    if given.value is not None and given.errors is not None:
        return flavio_value(*what, given.value, *given.errors, given.data)
    # Not reached: the record holds one of the two forms in full.
    raise AnalysisError(f"{name!r} needs value and error, or limit and cl.")
