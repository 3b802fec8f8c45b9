"""Time to write a large results file, and the share of its checksums.

Pairs of writes, one with checksums and one without, on the same disk in turn, so that what else the
machine does falls on both. Prints medians in seconds, and the median of the extra time.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import tempfile
import time
from pathlib import Path
from unittest import mock

import numpy as np
from bsinv.chains.files import store
from bsinv.chains.files.lease import Lease
from bsinv.chains.records import Ensemble, RunFile

PARAMETERS, WALKERS = 20, 60
# Of chain, posterior, likelihood and prior.
BYTES_OF_STEP = 8 * WALKERS * (PARAMETERS + 3)


def make_run(megabytes: float) -> RunFile:
    """Results whose two chains fill a file of this size with random numbers."""
    rng = np.random.default_rng(1)
    steps = max(1, round(megabytes * 1e6 / (2 * BYTES_OF_STEP)))
    ensembles = []
    for _ in range(2):
        prior, likelihood = rng.normal(size=(2, steps, WALKERS))
        ensembles.append(
            Ensemble(
                tuple(f"p{index}" for index in range(PARAMETERS)),
                rng.normal(size=(steps, WALKERS, PARAMETERS)),
                prior + likelihood,
                likelihood,
                prior,
                np.zeros(WALKERS),
            )
        )
    return RunFile("benchmark", "", 1, ensembles=tuple(ensembles))


def seconds(path: Path, run: RunFile, lease: Lease) -> tuple[float, float]:
    """Time of one write, and CPU time of it."""
    began, used = time.perf_counter(), time.process_time()
    store.write(path, run, lease)
    return time.perf_counter() - began, time.process_time() - used


def without_checksums(path: Path, run: RunFile, lease: Lease) -> tuple[float, float]:
    """Time of one write of the same bytes, but for the checksums."""
    with (
        mock.patch.object(store, "checksum", return_value=""),
        mock.patch.object(store, "checksums", return_value={}),
        mock.patch.object(store, "seal", return_value=b""),
        mock.patch.object(store, "_allow", side_effect=lambda *_: lease.check()),
    ):
        # Beside the other: one without a checksum is never replaced by a run.
        return seconds(path.with_name("plain.h5"), run, lease)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=133.0)
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--directory", default=".", help="on the disk to measure")
    parser.add_argument("--tiny", action="store_true", help="tiny sizes, to see that it runs")
    given = parser.parse_args()
    if given.tiny:
        given.megabytes, given.pairs = 1.0, 1
    run = make_run(given.megabytes)
    with tempfile.TemporaryDirectory(dir=given.directory) as directory:
        path = Path(directory) / "run.h5"
        with Lease(path) as lease:
            seconds(path, run, lease)
            pairs = np.array(
                [
                    (without_checksums(path, run, lease), seconds(path, run, lease))
                    for _ in range(given.pairs)
                ]
            )
        size = path.stat().st_size / 1e6
    wall, used = pairs[..., 0], pairs[..., 1]
    extra = np.diff(wall, axis=1)[:, 0]
    for index, name in enumerate(("without checksums", "with checksums")):
        print(
            f"{size:.0f} MB {name}: {np.median(wall[:, index]):.3f} s, "
            f"CPU {np.median(used[:, index]):.3f} s"
        )
    share = np.median(extra / wall[:, 0])
    print(f"checksums: {np.median(extra):+.3f} s, {100 * share:+.1f} % of the time of the write")


if __name__ == "__main__":
    main()
