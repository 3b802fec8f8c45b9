"""Exact profiling of the nuisance parameters of a HistFactory model over a batch of signals.

The bin factors are eliminated analytically (`model`); the remaining nuisance parameters alpha are
found by BFGS steps on the whole batch (`bfgs`). What makes the steps few is the start, the solution
of a nearby reference point moved linearly with the signal weights. Points that do not converge, or
end outside the bounds of free parameters, go to damped Newton steps with the exact Hessian
(`newton`).

Points may have data sets of their own, toys for instance. The reference points are those of the
measured data, from which the start also moves linearly with the counts and with the centres of
all constraints.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .bfgs import bfgs, blockwise
from .curvature import hessian, mixed_derivatives
from .interpolation import Array
from .model import HistFactoryModel
from .newton import damped_newton
from .rates import ModelData
from .steps import Batch

__all__ = ["ProfileResult", "Profiler"]

# Points that are minimised together: more no longer fit into the cache of a processor.
CHUNK = 1024
# Strengths, in units of the nominal signal, of the reference points. The nearest one starts a
# point; the spacing keeps the linear prediction within about ten steps of the minimum.
REFERENCE_STRENGTHS = (
    *(0.3, 2.0, 4.0, 7.0, 11.0, 17.0, 40.0, 120.0, 300.0, 700.0),
    *(2e3, 7e3, 3e4, 2e5),
)
# Strength beyond which there are several minima, and reference points that are starts there too.
FAR = 100.0
FAR_STARTS = (40.0, 120.0, 300.0, 700.0, 2e3)
# Widths of a constraint by which a start may differ from its reference point.
_FARTHEST = 30.0


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

    The minimum found is the one connected to that of the nearest reference point. For Belle II it
    was compared with minimisations from random starts: it is the global one up to 100 times the
    nominal signal. Beyond (``-2 ln L`` higher by 450 or more at 200) there are several minima, with
    nuisance parameters pulled by more than six standard deviations: the lowest that is reached from
    `FAR_STARTS` and from the centres of all constraints is taken, which need not be the global one.

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

    def polished(
        self,
        alpha: Array,
        weights: Array,
        signal_width2: Array | None = None,
        data: ModelData | None = None,
    ) -> Array:
        """Minima to rounding, by Newton steps from what `minimise` found: (n, n_alpha).

        Parameters
        ----------
        alpha : (n, n_alpha) array
        weights, signal_width2, data
            As for `minimise`.
        """
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            batch = Batch(weights, signal_width2, data)
            found, _, good = damped_newton(self.model, batch, alpha, self._scale)
        return np.where(good[:, None], found, alpha)

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
        batch = Batch(weights, signal_width2, data)
        ordered = batch.take(order)
        begin = start[order] if start is not None else self._start(ordered, reference)
        # A trial point of a line search may overflow; it is then not lower, and not taken.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            found = bfgs(self.model, ordered, begin, references.inverse, reference)
            alpha, objective, converged = (np.empty_like(value) for value in found[:3])
            alpha[order], objective[order], converged[order] = found[:3]
            converged[~self._inside(alpha)] = False
            for starts in (references.alpha[nearest], self._centres(batch)):
                left = np.flatnonzero(~converged)
                if not len(left):
                    break
                rescued = damped_newton(self.model, batch.take(left), starts[left], self._scale)
                alpha[left], objective[left], converged[left] = rescued
            objective[~converged] = np.nan
            if start is None:
                self._try_far_starts(batch, nearest, alpha, objective, converged)
        return ProfileResult(alpha, objective, converged, found[3])

    def _try_far_starts(
        self, batch: Batch, nearest: Array, alpha: Array, objective: Array, converged: Array
    ) -> None:
        """Put lower minima of strong signals, found from other starts, in place of those given."""
        far = np.flatnonzero(batch.weights @ self._share > FAR)
        if not len(far):
            return
        references = self._references
        far = far[nearest[far].argsort(kind="stable")]
        strong, reference = batch.take(far), nearest[far]
        known = np.isin(references.strength, FAR_STARTS)
        for begin in (*references.alpha[known], self.model.parameters.centre):
            rows = np.repeat(begin[None], len(far), axis=0)
            found = bfgs(self.model, strong, rows, references.inverse, reference)
            lower = found[2] & self._inside(found[0]) & ~(found[1] >= objective[far])
            taken = far[lower]
            alpha[taken], objective[taken] = found[0][lower], found[1][lower]
            converged[taken] = True

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

    def _start(self, batch: Batch, reference: Array) -> Array:
        """Reference solutions moved linearly with weights and data: (n, n_alpha)."""
        references, data = self._references, batch.data
        start: Array = references.alpha[reference] + blockwise(
            batch.weights - references.weights[reference], references.response, reference
        )
        if data is None:
            return self._near(start, reference)
        response = self._data_response
        size, bins = len(start), self.model.observed.size
        counts = np.broadcast_to(data.counts - self.model.observed, (size, bins))
        start += blockwise(counts, response.counts, reference)
        parameters = self.model.parameters
        if data.centres is not None:
            # A constraint pulls with its precision, so that the Hessian's inverse follows.
            pull = (data.centres - parameters.centre) * parameters.precision
            pull = np.broadcast_to(pull, start.shape)
            start += blockwise(pull, references.inverse, reference)
        if data.factors is not None:
            flat = np.broadcast_to(data.factors - 1.0, (size, *self.model.nominal.shape))
            start += blockwise(
                flat.reshape(size, self.model.nominal.size), response.factors, reference
            )
        return self._near(start, reference)

    def _centres(self, batch: Batch) -> Array:
        """Centres of all constraints, those of the data of each point: (n, n_alpha)."""
        own = None if batch.data is None else batch.data.centres
        centre = self.model.parameters.centre if own is None else own
        return np.broadcast_to(centre, (len(batch.weights), self.model.n_alpha))

    def _near(self, start: Array, reference: Array) -> Array:
        """Starts, those of reference points where a line led out of all reason."""
        parameters, origin = self.model.parameters, self._references.alpha[reference]
        width = np.where(parameters.normal, parameters.width, np.inf)
        far = ~(abs(start - origin) <= _FARTHEST * width).all(axis=1)
        if far.any():
            start[far] = origin[far]
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
            alpha, _, _ = damped_newton(self.model, Batch(weights), origin, self._scale)
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
