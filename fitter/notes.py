"""Sentences that a results file carries: what was assumed and what to know of the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..chains.records import RunFile

if TYPE_CHECKING:
    from .analysis import Analysis

__all__ = ["notes_of"]


def notes_of(analysis: Analysis, results: RunFile) -> tuple[str, ...]:
    """Notes of a run: those it has, and what its terms and points give reason to.

    Parameters
    ----------
    analysis : Analysis
    results : RunFile

    Returns
    -------
    tuple of str
        Each sentence once.
    """
    found = [*results.notes, *_reference(analysis, results), *_form_factors(analysis)]
    found += [*_acceptance(analysis), *_rejected(analysis)]
    return tuple(dict.fromkeys(found))


def _reference(analysis: Analysis, results: RunFile) -> list[str]:
    best = results.best_fit
    if best is None:
        return []
    if not best.reference_label:
        return [
            f"There is no comparison with the {analysis.reference_label}: it lies outside the "
            "priors, or the fit there failed."
        ]
    return [
        f"Reference point {best.reference_label}: the parameters of the model "
        f"{analysis.model.name!r} at their defaults, inputs and form factors fitted again."
    ]


def _form_factors(analysis: Analysis) -> list[str]:
    """How the form-factor uncertainty of the Belle II signal was treated."""
    from ..likelihoods.belle2 import Belle2Likelihood

    notes = []
    for term in analysis.terms:
        if isinstance(term, Belle2Likelihood):
            how = (
                "its own form-factor modifiers (corr_ff_*) are kept"
                if term.form_factor_systematics
                else "its own form-factor modifiers (corr_ff_*) are left out, since the B->K form "
                "factors float in the prediction"
            )
            notes.append(f"{term.name}: {how}; nuisance parameters: {term.nuisances}.")
    return notes


def _acceptance(analysis: Analysis) -> list[str]:
    """Results that are compared as total branching fractions."""
    others = [
        term.name
        for term in analysis.terms
        if any(name.startswith("BR(") for name in term.observables)
    ]
    if not others or analysis.model.name == "signal-strength":
        return []
    return [
        "Compared as total branching fractions, with efficiencies that the experiments found for "
        f"the Standard Model spectrum: {', '.join(others)}."
    ]


def _rejected(analysis: Analysis) -> list[str]:
    return [
        f"{name}: not finite at {count} points inside the priors (in one call of the program); they "
        "were given zero likelihood."
        for name, count in analysis.rejected.items()
    ]
