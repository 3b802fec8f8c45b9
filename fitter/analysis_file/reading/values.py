"""Single values of an analysis file (numbers, names, pairs), with messages of our own."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

from .nodes import describe_value

__all__ = [
    "FilledList",
    "Flag",
    "GridAxis",
    "Integer",
    "Name",
    "NamePair",
    "Number",
    "NumberPair",
    "Record",
    "Text",
    "fault",
]


class Record(BaseModel):
    """A section or an entry: no unknown key, no change afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def fault(message: str) -> PydanticCustomError:
    """Error of one value; the message is a sentence that goes after the key.

    Parameters
    ----------
    message : str
        Such as ``"must be a number, not true."``

    Returns
    -------
    PydanticCustomError
        To be raised by a validator.
    """
    # The text goes in as data: pydantic would read braces of a user's value as a template.
    return PydanticCustomError("own", "{message}", {"message": message})


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        hint = ": remove the quotes" if isinstance(value, str) and _reads_as_number(value) else ""
        raise fault(f"must be a number, not {describe_value(value)}{hint}.")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise fault(f"must be finite, not {number}.")
    return number


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise fault(f"must be a whole number, not {describe_value(value)}.")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise fault(f"must be true or false, not {describe_value(value)}.")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise fault(f"must be text, not {describe_value(value)}.")
    return value


def _name(value: Any) -> str:
    text = _text(value)
    if not text.strip():
        raise fault("must not be empty.")
    return text


def _pair(value: Any) -> Any:
    if not isinstance(value, list) or len(value) != 2:
        given = len(value) if isinstance(value, list) else describe_value(value)
        raise fault(f"must be a list of two, not {given}.")
    return value


def _axis(value: Any) -> Any:
    if not isinstance(value, list) or len(value) != 3:
        given = f"a list of {len(value)}" if isinstance(value, list) else describe_value(value)
        raise fault(f"must be a list [lower, upper, points], not {given}.")
    return value


def _filled_list(value: Any) -> Any:
    if not isinstance(value, list) or not value:
        given = "an empty one" if value == [] else describe_value(value)
        raise fault(f"must be a list of one or more, not {given}.")
    return value


Number = Annotated[float, BeforeValidator(_number)]
Integer = Annotated[int, BeforeValidator(_integer)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Text = Annotated[str, BeforeValidator(_text)]
Name = Annotated[str, BeforeValidator(_name)]
NumberPair = Annotated[tuple[Number, Number], BeforeValidator(_pair)]
GridAxis = Annotated[tuple[Number, Number, Integer], BeforeValidator(_axis)]
NamePair = Annotated[tuple[Name, Name], BeforeValidator(_pair)]
FilledList = BeforeValidator(_filled_list)
