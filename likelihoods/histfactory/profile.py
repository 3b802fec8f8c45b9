"""Exact profiling of the nuisance parameters of a HistFactory model over a batch of signals.

The bin factors are eliminated analytically (`model`); the remaining nuisance parameters alpha are
found by BFGS steps on the whole batch. What makes a step cheap is that the inverse Hessian is kept
as that of a nearby reference point, shared by the batch, plus a low-rank update of each point,
``B_k = B_ref + sum_i (x_i v_i^T + v_i x_i^T)``: no matrix per point. What makes the steps few is
the start, the reference solution moved linearly with the signal weights. Points that do not
converge go to damped Newton steps with the exact Hessian.

Points may have data sets of their own, toys for instance. The reference points are those of the
measured data, from which the start also moves linearly with the counts and with the centres of
all constraints.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from .curvature import hessian, mixed_derivatives
from .interpolation import Array
from .model import HistFactoryModel, ModelData, Rates

__all__ = ["ProfileResult", "Profiler"]

# Estimated distance to the minimum of -ln L at which a point is done; differences of 2 ln L of
# 1e-8 are far below what any interval or Metropolis step can see.
TOLERANCE = 1e-9
MAX_STEPS = 60
# Points that are minimised together: more no longer fit into the cache of a processor.
CHUNK = 1024
# Strengths, in units of the nominal signal, of the reference points. The nearest one starts a
# point; the spacing keeps the linear prediction within about ten steps of the minimum.
REFERENCE_STRENGTHS = (
    *(0.3, 2.0, 4.0, 7.0, 11.0, 17.0, 40.0, 120.0, 300.0, 700.0),
    *(2e3, 7e3, 3e4, 2e5),
)


@dataclass(frozen=True)
class ProfileResult:
    """Minimum over all nuisance parameters at each point of a batch.

    Attributes
    ----------
    alpha : (n, n_alpha) array
        Constrained nuisance parameters at the minimum, in standard deviations.
    objective : (n,) array
        ``-ln L`` relative to the saturated model (`HistFactoryModel.objective`); NaN where a
        point did not converge.
    converged : (n,) bool array
    steps : int
        Steps of the slowest point.
    """

    alpha: Array
    objective: Array
    converged: Array
    steps: int


@dataclass(frozen=True)
class _References:
    strength: Array  # (m,)
    weights: Array  # (m, B)
    alpha: Array  # (m, n_alpha)
    inverse: Array  # (m, n_alpha, n_alpha) inverse Hessians
    response: Array  # (m, B, n_alpha) d alpha / d weights


@dataclass(frozen=True)
class _DataResponse:
    """Linear change of the solutions of the reference points with the data."""

    counts: Array  # (m, B, n_alpha) d alpha / d n
    factors: Array  # (m, S * B, n_alpha) d alpha / d centres of the bin factors


class Profiler:
    """Minimises a HistFactory model over its nuisance parameters.

    The minimum found is the one connected to that of the reference points. For Belle II it was
    compared with minimisations from random starts: it is the global one up to 200 times the nominal
    signal; beyond (``-2 ln L`` higher by 450 or more) there are several minima, with nuisance
    parameters pulled by more than six standard deviations.

    Parameters
    ----------
    model : HistFactoryModel
        The compiled model.
    """

    def __init__(self, model: HistFactoryModel) -> None:
        self.model = model
        signal = model.nominal[: model.signals].reshape(-1)
        self._share = signal / signal.sum()

    def minimise(
        self,
        weights: Array,
        signal_width2: Array | None = None,
        data: ModelData | None = None,
        start: Array | None = None,
    ) -> ProfileResult:
        """Profile all nuisance parameters.

        Parameters
        ----------
        weights : (n, P * B) array
            Factor on each weighted sample in each bin, finite and not negative.
        signal_width2 : (n, B) array, optional
            Squared relative errors of the signal, where they differ from point to point.
        data : ModelData, optional
            One data set, or one for each point; the measured one by default.
        start : (n, n_alpha) array, optional
            Where to begin, if that is known better than from the reference points.

        Returns
        -------
        ProfileResult
        """
        parts = [
            self._minimise(
                weights[rows],
                None if signal_width2 is None else signal_width2[rows],
                None if data is None else data.take(rows),
                None if start is None else start[rows],
            )
            for rows in (slice(i, i + CHUNK) for i in range(0, max(len(weights), 1), CHUNK))
        ]
        if len(parts) == 1:
            return parts[0]
        return ProfileResult(
            np.concatenate([part.alpha for part in parts]),
            np.concatenate([part.objective for part in parts]),
            np.concatenate([part.converged for part in parts]),
            max(part.steps for part in parts),
        )

    def _minimise(
        self,
        weights: Array,
        signal_width2: Array | None,
        data: ModelData | None,
        start: Array | None,
    ) -> ProfileResult:
        references = self._references
        nearest = self._nearest(weights)
        # Points of one reference lie together, so that its inverse Hessian acts on a slice.
        order = nearest.argsort(kind="stable")
        reference = nearest[order]
        batch = _Batch(weights, signal_width2, data)
        ordered = batch.take(order)
        begin = self._start(ordered, reference) if start is None else start[order]
        # A trial point of a line search may overflow; it is then not lower, and not taken.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            found = _bfgs(self.model, ordered, begin, references.inverse, reference)
            alpha, objective, converged = (np.empty_like(value) for value in found[:3])
            alpha[order], objective[order], converged[order] = found[:3]
            converged[~self._inside(alpha)] = False
            if not converged.all():
                left = np.flatnonzero(~converged)
                rescued = _damped_newton(
                    self.model, batch.take(left), references.alpha[nearest[left]], self._scale
                )
                alpha[left], objective[left], converged[left] = rescued
                objective[~converged] = np.nan
        return ProfileResult(alpha, objective, converged, found[3])

    def _inside(self, alpha: Array) -> Array:
        """Whether free parameters are inside their bounds; those that are not are found again."""
        parameters = self.model.parameters
        if not parameters.bounded:
            return np.ones(len(alpha), dtype=bool)
        inside = (alpha >= parameters.lower) & (alpha <= parameters.upper)
        return np.asarray(inside.all(axis=1))

    @cached_property
    def _scale(self) -> Array | None:
        """Unit of each parameter in which Newton steps are damped; None if it is 1 for all."""
        model = self.model
        if model.parameters.is_standard:
            return None
        weights = np.ones((1, model.signals * model.observed.size))
        rates = model.rates(model.parameters.centre[None], weights)
        diagonal = np.einsum("nii->ni", hessian(model, rates))[0]
        return np.asarray(1.0 / np.sqrt(np.maximum(abs(diagonal), 1e-12)))

    def _inverse(self, alpha: Array, weights: Array) -> Array:
        second = hessian(self.model, self.model.rates(alpha, weights))
        if self._scale is None:
            return np.asarray(np.linalg.inv(second))
        # Parameters that the data do not tell apart leave directions without curvature.
        unit = self._scale[:, None] * self._scale
        eigenvalues, vectors = np.linalg.eigh(np.nan_to_num(second * unit))
        inverse: Array = (vectors / np.maximum(eigenvalues, 1e-6)[:, None, :]) @ np.swapaxes(
            vectors, 1, 2
        )
        return np.asarray(inverse * unit)

    def _start(self, batch: _Batch, reference: Array) -> Array:
        """Reference solutions moved linearly with weights and data: (n, n_alpha)."""
        references, data = self._references, batch.data
        start: Array = references.alpha[reference] + _blockwise(
            batch.weights - references.weights[reference], references.response, reference
        )
        if data is None:
            return start
        response = self._data_response
        size, bins = len(start), self.model.observed.size
        counts = np.broadcast_to(data.counts - self.model.observed, (size, bins))
        start += _blockwise(counts, response.counts, reference)
        parameters = self.model.parameters
        if data.centres is not None:
            # A constraint pulls with its precision, so that the Hessian's inverse follows.
            pull = (data.centres - parameters.centre) * parameters.precision
            pull = np.broadcast_to(pull, start.shape)
            start += _blockwise(pull, references.inverse, reference)
        if data.factors is not None:
            flat = np.broadcast_to(data.factors - 1.0, (size, *self.model.nominal.shape))
            start += _blockwise(flat.reshape(size, -1), response.factors, reference)
        return start

    def _nearest(self, weights: Array) -> Array:
        strength = (weights @ self._share)[:, None]
        nearest: Array = abs(strength - self._references.strength).argmin(axis=1)
        return nearest

    @cached_property
    def _references(self) -> _References:
        strength = np.array(REFERENCE_STRENGTHS)
        bins = len(self._share)
        weights = np.where(self._share > 0, strength[:, None], 1.0)
        origin = np.repeat(self.model.parameters.centre[None], len(weights), axis=0)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            alpha, _, _ = _damped_newton(self.model, _Batch(weights), origin, self._scale)
            inverse = self._inverse(alpha, weights)
        response = np.zeros((len(weights), bins, self.model.n_alpha))
        for bin_ in np.flatnonzero(self._share):
            step = np.zeros(bins)
            step[bin_] = 1e-4
            change = self._gradient(alpha, weights + step) - self._gradient(alpha, weights - step)
            response[:, bin_] = -np.einsum("nij,nj->ni", inverse, change / 2e-4)
        return _References(strength, weights, alpha, inverse, response)

    @cached_property
    def _data_response(self) -> _DataResponse:
        # With d(-ln L)/dr_s = -u gamma_s the mixed derivatives in n and in the centres follow from
        # those of u and gamma_s at fixed rates; the chain to alpha is that of the gradient.
        references, model = self._references, self.model
        rates = model.rates(references.alpha, references.weights)
        by_counts, by_factors = mixed_derivatives(model, rates)
        inverse = references.inverse
        return _DataResponse(-(by_counts @ inverse), -(by_factors @ inverse))

    def _gradient(self, alpha: Array, weights: Array) -> Array:
        return self.model.gradient(self.model.rates(alpha, weights))


@dataclass(frozen=True)
class _Batch:
    """What the points of a batch are given."""

    weights: Array
    widths: Array | None = None  # squared relative errors of the signal, if each has its own
    data: ModelData | None = None

    def take(self, rows: Array) -> _Batch:
        return _Batch(
            self.weights[rows],
            None if self.widths is None else self.widths[rows],
            None if self.data is None else self.data.take(rows),
        )

    def rates(self, model: HistFactoryModel, alpha: Array) -> Rates:
        return model.rates(alpha, self.weights, self.widths, self.data)


@dataclass
class _Points:
    """The points of a batch still on their way, and what each step needs of them."""

    index: Array
    reference: Array  # which reference point is nearest, increasing
    batch: _Batch
    alpha: Array
    objective: Array
    gradient: Array
    direction: Array  # -B g
    updates: Array  # (n, 2 k, n_alpha): x_i, v_i of the inverse Hessian

    def keep(self, mask: Array) -> _Points:
        kept: dict[str, Any] = {
            name: value.take(mask) if isinstance(value, _Batch) else value[mask]
            for name, value in vars(self).items()
        }
        return _Points(**kept)


def _bfgs(
    model: HistFactoryModel,
    batch: _Batch,
    start: Array,
    inverse: Array,
    reference: Array,
) -> tuple[Array, Array, Array, int]:
    """BFGS from `start`; `inverse` holds the inverse Hessians of all reference points."""
    alpha, objective = start.copy(), np.full(len(start), np.nan)
    converged = np.zeros(len(start), dtype=bool)
    points = _begin(model, batch, start, inverse, reference)
    for step in range(MAX_STEPS):
        decrement = -0.5 * np.einsum("ni,ni->n", points.direction, points.gradient)
        # The last step is still taken (quadratic gain for free): a point is done when the step
        # just proposed promises less than the tolerance.
        done = decrement < TOLERANCE
        if done.any():
            finished = points.index[done]
            alpha[finished], objective[finished] = points.alpha[done], points.objective[done]
            converged[finished] = np.isfinite(points.objective[done])
            if done.all():
                return alpha, objective, converged, step
            points = points.keep(~done)
        points, alive = _advance(model, points, inverse)
        points = points.keep(alive) if not alive.all() else points
        if not len(points.index):
            break
    return alpha, objective, converged, MAX_STEPS


def _begin(
    model: HistFactoryModel,
    batch: _Batch,
    start: Array,
    inverse: Array,
    reference: Array,
) -> _Points:
    rates = batch.rates(model, start)
    gradient = model.gradient(rates)
    return _Points(
        np.arange(len(start)),
        reference,
        batch,
        start,
        model.objective(rates),
        gradient,
        -_blockwise(gradient, inverse, reference),
        np.empty((len(start), 0, model.n_alpha)),
    )


def _advance(model: HistFactoryModel, points: _Points, inverse: Array) -> tuple[_Points, Array]:
    """One BFGS step of every point; False where no step along the direction goes down."""
    length, alpha, rates, objective = _line_search(model, points)
    alive = length > 0
    gradient = model.gradient(rates)
    change = gradient - points.gradient
    moved = length[:, None] * points.direction
    applied = _blockwise(gradient, inverse, points.reference)
    if points.updates.shape[1]:
        applied += _low_rank(points.updates, gradient)
    curvature = np.einsum("ni,ni->n", moved, change)
    usable = curvature > 1e-14
    inverse_curvature = np.where(usable, 1.0 / np.where(usable, curvature, 1.0), 0.0)
    # B y = B g_new - B g_old, and -B g_old is the direction just used.
    mapped = applied + points.direction
    weight = (
        0.5 * inverse_curvature * (1.0 + np.einsum("ni,ni->n", change, mapped) * inverse_curvature)
    )
    partner = np.where(
        usable[:, None], weight[:, None] * moved - inverse_curvature[:, None] * mapped, 0.0
    )
    updates = np.concatenate([points.updates, np.stack([moved, partner], axis=1)], axis=1)
    applied += _low_rank(updates[:, -2:], gradient)
    return (
        replace(
            points,
            alpha=alpha,
            objective=objective,
            gradient=gradient,
            direction=-applied,
            updates=updates,
        ),
        alive & np.isfinite(objective),
    )


def _blockwise(vectors: Array, matrices: Array, block: Array) -> Array:
    """``vectors[i] @ matrices[block[i]]`` for increasing `block`: (n, a), (m, a, b) -> (n, b)."""
    result = np.empty((len(vectors), matrices.shape[2]))
    ends = np.searchsorted(block, np.arange(len(matrices)), side="right")
    first = 0
    for matrix, last in zip(matrices, ends.tolist(), strict=True):
        if last > first:
            np.matmul(vectors[first:last], matrix, out=result[first:last])
        first = last
    return result


def _low_rank(updates: Array, vectors: Array) -> Array:
    """``sum_i (x_i v_i^T + v_i x_i^T) g`` for pairs stored as rows x_0, v_0, x_1, v_1, ..."""
    products = np.einsum("nki,ni->nk", updates, vectors)
    swapped = products.reshape(len(products), updates.shape[1] // 2, 2)[:, :, ::-1].reshape(
        products.shape
    )
    result: Array = np.einsum("nk,nki->ni", swapped, updates)
    return result


def _line_search(
    model: HistFactoryModel, points: _Points, scale: Array | None = None, projected: bool = False
) -> tuple[Array, Array, Rates, Array]:
    """Backtracking until the objective falls (Armijo); length 0 where it never does."""
    slope = np.einsum("ni,ni->n", points.gradient, points.direction)
    # No component of a first trial moves by more than five standard deviations.
    longest = abs(points.direction if scale is None else points.direction / scale)
    length = 1.0 / np.maximum(1.0, longest.max(axis=1, initial=0.0) / 5.0)
    bounds = model.parameters if projected and model.parameters.bounded else None
    slack = 1e-12 * (1.0 + abs(points.objective))
    for _ in range(25):
        alpha = points.alpha + length[:, None] * points.direction
        if bounds is not None:
            alpha = np.clip(alpha, bounds.lower, bounds.upper)
        rates = points.batch.rates(model, alpha)
        objective = model.objective(rates)
        bound = points.objective + 1e-4 * length * slope + slack
        failed = ~(objective <= bound)
        if not failed.any():
            return length, alpha, rates, objective
        length = np.where(failed, 0.3 * length, length)
    return np.where(failed, 0.0, length), alpha, rates, objective


def _damped_newton(
    model: HistFactoryModel, batch: _Batch, start: Array, scale: Array | None = None
) -> tuple[Array, Array, Array]:
    """Newton steps with the exact Hessian made positive, and backtracking: slow and sure.

    Parameters at a bound that the objective pushes outwards stay there.
    """
    bounds = model.parameters
    alpha = np.clip(start, bounds.lower, bounds.upper) if bounds.bounded else start
    rates = batch.rates(model, alpha)
    objective = model.objective(rates)
    decrement = np.full(len(start), np.inf)
    index = np.arange(len(start))
    for _ in range(MAX_STEPS):
        gradient, second = model.gradient(rates), hessian(model, rates)
        if bounds.bounded:
            gradient, second = _held_at_bounds(model, alpha, gradient, second)
        direction, decrement = _newton_direction(gradient, second, scale)
        if (decrement < TOLERANCE * 1e-3).all():
            break
        points = _Points(index, index, batch, alpha, objective, gradient, direction, alpha[:, None])
        length, trial, trial_rates, trial_objective = _line_search(model, points, scale, True)
        if not (length > 0).any():
            break
        moved = (length > 0)[:, None]
        alpha = np.where(moved, trial, alpha)
        objective = np.where(moved[:, 0], trial_objective, objective)
        rates = trial_rates if moved.all() else batch.rates(model, alpha)
    return alpha, objective, (decrement < 1e3 * TOLERANCE) & np.isfinite(objective)


def _newton_direction(gradient: Array, second: Array, scale: Array | None) -> tuple[Array, Array]:
    """Step downhill and half of what it promises, curvature at least 0.1 in units of `scale`."""
    if scale is not None:
        gradient, second = gradient * scale, second * (scale[:, None] * scale)
    # Where a point is lost its Hessian is not finite, and the others must go on.
    lost = ~np.isfinite(second).all(axis=(1, 2))
    second = np.where(lost[:, None, None], np.eye(second.shape[1]), second)
    eigenvalues, vectors = np.linalg.eigh(second)
    along = np.einsum("nji,nj->ni", vectors, gradient)
    scaled = along / np.maximum(abs(eigenvalues), 0.1 if scale is None else 1e-4)
    direction = -np.einsum("nij,nj->ni", vectors, scaled)
    decrement = np.where(lost, np.nan, 0.5 * (along * scaled).sum(axis=1))
    return direction if scale is None else direction * scale, decrement


def _held_at_bounds(
    model: HistFactoryModel, alpha: Array, gradient: Array, second: Array
) -> tuple[Array, Array]:
    """Gradient and Hessian without the parameters that are held by their bounds."""
    bounds = model.parameters
    held = ((alpha <= bounds.lower) & (gradient > 0)) | ((alpha >= bounds.upper) & (gradient < 0))
    if not held.any():
        return gradient, second
    free = ~held
    index = np.arange(second.shape[1])
    diagonal = second[:, index, index]
    second = second * free[:, :, None] * free[:, None, :]
    second[:, index, index] = np.where(held, np.maximum(abs(diagonal), 1.0), diagonal)
    return np.where(held, 0.0, gradient), second
