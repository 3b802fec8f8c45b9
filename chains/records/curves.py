"""Records of what is drawn in a plane of two observables: curves of models, bands, ellipses."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ...errors import StoreError
from .arrays import Array, expect, missing, read_only

__all__ = ["Band", "Curve", "Ellipse"]


@dataclass(frozen=True, eq=False)
class Curve:
    """Predictions of a model along one of its parameters.

    Attributes
    ----------
    label : str
        For the legend.
    x, y : (k,) arrays
        The two observables; NaN where they are not defined.
    values : (k,) array
        Of the parameter; NaN where it is not one number.
    along : str
        Name of the parameter.
    """

    label: str
    x: Array
    y: Array
    values: Array = field(default_factory=missing)
    along: str = ""

    def __post_init__(self) -> None:
        if not len(self.values):
            object.__setattr__(self, "values", np.full(len(self.x), np.nan))
        read_only(self)
        expect(self, "y", self.x.shape)
        expect(self, "values", self.x.shape)


@dataclass(frozen=True)
class Band:
    """A measured interval, or a limit, of one of two observables.

    Attributes
    ----------
    label : str
    axis : str
        ``"x"`` or ``"y"``.
    low, high : float
        Ends; a limit has ``low = -inf``.
    """

    label: str
    axis: str
    low: float
    high: float

    def __post_init__(self) -> None:
        if self.axis not in ("x", "y") or not self.low < self.high:
            raise StoreError(
                f"band {self.label!r}: axis 'x' or 'y' and ascending ends are needed, not "
                f"{self.axis!r}, {self.low:g} and {self.high:g}."
            )


@dataclass(frozen=True, eq=False)
class Ellipse:
    """A point with the covariance of its two coordinates.

    Attributes
    ----------
    label : str
    centre : (2,) array
    covariance : (2, 2) array
    """

    label: str
    centre: Array
    covariance: Array

    def __post_init__(self) -> None:
        read_only(self)
        expect(self, "centre", (2,))
        expect(self, "covariance", (2, 2))
