"""Stretches of an ensemble: steps from one state to the next, a pure function for workers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ....chains.records import Ensemble
from ..target import Array, Target, periods
from .moves import schedule

if TYPE_CHECKING:
    from .ensembles import SamplerOptions

__all__ = ["Chain", "EnsembleTask", "Stretch", "log_posterior_of"]


@dataclass(frozen=True, eq=False)
class Stretch:
    """Steps of an ensemble: what they are made from, or what they made.

    Attributes
    ----------
    steps : int
        To be made, or made.
    chain : (k, walkers, d) array
        Made; where they begin, with k = 1, before.
    log_posterior : (k, walkers) array or None
        Likewise; None where it is not known yet.
    random_state : tuple
        Of numpy, before or after.
    accepted : (walkers,) array
    """

    steps: int
    chain: Array
    log_posterior: Array | None
    random_state: tuple[Any, ...]
    accepted: Array


@dataclass(frozen=True, eq=False)
class EnsembleTask:
    """Steps of an ensemble, as workers make them: from one state to the next, and no more.

    Attributes
    ----------
    options : SamplerOptions
    """

    options: SamplerOptions

    def __call__(self, target: Target, given: Stretch) -> Stretch:
        """Advance by the steps that are to be made."""
        import emcee

        sampler = emcee.EnsembleSampler(
            self.options.walkers,
            len(target.names),
            lambda theta: log_posterior_of(target, theta),
            vectorize=True,
            moves=schedule(self.options.moves, target),
        )
        log_posterior = given.log_posterior
        state = emcee.State(
            np.array(given.chain[-1]),
            log_prob=None if log_posterior is None else np.array(log_posterior[-1]),
            random_state=given.random_state,
        )
        sampler.run_mcmc(
            state, given.steps, thin_by=self.options.thin, skip_initial_state_check=True
        )
        backend = sampler.backend
        return Stretch(
            given.steps,
            np.array(backend.get_chain()),
            np.array(backend.get_log_prob()),
            sampler.random_state,
            np.array(backend.accepted),
        )


class Chain:
    """One ensemble on its way: where it is, and what it has stored."""

    def __init__(self, target: Target, options: SamplerOptions, number: int) -> None:
        self._target, self._options = target, options
        seeds = np.random.SeedSequence(options.seed, spawn_key=(number, 0))
        self._random: tuple[Any, ...] = np.random.RandomState(np.random.MT19937(seeds)).get_state()  # type: ignore[assignment]
        self._start: Array = np.empty((0, 0))
        self._chain: list[Array] = []
        self._log_posterior: list[Array] = []
        self._accepted = np.zeros(options.walkers)

    @property
    def steps(self) -> int:
        """Steps stored."""
        return sum(len(part) for part in self._chain)

    def begin(self, points: Array) -> None:
        """Begin at points (walkers, d)."""
        self._start = points

    def resume(self, ensemble: Ensemble) -> None:
        """Go on where an ensemble ended."""
        self._chain = [np.asarray(ensemble.chain)]
        self._log_posterior = [np.asarray(ensemble.log_posterior)]
        self._accepted = np.array(ensemble.accepted, dtype=float)
        self._random = ensemble.random_state

    def item(self, until: int) -> Stretch:
        """What has to be known to go on up to a step."""
        begun = bool(self._chain)
        return Stretch(
            until - self.steps,
            self._chain[-1][-1:] if begun else self._start[None],
            self._log_posterior[-1][-1:] if begun else None,
            self._random,
            self._accepted,
        )

    def add(self, made: Stretch) -> None:
        """Store steps that were made of `item`."""
        assert made.log_posterior is not None
        self._chain.append(made.chain)
        self._log_posterior.append(made.log_posterior)
        self._accepted = self._accepted + made.accepted
        self._random = made.random_state

    def ensemble(self) -> Ensemble:
        """What has been stored so far."""
        walkers, ndim = self._options.walkers, len(self._target.names)
        if len(self._chain) > 1:  # joined once, not at every call
            self._chain = [np.concatenate(self._chain)]
            self._log_posterior = [np.concatenate(self._log_posterior)]
        chain = self._chain[0] if self._chain else np.empty((0, walkers, ndim))
        log_posterior = self._log_posterior[0] if self._chain else np.empty((0, walkers))
        log_prior = self._target.log_prior(chain.reshape(-1, ndim)).reshape(log_posterior.shape)
        return Ensemble(
            names=self._target.names,
            chain=chain,
            log_posterior=log_posterior,
            log_likelihood=log_posterior - log_prior,
            log_prior=log_prior,
            accepted=self._accepted.copy(),
            random_state=self._random,
            thin=self._options.thin,
            periods=periods(self._target),
        )


def log_posterior_of(target: Target, theta: Array) -> Array:
    """``ln L + ln prior``; the likelihood is evaluated only inside the support: (n,)."""
    log_prior = np.array(target.log_prior(theta))
    inside = np.isfinite(log_prior)
    total = np.full(len(theta), -np.inf)
    if inside.any():
        total[inside] = log_prior[inside] + target.log_likelihood(theta[inside])
    return total
