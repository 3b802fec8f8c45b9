"""Fits of one signal strength mu >= 0, nuisance parameters profiled, batched over data sets.

All signal is scaled with mu. By the envelope theorem the derivative of the profiled ``-ln L`` in mu
is that at fixed nuisance parameters, so a fit is the search for the zero of one function of one
variable: a Newton step with the curvature of the profile of the measured data to begin with, then
secant steps inside a bracket. The profile at each new mu starts from the nuisance parameters of the
one before, moved along with mu.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .curvature import hessian
from .interpolation import Array
from .profile import CHUNK, Profiler
from .rates import ModelData
from .steps import TOLERANCE

__all__ = ["StrengthFit", "fit_strength"]

# In place of mu = 0, where the derivative cannot be read off the rates of the signal.
SMALLEST = 1e-7
LARGEST = 1e4
MAX_STEPS = 40
# Longest step in mu in units of its error, and longest move of an alpha that goes with it: from
# further away the profile may end in another minimum than the one it comes from.
LONGEST, FARTHEST = 3.0, 1.0


@dataclass(frozen=True)
class StrengthFit:
    """Minimum over the signal strength for each data set of a batch.

    Attributes
    ----------
    strength : (n,) array
        mu at the minimum, zero where the derivative there is positive.
    objective : (n,) array
        ``-ln L`` there, relative to the saturated model.
    alpha : (n, n_alpha) array
    curvature : (n,) array
        Estimate of the second derivative of the profiled ``-ln L`` in mu, from the last step.
    converged : (n,) bool array
    steps : int
        Profiles that the slowest data set needed.
    """

    strength: Array
    objective: Array
    alpha: Array
    curvature: Array
    converged: Array
    steps: int


def fit_strength(
    profiler: Profiler,
    weights: Array,
    data: ModelData | None = None,
    signal_width2: Array | None = None,
    start: float = 1.0,
) -> StrengthFit:
    """Fit the strength of a signal to each data set.

    Parameters
    ----------
    profiler : Profiler
    weights : (1, B) or (n, B) array
        Factor on the signal in each bin at mu = 1.
    data : ModelData, optional
        One data set for each of n fits, or one for all; the measured one by default.
    signal_width2 : (1, B) or (n, B) array, optional
        Squared relative errors of the signal, where they are not the model's.
    start : float
        mu to begin with, positive.

    Returns
    -------
    StrengthFit
    """
    size = max(len(weights), 1 if data is None else len(data))
    curvature, moved = _measured_curvature(profiler, weights, signal_width2, start)
    weights = np.broadcast_to(weights, (size, weights.shape[1]))
    if signal_width2 is not None:
        signal_width2 = np.broadcast_to(signal_width2, (size, signal_width2.shape[1]))
    parts = [
        _Search(
            profiler,
            weights[rows],
            None if data is None else data.take(rows),
            None if signal_width2 is None else signal_width2[rows],
        ).run(start, np.resize(curvature, size)[rows], _rows_of(moved, size)[rows])
        for rows in (slice(i, i + CHUNK) for i in range(0, size, CHUNK))
    ]
    joined = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("strength", "objective", "alpha", "curvature", "converged")
    }
    return StrengthFit(**joined, steps=max(part.steps for part in parts))


class _Search:
    """The fits of one chunk."""

    def __init__(
        self, profiler: Profiler, weights: Array, data: ModelData | None, widths: Array | None
    ) -> None:
        self.profiler, self.model = profiler, profiler.model
        self.weights, self.data, self.widths = weights, data, widths
        self.signal = self.model.signal

    def run(self, start: float, curvature: Array, moved: Array) -> StrengthFit:
        size = len(self.weights)
        rows, mu = np.arange(size), np.full(size, float(start))
        found = StrengthFit(
            mu.copy(),
            np.full(size, np.nan),
            np.zeros((size, self.model.n_alpha)),
            curvature.copy(),
            np.zeros(size, dtype=bool),
            0,
        )
        lower, upper = np.full(size, SMALLEST), np.full(size, np.inf)
        alpha, slope = self._profile(rows, mu, None, found)
        steps = 0
        while steps < MAX_STEPS:
            steps += 1
            found.curvature[rows] = curvature
            done = 0.5 * slope * slope / curvature < TOLERANCE
            done |= (mu <= SMALLEST) & (slope >= 0)
            found.converged[rows[done]] = True
            going = ~(done | ~np.isfinite(slope) | (mu >= LARGEST))
            if not going.any():
                break
            rows, alpha, moved = rows[going], alpha[going], moved[going]
            mu, slope, curvature = mu[going], slope[going], curvature[going]
            lower, upper = lower[going], upper[going]
            lower = np.where(slope < 0, np.maximum(lower, mu), lower)
            upper = np.where(slope > 0, np.minimum(upper, mu), upper)
            last, last_slope = mu, slope
            mu = _inside(mu - slope / curvature, mu, lower, upper, LONGEST / np.sqrt(curvature))
            begin = alpha + _limited(moved * (mu - last)[:, None])
            last_alpha = alpha
            alpha, slope = self._profile(rows, mu, begin, found)
            change = (slope - last_slope) / (mu - last)
            curvature = np.where(change > 0.1 * curvature, change, curvature)
            moved = (alpha - last_alpha) / (mu - last)[:, None]
        strength = np.where(found.strength <= SMALLEST, 0.0, found.strength)
        objective = np.where(found.converged, found.objective, np.nan)
        return StrengthFit(
            strength, objective, found.alpha, found.curvature, found.converged, steps
        )

    def _arguments(self, rows: Array, mu: Array) -> tuple[Array, Array | None, ModelData | None]:
        weights = self.weights[rows]
        weights = np.where(self.signal, mu[:, None] * weights, weights)
        widths = None if self.widths is None else self.widths[rows]
        return weights, widths, None if self.data is None else self.data.take(rows)

    def _profile(
        self, rows: Array, mu: Array, begin: Array | None, found: StrengthFit
    ) -> tuple[Array, Array]:
        """Alphas and the derivative of the profile in mu; objective and alphas go to `found`."""
        arguments = self._arguments(rows, mu)
        result = self.profiler.minimise(*arguments, start=begin)
        found.strength[rows], found.objective[rows] = mu, result.objective
        found.alpha[rows] = result.alpha
        rates = self.model.rates(result.alpha, *arguments)
        slope = np.where(result.converged, self.model.signal_slope(rates) / mu, np.nan)
        return result.alpha, slope


def _measured_curvature(
    profiler: Profiler, weights: Array, widths: Array | None, mu: float
) -> tuple[Array, Array]:
    """Second derivative of the measured profile in mu and the change of its alphas with mu."""
    model, step = profiler.model, 1e-4 * mu
    signal = model.signal
    here, above = (np.where(signal, at * weights, weights) for at in (mu, mu + step))
    alpha = profiler.minimise(here, widths).alpha
    rates, shifted = model.rates(alpha, here, widths), model.rates(alpha, above, widths)
    mixed = (model.gradient(shifted) - model.gradient(rates)) / step
    direct = (model.signal_slope(shifted) / (mu + step) - model.signal_slope(rates) / mu) / step
    moved = -np.linalg.solve(hessian(model, rates), mixed[..., None])[..., 0]
    curvature = direct + np.einsum("ni,ni->n", mixed, moved)
    # Far from the minimum a profile need not be convex; the step is then a guess all the same.
    return np.where(curvature > 0, curvature, np.maximum(abs(direct), 1e-6)), moved


def _rows_of(rows: Array, size: int) -> Array:
    return np.broadcast_to(rows, (size, rows.shape[1]))


def _limited(move: Array) -> Array:
    farthest = abs(move).max(axis=1, keepdims=True, initial=0.0)
    limited: Array = move / np.maximum(1.0, farthest / FARTHEST)
    return limited


def _inside(trial: Array, mu: Array, lower: Array, upper: Array, longest: Array) -> Array:
    """A step that stays inside the bracket and is not too long."""
    trial = np.clip(trial, mu - longest, mu + longest)
    outside = (trial >= upper) | ((trial <= lower) & (lower > SMALLEST))
    inside: Array = np.where(outside, 0.5 * (lower + np.minimum(upper, mu + longest)), trial)
    return np.asarray(np.maximum(inside, SMALLEST))
