"""The priors of all free parameters together: each acts on its own columns of a batch of points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from .priors import Array, CorrelatedNormal, Prior

__all__ = [
    "centres",
    "diffuse",
    "log_constraint",
    "log_density",
    "sample_centres",
    "transform",
    "whitened",
]

Priors = Sequence[Prior]


def _in_columns(priors: Priors) -> Iterator[tuple[Prior, slice]]:
    """Each prior with its columns."""
    first = 0
    for prior in priors:
        yield prior, slice(first, first + prior.size)
        first += prior.size


def log_density(priors: Priors, theta: Array) -> Array:
    """Log of the product of the densities: (n, d) to (n,)."""
    total = np.zeros(len(theta))
    for prior, columns in _in_columns(priors):
        total += prior.log_pdf(theta[:, columns])
    return total


def _of_constraints(priors: Priors) -> Iterator[tuple[Prior, slice, slice]]:
    """Each prior that stands for a measurement, its columns, and those of its centre."""
    first = 0
    for prior, columns in _in_columns(priors):
        if prior.is_constraint:
            yield prior, columns, slice(first, first + prior.size)
            first += prior.size


def log_constraint(priors: Priors, theta: Array, measured: Array | None = None) -> Array:
    """Log of the product of the densities that stand for measurements.

    Parameters
    ----------
    priors : sequence of Prior
    theta : (n, d) array
    measured : (m, c) array, optional
        What was measured of the c parameters, in place of their own centres.

    Returns
    -------
    (n,) array, or (m,) for one point
    """
    total = np.zeros(len(theta))
    for prior, columns, place in _of_constraints(priors):
        if measured is None:
            total = total + prior.log_pdf(theta[:, columns])
        else:
            total = total + prior.log_measured(theta[:, columns], measured[:, place])
    return (
        total
        if measured is None
        else np.broadcast_to(total, np.broadcast_shapes(total.shape, (len(measured),)))
    )


def centres(priors: Priors) -> Array:
    """What was measured of the parameters whose priors stand for measurements: (c,)."""
    parts = [prior.measured for prior, _, _ in _of_constraints(priors)]
    return np.concatenate([np.empty(0), *parts])


def sample_centres(priors: Priors, theta: Array, rng: np.random.Generator) -> Array:
    """Draw what might be measured of them: (n, d) to (n, c)."""
    parts = [
        prior.sample_measured(theta[:, columns], rng)
        for prior, columns, _ in _of_constraints(priors)
    ]
    return np.concatenate([np.empty((len(theta), 0)), *parts], axis=1)


def transform(priors: Priors, u: Array) -> Array:
    """Map the unit cube to the priors: (n, d) to (n, d)."""
    result = np.empty_like(u)
    for prior, columns in _in_columns(priors):
        result[:, columns] = prior.ppf(u[:, columns])
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
