"""The posterior sample of a run: its ensembles after burn-in, or its samples with weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import StoreError, UnknownNameError
from ..records import Array, ForeignChain, ParameterRecord, RunFile, WeightedSamples
from ..records.arrays import kish
from ..records.shown import brief
from .diagnostics import Verdict, burn_in
from .mixing import integrated_time
from .regions import Marginal
from .weights import thinned

__all__ = [
    "Posterior",
    "has_samples",
    "least_ess",
    "posterior",
    "posterior_of",
    "posterior_of_chain",
    "used",
]


@dataclass(frozen=True, eq=False)
class Posterior:
    """Samples of the posterior.

    Parameters
    ----------
    names : tuple of str
        The d parameters.
    samples : (s, d) array
        Values, each in the unit of its parameter.
    log_posterior, log_likelihood, log_prior : (s,) arrays
    ess : (d,) array, optional
        Effective number of samples of each parameter; s if not given.
    weights : (s,) array, optional
        Positive, with sum 1; all the same if None.
    """

    names: tuple[str, ...]
    samples: Array
    log_posterior: Array
    log_likelihood: Array
    log_prior: Array
    ess: Array | None = None
    weights: Array | None = None

    __repr__ = brief

    def column(self, name: str) -> Array:
        """Return the samples of one parameter, (s,); UnknownNameError if it was not sampled."""
        if name not in self.names:
            raise UnknownNameError("sampled parameter", name, self.names)
        column: Array = self.samples[:, self.names.index(name)]
        return column

    def marginal(self, record: ParameterRecord) -> Marginal:
        """Distribution of one parameter, on the scale of its prior; UnknownNameError as above."""
        column = self.column(record.name)
        ess = None if self.ess is None else float(self.ess[self.names.index(record.name)])
        logarithmic = record.logarithmic and bool((column > 0.0).all())
        return Marginal(
            column,
            ess,
            weights=self.weights,
            period=record.period,
            origin=record.lower,
            logarithmic=logarithmic,
        )

    def thinned(self, size: int) -> tuple[Array, Array | None]:
        """Choose at most so many samples in place of all.

        Parameters
        ----------
        size : int

        Returns
        -------
        samples : (m, d) array
        weights : (m,) array or None
            With sum 1; None if all are the same.
        """
        if self.weights is None:
            count = len(self.samples)
            return self.samples[np.linspace(0, count - 1, min(size, count)).astype(int)], None
        rows, weights = thinned(self.weights, size)
        return self.samples[rows], weights


def least_ess(samples: Posterior | None) -> float | None:
    """Smallest effective number of samples over the parameters; None if it is not known.

    Parameters
    ----------
    samples : Posterior or None

    Returns
    -------
    float or None
    """
    if samples is None or samples.ess is None or not np.isfinite(samples.ess).any():
        return None
    return float(np.nanmin(samples.ess))


def posterior(run: RunFile, discard: int | None = None, ess: Array | None = None) -> Posterior:
    """Join the ensembles of a run after burn-in; samples that are not finite are left out.

    Without ensembles, join its samples with weights: those of runs that ended if there are any.
    Each counts by its effective number of samples, by which the effective numbers add up.

    Parameters
    ----------
    run : RunFile
    discard : int, optional
        Stored steps to drop at the start of each ensemble; the suggested burn-in if None.
    ess : (d,) array, optional
        Effective number of samples of each parameter, if it is known: of a `Verdict`.

    Returns
    -------
    Posterior
        Ordered by ensemble, then step, then walker; weighted samples without those of weight zero.

    Raises
    ------
    StoreError
        If the run has no samples.
    """
    if used(run):
        return _of_weighted(used(run))
    if not has_samples(run):
        raise StoreError(f"run {run.name!r} has no samples: sample it first.")
    start = burn_in(run.ensembles) if discard is None else discard
    names = run.ensembles[0].names
    samples = np.concatenate(
        [ensemble.chain[start:].reshape(-1, len(names)) for ensemble in run.ensembles]
    )
    columns = {
        name: np.concatenate(
            [getattr(ensemble, name)[start:].ravel() for ensemble in run.ensembles]
        )
        for name in ("log_posterior", "log_likelihood", "log_prior")
    }
    finite = np.isfinite(samples).all(axis=1) & np.isfinite(columns["log_posterior"])
    known = _effective(run, start) if ess is None else ess
    kept = {name: column[finite] for name, column in columns.items()}
    return Posterior(names, samples[finite], **kept, ess=known)


def has_samples(run: RunFile) -> bool:
    """Whether a run has samples of the posterior.

    Parameters
    ----------
    run : RunFile
    """
    return any(entry.steps for entry in run.ensembles) or bool(used(run))


def used(run: RunFile) -> tuple[WeightedSamples, ...]:
    """Weighted samples of which the posterior of a run is made; none if it has ensembles.

    Parameters
    ----------
    run : RunFile

    Returns
    -------
    tuple of WeightedSamples
        Of samplers that reached their end if there are any, else all that have samples.
    """
    if any(entry.steps for entry in run.ensembles):
        return ()
    some = tuple(entry for entry in run.weighted if entry.size)
    return tuple(entry for entry in some if entry.complete) or some


def posterior_of(run: RunFile, verdict: Verdict | None = None) -> Posterior | None:
    """Posterior sample of a run with the burn-in of a verdict; None if it has no samples.

    Parameters
    ----------
    run : RunFile
    verdict : Verdict, optional
        On its ensembles; without it the suggested burn-in is taken.
    """
    if not has_samples(run):
        return None
    return posterior(run) if verdict is None else posterior(run, verdict.burn_in, verdict.ess)


def posterior_of_chain(chain: ForeignChain) -> Posterior:
    """Posterior sample of a chain that another program made.

    Parameters
    ----------
    chain : ForeignChain

    Returns
    -------
    Posterior
        Likelihood and prior are not known apart: NaN. The effective number of samples is that of
        the weights; how far samples of one walk depend on each other is not known.
    """
    unknown = np.full(chain.size, np.nan)
    size = float(chain.size) if chain.weights is None else kish(chain.weights)
    return Posterior(
        chain.names,
        chain.columns,
        log_posterior=unknown if chain.log_posterior is None else chain.log_posterior,
        log_likelihood=unknown,
        log_prior=unknown,
        ess=np.full(len(chain.names), size),
        weights=chain.weights,
    )


def _of_weighted(runs: tuple[WeightedSamples, ...]) -> Posterior:
    sizes = np.array([entry.effective_samples for entry in runs])
    shares = sizes / sizes.sum()
    parts = [share * entry.weights for share, entry in zip(shares, runs, strict=True)]
    weights = np.concatenate(parts)
    counts = weights > 0.0
    log_likelihood = np.concatenate([entry.log_likelihood for entry in runs])[counts]
    log_prior = np.concatenate([entry.log_prior for entry in runs])[counts]
    return Posterior(
        runs[0].names,
        np.concatenate([entry.points for entry in runs])[counts],
        log_posterior=log_likelihood + log_prior,
        log_likelihood=log_likelihood,
        log_prior=log_prior,
        ess=np.full(len(runs[0].names), sizes.sum()),
        weights=weights[counts],
    )


def _effective(run: RunFile, start: int) -> Array:
    """Effective number of samples of each parameter, (d,); NaN where it cannot be told."""
    chains = [ensemble.chain[start:] for ensemble in run.ensembles]
    found: Array = np.sum(
        [chain.shape[0] * chain.shape[1] / integrated_time(chain) for chain in chains], axis=0
    )
    return found
