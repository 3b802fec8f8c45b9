"""Excess of toys at all points of a scan, where the only term is a reweighted template.

The rate is then found together with the nuisance parameters of the term and the parameters fitted
beside it (`likelihoods.histfactory.joint`), in one minimisation. Without the rate a toy is fitted
once, not at each point; from that fit all others begin. Where -2 ln L rises with the rate there, q
is zero. What these fits do not find (a rate beyond its range, a parameter at a bound) is left to
the search of `limit_curves`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...likelihoods.histfactory.joint import (
    Joint,
    JointBatch,
    Moved,
    joint_inverse,
    minimise_jointly,
)
from ...likelihoods.histfactory.profile import FAR, ModelData
from ..dataset import Dataset
from .limit_curves import RateProblem
from .target import Array

__all__ = ["JointExcess", "joint_excess"]

# Step of the differences of predictions and of constraints, in coordinates of typical change 1.
_STEP = 1e-3
# Relative deviation of weights from a polynomial that is none, and how far out it is looked for.
_SAME, _FAR_OUT, _DRAWS = 1e-10, 2.0, 3
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
        around = (z[:, None] + moves).reshape(-1, k)
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
    with_rate : bool
    """

    beside: Beside
    form: Polynomial | Predicted
    with_rate: bool

    @property
    def size(self) -> int:
        """Number of coordinates."""
        return len(self.beside.of.others) + int(self.with_rate)

    def __call__(self, which: Array, z: Array, centres: Array) -> Moved:
        """What is moved, see `likelihoods.histfactory.joint.Mover`."""
        k = len(self.beside.of.others)
        others = z[:, :k]
        weights, jacobian = self.form.base(which, others)
        cost, slope = self._constraint(which, others, centres)
        if not self.with_rate:
            return Moved(weights, jacobian, cost, slope)
        rate = z[:, k:]
        line, bent = self.form.line(which, others)
        jacobian = np.concatenate([jacobian + rate[..., None] * bent, line[:, None]], axis=1)
        slope = np.concatenate([slope, np.zeros((len(z), 1))], axis=1)
        return Moved(weights + rate * line, jacobian, cost, slope)

    def _constraint(self, which: Array, z: Array, centres: Array) -> tuple[Array, Array]:
        """``-ln`` of the constraints of the others, and its derivatives: (n,), (n, k)."""
        n, k = z.shape
        table = self.beside.of.problem.table
        if not k:
            return -table.log_constraint(self.beside.theta(which, z), centres), np.zeros((n, 0))
        moves = _STEP * np.concatenate([np.zeros((1, k)), np.eye(k), -np.eye(k)])
        around = (z[:, None] + moves).reshape(-1, k)
        many = len(moves)
        cost = -table.log_constraint(
            self.beside.theta(np.repeat(which, many), around), np.repeat(centres, many, axis=0)
        ).reshape(n, many)
        return cost[:, 0], (cost[:, 1 : k + 1] - cost[:, k + 1 :]) / (2.0 * _STEP)


@dataclass(frozen=True, eq=False)
class JointExcess:
    """The fits of toys at all points of a scan.

    Attributes
    ----------
    beside : Beside
    form : Polynomial or Predicted
    without, joint : Joint
        Without the rate, and with it.
    alpha : (a,) array
        Nuisance parameters of the term where toys are drawn.
    without_inverse : (1, a + k, a + k) array
    inverse : (n, a + k + 1, a + k + 1) array
        Of the second derivatives without fluctuation.
    """

    beside: Beside
    form: Polynomial | Predicted
    without: Joint
    joint: Joint
    alpha: Array
    without_inverse: Array
    inverse: Array

    def excess(self, data: Dataset) -> tuple[Array, Array]:
        """Best rates and q of data sets at all points: (t, n) each, NaN where not found."""
        own = self.beside.term.model_data(data.terms[self.beside.term.name])
        null, lowest, found = self._null(data, own)
        t, n = len(data), len(self.beside.points)
        rate, q = np.zeros((t, n)), np.zeros((t, n))
        rate[~found], q[~found] = np.nan, np.nan
        falls = self._falls(data, own, null)
        which, toy = np.nonzero((falls & found[:, None]).T)  # those of one point lie together
        batch = JointBatch(which, own.take(toy), data.centres[toy])
        start = np.concatenate([null[toy], np.zeros((len(toy), 1))], axis=1)
        point, objective, good = minimise_jointly(self.joint, batch, start, self.inverse)
        good &= self._valid(which, point)
        rate[toy, which] = np.where(good, point[:, -1] * self.beside.size[which], np.nan)
        q[toy, which] = np.where(good, np.maximum(2.0 * (lowest[toy] - objective), 0.0), np.nan)
        return rate, q

    def _null(self, data: Dataset, own: ModelData) -> tuple[Array, Array, Array]:
        """Coordinates (t, a + k) of the fits without the rate, their objective, and success."""
        which = np.zeros(len(data), dtype=int)
        k = len(self.beside.of.others)
        weights = self.without.mover(which, np.zeros((len(data), k)), data.centres).weights
        alpha = self.beside.term.profiler.minimise(weights, data=own).alpha
        alpha = np.where(np.isfinite(alpha).all(axis=1, keepdims=True), alpha, self.alpha)
        start = np.concatenate([alpha, np.zeros((len(data), k))], axis=1)
        batch = JointBatch(which, own, data.centres)
        point, objective, good = minimise_jointly(self.without, batch, start, self.without_inverse)
        theta = self.beside.theta(which, point[:, len(self.alpha) :])
        return point, objective, good & self.beside.inside(theta)

    def _falls(self, data: Dataset, own: ModelData, null: Array) -> Array:
        """Whether -2 ln L falls with the rate at the fits without it: (t, n) bool."""
        which = np.zeros(len(data), dtype=int)
        batch = JointBatch(which, own, data.centres)
        slope = self.without.weight_slope(batch.rates(self.without, null))
        z = null[:, len(self.alpha) :]
        falls = np.zeros((len(data), len(self.beside.points)), dtype=bool)
        for point in range(falls.shape[1]):
            line, _ = self.form.line(which + point, z)
            falls[:, point] = np.einsum("tb,tb->t", slope, line) < 0.0
        return falls

    def _valid(self, which: Array, point: Array) -> Array:
        """Whether minima are those of the scan: rates and others in their ranges, not too far."""
        z = point[:, len(self.alpha) :]
        theta = self.beside.theta(which, z[:, :-1])
        theta[:, self.beside.of.column] = z[:, -1] * self.beside.size[which]
        signal = self.beside.term.model.nominal[: self.beside.term.model.signals].reshape(-1)
        line = self.form.line(which, z[:, :-1])[0]
        weights = self.form.base(which, z[:, :-1])[0] + z[:, -1:] * line
        # Beyond, a profile has several minima, which the search elsewhere knows of.
        near = weights @ (signal / signal.sum()) < FAR
        return np.asarray(self.beside.inside(theta) & near)


def joint_excess(
    of: RateProblem, points: Array, size: Array, asimov: Dataset
) -> JointExcess | None:
    """Fits of a scan, if its problem is of that form.

    Parameters
    ----------
    of : RateProblem
    points : (n, d) array
        Of the scan, the rate zero, others where toys are drawn.
    size : (n,) array
        Error of the rate.
    asimov : Dataset
        Data without fluctuation at the first point.

    Returns
    -------
    JointExcess or None
        None for other terms, bin factors that follow the prediction, free parameters of a workspace
        with bounds, bins of nothing but signal, and angles or logarithms fitted beside the rate.
    """
    term: Any = of.problem.terms[0] if len(of.problem.terms) == 1 else None
    if not hasattr(term, "profiler") or term.nuisances != "profile":
        return None
    table, others = of.problem.table, of.others
    if (
        term.template_errors != "published"
        or term.model.parameters.bounded
        or term.signal_only.any()
        or table.logarithmic[others].any()
        or np.isfinite(table.periods[others]).any()
        or table.undefined(points)
    ):
        return None
    beside = Beside(of, term, points, size)
    form = _polynomial(beside) or Predicted(beside)
    alone = RateMover(beside, form, False)
    without, joint = Joint(term.model, alone), Joint(term.model, RateMover(beside, form, True))
    one, k = np.zeros(1, dtype=int), len(others)
    weights = beside.weights(one, np.zeros((1, k)), 0.0)
    alpha = term.profiler.minimise(weights).alpha[0]
    own = term.model_data(asimov.terms[term.name])
    first = np.concatenate([alpha, np.zeros(k)])[None]
    begin = joint_inverse(without, JointBatch(one, own, asimov.centres), first)
    every = np.arange(len(points))
    centres = np.repeat(asimov.centres, len(points), axis=0)
    start = np.repeat(np.append(first[0], 0.0)[None], len(points), axis=0)
    inverse = joint_inverse(joint, JointBatch(every, own, centres), start)
    return JointExcess(beside, form, without, joint, alpha, begin, inverse)


def _polynomial(beside: Beside) -> Polynomial | None:
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
