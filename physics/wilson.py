"""Wilson coefficients: a read-only mapping from name to array, batch axis first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np
from numpy.typing import ArrayLike

from ..errors import PredictionError, UnknownNameError
from .arrays import Array, batch, common_size, frozen
from .wilson_names import WILSON_NAMES, Coefficient

if TYPE_CHECKING:
    from .inputs import Inputs

__all__ = ["WILSON_NAMES", "Coefficient", "Wilson", "points", "refuse_signal_strength"]

_T = TypeVar("_T")


class Wilson(Mapping[str, Array]):
    """Wilson coefficients of one or many parameter points.

    A coefficient that is not in the mapping is zero. The names are listed in `WILSON_NAMES`; dark
    coefficients need the masses of their sector beside them.

    Parameters
    ----------
    values : mapping of str to array_like
        Flavour matrices as (3, 3) or (n, 3, 3), decays of leptoquarks as (k, c) or (n, k, c) with
        the columns that `WILSON_NAMES` lists, other coefficients as a number or (n,). A batch
        axis of length 1 stands for "the same at every point".
    size : int, optional
        Number of parameter points, where the values do not show it.

    Raises
    ------
    UnknownNameError
        If a name is not known.
    PredictionError
        If a shape is wrong, batch sizes differ, a value is no number, or a real coefficient is
        complex.
    """

    __slots__ = ("_size", "_values")

    def __init__(self, values: Mapping[str, ArrayLike] | None = None, size: int = 1) -> None:
        self._values = {name: _checked(name, value) for name, value in (values or {}).items()}
        sizes = {name: len(value) for name, value in self._values.items()}
        self._size = common_size({"the parameters": size, **sizes})

    @property
    def size(self) -> int:
        """Number of parameter points n."""
        return self._size

    def __getitem__(self, name: str) -> Array:
        return self._values[name]

    @overload
    def get(self, name: str, /) -> Array | None: ...
    @overload
    def get(self, name: str, /, default: Array) -> Array: ...
    @overload
    def get(self, name: str, /, default: _T) -> Array | _T: ...
    def get(self, name: str, /, default: Any = None) -> Any:
        """A coefficient, or the default: hundreds of times in each prediction, mostly in vain.

        That of `Mapping` raises an error inside for each that is missing.
        """
        return self._values.get(name, default)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __repr__(self) -> str:
        listed = ", ".join(f"{name}{value.shape}" for name, value in self._values.items())
        return f"Wilson({listed})"


def points(wilson: Wilson, inputs: Inputs) -> int:
    """Number of parameter points for which coefficients and inputs stand together.

    Raises
    ------
    PredictionError
        If they have different numbers of points, neither of them 1.
    """
    return common_size({"Wilson coefficients": wilson.size, "inputs": inputs.size})


def refuse_signal_strength(wilson: Wilson, name: str, remedy: str = "wet") -> None:
    """Refuse to predict anything but B+ -> K+ nu nubar from a signal strength.

    Parameters
    ----------
    wilson : Wilson
    name : str
        What was asked for.
    remedy : str
        A model that predicts it.

    Raises
    ------
    PredictionError
        If `wilson` holds a signal strength.
    """
    if "signal_strength" in wilson:
        raise PredictionError(
            f"a signal strength predicts only B+->K+nunu, not {name}; choose a model without one, "
            f"such as {remedy!r}."
        )


def _checked(name: str, value: ArrayLike) -> Array:
    """Read-only array of the shape that the name requires."""
    known = WILSON_NAMES.get(name)
    if known is None:
        raise UnknownNameError("Wilson coefficient", name, WILSON_NAMES)
    given = np.asarray(value)
    if given.dtype.kind not in "iufc":
        raise PredictionError(
            f"the coefficient {name} must be made of numbers, not of {given.dtype}."
        )
    if known.real and np.iscomplexobj(given):
        raise PredictionError(f"the coefficient {name} is real, but complex values are given.")
    if known.columns:
        rows = given[None] if given.ndim == 2 else given
        if rows.ndim != 3 or rows.shape[2] != known.columns:
            raise PredictionError(
                f"the coefficient {name} has shape {given.shape}: give {known.columns} columns, "
                f"(k, {known.columns}) or (n, k, {known.columns})."
            )
        return frozen(rows.astype(float, copy=False))
    if not known.flavour:
        return batch(given, f"the coefficient {name}", float if known.real else complex)
    array = given.astype(complex, copy=False)
    if array.ndim == 2:
        array = array[None]
    if array.ndim != 3 or array.shape[1:] != (3, 3):
        raise PredictionError(
            f"the coefficient {name} has shape {given.shape}: give a matrix in the lepton "
            "flavours, (3, 3), or one for each point, (n, 3, 3)."
        )
    return frozen(array)
