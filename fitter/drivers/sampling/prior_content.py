"""What is left of a prior that is cut."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np

from ....errors import FitError
from ..target import Array, Target

__all__ = ["MappedTarget", "log_prior_content"]

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
