"""Evidence from plain draws of the prior, the reference for samplers.

ln Z is the logarithm of the mean likelihood of the draws, which are samples of the posterior with
weights. It is right whatever the shape of the likelihood; its error is that of the mean, and with
few effective samples it is worth nothing.
"""

from __future__ import annotations

import math
import time

import numpy as np
from bsinv.chains.records import WeightedSamples
from bsinv.chains.records.arrays import kish
from bsinv.errors import FitError
from bsinv.fitter.drivers.target import Target

BATCH = 4096


def draws_of_prior(target: Target, size: int, seed: int = 0) -> WeightedSamples:
    """Weighted samples of the posterior from draws of the prior.

    Parameters
    ----------
    target : Target
        With a normalised prior; draws of it are inside, also where tied parameters cut it.
    size : int
        Number of draws.
    seed : int

    Returns
    -------
    WeightedSamples
        ``log_evidence_error`` is sqrt(1/ESS - 1/size), from the scatter of the likelihood.

    Raises
    ------
    FitError
        If no draw has a likelihood above zero, or none is asked for.
    """
    if size < 1:
        raise FitError(f"size = {size}: at least 1 draw is needed.")
    began = time.perf_counter()
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0, 3)))
    points, log_likelihood = np.empty((size, len(target.names))), np.empty(size)
    for first in range(0, size, BATCH):
        rows = slice(first, min(first + BATCH, size))
        points[rows] = target.sample_prior(rng, rows.stop - first)
        log_likelihood[rows] = target.log_likelihood(points[rows])
    highest = float(log_likelihood.max())
    if not math.isfinite(highest):
        raise FitError(f"none of {size} draws of the prior has a likelihood above zero.")
    weights = np.exp(log_likelihood - highest)
    return WeightedSamples(
        names=tuple(target.names),
        points=points,
        log_weights=log_likelihood,
        log_likelihood=log_likelihood,
        log_prior=target.log_prior(points),
        log_evidence=highest + math.log(weights.mean()),
        log_evidence_error=math.sqrt(max(0.0, 1.0 / kish(weights) - 1.0 / size)),
        sampler="draws of the prior",
        options={"seed": str(seed)},
        n_calls=size,
        seconds=time.perf_counter() - began,
    )
