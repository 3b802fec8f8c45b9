"""A reweighted likelihood at another luminosity, under an assumption on its systematic errors."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase

import numpy as np

from ...errors import ParameterError, choices
from ..base import Array, Data
from ..histfactory.model import HistFactoryModel
from ..histfactory.parameters import Parameters
from ..histfactory.profile import Profiler
from ..histfactory.sample import Drawn, redraw
from .term import ReweightedTerm

__all__ = ["ASSUMPTIONS", "scaled_term", "scaled_toys"]

ASSUMPTIONS = ("statistical", "published", "scaled")


def scaled_term(
    term: ReweightedTerm,
    prediction: Array,
    factor: float,
    assumption: str = "published",
    patterns: Iterable[str] = (),
    simulation: bool = True,
) -> tuple[ReweightedTerm, Data]:
    """The term at a luminosity, and its Asimov data at a prediction.

    All expected counts are multiplied by the factor, those of control channels too. Data are what
    is expected at the nuisance parameters that fit the data published best with this prediction,
    and centres of constraints are at these, so that a fit gives the prediction back.

    Parameters
    ----------
    term : ReweightedTerm
    prediction : (1, C) array
        What is true, as from `ReweightedTerm.predict`.
    factor : float
        Luminosity over that of the data published.
    assumption : {"statistical", "published", "scaled"}
        Nuisance parameters fixed at these values; their widths as published; or those named by a
        pattern, and bin factors, with widths that fall with the square root of the factor.
    patterns : iterable of str
        Names of nuisance parameters, with ``*`` and ``?``.
    simulation : bool
        Whether the widths of the bin factors fall too.

    Returns
    -------
    ReweightedTerm
        Nuisance parameters are profiled.
    Data
        One data set.

    Raises
    ------
    ParameterError
        If the factor is not positive and finite, the assumption is not known, a pattern names no
        parameter, or bin factors with Poisson constraints or free parameters are to be scaled.
    PredictionError
        As `ReweightedTerm.asimov`.
    """
    if not (np.isfinite(factor) and factor > 0.0):
        raise ParameterError(f"{term.name}: a luminosity of {factor:g} times today's is none")
    if assumption not in ASSUMPTIONS:
        allowed = choices(assumption, ASSUMPTIONS)
        raise ParameterError(f"assumption {assumption!r} is not known: allowed are {allowed}")
    told = term.asimov(prediction)
    if assumption == "statistical":
        model = _fixed(term, prediction, told, factor)
        made = _with_model(term, model)
        return made, Data(factor * told.values, {"alpha": np.zeros((1, 1)), "factors": _none()})
    model = _multiplied(term.model, factor, factor * told.values[0])
    if assumption == "scaled":
        model = _narrowed(term, model, factor, tuple(patterns), simulation)
    return _with_model(term, model), Data(factor * told.values, told.auxiliary)


def scaled_toys(
    made: ReweightedTerm, prediction: Array, told: Data, size: int, rng: np.random.Generator
) -> Data:
    """Draw data sets around the Asimov data of a scaled term, auxiliary data too.

    Parameters
    ----------
    made : ReweightedTerm
        As from `scaled_term`.
    prediction : (1, C) array
        What is true.
    told : Data
        Its Asimov data there: nuisance parameters are at the centres of its constraints.
    size : int
    rng : numpy.random.Generator

    Returns
    -------
    Data
        `size` data sets.
    """
    rows = np.zeros(size, int)
    some = told.take(rows)
    expected = Drawn(some.values, some.auxiliary["alpha"], some.auxiliary["factors"])
    widths2 = made.own_widths2(made.columns(prediction))
    if widths2 is not None:
        widths2 = widths2[rows]
    drawn = redraw(made.model, expected, rng, widths2)
    return Data(drawn.counts, {"alpha": drawn.alpha, "factors": drawn.factors})


def _none() -> Array:
    return np.zeros((1, 0))


def _with_model(term: ReweightedTerm, model: HistFactoryModel) -> ReweightedTerm:
    made = copy.copy(term)
    for cached in ("data", "_constant", "signal_only"):
        made.__dict__.pop(cached, None)
    made.profiler, made.nuisances = Profiler(model), "profile"
    if assumed_fixed(model):
        made.template_errors = "published"  # there are none: the factors are fixed
    return made


def assumed_fixed(model: HistFactoryModel) -> bool:
    """Whether no bin factor of a model is free."""
    return not model.n_factors


def _multiplied(model: HistFactoryModel, factor: float, observed: Array) -> HistFactoryModel:
    return replace(
        model,
        nominal=factor * model.nominal,
        odd=factor * model.odd,
        even=factor * model.even,
        observed=observed,
    )


def _narrowed(
    term: ReweightedTerm,
    model: HistFactoryModel,
    factor: float,
    patterns: tuple[str, ...],
    simulation: bool,
) -> HistFactoryModel:
    names, parameters = model.alpha_names, model.parameters
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise ParameterError(
                f"{term.name}: no nuisance parameter is called {pattern!r}; there are "
                f"{', '.join(names)}"
            )
    chosen = np.array([any(fnmatchcase(name, one) for one in patterns) for name in names], bool)
    if (chosen & ~parameters.normal).any():
        name = names[int(np.flatnonzero(chosen & ~parameters.normal)[0])]
        raise ParameterError(f"{term.name}: {name} has no normal constraint whose width could fall")
    if simulation and model.tau is not None:
        raise ParameterError(
            f"{term.name}: bin factors with Poisson constraints are not scaled: give simulation: "
            "false"
        )
    width = np.where(chosen, parameters.width / np.sqrt(factor), parameters.width)
    errors = model.relative_error / np.sqrt(factor) if simulation else model.relative_error
    return replace(model, parameters=replace(parameters, width=width), relative_error=errors)


def _fixed(term: ReweightedTerm, prediction: Array, told: Data, factor: float) -> HistFactoryModel:
    """Model of the counts alone: templates are those at the nuisance parameters of the truth."""
    model = term.model
    if len(model.parameters.free):
        free = ", ".join(model.alpha_names[index] for index in model.parameters.free)
        raise ParameterError(
            f"{term.name}: {free} are free parameters without constraint, not nuisances to be fixed"
        )
    slots, bins = model.places
    gamma = np.ones((1, *model.nominal.shape))
    gamma[:, slots, bins] = told.auxiliary["factors"]
    centres = model.parameters.full(told.auxiliary["alpha"])
    alpha = told.auxiliary["alpha"] if centres is None else centres
    ones = np.ones((1, model.signals * model.observed.size))
    rate = model.spread_over_members(gamma) * model.rates(alpha, ones).rate
    shape = (0, *model.nominal.shape)
    return replace(
        model,
        nominal=factor * np.maximum(rate[0], 0.0),
        observed=factor * told.values[0],
        relative_error=np.zeros_like(model.relative_error),
        tau=None,
        members=None,
        shape_names=(),
        scale_names=(),
        odd=np.zeros(shape),
        even=np.zeros(shape),
        log_lo=np.zeros(0),
        log_hi=np.zeros(0),
        coefficients=np.zeros((7, 0)),
        applies=np.zeros(shape),
        shape_index=np.zeros(0, int),
        scale_index=np.zeros(0, int),
        # One that nothing depends on: a model without any is none.
        parameters=Parameters.standard(("none",)),
        extra_constant=0.0,
    )
