"""Two models of the same data that are no special cases of each other, fitted to the same toys.

The statistic is T = -2 ln of the ratio of the largest likelihood of the first model to that of the
second (Cox, J. R. Stat. Soc. B 24 (1962) 406). Wilks' theorem says nothing of it: its distribution
under either model is that of toys drawn where this model describes the measured data best.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...dataset import Dataset
from ...problem import Problem
from ..target import Array
from .toys import ToyPlan, best_fits

__all__ = [
    "Candidate",
    "NonNestedTask",
    "both_fits",
    "different_data",
    "non_nested_chunk",
    "translated",
]


@dataclass(frozen=True, eq=False)
class Candidate:
    """One of two models that are compared, and the plan of its toys.

    Attributes
    ----------
    problem : Problem
    plan : ToyPlan
        Its truth is the best fit of the measured data, where toys are drawn and fits begin.
    """

    problem: Problem
    plan: ToyPlan


def different_data(one: Problem, other: Problem) -> str:
    """Say in which data two problems differ; empty if they have the same.

    Parameters
    ----------
    one, other : Problem

    Returns
    -------
    str
    """
    mine, others = one.measured, other.measured
    if set(mine.terms) != set(others.terms):
        left = sorted(set(mine.terms) ^ set(others.terms))
        return f"only one has data of {', '.join(left)}"
    for name, data in mine.terms.items():
        there = others.terms[name]
        same = _same(data.values, there.values) and data.auxiliary.keys() == there.auxiliary.keys()
        if not same or any(
            not _same(centre, there.auxiliary[key]) for key, centre in data.auxiliary.items()
        ):
            return f"the data of {name} differ"
    here, beside = (dict(zip(_constrained(p), p.measured.centres[0], strict=True))
                    for p in (one, other))  # fmt: skip
    if here.keys() != beside.keys():
        left = sorted(here.keys() ^ beside.keys())
        return f"only one has a prior that stands for a measurement of {', '.join(left)}"
    apart = [name for name, centre in here.items() if beside[name] != centre]
    return f"priors that stand for measurements of {', '.join(apart)} differ" if apart else ""


def _same(one: Array, other: Array) -> bool:
    return bool(np.array_equal(one, other, equal_nan=True))


def _constrained(problem: Problem) -> list[str]:
    return [problem.names[column] for column in np.flatnonzero(problem.constrained)]


def translated(data: Dataset, one: Problem, other: Problem) -> Dataset:
    """Data sets of one problem as another with the same data takes them."""
    place = {name: column for column, name in enumerate(_constrained(one))}
    return Dataset(data.terms, data.centres[:, [place[name] for name in _constrained(other)]])


def non_nested_chunk(
    candidates: tuple[Candidate, Candidate], under: int, number: int, count: int | None = None
) -> tuple[Array, Array]:
    """Draw one chunk of toys at the best fit of one model, and fit both.

    Parameters
    ----------
    candidates : (Candidate, Candidate)
        Of the same data.
    under : {0, 1}
        Which of them is true.
    number : int
        Of the chunk.
    count : int, optional
        Toys that are fitted, the first ones of the chunk; all by default. The random numbers of a
        toy do not depend on it.

    Returns
    -------
    values : (n, 2) array
        ``-2 (ln L + ln constraints)`` at the minima of both; NaN where there is no likelihood.
    failed : (n, 2) array
        1 where a fit did not converge, else 0.

    Raises
    ------
    PredictionError
        If data of a term cannot be drawn; it is named.
    """
    true = candidates[under]
    truths = np.repeat(true.plan.truth[None], true.plan.size, axis=0)
    data = true.problem.sample(truths, true.plan.rng(number))
    some = data.take(slice(0, true.plan.size if count is None else count))
    return both_fits(candidates, under, some)


@dataclass(frozen=True, eq=False)
class NonNestedTask:
    """Chunks of toys of two models, as workers do them.

    Attributes
    ----------
    plans : (ToyPlan, ToyPlan)
    under : {0, 1}
        Which of the models is true.
    """

    plans: tuple[ToyPlan, ToyPlan]
    under: int

    def __call__(
        self, problems: tuple[Problem, Problem], item: tuple[int, int]
    ) -> tuple[Array, Array]:
        """Chunk of a number, with so many toys: see `non_nested_chunk`."""
        first, second = map(Candidate, problems, self.plans)
        return non_nested_chunk((first, second), self.under, *item)


def both_fits(
    candidates: tuple[Candidate, Candidate], under: int, data: Dataset
) -> tuple[Array, Array]:
    """Fit both models to data sets of one of them, see `non_nested_chunk`."""
    values, failed = np.empty((len(data), 2)), np.empty((len(data), 2), dtype=int)
    for column, candidate in enumerate(candidates):
        own = translated(data, candidates[under].problem, candidate.problem)
        fits = best_fits(candidate.problem, candidate.plan, own)
        values[:, column] = np.where(fits.finite, fits.values, np.nan)
        failed[:, column] = ~fits.converged
    return values, failed
