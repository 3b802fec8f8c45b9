"""What a driver needs of an analysis: names, bounds, starts and the logarithms, in batches."""

from __future__ import annotations

from typing import Protocol

import numpy as np

__all__ = ["Array", "Target", "logarithmic", "periods"]

Array = np.ndarray


class Target(Protocol):
    """A log-likelihood with priors over d free parameters.

    All functions take an (n, d) array of parameter points and return (n,) arrays; they give
    ``-inf`` (never NaN) where a point is outside the support or has no finite likelihood.

    A target may also have `periods`, (d,) lengths of the ranges of parameters whose ends are the
    same point (NaN or infinite for the others), and `logarithmic`, (d,) bool, parameters that are
    best moved in their logarithm: see the functions of these names.
    """

    @property
    def names(self) -> tuple[str, ...]:
        """Free parameters, in the order of the columns."""

    @property
    def start(self) -> Array:
        """Starting point: (d,)."""

    @property
    def scale(self) -> Array:
        """Typical size of a change of each parameter: (d,), positive."""

    @property
    def bounds(self) -> Array:
        """Lower and upper end of each parameter's support: (d, 2), infinite where open."""

    @property
    def periods(self) -> Array:
        """Periods of angles, NaN for other parameters: (d,).

        The bounds of an angle are one period apart, and are the same point.
        """

    @property
    def metric(self) -> Array:
        """Lower-triangular matrix M of typical changes: (d, d).

        In coordinates z with ``theta = M z`` priors that stand for measurements have unit width
        and no correlation; it is diagonal for the other parameters.
        """

    @property
    def constrained(self) -> Array:
        """Parameters whose priors stand for measurements: (d,) bool."""

    def log_likelihood(self, theta: Array) -> Array:
        """Logarithm of the likelihood: (n,)."""

    def log_prior(self, theta: Array) -> Array:
        """Logarithm of the prior density: (n,)."""

    def log_constraint(self, theta: Array) -> Array:
        """Logarithm of those priors that stand for measurements (normal ones): (n,)."""

    def prior_transform(self, unit: Array) -> Array:
        """Map the unit cube to the prior, for samplers that ask for it: (n, d) to (n, d)."""

    def sample_prior(self, rng: np.random.Generator, size: int) -> Array:
        """Draw points from the prior: (size, d)."""

    def diffuse(self, theta: Array, step: float, normals: Array) -> Array:
        """Move the constrained parameters so that their prior stays invariant: (n, d).

        In coordinates z in which that prior is standard normal,
        ``z -> sqrt(1 - step^2) z + step normals``.
        """


def periods(target: Target) -> Array:
    """Periods of the parameters of a target.

    Parameters
    ----------
    target : Target

    Returns
    -------
    (d,) array
        In the units of the parameters, the width of the support of each that is periodic;
        infinite for those that are not, and for all if the target does not tell.
    """
    given = getattr(target, "periods", None)
    found = np.full(len(target.names), np.inf) if given is None else np.array(given, float)
    return np.where(np.isnan(found), np.inf, found)


def logarithmic(target: Target) -> Array:
    """Parameters that a sampler moves in their logarithm.

    Parameters
    ----------
    target : Target

    Returns
    -------
    (d,) bool array
        All False if the target does not tell.
    """
    given = getattr(target, "logarithmic", None)
    return np.zeros(len(target.names), bool) if given is None else np.asarray(given, bool)
