"""What all pictures share: colours, labels with units, figures that need no display."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..records import ParameterRecord

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

__all__ = [
    "BACKGROUNDS",
    "BAND",
    "BEST",
    "REFERENCE",
    "WARNING",
    "label",
    "logarithmic",
    "new_figure",
    "unit_text",
]

# Okabe and Ito's colours, told apart by people with any of the usual colour deficiencies
BAND = "#0072B2"
BEST = "#D55E00"
REFERENCE = "#000000"
WARNING = "#C00000"
BACKGROUNDS = (
    "#56B4E9",
    "#F0E442",
    "#009E73",
    "#CC79A7",
    "#BBBBBB",
    "#0072B2",
    "#999933",
    "#DDDDDD",
)

# Range from which powers of ten are enough at the ticks of a logarithmic axis, from which 1, 2, 5
# are, and below which no numbers of one digit may lie inside.
_POWERS, _STEPS, _NARROW = 1000.0, 10.0, 3.0


def new_figure(width: float, height: float) -> Figure:
    """Make a figure with an Agg canvas: no display, no state outside it.

    Parameters
    ----------
    width, height : float
        Inches.

    Returns
    -------
    Figure
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=150)
    FigureCanvasAgg(figure)
    return figure


def unit_text(unit: str) -> str:
    """Write a unit such as ``"GeV^-2"`` with its powers raised; empty for ``""`` and ``"1"``.

    Parameters
    ----------
    unit : str

    Returns
    -------
    str
    """
    return "" if unit == "1" else re.sub(r"\^(-?\d+)", r"$^{\1}$", unit)


def label(latex: str, unit: str = "", name: str = "") -> str:
    """Axis label: the LaTeX, or the name if matplotlib cannot set the LaTeX, and the unit.

    Parameters
    ----------
    latex : str
        Without dollar signs.
    unit : str
    name : str

    Returns
    -------
    str
        Such as ``"$q^2$ [GeV$^{2}$]"``.
    """
    from matplotlib.mathtext import MathTextParser

    text = name.replace("$", r"\$")
    if latex:
        try:
            MathTextParser("path").parse(f"${latex}$")
            text = f"${latex}$"
        except ValueError:
            text = text or latex.replace("$", r"\$")
    shown = unit_text(unit)
    return f"{text} [{shown}]" if shown else text


def logarithmic(axis: Axis, low: float, high: float) -> None:
    """Make an axis logarithmic, with plain numbers at its ticks where powers of ten are few.

    Parameters
    ----------
    axis : Axis
        That of x or of y.
    low, high : float
        Ends of what is shown, positive.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    axes = axis.axes
    (axes.set_xscale if axis is axes.xaxis else axes.set_yscale)("log")
    if high >= _POWERS * low:
        return
    steps = (1.0, 2.0, 5.0) if high > _STEPS * low else tuple(range(1, 10))
    narrow = high < _NARROW * low
    axis.set_major_locator(MaxNLocator(4) if narrow else LogLocator(subs=steps))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def parameter_label(record: ParameterRecord) -> str:
    """Axis label of a parameter."""
    return label(record.latex, record.unit, record.name)


def legend_above(
    axes: Axes,
    handles: list[Any],
    columns: int,
    gap: float = 0.02,
    title: str | None = None,
    size: float = 11,
) -> Legend:
    """Put a legend above the axes, where it covers nothing; the layout makes room for it.

    Parameters
    ----------
    axes : Axes
    handles : list of artists
    columns : int
    gap : float
        Distance from the axes, in units of their height.
    title : str, optional
    size : float
        Of the title, in points.

    Returns
    -------
    Legend
    """
    return axes.legend(
        handles=handles,
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0 + gap),
        ncol=columns,
        frameon=False,
        fontsize=8,
        columnspacing=1.4,
        handlelength=1.8,
        title=title,
        title_fontsize=size,
    )
