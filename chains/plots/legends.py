"""Legends that cover nothing: above axes, in as many columns as their texts leave room for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .ticks import font_size, shortened, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["columns_for", "legend_on_top", "legend_size"]

# Of an entry beside its text, and between columns, in units of the font.
_HANDLE, _BETWEEN = 2.6, 1.4
_SMALLEST = 5.0


def columns_for(texts: Sequence[str], size: float, room: float, most: int = 4) -> int:
    """Columns of a legend that is not wider than the room.

    Parameters
    ----------
    texts : sequence of str
    size : float
        Of the font, points.
    room : float
        Points.
    most : int

    Returns
    -------
    int
        0 if not even one has room.
    """
    for columns in range(min(most, max(len(texts), 1)), 0, -1):
        if _width(texts, size, columns) <= room:
            return columns
    return 0


def _width(texts: Sequence[str], size: float, columns: int) -> float:
    rows = -(-len(texts) // columns)
    # filled column by column, the first ones with one more
    full = len(texts) - columns * (rows - 1)
    at, total = 0, 0.0
    for column in range(columns):
        count = rows if column < full else rows - 1
        part = texts[at : at + count]
        total += max((text_width(text, size) for text in part), default=0.0) + _HANDLE * size
        at += count
    return total + (columns - 1) * _BETWEEN * size


def legend_size() -> float:
    """Size of the font of legends in the present style, points."""
    return font_size("legend.fontsize")


def fitted(texts: Sequence[str], room: float, most: int = 4) -> tuple[int, float]:
    """Columns and size of the font with which a legend has room: smaller only if it must be."""
    size = legend_size()
    while size > _SMALLEST and not columns_for(texts, size, room, most):
        size -= 0.5
    return max(columns_for(texts, size, room, most), 1), size


def legend_on_top(axes: Axes, handles: Sequence[Any], most: int = 3, *, grow: bool = False) -> Any:
    """Put a legend above axes, centred on the figure; the layout makes room for it.

    Parameters
    ----------
    axes : Axes
    handles : sequence of artists
        With labels.
    most : int
        Columns.
    grow : bool
        Make the figure higher by the height of the legend.

    Returns
    -------
    Legend or None
        None without handles.
    """
    if not handles:
        return None
    figure: Any = axes.get_figure(root=True)
    room = 72.0 * figure.get_size_inches()[0] - 16.0
    texts = [str(handle.get_label()) for handle in handles]
    columns, size = fitted(texts, room, most)
    for handle, text in zip(handles, texts, strict=True):
        handle.set_label(shortened(text, size, room - _HANDLE * size))
    if grow:
        width, height = figure.get_size_inches()
        rows = -(-len(texts) // columns)
        figure.set_size_inches(width, height + (1.35 * rows + 0.5) * size / 72.0)
    style: dict[str, Any] = {
        "handles": list(handles),
        "ncol": columns,
        "frameon": False,
        "fontsize": size,
        "handlelength": 1.8,
        "handletextpad": 0.6,
        "columnspacing": _BETWEEN,
    }
    if figure.get_layout_engine() is not None and len(figure.axes) == 1:
        return figure.legend(loc="outside upper center", **style)
    return axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.02), **style)
