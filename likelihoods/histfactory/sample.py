"""Data sets drawn from a HistFactory model: counts and the auxiliary data of all constraints.

A toy at given nuisance parameters has counts ``n_b ~ Poisson(nu_b)``, and auxiliary data are drawn
again with them: centres of the alphas ``N(alpha, 1)``, of the bin factors ``N(gamma, delta)``, or
``Poisson(tau gamma)/tau`` where their constraint is Poisson. The nuisance parameters are by default
those that fit the measured data best for the signal asked for: the profile construction, also
called conditional or plug-in (1305.2050). Free parameters always do.
"""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass

import numpy as np

from ...errors import ParameterError, PredictionError, choices
from ..batches import NUISANCES
from .interpolation import Array
from .model import HistFactoryModel
from .profile import Profiler

__all__ = ["FLOOR", "Drawn", "asimov_data", "draw_data", "matched", "redraw"]

# Lowest auxiliary datum of a bin factor. It stands for a number of simulated events, and a template
# with a negative number of them is none. Only factors of templates with few simulated events, and
# widths near 1, come so low.
FLOOR = 0.01


@dataclass(frozen=True)
class Drawn:
    """Data sets of a model.

    Attributes
    ----------
    counts : (m, B) array
    alpha : (m, c) array
        Centres of the constraints of the constrained alphas.
    factors : (m, n_factors) array
        Centres of those of the bin factors, in the order of `HistFactoryModel.places`.
    """

    counts: Array
    alpha: Array
    factors: Array


def matched(name: str, prediction: Array, data: Sized | None) -> Array:
    """Predictions repeated where there is one for several data sets.

    Parameters
    ----------
    name : str
        Of the term, for errors.
    prediction : (n, k) array
    data : sized, optional
        m data sets.

    Returns
    -------
    (n, k) array, or (m, k) where n is 1

    Raises
    ------
    PredictionError
        If n and m differ and neither is 1.
    """
    points, sets = len(prediction), 1 if data is None else len(data)
    if points == 1 and sets != 1:
        return np.broadcast_to(prediction, (sets, prediction.shape[1]))
    if sets not in (1, points):
        raise PredictionError(
            f"{name}: {points} predictions and {sets} data sets do not match: as many, or one of "
            "either, are needed"
        )
    return prediction


def draw_data(
    name: str,
    profiler: Profiler,
    weights: Array,
    signal_width2: Array | None,
    rng: np.random.Generator,
    nuisances: str = "conditional",
) -> Drawn:
    """Draw one data set for each point.

    Parameters
    ----------
    name : str
        Of the term, for errors.
    profiler : Profiler
    weights : (n, B) array
        Factor on the signal in each bin.
    signal_width2 : (n, B) array or None
        Squared relative errors of the signal, where they are not the model's.
    rng : numpy.random.Generator
    nuisances : {"conditional", "nominal", "prior"}
        At which nuisance parameters: those that fit the measured data best with these weights,
        the centres of the measured constraints, or drawn from these constraints.

    Returns
    -------
    Drawn
        Expected counts below zero, which alphas far out in their prior may give, count as zero;
        auxiliary data of bin factors are at least `FLOOR`.

    Raises
    ------
    ParameterError
        For another word than these three.
    PredictionError
        If weights are not finite, or the profile of a point does not converge.
    """
    model = profiler.model
    alpha, gamma = _nuisances(name, profiler, weights, signal_width2, nuisances, rng)
    expected = _expected(model, alpha, gamma, weights, signal_width2)
    slots, bins = model.places
    told = Drawn(expected, alpha[:, model.parameters.constrained], gamma[:, slots, bins])
    return redraw(model, told, rng, signal_width2)


def redraw(
    model: HistFactoryModel,
    told: Drawn,
    rng: np.random.Generator,
    signal_width2: Array | None = None,
) -> Drawn:
    """Draw one data set around each of those expected, auxiliary data too.

    Parameters
    ----------
    model : HistFactoryModel
    told : Drawn
        m data sets: expected counts, and nuisance parameters.
    rng : numpy.random.Generator
    signal_width2 : (m, B) or (1, B) array or None
        As for `draw_data`.

    Returns
    -------
    Drawn
        Auxiliary data of bin factors are at least `FLOOR`.
    """
    counts = rng.poisson(told.counts).astype(float)
    slots, bins = model.places
    width = np.sqrt(_width2(model, signal_width2)[:, slots, bins])
    tau = np.zeros(len(slots)) if model.tau is None else model.tau[slots, bins]
    factors = _around(told.factors, width, tau, rng)
    parameters, columns = model.parameters, model.parameters.constrained
    width = np.where(parameters.normal, parameters.width, 0.0)[columns]
    centres = _around(told.alpha, width, parameters.tau[columns], rng)
    return Drawn(counts, centres, np.maximum(factors, FLOOR))


def _expected(
    model: HistFactoryModel,
    alpha: Array,
    gamma: Array,
    weights: Array,
    signal_width2: Array | None,
) -> Array:
    rate = model.rates(alpha, weights, signal_width2).rate
    expected: Array = (model.spread_over_members(gamma) * rate).sum(axis=1)
    return np.asarray(np.maximum(expected, 0.0))


def _around(values: Array, width: Array, tau: Array, rng: np.random.Generator) -> Array:
    """Auxiliary data of constraints: normal of `width`, or counts that expect tau at 1."""
    drawn = rng.normal(values, np.broadcast_to(width, values.shape))
    if (tau > 0).any():
        counts = rng.poisson(np.maximum(tau * values, 0.0)) / np.where(tau > 0, tau, 1.0)
        drawn = np.where(tau > 0, np.maximum(counts, FLOOR), drawn)
    return drawn


def asimov_data(
    name: str,
    profiler: Profiler,
    weights: Array,
    signal_width2: Array | None = None,
    nuisances: str = "conditional",
) -> Drawn:
    """Data that are what is expected, auxiliary data at the nuisance parameters themselves.

    Parameters
    ----------
    name, profiler, weights, signal_width2
        As for `draw_data`.
    nuisances : {"conditional", "nominal"}

    Returns
    -------
    Drawn
        A fit of them with these weights has no deviance.

    Raises
    ------
    ParameterError, PredictionError
        As for `draw_data`.
    """
    if nuisances == "prior":
        raise ParameterError(
            f"{name}: Asimov data are expected ones, at nuisances 'conditional' or 'nominal'"
        )
    model = profiler.model
    alpha, gamma = _nuisances(name, profiler, weights, signal_width2, nuisances)
    slots, bins = model.places
    expected = _expected(model, alpha, gamma, weights, signal_width2)
    return Drawn(expected, alpha[:, model.parameters.constrained], gamma[:, slots, bins])


def _nuisances(
    name: str,
    profiler: Profiler,
    weights: Array,
    signal_width2: Array | None,
    nuisances: str,
    rng: np.random.Generator | None = None,
) -> tuple[Array, Array]:
    """Alphas (n, n_alpha) and bin factors (n, S, B) at which data are expected."""
    if nuisances not in NUISANCES:
        told = choices(nuisances, NUISANCES)
        raise ParameterError(
            f"{name}: nuisances {nuisances!r} of toys are not known: allowed are {told}"
        )
    finite = np.isfinite(weights).all(axis=1)
    if not finite.all():
        raise PredictionError(
            f"{name}: no data can be drawn from a prediction that is not finite, as that of point "
            f"{int(np.flatnonzero(~finite)[0])}"
        )
    model, size = profiler.model, len(weights)
    parameters = model.parameters
    if nuisances == "conditional":
        return _conditional(name, profiler, weights, signal_width2)
    alpha = np.repeat(parameters.centre[None], size, axis=0)
    if len(parameters.free):
        fitted, _ = _conditional(name, profiler, weights, signal_width2)
        alpha[:, parameters.free] = fitted[:, parameters.free]
    gamma = np.ones((size, *model.nominal.shape))
    if rng is not None and nuisances == "prior":
        columns, tau = parameters.constrained, parameters.tau
        width = np.where(parameters.normal, parameters.width, 0.0)[columns]
        alpha[:, columns] = _around(alpha[:, columns], width, tau[columns], rng)
        width = np.sqrt(_width2(model, signal_width2))
        tau = np.zeros(model.nominal.shape) if model.tau is None else model.tau
        gamma = np.maximum(_around(gamma, width, tau, rng), FLOOR)
    return alpha, gamma


def _conditional(
    name: str, profiler: Profiler, weights: Array, signal_width2: Array | None
) -> tuple[Array, Array]:
    """Those that fit the measured data best, fitted once where all points are the same."""
    size = len(weights)
    same = size > 1 and bool((weights == weights[0]).all())
    if signal_width2 is not None:
        same = same and bool((signal_width2 == signal_width2[0]).all())
    if same:
        weights = weights[:1]
        signal_width2 = None if signal_width2 is None else signal_width2[:1]
    result = profiler.minimise(weights, signal_width2)
    if not result.converged.all():
        point = int(np.flatnonzero(~result.converged)[0])
        raise PredictionError(
            f"{name}: the nuisance parameters of point {point} could not be fitted to the "
            "measured data"
        )
    rates = profiler.model.rates(result.alpha, weights, signal_width2)
    alpha, gamma = rates.alpha, rates.gamma
    return (
        np.broadcast_to(alpha, (size, *alpha.shape[1:])),
        np.broadcast_to(gamma, (size, *gamma.shape[1:])),
    )


def _width2(model: HistFactoryModel, signal_width2: Array | None) -> Array:
    """delta^2 of all entries: (1, S, B) or (n, S, B)."""
    width2 = (model.relative_error**2)[None]
    if signal_width2 is None:
        return width2
    width2 = np.repeat(width2, len(signal_width2), axis=0)
    width2[:, 0] = signal_width2
    return width2
