"""Records of the parameters of an analysis file: priors, and the forms in which one is given."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import (
    BeforeValidator,
    Discriminator,
    SerializerFunctionWrapHandler,
    Tag,
    model_serializer,
    model_validator,
)

from ...errors import ParameterError
from .expressions import parse
from .reading.nodes import describe_value
from .reading.values import Flag, Name, Number, NumberPair, Record, fault

__all__ = [
    "AuxiliarySpec",
    "ExpressionSpec",
    "FixedAuxiliarySpec",
    "FixedSpec",
    "FormedAuxiliarySpec",
    "FreeAuxiliarySpec",
    "FreeSpec",
    "InputSpec",
    "ParameterSpec",
    "PolarPair",
    "PolarSpec",
    "PriorSpec",
    "TiedSpec",
]


class PriorSpec(Record):
    """A prior: exactly one of ``uniform``, ``normal``, ``log_uniform``.

    Attributes
    ----------
    uniform, log_uniform : (lower, upper), optional
        In the parameter's unit.
    normal : (mean, sigma), optional
        In the parameter's unit.
    lower, upper : float, optional
        Cut a normal prior.
    """

    KINDS: ClassVar[tuple[str, ...]] = ("uniform", "normal", "log_uniform")

    uniform: NumberPair | None = None
    normal: NumberPair | None = None
    log_uniform: NumberPair | None = None
    lower: Number | None = None
    upper: Number | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> PriorSpec:
        given = [kind for kind in self.KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            shown = "none" if not given else " and ".join(given)
            raise fault(f"needs exactly one of {', '.join(self.KINDS)}; given: {shown}.")
        if given != ["normal"] and (self.lower is not None or self.upper is not None):
            raise fault(f"lower and upper go with normal only; {given[0]} has its own ends.")
        return self

    @property
    def kind(self) -> str:
        """The one kind given: ``"uniform"``, ``"normal"`` or ``"log_uniform"``."""
        return next(kind for kind in self.KINDS if getattr(self, kind) is not None)

    def support(self) -> tuple[float, float]:
        """Lower and upper end of the support as written, infinite where there is none."""
        pair = self.uniform or self.log_uniform
        if pair is not None:
            return pair
        lower = -math.inf if self.lower is None else self.lower
        upper = math.inf if self.upper is None else self.upper
        return lower, upper


class FixedSpec(Record):
    """A parameter held at a number."""

    value: Number


class FreeSpec(Record):
    """A parameter that floats in its prior.

    Attributes
    ----------
    prior : PriorSpec
    start : float, optional
        Of the fit.
    latex : str, optional
    periodic : bool, optional
        Whether it is an angle: both ends of its uniform prior are the same point. If not given, a
        phase of a polar form is one where its prior spans a full turn.
    """

    prior: PriorSpec
    start: Number | None = None
    latex: Name | None = None
    periodic: Flag | None = None

    @model_serializer(mode="wrap")
    def _written(self, given: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without `periodic` where it is not given, as files were before there was the key."""
        written: dict[str, Any] = given(self)
        if self.periodic is None:
            written.pop("periodic", None)
        return written


class TiedSpec(Record):
    """A parameter equal to ``times`` x another one ``plus`` a number."""

    equals: Name
    times: Number = 1.0
    plus: Number = 0.0


def _expression(value: Any) -> str:
    """Text of an expression, read once to see that it can be."""
    if not isinstance(value, str):
        raise fault(f"must be text, not {describe_value(value)}.")
    try:
        return parse(value).text
    except ParameterError as error:
        raise fault(str(error)) from None


def _expression_or_number(value: Any) -> str:
    """Text of an expression; a number is one too."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _expression(repr(value))
    return _expression(value)


class ExpressionSpec(Record):
    """A parameter that is an expression of others, such as ``r * cos(phi)``."""

    expression: Annotated[str, BeforeValidator(_expression)]


class PolarPair(Record):
    """Modulus and phase (radian) of a complex parameter, each an expression of others."""

    modulus: Annotated[str, BeforeValidator(_expression_or_number)]
    phase: Annotated[str, BeforeValidator(_expression_or_number)]


class PolarSpec(Record):
    """A parameter ``X`` and its imaginary part ``Im_X`` in polar form."""

    polar: PolarPair

    @property
    def parts(self) -> tuple[ExpressionSpec, ExpressionSpec]:
        """Real and imaginary part: modulus times cosine and sine of the phase."""
        modulus, phase = self.polar.modulus, self.polar.phase
        # What is one word needs no brackets.
        factor = modulus if modulus.isidentifier() else f"({modulus})"
        real, imaginary = (f"{factor} * {turn}({phase})" for turn in ("cos", "sin"))
        return ExpressionSpec(expression=real), ExpressionSpec(expression=imaginary)


class FixedAuxiliarySpec(FixedSpec):
    """An auxiliary parameter held at a number, with symbol and unit."""

    latex: Name | None = None
    unit: Name | None = None


class FreeAuxiliarySpec(FreeSpec):
    """An auxiliary parameter that floats in its prior, with unit."""

    unit: Name | None = None


class FormedAuxiliarySpec(ExpressionSpec):
    """An auxiliary parameter that is an expression of others, with symbol and unit."""

    latex: Name | None = None
    unit: Name | None = None


def _as_mapping(value: Any) -> Any:
    """Write the short forms out: a number is a fixed value, a name is a tie."""
    if isinstance(value, bool | int | float):
        return {"value": value}
    if isinstance(value, str):
        try:
            float(value)
        except ValueError:
            return {"equals": value}
        return {"value": value}  # a quoted number: refused as a value, with a hint
    if not isinstance(value, dict):
        raise fault(
            f"must be a number, a parameter's name or a mapping, not {describe_value(value)}."
        )
    return value


def _as_input(value: Any) -> Any:
    tied = isinstance(value, dict) and {"equals", "expression", "polar"} & set(value)
    if isinstance(value, str) or tied:
        raise fault("must be a number or a prior: inputs cannot be tied.")
    return _as_mapping(value)


def _as_auxiliary(value: Any) -> Any:
    if isinstance(value, str) or (isinstance(value, dict) and {"equals", "polar"} & set(value)):
        raise fault("must be a number, a prior or an expression: {expression: ...}.")
    return _as_mapping(value)


# The key that tells the form of an entry; without any of them it is free.
_FORMS: Mapping[str, str] = {
    "equals": "<tied>",
    "expression": "<expression>",
    "polar": "<polar>",
    "value": "<fixed>",
}


def _form(value: dict[str, Any]) -> str:
    """Tag of the form of an entry; in angle brackets, so that errors can drop it."""
    return next((tag for key, tag in _FORMS.items() if key in value), "<free>")


_Fixed = Annotated[FixedSpec, Tag("<fixed>")]
_Free = Annotated[FreeSpec, Tag("<free>")]
_Tied = Annotated[TiedSpec, Tag("<tied>")]
_Expression = Annotated[ExpressionSpec, Tag("<expression>")]
_Polar = Annotated[PolarSpec, Tag("<polar>")]
ParameterSpec = Annotated[
    _Fixed | _Free | _Tied | _Expression | _Polar,
    Discriminator(_form),
    BeforeValidator(_as_mapping),
]
AuxiliarySpec = Annotated[
    Annotated[FixedAuxiliarySpec, Tag("<fixed>")]
    | Annotated[FreeAuxiliarySpec, Tag("<free>")]
    | Annotated[FormedAuxiliarySpec, Tag("<expression>")],
    Discriminator(_form),
    BeforeValidator(_as_auxiliary),
]
InputSpec = Annotated[_Fixed | _Free, Discriminator(_form), BeforeValidator(_as_input)]
