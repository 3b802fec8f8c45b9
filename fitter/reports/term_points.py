"""Predictions and pulls of the terms of an analysis at one point, as plain records."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from ...chains.records import ObservableRecord
from ..drivers.target import Array
from ..problem import Problem, answer

__all__ = ["TermPoint", "observable_records"]


class TermPoint:
    """What every term says at one point.

    Parameters
    ----------
    problem : Problem
    theta : (1, d) array

    Attributes
    ----------
    values, pulls : dict of str to (k,) array
        Predictions and pulls of the observables of each term.
    term_pulls : (t,) array
        Pulls of the terms.
    """

    def __init__(self, problem: Problem, theta: Array) -> None:
        predictions = problem.predictions(theta)
        self.values: dict[str, Array] = {}
        self.pulls: dict[str, Array] = {}
        pulls = []
        for term in problem.terms:
            prediction = predictions[term.name]
            self.values[term.name] = answer(term, "observable_values", prediction)[0]
            own = self.pulls[term.name] = answer(term, "observable_pulls", prediction)[0]
            # The pull of a single observable is that of its term, and may be slow to find.
            pulls.append(own[0] if len(own) == 1 else answer(term, "pull", prediction)[0])
        self.term_pulls = np.array(pulls)


def observable_records(
    problem: Problem, best: TermPoint, reference: TermPoint | None
) -> tuple[ObservableRecord, ...]:
    """Each observable of each term: measured, predicted, pulls.

    Parameters
    ----------
    problem : Problem
    best : TermPoint
        At the best fit.
    reference : TermPoint or None
        At the reference point; None without one.

    Returns
    -------
    tuple of ObservableRecord
    """
    records = []
    for term in problem.terms:
        for index, (quoted, name) in enumerate(zip(term.quoted(), term.row_names, strict=True)):
            prediction, pull = _numbers(best, term.name, index)
            reference_prediction, reference_pull = _numbers(reference, term.name, index)
            records.append(
                ObservableRecord(
                    term=name,
                    latex=_latex(problem, quoted.observable),
                    prediction=prediction,
                    pull=pull,
                    reference_prediction=reference_prediction,
                    reference_pull=reference_pull,
                    own=term.own_rows[index],
                    standard_spectrum=term.standard_model_spectrum,
                    **asdict(quoted),
                )
            )
    return tuple(records)


def _numbers(point: TermPoint | None, term: str, index: int) -> tuple[float, float]:
    """Prediction and pull of one observable; NaN without a point."""
    if point is None:
        return float("nan"), float("nan")
    return float(point.values[term][index]), float(point.pulls[term][index])


def _latex(problem: Problem, name: str) -> str:
    """Symbol of an observable; empty for one that is neither in the registry nor brought along."""
    from ...physics.observables import known_observable

    record = problem.observables.get(name) or known_observable(name)
    return "" if record is None else record.latex
