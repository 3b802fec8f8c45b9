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
    joint_inverse,
    minimise_jointly,
)
from ...likelihoods.histfactory.profile import FAR
from ...likelihoods.histfactory.rates import ModelData
from ..dataset import Dataset
from .joint_moves import (
    Beside,
    Constraint,
    Polynomial,
    Predicted,
    RateMover,
    parabola,
    polynomial,
)
from .limit_curves import RateProblem
from .target import Array

__all__ = ["JointExcess", "joint_excess"]

# Rows, data sets times points, that are fitted at once, and numbers that are kept of all.
_ROWS, _NUMBERS = 4096, 20_000_000
# Points whose second derivatives are found at once.
_POINTS = 256
# Every so many points are fitted first, those between them from where these end.
_STRIDE = 8


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
    form = polynomial(beside) or Predicted(beside)
    constraint = parabola(beside, asimov.centres)
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
