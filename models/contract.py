"""What a model of a user's own must be, checked once before anything is computed with it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import BsinvError, ModelError
from ..physics.arrays import Array
from ..physics.inputs import Inputs
from ..physics.wilson import Wilson
from .base import Model, ModelParameter, described

__all__ = ["check_model"]

# Of a parameter's range: how far from the default the model is asked for coefficients too.
_STEP = 0.01
# Coefficients of one point alone and in a batch may differ by rounding.
_SAME = 1e-8


def check_model(model: Any) -> Model:
    """Refuse what is no model, or one that does not keep the contract of `Model`.

    The model is asked for its coefficients at its defaults, a little away from them, and at both in
    one batch.

    Parameters
    ----------
    model : object

    Returns
    -------
    Model
        The object given.

    Raises
    ------
    ModelError
        With what was found and what is expected: an instance of a subclass of `Model` with a name,
        a description and a tuple of `ModelParameter`, of which every default lies in its range;
        whose ``wilson`` returns a `Wilson`, finite at the defaults, and the same coefficients for a
        point in a batch as for that point alone.
    """
    if isinstance(model, type):
        raise ModelError(
            f"model = {model.__name__} is a class: give an instance of it, {model.__name__}()."
        )
    if isinstance(model, str):
        raise ModelError(
            f"model = {model!r} is a name: give an object of a class of your own made from "
            "bsinv.models.Model; a built-in model is named in the analysis itself, under 'model'."
        )
    if not isinstance(model, Model):
        raise ModelError(
            f"model is {described(model)}: it must be an object of a class made from "
            "bsinv.models.Model."
        )
    _check_attributes(model)
    _check_coefficients(model)
    return model


def _check_attributes(model: Model) -> None:
    """Refuse names and parameters that are missing or no such thing."""
    kind = type(model).__name__
    for attribute in ("name", "description"):
        value = getattr(model, attribute, None)
        if not isinstance(value, str) or not value:
            found = "an empty one" if value == "" else described(value)
            raise ModelError(f"{kind}.{attribute} must be a text, not {found}.")
    if not isinstance(model.lagrangian, str):
        raise ModelError(f"{kind}.lagrangian must be a text, not {described(model.lagrangian)}.")
    parameters = getattr(model, "parameters", None)
    if not isinstance(parameters, tuple):
        raise ModelError(
            f"the parameters of the model {model.name!r} must be a tuple of "
            f"bsinv.models.ModelParameter, not {described(parameters)}."
        )
    for entry in parameters:
        if not isinstance(entry, ModelParameter):
            raise ModelError(
                f"the parameters of the model {model.name!r} hold {described(entry)}: each must be "
                "a bsinv.models.ModelParameter."
            )
        _check_range(model.name, entry)
    names = [entry.name for entry in parameters]
    for name in names:
        if names.count(name) > 1:
            raise ModelError(f"the model {model.name!r} has two parameters of the name {name!r}.")


def _check_range(name: str, entry: ModelParameter) -> None:
    try:
        fits = -np.inf < entry.lower <= entry.default <= entry.upper < np.inf
    except TypeError:
        fits = False
    if not fits or not entry.lower < entry.upper:
        raise ModelError(
            f"the parameter {entry.name!r} of the model {name!r} has the range {entry.lower!r} to "
            f"{entry.upper!r} and the default {entry.default!r}: the ends must be finite and "
            "increase, with the default between them."
        )


def _check_coefficients(model: Model) -> None:
    """Ask for coefficients at two points, alone and in one batch."""
    inputs = Inputs.default()
    defaults = {entry.name: entry.default for entry in model.parameters}
    at_defaults = _coefficients(model, defaults, inputs)
    for name, value in at_defaults.items():
        if not np.isfinite(value).all():
            raise ModelError(
                f"wilson() of the model {model.name!r} gives {name} = "
                f"{value[~np.isfinite(value)][0]:g} at the default values of the parameters, where "
                "coefficients must be finite numbers."
            )
    beside = {entry.name: _beside(entry) for entry in model.parameters}
    try:
        alone = [at_defaults, model.at(beside, inputs)]
    except BsinvError:
        # The model does not want this point: it is its own to say where it is defined.
        beside, alone = defaults, [at_defaults, at_defaults]
    pairs = {name: np.array([defaults[name], beside[name]]) for name in defaults}
    together = _coefficients(model, pairs, inputs)
    for name in sorted({*together, *alone[0], *alone[1]}):
        for index, single in enumerate(alone):
            one, other = _row(single, name, 0), _row(together, name, index)
            if not _alike(one, other):
                raise ModelError(
                    f"wilson() of the model {model.name!r} gives another {name} for a point in a "
                    "batch than for that point alone: values[...] holds one entry for each point, "
                    "and so must every array, as its first axis."
                )


def _coefficients(model: Model, values: dict[str, Any], inputs: Inputs) -> Wilson:
    """Coefficients at points, with any failure told in one sentence."""
    sizes = {np.size(value) for value in values.values()}
    where = "the default values of the parameters" if sizes == {1} else "a batch of two points"
    try:
        return model.at(values, inputs)
    except ModelError:
        raise
    except KeyError as error:
        names = ", ".join(entry.name for entry in model.parameters)
        raise ModelError(
            f"wilson() of the model {model.name!r} asks for {error.args[0]!r}, which is none of "
            f"its parameters: {names}."
        ) from error
    except Exception as error:
        raise ModelError(
            f"wilson() of the model {model.name!r} fails at {where}, each given as an array (n,): "
            f"{error if isinstance(error, BsinvError) else f'{type(error).__name__}: {error}'}"
        ) from error


def _beside(entry: ModelParameter) -> float:
    """Value a little away from the default, on the side where the range is longer."""
    up, down = entry.upper - entry.default, entry.default - entry.lower
    return entry.default + _STEP * (up if up >= down else -down)


def _row(wilson: Wilson, name: str, index: int) -> Array:
    """Coefficient at one point, zero if it is not there."""
    value = wilson.get(name)
    if value is None:
        return np.zeros(1)
    return np.asarray(value[index if len(value) > 1 else 0])


def _alike(one: Array, other: Array) -> bool:
    """Whether two coefficients are the same but for rounding; one that is missing is zero."""
    if one.shape != other.shape and one.any() and other.any():
        return False
    size = max(float(np.abs(one).max(initial=0.0)), float(np.abs(other).max(initial=0.0)))
    return bool(np.allclose(one, other, rtol=0.0, atol=_SAME * size, equal_nan=True))
