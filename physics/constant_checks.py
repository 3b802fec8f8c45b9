"""What the constants of `inputs` may be: inside the ranges of `bsinv.data`, masses in order."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import ArrayLike

from ..data.constants import constant as constant_record
from ..errors import PredictionError
from .arrays import Array, batch, frozen
from .transitions import transition, transitions

__all__ = ["check_masses", "checked_constant"]


def checked_constant(name: str, value: ArrayLike) -> Array:
    """Batch of a constant, checked.

    A number outside the range is a mistake. An array is what a fit or a sampler tries, and its
    prior may reach beyond the range: such points become NaN and are rejected one by one.

    Parameters
    ----------
    name : str
        Name of the constant in `bsinv.data`.
    value : number or (n,) array
        In the unit of `bsinv.data`.

    Returns
    -------
    (1,) or (n,) array

    Raises
    ------
    PredictionError
        If a number is not finite or outside the range, or the value is not real or has more than
        one axis.
    """
    if np.asarray(value).dtype.kind not in "iuf":
        shown = reprlib.repr(value)
        raise PredictionError(f"{name} = {shown} is not allowed: it must be a real number.", name)
    array = batch(value, f"the constant {name}")
    record = constant_record(name)
    lower, upper = record.allowed
    inside = (array >= lower) & (array <= upper)
    if np.ndim(value) == 0 and not inside[0]:
        unit = "" if record.unit == "1" else f" {record.unit}"
        raise PredictionError(
            f"{name} = {array[0]:g}{unit} is not allowed: it must be between {lower:g} and "
            f"{upper:g}{unit}.",
            name,
        )
    return array if inside.all() else frozen(np.where(inside, array, np.nan))


def check_masses(numbers: Iterable[str], constant: Callable[[str], Array]) -> None:
    """Refuse masses given as numbers with which a transition cannot happen.

    Parameters
    ----------
    numbers : iterable of str
        Names of constants that were given as numbers.
    constant : callable
        Name to value, (1,) or (n,). Transitions with a mass that varies are left out: they have no
        rate where they cannot happen.

    Raises
    ------
    PredictionError
        If a decaying meson is not heavier than the one it decays to.
    """
    for name in numbers:
        for known in map(transition, transitions()):
            if name not in (known.parent_mass, known.meson_mass):
                continue
            parent, meson = constant(known.parent_mass), constant(known.meson_mass)
            if parent.size == 1 and meson.size == 1 and parent[0] <= meson[0]:
                side = "below" if name == known.meson_mass else "above"
                other, bound = (
                    (known.parent_mass, parent)
                    if name == known.meson_mass
                    else (known.meson_mass, meson)
                )
                raise PredictionError(
                    f"{name} = {constant(name)[0]:g} GeV is not allowed: for {known.name} it must "
                    f"be {side} {other} = {bound[0]:g} GeV.",
                    name,
                )
