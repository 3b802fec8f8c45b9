"""Global significance of a mass scan: microseconds per toy and point, next to its peer.

Run ``python benchmarks/scan_significance.py [--toys 1000] [--points 60] [--no-peer] [--tiny]``. One
core, process time. Belle II likelihood, one invisible particle on top of the Standard Model, form
factors held (with the modifiers of the published likelihood) and floating. Each toy is fitted at
each mass. The peer, on some of the same toys in the same run, is the search along the rate with the
profile likelihood at each rate, in batches: what is done for other likelihoods. The largest
difference of q shows how well that search ends.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import time

import numpy as np
from bsinv import load
from bsinv.fitter.drivers.global_significance import excess_search, row_excess
from bsinv.fitter.drivers.limit_curves import Curves, RateProblem

MASSES = (0.0, 4.7)
FORM_FACTORS = {"B->K": {"set": "BtoK_FLAG2021_HPQCD2022_BSZ", "treatment": "float"}}
# Toys of the peer with form factors held and floating.
NAIVE = (20, 1)


def analysis(floating: bool) -> dict[str, object]:
    """A scan of the mass, with form factors held or floating."""
    given: dict[str, object] = {
        "name": "particle",
        "model": "two-body-br",
        "likelihoods": [{"name": "belle2-2023-bknunu", "response": "linear"}],
        "parameters": {
            "m_X": {"prior": {"uniform": list(MASSES)}},
            "BR_K": {"prior": {"uniform": [0, 1000]}, "start": 3.0},
        },
        "seed": 1,
    }
    return given | {"form_factors": FORM_FACTORS} if floating else given


def whole(floating: bool, points: int, toys: int) -> None:
    """All that ``bsinv significance`` computes."""
    problem = load(analysis(floating))
    scan = {"m_X": np.linspace(*MASSES, points)}
    started = time.process_time()
    found = problem.significance("BR_K", scan, toys=toys, precision=0.0)
    spent = time.process_time() - started
    print(
        f"form factors {'floating' if floating else 'held'}: {found.toys} toys at {points} points: "
        f"{spent:.1f} s, {spent / (found.drawn * points) * 1e6:.0f} us a toy and point; "
        f"failed: {found.failed}",
        flush=True,
    )


def peer(floating: bool, points: int, toys: int) -> None:
    """Joint fits and the search along the rate, on the same toys."""
    problem = load(analysis(floating)).problem
    names = problem.names
    of = RateProblem(problem, names.index("BR_K"), (names.index("m_X"),), np.array(problem.start))
    search = excess_search(of, np.linspace(*MASSES, points)[:, None])
    truths = np.repeat(search.truth[None], toys, axis=0)
    data = problem.sample(truths, np.random.default_rng(1))
    many = len(search.points)
    assert search.joint is not None
    started = time.process_time()
    ours = search.joint.excess(data)[1]
    middle = time.process_time()
    which = np.repeat(np.arange(toys), many)
    curves = Curves(of, np.tile(search.points, (toys, 1)), data.take(which))
    theirs = row_excess(curves, np.tile(search.size, toys))[1].reshape(ours.shape)
    ended = time.process_time()
    away = ours - theirs
    print(
        f"  {toys} toys at {many} points: together {(middle - started) / ours.size * 1e6:.0f} us, "
        f"along the rate {(ended - middle) / ours.size * 1e6:.0f} us; difference of q "
        f"{np.nanmin(away):.1e} to {np.nanmax(away):.1e}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--toys", type=int, default=1000)
    parser.add_argument("--points", type=int, default=60)
    parser.add_argument("--no-peer", action="store_true", help="without the search along the rate")
    parser.add_argument("--tiny", action="store_true", help="tiny sizes, to see that it runs")
    arguments = parser.parse_args()
    toys, points = (100, 3) if arguments.tiny else (arguments.toys, arguments.points)
    for floating, naive in zip((False, True), NAIVE, strict=True):
        whole(floating, points, toys)
        if not (arguments.no_peer or arguments.tiny):
            peer(floating, points, naive)


if __name__ == "__main__":
    main()
