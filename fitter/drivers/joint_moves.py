"""What moves weights of a template in a scan: other parameters and, in a line, the rate.

A polynomial of second degree in the parameters beside the rate is found once, where weights are
one; else predictions are asked for. The constraints of these parameters go with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...likelihoods.histfactory.joint import Moved
from .limit_curves import RateProblem
from .target import Array

__all__ = ["Beside", "Constraint", "Polynomial", "Predicted", "RateMover", "parabola", "polynomial"]

# Step of the differences of predictions and of constraints, in coordinates of typical change 1.
_STEP = 1e-3
# Relative deviation of weights from a polynomial that is none, and how far out it is looked for.
_SAME, _FAR_OUT, _DRAWS, _PARABOLA = 1e-10, 2.0, 3, 20
# Rates at which lines are taken, in units of the error.
_UNIT = 1.0


@dataclass(frozen=True, eq=False)
class Polynomial:
    """Weights of second degree in k coordinates, plus a line in the rate.

    Attributes
    ----------
    constant : (B,) array
    linear : (k, B) array
    quadratic : (k, k * B) array
        Second derivatives, symmetric.
    lines : (n, B) array
        Derivative in the rate in units of its error, at each point of the scan.
    """

    constant: Array
    linear: Array
    quadratic: Array
    lines: Array

    def base(self, which: Array, z: Array) -> tuple[Array, Array]:
        """Weights without the rate (n, B), and their derivatives (n, k, B)."""
        bent = (z @ self.quadratic).reshape(len(z), *self.linear.shape)
        half = self.linear + 0.5 * bent
        return self.constant + np.einsum("nk,nkb->nb", z, half), self.linear + bent

    def line(self, which: Array, z: Array) -> tuple[Array, Array]:
        """Derivative in the rate (n, B), and its derivatives (n, k, B)."""
        found = self.lines[which]
        return found, np.zeros((len(z), 1, 1))


@dataclass(frozen=True, eq=False)
class Predicted:
    """Weights of any form, from predictions.

    Attributes
    ----------
    beside : Beside
    """

    beside: Beside

    def base(self, which: Array, z: Array) -> tuple[Array, Array]:
        """As of `Polynomial`."""
        return self._with_slopes(which, z, 0.0)

    def line(self, which: Array, z: Array) -> tuple[Array, Array]:
        """As of `Polynomial`."""
        low, low_slope = self._with_slopes(which, z, 0.0)
        high, high_slope = self._with_slopes(which, z, _UNIT)
        return (high - low) / _UNIT, (high_slope - low_slope) / _UNIT

    def _with_slopes(self, which: Array, z: Array, rate: float) -> tuple[Array, Array]:
        n, k = z.shape
        moves = _STEP * np.concatenate([np.zeros((1, k)), np.eye(k), -np.eye(k)])
        around = (z[:, None] + moves).reshape(n * len(moves), k)
        weights = self.beside.weights(np.repeat(which, len(moves)), around, rate)
        weights = weights.reshape(n, len(moves), -1)
        return weights[:, 0], (weights[:, 1 : k + 1] - weights[:, k + 1 :]) / (2.0 * _STEP)


@dataclass(frozen=True, eq=False)
class Beside:
    """A scan with its points, and coordinates of what is fitted beside the rate.

    Attributes
    ----------
    of : RateProblem
    term : Term
        The reweighted one.
    points : (n, d) array
        Of the scan, others where toys are drawn, the rate zero.
    size : (n,) array
        Error of the rate.
    """

    of: RateProblem
    term: Any
    points: Array
    size: Array

    def theta(self, which: Array, z: Array) -> Array:
        """Points in the parameters' units, without the rate: (m, d)."""
        theta = np.array(self.points[which])
        others = self.of.others
        theta[:, others] += z @ self.of.problem.metric[np.ix_(others, others)].T
        return theta

    def weights(self, which: Array, z: Array, rate: float) -> Array:
        """Weights at a rate in units of its error: (m, B)."""
        theta = self.theta(which, z)
        theta[:, self.of.column] = rate * self.size[which]
        problem = self.of.problem
        parts = [np.empty((0, self.term.model.signals * self.term.model.observed.size))]
        for at in range(0, len(theta), 512):
            predicted = problem.predictions(theta[at : at + 512])[self.term.name]
            parts.append(self.term.weights(predicted))
        return np.concatenate(parts)

    def inside(self, theta: Array) -> Array:
        """Whether all parameters are in their ranges: (m,) bool."""
        low, high = self.of.problem.bounds.T
        return np.asarray(((theta >= low) & (theta <= high)).all(axis=1))


@dataclass(frozen=True, eq=False)
class RateMover:
    """What moves with the parameters beside the rate and, last, the rate in units of its error.

    Attributes
    ----------
    beside : Beside
    form : Polynomial or Predicted
    constraint : Constraint
    held : (n,) array or None
        Rate of each point of the scan, where it is none of the coordinates.
    """

    beside: Beside
    form: Polynomial | Predicted
    constraint: Constraint
    held: Array | None = None

    @property
    def size(self) -> int:
        """Number of coordinates."""
        return len(self.beside.of.others) + int(self.held is None)

    def __call__(self, which: Array, z: Array, centres: Array) -> Moved:
        """What is moved, see `likelihoods.histfactory.joint.Mover`."""
        k = len(self.beside.of.others)
        others = z[:, :k]
        weights, jacobian = self.form.base(which, others)
        cost, slope = self.constraint(which, others, centres)
        if self.held is not None and not self.held.any():
            return Moved(weights, jacobian, cost, slope)
        rate = z[:, k:] if self.held is None else self.held[which, None]
        line, bent = self.form.line(which, others)
        jacobian = jacobian + rate[..., None] * bent
        if self.held is not None:
            return Moved(weights + rate * line, jacobian, cost, slope)
        jacobian = np.concatenate([jacobian, line[:, None]], axis=1)
        slope = np.concatenate([slope, np.zeros((len(z), 1))], axis=1)
        return Moved(weights + rate * line, jacobian, cost, slope)


@dataclass(frozen=True, eq=False)
class Constraint:
    """``-ln`` of the constraints of what is fitted beside the rate.

    Attributes
    ----------
    beside : Beside
    second : (k, k) array or None
        Second derivatives, where the constraints are a parabola with these whatever was measured.
    """

    beside: Beside
    second: Array | None = None

    def told(self, centres: Array) -> Array:
        """What is needed of measured centres (t, c): of a parabola its value and slope: (t, u)."""
        if self.second is None:
            return centres
        which, z = np.zeros(len(centres), dtype=int), np.zeros((len(centres), len(self.second)))
        cost, slope = self._differences(which, z, centres)
        return np.concatenate([cost[:, None], slope], axis=1)

    def __call__(self, which: Array, z: Array, told: Array) -> tuple[Array, Array]:
        """Value (n,) and slope (n, k) at coordinates."""
        if self.second is None:
            return self._differences(which, z, told)
        moved = z @ self.second
        cost = told[:, 0] + np.einsum("nk,nk->n", z, told[:, 1:] + 0.5 * moved)
        return cost, told[:, 1:] + moved

    def _differences(self, which: Array, z: Array, centres: Array) -> tuple[Array, Array]:
        n, k = z.shape
        table = self.beside.of.problem.table
        moves = _STEP * np.concatenate([np.zeros((1, k)), np.eye(k), -np.eye(k)])
        around = (z[:, None] + moves).reshape(n * len(moves), k)
        many = len(moves)
        cost = -table.log_constraint(
            self.beside.theta(np.repeat(which, many), around), np.repeat(centres, many, axis=0)
        ).reshape(n, many)
        return cost[:, 0], (cost[:, 1 : k + 1] - cost[:, k + 1 :]) / (2.0 * _STEP)


def polynomial(beside: Beside) -> Polynomial | None:
    """Weights as a polynomial, if they are one at all points of the scan."""
    n, k = len(beside.points), len(beside.of.others)
    first, second = np.triu_indices(k, 1)
    step = np.eye(k)
    moves = np.concatenate([np.zeros((1, k)), step, -step, step[first] + step[second]])
    weights = beside.weights(np.zeros(len(moves), dtype=int), moves, 0.0)
    centre, up, down = weights[0], weights[1 : k + 1], weights[k + 1 : 2 * k + 1]
    bent = np.zeros((k, k, len(centre)))
    diagonal = np.arange(k)
    bent[diagonal, diagonal] = up + down - 2.0 * centre
    bent[first, second] = weights[2 * k + 1 :] - up[first] - up[second] + centre
    bent[second, first] = bent[first, second]
    every, origin = np.arange(n), np.zeros((n, k))
    lines = beside.weights(every, origin, _UNIT) - beside.weights(every, origin, 0.0)
    linear = 0.5 * (up - down)
    found = Polynomial(centre, linear, bent.reshape(k, k * len(centre)), lines / _UNIT)
    rng = np.random.default_rng(0)
    for rate in (0.0, *(_UNIT * np.arange(1, _DRAWS))):
        z = _FAR_OUT * rng.standard_normal((n, k))
        told = found.base(every, z)[0] + rate * found.lines
        exact = beside.weights(every, z, float(rate))
        if not (abs(told - exact) <= _SAME * abs(exact).max(initial=1.0)).all():
            return None
    return found


def parabola(beside: Beside, centres: Array) -> Constraint:
    """The constraints, as a parabola if they are one also around other centres (1, c)."""
    k = len(beside.of.others)
    plain, origin = Constraint(beside), np.zeros((1, k))
    one = np.zeros(1, dtype=int)
    slopes = [plain(one, row[None], centres)[1][0] for row in np.eye(k)]
    second = np.reshape(slopes, (k, k)) - plain(one, origin, centres)[1]
    found = Constraint(beside, 0.5 * (second + second.T))
    rng = np.random.default_rng(0)
    z = _FAR_OUT * rng.standard_normal((_PARABOLA, k))
    many = np.zeros(_PARABOLA, dtype=int)
    theta = beside.theta(many, _FAR_OUT * rng.standard_normal((_PARABOLA, k)))
    drawn = theta[:, beside.of.problem.constrained]
    exact, told = plain(many, z, drawn), found(many, z, found.told(drawn))
    good = all(
        np.allclose(one, other, rtol=1e-9, atol=1e-9)
        for one, other in zip(exact, told, strict=True)
    )
    return found if good else plain
