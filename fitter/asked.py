"""Predictions that an analysis asks for besides those that every run makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import BsinvError

if TYPE_CHECKING:
    from ..physics.observable import Observable
    from .analysis import Analysis
    from .analysis_file.sections import PredictionSpec
    from .analysis_file.source import Located
    from .drivers.target import Array
    from .parameters.records import Parameter

__all__ = ["check_asked", "label_of", "value_of"]


def label_of(analysis: Analysis, request: PredictionSpec) -> dict[str, Any]:
    """Name, symbol and unit of a prediction that was asked for.

    Parameters
    ----------
    analysis : Analysis
    request : PredictionSpec

    Returns
    -------
    dict of str to str
        With the keys ``name``, ``latex``, ``unit``: fields of a `Prediction`.
    """
    from ..physics.observables import observable

    parameter = _parameter(analysis, request)
    entry: Parameter | Observable = parameter or observable(request.observable)
    name, latex = request.observable, entry.latex
    if request.q2min is not None or request.q2max is not None:
        low = "" if request.q2min is None else f"{request.q2min:g} < "
        high = "" if request.q2max is None else f" < {request.q2max:g}"
        name += f", {low}q2{high}"
        latex += rf",\ {low}q^2{high}"
    if request.long_distance:
        name += ", with long distance"
        latex += r"\ \mathrm{(LD)}"
    return {"name": name, "latex": latex, "unit": "" if entry.unit == "1" else entry.unit}


def value_of(analysis: Analysis, request: PredictionSpec, theta: Array) -> Array:
    """Prediction that was asked for, at a batch of points.

    Parameters
    ----------
    analysis : Analysis
    request : PredictionSpec
        An observable, or a parameter that follows from others.
    theta : (n, d) array

    Returns
    -------
    (n,) array
        In the unit of the observable or the parameter.

    Raises
    ------
    PredictionError
        If the model cannot predict it.
    """
    if _parameter(analysis, request) is None:
        return analysis.observable(request.observable, theta, **request.kinematics)
    table = analysis.table
    rule = table.model.get(request.observable)
    value = table.derived(theta)[request.observable] if rule is None else rule(theta)
    return np.broadcast_to(value, (len(theta),))


def _parameter(analysis: Analysis, request: PredictionSpec) -> Parameter | None:
    entries = analysis.table.parameters
    return next((entry for entry in entries if entry.name == request.observable), None)


def check_asked(analysis: Analysis, located: Located) -> None:
    """Make every prediction that was asked for once, so that what cannot work is said at once.

    Parameters
    ----------
    analysis : Analysis
    located : Located
        Its file, for the line.

    Raises
    ------
    AnalysisError
        If the model cannot predict one.
    """
    for index, request in enumerate(analysis.spec.predictions):
        try:
            value_of(analysis, request, analysis.start[None])
        except BsinvError as error:
            raise located.mistake(str(error), ("predictions", index)) from error
