"""Checks of the predictions that an analysis asks for."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import did_you_mean
from .definitions import definitions
from .faults import Fault
from .names import KnownNames
from .nodes import Key
from .parameters import ExpressionSpec, TiedSpec
from .sections import AnalysisSpec, PredictionSpec

__all__ = ["check_predictions"]


def check_predictions(spec: AnalysisSpec, known: KnownNames) -> Iterator[Fault]:
    """Faults of the section ``predictions``.

    Parameters
    ----------
    spec : AnalysisSpec
    known : KnownNames

    Yields
    ------
    Fault
    """
    given = definitions(spec)
    derived = {
        name for name, entry in given.items() if isinstance(entry, TiedSpec | ExpressionSpec)
    }
    parameters = {*given, *known.models.get(spec.model, {})}
    for index, request in enumerate(spec.predictions):
        path: Key = ("predictions", index)
        name = request.observable
        if request in spec.predictions[:index]:
            yield Fault(path, f"{name!r} is listed twice: remove one.")
        if name in known.observables:
            yield from _check_observable(request, known, path)
        elif name in derived:
            for key in request.kinematics:
                yield Fault((*path, key), "goes with observables, not with parameters.")
        elif name in parameters:
            yield Fault(path, f"{name!r} does not follow from others: it needs no prediction.")
        else:
            hint = did_you_mean(name, [*known.observables, *derived])
            yield Fault(path, f"unknown observable {name!r}{hint}")


def _check_observable(request: PredictionSpec, known: KnownNames, path: Key) -> Iterator[Fault]:
    """It must be one number, and take the kinematics that are given."""
    found = known.observables[request.observable]
    needed = [key for key in found.needs if key not in request.kinematics]
    if needed:
        quantity, bracket, mode = request.observable.partition("(")
        mean = f"<{quantity}>{bracket}{mode}"
        hint = f" In a range of q2: {mean!r}." if mean in known.observables else ""
        told = ", ".join(needed)
        yield Fault(path, f"{request.observable!r} is no single number: it needs {told}.{hint}")
    for key in request.kinematics:
        if key not in found.takes:
            yield Fault((*path, key), f"{request.observable!r} does not take it.")
    low, high = request.q2min, request.q2max
    if low is not None and high is not None and not low < high:
        yield Fault(path, f"needs q2min < q2max, not {low:g} and {high:g}.")
