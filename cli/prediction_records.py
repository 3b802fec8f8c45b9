"""Predictions asked for by name, as plain records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ParameterError, UnknownNameError
from ..fitter.predict import predict, predict_with_error

if TYPE_CHECKING:
    from ..fitter.own_objects import OwnObjects
    from ..models import Model
    from ..physics.observable import Observable

__all__ = ["model_of_file", "prediction_records"]

# Parameter that multiplies the coefficients of a file.
_SCALE = "kappa"


def model_of_file(
    path: Path, settings: Mapping[str, float | bool], tell: Callable[[str], None]
) -> tuple[Model, dict[str, float | bool]]:
    """Model of a WCxf file, and the settings with which it is the file unless they say else.

    Parameters
    ----------
    path : Path
    settings : mapping of str to number
    tell : callable
        Takes what is to be said of the file.
    """
    from ..models.wcxf.model import wcxf_model

    model = wcxf_model(path, scale_by=_SCALE)
    for note in model.notes:
        tell(f"{path}: {note}")
    return model, {_SCALE: 1.0, **settings}


def prediction_records(
    names: Sequence[str],
    model: str | Model,
    settings: Mapping[str, float | bool],
    q2: Sequence[float] = (),
    errors: bool = False,
    own: OwnObjects | None = None,
) -> list[dict[str, Any]]:
    """Predict observables.

    Parameters
    ----------
    names : sequence of str
        Observables.
    model : str or Model
    settings : mapping of str to number
        Parameters of the model, constants, coefficients of form factors, and kinematics, which go
        to those observables that take them; names of flavio and EOS too.
    q2 : sequence of float
        Points for the observables that need them, GeV^2.
    errors : bool
        Add the error from form factors and constants.
    own : OwnObjects, optional
        Models and observables of plugins.

    Returns
    -------
    list of dict
        With keys ``observable``, ``unit``, ``value``, ``error``, ``kinematics``; values are lists
        for observables at points of q2.

    Raises
    ------
    UnknownNameError
        For an observable, model or setting that does not exist.
    ParameterError
        If a kinematic variable is given that none of the observables takes, or a value is out of
        its range.
    PredictionError
        If q2 is needed and not given.
    """
    from ..data.constants import constants
    from ..models import model as find_model
    from ..physics.ecosystem_names import KINEMATICS, OTHER_PARAMETERS
    from ..physics.inputs import form_factor_parameters
    from ..physics.observables import observable, observables

    brought: Mapping[str, Observable] = {} if own is None else own.observables
    if isinstance(model, str):
        model = (own.models.get(model) if own else None) or find_model(model)
    named = [entry.name for entry in model.parameters]
    every = (*observables().values(), *brought.values())
    kinematic = {key for entry in every for key in _takes(entry)}
    # Kinematics are sorted out here by their names: those of EOS become ours at once.
    given: dict[str, Any] = {KINEMATICS.get(key, key): value for key, value in settings.items()}
    if q2:
        given["q2"] = np.asarray(q2, float)
    known = {*named, *kinematic, *constants(), *form_factor_parameters(), *OTHER_PARAMETERS}
    for key in given:
        if key not in known:
            raise UnknownNameError("parameter", key, known)
    found = [brought.get(name) or observable(name) for name in names]
    for key in given:
        if key in kinematic and not any(key in _takes(entry) for entry in found):
            instead = "".join(f" {entry.instead}" for entry in found if entry.instead)
            raise ParameterError(
                f"none of the observables takes {key}: {', '.join(names)}.{instead}"
            )
    records = []
    for entry in found:
        chosen = {
            key: value
            for key, value in given.items()
            if key not in kinematic or key in _takes(entry)
        }
        value, error = (
            predict_with_error(entry, model, **chosen)
            if errors
            else (predict(entry, model, **chosen), None)
        )
        records.append(
            {
                "observable": entry.name,
                "unit": entry.unit,
                "value": value,
                "error": error,
                "kinematics": {key: chosen[key] for key in chosen if key in kinematic},
            }
        )
    return records


def _takes(entry: Observable) -> tuple[str, ...]:
    return (*entry.kinematics, *entry.optional)
