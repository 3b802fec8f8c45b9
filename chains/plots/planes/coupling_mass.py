"""A coupling against a mass: what each experiment excludes, decay lengths, curves of others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ....errors import StoreError
from ...records import Array, LimitScan, ParameterRecord, Scan
from ...records.planes import Outline, PlaneField
from ..palette import REFERENCE, parameter_label
from ..placement import escaped, place_legend
from ..style import SIZES, on_axes
from .constraints import part_heights
from .grids import SERIES, fine, region_levels, tidy_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Excluded", "coupling_mass", "excluded_by_limits", "excluded_by_parts"]

# Beyond the largest value that is drawn: filled regions have no upper end of their own.
_BEYOND = 1e3


@dataclass(frozen=True, eq=False)
class Excluded:
    """What one experiment excludes in a plane, as heights over a grid.

    Attributes
    ----------
    label : str
    axes : two (k_i,) arrays
    heights : (k_1, k_2) array
        Excluded above `level`.
    level : float
    """

    label: str
    axes: tuple[Array, Array]
    heights: Array
    level: float


def excluded_by_limits(label: str, limits: LimitScan) -> tuple[Array, Array, str]:
    """Upper limits of the highest level: masses, limits (NaN without), and a label with the level.

    Parameters
    ----------
    label : str
    limits : LimitScan
        Along one parameter.

    Raises
    ------
    StoreError
        If they are along none, or several.
    """
    if int((limits.shape > 1).sum()) != 1:
        raise StoreError(f"{label}: limits along one parameter are needed, a mass.")
    along, k = int(limits.shape.argmax()), int(limits.levels.argmax())
    order = limits.points[:, along].argsort()
    upper = np.where(np.isfinite(limits.upper), limits.upper, np.nan)[order, k]
    return limits.points[order, along], upper, f"{label}, {100.0 * limits.levels[k]:g} %"


def excluded_by_parts(scan: Scan, parts: Sequence[str] = ()) -> list[Excluded]:
    """What each part of the likelihood of a scan excludes at 95 % (two parameters).

    Parameters
    ----------
    scan : Scan
        Of two parameters.
    parts : sequence of str
        All by default.

    Returns
    -------
    list of Excluded
        Counted from the lowest point of each part over the grid.
    """
    level = region_levels()[-1]
    return [
        Excluded(f"{name}, 95 %", (scan.axes[0], scan.axes[1]), part_heights(scan, name), level)
        for name in parts or scan.separate_names
    ]


def coupling_mass(
    records: Sequence[ParameterRecord],
    *,
    limits: Sequence[tuple[Array, Array, str]] = (),
    regions: Sequence[Excluded] = (),
    lifetime: PlaneField | None = None,
    overlays: Sequence[Outline] = (),
    outlines: bool = False,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    axes: Axes | None = None,
    width: float = SIZES["page"],
) -> Axes:
    """Draw what experiments exclude of a coupling against a mass, both axes logarithmic.

    Parameters
    ----------
    records : two ParameterRecord
        Mass and coupling, for labels.
    limits : sequence of (masses, limits, label)
        Filled above; see `excluded_by_limits`.
    regions : sequence of Excluded
    lifetime : PlaneField, optional
        c tau in metres, drawn as contours at powers of ten.
    overlays : sequence of Outline
        Curves of others.
    outlines : bool
        Draw edges alone, without filling.
    ranges : mapping of str to (float, float), optional
        Ends of axes by the names of the records.
    axes : Axes, optional
        Drawn on in place of those of a new figure; the legend is then inside.
    width : float
        Of a new figure, inches.

    Returns
    -------
    Axes

    Raises
    ------
    StoreError
        If there is nothing at positive masses and couplings.
    """
    panel = on_axes(axes, width, 0.85)
    panel.set_xscale("log")
    panel.set_yscale("log")
    ends = _ends(limits, regions, lifetime, overlays)
    given = [(ranges or {}).get(record.name) for record in records]
    panel.set_xlim(*(given[0] or ends[0]))
    panel.set_ylim(*(given[1] or ends[1]))
    handles: list[Any] = []
    number = 0
    for x, y, label in limits:
        handles += _above(panel, x, y, label, SERIES[number % len(SERIES)], outlines)
        number += 1
    for region in regions:
        handles += _outside(panel, region, SERIES[number % len(SERIES)], outlines)
        number += 1
    for outline in overlays:
        handles += _curve(panel, outline, SERIES[number % len(SERIES)])
        number += 1
    if lifetime is not None:
        handles += _decay_lengths(panel, lifetime)
    tidy_ticks(panel)
    panel.set_xlabel(parameter_label(records[0]))
    panel.set_ylabel(parameter_label(records[1]))
    place_legend(panel, handles, own=axes is None)
    return panel


def _ends(
    limits: Sequence[tuple[Array, Array, str]],
    regions: Sequence[Excluded],
    lifetime: PlaneField | None,
    overlays: Sequence[Outline],
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Ends of both axes: of what is positive."""
    first: list[Array] = [x for x, _, _ in limits] + [one.axes[0] for one in regions]
    second: list[Array] = [one.axes[1] for one in regions] + [one.y for one in overlays]
    first += [one.x for one in overlays]
    second += [np.array([0.3, 3.0])[:, None] * y for _, y, _ in limits]
    if lifetime is not None and not (first and second):
        first, second = [lifetime.axes[0]], [lifetime.axes[1]]
    found = []
    for many in (first, second):
        values = np.concatenate([np.ravel(one) for one in many]) if many else np.empty(0)
        values = values[np.isfinite(values) & (values > 0.0)]
        if not len(values):
            raise StoreError("there is nothing to draw at positive masses and couplings.")
        low, high = float(values.min()), float(values.max())
        found.append((low, high) if low < high else (0.5 * low, 2.0 * high))
    return found[0], found[1]


def _above(panel: Axes, x: Array, y: Array, label: str, colour: str, outlines: bool) -> list[Any]:
    """Fill above a limit; a gap where there is none."""
    shown = np.where(y > 0.0, y, np.nan)
    handles: list[Any] = list(panel.plot(x, shown, color=colour, label=escaped(label)))
    if not outlines:
        top = np.full(len(x), _BEYOND * panel.get_ylim()[1])
        panel.fill_between(
            x, shown, top, where=np.isfinite(shown).tolist(), color=colour, alpha=0.25, lw=0
        )
    return handles


def _outside(panel: Axes, region: Excluded, colour: str, outlines: bool) -> list[Any]:
    """Fill where a part is above its level; nothing below zero has a place on the axes."""
    from matplotlib.patches import Patch

    kept = [np.asarray(axis) > 0.0 for axis in region.axes]
    points = [axis[where] for axis, where in zip(region.axes, kept, strict=True)]
    heights = region.heights[np.ix_(*kept)]
    label = escaped(region.label)
    if min(map(len, points)) < 2:
        raise StoreError(f"{region.label}: fewer than two positive grid values along an axis.")
    x, y, surface = fine(points, heights, (True, True))
    if surface.max() <= region.level:
        return [Patch(facecolor="none", edgecolor=colour, label=f"{label} (nothing)")]
    if not outlines:
        top = [region.level, surface.max() + 1.0]
        panel.contourf(x, y, surface.T, top, colors=[colour], alpha=0.25)
    if surface.min() < region.level:
        panel.contour(x, y, surface.T, [region.level], colors=[colour])
    return [Patch(facecolor=colour, alpha=0.4, edgecolor=colour, label=label)]


def _curve(panel: Axes, outline: Outline, colour: str) -> list[Any]:
    """A curve of others; of those that are filled the polygon."""
    label = escaped(outline.label)
    if outline.filled:
        return list(
            panel.fill(outline.x, outline.y, facecolor=colour, edgecolor=colour, alpha=0.3,
                       linestyle="--", label=label)
        )  # fmt: skip
    return list(panel.plot(outline.x, outline.y, "--", color=colour, label=label))


def _decay_lengths(panel: Axes, field: PlaneField) -> list[Any]:
    """Contours of c tau at powers of ten, as many as can be told apart, each with its label."""
    from matplotlib.lines import Line2D

    powers = np.log10(np.where(field.values > 0.0, field.values, np.nan))
    low, high = float(np.nanmin(powers)), float(np.nanmax(powers))
    step = max(1, int(np.ceil((high - low) / 6.0)))
    levels = [p for p in range(int(np.ceil(low)), int(np.floor(high)) + 1) if p % step == 0]
    if not levels:
        return []
    shown = panel.contour(
        *field.axes, np.ma.masked_invalid(powers).T, levels, colors=REFERENCE, linewidths=0.8,
        linestyles=":",
    )  # fmt: skip
    text = r"$c\tau$ at $10^{" + ", ".join(str(p) for p in levels) + r"}$ m"
    panel.clabel(shown, fmt=lambda power: rf"$10^{{{power:.0f}}}$ m", fontsize=7)
    if len(levels) > 1:
        text = rf"$c\tau$, $10^{{{levels[0]}}}$ to $10^{{{levels[-1]}}}$ m"
    return [Line2D([], [], color=REFERENCE, linestyle=":", linewidth=0.8, label=text)]
