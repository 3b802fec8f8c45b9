"""Minima over the alphas of a model together with coordinates that its weights depend on.

A signal strength, or coefficients of form factors, move the weights of the samples. Found together
with the nuisance parameters they cost one minimisation, in place of one for each value that a
search outside would try. All derivatives in the coordinates are those in the weights, which the
rates tell, times those of the weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .bfgs import bfgs
from .curvature import hessian
from .interpolation import Array
from .model import HistFactoryModel
from .parameters import Parameters
from .profile import CHUNK
from .rates import ModelData, Rates

__all__ = ["Joint", "JointBatch", "Moved", "Mover", "joint_inverse", "minimise_jointly"]

# In place of a weight of zero, which the derivative in it cannot be read off.
_SMALLEST = 1e-100
# Step of the differences of gradients in coordinates whose typical change is 1.
_STEP = 1e-4


@dataclass(frozen=True)
class Moved:
    """What depends on k coordinates, at n points.

    Attributes
    ----------
    weights : (n, P * B) array
    jacobian : (n, k, P * B) array
    cost : (n,) array
        ``-ln`` of the constraints of the coordinates.
    slope : (n, k) array
        Its derivatives.
    """

    weights: Array
    jacobian: Array
    cost: Array
    slope: Array


class Mover(Protocol):
    """Weights as a function of coordinates."""

    @property
    def size(self) -> int:
        """Number of coordinates."""
        ...

    def __call__(self, which: Array, z: Array, centres: Array) -> Moved:
        """What is moved at coordinates (n, k) of kinds `which` (n,), for centres (n, c)."""
        ...


@dataclass(frozen=True)
class JointBatch:
    """What points are given.

    Attributes
    ----------
    which : (n,) integer array
        Kind of each point, for the `Mover`.
    data : ModelData
        One data set for each.
    centres : (n, c) array
        What was measured of the coordinates.
    """

    which: Array
    data: ModelData
    centres: Array

    def take(self, rows: Array | slice) -> JointBatch:
        """Some of the points."""
        return JointBatch(self.which[rows], self.data.take(rows), self.centres[rows])

    def rates(self, model: Joint, alpha: Array) -> tuple[Rates, Moved]:
        """Rates at coordinates (n, n_alpha + k), and what is moved."""
        own = model.model.n_alpha
        moved = model.mover(self.which, alpha[:, own:], self.centres)
        small = abs(moved.weights) < _SMALLEST
        weights = np.where(small, _SMALLEST, moved.weights)
        moved = Moved(weights, moved.jacobian, moved.cost, moved.slope)
        return model.model.rates(alpha[:, :own], weights, data=self.data), moved


@dataclass(frozen=True, eq=False)
class Joint:
    """A model and what moves its weights, to be minimised over both.

    Attributes
    ----------
    model : HistFactoryModel
    mover : Mover
    """

    model: HistFactoryModel
    mover: Mover

    @property
    def n_alpha(self) -> int:
        """Number of alphas and coordinates."""
        return self.model.n_alpha + self.mover.size

    @property
    def parameters(self) -> Parameters:
        """Of the model."""
        return self.model.parameters

    def objective(self, rates: tuple[Rates, Moved]) -> Array:
        """That of the model, and the cost of the coordinates: (n,)."""
        found: Array = self.model.objective(rates[0]) + rates[1].cost
        return found

    def gradient(self, rates: tuple[Rates, Moved]) -> Array:
        """Of `objective` in alphas and coordinates: (n, n_alpha)."""
        along = np.einsum("nkb,nb->nk", rates[1].jacobian, self.weight_slope(rates))
        return np.concatenate([self.model.gradient(rates[0]), along + rates[1].slope], axis=1)

    def weight_slope(self, rates: tuple[Rates, Moved]) -> Array:
        """Derivative of the objective in the weights: (n, P * B)."""
        own, moved = rates
        slope = (self.model.rate_slope(own) * own.rate)[:, : self.model.signals]
        found: Array = slope.reshape(len(slope), -1) / moved.weights
        return found


def joint_inverse(joint: Joint, batch: JointBatch, point: Array) -> Array:
    """Inverse Hessians of the objective in alphas and coordinates, made positive.

    Parameters
    ----------
    joint : Joint
    batch : JointBatch
        n points.
    point : (n, n_alpha) array

    Returns
    -------
    (n, n_alpha, n_alpha) array
    """
    own, size = joint.model.n_alpha, joint.n_alpha
    second = np.zeros((len(point), size, size))
    second[:, :own, :own] = hessian(joint.model, batch.rates(joint, point)[0])
    for column in range(own, size):
        step = np.zeros(size)
        step[column] = _STEP
        up, down = (
            joint.gradient(batch.rates(joint, moved)) for moved in (point + step, point - step)
        )
        second[:, column] = second[:, :, column] = (up - down) / (2.0 * _STEP)
    second = 0.5 * (second + np.swapaxes(second, 1, 2))
    eigenvalues, vectors = np.linalg.eigh(second)
    floor = 1e-6 * eigenvalues[:, -1:]
    scaled = vectors / np.maximum(eigenvalues, floor)[:, None, :]
    inverse: Array = scaled @ np.swapaxes(vectors, 1, 2)
    return inverse


def minimise_jointly(
    joint: Joint, batch: JointBatch, start: Array, inverse: Array
) -> tuple[Array, Array, Array]:
    """Minimise each point from a start of its own.

    Parameters
    ----------
    joint : Joint
    batch : JointBatch
        n points, `which` not decreasing.
    start : (n, n_alpha) array
    inverse : (m, n_alpha, n_alpha) array
        Inverse Hessians to begin with, one for each kind of point.

    Returns
    -------
    point : (n, n_alpha) array
    objective : (n,) array
    converged : (n,) bool array
        A minimum with nothing lower near it; not above it may be one further away.
    """
    point, objective = np.array(start), np.full(len(start), np.nan)
    converged = np.zeros(len(start), dtype=bool)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for at in range(0, len(start), CHUNK):
            rows = slice(at, at + CHUNK)
            some = batch.take(rows)
            first, last = int(some.which[0]), int(some.which[-1])
            found = bfgs(joint, some, start[rows], inverse[first : last + 1], some.which - first)
            point[rows], objective[rows], converged[rows] = found[:3]
    return point, objective, converged
