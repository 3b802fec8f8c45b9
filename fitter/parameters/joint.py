"""The priors of all free parameters together: each acts on its own columns of a batch of points."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from .priors import Array, CorrelatedNormal, Prior

__all__ = ["diffuse", "inverse_transform", "log_density", "transform", "whitened"]

Priors = Sequence[Prior]


def _in_columns(priors: Priors) -> Iterator[tuple[Prior, slice]]:
    """Each prior with its columns."""
    first = 0
    for prior in priors:
        yield prior, slice(first, first + prior.size)
        first += prior.size


def log_density(priors: Priors, theta: Array, *, constraints_only: bool = False) -> Array:
    """Log of the product of the densities.

    Parameters
    ----------
    priors : sequence of Prior
    theta : (n, d) array
    constraints_only : bool
        Of those alone that stand for measurements.

    Returns
    -------
    (n,) array
    """
    total = np.zeros(len(theta))
    for prior, columns in _in_columns(priors):
        if prior.is_constraint or not constraints_only:
            total += prior.log_pdf(theta[:, columns])
    return total


def transform(priors: Priors, u: Array) -> Array:
    """Map the unit cube to the priors: (n, d) to (n, d)."""
    return _mapped(priors, u, lambda prior, part: prior.ppf(part))


def inverse_transform(priors: Priors, theta: Array) -> Array:
    """Map the priors to the unit cube, the inverse of `transform`: (n, d) to (n, d)."""
    return _mapped(priors, theta, lambda prior, part: prior.cdf(part))


def _mapped(priors: Priors, points: Array, change: Callable[[Prior, Array], Array]) -> Array:
    result = np.empty_like(points)
    for prior, columns in _in_columns(priors):
        result[:, columns] = change(prior, points[:, columns])
    return result


def whitened(priors: Priors, widths: Array) -> Array:
    """Widths of the parameters as a lower-triangular matrix.

    Parameters
    ----------
    priors : sequence of Prior
    widths : (d,) array
        Of parameters with a prior of their own; those of correlated priors are not looked at.

    Returns
    -------
    (d, d) array
        A diagonal of the widths, and for correlated priors the Cholesky factor of the covariance.
    """
    matrix = np.diag(widths)
    for prior, columns in _in_columns(priors):
        if isinstance(prior, CorrelatedNormal):
            matrix[columns, columns] = np.linalg.cholesky(prior.covariance)
    return matrix


def diffuse(priors: Priors, theta: Array, step: float, normals: Array) -> Array:
    """Move what is constrained so that its priors stay invariant.

    Parameters
    ----------
    priors : sequence of Prior
    theta : (n, d) array
    step : float
        Between 0 and 1.
    normals : (n, d) array
        Standard normal numbers.

    Returns
    -------
    (n, d) array
        In coordinates z in which the priors are standard normal, z becomes
        ``sqrt(1 - step^2) z + step normals``; parameters without constraint stay.
    """
    moved = np.array(theta)
    keep = np.sqrt(1.0 - step**2)
    for prior, columns in _in_columns(priors):
        if prior.is_constraint:
            # Infinite at the very end of a support, where it has no weight if nothing is kept.
            kept = keep * prior.scores(theta[:, columns]) if keep else 0.0
            moved[:, columns] = prior.from_scores(kept + step * normals[:, columns])
    return moved
