"""Data sets drawn from a HistFactory model: counts and the auxiliary data of all constraints.

A toy at given nuisance parameters has counts ``n_b ~ Poisson(nu_b)``, and auxiliary data are drawn
again with them: centres of the alphas ``N(alpha, 1)``, of the bin factors ``N(gamma, delta)``. The
nuisance parameters are by default those that fit the measured data best for the signal asked for:
the profile construction, also called conditional or plug-in (1305.2050).
"""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass

import numpy as np

from ...errors import ParameterError, PredictionError
from .interpolation import Array
from .model import HistFactoryModel
from .profile import Profiler

__all__ = ["FLOOR", "NUISANCES", "Drawn", "asimov_data", "draw_data", "matched"]

NUISANCES = ("conditional", "nominal", "prior")
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
    alpha : (m, n_alpha) array
        Centres of the constraints of the alphas.
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
    rate = model.rates(alpha, weights, signal_width2).rate
    expected = np.maximum((gamma * rate).sum(axis=1), 0.0)
    counts = rng.poisson(expected).astype(float)
    slots, bins = model.places
    width = np.sqrt(_width2(model, weights, signal_width2)[:, slots, bins])
    centre = gamma[:, slots, bins]
    factors = np.maximum(rng.normal(centre, np.broadcast_to(width, centre.shape)), FLOOR)
    return Drawn(counts, rng.normal(alpha, 1.0), factors)


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
    rate = model.rates(alpha, weights, signal_width2).rate
    slots, bins = model.places
    expected = np.maximum((gamma * rate).sum(axis=1), 0.0)
    return Drawn(expected, alpha, gamma[:, slots, bins])


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
        allowed = ", ".join(map(repr, NUISANCES))
        raise ParameterError(
            f"{name}: nuisances {nuisances!r} of toys are not known: allowed are {allowed}"
        )
    finite = np.isfinite(weights).all(axis=1)
    if not finite.all():
        raise PredictionError(
            f"{name}: no data can be drawn from a prediction that is not finite, as that of point "
            f"{int(np.flatnonzero(~finite)[0])}"
        )
    model, size = profiler.model, len(weights)
    if nuisances == "conditional":
        return _conditional(name, profiler, weights, signal_width2)
    alpha = np.zeros((size, model.n_alpha))
    gamma = np.ones((size, *model.nominal.shape))
    if rng is not None and nuisances == "prior":
        alpha = rng.normal(size=alpha.shape)
        width = np.sqrt(_width2(model, weights, signal_width2))
        gamma = np.maximum(1.0 + width * rng.normal(size=gamma.shape), FLOOR)
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


def _width2(model: HistFactoryModel, weights: Array, signal_width2: Array | None) -> Array:
    """delta^2 of all entries: (1, S, B) or (n, S, B)."""
    width2 = (model.relative_error**2)[None]
    if signal_width2 is None:
        return width2
    width2 = np.repeat(width2, len(weights), axis=0)
    width2[:, 0] = signal_width2
    return width2
