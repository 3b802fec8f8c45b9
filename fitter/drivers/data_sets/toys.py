"""Toys: data sets as they might have been measured, and what fits of them find.

A toy at psi has the parameters asked for at psi, and all others, nuisance parameters among them,
where they describe the measured data best for that psi: the profile construction, also called
conditional or plug-in (1305.2050; ToyCalculator of pyhf). Auxiliary data are always drawn again.
Each toy is fitted twice, with all parameters free and with those asked for held at psi.

A chunk of toys is a function of the problem, the plan and its number alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ...dataset import Dataset
from ...problem import Problem
from ..target import Array
from .data_fits import DataFits, DataFitter
from .strength_fits import rate_of, strength_fits

__all__ = ["Findings", "ToyPlan", "ToyTask", "best_fits", "findings", "toy_chunk"]

# Spawn key of the random numbers of toys, apart from those of the samplers.
_KEY = 3
# Draws of the prior from which fits may begin, as they are and nearer to the truth by up to these
# powers of ten.
_DRAWN, _NEARER = 24, (1.0, 2.0, 3.0)


@dataclass(frozen=True, eq=False)
class ToyPlan:
    """What toys are drawn and how they are fitted.

    Attributes
    ----------
    truth : (d,) array
        In the parameters' units.
    tested : tuple of int
        Columns that are held at the truth in the second fit of each toy.
    nuisances : {"conditional", "nominal", "prior"}
        Constrained parameters of the toys, and nuisance parameters inside terms: those of `truth`
        and where terms find them in the measured data; at the centres of their constraints; drawn
        from their constraints for each toy.
    seed : int
    key : int
        Of the study, so that two studies of one seed have random numbers of their own.
    size : int
        Toys of a chunk.
    starts : (s, d) array
        Further points at which fits may begin.
    """

    truth: Array
    tested: tuple[int, ...]
    nuisances: str = "conditional"
    seed: int = 0
    key: int = 0
    size: int = 250
    starts: Array = field(default_factory=lambda: np.empty((0, 0)))

    def rng(self, chunk: int) -> np.random.Generator:
        """Random numbers of a chunk, those that `SeedSequence.spawn` gives to its number."""
        return np.random.default_rng(
            np.random.SeedSequence(self.seed, spawn_key=(_KEY, self.key, chunk))
        )


@dataclass(frozen=True, eq=False)
class Findings:
    """What the fits of n data sets found.

    Attributes
    ----------
    truths : (n, d) array
        Where they were drawn.
    values, errors : (n, d) arrays
        Best fits and their errors from the second derivatives, NaN where there are none.
    statistic : (n,) array
        -2 ln of the ratio of the likelihood with the tested parameters at the truth to the largest
        one; NaN where a fit has no finite likelihood.
    failed : (n,) array
        1 where the fit with all free did not converge, 2 where that with the tested ones held did
        not, 3 for both, 0 where all is well.
    gains : (n,) array
        By how much other starts than the solution of the second fit lowered -2 ln L.
    term_deviance : (n, t) array
        -2 ln of the ratio to the saturated model of each term at the best fit; NaN for a term
        without goodness of fit.
    constraint_deviance : (n,) array
        The same of the priors that stand for measurements.
    """

    truths: Array
    values: Array
    errors: Array
    statistic: Array
    failed: Array
    gains: Array
    term_deviance: Array
    constraint_deviance: Array


def toy_chunk(problem: Problem, plan: ToyPlan, number: int, count: int | None = None) -> Findings:
    """Draw and fit one chunk of toys.

    Parameters
    ----------
    problem : Problem
    plan : ToyPlan
    number : int
        Of the chunk.
    count : int, optional
        Toys that are fitted, the first ones of the chunk; all by default. The random numbers of a
        toy do not depend on it.

    Returns
    -------
    Findings

    Raises
    ------
    PredictionError
        If data of a term cannot be drawn; it is named.
    """
    rng = plan.rng(number)
    truths = np.repeat(plan.truth[None], plan.size, axis=0)
    constrained = problem.constrained.copy()
    constrained[list(plan.tested)] = False
    if plan.nuisances == "prior":
        drawn = problem.diffuse(truths, 1.0, rng.standard_normal(truths.shape))
        truths[:, constrained] = drawn[:, constrained]
    data = problem.sample(truths, rng, plan.nuisances)
    some = slice(0, plan.size if count is None else count)
    return findings(problem, plan, data.take(some), truths[some])


@dataclass(frozen=True, eq=False)
class ToyTask:
    """Chunks of toys, as workers do them.

    Attributes
    ----------
    plan : ToyPlan
    """

    plan: ToyPlan

    def __call__(self, problem: Problem, item: tuple[int, int]) -> Findings:
        """Chunk of a number, with so many toys: see `toy_chunk`."""
        return toy_chunk(problem, self.plan, *item)


def findings(problem: Problem, plan: ToyPlan, data: Dataset, truths: Array) -> Findings:
    """Fit data sets, toys or the measured one.

    Parameters
    ----------
    problem : Problem
    plan : ToyPlan
    data : Dataset
        n data sets.
    truths : (n, d) array
        Where each was drawn; of the measured one where the plan is.

    Returns
    -------
    Findings
    """
    rate = rate_of(problem)
    if rate is not None:
        best, errors, held = strength_fits(problem, rate, data, plan.truth, bool(plan.tested))
        gains = np.zeros(len(data))
    else:
        held = _held_fits(problem, plan, data, truths)
        best, gains = _free_fits(problem, plan, data, held)
        errors = DataFitter(problem, data, plan.truth, {}).errors(best)
    statistic = np.where(best.finite & held.finite, held.values - best.values, np.nan)
    deviance, constraint = _deviances(problem, data, best)
    return Findings(
        truths=truths,
        values=best.points,
        errors=errors,
        statistic=np.maximum(statistic, 0.0),
        failed=1 * ~best.converged + 2 * ~held.converged,
        gains=gains,
        term_deviance=deviance,
        constraint_deviance=constraint,
    )


def _held_fits(problem: Problem, plan: ToyPlan, data: Dataset, truths: Array) -> DataFits:
    """Fits with the tested parameters at the truth."""
    held = {column: float(plan.truth[column]) for column in plan.tested}
    fitter = DataFitter(problem, data, plan.truth, held)
    found = fitter.fit(truths)
    if problem.constrained[fitter.free].all():  # one valley
        return found
    for candidates in _candidates(problem, plan):
        candidates[:, list(held)] = list(held.values())
        found = found.lower(fitter.fit_from_best(candidates))
    return found


def best_fits(problem: Problem, plan: ToyPlan, data: Dataset) -> DataFits:
    """Fits with all parameters free, from the same starts as those of `findings`.

    Parameters
    ----------
    problem : Problem
    plan : ToyPlan
        The data need not be drawn at its truth, where searches begin.
    data : Dataset
        n data sets.

    Returns
    -------
    DataFits
    """
    rate = rate_of(problem)
    if rate is not None:
        return strength_fits(problem, rate, data, plan.truth, False)[0]
    held = _held_fits(problem, plan, data, np.repeat(plan.truth[None], len(data), axis=0))
    return _free_fits(problem, plan, data, held)[0]


def _free_fits(
    problem: Problem, plan: ToyPlan, data: Dataset, held: DataFits
) -> tuple[DataFits, Array]:
    """Fits with all parameters free, and what other starts gained."""
    fitter = DataFitter(problem, data, plan.truth, {})
    first = fitter.fit(held.points)
    if problem.constrained.all():
        return first, np.zeros(len(data))
    best = first
    for candidates in _candidates(problem, plan):
        best = best.lower(fitter.fit_from_best(candidates))
    return best, first.values - best.values


def _candidates(problem: Problem, plan: ToyPlan) -> tuple[Array, ...]:
    """Groups of points, from the best of each of which a fit begins.

    Those of the plan, draws of the prior, and points between these and the truth.
    """
    rng = np.random.default_rng(np.random.SeedSequence(plan.seed, spawn_key=(_KEY, plan.key)))
    drawn = problem.sample_prior(rng, _DRAWN)
    drawn[:, problem.constrained] = plan.truth[problem.constrained]
    nearer = [
        plan.truth + 10.0 ** -rng.uniform(0.0, reach, (_DRAWN, 1)) * (drawn - plan.truth)
        for reach in _NEARER
    ]
    given = np.array(plan.starts).reshape(-1, len(plan.truth))
    groups = (given, drawn, np.concatenate(nearer))
    return tuple(group for group in groups if len(group))


def _deviances(problem: Problem, data: Dataset, fits: DataFits) -> tuple[Array, Array]:
    """Of each term, (n, t), and of the priors that stand for measurements, (n,)."""
    logs = problem.term_log_likelihoods(fits.points, data)
    columns = []
    for term in problem.terms:
        found = 2.0 * (term.saturated(data.terms[term.name]) - logs[term.name])
        columns.append(np.full(len(data), np.nan) if term.hard else found)
    # A constraint is largest where its centre is the parameter itself.
    own = Dataset(data.terms, fits.points[:, problem.constrained])
    peak = problem.log_constraint(fits.points, own)
    constraint = 2.0 * (peak - problem.log_constraint(fits.points, data))
    return np.stack(columns, axis=1), constraint
