"""Toys of two models that are no special cases of each other: from best fits to the record."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ....chains.records import BestFit, NonNestedToys
from ....errors import ParameterError
from ...analysis_file.arguments import check_count
from ...drivers.data_sets.non_nested import Candidate, NonNestedTask, both_fits, different_data
from ...drivers.data_sets.toys import ToyPlan
from ...drivers.target import Array
from ...drivers.work import Work, one_by_one
from ...problem import Problem
from .toys import MOST, staircase_notes, starts_of

__all__ = ["CHUNK_SIZE", "UNDER", "Fitted", "non_nested_toys"]

UNDER = ("first", "second")
CHUNK_SIZE = 100
"""Toys of a chunk."""

# Distance of two best fits that are one, in typical changes.
_SAME = 1e-4
# By how much -2 ln L of a best fit may be above the lowest one that is found again.
_LOWER = 0.01


@dataclass(frozen=True, eq=False)
class Fitted:
    """A model and its best fit of the measured data.

    Attributes
    ----------
    name : str
    problem : Problem
    best : BestFit
    """

    name: str
    problem: Problem
    best: BestFit


def non_nested_toys(
    models: tuple[Fitted, Fitted],
    under: str,
    number: int,
    *,
    seed: int = 0,
    identity: str = "",
    begun: Sequence[NonNestedToys] = (),
    report: Callable[[NonNestedToys], None] | None = None,
    work: Work | None = None,
) -> NonNestedToys:
    """Draw toys at the best fit of one of two models and fit both to each.

    Parameters
    ----------
    models : (Fitted, Fitted)
        The first and the second, of the same data.
    under : {"first", "second"}
        Which of them is true.
    number : int
    seed : int
    identity : str
        Of both analyses, see `NonNestedToys`.
    begun : sequence of NonNestedToys
        Toys done before; those of the same study are kept.
    report : callable, optional
        Told of the study after each chunk; what it raises ends the work.
    work : callable, optional
        Who does the chunks, with both problems; here by default.

    Returns
    -------
    NonNestedToys

    Raises
    ------
    ParameterError
        If the data of the models differ, or an argument is not allowed.
    PredictionError
        If data of a term cannot be drawn; it is named.
    """
    check_count("number", number, 1, MOST)
    check_count("seed", seed, 0)
    first, second = models
    why = different_data(first.problem, second.problem)
    if why:
        raise ParameterError(
            f"{first.name} and {second.name} cannot be compared with toys, since {why}."
        )
    side = UNDER.index(under)
    key = zlib.crc32(f"{first.name}, {second.name}, {under}".encode())
    truth = _as_before(models[side], begun, under, identity, seed)
    points = [np.array(model.best.values) for model in models]
    points[side] = truth
    candidates = tuple(
        Candidate(model.problem, _plan(model, point, seed, key))
        for model, point in zip(models, points, strict=True)
    )
    pair = candidates[0], candidates[1]
    study = _empty(models, pair, under, number, identity)
    for one in begun:
        if _same(one, study):
            number = max(number, one.number, one.done)
            study = replace(
                study, number=number, chunks=one.chunks, values=one.values, failed=one.failed
            )
    items = study.missing()
    task = NonNestedTask((pair[0].plan, pair[1].plan), side)
    for index, made in (work or one_by_one((first.problem, second.problem)))(task, items):
        study = study.with_chunk(items[index][0], *made)
        if report is not None:
            report(study)
    return study


def _plan(model: Fitted, point: Array, seed: int, key: int) -> ToyPlan:
    free = tuple(np.flatnonzero(~model.problem.constrained).tolist())
    return ToyPlan(point, free, seed=seed, key=key, size=CHUNK_SIZE, starts=starts_of(model.best))


def _same(one: NonNestedToys, other: NonNestedToys) -> bool:
    """Whether toys of one study are toys of the other."""
    told = ("under", "identity", "names", "seed", "chunk_size")
    if any(getattr(one, name) != getattr(other, name) for name in told):
        return False
    return bool(np.array_equal(one.truth, other.truth))


def _as_before(
    model: Fitted, begun: Sequence[NonNestedToys], under: str, identity: str, seed: int
) -> Array:
    """Best fit of the model that is true, as toys done before had it but for the end of a fit."""
    values = np.array(model.best.values)
    for one in begun:
        told = (one.under, one.identity, one.seed, one.names)
        same = told == (under, identity, str(seed), model.problem.names)
        if same and (abs(one.truth - values) <= _SAME * model.problem.scale).all():
            return np.array(one.truth)
    return values


def _empty(
    models: tuple[Fitted, Fitted],
    candidates: tuple[Candidate, Candidate],
    under: str,
    number: int,
    identity: str,
) -> NonNestedToys:
    """Study without toys: where they are drawn, and the fits of the measured data."""
    side = UNDER.index(under)
    again, _ = both_fits(candidates, 0, candidates[0].problem.measured)
    stored = np.array([-2.0 * model.best.log_penalised for model in models])
    observed = np.fmin(again[0], stored)
    notes = []
    for model, here, lowest in zip(models, stored, observed, strict=True):
        if not model.best.valid:
            notes.append(f"The fit of {model.name} failed: do not trust these numbers.")
        if here > lowest + _LOWER:
            notes.append(
                f"The fit of {model.name} is not the lowest one (−2 ln L is lower by "
                f"{here - lowest:.2g}): fit it again."
            )
        notes += [
            f"{model.name}: {sentence}"
            for sentence in staircase_notes(model.problem, np.array(model.best.values))
        ]
    true = candidates[side]
    return NonNestedToys(
        first=models[0].name,
        second=models[1].name,
        under=under,
        identity=identity,
        names=true.problem.names,
        truth=true.plan.truth,
        observed=observed,
        seed=str(true.plan.seed),
        chunk_size=true.plan.size,
        number=number,
        notes=tuple(notes),
    )
