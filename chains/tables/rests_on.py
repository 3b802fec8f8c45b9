"""What a comparison with the reference point rests on: terms, inputs that float, inputs held."""

from __future__ import annotations

import numpy as np

from ..records import BestFit, RunFile
from .run import hundredths

__all__ = ["rests_on"]

# Terms that are named, those that move -2 ln L most; the others are told as a sum.
NAMED_TERMS = 3


def rests_on(run: RunFile) -> str:
    """Say which terms make the difference of -2 ln L, and what was free to take it up.

    Parameters
    ----------
    run : RunFile
        With a best fit that has a reference point.

    Returns
    -------
    str
        Sentences; empty without a reference point.
    """
    fit = run.best_fit
    if fit is None or not fit.reference_label:
        return ""
    sentences = [f"It rests on {_terms(fit)}."]
    inputs = [record for record in run.parameters if record.role == "input"]
    floated = [_floated(record.name, fit) for record in inputs if record.free]
    sentences.append(f"Inputs that float: {', '.join(floated) or 'none'}.")
    held = [
        f"{record.name} = {record.value:g}"
        for record in inputs
        if not record.free and record.value is not None
    ]
    if held:
        sentences.append(f"Inputs held by the analysis: {', '.join(held)}.")
    return " ".join(sentences)


def _terms(fit: BestFit) -> str:
    """Parts of -2 Delta ln L: the largest terms by name, the rest, and the constraints."""
    gains = 2.0 * (fit.term_log_likelihood - fit.reference_term_log_likelihood)
    order = np.argsort(-np.abs(np.nan_to_num(gains)), kind="stable")
    named, others = order[:NAMED_TERMS], order[NAMED_TERMS:]
    parts = [f"{fit.term_names[index]} ({hundredths(gains[index], sign=True)})" for index in named]
    if len(others):
        count = "1 other term" if len(others) == 1 else f"{len(others)} other terms"
        parts.append(f"{count} ({hundredths(gains[others].sum(), sign=True)})")
    priors = 2.0 * (fit.log_constraint - fit.reference_log_constraint)
    if abs(priors) >= 0.005:
        parts.append(f"priors that stand for measurements ({hundredths(priors, sign=True)})")
    return ", ".join(parts)


def _floated(name: str, fit: BestFit) -> str:
    """An input with its values at the two points."""
    if name not in fit.names:
        return name
    column = fit.names.index(name)
    here, there = fit.values[column], fit.reference_values[column]
    return f"{name} ({here:.3g}; {fit.reference_label} {there:.3g})"
