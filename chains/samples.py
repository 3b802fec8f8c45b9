"""The posterior sample of a run: its ensembles after burn-in, in one array."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import StoreError, UnknownNameError
from .diagnostics import burn_in
from .records import Array, RunFile

__all__ = ["Posterior", "posterior"]


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
    """

    names: tuple[str, ...]
    samples: Array
    log_posterior: Array
    log_likelihood: Array
    log_prior: Array

    def column(self, name: str) -> Array:
        """Return the samples of one parameter, (s,); UnknownNameError if it was not sampled."""
        if name not in self.names:
            raise UnknownNameError("sampled parameter", name, self.names)
        column: Array = self.samples[:, self.names.index(name)]
        return column


def posterior(run: RunFile, discard: int | None = None) -> Posterior:
    """Join the ensembles of a run after burn-in; samples that are not finite are left out.

    Parameters
    ----------
    run : RunFile
    discard : int, optional
        Stored steps to drop at the start of each ensemble; the suggested burn-in if None.

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
    return Posterior(names, samples[finite], **{k: v[finite] for k, v in columns.items()})
