"""Walls: what only excludes, and has no data; the one on perturbative couplings."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..base import Quoted, Term
from ..batches import Array, Data, data_values, real_prediction, true_prediction

if TYPE_CHECKING:
    from ...physics.inputs import Inputs
    from ...physics.wilson import Wilson

__all__ = ["PERTURBATIVITY", "Perturbativity", "wall"]

PERTURBATIVITY = "perturbativity"


def wall(name: str, value: Array, highest: float, data: Data | None) -> Array:
    """0 up to the highest value allowed, minus infinity above, NaN for NaN: (n,).

    Data sets are empty; one prediction has as many results as there are data sets.
    """
    log: Array = np.where(value <= highest, 0.0, -np.inf)
    log = np.where(np.isnan(value), np.nan, log)
    if data is None:
        return log
    sets = len(data_values(name, data, 0, value.size))
    return np.array(np.broadcast_to(log, (sets if value.size == 1 else value.size,)))


class Perturbativity(Term):
    """Couplings below sqrt(4 pi) = 3.545, beyond which no perturbative prediction is to be trusted.

    ``ln L`` is 0 below and minus infinity above, for the largest modulus of a coupling that the
    model gives (zero if it gives none).
    """

    name = PERTURBATIVITY
    description = "largest coupling of the model below sqrt(4 pi); not a measurement"
    observables = ("max_coupling",)
    data_ids = (PERTURBATIVITY,)
    includes_constants = False
    limit = float(np.sqrt(4.0 * np.pi))
    hard = True

    def predict(self, wilson: Wilson, inputs: Inputs) -> Array:
        """Largest modulus of a coupling: (n,)."""
        if "max_coupling" not in wilson:
            return np.zeros(wilson.size)
        return np.broadcast_to(wilson["max_coupling"], (wilson.size,))

    @cached_property
    def data(self) -> Data:
        """None: (1, 0)."""
        return Data(np.empty((1, 0)))

    def log_likelihood(self, prediction: Array, data: Data | None = None) -> Array:
        """0 below, minus infinity above: (n,)."""
        return wall(self.name, real_prediction(self.name, prediction), self.limit, data)

    def pull(self, prediction: Array, data: Data | None = None) -> Array:
        """NaN: it is no measurement: (n,)."""
        return np.full_like(self.log_likelihood(prediction, data), np.nan)

    def sample(self, prediction: Array, rng: np.random.Generator) -> Data:
        """None: (n, 0)."""
        return self.asimov(prediction)

    def asimov(self, prediction: Array) -> Data:
        """None: (n, 0)."""
        return Data(np.empty((len(true_prediction(self.name, prediction)), 0)))

    def quoted(self) -> tuple[Quoted, ...]:
        """The limit."""
        return (Quoted(self.observables[0], kind="upper limit", limit=self.limit),)
