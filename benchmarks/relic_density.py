"""Relic density of a dark scalar: microseconds per parameter point, batches against scipy.

Run ``python benchmarks/relic_density.py``. One core; process time and wall time. Masses of 0.5 to
0.9 GeV; annihilation to kaons and etas, or with a light coupling to all six channels. scipy's Radau
solves the same equation for one point, with its thermal averages by quadrature. What does not
depend on the point (tables of thermal averages) is made once, before the clock starts; its time is
printed first.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from bsinv.physics.dark_matter.relic import relic_density
from bsinv.physics.inputs import Inputs
from bsinv.physics.wilson import Wilson

# The peer is the solver that the tests check the package with.
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "physics" / "dark_matter"))
from stiff import relic_density_stiff  # type: ignore[import-not-found]  # noqa: E402

BATCHES = (1, 8, 64, 512, 4096)
SECONDS = 0.5
INPUTS = Inputs.default()


def points(size: int, light: bool, rng: np.random.Generator) -> Wilson:
    values = {
        "m_phi0": rng.uniform(0.5, 0.9, size),
        "phi0_S_ss": 10.0 ** rng.uniform(-4.5, -3.5, size),
    }
    if light:
        values["phi0_S_dd"] = values["phi0_S_ss"] * rng.uniform(-0.1, 0.1, size)
    return Wilson(values)


def measure(
    run: Callable[[Wilson], object], size: int, light: bool, at_least: float
) -> tuple[float, float]:
    """Least process time and wall time per point, in microseconds."""
    rng = np.random.default_rng(1)
    best, began = [np.inf, np.inf], time.perf_counter()
    while not np.isfinite(best[0]) or time.perf_counter() - began < at_least:
        wilson = points(size, light, rng)
        process, wall = time.process_time(), time.perf_counter()
        run(wilson)
        spent = time.process_time() - process, time.perf_counter() - wall
        best = [min(pair) for pair in zip(best, spent, strict=True)]
    return 1e6 * best[0] / size, 1e6 * best[1] / size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="tiny sizes, to see that it runs")
    tiny = parser.parse_args().tiny
    at_least = 0.0 if tiny else SECONDS
    import scipy.interpolate  # noqa: F401  (its import is not what is timed)

    began = time.perf_counter()
    relic_density(points(1, True, np.random.default_rng(0)), INPUTS)
    print(f"tables: {time.perf_counter() - began:.2f} s, once in a process\n")
    print("points   kaons and etas      all channels    (microseconds per point, process / wall)")
    for size in BATCHES[:2] if tiny else BATCHES:
        cells = [
            "{:8.1f} / {:.1f}".format(
                *measure(lambda wilson: relic_density(wilson, INPUTS), size, light, at_least)
            )
            for light in (False, True)
        ]
        print(f"{size:6d}   {cells[0]:>16}   {cells[1]:>16}")
    cells = [
        "{:8.0f} / {:.0f}".format(
            *measure(lambda wilson: relic_density_stiff(wilson, INPUTS), 1, light, at_least)
        )
        for light in (False, True)
    ]
    print(f" Radau   {cells[0]:>16}   {cells[1]:>16}")
    rng = np.random.default_rng(3)
    gaps = []
    count = 1 if tiny else 20
    for _ in range(count):
        wilson = points(1, True, rng)
        gaps.append(abs(relic_density(wilson, INPUTS)[0] / relic_density_stiff(wilson, INPUTS) - 1))
    print(f"\nlargest relative difference of the two at {count} points: {max(gaps):.1e}")


if __name__ == "__main__":
    main()
