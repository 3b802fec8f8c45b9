"""Sentences that a results file carries: what was assumed and what to know of the numbers."""

from __future__ import annotations

import re

import numpy as np

from ...chains.records import RunFile
from ...likelihoods.base import Term
from ...likelihoods.own import unlisted
from ..analysis_file.names import coefficient_prefix
from ..model_files import model_sentences
from ..problem import CUT, Problem, answer
from ..sensitivity.check import Identifiability
from .reference import held_columns

__all__ = ["dead_sentence", "identifiability_notes", "marginalised_notes", "notes_of", "own_notes"]

# Points of the prior that tell whether a particle may have a width.
_DRAWS = 4


def notes_of(problem: Problem, results: RunFile) -> tuple[str, ...]:
    """Notes of a run: those it has, and what its terms and points give reason to.

    Parameters
    ----------
    problem : Problem
    results : RunFile

    Returns
    -------
    tuple of str
        Each sentence once.
    """
    found = [*results.notes, *_reference(problem, results), *_form_factors(problem)]
    found += [*_default_floats(problem), *_acceptance(problem), *_rejected(problem)]
    found += _summaries(problem, results)
    found += _widths(problem, results)
    found += own_notes(problem)
    return tuple(dict.fromkeys(found))


def _reference(problem: Problem, results: RunFile) -> list[str]:
    best = results.best_fit
    if best is None:
        return []
    if not best.reference_label:
        return [
            f"There is no comparison with the {problem.model.reference_label}: it lies outside the "
            "priors or what is fixed does not allow it, or the fit there failed."
        ]
    held = [problem.names[column] for column in held_columns(problem)]
    apart = f" (but {', '.join(held)}, whose priors do not reach them)" if held else ""
    return [
        f"Reference point {best.reference_label}: the parameters of the model "
        f"{problem.model.name!r} at their defaults{apart}, inputs and form factors fitted again."
    ]


def _form_factors(problem: Problem) -> list[str]:
    """Form-factor uncertainties that are counted twice, and what the terms say of theirs."""
    from ...data.constants import constants

    norms = {
        f"norm_{coefficient_prefix(process)[:-1]}": process for process in problem.table.blocks
    }
    notes = [
        f"{name} floats together with the {process} form factors: its error is theirs, so it is "
        "counted twice."
        for name, process in norms.items()
        if name in problem.names and constants()[name].role == "form factors"
    ]
    for term in problem.terms:
        notes += _told_of(problem, term)
    return notes


def _told_of(problem: Problem, term: Term) -> list[str]:
    """Notes of a term, the mass of a curve called as the model calls it."""
    notes, mass = list(answer(term, "notes")), getattr(term, "mass", "")
    names = [parameter.name for parameter in problem.model.parameters]
    if not notes or not mass or mass in names:
        return notes
    here = problem.workspace(problem.sample_prior(np.random.default_rng(0), _DRAWS))[0]
    masses = np.broadcast_to(np.real(here[mass]), (_DRAWS,)) if mass in here else None
    same = [
        name
        for name in names
        if masses is not None
        and (np.broadcast_to(here.parameters[name], (_DRAWS,)) == masses).all()
    ]
    if len(same) != 1:
        return notes
    return [re.sub(rf"\b{re.escape(mass)}\b", f"{same[0]} ({mass})", note) for note in notes]


def _default_floats(problem: Problem) -> list[str]:
    """Constants that data cannot tell from new physics: how they float, or that they are held."""
    from ...data.constants import constant
    from ...data.groups import default_floats

    known, notes = default_floats(), []
    for term in problem.terms:
        for name in known.get(term.name, ()):
            what = f"{name} ({constant(name).description})"
            if name in problem.names:
                rule = next(one.rule for one in problem.table.parameters if one.name == name)
                source = " ".join(constant(name).reference.source)
                notes.append(f"{term.name}: {what} floats, {rule}: {source}.")
            else:
                notes.append(
                    f"{term.name}: {what} is held, so what it may do counts as new physics."
                )
    return notes


def _acceptance(problem: Problem) -> list[str]:
    """Results that are compared as total branching fractions."""
    others = [term.name for term in problem.terms if term.standard_model_spectrum]
    if not others or problem.model.scales_template:
        return []
    return [
        "Compared as total branching fractions, with efficiencies that the experiments found for "
        f"the Standard Model spectrum: {', '.join(others)}."
    ]


def _summaries(problem: Problem, results: RunFile) -> list[str]:
    """Summaries of data in coefficients that are not all that the model has."""
    from ...physics.bsll.modes import beyond_summary
    from ...physics.bsll.observables import SUMMARISED

    terms = [term.name for term in problem.terms if not SUMMARISED.isdisjoint(term.observables)]
    if not terms or problem.model.scales_template:
        return []
    best = results.best_fit
    values, where = (problem.start, "start") if best is None else (best.values, "best fit")
    beyond = beyond_summary(problem.wilson(values[None])[0])
    if not beyond:
        return []
    return [
        f"{', '.join(terms)}: made without {', '.join(beyond)}, not zero at the {where}, which the "
        "data in it see: take the ratios and Bs -> l l themselves."
    ]


def _widths(problem: Problem, results: RunFile) -> list[str]:
    """Tables against the mass of one particle, which is narrow in them but not in the model."""
    from ...likelihoods.forms.lifetime_curves import LimitSurface
    from ...likelihoods.forms.mass_curves import LimitCurve, ValueCurve

    tables = (LimitCurve, LimitSurface, ValueCurve)
    terms = [term.name for term in problem.terms if isinstance(term, tables)]
    if not terms:
        return []
    best = results.best_fit
    values, where = (problem.start, "start") if best is None else (best.values, "best fit")
    drawn = problem.sample_prior(np.random.default_rng(0), _DRAWS)
    widths = problem.wilson(np.concatenate([values[None], drawn]))[0].get("Gamma_1")
    if widths is None or not (widths > 0.0).any():
        return []
    return [
        f"{', '.join(terms)}: tables for a narrow particle, read at its mass whatever its width "
        f"({widths[0]:.3g} GeV at the {where}): leave them out where it is broad."
    ]


def _rejected(problem: Problem) -> list[str]:
    walls = {term.name for term in problem.terms if term.hard}
    return [
        f"{name}: {'excludes' if _excludes(name, walls) else 'not finite at'} {count} points "
        "inside the priors (in one call of the program); they were given zero likelihood."
        for name, count in problem.rejected.items()
    ]


def _excludes(name: str, walls: set[str]) -> bool:
    return name in walls or name.startswith(CUT)


def own_notes(problem: Problem) -> tuple[str, ...]:
    """What an analysis states of its own: coefficients, measurements, data that they share, cuts.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    tuple of str
        Sentences.
    """
    own = [term for term in problem.terms if term.own]
    found = [*model_sentences(problem.model)]
    found += [f"{term.name}: a measurement of your own ({term.description})." for term in own]
    for term in own:
        found += term.notes()
    found += unlisted(problem.terms)
    kept = problem.table.kept
    if problem.table.cuts:
        texts = ", ".join(repr(rule.cut.text) for rule in problem.table.cuts)
        found.append(
            f"Cuts ({texts}) leave {kept.fraction:.4g} +- {kept.error:.1g} of the prior, estimated "
            f"with {kept.draws} draws; its density inside is larger by that, ln {-kept.log:+.4g}, "
            "and an evidence is relative to this prior."
        )
    return tuple(found)


def dead_sentence(analysis: str, dead: tuple[str, ...]) -> str:
    """Sentence on parameters that no prediction depends on.

    Parameters
    ----------
    analysis : str
        Name of the analysis.
    dead : tuple of str

    Returns
    -------
    str
    """
    names = ", ".join(repr(name) for name in dead)
    verb = "changes" if len(dead) == 1 else "change"
    return (
        f"{analysis}: {names} {verb} no prediction of any likelihood: fix what does nothing, or "
        "add data that depend on it ('bsinv check' shows the table)."
    )


def identifiability_notes(found: Identifiability) -> tuple[str, ...]:
    """Sentences on what is only told by priors.

    Parameters
    ----------
    found : Identifiability

    Returns
    -------
    tuple of str
    """
    notes = [*marginalised_notes(found)]
    for direction in found.flat:
        parts = " ".join(
            f"{value:+.3g} {name}" for name, value in direction.items() if abs(value) > 1e-3
        )
        notes.append(
            "Flat direction, in units of the typical changes, along which no prediction moves at "
            f"first order: {parts}."
        )
    return tuple(notes)


def marginalised_notes(found: Identifiability) -> tuple[str, ...]:
    """Sentence on members of correlated priors that no prediction depends on, if there are any.

    Parameters
    ----------
    found : Identifiability

    Returns
    -------
    tuple of str
    """
    if not found.marginalised:
        return ()
    names = ", ".join(found.marginalised)
    return (f"No prediction depends on {names}: they follow their prior.",)
