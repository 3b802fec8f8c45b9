"""The same jobs on any executor: toys, limits along a scan, four ensembles; from a plugin's term.

``python -m mpi4py.futures tests/executor_jobs.py DIR SCALE`` does them on ranks of MPI.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np

PLUGIN = '''
import numpy as np
from bsinv import Term
from bsinv.likelihoods.base import Data


def coefficient(wilson, name):
    return np.real(wilson[name][:, 0, 0]) if name in wilson else np.zeros(wilson.size)


class Linear(Term):
    """Three numbers that are linear in two coefficients."""

    name, description = "linear", "three numbers"
    observables, data_ids, includes_constants = ("x", "y", "z"), ("linear",), True
    value, sigma = np.array([[2.0, 1.0, 4.0]]), np.array([1.0, 0.5, 2.0])

    @property
    def data(self):
        return Data(self.value)

    def predict(self, wilson, inputs):
        a, b = coefficient(wilson, "dC_L"), coefficient(wilson, "dC_R")
        return np.stack(np.broadcast_arrays(a, b, a + b), axis=1)

    def sample(self, prediction, rng):
        return Data(prediction + self.sigma * rng.standard_normal(prediction.shape))

    def asimov(self, prediction):
        return Data(prediction)

    def log_likelihood(self, prediction, data=None):
        values = self.value if data is None else data.values
        return -0.5 * (((prediction - values) / self.sigma) ** 2).sum(axis=1)

    def saturated(self, data=None):
        return np.zeros(1 if data is None else len(data))

    def pull(self, prediction):
        return np.full(len(prediction), np.nan)


TERMS = [Linear()]
'''

NAMES = ("toys", "limits", "samples", "excess")
"""Directories of the results."""

ANALYSIS = """\
name: three-numbers
model: wet-lfu
likelihoods: [linear]
parameters:
  dC_L: {prior: {uniform: [-20, 20]}, start: 1}
  dC_R: {prior: {uniform: [0, 50]}, start: 1}
sampler: {ensembles: 4, walkers: 8}
fit: {minos: []}
seed: 5
"""


def written(directory: Path) -> tuple[Path, Path]:
    """Files of the analysis and its plugin."""
    directory.mkdir(parents=True, exist_ok=True)
    analysis, plugin = directory / "three.yaml", directory / "three_numbers.py"
    analysis.write_text(ANALYSIS)
    plugin.write_text(PLUGIN)
    return analysis, plugin


def loaded(directory: Path) -> Any:
    from bsinv import load

    analysis, plugin = written(directory)
    return load(analysis, plugins=[plugin])


def jobs(executor: Any, directory: Path, scale: int) -> list[Path]:
    """Toys, limits, samples and a global p-value, more with the scale; the results files."""
    from bsinv.fitter.reports.studies import toys as reports
    from bsinv.fitter.runs.run import sample_only
    from bsinv.fitter.runs.studies.limits import limits_only
    from bsinv.fitter.runs.studies.significance import significance_only
    from bsinv.fitter.runs.studies.toys import toys_only

    analysis = loaded(directory)
    size, reports.CHUNK_SIZE = reports.CHUNK_SIZE, 5 * scale
    try:
        toys_only(analysis, "best", 50 * scale - 3, out=directory / "toys", executor=executor)
    finally:
        reports.CHUNK_SIZE = size
    scan = {"dC_L": np.linspace(-3.0, 3.0, 12 + scale)}
    limits_only(analysis, "dC_R", scan, out=directory / "limits", executor=executor)
    sample_only(analysis, directory / "samples", 15 * scale, executor=executor)
    found = directory / "excess"
    significance_only(analysis, "dC_R", {}, 75 * scale, 0.0, out=found, executor=executor)
    return [directory / name / "run.h5" for name in NAMES]


def toys_alone(executor: Any, directory: Path, chunks: int, size: int = 20) -> None:
    """Toys in chunks of a size."""
    from bsinv.fitter.reports.studies import toys as reports
    from bsinv.fitter.runs.studies.toys import toys_only

    analysis = loaded(directory)
    before, reports.CHUNK_SIZE = reports.CHUNK_SIZE, size
    try:
        toys_only(analysis, "best", chunks * size, out=directory / "toys", executor=executor)
    finally:
        reports.CHUNK_SIZE = before


def content(path: Path) -> dict[str, Any]:
    """All that a results file holds, but for times and checksums of what has them."""
    found: dict[str, Any] = {}

    def visit(name: str, item: Any) -> None:
        found.update({f"{name}@{key}": value for key, value in item.attrs.items()})
        if isinstance(item, h5py.Dataset):
            found[name] = item[()]

    with h5py.File(path, "r") as file:
        visit("", file)
        file.visititems(visit)
    for name in ("@created", "checksums", "best_fit@seconds"):
        found.pop(name, None)
    return found


def differences(one: Path, other: Path) -> list[str]:
    """Names of what is not equal bit for bit in two results files."""
    first, second = content(one), content(other)
    names = sorted(set(first) ^ set(second))
    for name in sorted(set(first) & set(second)):
        a, b = np.asarray(first[name]), np.asarray(second[name])
        same = a.dtype == b.dtype and a.shape == b.shape
        if not same or (a.tobytes() != b.tobytes() if a.dtype != object else (a != b).any()):
            names.append(name)
    return names


if __name__ == "__main__":
    jobs("mpi", Path(sys.argv[1]), int(sys.argv[2]))
