"""Spectra of B -> K and B -> K*: microseconds per parameter point, batch against loop.

Run ``python benchmarks/spectra.py``. One core; process time and wall time. K: 100 bins of q2 with
vector, scalar and tensor operators and all 8 form-factor coefficients floating. K*: the total with
vector operators of both chiralities and form factors fixed, or all 19 coefficients floating. The
naive loop calls the same functions with one point at a time; what does not depend on the point is
cached by both.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import time
from collections.abc import Callable, Iterator
from itertools import repeat

import numpy as np
from bsinv.data.belle2 import belle2_2023
from bsinv.models import model
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.rates import binned_branching_fraction, branching_fraction

BATCHES = (1, 8, 64, 512)
REPETITIONS = 5
SECONDS = 0.2

Point = tuple[dict[str, np.ndarray], Inputs]


def floating(process: str, rng: np.random.Generator, size: int) -> dict[str, np.ndarray]:
    source = Inputs.default().form_factors(process).source
    drawn = rng.multivariate_normal(source.central, source.covariance, size, method="eigh")
    return {process: drawn}


def kaon(values: dict[str, np.ndarray], inputs: Inputs) -> np.ndarray:
    wilson = model("wet-eos").wilson(values, inputs)
    return binned_branching_fraction("B+->K+", wilson, inputs, belle2_2023().q2_edges)


def kaon_star(values: dict[str, np.ndarray], inputs: Inputs) -> np.ndarray:
    return branching_fraction("B0->K*0", model("wet-eos").wilson(values, inputs), inputs)


def points(names: tuple[str, ...], process: str | None, size: int) -> Iterator[Point]:
    """Fresh points without end, as a sampler brings them: no result can be reused."""
    rng = np.random.default_rng(1)
    for _ in repeat(None):
        values = model("wet-eos").complete({name: rng.uniform(1.0, 9.0, size) for name in names})
        coefficients = floating(process, rng, size) if process else None
        yield values, Inputs.default().replace(coefficients=coefficients)


def measure(
    function: Callable[..., np.ndarray], source: Iterator[Point], tiny: bool
) -> tuple[float, float]:
    """Least process time and wall time of one call, in seconds."""
    function(*next(source))
    best = [np.inf, np.inf]
    for _ in range(1 if tiny else REPETITIONS):
        spent, calls = np.zeros(2), 0
        while calls == 0 or (spent[1] < SECONDS and not tiny):
            point = next(source)
            before = np.array([time.process_time(), time.perf_counter()])
            function(*point)
            spent += np.array([time.process_time(), time.perf_counter()]) - before
            calls += 1
        best = [min(old, new) for old, new in zip(best, spent / calls, strict=True)]
    return best[0], best[1]


CASES = {
    "K, 100 bins, 8 coefficients float": (kaon, ("cVL", "cSL", "cTL"), "B->K"),
    "K, 100 bins, vector only, 8 float": (kaon, ("cVL", "cVR"), "B->K"),
    "K* total, form factors fixed": (kaon_star, ("cVL", "cVR"), None),
    "K* total, 19 coefficients float": (kaon_star, ("cVL", "cVR"), "B->K*"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="tiny sizes, to see that it runs")
    tiny = parser.parse_args().tiny
    sizes = BATCHES[:2] if tiny else BATCHES
    print("Spectra, us per point (process time / wall); batch 1 is the naive loop")
    print(f"{'':36}" + "".join(f"{size:>18}" for size in sizes))
    for label, (function, names, process) in CASES.items():
        cells = []
        for size in sizes:
            spent, wall = measure(function, points(names, process, size), tiny)
            cells.append(f"{spent / size * 1e6:8.1f} /{wall / size * 1e6:7.1f}")
        print(f"{label:36}" + "".join(f"{cell:>18}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
