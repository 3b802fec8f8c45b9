"""A kind of measurement of one's own: a range that holds the value with a probability of one.

In the package: one `Kind` in likelihoods/kinds.py, its entry in the table KINDS of
likelihoods/measured.py, and its name in KINDS of data/measurements.py. Then its measurements are
entries of data/sources/measurements_*.yaml.
"""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from bsinv.data import measurement
from bsinv.data.records import Measurement
from bsinv.likelihoods.base import Term, name_of, predict_one
from bsinv.likelihoods.batches import Data
from bsinv.likelihoods.kinds import Kind, observables_of
from bsinv.likelihoods.options import TermOptions
from bsinv.physics.inputs import Inputs
from bsinv.physics.wilson import Wilson


class Range(Term):
    """Zero inside of a range, minus infinity outside."""

    includes_constants = False
    hard = True

    def __init__(self, given: Measurement, description: str) -> None:
        if given.values is None or given.errors_plus is None or given.errors_minus is None:
            raise ValueError(f"{given.id}: a range needs a value and two errors")
        self.name, self.description = given.id, description
        names = tuple(map(name_of, observables_of(given)))
        self.observables, self.data_ids = names, (given.id,)
        self.low = float(given.values[0] - given.errors_minus[0])
        self.high = float(given.values[0] + given.errors_plus[0])

    def predict(self, wilson: Wilson, inputs: Inputs) -> np.ndarray:
        """Prediction of the observable: (n,)."""
        return predict_one(self.observables[0], wilson, inputs)

    def log_likelihood(self, prediction: np.ndarray, data: Data | None = None) -> np.ndarray:
        """Zero or minus infinity: (n,)."""
        inside = (prediction >= self.low) & (prediction <= self.high)
        return np.where(inside, 0.0, -np.inf)

    def pull(self, prediction: np.ndarray) -> np.ndarray:
        """None: (n,) of NaN."""
        return np.full(len(prediction), np.nan)


def build(given: Measurement, words: str, options: TermOptions, floated: Collection[str]) -> Term:
    """Make the term of a measurement."""
    return Range(given, words)


RANGE = Kind(
    usable=lambda given: bool(observables_of(given)) and given.errors_plus is not None,
    options=lambda given: (),
    words=lambda given, options, floated: "range",
    build=build,
)


def main() -> None:
    given = replace(measurement("belle2_2023_kpnunu"), id="my-range", kind="range")
    term = RANGE.build(given, "my-range, BR(B+->K+nunu), range", TermOptions(), ())
    assert RANGE.usable(given)
    for rate, log in zip((5e-6, 2e-5), term.log_likelihood(np.array([5e-6, 2e-5])), strict=True):
        print(f"BR = {rate:.0e}: ln L = {log}")


if __name__ == "__main__":
    main()
