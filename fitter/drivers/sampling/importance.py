"""Evidence from plain draws of the prior, and what is left of a prior that is cut.

ln Z is the logarithm of the mean likelihood of the draws, which are samples of the posterior with
weights. It is right whatever the shape of the likelihood, and the reference for samplers; its error
is that of the mean, and with few effective samples it is worth nothing.
"""

from __future__ import annotations

import math
import time
from typing import Protocol

import numpy as np

from ....chains.records import WeightedSamples
from ....chains.records.arrays import kish
from ....errors import FitError
from ..target import Array, Target

__all__ = ["MappedTarget", "draws_of_prior", "log_prior_content"]

_BATCH = 4096
# Draws that tell how much of the unit cube a prior leaves.
_CONTENT_DRAWS = 200_000
# Spawn key of the random numbers, apart from those of other drivers.
_KEY = 3


class MappedTarget(Target, Protocol):
    """A target whose priors are mapped from the unit cube.

    The map may lead to points at which `log_prior` is minus infinity: the prior is what is left.
    `log_prior` is the logarithm of its density, normalised over what is left.
    """

    def prior_transform(self, unit: Array) -> Array:
        """Points of the prior from points of the unit cube: (n, d) to (n, d)."""


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
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0, _KEY)))
    points, log_likelihood = np.empty((size, len(target.names))), np.empty(size)
    for first in range(0, size, _BATCH):
        rows = slice(first, min(first + _BATCH, size))
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


def log_prior_content(target: MappedTarget, seed: int) -> tuple[float, float]:
    """Logarithm of the part of the unit cube that the prior leaves, and its error.

    The map from the cube knows nothing of cuts: points outside them count as such of zero
    likelihood, so that means over the cube have to be divided by what is left of it.

    Parameters
    ----------
    target : MappedTarget
    seed : int

    Returns
    -------
    float, float
        Zero, without error, if nothing is cut in 200 000 draws.

    Raises
    ------
    FitError
        If nothing is left.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1, _KEY)))
    points = target.prior_transform(rng.random((_CONTENT_DRAWS, len(target.names))))
    part = float(np.isfinite(target.log_prior(points)).mean())
    if part == 0.0:
        raise FitError("nothing is left of the prior: its density is zero in all of the unit cube.")
    return math.log(part), math.sqrt((1.0 - part) / (part * _CONTENT_DRAWS))
