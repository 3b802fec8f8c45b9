"""Expected errors and significance against luminosity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ....errors import StoreError, UnknownNameError
from ...records import Array
from ...records.projections import Projected, Projection
from ..palette import BAND, BEST, REFERENCE, logarithmic, new_figure
from ..placement import escaped, place_legend
from ..style import SIZES, on_axes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["projection_curves", "projection_figure"]

_COLOURS = {"statistical": "#009E73", "published": BAND, "scaled": BEST}


def projection_figure(found: Projection) -> Figure:
    """One panel for the error of each parameter, and one for the significance if there is a null.

    Parameters
    ----------
    found : Projection

    Returns
    -------
    matplotlib.figure.Figure
    """
    names = [entry.name for entry in found.points[0].errors]
    panels = len(names) + bool(found.null) + bool(found.rival)
    figure = new_figure(5.6, 1.0 + 2.6 * panels)
    figure.set_layout_engine("constrained")
    axes = figure.subplots(panels, 1, sharex=True, squeeze=False)[:, 0]
    for assumption in dict.fromkeys(point.assumption for point in found.points):
        points = sorted(
            (one for one in found.points if one.assumption == assumption),
            key=lambda one: one.luminosity,
        )
        style = {"color": _COLOURS[assumption], "marker": "o", "label": assumption}
        crosses = {"color": _COLOURS[assumption], "marker": "x", "linestyle": ""}
        places = [one.luminosity for one in points]
        for index, panel in enumerate(axes[: len(names)]):
            panel.plot(places, [one.errors[index].error for one in points], **style)
            panel.plot(places, [one.errors[index].spread for one in points], **crosses)
        if found.null:
            _discovery(axes[len(names)], points, style)
        if found.rival:
            axes[-1].plot(places, [one.separation for one in points], **style)
            axes[-1].plot(places, [one.separation_toys for one in points], **crosses)
    for name, panel in zip(names, axes, strict=False):
        panel.set_ylabel(f"error of {name}".replace("$", r"\$"))
        panel.set_ylim(bottom=0.0)
    if found.null:
        axes[len(names)].set_ylabel(f"significance against {found.null}")
        panel = axes[len(names)]
        low, high = panel.dataLim.intervaly
        if 0.0 < low < high < np.inf:
            logarithmic(panel.yaxis, low, high)
    if found.rival:
        axes[-1].set_ylabel(f"separation from {found.rival}".replace("$", r"\$"))
        axes[-1].set_ylim(bottom=0.0)
    places = [one.luminosity for one in found.points]
    logarithmic(axes[-1].xaxis, min(places), max(places))
    axes[-1].set_xlabel(r"luminosity [ab$^{-1}$]")
    title = f"truth: {found.truth}" + ("; crosses: toys" if found.toys else "")
    axes[0].legend(title=title, fontsize=8)
    return figure


SIGNIFICANCE, SEPARATION = "significance", "separation"
"""What a projection may tell besides errors of parameters."""


def projection_curves(
    found: Projection,
    quantity: str = "",
    *,
    axes: Axes | None = None,
    width: float = SIZES["page"],
) -> Axes:
    """Draw one expected quantity against luminosity, a curve for each assumption.

    Parameters
    ----------
    found : Projection
    quantity : str
        ``"significance"`` against the null, ``"separation"`` from the rival, or a parameter, whose
        error is drawn. By default the first of these that there is.
    axes : Axes, optional
        Drawn on in place of those of a new figure; the legend is then inside.
    width : float
        Of a new figure, inches.

    Returns
    -------
    Axes

    Raises
    ------
    UnknownNameError
        If there is no such quantity.
    StoreError
        If it is finite nowhere.
    """
    names = [entry.name for entry in found.points[0].errors]
    known = [SIGNIFICANCE] * bool(found.null) + [SEPARATION] * bool(found.rival) + names
    chosen = quantity or (known[0] if known else SIGNIFICANCE)
    if chosen not in known:
        raise UnknownNameError("quantity of this projection", chosen, known)
    panel, told, handles = on_axes(axes, width), False, []
    for assumption in dict.fromkeys(point.assumption for point in found.points):
        points = sorted(
            (one for one in found.points if one.assumption == assumption),
            key=lambda one: one.luminosity,
        )
        colour = _COLOURS.get(assumption, REFERENCE)
        values, toys = _values(points, chosen)
        told |= bool(np.isfinite(values).any() or np.isfinite(toys[1]).any())
        places = [one.luminosity for one in points]
        handles += panel.plot(places, values, color=colour, marker="o", label=escaped(assumption))
        low, middle, high = toys
        if np.isfinite(middle).any():
            errors = np.nan_to_num([middle - low, high - middle])
            panel.errorbar(places, middle, errors, color=colour, fmt="x", capsize=3)
    if not told:
        raise StoreError(f"{chosen} of {found.name} is not known at any luminosity.")
    texts = {SIGNIFICANCE: f"significance against {escaped(found.null)} [σ]"}
    texts[SEPARATION] = f"separation from {escaped(found.rival)} [σ]"
    panel.set_ylabel(texts.get(chosen, f"expected error of {escaped(chosen)}"))
    panel.set_ylim(bottom=0.0)
    if chosen == SIGNIFICANCE:
        _sigma_lines(panel)
    _luminosity_axis(panel, [one.luminosity for one in found.points])
    title = f"{escaped(found.name)}, truth: {escaped(found.truth)}"
    place_legend(panel, handles, title + ("; crosses: toys" if found.toys else ""), axes is None)
    return panel


def _values(points: Sequence[Projected], quantity: str) -> tuple[Array, Array]:
    """Expected values (p,), and those of toys with their lower and upper ends (3, p)."""
    if quantity == SIGNIFICANCE:
        toys = np.array([one.sigma_toys for one in points], float).T
        return np.array([one.sigma for one in points]), toys
    if quantity == SEPARATION:
        single = np.array([one.separation_toys for one in points])
        return np.array([one.separation for one in points]), np.stack([single] * 3)
    errors = [next(e for e in one.errors if e.name == quantity) for one in points]
    single = np.array([entry.spread for entry in errors])
    return np.array([entry.error for entry in errors]), np.stack([single] * 3)


def _sigma_lines(panel: Axes) -> None:
    top = panel.get_ylim()[1]
    for sigma in (3.0, 5.0):
        if sigma < top:
            panel.axhline(sigma, color=REFERENCE, linewidth=0.7, linestyle=":")


def _luminosity_axis(panel: Axes, luminosities: Sequence[float]) -> None:
    """Ticks at the luminosities 1, 2, 5, 10 ...: powers of ten alone would be too few."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

    panel.set_xlabel(r"luminosity [ab$^{-1}$]")
    low, high = min(luminosities), max(luminosities)
    if not 0.0 < 2.0 * low < high:
        return
    panel.set_xscale("log")
    few = high < 1000.0 * low
    panel.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if few else (1.0,)))
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    panel.xaxis.set_minor_formatter(NullFormatter())
    panel.xaxis.set_minor_locator(NullLocator())


def _discovery(panel: Axes, points: Sequence[Projected], style: Mapping[str, Any]) -> None:
    """Expected significance, and the median of toys with 68.27 %."""
    places = [one.luminosity for one in points]
    panel.plot(places, [one.sigma for one in points], **style)
    low, middle, high = np.array([one.sigma_toys for one in points]).T
    if np.isfinite(middle).any():
        errors = [middle - low, high - middle]
        panel.errorbar(places, middle, errors, color=style["color"], fmt="x", capsize=3)
