"""One observable or parameter against another: samples, best fits, curves of models, data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ....errors import StoreError
from ...records import Array
from ...records.arrays import missing
from ...records.curves import Band, Curve, Ellipse
from ..style import SIZES, on_axes
from ..texts import COLOURS, MARKERS, legend_of, plain, safe, shrink

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

__all__ = ["Cloud", "observables"]

_CONTENTS = (0.68, 0.95)
_CELLS, _FEWEST = 60, 20
_LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)))
_BANDS = ("#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#999933")


@dataclass(frozen=True, eq=False)
class Cloud:
    """What a run says of two quantities.

    Attributes
    ----------
    label : str
    samples : (s, 2) array
        Of the posterior; s may be 0.
    weights : (s,) array or None
    best : (2,) array
        Best fit; NaN if there is none.
    converged : bool
        Whether the samples are those of a chain that has converged.
    profile : (x, y, q) or None
        A scan: axes (k,), (m,), and -2 ln of the profile likelihood over its maximum, (k, m).
    curve : bool
        Whether the samples lie on a curve, as those of one parameter do: there is no region then.
    """

    label: str
    samples: Array = field(default_factory=lambda: np.empty((0, 2)))
    weights: Array | None = None
    best: Array = field(default_factory=missing)
    converged: bool = True
    profile: tuple[Array, Array, Array] | None = None
    curve: bool = False


def observables(
    labels: tuple[str, str],
    clouds: Sequence[Cloud] = (),
    curves: Sequence[Curve] = (),
    bands: Sequence[Band] = (),
    ellipses: Sequence[Ellipse] = (),
    ends: Mapping[str, tuple[float, float]] | None = None,
    axes: Axes | None = None,
    width: float = SIZES["page"],
) -> Axes:
    """Draw a plane of two quantities.

    Regions hold 68 and 95 % of the posterior samples, those of an ellipse 68 % in two dimensions
    (-2 Delta ln L = 2.28).

    Parameters
    ----------
    labels : (str, str)
        Of the axes, with units.
    clouds : sequence of Cloud
        Runs.
    curves : sequence of Curve
    bands : sequence of Band
    ellipses : sequence of Ellipse
    ends : mapping, optional
        Ends of the axes ``"x"`` and ``"y"``.
    axes : Axes, optional
    width : float
        Of a new figure, inches.

    Returns
    -------
    Axes

    Raises
    ------
    StoreError
        If nothing of it has a finite value.
    """
    own = axes is None
    ends = dict(ends or {})
    box = {name: ends.get(name) or _reach(name, clouds, curves, bands, ellipses) for name in "xy"}
    axes = on_axes(axes, width, 0.95 if width < SIZES["page"] else 0.8 if width < 9 else 0.62)
    handles = _draw_bands(axes, bands, box)
    for index, cloud in enumerate(clouds):
        handles += _draw_cloud(axes, cloud, index)
    for index, curve in enumerate(curves):
        # Wider below narrower ones, so that lines that coincide are all seen.
        above = sum(_same_line(curve, other, box) for other in curves[index + 1 :])
        handles += _draw_curve(axes, curve, index + len(clouds), above)
    for ellipse in ellipses:
        handles += _draw_ellipse(axes, ellipse)
    axes.set_xlim(*box["x"])
    axes.set_ylim(*box["y"])
    axes.locator_params(nbins=6)
    axes.set_xlabel(_scaled(axes.xaxis, labels[0], box["x"]))
    axes.set_ylabel(_scaled(axes.yaxis, labels[1], box["y"]))
    if own:
        figure: Any = axes.get_figure(root=True)
        shrink([axes.xaxis.label], 0.75 * figure.bbox.width)
        shrink([axes.yaxis.label], 0.55 * figure.bbox.height, upright=True)
    legend_of(axes, handles, own)
    return axes


def _scaled(axis: Axis, text: str, ends: tuple[float, float]) -> str:
    """Label of an axis with the power of ten by which its ticks are divided."""
    largest = max(map(abs, ends))
    if largest <= 0.0 or 0.01 <= largest < 1e4:
        return text
    power = math.floor(math.log10(largest))
    axis.set_major_formatter(lambda value, _: f"{value / 10.0**power:.4g}")
    tens = rf"$10^{{{power}}}$"
    head, bracket, unit = text.rpartition(" [")
    return f"{head} [{tens} {unit}" if bracket and unit.endswith("]") else f"{text} [{tens}]"


def _reach(
    name: str,
    clouds: Sequence[Cloud],
    curves: Sequence[Curve],
    bands: Sequence[Band],
    ellipses: Sequence[Ellipse],
) -> tuple[float, float]:
    """Ends that show everything; curves alone may leave the picture where there are data."""
    column = "xy".index(name)
    values: list[float] = []
    for cloud in clouds:
        if len(cloud.samples) >= _FEWEST:
            values += list(np.nanquantile(cloud.samples[:, column], [0.003, 0.997]))
        values += [float(cloud.best[column])] if len(cloud.best) else []
    for ellipse in ellipses:
        size = 2.0 * float(np.sqrt(ellipse.covariance[column, column]))
        values += [ellipse.centre[column] - size, ellipse.centre[column] + size]
    values += [end for band in bands if band.axis == name for end in (band.low, band.high)]
    if not bands:
        values += [value for curve in curves for value in getattr(curve, name)]
    finite = np.array([value for value in values if np.isfinite(value)])
    if not len(finite):
        raise StoreError(
            "nothing to draw: no prediction of the two observables is a finite number."
        )
    low, high = float(finite.min()), float(finite.max())
    pad = 0.08 * (high - low) or 0.1 * abs(high) or 1.0
    return low - pad, high + pad


def _draw_bands(
    axes: Axes, bands: Sequence[Band], box: Mapping[str, tuple[float, float]]
) -> list[Any]:
    handles: list[Any] = []
    for index, band in enumerate(bands):
        span = axes.axvspan if band.axis == "x" else axes.axhspan
        line = axes.axvline if band.axis == "x" else axes.axhline
        colour = _BANDS[index % len(_BANDS)]
        if np.isfinite(band.low) and np.isfinite(band.high):
            handles.append(
                span(
                    band.low,
                    band.high,
                    color=colour,
                    alpha=0.22,
                    lw=0,
                    zorder=0,
                    label=safe(band.label),
                )
            )
            continue
        # A limit: its line, and what is excluded lightly shaded.
        edge = band.high if np.isfinite(band.high) else band.low
        far = max(box[band.axis][1], edge) if edge == band.high else min(box[band.axis][0], edge)
        span(edge, far, color=colour, alpha=0.1, lw=0, zorder=0)
        handles.append(
            line(
                edge,
                color=colour,
                linewidth=1.2,
                linestyle=_LINES[index % len(_LINES)],
                label=safe(band.label),
                zorder=0.5,
            )
        )
    return handles


def _draw_cloud(axes: Axes, cloud: Cloud, index: int) -> list[Any]:
    from matplotlib.patches import Patch

    colour = COLOURS[index % len(COLOURS)]
    handles: list[Any] = []
    title = plain(cloud.label) + ("" if cloud.converged else " (not converged)")
    good = np.isfinite(cloud.samples).all(axis=1)
    on_curve = cloud.curve or _straight(cloud.samples[good])
    if good.any() and (on_curve or good.sum() < _FEWEST):
        style = {"marker": ".", "markersize": 2, "alpha": 0.5, "linestyle": "none"}
        axes.plot(*cloud.samples[good].T, color=colour, zorder=1.5, rasterized=True, **style)  # type: ignore[arg-type]
        handles.append(Patch(facecolor=colour, alpha=0.6, label=f"{title}, samples"))
    elif good.any():
        weights = None if cloud.weights is None else cloud.weights[good]
        if _draw_regions(axes, cloud.samples[good], weights, colour):
            handles.append(Patch(facecolor=colour, alpha=0.45, label=f"{title}, 68, 95 %"))
    if cloud.profile is not None:
        x, y, q = cloud.profile
        levels = [-2.0 * np.log1p(-content) for content in _CONTENTS]
        lines: Any = ["-", "--"]
        axes.contour(x, y, np.ma.masked_invalid(q).T, levels=levels, colors=colour,
                     linestyles=lines, linewidths=1.3, zorder=2)  # fmt: skip
        handles += axes.plot([], [], color=colour, label=f"{title}, profile 68, 95 %")
    if len(cloud.best) and np.isfinite(cloud.best).all():
        text = f"{title}, best fit" if not handles else "_best"
        handles += axes.plot(
            *cloud.best, marker=MARKERS[index % len(MARKERS)], color=colour, mec="white",
            markersize=7, linestyle="none", label=text, zorder=4,
        )  # fmt: skip
    return handles


def _draw_regions(axes: Axes, samples: Array, weights: Array | None, colour: str) -> bool:
    """Regions that hold 68 and 95 % of samples; False if they cannot be told apart."""
    from scipy.ndimage import gaussian_filter

    box = [_open_ends(column) for column in samples.T]
    low, high = np.array(box).T
    counts, x, y = np.histogram2d(
        samples[:, 0], samples[:, 1], bins=_CELLS, range=box, weights=weights
    )
    # Mirrored at the ends, which may be bounds of a prior; width as Silverman's for two dimensions.
    widths = 0.8 * len(samples) ** (-1 / 6) * _spread(samples) / (high - low) * _CELLS
    density = gaussian_filter(counts, np.maximum(widths, 0.7), mode="reflect")
    centres = [0.5 * (edges[1:] + edges[:-1]) for edges in (x, y)]
    levels = _levels(samples, weights, centres, density)
    if not 0.0 < levels[0] < levels[1] < density.max():
        return False
    for bottom, alpha in zip(levels, (0.25, 0.3), strict=True):
        shade: dict[str, Any] = {"colors": [colour], "alpha": alpha, "zorder": 1}
        axes.contourf(*centres, density.T, levels=[bottom, 1.01 * density.max()], **shade)
    axes.contour(*centres, density.T, levels=levels, colors=colour, linewidths=0.9, zorder=1.2)
    return True


def _straight(samples: Array) -> bool:
    """Whether samples have no extent in some direction."""
    if len(samples) < 2 or not (samples.std(axis=0) > 0.0).all():
        return True
    return not abs(np.corrcoef(samples.T)[0, 1]) < 0.9995


def _open_ends(column: Array) -> tuple[float, float]:
    """Ends of samples, further out on a side where they thin out and do not pile up at a bound."""
    low, high = np.quantile(column, [0.0005, 0.9995])
    strip = 0.04 * (high - low)
    thin = [
        float(np.mean(inside)) < 0.02 for inside in (column < low + strip, column > high - strip)
    ]
    return float(low - 3.0 * strip * thin[0]), float(high + 3.0 * strip * thin[1])


def _spread(samples: Array) -> Array:
    """Width of a distribution, of its bulk where there are long tails: (2,)."""
    low, high = np.quantile(samples, [0.25, 0.75], axis=0)
    bulk = np.where(high > low, (high - low) / 1.349, np.inf)
    return np.asarray(np.minimum(samples.std(axis=0), bulk))


def _levels(
    samples: Array, weights: Array | None, centres: Sequence[Array], density: Array
) -> list[float]:
    """Densities above which 95 and 68 % of the samples lie."""
    from scipy.interpolate import RegularGridInterpolator

    at = RegularGridInterpolator(tuple(centres), density, bounds_error=False, fill_value=None)
    heights = at(samples)
    order = np.argsort(heights)
    mass = np.cumsum(np.ones(len(heights)) if weights is None else weights[order])
    mass = mass / mass[-1]
    return [float(heights[order][np.searchsorted(mass, 1.0 - c)]) for c in reversed(_CONTENTS)]


def _draw_curve(axes: Axes, curve: Curve, index: int, above: int) -> list[Any]:
    style = {"color": COLOURS[index % len(COLOURS)], "linewidth": 1.4 + 1.8 * above}
    return list(axes.plot(curve.x, curve.y, label=safe(curve.label), zorder=2, **style))  # type: ignore[arg-type]


def _same_line(curve: Curve, other: Curve, box: Mapping[str, tuple[float, float]]) -> bool:
    """Whether what two curves show inside a box is one line, as far as both go."""
    low, high = (np.array([box[name][end] for name in "xy"]) for end in (0, 1))
    fine = [np.stack([_refined(c.x), _refined(c.y)], axis=1) for c in (curve, other)]
    inside = [points[((points > low) & (points < high)).all(axis=1)] for points in fine]
    if min(map(len, inside)) < 2:
        return False
    inside = sorted(inside, key=lambda points: float(np.ptp(points, axis=0).max()))
    short = inside[0][np.linspace(0, len(inside[0]) - 1, 25).astype(int)]
    away = ((short[:, None] - inside[1][None]) / (high - low)) ** 2
    return bool(np.sqrt(away.sum(axis=2).min(axis=1)).max() < 0.01)


def _refined(column: Array) -> Array:
    places = np.linspace(0.0, len(column) - 1.0, 1500)
    return np.interp(places, np.arange(len(column)), column)


def _draw_ellipse(axes: Axes, ellipse: Ellipse) -> list[Any]:
    """Point and ellipse of 68 % in two dimensions."""
    centre, angle = ellipse.centre, np.linspace(0.0, 2.0 * np.pi, 200)
    values, vectors = np.linalg.eigh(ellipse.covariance)
    reach = np.sqrt(-2.0 * np.log1p(-_CONTENTS[0]) * np.maximum(values, 0.0))
    outline = vectors @ (reach[:, None] * np.stack([np.cos(angle), np.sin(angle)]))
    axes.plot(centre[0] + outline[0], centre[1] + outline[1], color="black", lw=1.0, zorder=3.5)
    return list(
        axes.plot(
            *centre, "k*", markersize=8, label=plain(ellipse.label), zorder=4, linestyle="none"
        )
    )
