"""How figures look and are written: styles, sizes, formats, axes given or new."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import ParameterError, choices
from .palette import new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["FORMATS", "SIZES", "STYLES", "on_axes", "picture", "save", "style"]

FORMATS = ("png", "pdf", "svg")
DPI = 150

SIZES = {"column": 3.5, "page": 5.6, "slide": 9.0}
"""Widths in inches: a column of a journal, its page, a slide."""

# Any: the keys that matplotlib types differ from version to version.
_COMMON: Any = {
    # Labels are written for matplotlib's own TeX: a user's setting may name one not installed.
    "text.usetex": False,
    # TrueType, so that text stays text; type 3 fonts are refused by journals.
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    # Glyphs as paths: an SVG looks the same where the font is not installed.
    "svg.fonttype": "path",
    # The same input gives the same bytes.
    "svg.hashsalt": "bsinv",
    "axes.axisbelow": True,
}
STYLES: dict[str, Any] = {
    "paper": {"font.size": 10, "legend.fontsize": 8},
    "talk": {
        "font.size": 14,
        "axes.labelsize": 16,
        "xtick.labelsize": 13,
        "ytick.labelsize": 13,
        "legend.fontsize": 12,
        "lines.linewidth": 2.2,
        "axes.linewidth": 1.2,
    },
}


@contextmanager
def style(name: str = "paper") -> Iterator[None]:
    """Draw in a style within the block; nothing outside it changes.

    All other settings are matplotlib's own: with those of a user (fonts, grids, a tight box) the
    same results would give other figures, for which nobody has looked whether texts overlap.

    Parameters
    ----------
    name : str
        ``"paper"`` or ``"talk"``.

    Raises
    ------
    ParameterError
        If there is no such style.
    """
    from matplotlib import rc_context, rcdefaults, rcParams

    if name not in STYLES:
        raise ParameterError(f"style {name!r}: one of {choices(name, STYLES)}")
    with rc_context():
        rcdefaults()
        rcParams.update({**_COMMON, **STYLES[name]})
        yield


def on_axes(axes: Axes | None, width: float = SIZES["page"], aspect: float = 0.8) -> Axes:
    """Axes to draw on: those given, or those of a new figure.

    Parameters
    ----------
    axes : Axes or None
    width : float
        Of a new figure, inches.
    aspect : float
        Its height over its width.

    Returns
    -------
    Axes
    """
    if axes is not None:
        return axes
    figure = new_figure(width, aspect * width)
    figure.set_layout_engine("constrained")
    return figure.add_subplot()


def picture(figure: Figure, kind: str) -> bytes:
    """Content of a file of a figure, fonts embedded, without dates.

    Parameters
    ----------
    figure : Figure
    kind : str
        ``"png"``, ``"pdf"`` or ``"svg"``.

    Returns
    -------
    bytes

    Raises
    ------
    ParameterError
        If there is no such format.
    """
    from matplotlib import rc_context

    if kind not in FORMATS:
        raise ParameterError(f"format {kind!r}: one of {choices(kind, FORMATS)}")
    dated = {"pdf": "CreationDate", "svg": "Date"}
    content = io.BytesIO()
    with rc_context(_COMMON):
        metadata: Any = {dated[kind]: None} if kind in dated else None
        figure.savefig(content, format=kind, dpi=DPI, metadata=metadata)
    return content.getvalue()


def save(figure: Figure, path: str | Path) -> Path:
    """Write a figure; the end of the name says the format.

    Parameters
    ----------
    figure : Figure
    path : str or Path
        Ends in ``.png``, ``.pdf`` or ``.svg``; its folder is made if missing.

    Returns
    -------
    Path

    Raises
    ------
    ParameterError
        If the end of the name is none of these.
    StoreError
        If the file cannot be written.
    """
    from ..files.disk import write_file

    target = Path(path)
    content = picture(figure, target.suffix[1:].lower())
    write_file(target, content)
    return target
