"""Checks of the parameters of an analysis: names, ranges, priors, ties, expressions."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from keyword import kwlist

from ...errors import did_you_mean
from .definitions import IMAGINARY, circles, definitions, used
from .expressions import CONSTANTS, FUNCTIONS, parse
from .names import MAX_SIGMAS, KnownNames, coefficient_prefix
from .parameters import (
    ExpressionSpec,
    FixedSpec,
    FreeSpec,
    PolarSpec,
    PriorSpec,
    TiedSpec,
)
from .reading.faults import Fault
from .reading.nodes import Key
from .sections import AnalysisSpec

__all__ = ["EVERYWHERE", "check_free", "check_names", "check_parameters", "check_start"]

EVERYWHERE = (-math.inf, math.inf)


def check_parameters(spec: AnalysisSpec, known: KnownNames) -> Iterator[Fault]:
    """Faults of the sections ``parameters`` and ``auxiliary``.

    Parameters
    ----------
    spec : AnalysisSpec
    known : KnownNames

    Yields
    ------
    Fault
    """
    if spec.model_name not in known.models:
        yield Fault(
            ("model",),
            f"unknown model {spec.model_name!r}{did_you_mean(spec.model_name, known.models)}",
        )
        return
    ranges = known.models[spec.model_name]
    for name, entry in spec.parameters.items():
        path: Key = ("parameters", name)
        if name not in ranges:
            hint = known.hint(name, ranges)
            yield Fault(path, f"unknown parameter of the model {spec.model_name!r}{hint}")
        elif isinstance(entry, FixedSpec):
            lower, upper = ranges[name]
            if not lower <= entry.value <= upper:
                message = f"{entry.value:g} is outside the range [{lower:g}, {upper:g}] of {name}."
                yield Fault(path, message)
        elif isinstance(entry, FreeSpec):
            yield from check_free(entry, path, ranges[name])
        elif isinstance(entry, TiedSpec):
            if entry.equals not in ranges and entry.equals not in spec.auxiliary:
                hint = did_you_mean(entry.equals, [*ranges, *spec.auxiliary])
                yield Fault(path, f"tied to an unknown parameter {entry.equals!r}{hint}")
        elif isinstance(entry, PolarSpec):
            yield from _check_polar(entry, name, spec, known)
        else:
            yield from _check_expression(entry.expression, (*path, "expression"), spec, known)
    yield from _check_auxiliary(spec, known)
    yield from _check_circles(spec)


def _check_expression(
    text: str, path: Key, spec: AnalysisSpec, known: KnownNames
) -> Iterator[Fault]:
    yield from check_names(parse(text).names, path, spec, known)


def check_names(
    names: Iterable[str], path: Key, spec: AnalysisSpec, known: KnownNames
) -> Iterator[Fault]:
    """Names in an expression or a cut that are no parameters.

    Parameters
    ----------
    names : iterable of str
    path : tuple of str and int
        Where it stands.
    spec : AnalysisSpec
    known : KnownNames

    Yields
    ------
    Fault
    """
    ranges = known.models[spec.model_name]
    for name in names:
        if name in ranges or name in spec.auxiliary or name in spec.inputs:
            continue
        if name in known.constants:
            message = f"{name!r} is a constant: name it under inputs to use it in expressions."
            yield Fault(path, message)
        else:
            hint = did_you_mean(name, [*ranges, *spec.auxiliary, *CONSTANTS])
            yield Fault(path, f"unknown parameter {name!r}{hint}")


def _check_polar(
    entry: PolarSpec, name: str, spec: AnalysisSpec, known: KnownNames
) -> Iterator[Fault]:
    """The pair that is set must exist and be set only here; its parts must be known."""
    path: Key = ("parameters", name, "polar")
    other, ranges = IMAGINARY + name, known.models[spec.model_name]
    if other not in ranges:
        pairs = [one for one in ranges if IMAGINARY + one in ranges]
        hint = did_you_mean(name, pairs) if pairs else ": none of its parameters has one."
        yield Fault(path, f"the model {spec.model_name!r} has no imaginary part {other!r}{hint}")
    elif other in spec.parameters:
        yield Fault(("parameters", other), f"is set by the polar form of {name}: remove one.")
    yield from _check_expression(entry.polar.modulus, (*path, "modulus"), spec, known)
    yield from _check_expression(entry.polar.phase, (*path, "phase"), spec, known)


def _check_auxiliary(spec: AnalysisSpec, known: KnownNames) -> Iterator[Fault]:
    needed = used(spec)
    for name, entry in spec.auxiliary.items():
        path: Key = ("auxiliary", name)
        taken = _taken(name, spec, known)
        if not name.isidentifier():
            yield Fault(path, "a name must be made of letters, digits and _, no digit first.")
        elif taken:
            yield Fault(path, f"is {taken}: choose another name.")
        elif name not in needed:
            yield Fault(path, "no parameter of the model is made of it: use it, or remove it.")
        if isinstance(entry, FreeSpec):
            yield from check_free(entry, path, EVERYWHERE)
        elif isinstance(entry, ExpressionSpec):
            yield from _check_expression(entry.expression, (*path, "expression"), spec, known)


def _taken(name: str, spec: AnalysisSpec, known: KnownNames) -> str:
    """What a name stands for already; empty if nothing."""
    coefficients = {
        coefficient_prefix(one.process) + coefficient
        for one in known.form_factor_sets.values()
        for coefficient in one.names
    }
    meanings: Mapping[str, Collection[str]] = {
        f"a parameter of the model {spec.model_name!r}": known.models[spec.model_name],
        "an input": known.constants,
        "a form-factor coefficient": coefficients,
        "a function of expressions": FUNCTIONS,
        "a constant of expressions": CONSTANTS,
        "a reserved word": kwlist,
    }
    return next((meaning for meaning, names in meanings.items() if name in names), "")


def _check_circles(spec: AnalysisSpec) -> Iterator[Fault]:
    """One fault for each circle of ties and expressions, at its first member in the file."""
    given = definitions(spec)
    for circle in circles(given):
        ties = all(isinstance(given[name], TiedSpec) for name in circle)
        how = "tied" if ties else "defined"
        path: Key = ("auxiliary" if circle[0] in spec.auxiliary else "parameters", circle[0])
        if circle[0] not in {**spec.parameters, **spec.auxiliary}:  # it is set by a polar form
            path = ("parameters", circle[0].removeprefix(IMAGINARY), "polar")
        yield Fault(path, f"{how} in a circle: {' -> '.join(circle)}.")


def check_free(entry: FreeSpec, path: Key, limits: tuple[float, float]) -> Iterator[Fault]:
    """Faults of a prior, its support within the parameter's range, and the start within it.

    Parameters
    ----------
    entry : FreeSpec
    path : tuple of str and int
        Where it stands.
    limits : (lower, upper)
        Range of the parameter, in its unit.

    Yields
    ------
    Fault
    """
    faults = list(_check_prior(entry.prior, (*path, "prior")))
    yield from faults
    if faults:
        return
    lower, upper = entry.prior.support()
    where = (*path, "prior", entry.prior.kind)
    if entry.periodic and entry.prior.uniform is None:
        yield Fault(
            (*path, "periodic"),
            f"an angle needs a uniform prior over a full period, not {entry.prior.kind}.",
        )
        return
    if math.isfinite(lower) and lower < limits[0]:
        message = f"reaches down to {lower:g}: the parameter's range starts at {limits[0]:g}."
        yield Fault(where, message)
        return
    if math.isfinite(upper) and upper > limits[1]:
        message = f"reaches up to {upper:g}: the parameter's range ends at {limits[1]:g}."
        yield Fault(where, message)
        return
    # A normal prior without ends of its own is cut at the parameter's range.
    lower, upper = max(lower, limits[0]), min(upper, limits[1])
    if entry.prior.normal is not None:
        mean, sigma = entry.prior.normal
        if abs(min(max(mean, lower), upper) - mean) > MAX_SIGMAS * sigma:
            message = f"lies more than {MAX_SIGMAS:g} sigma outside [{lower:g}, {upper:g}]."
            yield Fault(where, message)
            return
    if entry.start is not None:
        yield from check_start(entry.start, (lower, upper), (*path, "start"))


def _check_prior(prior: PriorSpec, path: Key) -> Iterator[Fault]:
    where = (*path, prior.kind)
    if prior.normal is not None and prior.normal[1] <= 0.0:
        yield Fault(where, f"needs a sigma above 0, not {prior.normal[1]:g}.")
    if prior.log_uniform is not None and prior.log_uniform[0] <= 0.0:
        yield Fault(where, f"needs a lower end above 0, not {prior.log_uniform[0]:g}.")
    lower, upper = prior.support()
    if not lower < upper:
        yield Fault(where, f"needs lower < upper, not {lower:g} and {upper:g}.")


def check_start(start: float, support: tuple[float, float], path: Key) -> Iterator[Fault]:
    """Fault of a start outside the support (lower, upper) of its prior."""
    lower, upper = support
    if not lower <= start <= upper:
        yield Fault(path, f"{start:g} is outside the prior's support [{lower:g}, {upper:g}].")
