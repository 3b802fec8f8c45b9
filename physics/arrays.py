"""Batch axes: every quantity is an array whose first axis runs over parameter points."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import PredictionError

__all__ = ["Array", "batch", "column", "common_size", "frozen", "squared_modulus"]

Array = NDArray[Any]


def frozen(array: Array) -> Array:
    """Return a read-only view of an array."""
    view = array.view()
    view.flags.writeable = False
    return view


def batch(value: ArrayLike, what: str, dtype: type = float) -> Array:
    """Turn a number or a one-dimensional array into a read-only batch.

    Parameters
    ----------
    value : number or (n,) array
        The value, or one value for each parameter point.
    what : str
        What the value is, for the error message.
    dtype : type
        Type of the elements, float or complex.

    Returns
    -------
    (1,) or (n,) array

    Raises
    ------
    PredictionError
        If the value has more than one axis.
    """
    array: Array = np.asarray(value, dtype=dtype)
    if array.ndim == 0:
        array = array[None]
    if array.ndim != 1:
        raise PredictionError(
            f"{what} has shape {array.shape}: give a number or one number for each point, (n,)."
        )
    return frozen(array)


def column(values: Array) -> float | Array:
    """One value for each point along a second axis: (n,) to (n, 1), a float of a batch of one."""
    return float(values[0]) if values.size == 1 else np.asarray(values[:, None])


def squared_modulus(values: Array) -> Array:
    """|z|^2 without the root that abs takes."""
    return np.asarray(values.real**2 + values.imag**2)


def common_size(sizes: dict[str, int]) -> int:
    """Batch size that several quantities share.

    Parameters
    ----------
    sizes : dict
        Name of each quantity and its number of points; 1 stands for "the same at every point".

    Returns
    -------
    int

    Raises
    ------
    PredictionError
        If two sizes differ and neither is 1.
    """
    larger = {name: size for name, size in sizes.items() if size != 1}
    if not larger:
        return 1
    size = next(iter(larger.values()))
    if any(other != size for other in larger.values()):
        listed = ", ".join(f"{name}: {other}" for name, other in larger.items())
        raise PredictionError(f"batch sizes differ ({listed}); each must be 1 or the same number.")
    return size
