"""Terms and observables of a user's own, tried at two points before anything is computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import BsinvError, PluginError
from ..likelihoods.base import Array, Quoted, Term
from .own_objects import OwnObjects
from .problem import Problem, answer

__all__ = ["check_own"]

# Of the typical change of a parameter: how far the second point is from the start.
_STEP = 0.01
# Numbers of one point alone and in a batch may differ by rounding.
_SAME = 1e-8


def check_own(problem: Problem, own: OwnObjects) -> None:
    """Refuse terms and observables that fail, or return what they must not.

    Each is asked at the start, at a point beside it, and at both in one batch.

    Parameters
    ----------
    problem : Problem
        With the terms and observables.
    own : OwnObjects

    Raises
    ------
    PluginError
        Naming the term or the observable, what it returned and what was expected.
    """
    parameters = {entry.name for entry in problem.table.parameters}
    for name in own.observables:
        if name in parameters:
            raise PluginError(f"the observable {name!r} has the name of a parameter: rename it.")
    if not own.terms and not own.observables:
        return
    theta = _two_points(problem)
    for name, record in own.observables.items():
        if not record.kinematics:
            _check_observable(problem, name, theta)
    for term in own.terms:
        _check_term(problem, term, theta)


def _two_points(problem: Problem) -> Array:
    """The start and a point beside it, inside the bounds: (2, d)."""
    start, scale = problem.start, problem.scale
    lower, upper = problem.bounds.reshape(-1, 2).T
    step = _STEP * np.where(start + _STEP * scale <= upper, scale, -scale)
    return np.stack([start, np.clip(start + step, lower, upper)])


def _check_observable(problem: Problem, name: str, theta: Array) -> None:
    what = f"the observable {name!r}"
    both = _tried(what, problem.observable, name, theta)
    if not np.isfinite(both[0]):
        raise PluginError(f"{what} is {both[0]} at the start of the fit: it must be finite there.")
    _check_alone(what, _tried(what, problem.observable, name, theta[:1]), both)


def _check_term(problem: Problem, term: Term, theta: Array) -> None:
    what = f"the term {term.name!r}"
    alone, both = (_prediction(problem, term, some) for some in (theta[:1], theta))
    if both.shape[1:] != alone.shape[1:]:
        raise PluginError(
            f"predict() of {what} returns shape {both.shape} for two points and {alone.shape} for "
            "one: the first axis must be that of the points, and the others the same."
        )
    if not np.isfinite(both[0]).all():
        bad = both[0][~np.isfinite(both[0])].ravel()[0] if both.ndim > 1 else both[0]
        raise PluginError(
            f"predict() of {what} returns {bad} at the start of the fit: it must be finite there."
        )
    _check_alone(f"predict() of {what}", alone, both)
    logs = [_numbers(term, "log_likelihood", prediction) for prediction in (alone, both)]
    if np.isnan(logs[1][0]) or logs[1][0] == np.inf:
        raise PluginError(
            f"log_likelihood() of {what} returns {logs[1][0]} at the start of the fit: it must be "
            "a number there, or -inf if the point is excluded."
        )
    _check_alone(f"log_likelihood() of {what}", *logs)
    _numbers(term, "pull", both)
    for member in ("observable_values", "observable_pulls"):
        _numbers(term, member, both, len(term.observables))
    quoted = _tried(what, answer, term, "quoted")
    fits = isinstance(quoted, tuple) and all(isinstance(entry, Quoted) for entry in quoted)
    if not fits or len(quoted) != len(term.observables):
        raise PluginError(
            f"quoted() of {what} must return a tuple of one Quoted for each of its observables: "
            f"{len(term.observables)}."
        )


def _prediction(problem: Problem, term: Term, theta: Array) -> Array:
    """Prediction at points, refused if it is no array of numbers with the points first."""
    what = f"the term {term.name!r}"
    wilson, inputs = problem.workspace(theta)
    found = _array(_tried(what, answer, term, "predict", wilson, inputs))
    size = len(theta)
    if found.dtype.kind not in "iuf" or found.ndim not in (1, 2) or len(found) not in (1, size):
        raise PluginError(
            f"predict() of {what} must return real numbers of shape (n,) or (n, k), n = {size} "
            f"that of the points, not {_told(found)}."
        )
    return np.broadcast_to(found, (size, *found.shape[1:]))


def _numbers(term: Term, member: str, prediction: Array, columns: int | None = None) -> Array:
    """What a method makes of predictions, refused if it is not one number for each of them."""
    what = f"the term {term.name!r}"
    found = _array(_tried(what, answer, term, member, prediction))
    size = len(prediction)
    shape: tuple[int, ...] = (size,) if columns is None else (size, columns)
    if found.dtype.kind not in "iuf" or found.shape != shape:
        words = "(n,)" if columns is None else "(n, k), k that of its observables"
        raise PluginError(
            f"{member}() of {what} must return real numbers of shape {words}, here {shape}, not "
            f"{_told(found)}."
        )
    return found


def _tried(what: str, function: Any, *arguments: Any) -> Any:
    """What a function returns; an error of bsinv is told with whose it is."""
    try:
        return function(*arguments)
    except PluginError:
        raise
    except BsinvError as error:
        raise PluginError(f"{what}: {error}") from error


def _check_alone(what: str, alone: Array, both: Array) -> None:
    """Refuse numbers of a point that depend on its company."""
    one, same = alone[0], both[0]
    size = float(np.max(np.abs(np.where(np.isfinite(same), same, 0.0)), initial=0.0))
    if not np.allclose(one, same, rtol=0.0, atol=_SAME * size, equal_nan=True):
        raise PluginError(
            f"{what} gives another number for a point in a batch ({np.ravel(same)[0]:g}) than for "
            f"that point alone ({np.ravel(one)[0]:g}): every array must keep the points as its "
            "first axis."
        )


def _array(value: Any) -> Array:
    try:
        return np.asarray(value)
    except ValueError:  # lists of unequal lengths
        return np.asarray(None)


def _told(found: Array) -> str:
    if found.dtype.kind == "O":
        return "objects" if found.ndim else type(found.item()).__name__
    return f"{found.dtype} of shape {found.shape}"
