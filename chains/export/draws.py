"""Samples of a run as chains: after burn-in, one chain for each ensemble or weighted sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import StoreError
from ..records import Array, ParameterRecord, RunFile
from ..statistics.diagnostics import burn_in
from ..statistics.samples import has_samples, used

__all__ = ["Chain", "Draws", "draws"]


@dataclass(frozen=True, eq=False)
class Chain:
    """Samples of one ensemble, or of one sampler with weights.

    Parameters
    ----------
    samples : (s, d) array
        Of an ensemble ordered by step, then walker.
    log_likelihood, log_prior : (s,) arrays
    weights : (s,) array or None
        Positive; with sum s. None if all count the same.
    effective : float
        Effective number of samples of the weights; s without.
    """

    samples: Array
    log_likelihood: Array
    log_prior: Array
    weights: Array | None
    effective: float


@dataclass(frozen=True, eq=False)
class Draws:
    """All samples of a run.

    Parameters
    ----------
    parameters : tuple of ParameterRecord
        The d sampled parameters, in the order of the columns.
    chains : tuple of Chain
    burn_in : int
        Stored steps left out at the start of each ensemble.
    walkers : int
        Of each ensemble; 0 for samples with weights.
    """

    parameters: tuple[ParameterRecord, ...]
    chains: tuple[Chain, ...]
    burn_in: int
    walkers: int

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return tuple(record.name for record in self.parameters)

    @property
    def weighted(self) -> bool:
        """Whether samples have weights."""
        return any(chain.weights is not None for chain in self.chains)


def draws(run: RunFile, discard: int | None = None) -> Draws:
    """Samples of a run by chain.

    Parameters
    ----------
    run : RunFile
    discard : int, optional
        Stored steps to leave out at the start of each ensemble; the suggested burn-in if None.

    Returns
    -------
    Draws
        Points whose posterior is not finite, or whose weight is zero, are left out.

    Raises
    ------
    StoreError
        If there are no samples, or none is left.
    """
    if not has_samples(run):
        raise StoreError(f"run {run.name!r} has no samples: sample it first.")
    weighted = used(run)
    if weighted:
        names, chains, start, walkers = weighted[0].names, _weighted(run), 0, 0
    else:
        ensembles = [entry for entry in run.ensembles if entry.steps]
        start = burn_in(run.ensembles) if discard is None else discard
        if start < 0 or start >= max(entry.steps for entry in ensembles):
            most = max(entry.steps for entry in ensembles) - 1
            raise StoreError(f"discard = {start} is not allowed: between 0 and {most} steps.")
        names, walkers = ensembles[0].names, ensembles[0].walkers
        chains = []
        for entry in ensembles:
            samples = entry.chain[start:].reshape(-1, len(names))
            likelihood, prior = (
                part[start:].ravel() for part in (entry.log_likelihood, entry.log_prior)
            )
            kept = np.isfinite(likelihood + prior) & np.isfinite(samples).all(axis=1)
            chains.append(_chain(samples[kept], likelihood[kept], prior[kept], None))
    filled = tuple(chain for chain in chains if len(chain.samples))
    if not filled:
        raise StoreError(f"run {run.name!r} has no samples after burn-in ({start} steps).")
    return Draws(tuple(map(run.parameter, names)), filled, start, walkers)


def _weighted(run: RunFile) -> list[Chain]:
    found = []
    for entry in used(run):
        kept = entry.weights > 0.0
        weights = entry.weights[kept]
        chain = _chain(entry.points[kept], entry.log_likelihood[kept], entry.log_prior[kept], None)
        scaled = weights * (len(weights) / weights.sum())
        found.append(
            Chain(
                chain.samples,
                chain.log_likelihood,
                chain.log_prior,
                scaled,
                entry.effective_samples,
            )
        )
    return found


def _chain(samples: Array, likelihood: Array, prior: Array, weights: Array | None) -> Chain:
    return Chain(samples, likelihood, prior, weights, float(len(samples)))
