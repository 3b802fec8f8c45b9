"""Measurements of one's own in an analysis file: the keys of an entry that says what was measured.

Types and what goes together are checked here; names and units where the term is made.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from ...physics.fixed_kinematics import spell_name
from .reading.nodes import describe_value
from .reading.values import FilledList, Integer, Name, Number, Record, fault

__all__ = ["ErrorSpec", "ErrorValue", "ObservableName", "OwnDataSpec", "Positive", "sides_of"]

Positive = Annotated[Number, Field(gt=0)]


class ErrorSpec(Record):
    """Upper and lower error of a value."""

    plus: Positive
    minus: Positive


def _form(value: Any) -> str:
    """Tag of the form of an error; in angle brackets, so that messages can drop it."""
    return "<sides>" if isinstance(value, dict | ErrorSpec) else "<number>"


ErrorValue = Annotated[
    Annotated[Positive, Tag("<number>")] | Annotated[ErrorSpec, Tag("<sides>")],
    Discriminator(_form),
]


def sides_of(error: float | ErrorSpec) -> tuple[float, float]:
    """Upper and lower error."""
    return (error.plus, error.minus) if isinstance(error, ErrorSpec) else (error, error)


def _observable(value: Any) -> str:
    """Name with its kinematics, from either form."""
    if isinstance(value, str) and value.strip():
        return value
    if not isinstance(value, dict):
        raise fault(
            "must be the name of an observable, or a mapping with name and kinematics, not "
            f"{describe_value(value)}."
        )
    name = value.get("name")
    if not isinstance(name, str) or not name.strip():
        raise fault("needs the key 'name', that of an observable.")
    kinematics = {key: entry for key, entry in value.items() if key != "name"}
    for key, entry in kinematics.items():
        if not isinstance(entry, int | float):
            raise fault(f"{key} must be a number, or true or false, not {describe_value(entry)}.")
    return spell_name(name, kinematics)


def _curve(value: Any) -> str | dict[str, tuple[float, ...]]:
    """Name of a file, or columns."""
    if isinstance(value, str) and value.strip():
        return value
    if not isinstance(value, dict) or not value:
        raise fault(
            "must be the name of a file, or columns such as {x: [...], minus_two_log_l: [...]}, "
            f"not {describe_value(value)}."
        )
    found: dict[str, tuple[float, ...]] = {}
    for name, column in value.items():
        if not isinstance(column, list | tuple) or not column:
            raise fault(f"{name} must be a list of numbers, not {describe_value(column)}.")
        for entry in column:
            if isinstance(entry, bool) or not isinstance(entry, int | float):
                raise fault(f"{name} must hold numbers, not {describe_value(entry)}.")
        found[str(name)] = tuple(float(entry) for entry in column)
    return found


ObservableName = Annotated[str, BeforeValidator(_observable)]
CurveValue = Annotated[str | dict[str, tuple[float, ...]], BeforeValidator(_curve)]
Matrix = tuple[tuple[Number, ...], ...]

# What may be said of one observable, of several, and with a curve.
_ONE = ("value", "error", "limit", "cl", "counts", "curve", "mass")
_SEVERAL = ("values", "errors", "correlation", "covariance")
_BESIDE = ("unit", "experiment", "year", "arxiv", "doi", "data")


class OwnDataSpec(Record):
    """What was measured of observables of the package or of the user's own.

    Attributes
    ----------
    observable : str, optional
        Name, with kinematics in brackets; in a file also ``{name: ..., q2min: ..., q2max: ...}``.
    value, error : float
        With `error` a number or ``{plus: ..., minus: ...}``.
    limit, cl : float
        Upper limit and its confidence level.
    counts : mapping of str to float
        Events observed, background expected, efficiency and so on.
    curve : str or mapping
        A likelihood, or limits or values against a mass: columns, or a file with them.
    mass : str
        Parameter of the model that is the mass of the curve.
    observables, values, errors, correlation, covariance
        Several at once.
    unit : str
        Of all numbers; if it is given it must be that of the observable.
    experiment, year, arxiv, doi
        Where it is from.
    data : tuple of str
        Ids of data of the package made from the same events.
    """

    observable: ObservableName | None = None
    value: Number | None = None
    error: ErrorValue | None = None
    limit: Positive | None = None
    cl: Annotated[Positive, Field(lt=1)] | None = None
    counts: dict[str, Number] | None = None
    curve: CurveValue | None = None
    mass: Name | None = None
    observables: Annotated[tuple[ObservableName, ...], FilledList] | None = None
    values: Annotated[tuple[Number, ...], FilledList] | None = None
    errors: Annotated[tuple[ErrorValue, ...], FilledList] | None = None
    correlation: Matrix | None = None
    covariance: Matrix | None = None
    unit: Name | None = None
    experiment: Name | None = None
    year: Integer | None = None
    arxiv: Name | None = None
    doi: Name | None = None
    data: tuple[Name, ...] | None = None

    @property
    def is_own(self) -> bool:
        """Whether the entry says itself what was measured."""
        return self.observable is not None or self.observables is not None

    @property
    def stated(self) -> tuple[str, ...]:
        """Keys of this section that are given."""
        return tuple(key for key in OwnDataSpec.model_fields if getattr(self, key) is not None)

    @model_validator(mode="after")
    def _one_form(self) -> OwnDataSpec:
        if self.is_own:
            problem = self._of_several() if self.observables is not None else self._of_one()
            if problem:
                raise fault(problem)
        return self

    def _of_several(self) -> str:
        """What is wrong with several values; empty if nothing."""
        if self.observable is not None:
            return "has both observable and observables: remove one."
        for key in _ONE:
            if getattr(self, key) is not None:
                return f"{key} goes with observable, not with observables."
        k = len(self.observables or ())
        if self.values is None or (self.errors is None) == (self.covariance is None):
            return "observables need values, and either errors or covariance."
        for key in ("values", "errors"):
            given = getattr(self, key)
            if given is not None and len(given) != k:
                return f"has {len(given)} {key} for {k} observables."
        if self.covariance is not None and self.correlation is not None:
            return "correlation goes with errors, not with covariance."
        if k > 1 and self.covariance is None and self.correlation is None:
            return "needs correlation or covariance: list values that have none one by one."
        for key in ("correlation", "covariance"):
            matrix = getattr(self, key)
            if matrix is not None and [len(row) for row in matrix] != [k] * k:
                return f"{key} must be {k} lists of {k} numbers."
        return ""

    def _of_one(self) -> str:
        """What is wrong with one value, limit, count or curve; empty if nothing."""
        for key in _SEVERAL:
            if getattr(self, key) is not None:
                return f"{key} goes with observables, a list."
        value, limit = (self.value, self.error), (self.limit, self.cl)
        if self.curve is not None:
            for key in ("value", "error", "limit", "counts"):
                if getattr(self, key) is not None:
                    return f"{key} does not go with curve."
            return ""
        if self.mass is not None:
            return "mass goes with curve."
        if (self.value is None) != (self.error is None):
            return "needs value and error together."
        if (self.limit is None) != (self.cl is None):
            return "needs limit and cl together."
        if self.counts is not None and self.value is not None and self.limit is None:
            return "has both value and counts: remove one."
        if value == limit == (None, None) and self.counts is None:
            return "says nothing of it: needs value and error, limit and cl, counts, or curve."
        return ""
