"""A likelihood term of one's own: a Poisson count with a known background.

In the package: one file in likelihoods/, and its entry in likelihoods/catalogue.py, or as a kind of
measurement.
"""

from functools import cached_property

import bsinv
import numpy as np
from bsinv.likelihoods.base import Term, predict_one
from bsinv.likelihoods.batches import Data, data_values
from bsinv.physics.inputs import Inputs
from bsinv.physics.wilson import Wilson
from scipy.special import gammaln


class Count(Term):
    """Events seen where signal and background are expected."""

    includes_constants = True

    def __init__(
        self, name: str, observable: str, seen: int, background: float, sensitivity: float
    ) -> None:
        self.name, self.description = name, f"{seen} events of {observable}"
        self.observables, self.data_ids = (observable,), (name,)
        self.seen, self.background, self.sensitivity = seen, background, sensitivity

    def predict(self, wilson: Wilson, inputs: Inputs) -> np.ndarray:
        """Branching fraction: (n,)."""
        return predict_one(self.observables[0], wilson, inputs)

    def expected(self, prediction: np.ndarray) -> np.ndarray:
        """Events: (n,); `sensitivity` is the branching fraction of one."""
        return self.background + prediction / self.sensitivity

    def log_likelihood(self, prediction: np.ndarray, data: Data | None = None) -> np.ndarray:
        """``N ln(mu) - mu - ln N!``: (n,)."""
        mean = self.expected(prediction)
        seen = data_values(self.name, self.data if data is None else data, 1, mean.size)[:, 0]
        log: np.ndarray = seen * np.log(mean) - mean - gammaln(seen + 1)
        return log

    def pull(self, prediction: np.ndarray) -> np.ndarray:
        """``(N - mu)/sqrt(mu)``: (n,)."""
        mean = self.expected(prediction)
        pull: np.ndarray = (self.seen - mean) / np.sqrt(mean)
        return pull

    # What follows is needed for toys alone.
    @cached_property
    def data(self) -> Data:
        """Events seen: (1, 1)."""
        return Data(np.array([[float(self.seen)]]))

    def sample(self, prediction: np.ndarray, rng: np.random.Generator) -> Data:
        """Poisson counts: (n, 1)."""
        return Data(rng.poisson(self.expected(prediction))[:, None].astype(float))

    def asimov(self, prediction: np.ndarray) -> Data:
        """The events expected: (n, 1)."""
        return Data(self.expected(prediction)[:, None])


ANALYSIS = {
    "name": "count",
    "model": "wet-lfu",
    "likelihoods": ["belle2_2023_kpnunu"],
    "parameters": {"dC_L": {"prior": {"uniform": [-6.4, 20]}, "start": -2.0}},
}


def main() -> None:
    analysis = bsinv.load(ANALYSIS)
    count = Count("my-count", "BR(B+->Knunu)", seen=9, background=4.0, sensitivity=1e-6)
    for one in (analysis, bsinv.load(ANALYSIS, terms=[count])):
        best = one.fit()
        rate = one.observable("BR(B+->Knunu)", best.values[None])[0]
        print(f"{len(one.terms)} terms: BR(B+ -> K+ nu nu) = {rate:.2e}")


if __name__ == "__main__":
    main()
