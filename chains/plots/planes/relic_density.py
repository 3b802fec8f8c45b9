"""Where a plane of two parameters gives the relic density that was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ....errors import StoreError
from ...records import Array, RunFile, Scan
from ...records.planes import PlaneField
from ...tables.profiles import contour_levels, scan_heights
from ..palette import BAND, BEST, label
from ..placement import escaped, place_legend
from ..refined import filled
from ..style import SIZES, on_axes
from .grids import dress, fine, in_ratios, region_levels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["relic_density"]

# Standard deviations of the measurement to which the band goes.
_SIGMAS = 2.0
# A band narrower than this part of the density would be thinner than a line.
_THINNEST = 0.01


def relic_density(
    run: RunFile,
    field: PlaneField,
    scan: Scan | None = None,
    *,
    axes: Axes | None = None,
    width: float = SIZES["page"],
) -> Axes:
    """Draw the band of the measured relic density over a plane, and the regions of a scan of it.

    The band is where the density is within two standard deviations of what was measured, with a
    line in the middle; hatched is where it is larger.

    Parameters
    ----------
    run : RunFile
        Gives labels and the best fit.
    field : PlaneField
        The density, with what was measured.
    scan : Scan, optional
        Of the same parameters: its regions of 68 and 95 % are drawn below, those of all data but
        the relic density if its part is stored alone (``separate``).
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
        If the density is finite nowhere in the plane.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    known = np.isfinite(field.values) & (field.values > 0.0)
    if not known.any():
        raise StoreError(f"{field.name} is not defined anywhere in this plane.")
    panel = on_axes(axes, width, 0.85)
    scales = [in_ratios(run, n, v) for n, v in zip(field.parameters, field.axes, strict=True)]
    handles: list[Any] = []
    if scan is not None:
        heights, text = _others(scan, field.source)
        x, y, surface = fine(scan.axes, heights, scales)
        panel.contourf(x, y, surface.T, region_levels(), colors=[BAND, BAND], alpha=0.3)
        panel.contour(x, y, surface.T, contour_levels(), colors=[BAND], linestyles=("-", "--"))
        handles.append(Patch(facecolor=BAND, alpha=0.3, edgecolor=BAND, label=text))
    powers = np.ma.masked_invalid(np.log(np.where(known, field.values, np.nan))).T
    error = max(_SIGMAS * field.error if np.isfinite(field.error) else 0.0, 0.0)
    half = max(error, _THINNEST * field.measured)
    low, high = np.log(max(field.measured - half, 1e-300)), np.log(field.measured + half)
    top = float(powers.max())
    symbol = label(field.latex, name=field.name)
    if top > high:
        panel.contourf(*field.axes, powers, [high, top + 1.0], colors="none", hatches=["////"])
        handles.append(Patch(facecolor="none", hatch="////", label=f"{symbol} larger"))
    if top > low and float(powers.min()) < high:
        panel.contourf(*field.axes, powers, [low, high], colors=[BEST], alpha=0.5)
        panel.contour(*field.axes, powers, [np.log(field.measured)], colors=[BEST])
        handles.append(Line2D([], [], color=BEST, label=f"{symbol} = {field.measured:.4g}"))
    else:
        handles.append(
            Line2D([], [], color=BEST, label=f"{symbol} = {field.measured:.4g} nowhere here")
        )
    dress(panel, run, field.parameters, scales)
    place_legend(panel, handles, escaped("; ".join(field.held)), axes is None)
    return panel


def _others(scan: Scan, source: str) -> tuple[Array, str]:
    """Heights of a scan without the relic density, if its part is known: a grid is coarse for it.

    Where the others were refitted their sum is that at the points of the fit of all.
    """
    levels = "68 % (line), 95 % (dashed)"
    if source not in scan.separate_terms:
        return filled(scan, scan_heights(None, scan)), f"fit, {levels}"
    part = scan.separate[..., scan.separate_terms.index(source)]
    total = scan.log_penalised - part
    heights: Array = 2.0 * (np.nanmax(total) - total)
    return filled(scan, heights), f"all but the density, {levels}"
