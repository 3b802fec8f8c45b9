"""Time of a 60 x 60 scan of mass and coupling with the full Belle II likelihood.

The 231 nuisance parameters of the likelihood are profiled at every point; form factors are held at
their central values, then refitted too. Prints seconds for both.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import time
from pathlib import Path

import bsinv
import numpy as np
from bsinv.chains.records import BestFit

POINTS = 60
SCENARIO = Path(__file__).resolve().parent.parent / "examples" / "scenarios" / "scalar-pair.yaml"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="tiny sizes, to see that it runs")
    size = 3 if parser.parse_args().tiny else POINTS
    analysis = bsinv.load(SCENARIO)
    mass, coupling = analysis.names[:2]
    axes = {mass: np.linspace(0.05, 2.34, size), coupling: np.linspace(0.0, 40.0, size)}
    scale = analysis.scale
    start = BestFit(
        analysis.names, analysis.start, np.diag(scale**2), scale, np.nan, np.nan, "", True
    )
    for profiled, others in ((False, "held"), (True, "refitted")):
        began = time.perf_counter()
        scan = analysis.profile(axes=axes, best=start, profiled=profiled)
        seconds = time.perf_counter() - began
        done = int((scan.status == 0).sum())
        print(
            f"{size} x {size} points, form factors {others}: {seconds:.1f} s "
            f"({1e6 * seconds / scan.status.size:.0f} us per point, {done} converged)"
        )


if __name__ == "__main__":
    main()
