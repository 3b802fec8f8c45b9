"""Where the parameters of the model have their defaults: the point that fits are compared with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from ...errors import PluginError, PredictionError
from ...physics.observables import ALIASES, observables
from ...physics.wilson import WILSON_NAMES, Wilson
from ...physics.workspace import Workspace
from ..parameters.priors import Array
from ..problem import Problem
from .defaults import default_columns
from .predictions import NUMBERS

__all__ = [
    "Reference",
    "held_columns",
    "is_reference",
    "reference_point",
    "unseen_parameters",
]

# Quantiles of its prior at which a parameter is moved to see whether anything depends on it.
_RANKS = (0.02, 0.2, 0.4, 0.6, 0.8, 0.98)
# Distance from a default, in units of it or of 1, that a search leaves.
_SNAP = 1e-8


@dataclass(frozen=True)
class Reference:
    """The reference point of a fit.

    Attributes
    ----------
    label : str
        Its name, such as ``SM``.
    columns : mapping of int to float
        Free parameters of the model and where they are: at their defaults, or at the nearest end of
        a prior that does not reach them, as a mass where no coupling is left. The other parameters
        are free there.
    held : tuple of int
        Columns of parameters of the model whose priors do not reach their defaults.
    """

    label: str
    columns: Mapping[int, float]
    held: tuple[int, ...]


def reference_point(problem: Problem, asked: Iterable[str] = ()) -> Reference | None:
    """Where the model has its defaults, as far as anything that is told depends on it.

    Parameters
    ----------
    problem : Problem
    asked : iterable of str
        Predictions told besides those that every run makes.

    Returns
    -------
    Reference or None
        None if that point lies outside the priors, or what is fixed does not allow it.
    """
    defaults = _defaults(problem)
    found = default_columns(problem.table, defaults)
    if found is None:
        return None
    theta = problem.start[None].copy()
    theta[0, list(found)] = list(found.values())
    known = observables()
    own = problem.observables
    told = (*NUMBERS, *(name for name in asked if name in known or name in ALIASES or name in own))
    if not is_reference(problem, theta, told):
        return None
    return Reference(problem.model.reference_label, found, held_columns(problem))


def _defaults(problem: Problem) -> dict[str, float]:
    return {entry.name: entry.default for entry in problem.model.parameters}


def held_columns(problem: Problem) -> tuple[int, ...]:
    """Columns of parameters of the model whose defaults lie outside their priors.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    tuple of int
    """
    table, defaults = problem.table, _defaults(problem)
    return tuple(
        column
        for column, (entry, (lower, upper)) in enumerate(zip(table.free, table.bounds, strict=True))
        if entry.role == "model" and not lower <= defaults[entry.name] <= upper
    )


def is_reference(problem: Problem, theta: Array, told: Iterable[str] = ()) -> bool:
    """Whether a point is that of the defaults, as far as anything that is told depends on it.

    Either it gives the same coefficients, or all terms and the observables predict the same. With a
    coupling that is fixed, say, a point may never be the Standard Model. Masses, decays of heavy
    particles and the largest coupling may differ.

    Parameters
    ----------
    problem : Problem
    theta : (1, d) array
    told : iterable of str
        Single numbers that are told besides the terms.

    Returns
    -------
    bool
    """
    model, inputs = problem.model, problem.wilson(theta)[1]
    defaults = _defaults(problem)
    values = problem.table.values(theta).model
    near = {name: _snapped(float(value[0]), defaults[name]) for name, value in values.items()}
    here, there = (
        model.at({name: np.array([x]) for name, x in at.items()}, inputs) for at in (near, defaults)
    )
    masses = {name: value for name, value in here.items() if _is_mass(name)}
    alike = {name: value for name, value in there.items() if not _is_mass(name)}
    other = Wilson({**alike, **masses}, size=here.size)
    zero = np.zeros(1)
    if all(_close(here.get(name, zero), other.get(name, zero)) for name in {*here, *other}):
        return True
    parameters = problem.workspace(theta)[0].parameters
    here, other = (
        Workspace(wilson, inputs, parameters, problem.observables) for wilson in (here, other)
    )
    try:
        return all(
            _close(term.predict(here, inputs), term.predict(other, inputs))
            for term in problem.terms
        ) and all(
            _close(record(here, inputs), record(other, inputs))
            for record in map(problem.record, told)
        )
    except (PluginError, PredictionError):  # one of the two cannot be predicted
        return False


def unseen_parameters(problem: Problem, theta: Array, columns: Iterable[int]) -> tuple[str, ...]:
    """Parameters that have no meaning at a point, such as a mass where a coupling is zero.

    Nothing that is predicted depends on them there, or no coefficient but masses: limits on the
    mass itself may.

    Parameters
    ----------
    problem : Problem
    theta : (1, d) array
    columns : iterable of int
        Those that are looked at, each at several quantiles of its prior.

    Returns
    -------
    tuple of str
    """
    table = problem.table
    ranks = np.full((len(_RANKS), table.ndim), 0.5)
    unseen = []
    for column in columns:
        ranks[:, column] = _RANKS
        moved = np.repeat(theta, len(_RANKS) + 1, axis=0)
        moved[1:, column] = table.transform(ranks)[:, column]
        ranks[:, column] = 0.5
        wilson, _ = problem.wilson(moved)
        coefficients = [wilson[name] for name in wilson if not _is_mass(name)]
        if all(map(_constant, coefficients)) or _predicts_the_same(problem, moved):
            unseen.append(problem.names[column])
    return tuple(unseen)


def _predicts_the_same(problem: Problem, theta: Array) -> bool:
    try:
        return all(map(_constant, problem.predictions(theta).values()))
    except PredictionError:  # at one of the points only
        return False


def _constant(values: Array) -> bool:
    """Whether all points have the values (n, ...) of the first."""
    return _close(values, np.broadcast_to(values[:1], values.shape))


def _close(one: Array, other: Array) -> bool:
    return bool(np.allclose(one, other, rtol=1e-9, atol=0.0, equal_nan=True))


def _snapped(value: float, default: float) -> float:
    """A value found by a search, and the default if it is that but for the tolerance."""
    return default if abs(value - default) <= _SNAP * max(abs(default), 1.0) else value


def _is_mass(name: str) -> bool:
    # Decays go with the masses: they say what a search sees of the particle.
    known = WILSON_NAMES[name]
    return name == "max_coupling" or known.columns > 0 or known.unit in ("GeV", "TeV")
