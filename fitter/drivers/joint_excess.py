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
from ...likelihoods.histfactory.profile import FAR
from ...likelihoods.histfactory.rates import ModelData
from ..dataset import Dataset
from .limit_curves import RateProblem
from .target import Array

__all__ = ["JointExcess", "joint_excess"]

# Step of the differences of predictions and of constraints, in coordinates of typical change 1.
_STEP = 1e-3
# Relative deviation of weights from a polynomial that is none, and how far out it is looked for.
_SAME, _FAR_OUT, _DRAWS, _PARABOLA = 1e-10, 2.0, 3, 20
# Rows, data sets times points, that are fitted at once, and numbers that are kept of all.
_ROWS, _NUMBERS = 4096, 20_000_000
# Points whose second derivatives are found at once.
_POINTS = 256
# Every so many points are fitted first, those between them from where these end.
_STRIDE = 8
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


@dataclass(frozen=True, eq=False)
class JointExcess:
    """The fits of toys at all points of a scan.

    Attributes
    ----------
    beside : Beside
    form : Polynomial or Predicted
    constraint : Constraint
    without, end, joint : Joint
        Without the rate, with it at the end of its range, and with it free.
    alpha : (a,) array
        Nuisance parameters of the term where toys are drawn.
    without_inverse : (1, a + k, a + k) array
    inverse : (n, a + k + 1, a + k + 1) array
        Of the second derivatives without fluctuation.
    """

    beside: Beside
    form: Polynomial | Predicted
    constraint: Constraint
    without: Joint
    end: Joint
    joint: Joint
    alpha: Array
    without_inverse: Array
    inverse: Array

    def excess(self, data: Dataset) -> tuple[Array, Array]:
        """Best rates and q of data sets at all points: (t, n) each, NaN where not found."""
        n, size = len(self.beside.points), self.joint.n_alpha
        part = max(_NUMBERS // (n * size), 1)
        parts = [self._excess(data.take(slice(at, at + part))) for at in range(0, len(data), part)]
        rates, q = zip(*parts, strict=True)
        return np.concatenate(rates), np.concatenate(q)

    def _excess(self, data: Dataset) -> tuple[Array, Array]:
        term, n = self.beside.term, len(self.beside.points)
        own = term.model_data(data.terms[term.name])
        own = term.model.measured if own is None else own
        told = self.constraint.told(data.centres)
        null, lowest, found = self._null(told, own)
        falls = self._falls(told, own, null) & found[:, None]
        rate, q = np.zeros((len(data), n)), np.zeros((len(data), n))
        rate[~found], q[~found] = np.nan, np.nan
        # Solutions of all, from which those of their neighbours begin; the fit without the rate
        # where it is none.
        solved = np.repeat(np.concatenate([null, np.zeros((len(data), 1))], axis=1)[:, None], n, 1)
        for columns, before, after in _passes(n):
            place, toy = np.nonzero(falls[:, columns].T)  # those of one point lie together
            for at in range(0, len(toy), _ROWS):
                row, some = toy[at : at + _ROWS], place[at : at + _ROWS]
                column = columns[some]
                batch = JointBatch(column, own.take(row), told[row])
                start = 0.5 * (solved[row, before[some]] + solved[row, after[some]])
                point, objective, good = self._minimum(column, batch, start)
                solved[row[good], column[good]] = point[good]
                best = point[:, -1] * self.beside.size[column]
                rate[row, column] = np.where(good, best, np.nan)
                gain = np.maximum(2.0 * (lowest[row] - objective), 0.0)
                q[row, column] = np.where(good, gain, np.nan)
        return rate, q

    def _minimum(
        self, column: Array, batch: JointBatch, start: Array
    ) -> tuple[Array, Array, Array]:
        """Minima over the range of the rate: coordinates, objective, success."""
        point, objective, good = minimise_jointly(self.joint, batch, start, self.inverse)
        last = self.beside.of.upper / self.beside.size[column]
        beyond = np.flatnonzero(good & (point[:, -1] > last))
        if len(beyond):
            one = self.without_inverse
            inverse = np.broadcast_to(one, (len(self.beside.points), *one.shape[1:]))
            begin = point[beyond, :-1]
            found = minimise_jointly(self.end, batch.take(beyond), begin, inverse)
            point[beyond, :-1], objective[beyond], good[beyond] = found
            point[beyond, -1] = last[beyond]
        return point, objective, good & self._valid(column, point)

    def _null(self, told: Array, own: ModelData) -> tuple[Array, Array, Array]:
        """Coordinates (t, a + k) of the fits without the rate, their objective, and success."""
        which = np.zeros(len(told), dtype=int)
        k = len(self.beside.of.others)
        weights = self.without.mover(which, np.zeros((len(told), k)), told).weights
        alpha = self.beside.term.profiler.minimise(weights, data=own).alpha
        alpha = np.where(np.isfinite(alpha).all(axis=1, keepdims=True), alpha, self.alpha)
        start = np.concatenate([alpha, np.zeros((len(told), k))], axis=1)
        batch = JointBatch(which, own, told)
        point, objective, good = minimise_jointly(self.without, batch, start, self.without_inverse)
        theta = self.beside.theta(which, point[:, len(self.alpha) :])
        return point, objective, good & self.beside.inside(theta)

    def _falls(self, told: Array, own: ModelData, null: Array) -> Array:
        """Whether -2 ln L falls with the rate at the fits without it: (t, n) bool."""
        which = np.zeros(len(told), dtype=int)
        slope = self.without.weight_slope(JointBatch(which, own, told).rates(self.without, null))
        z = null[:, len(self.alpha) :]
        falls = np.zeros((len(told), len(self.beside.points)), dtype=bool)
        for point in range(falls.shape[1]):
            line, _ = self.form.line(which + point, z)
            falls[:, point] = np.einsum("tb,tb->t", slope, line) < 0.0
        return falls

    def _valid(self, which: Array, point: Array) -> Array:
        """Whether minima are those of the scan: rates and others in their ranges, not too far."""
        z = point[:, len(self.alpha) :]
        theta = self.beside.theta(which, z[:, :-1])
        rate = z[:, -1] * self.beside.size[which]  # not beyond its end but for rounding
        theta[:, self.beside.of.column] = np.minimum(rate, self.beside.of.upper)
        signal = self.beside.term.model.nominal[: self.beside.term.model.signals].reshape(-1)
        line = self.form.line(which, z[:, :-1])[0]
        weights = self.form.base(which, z[:, :-1])[0] + z[:, -1:] * line
        # Beyond, a profile has several minima, which the search elsewhere knows of.
        near = weights @ (signal / signal.sum()) < FAR
        return np.asarray(self.beside.inside(theta) & near)


def _passes(n: int) -> list[tuple[Array, Array, Array]]:
    """Which of n points are fitted in turn, and the two neighbours of each that were before.

    Points of the first turn have themselves in place of neighbours.
    """
    first = np.arange(0, n, _STRIDE)
    found, stride = [(first, first, first)], _STRIDE
    while stride > 1:
        stride //= 2
        columns = np.arange(stride, n, 2 * stride)
        after = np.where(columns + stride < n, columns + stride, columns - stride)
        found.append((columns, columns - stride, after))
    return found


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
    constraint = _parabola(beside, asimov.centres)
    without, end, joint = (
        Joint(term.model, RateMover(beside, form, constraint, held))
        for held in (np.zeros(len(points)), of.upper / size, None)
    )
    one, k = np.zeros(1, dtype=int), len(others)
    weights = beside.weights(one, np.zeros((1, k)), 0.0)
    alpha = term.profiler.minimise(weights).alpha[0]
    own = term.model_data(asimov.terms[term.name])
    first = np.concatenate([alpha, np.zeros(k)])[None]
    told = constraint.told(asimov.centres)
    begin = joint_inverse(without, JointBatch(one, own, told), first)
    parts = []
    for at in range(0, len(points), _POINTS):
        some = np.arange(at, min(at + _POINTS, len(points)))
        start = np.repeat(np.append(first[0], 0.0)[None], len(some), axis=0)
        batch = JointBatch(some, own, np.repeat(told, len(some), axis=0))
        parts.append(joint_inverse(joint, batch, start))
    inverse = np.concatenate(parts)
    return JointExcess(beside, form, constraint, without, end, joint, alpha, begin, inverse)


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


def _parabola(beside: Beside, centres: Array) -> Constraint:
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
