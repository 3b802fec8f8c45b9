"""A plugin: objects of one's own for the command line.

    bsinv run count.yaml --plugin plugin.py

MODELS, TERMS and OBSERVABLES are lists; what is not there is left out. This one brings an
observable and a term on it: events seen in half of the q2 range.
"""

from functools import cached_property

import numpy as np
from bsinv.likelihoods.base import Term, predict_one
from bsinv.likelihoods.batches import Data, data_values
from bsinv.physics.inputs import Inputs
from bsinv.physics.observable import Observable
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson


def low(wilson: Wilson, inputs: Inputs) -> np.ndarray:
    """Branching fraction of B+ -> K+ nu nu below 10 GeV^2: (n,)."""
    rate: np.ndarray = observable("BR(B+->Knunu)")(wilson, inputs, q2max=10.0)
    return rate


class Events(Term):
    """A Poisson count; one event is a branching fraction of 5e-7, the background 4 events."""

    name, description = "low-events", "12 events of B+ -> K+ nu nu below 10 GeV^2"
    observables, data_ids = ("BR(low)",), ("low-events",)
    includes_constants = False

    def predict(self, wilson: Wilson, inputs: Inputs) -> np.ndarray:
        """Branching fraction: (n,)."""
        return predict_one("BR(low)", wilson, inputs)

    @cached_property
    def data(self) -> Data:
        """Events seen: (1, 1)."""
        return Data(np.array([[12.0]]))

    def log_likelihood(self, prediction: np.ndarray, data: Data | None = None) -> np.ndarray:
        """``N ln(mu) - mu``: (n,)."""
        mean = 4.0 + prediction / 5e-7
        seen = data_values(self.name, self.data if data is None else data, 1, mean.size)[:, 0]
        log: np.ndarray = seen * np.log(mean) - mean
        return log

    def pull(self, prediction: np.ndarray) -> np.ndarray:
        """``(N - mu)/sqrt(mu)``: (n,)."""
        mean = 4.0 + prediction / 5e-7
        pull: np.ndarray = (12.0 - mean) / np.sqrt(mean)
        return pull


OBSERVABLES = [Observable("BR(low)", r"\mathcal{B}_{q^2<10}", "1", low)]
TERMS = [Events()]
