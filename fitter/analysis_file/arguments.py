"""Checks of what is given in Python: numbers, counts, options; one clear error each."""

from __future__ import annotations

import math
import numbers
import reprlib
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...errors import ParameterError, choices

__all__ = [
    "check_count",
    "check_generator",
    "check_kind",
    "check_member",
    "check_number",
    "checked_options",
    "real_array",
]

Array = np.ndarray


def real_array(name: str, value: Any, what: str) -> Array:
    """Value as an array of floats; what is not made of real numbers is refused.

    Parameters
    ----------
    name : str
        Of the value, for the error.
    value : number or array
    what : str
        What is allowed, for the error.

    Returns
    -------
    array of the shape of the value

    Raises
    ------
    ParameterError
        For complex numbers, truth values, text, objects (integers beyond 64 bits are such), lists
        of unequal lengths, and masked arrays, of which the mask would be lost.
    """
    try:
        array = np.asarray("" if _is_masked(value) else value)
    except ValueError:  # lists of unequal lengths
        array = np.asarray("")
    if array.dtype.kind not in "iuf":
        raise ParameterError(f"{name} = {reprlib.repr(value)} is not allowed: it must be {what}.")
    return array.astype(np.float64, copy=False)


def _is_masked(value: Any) -> bool:
    """Whether a value is a masked array; there is none before numpy.ma is loaded, which is slow."""
    masked = sys.modules.get("numpy.ma")
    return masked is not None and isinstance(value, masked.MaskedArray)


def check_number(name: str, value: Any) -> float:
    """Return one finite real number.

    Raises
    ------
    ParameterError
        For anything else.
    """
    what = "one finite real number"
    array = real_array(name, value, what)
    if array.ndim or not math.isfinite(array):
        raise ParameterError(f"{name} = {reprlib.repr(value)} is not allowed: it must be {what}.")
    return float(array)


def check_count(name: str, value: Any, least: int, most: int | None = None, why: str = "") -> int:
    """Return a whole number inside bounds.

    Parameters
    ----------
    name : str
    value : int
    least, most : int
    why : str, optional
        Said after the bounds.

    Returns
    -------
    int

    Raises
    ------
    ParameterError
        For other types, truth values, and numbers outside.
    """
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool | np.bool_)
    if not whole or value < least or (most is not None and value > most):
        end = f" and at most {most}" if most is not None else ""
        raise ParameterError(
            f"{name} = {reprlib.repr(value)} is not allowed: it must be a whole number of at least "
            f"{least}{end}{why}."
        )
    return int(value)


def check_kind(name: str, value: Any, kind: type | tuple[type, ...], what: str) -> None:
    """Refuse a value of another type.

    Raises
    ------
    ParameterError
    """
    if not isinstance(value, kind):
        raise ParameterError(f"{name} = {reprlib.repr(value)} is not allowed: it must be {what}.")


def check_member(name: str, value: Any, allowed: Sequence[str]) -> None:
    """Refuse a word that is none of those allowed.

    Raises
    ------
    ParameterError
    """
    if not isinstance(value, str) or value not in allowed:
        told = choices(value, allowed)
        raise ParameterError(f"{name} = {reprlib.repr(value)} is not allowed: one of {told}")


def check_generator(value: Any) -> None:
    """Refuse what is no generator of numpy, such as a seed.

    Raises
    ------
    ParameterError
    """
    what = "a numpy.random.Generator, such as numpy.random.default_rng(1)"
    check_kind("rng", value, np.random.Generator, what)


def checked_options(record: type, options: Mapping[str, Any]) -> dict[str, Any]:
    """Options as their section of an analysis file would read them.

    Parameters
    ----------
    record : subclass of `fitter.analysis_file.values.Record`
        Its fields are all named.
    options : mapping of str to value

    Returns
    -------
    dict of str to value

    Raises
    ------
    ParameterError
        For a value that a file may not have either.
    """
    from pydantic import ValidationError

    from .reading.faults import faults_of

    plain = {name: _plain(value) for name, value in options.items()}
    try:
        checked = record.model_validate(plain)  # type: ignore[attr-defined]
    except ValidationError as error:
        fault = faults_of(error, plain)[0]
        name = str(fault.path[0])
        raise ParameterError(
            f"{name} = {reprlib.repr(options.get(name))} is not allowed: {fault.message}"
        ) from None
    return {name: getattr(checked, name) for name in options}


def _plain(value: Any) -> Any:
    """Numbers of numpy as those of Python, tuples as lists: what a file gives."""
    if isinstance(value, np.generic):
        return value.item()
    return list(value) if isinstance(value, tuple) else value
