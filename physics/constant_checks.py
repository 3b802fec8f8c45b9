"""What the constants of `inputs` may be: finite, and positive where they are divided by."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import ArrayLike

from ..errors import PredictionError
from .arrays import Array, batch, frozen
from .transitions import transition, transitions

__all__ = ["check_masses", "checked_constant"]

_POSITIVE = ("alpha_inv", "hbar", "sin2_theta_W")
_POSITIVE_PREFIXES = ("m_", "tau_")
_NOT_NEGATIVE_PREFIXES = ("norm_",)


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
        If a number is not finite or outside the range, or the value has more than one axis.
    """
    array = batch(value, f"the constant {name}")
    allowed, inside = _range(name, array)
    if np.ndim(value) == 0 and not (np.isfinite(array[0]) and inside[0]):
        raise PredictionError(f"{name} = {array[0]:g} is not allowed: it must be {allowed}.")
    return array if inside.all() else frozen(np.where(inside, array, np.nan))


def _range(name: str, array: Array) -> tuple[str, Array]:
    """Words for the range of a constant, and which points lie in it; NaN does not count."""
    if name in _POSITIVE or name.startswith(_POSITIVE_PREFIXES):
        return "finite and positive", ~(array <= 0.0)
    if name.startswith(_NOT_NEGATIVE_PREFIXES):
        return "finite and not negative", ~(array < 0.0)
    return "finite", np.ones(array.shape, dtype=bool)


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
                    f"be {side} {other} = {bound[0]:g} GeV."
                )
