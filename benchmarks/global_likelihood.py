"""Time per point of the global likelihood with 20 free parameters, next to flavio and smelli.

Run ``python benchmarks/global_likelihood.py [--no-peer] [--profile]``. One core, batches of points
drawn from the prior. The peers predict one point at a time: flavio ten of the observables that are
in the global likelihood, smelli its own global likelihood (construction and the first point are not
counted); either is skipped, and said to be, where it is not installed.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"

import argparse
import cProfile
import io
import pstats
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec

import bsinv
import numpy as np
from bsinv.fitter.analysis import Analysis
from bsinv.likelihoods.base import Data, Term

COEFFICIENTS = (
    "lq1_mumu",
    "lq1_tautau",
    "lq3_mumu",
    "lq3_tautau",
    "ld_mumu",
    "ld_tautau",
    "ld_mutau",
    "ld_taumu",
    "Im_ld_tautau",
    "qe_tautau",
)
FREE = {"prior": {"uniform": [-0.05, 0.05]}}
# Ten coefficients, two inputs and the eight form-factor coefficients of B -> K: 20 in all. Charm,
# which would float by default, is held.
ANALYSIS = {
    "name": "global",
    "model": "smeft",
    "likelihoods": ["b2s-invisible-global"],
    "parameters": {**dict.fromkeys(COEFFICIENTS, FREE), "Lambda": 2.0},
    "inputs": {
        "VtbVts": {"prior": {"normal": [0.0410, 0.0010]}},
        "norm_BtoKstar": {"prior": {"normal": [1.0, 0.09], "lower": 0.0}},
        "dC9_hadronic": 0.0,
    },
    "form_factors": {"B->K": {"treatment": "float"}},
}
# The same with coefficients alone: imaginary parts and further entries in place of the nuisances.
MORE = (
    "Im_lq1_mumu",
    "Im_lq1_tautau",
    "Im_lq3_tautau",
    "Im_ld_mumu",
    "Im_ld_mutau",
    "ld_ee",
    "ld_etau",
    "ld_taue",
    "lq1_ee",
    "ed_tautau",
)
BARE = {
    **{key: value for key, value in ANALYSIS.items() if key not in ("inputs", "form_factors")},
    "parameters": {**dict.fromkeys((*COEFFICIENTS, *MORE), FREE), "Lambda": 2.0},
    "inputs": {"dC9_hadronic": 0.0},
}
BATCHES = (1, 8, 64, 512)
REPETITIONS = 7

FLAVIO = (
    "BR(B+->Knunu)",
    "BR(B0->K*nunu)",
    "BR(Bs->mumu)",
    "BR(Bs->tautau)",
    "BR(B+->Ktautau)",
    "BR(B+->Kmutau)",
    ("<Rmue>(B+->Kll)", 1.1, 6.0),
    ("<Rmue>(B0->K*ll)", 1.1, 6.0),
    "DeltaM_s",
    "BR(B->Xsgamma)",
)
# One point for the peers, in their own names: C_ld of 2 * 10^-8 GeV^-2 for tau leptons at 2 TeV.
POINT = {"ld_3323": 2e-8}


def seconds(call: Callable[[], object], repetitions: int = REPETITIONS) -> tuple[float, float]:
    """Least process time and wall time of one call."""
    best = [np.inf, np.inf]
    for _ in range(repetitions):
        clocks = time.process_time(), time.perf_counter()
        call()
        best[0] = min(best[0], time.process_time() - clocks[0])
        best[1] = min(best[1], time.perf_counter() - clocks[1])
    return best[0], best[1]


def table(title: str, analysis: Analysis, tiny: bool) -> None:
    print(f"\n{title}: {len(analysis.names)} free parameters, {len(analysis.terms)} terms")
    rng = np.random.default_rng(20231124)
    repetitions = 1 if tiny else REPETITIONS
    for size in BATCHES[:2] if tiny else BATCHES:
        # Other points at every repetition: nothing that was computed can be used again.
        drawn = iter([analysis.sample_prior(rng, size) for _ in range(repetitions + 1)])
        finite = np.isfinite(analysis.log_likelihood(next(drawn))).mean()
        process, wall = seconds(partial(_next, analysis, drawn), repetitions)
        each = f"{1e3 * process / size:8.3f} {1e3 * wall / size:8.3f} ms per point"
        print(f"  batch {size:4d}: {each}   (likelihood finite at {finite:.0%} of the points)")


def _next(analysis: Analysis, points: Iterator[np.ndarray]) -> object:
    return analysis.log_likelihood(next(points))


def shares(analysis: Analysis, size: int) -> None:
    """Where the time goes: the model, and each term."""
    theta = analysis.sample_prior(np.random.default_rng(20231124), size)
    wilson, inputs = analysis.wilson(theta)
    spent = {"model": seconds(lambda: analysis.wilson(theta))[0]}
    for term in analysis.terms:

        def evaluate(term: Term = term) -> object:
            return term.log_likelihood(term.predict(wilson, inputs))

        spent[term.name] = seconds(evaluate, 3)[0]
    print(f"\nus per point in a batch of {size}, each term on its own:")
    for name, time_spent in sorted(spent.items(), key=lambda item: -item[1])[:25]:
        print(f"  {1e6 * time_spent / size:8.1f}  {name}")
    print(f"  {1e6 * sum(spent.values()) / size:8.1f}  sum of all {len(spent)}")


def calls(analysis: Analysis, size: int) -> None:
    theta = analysis.sample_prior(np.random.default_rng(20231124), size)
    profile, text = cProfile.Profile(), io.StringIO()
    profile.enable()
    for _ in range(20):
        analysis.log_likelihood(theta)
    profile.disable()
    pstats.Stats(profile, stream=text).sort_stats("tottime").print_stats(30)
    print(text.getvalue())


def forms(size: int, calls: int) -> None:
    """Time of log L alone, of predictions given: the measured data, and a data set for each."""
    rng = np.random.default_rng(20231124)
    print(f"\nlog L of a given prediction, us per point in a batch of {size}: data measured, drawn")
    for name in ("belle_2017_kpnunu_value", "babar_2012_b0_inv", "bsmumu_2022_wilson"):
        term = bsinv.likelihood(name)
        prediction = np.repeat(term.data.values, size, axis=0)
        if len(term.observables) == 1:
            prediction = prediction[:, 0]
        given = [None, term.sample(prediction, rng)]

        def evaluate(term: Term, prediction: np.ndarray, data: Data | None) -> None:
            for _ in range(calls):
                term.log_likelihood(prediction, data)

        spent = [seconds(partial(evaluate, term, prediction, data), 3)[0] / calls for data in given]
        each = " ".join(f"{1e6 * one / size:8.2f}" for one in spent)
        print(f"  {each}  {type(term).__name__} ({name})")


def peer_flavio() -> None:
    if find_spec("flavio") is None:
        print("\nflavio: not installed")
        return
    import flavio
    from wilson import Wilson

    def predict() -> None:
        # A new point each time: wilson and flavio keep what they have computed for an old one.
        point = Wilson(POINT, 2000, "SMEFT", "Warsaw")
        for name in FLAVIO:
            flavio.np_prediction(
                *((name, point) if isinstance(name, str) else _binned(name, point))
            )

    predict()
    process, wall = seconds(predict, 3)
    text = f"flavio {flavio.__version__}, {len(FLAVIO)} observables at one point"
    print(f"\n{text}: {process:.2f} {wall:.2f} s")


def _binned(name: tuple[str, float, float], point: object) -> tuple[object, ...]:
    return name[0], point, *name[1:]


def peer_smelli() -> None:
    if find_spec("smelli") is None:
        print("smelli: not installed")
        return
    import smelli

    started = time.perf_counter()
    likelihood = smelli.GlobalLikelihood()
    made = time.perf_counter() - started

    def evaluate(size: float) -> None:
        point = {name: size * value for name, value in POINT.items()}
        likelihood.parameter_point(point, 2000).log_likelihood_dict()

    evaluate(1.0)  # reads its covariance matrices
    process, wall = seconds(partial(evaluate, 0.5), 1)
    text = f"smelli {smelli.__version__}, its global likelihood at one more point"
    print(f"{text}: {process:.1f} {wall:.1f} s (construction {made:.0f} s)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-peer", action="store_true", help="without flavio and smelli")
    parser.add_argument("--profile", action="store_true", help="also the calls that take longest")
    parser.add_argument("--tiny", action="store_true", help="tiny sizes, to see that it runs")
    options = parser.parse_args()
    tiny, size = options.tiny, 2 if options.tiny else 64
    print("process time, wall time")
    full = bsinv.load(ANALYSIS)
    table("coefficients, inputs and form factors of B -> K", full, tiny)
    table("coefficients alone", bsinv.load(BARE), tiny)
    shares(full, size)
    forms(size, 1 if tiny else 1000)
    if options.profile:
        calls(full, size)
    if not (options.no_peer or tiny):
        peer_flavio()
        peer_smelli()


if __name__ == "__main__":
    main()
