"""Texts of a figure that fit: legends beside the axes, labels made smaller without room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

__all__ = ["COLOURS", "MARKERS", "font", "legend_of", "legend_outside", "plain", "safe", "shrink"]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999933")
"""Of runs drawn beside each other: Okabe and Ito's."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
_SMALLEST, _MOST_CHARACTERS = 4.0, 60


def font(scale: float = 1.0) -> float:
    """Size of small texts in the style that is on, points, times a factor."""
    from matplotlib import rcParams

    return float(scale * 0.8 * rcParams["font.size"])


def plain(text: str, most: int = _MOST_CHARACTERS) -> str:
    """A text of others, such as the name of a run, without mathematics and not too long."""
    kept = text if len(text) <= most else text[: most - 1] + "…"
    return kept.replace("$", r"\$")


def safe(text: str) -> str:
    """A text that may hold mathematics between dollar signs; without it where it cannot be set."""
    from matplotlib.mathtext import MathTextParser

    try:
        MathTextParser("path").parse(text)
    except ValueError:
        return plain(text)
    return text


def shrink(texts: Sequence[Text], pixels: float, upright: bool = False) -> None:
    """Make all texts smaller, together, until the widest one (upright: the tallest one) fits."""
    texts = [text for text in texts if text.get_text()]
    if not texts:
        return
    figure = texts[0].get_figure(root=True)
    renderer: Any = figure.canvas.get_renderer()  # type: ignore[union-attr]
    for _ in range(3):  # hinted glyphs do not scale exactly
        boxes = [text.get_window_extent(renderer) for text in texts]
        widest = max(box.height if upright else box.width for box in boxes)
        if widest <= pixels:
            return
        for text in texts:
            size = float(text.get_fontsize()) * 0.99 * pixels / widest
            text.set_fontsize(max(_SMALLEST, size))


def legend_outside(figure: Figure, handles: Sequence[Any], title: str = "") -> None:
    """Put a legend above all axes of a figure, in as many columns as fit; the figure grows.

    Parameters
    ----------
    figure : Figure
        Whose layout engine makes room for it.
    handles : sequence of artists
    title : str
    """
    handles = [h for h in handles if h.get_label() and not h.get_label().startswith("_")]
    if not handles:
        return
    renderer: Any = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    room = 0.97 * figure.bbox.width
    size = font()
    for columns in range(min(len(handles), 6), 0, -1):
        legend = figure.legend(
            handles=list(handles),
            loc="outside upper center",
            ncols=columns,
            frameon=False,
            fontsize=size,
            title=title or None,
            title_fontsize=size,
            columnspacing=1.2,
            handlelength=1.6,
        )
        width = legend.get_window_extent(renderer).width
        if width <= room or columns == 1:
            break
        legend.remove()
    if width > room:
        for text in (*legend.get_texts(), legend.get_title()):
            text.set_fontsize(max(_SMALLEST, size * room / width * 0.97))
    # Axes keep their size: the figure grows by what the legend takes.
    height = legend.get_window_extent(renderer).height / figure.dpi
    figure.set_figheight(figure.get_figheight() + max(0.0, height - 0.03 * size))


def legend_of(axes: Axes, handles: Sequence[Any], own: bool, title: str = "") -> None:
    """Legend of a drawing: above the figure if it is the drawing's own, else in the axes given."""
    figure: Any = axes.get_figure(root=True)
    if own:
        legend_outside(figure, handles, title)
    elif handles:
        axes.legend(handles=list(handles), fontsize=font(), frameon=False, title=title or None)
