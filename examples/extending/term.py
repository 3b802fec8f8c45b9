"""A likelihood term of one's own: a Poisson count with a known background.

In the package: one file in likelihoods/, and its entry in likelihoods/catalogue.py, or as a kind of
measurement.
"""

import bsinv
import numpy as np
from bsinv.likelihoods.base import Term, predict_one
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

    def log_likelihood(self, prediction: np.ndarray) -> np.ndarray:
        """``N ln(mu) - mu - ln N!``: (n,)."""
        mean = self.expected(prediction)
        log: np.ndarray = self.seen * np.log(mean) - mean - gammaln(self.seen + 1)
        return log

    def pull(self, prediction: np.ndarray) -> np.ndarray:
        """``(N - mu)/sqrt(mu)``: (n,)."""
        mean = self.expected(prediction)
        pull: np.ndarray = (self.seen - mean) / np.sqrt(mean)
        return pull


ANALYSIS = {
    "name": "count",
    "model": "wet-lfu",
    "likelihoods": ["belle2_2023_kpnunu"],
    "parameters": {"dC_L": {"prior": {"uniform": [-6.4, 20]}, "start": -2.0}},
}


def main() -> None:
    analysis = bsinv.load(ANALYSIS)
    count = Count("my-count", "BR(B+->Knunu)", seen=9, background=4.0, sensitivity=1e-6)
    for own in (analysis, analysis.with_terms((*analysis.terms, count))):
        best = own.fit()
        rate = own.observable("BR(B+->Knunu)", best.values[None])[0]
        print(f"{len(own.terms)} terms: BR(B+ -> K+ nu nu) = {rate:.2e}")


if __name__ == "__main__":
    main()
