"""Posterior samples with emcee: independent ensembles, run until they have converged.

The walkers of an ensemble are evaluated as one batch. Each ensemble has its own random numbers,
spawned from the one seed of the run, so that the samples do not depend on how the ensembles are
interleaved or how often a run was interrupted and resumed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ....chains.records import Ensemble
from ....chains.statistics.diagnostics import Verdict, diagnose
from ....errors import FitError
from ..target import Array, Target, periods
from ..work import Work, one_by_one
from .move_space import wrap
from .settle import settle
from .stretches import Chain, EnsembleTask, log_posterior_of

__all__ = ["Collect", "SamplerOptions", "sample", "starting_points"]

Collect = Callable[[], tuple[Ensemble, ...]]
# Told of the steps done, of the verdict on them, and how to get the chain so far.
Report = Callable[[int, Verdict, Collect], None]

BLOCK = 50
# Steps at which the diagnostics are first computed, and the growth until they are again. Only at
# these steps can a run end, so that a resumed run ends where an undisturbed one would.
FIRST_VERDICT, GROWTH = 200, 1.2
PRIOR_DRAWS = 4096


@dataclass(frozen=True)
class SamplerOptions:
    """How the posterior is sampled.

    Attributes
    ----------
    ensembles : int
        Independent ensembles; at least two are needed for R-hat.
    walkers : int
        Walkers of each, even and at least twice the number of parameters.
    moves : {"de", "stretch"}
        Moves described in `fitter.drivers.moves`, or emcee's stretch move.
    target_ess, target_rhat : float
        Sampling stops when every parameter reaches both, in its mean and in its tails.
    max_steps : int
        Steps of each ensemble after which it stops in any case.
    thin : int
        Steps made for each one stored.
    seed : int
    """

    ensembles: int = 2
    walkers: int = 48
    moves: str = "de"
    target_ess: float = 1000.0
    target_rhat: float = 1.02
    max_steps: int = 20000
    thin: int = 1
    seed: int = 0


def sample(
    target: Target,
    options: SamplerOptions,
    best: tuple[Array, Array] | None = None,
    resume: Sequence[Ensemble] = (),
    report: Report | None = None,
    work: Work | None = None,
) -> tuple[tuple[Ensemble, ...], Verdict]:
    """Sample the posterior until the targets or the step limit are reached.

    Parameters
    ----------
    target : Target
    options : SamplerOptions
    best : ((d,) array, (d, d) array), optional
        Best fit and covariance, from which half of the walkers start.
    resume : sequence of Ensemble, optional
        Chains to go on with.
    report : callable, optional
        Called after each block of steps with the steps so far, the latest verdict, and a function
        that collects the ensembles (for progress and checkpoints).
    work : callable, optional
        Who advances the ensembles, all by the same steps; here, one after the other, by default.

    Returns
    -------
    ensembles : tuple of Ensemble
    verdict : Verdict
        Says whether they have converged; it is never an exception that they have not.

    Raises
    ------
    FitError
        If no starting points with a finite posterior are found.
    """
    work = work or one_by_one(target)
    chains = [Chain(target, options, number) for number in range(options.ensembles)]
    if resume:
        for chain, ensemble in zip(chains, resume, strict=True):
            chain.resume(ensemble)
    else:
        for number, points in work(StartTask(options, best), range(options.ensembles)):
            chains[number].begin(points)
    task, limit = EnsembleTask(options), max(1, options.max_steps // options.thin)

    def collect() -> tuple[Ensemble, ...]:
        return tuple(chain.ensemble() for chain in chains)

    verdict = _diagnose(collect(), options)
    for goal in _verdict_steps(limit):
        if goal < min(chain.steps for chain in chains):
            continue
        while (done := min(chain.steps for chain in chains)) < goal:
            until = min(done + BLOCK, goal)
            behind = [chain for chain in chains if chain.steps < until]
            for index, made in work(task, [chain.item(until) for chain in behind]):
                behind[index].add(made)
            if report:
                report(until, verdict, collect)
        verdict = _diagnose(collect(), options)
        if verdict.converged:
            break
    return collect(), verdict


def _verdict_steps(limit: int) -> Iterator[int]:
    """Stored steps at which convergence is judged, up to the limit."""
    steps = min(FIRST_VERDICT, limit)
    while steps < limit:
        yield steps
        steps = min(limit, BLOCK * math.ceil(GROWTH * steps / BLOCK))
    yield limit


def starting_points(
    target: Target,
    options: SamplerOptions,
    best: tuple[Array, Array] | None,
    ensemble: int,
) -> Array:
    """Starting points of one ensemble, all with a finite posterior.

    Half of them are drawn around the best fit, with twice its covariance; the others from the
    prior, by their posterior made flat enough that many points have a chance, and brought down to
    the posterior where they lie far outside of it (`settle`). So every ensemble begins wider than
    the posterior and with walkers in all of its modes.

    Parameters
    ----------
    target : Target
    options : SamplerOptions
    best : ((d,) array, (d, d) array) or None
    ensemble : int
        Number of the ensemble: each has its own random numbers.

    Returns
    -------
    (walkers, d) array

    Raises
    ------
    FitError
        If too few points with a finite posterior are found.
    """
    rng = np.random.default_rng(np.random.SeedSequence(options.seed, spawn_key=(ensemble, 1)))
    wanted = options.walkers
    chosen = np.empty((0, len(target.names)))
    if best is not None and np.isfinite(best[0]).all() and np.isfinite(best[1]).all():
        centre, covariance = best
        drawn = rng.multivariate_normal(centre, 2.0 * covariance, size=8 * wanted, method="eigh")
        drawn = wrap(drawn, np.asarray(target.bounds)[:, 0], periods(target))
        chosen = drawn[np.isfinite(log_posterior_of(target, drawn))][: wanted // 2]
    drawn = target.sample_prior(rng, PRIOR_DRAWS)
    log_posterior = log_posterior_of(target, drawn)
    allowed = np.flatnonzero(np.isfinite(log_posterior))
    missing = wanted - len(chosen)
    if len(allowed) < missing:
        raise FitError(
            f"only {len(allowed)} of {PRIOR_DRAWS} points drawn from the prior have a finite "
            f"posterior; {missing} walkers need one: narrow the priors"
        )
    weights = _tempered(log_posterior[allowed], at_least=4 * missing)
    picked = rng.choice(allowed, size=missing, replace=False, p=weights)
    return settle(target, np.concatenate([chosen, drawn[picked]]), rng)


def _tempered(log_weights: Array, at_least: int) -> Array:
    """Weights ``exp(beta ln w)`` with the largest beta that keeps enough effective points."""
    wanted = min(at_least, 0.9 * len(log_weights))
    relative = log_weights - log_weights.max()
    beta = 1.0
    while True:
        weights = np.exp(beta * relative)
        weights /= weights.sum()
        if 1.0 / (weights**2).sum() >= wanted or beta < 1e-6:
            # choice(replace=False) needs enough entries above zero.
            weights = np.maximum(weights, 1e-12)
            tempered: Array = weights / weights.sum()
            return tempered
        beta *= 0.7


@dataclass(frozen=True, eq=False)
class StartTask:
    """Starting points of ensembles, as workers find them.

    Attributes
    ----------
    options : SamplerOptions
    best : ((d,) array, (d, d) array) or None
        Best fit and covariance.
    """

    options: SamplerOptions
    best: tuple[Array, Array] | None

    def __call__(self, target: Target, number: int) -> Array:
        """Points of an ensemble: (walkers, d)."""
        return starting_points(target, self.options, self.best, number)


def _diagnose(ensembles: tuple[Ensemble, ...], options: SamplerOptions) -> Verdict:
    return diagnose(ensembles, target_ess=options.target_ess, target_rhat=options.target_rhat)
