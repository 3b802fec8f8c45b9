"""What pictures of planes share: axes with labels, surfaces between grid points, contours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ....errors import ParameterError
from ...records import Array, RunFile
from ...tables.profiles import contour_levels
from ..palette import parameter_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "EXCLUDED",
    "SERIES",
    "dress",
    "fine",
    "in_ratios",
    "region_levels",
    "set_ranges",
    "tidy_ticks",
]

SERIES = (
    *("#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#0072B2", "#D55E00", "#999933", "#777777"),
)
"""Colours of constraints, experiments and runs, in order; those of Okabe and Ito first."""
EXCLUDED = 1e3
"""Height that stands for a point without likelihood: far above every contour."""
# Grid points along an axis from which on a surface is drawn between them.
_FEWEST = 5
_FINER = 10
# Decades up to which ticks are at 1, 2, 5, or at 1 and 3.
_DECADES = (1.6, 2.6)


def region_levels() -> list[float]:
    """Heights of -2 Delta ln L between which regions of 68 and 95 % content are."""
    return [-1.0, *contour_levels()]


def in_ratios(run: RunFile, name: str, values: Array) -> bool:
    """Whether an axis is logarithmic: values of a grid of equal ratios, or a prior that is.

    Parameters
    ----------
    run : RunFile
    name : str
        Parameter.
    values : (k,) array
        Ascending.
    """
    if len(values) < 2 or not 0.0 < 8.0 * values[0] < values[-1]:
        return False
    ratios = np.diff(np.log(values))
    return run.parameter(name).logarithmic or bool(np.ptp(ratios) < 1e-3 * ratios.mean())


def fine(
    axes: Sequence[Array], heights: Array, scales: Sequence[bool] = (False, False)
) -> tuple[Array, Array, Array]:
    """A surface between the points of a grid, along one axis after the other (Akima).

    Akima's curve has its minima between grid points as a cubic spline has, and does not overshoot
    where a wall is. Points without a value count as excluded.

    Parameters
    ----------
    axes : two (k_i,) arrays
        Ascending.
    heights : (k_1, k_2) array
    scales : two bools
        Whether an axis is logarithmic; one with values that are not positive is not.

    Returns
    -------
    first, second : (m_i,) arrays
    surface : (m_1, m_2) array
    """
    from scipy.interpolate import Akima1DInterpolator

    surface: Array = np.where(np.isfinite(heights), np.minimum(heights, EXCLUDED), EXCLUDED)
    made = []
    for number, (axis, scale) in enumerate(zip(axes, scales, strict=True)):
        if len(axis) < _FEWEST:
            made.append(np.asarray(axis, float))
            continue
        scale = scale and bool(axis[0] > 0.0)
        places = np.log(axis) if scale else np.asarray(axis, float)
        between = np.interp(
            np.arange(_FINER * (len(axis) - 1) + 1) / _FINER, np.arange(len(axis)), places
        )
        surface = Akima1DInterpolator(places, surface, axis=number)(between)
        made.append(np.exp(between) if scale else between)
        made[-1][[0, -1]] = axis[[0, -1]]
    return made[0], made[1], np.clip(surface, 0.0, EXCLUDED)


def dress(axes: Axes, run: RunFile, names: Sequence[str], scales: Sequence[bool]) -> None:
    """Labels and scales of both axes."""
    for axis, set_scale, name, scale in (
        (axes.set_xlabel, axes.set_xscale, names[0], scales[0]),
        (axes.set_ylabel, axes.set_yscale, names[1], scales[1]),
    ):
        axis(parameter_label(run.parameter(name)))
        if scale:
            set_scale("log")
    tidy_ticks(axes)


def tidy_ticks(axes: Axes) -> None:
    """Ticks of logarithmic axes that are as many as can be read: 1, 2, 5 over few decades.

    Parameters
    ----------
    axes : Axes
        With its final ends.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    for axis, ends in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
        if axis.get_scale() != "log":
            continue
        decades = float(np.log10(ends[1] / ends[0]))
        subs: tuple[float, ...] = (1.0,) if decades > _DECADES[1] else (1.0, 3.0)
        subs = (1.0, 2.0, 5.0) if decades <= _DECADES[0] else subs
        axis.set_minor_formatter(NullFormatter())
        if decades <= _DECADES[1]:
            axis.set_major_locator(LogLocator(subs=subs))
        if ends[0] >= 1e-3 and ends[1] <= 1e4:
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def set_ranges(axes: Axes, names: Sequence[str], ranges: Mapping[str, tuple[float, float]]) -> None:
    """Ends of the axes that were given.

    Parameters
    ----------
    axes : Axes
        All drawn.
    names : sequence of str
        Of the horizontal and the vertical axis.
    ranges : mapping of str to (float, float)

    Raises
    ------
    ParameterError
        If a logarithmic axis would end at zero or below, or nothing is drawn in a range.
    """
    parts: tuple[Any, Any] = ((axes.xaxis, axes.set_xlim), (axes.yaxis, axes.set_ylim))
    for name, (axis, set_limits) in zip(names, parts, strict=True):
        if name not in ranges:
            continue
        low, high = ranges[name]
        if axis.get_scale() == "log" and low <= 0.0:
            raise ParameterError(
                f"--range {name}={low:g}:{high:g}: the axis is logarithmic, and ends above zero."
            )
        first, last = sorted(axis.get_view_interval())
        if high < first or low > last:
            raise ParameterError(
                f"--range {name}={low:g}:{high:g}: nothing lies there; what is drawn reaches from "
                f"{first:.4g} to {last:.4g}."
            )
        set_limits(low, high)
    tidy_ticks(axes)
