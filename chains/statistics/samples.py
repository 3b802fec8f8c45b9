"""The posterior sample of a run: its ensembles after burn-in, in one array."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import StoreError, UnknownNameError
from ..records import Array, ParameterRecord, RunFile
from .diagnostics import burn_in
from .mixing import integrated_time
from .regions import Marginal

__all__ = ["Posterior", "least_ess", "posterior"]


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
    """

    names: tuple[str, ...]
    samples: Array
    log_posterior: Array
    log_likelihood: Array
    log_prior: Array
    ess: Array | None = None

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
            column, ess, period=record.period, origin=record.lower, logarithmic=logarithmic
        )


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
        Ordered by ensemble, then step, then walker.

    Raises
    ------
    StoreError
        If the run has no samples.
    """
    if not run.ensembles or not any(ensemble.steps for ensemble in run.ensembles):
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


def _effective(run: RunFile, start: int) -> Array:
    """Effective number of samples of each parameter, (d,); NaN where it cannot be told."""
    chains = [ensemble.chain[start:] for ensemble in run.ensembles]
    found: Array = np.sum(
        [chain.shape[0] * chain.shape[1] / integrated_time(chain) for chain in chains], axis=0
    )
    return found
