"""Records of what is drawn in a plane of two parameters besides results: fields and curves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import StoreError
from .arrays import Array, expect, read_only

__all__ = ["Outline", "PlaneField"]


@dataclass(frozen=True, eq=False)
class PlaneField:
    """A quantity over a grid of two parameters.

    Parameters
    ----------
    name, latex, unit : str
    parameters : (str, str)
        Along the axes.
    axes : two (k_i,) arrays
        Grid values, ascending, in the units of the parameters.
    values : (k_1, k_2) array
        NaN where it is not defined.
    measured, error : float
        What was measured of it, with its error; NaN if nothing was.
    held : tuple of str
        Where the other parameters are, in words.
    source : str
        Likelihood with that measurement; empty if nothing was measured.
    """

    name: str
    latex: str
    unit: str
    parameters: tuple[str, ...]
    axes: tuple[Array, ...]
    values: Array
    measured: float = np.nan
    error: float = np.nan
    held: tuple[str, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        read_only(self)
        if len(self.parameters) != 2 or len(self.axes) != 2:
            raise StoreError(f"{self.name} over a plane needs two parameters with their axes.")
        expect(self, "values", (len(self.axes[0]), len(self.axes[1])))


@dataclass(frozen=True, eq=False)
class Outline:
    """A curve of others in a plane.

    Parameters
    ----------
    label : str
    x, y : (n,) arrays
        Two points or more, in the order in which they are joined.
    filled : bool
        Whether the polygon that they enclose is filled.
    """

    label: str
    x: Array
    y: Array
    filled: bool = False

    def __post_init__(self) -> None:
        read_only(self)
        expect(self, "y", (len(self.x),))
