"""Record of a prior to draw: its density along one parameter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Array, expect, read_only

__all__ = ["PriorDensity"]


@dataclass(frozen=True, eq=False)
class PriorDensity:
    """Marginal density of the prior of one parameter.

    Parameters
    ----------
    name : str
        Of the parameter.
    values : (k,) array, ascending
        In the unit of the parameter.
    density : (k,) array
        Of the value, or of its natural logarithm if `logarithmic`; normalised over the support.
    logarithmic : bool
    centre, sigma : float
        Of a normal prior that stands for a measurement; NaN for others.
    """

    name: str
    values: Array
    density: Array
    logarithmic: bool = False
    centre: float = np.nan
    sigma: float = np.nan

    def __post_init__(self) -> None:
        read_only(self)
        expect(self, "density", (len(self.values),))
