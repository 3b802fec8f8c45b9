"""Toys of the Belle II likelihood: milliseconds per fit of the signal strength, next to its peers.

Run ``python benchmarks/toys.py [--number 10000] [--no-peer] [--tiny]``. One core, process time. A
fit is the minimum over mu of the likelihood profiled over all 231 constrained parameters, on counts
and auxiliary data drawn for each toy. Peers, on the same toys in the same run: the same profile
inside scipy's minimiser of one variable, one toy after the other (what one would write first), and
pyhf with minuit over all 232 parameters, for one toy (minutes). Last, all that ``bsinv toys`` does
with each toy: drawing, both fits, errors and deviances.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import time

import numpy as np
from bsinv import load
from bsinv.data.belle2 import belle2_2023
from bsinv.likelihoods.base import Data
from bsinv.likelihoods.histfactory.strength import fit_strength
from bsinv.likelihoods.reweighted.belle2 import Belle2Likelihood

STRENGTHS = (1.0, 4.6)
CHUNK = 4000
NAIVE = 20


def draw(term: Belle2Likelihood, strength: float, number: int, seed: int) -> tuple[Data, float]:
    """Toys and seconds."""
    started = time.process_time()
    prediction = np.repeat(strength * term.null_columns[None], number, axis=0)
    toys = term.sample(prediction, np.random.default_rng(seed))
    return toys, time.process_time() - started


def batched(term: Belle2Likelihood, strength: float, number: int) -> None:
    drawing = fitting = 0.0
    converged, found, intervals = 0, [], []
    model, one = term.model, np.ones((1, term.model.observed.size))
    for seed, first in enumerate(range(0, number, CHUNK)):
        toys, spent = draw(term, strength, min(CHUNK, number - first), seed)
        drawing += spent
        data = model.data(toys.values, toys.auxiliary["alpha"], toys.auxiliary["factors"])
        started = time.process_time()
        fit = fit_strength(term.profiler, one, data, start=strength)
        fitting += time.process_time() - started
        converged += int(fit.converged.sum())
        found.append(fit.strength)
        weights = np.where(model.nominal[0] > 0, strength, one)
        truth = term.profiler.minimise(np.repeat(weights, len(toys), axis=0), data=data)
        intervals.append(2.0 * (truth.objective - fit.objective))
    q, values = np.concatenate(intervals), np.concatenate(found)
    print(
        f"mu = {strength}: {converged} of {number} converged, {fitting / number * 1e3:.2f} ms a "
        f"fit, {drawing / number * 1e6:.0f} us a draw; median {np.median(values):.3f}, "
        f"-2 Delta ln L below 1, 2.71, 3.84: "
        + ", ".join(f"{(q < cut).mean():.4f}" for cut in (1.0, 2.7055, 3.8415)),
        flush=True,
    )


def naive(term: Belle2Likelihood, strength: float, number: int = NAIVE) -> None:
    """One toy after the other, scipy over mu."""
    from scipy.optimize import minimize_scalar

    toys, _ = draw(term, strength, number, 0)
    started = time.process_time()
    for row in range(number):
        own = toys.take(slice(row, row + 1))

        def cost(mu: float, own: Data = own) -> float:
            return float(-term.log_likelihood(mu * term.null_columns[None], own)[0])

        minimize_scalar(cost, bounds=(0.0, 30.0), method="bounded", options={"xatol": 1e-4})
    spent = (time.process_time() - started) / number
    print(f"mu = {strength}: scipy, one toy at a time: {spent * 1e3:.1f} ms a fit", flush=True)


def study(strength: float, number: int) -> None:
    """Toys as a study draws, fits and keeps them."""
    analysis = load("belle2-signal-strength")
    best = analysis.fit(minos=())
    started = time.process_time()
    made = analysis.toys({"mu": strength}, number, seed=1, best=best)
    spent = time.process_time() - started
    print(
        f"mu = {strength}: study of {made.done} toys, two fits each: {spent:.1f} s, "
        f"{spent / number * 1e3:.2f} ms a toy; failed: {int((made.failed > 0).sum())}",
        flush=True,
    )


def pyhf_minuit() -> None:
    """The measured data by pyhf, all parameters and mu free."""
    import pyhf

    workspace = pyhf.Workspace(belle2_2023().workspace)
    peer = workspace.model()
    pyhf.set_backend("numpy", pyhf.optimize.minuit_optimizer())
    started = time.process_time()
    pyhf.infer.mle.fit(workspace.data(peer), peer)
    print(f"pyhf + minuit: {time.process_time() - started:.0f} s a fit")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=10_000, help="toys of each strength")
    parser.add_argument("--no-peer", action="store_true", help="leave out pyhf + minuit")
    parser.add_argument("--tiny", action="store_true", help="tiny sizes, to see that it runs")
    arguments = parser.parse_args()
    number = 40 if arguments.tiny else arguments.number
    term = Belle2Likelihood()
    fit_strength(term.profiler, np.ones((1, term.model.observed.size)))  # reference points
    for strength in STRENGTHS:
        batched(term, strength, number)
        naive(term, strength, 1 if arguments.tiny else NAIVE)
        study(strength, number)
    if not (arguments.no_peer or arguments.tiny):
        pyhf_minuit()


if __name__ == "__main__":
    main()
