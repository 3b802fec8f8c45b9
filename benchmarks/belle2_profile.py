"""Profile likelihood of Belle II: microseconds per spectrum, next to its peers.

Run ``python benchmarks/belle2_profile.py [--no-peer]``. One core; process time (what the processor
spent) and wall time. Peers, on the same machine in the same run: scipy's BFGS over the same 51
nuisance parameters with the same gradient, one spectrum after the other, and pyhf with minuit over
all 231 (about half a minute for the one point it does).
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from bsinv.data.belle2 import belle2_2023
from bsinv.likelihoods.reweighted.belle2 import Belle2Likelihood
from bsinv.models import model
from bsinv.physics.inputs import Inputs

BATCHES = (1, 8, 64, 512)
REPETITIONS = 5
SECONDS = 0.3  # each repetition runs at least this long


def random_spectra(size: int, seed: int = 20231124) -> np.ndarray:
    """Mixtures of vector (SM-like), scalar and tensor spectra, as a fit meets them: (n, 101)."""
    rng = np.random.default_rng(seed)
    wet = model("wet-eos")
    values = wet.complete(
        {
            "cVL": rng.uniform(2.0, 14.0, size),
            "cSL": rng.uniform(0.0, 12.0, size),
            "cTL": rng.uniform(0.0, 9.0, size),
        }
    )
    inputs = Inputs.default()
    return Belle2Likelihood().predict(wet.wilson(values, inputs), inputs)


def measure(call: Callable[[], object], tiny: bool) -> tuple[float, float]:
    """Least process time and wall time of one call, in seconds."""
    call()
    started = time.perf_counter()
    call()
    repeats = 1 if tiny else max(1, int(SECONDS / (time.perf_counter() - started)))
    best = [np.inf, np.inf]
    for _ in range(1 if tiny else REPETITIONS):
        clocks = time.process_time(), time.perf_counter()
        for _ in range(repeats):
            call()
        best[0] = min(best[0], (time.process_time() - clocks[0]) / repeats)
        best[1] = min(best[1], (time.perf_counter() - clocks[1]) / repeats)
    return best[0], best[1]


def batches(tiny: bool) -> None:
    print("Belle II likelihood, us per spectrum (process time / wall)")
    print(f"{'batch':>6} {'profiled':>17} {'Laplace':>17}")
    for size in BATCHES[:2] if tiny else BATCHES:
        spectra = random_spectra(size)
        cells = []
        for nuisances in ("profile", "laplace"):
            term = Belle2Likelihood(nuisances)
            process, wall = measure(partial(term.log_likelihood, spectra), tiny)
            cells.append(f"{process / size * 1e6:8.1f} /{wall / size * 1e6:7.1f}")
        print(f"{size:6d} {cells[0]:>17} {cells[1]:>17}", flush=True)


def one_at_a_time(points: int) -> None:
    """BFGS of scipy over the 51 parameters, from zero, with our objective and gradient."""
    from scipy.optimize import minimize

    term = Belle2Likelihood()
    spectra = random_spectra(points)
    weights = term.weights(spectra)

    def cost(alpha: np.ndarray, row: np.ndarray) -> tuple[float, np.ndarray]:
        rates = term.model.rates(alpha[None], row)
        return float(term.model.objective(rates)[0]), term.model.gradient(rates)[0]

    started = time.process_time()
    found = [
        minimize(cost, np.zeros(term.model.n_alpha), (row[None],), jac=True, tol=1e-5).fun
        for row in weights
    ]
    spent = (time.process_time() - started) / points
    difference = abs(np.array(found) + term.model.constant + term.log_likelihood(spectra)).max()
    print(f"scipy BFGS, one spectrum at a time: {spent * 1e6:.0f} us per spectrum ", end="")
    print(f"(largest difference of -ln L {difference:.1e})", flush=True)


def pyhf_minuit() -> None:
    """One profiled value by pyhf: the published template at strength 1."""
    import pyhf
    from bsinv.physics.invisible.null import null_spectrum

    data = belle2_2023()
    workspace = pyhf.Workspace(data.workspace)
    peer = workspace.model()
    pyhf.set_backend("numpy", pyhf.optimize.minuit_optimizer())
    started = time.process_time()
    _, twice = pyhf.infer.mle.fixed_poi_fit(1.0, workspace.data(peer), peer, return_fitted_val=True)
    spent = time.process_time() - started
    ours = -2.0 * Belle2Likelihood().log_likelihood(null_spectrum(data.q2_edges))[0]
    print(f"pyhf + minuit: {spent:.1f} s for one spectrum ", end="")
    print(f"(-2 ln L {float(twice):.6f}, ours {ours:.6f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-peer", action="store_true", help="leave out pyhf + minuit")
    parser.add_argument("--tiny", action="store_true", help="tiny sizes, to see that it runs")
    arguments = parser.parse_args()
    batches(arguments.tiny)
    one_at_a_time(1 if arguments.tiny else 8)
    if not (arguments.no_peer or arguments.tiny):
        pyhf_minuit()


if __name__ == "__main__":
    main()
