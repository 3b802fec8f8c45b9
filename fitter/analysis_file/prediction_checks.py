"""Checks of the predictions that an analysis asks for."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import PredictionError, did_you_mean
from ...physics.fixed_kinematics import split_name
from .definitions import definitions
from .names import KnownNames
from .parameters import ExpressionSpec, TiedSpec
from .reading.faults import Fault
from .reading.nodes import Key
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
    parameters = {*given, *known.models.get(spec.model_name, {})}
    for index, request in enumerate(spec.predictions):
        path: Key = ("predictions", index)
        name = request.observable
        if request in spec.predictions[:index]:
            yield Fault(path, f"{name!r} is listed twice: remove one.")
        base, fixed, problem = _apart(name, known)
        if problem:
            yield Fault(path, problem)
        elif base in known.observables:
            yield from _check_observable(request, base, fixed, known, path)
        elif name in derived:
            for key in request.kinematics:
                yield Fault((*path, key), "goes with observables, not with parameters.")
        elif name in parameters:
            yield Fault(path, f"{name!r} does not follow from others: it needs no prediction.")
        else:
            hint = did_you_mean(name, [*known.observables, *derived])
            yield Fault(path, f"unknown observable {name!r}{hint}")


def _apart(name: str, known: KnownNames) -> tuple[str, tuple[str, ...], str]:
    """Name without kinematics in brackets, these, and what is wrong with them."""
    if name in known.observables:
        return name, (), ""
    try:
        parts = split_name(name)
    except PredictionError as error:
        return name, (), str(error)
    return (name, (), "") if parts is None else (parts[0], tuple(parts[1]), "")


def _check_observable(
    request: PredictionSpec, base: str, fixed: tuple[str, ...], known: KnownNames, path: Key
) -> Iterator[Fault]:
    """It must be one number, and take the kinematics that are given."""
    found, name = known.observables[base], request.observable
    needed = [key for key in found.needs if key not in fixed and key not in request.kinematics]
    if needed:
        quantity, bracket, mode = base.partition("(")
        mean = f"<{quantity}>{bracket}{mode}"
        hint = f" In a range of q2: {mean!r}." if mean in known.observables else ""
        told = ", ".join(needed)
        yield Fault(path, f"{name!r} is no single number: it needs {told}.{hint}")
    for key in fixed:
        if key not in found.takes:
            yield Fault(path, f"{base!r} does not take {key}{did_you_mean(key, found.takes)}")
    for key in request.kinematics:
        if key not in found.takes:
            yield Fault((*path, key), f"{name!r} does not take it.")
        elif fixed:
            yield Fault((*path, key), "does not go with kinematics in the name: write it there.")
    low, high = request.q2min, request.q2max
    if low is not None and high is not None and not low < high:
        yield Fault(path, f"needs q2min < q2max, not {low:g} and {high:g}.")
