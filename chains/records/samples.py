"""Records of samples of the posterior."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...errors import StoreError
from .arrays import Array, expect, fill, missing, read_only

__all__ = ["Ensemble"]


@dataclass(frozen=True, eq=False)
class Ensemble:
    """The chain of one ensemble of walkers.

    Parameters
    ----------
    names : tuple of str
        The d sampled parameters, in the order of the columns.
    chain : (steps, walkers, d) array
        Parameter values, each in its unit.
    log_posterior, log_likelihood, log_prior : (steps, walkers) arrays
        Natural logarithms; the first is the sum of the other two.
    accepted : (walkers,) array
        Accepted proposals of each walker at the stored steps (emcee's convention), so that
        ``accepted / steps`` is the acceptance fraction.
    random_state : tuple
        ``numpy.random.RandomState.get_state()`` after the last step; empty if not known.
    thin : int
        Steps made per step stored.
    periods : (d,) array
        Widths of the ranges of periodic parameters; infinite for the others, and where not known.
    """

    names: tuple[str, ...]
    chain: Array
    log_posterior: Array
    log_likelihood: Array
    log_prior: Array
    accepted: Array
    random_state: tuple[Any, ...] = ()
    thin: int = 1
    periods: Array = field(default_factory=missing)

    def __post_init__(self) -> None:
        fill(self, "periods", (len(self.names),), np.inf)
        read_only(self)
        if self.chain.ndim != 3:
            raise StoreError(
                f"Ensemble.chain has shape {self.chain.shape}, but (steps, walkers, parameters) "
                "is needed."
            )
        steps, walkers, _ = self.chain.shape
        expect(self, "chain", (steps, walkers, len(self.names)))
        for name in ("log_posterior", "log_likelihood", "log_prior"):
            expect(self, name, (steps, walkers))
        expect(self, "accepted", (walkers,))
        expect(self, "periods", (len(self.names),))

    @property
    def steps(self) -> int:
        """Number of steps stored."""
        return int(self.chain.shape[0])

    @property
    def walkers(self) -> int:
        """Number of walkers."""
        return int(self.chain.shape[1])
