"""Legends that fit into the width of their figure."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

__all__ = ["escaped", "place_legend"]

_MOST_COLUMNS = 5
# Smaller than these parts of what the style says it does not become; then texts are wrapped.
_SHRINK = (1.0, 0.88, 0.76)
_NARROWEST = 8


def escaped(text: str) -> str:
    """Text of others as text: a dollar sign begins no formula that cannot be set."""
    from matplotlib.mathtext import MathTextParser

    if text.count("$") % 2 == 0:
        try:
            MathTextParser("path").parse(text)
            return text
        except ValueError:
            pass
    return text.replace("$", r"\$")


def place_legend(axes: Axes, handles: Sequence[Any], title: str = "", own: bool = True) -> None:
    """Put a legend above a figure of one's own, which becomes higher by it, or inside given axes.

    Parameters
    ----------
    axes : Axes
    handles : sequence of artists
        With labels.
    title : str
    own : bool
        Whether the figure has been made for these axes; its layout must be constrained.
    """
    from matplotlib import rcParams
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

    handles = [one for one in handles if not str(one.get_label()).startswith("_")]
    figure = axes.get_figure()
    if not (handles or title) or not isinstance(figure, Figure):
        return
    points = FontProperties(size=rcParams["legend.fontsize"]).get_size_in_points()
    labels = [str(one.get_label()) for one in handles]
    if not own:
        axes.legend(handles, labels, title=title or None, fontsize=points, title_fontsize=points)
        return
    legend = _fitting(figure, handles, labels, title, points)
    width, height = figure.get_size_inches()
    figure.set_size_inches(width, height + legend.get_window_extent().height / figure.dpi)
    _make_room(axes, figure)


def _make_room(axes: Axes, figure: Figure) -> None:
    """A figure high enough for the label of its second axis, and a label that fits its first."""
    figure.canvas.draw()
    wanted = axes.yaxis.label.get_window_extent().height - axes.bbox.height
    if wanted > 0.0:
        width, height = figure.get_size_inches()
        figure.set_size_inches(width, height + wanted / figure.dpi)
    label = axes.xaxis.label
    box = label.get_window_extent()
    centre = 0.5 * (box.x0 + box.x1)
    part = 1.96 * min(centre, figure.bbox.width - centre) / max(box.width, 1.0)
    if part < 1.0:
        label.set_fontsize(part * label.get_fontproperties().get_size_in_points())


def _fitting(
    figure: Figure, handles: Sequence[Any], labels: Sequence[str], title: str, points: float
) -> Legend:
    """The widest legend that fits; texts are wrapped if none does."""
    for part in _SHRINK:
        for columns in range(min(_MOST_COLUMNS, max(len(handles), 1)), 0, -1):
            legend = _legend(figure, handles, labels, title, (part * points, columns))
            if _fits(figure, legend):
                return legend
            legend.remove()
    small, longest = _SHRINK[-1] * points, max(len(text) for text in (*labels, title))
    for most in range(longest, _NARROWEST, -2):
        shown = [_wrapped(text, most) for text in labels]
        legend = _legend(figure, handles, shown, _wrapped(title, most), (small, 1))
        if _fits(figure, legend):
            return legend
        legend.remove()
    return _legend(figure, handles, labels, title, (small, 1))


def _wrapped(text: str, most: int) -> str:
    """Lines of a text; a formula is not cut, nor a word that has none beside it."""
    if "$" in text.replace(r"\$", ""):
        return text
    return textwrap.fill(text, most)


def _fits(figure: Figure, legend: Legend) -> bool:
    return bool(legend.get_window_extent().width <= 0.99 * figure.bbox.width)


def _legend(
    figure: Figure,
    handles: Sequence[Any],
    labels: Sequence[str],
    title: str,
    form: tuple[float, int],
) -> Legend:
    return figure.legend(
        handles,
        labels,
        loc="outside upper center",
        ncols=form[1],
        frameon=False,
        fontsize=form[0],
        title=title or None,
        title_fontsize=form[0],
        columnspacing=1.2,
        handlelength=1.6,
        borderaxespad=0.2,
    )
