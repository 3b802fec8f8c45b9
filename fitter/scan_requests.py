"""Which scans a run makes: those of the analysis file and those asked for besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ParameterError

if TYPE_CHECKING:
    from .analysis import Analysis

__all__ = ["ScanRequest", "Scans", "scans_asked"]

PROFILE_POINTS, CONTOUR_POINTS = 30, 15


@dataclass(frozen=True)
class ScanRequest:
    """A scan that a run makes.

    Attributes
    ----------
    axes : mapping of str to (lower, upper, points)
        One or two parameters; without ends (NaN) the grid is around the best fit and grows, see
        `fitter.drivers.windows`.
    profiled : bool
        Refit the other parameters at each point.
    """

    axes: Mapping[str, tuple[float, float, int]]
    profiled: bool = True

    @property
    def name(self) -> str:
        """Name in the results file."""
        ends = [f" [{a:g}, {b:g}]" if np.isfinite(a) else "" for a, b, _ in self.axes.values()]
        named = " ".join(f"{name}{end}" for name, end in zip(self.axes, ends, strict=True))
        return ("profile " if self.profiled else "section ") + named

    @property
    def shape(self) -> tuple[int, ...]:
        """Grid points along each axis."""
        return tuple(points for _, _, points in self.axes.values())

    def grid(self) -> dict[str, np.ndarray] | None:
        """Grid values; None if they follow from the best fit."""
        if any(np.isnan(low) for low, _, _ in self.axes.values()):
            return None
        return {name: np.linspace(*axis) for name, axis in self.axes.items()}


Scans = tuple[ScanRequest, ...]


def scans_asked(
    analysis: Analysis, profiles: Sequence[str] = (), contour: Sequence[str] = ()
) -> Scans:
    """Scans of the analysis file, and more.

    Parameters
    ----------
    analysis : Analysis
    profiles : sequence of str
        Further parameters to profile.
    contour : sequence of str
        Two parameters, or none.

    Returns
    -------
    tuple of ScanRequest

    Raises
    ------
    UnknownNameError
        If a name is not a free parameter.
    ParameterError
        If both parameters of a contour are the same.
    """
    for name in (*profiles, *contour):
        analysis.table.index(name)
    if contour and contour[0] == contour[1]:
        raise ParameterError(f"contours need two different parameters, not {contour[0]!r} twice.")
    given = analysis.spec.fit
    asked = dict(given.profiles)
    asked |= {name: asked.get(name, PROFILE_POINTS) for name in profiles}
    pairs = dict.fromkeys(tuple(pair) for pair in (*given.contours, contour) if pair)
    nan = float("nan")
    return (
        *(ScanRequest({name: (nan, nan, points)}) for name, points in asked.items()),
        *(ScanRequest(dict.fromkeys(pair, (nan, nan, CONTOUR_POINTS))) for pair in pairs),
        *(ScanRequest(dict(grid.axes), grid.others == "refitted") for grid in given.grids),
    )
