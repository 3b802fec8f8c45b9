"""Forest plot: measurements of one observable, their average, the Standard Model, runs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ....errors import StoreError
from ...records.forest import Forest, ForestRow
from ..palette import BEST, label
from ..style import SIZES, on_axes
from ..texts import COLOURS, font, legend_of, plain, shrink

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["forest"]

_LINE = 1.75
_AVERAGED = "average (PDG) of"
_BAND, _AVERAGE, _OTHER = "#BBBBBB", "#0072B2", "#888888"


def forest(
    data: Forest,
    ends: tuple[float, float] | None = None,
    axes: Axes | None = None,
    width: float = SIZES["page"],
) -> Axes:
    """Measurements with errors, limits as arrows, average, band of theory, predictions of runs.

    What is not in the average is grey, and says why.

    Parameters
    ----------
    data : Forest
    ends : (float, float), optional
        Of the axis, in the unit of the observable.
    axes : Axes, optional
    width : float
        Of a new figure, inches.

    Returns
    -------
    Axes

    Raises
    ------
    StoreError
        If there is nothing to draw.
    """
    rows = [*data.rows, *_of_average(data), *data.runs]
    if not rows:
        raise StoreError(f"no measurement of {data.observable} is known.")
    own = axes is None
    height = (len(rows) * _LINE * font() + 6.5 * font()) / 72.0 + 0.4
    axes = on_axes(axes, width, height / width)
    power = _power(rows, data)
    factor = 10.0**-power
    if math.isfinite(data.theory):
        low, high = (factor * (data.theory + s * data.theory_error) for s in (-1, 1))
        axes.axvspan(low, high, color=_BAND, linewidth=0.0, zorder=0, label="SM")
        axes.axvline(factor * data.theory, color="#666666", linewidth=0.8, zorder=0.5)
    if data.average:
        ends_of = [factor * (data.average.value + s * data.average.error) for s in (-1, 1)]
        axes.axvspan(*ends_of, color=_AVERAGE, alpha=0.15, linewidth=0.0, zorder=0.2)
    for line, row in enumerate(rows):
        _draw_row(axes, row, line, factor, _colour(data, row))
    _label_rows(axes, data, rows)
    shown = _ends(rows, data) if ends is None else ends
    axes.set_xlim(factor * shown[0], factor * shown[1])
    for line, row in enumerate(rows):
        if row.limit > shown[1]:
            text = rf"$<\,{factor * row.limit:.3g}$"
            axes.text(0.985, line, text, transform=axes.get_yaxis_transform(), ha="right",
                      va="center", fontsize=font(), color=_colour(data, row))  # fmt: skip
    name = label(data.latex, "", data.observable)
    unit = "" if data.unit in ("", "1") else label("", data.unit).strip(" ")
    tens = "" if power == 0 else rf"$10^{{{power}}}$"
    both = " ".join(part for part in (tens, unit.strip("[]")) if part)
    axes.set_xlabel(f"{name} [{both}]" if both else name, fontsize=font(1.1))
    axes.locator_params(axis="x", nbins=6)
    axes.tick_params(axis="x", labelsize=font())
    if own:
        figure: Any = axes.get_figure(root=True)
        shrink(axes.get_yticklabels(), 0.5 * figure.bbox.width)
        shrink([axes.xaxis.label], 0.42 * figure.bbox.width)
    legend_of(axes, _handles(axes, data), own)
    return axes


def _of_average(data: Forest) -> list[ForestRow]:
    if data.average is None:
        return []
    text = f"{_AVERAGED} {data.average.number}"
    if data.average.scale > 1.0:
        text += f", S = {data.average.scale:.2f}"
    return [ForestRow(text, data.average.value, data.average.error, data.average.error)]


def _colour(data: Forest, row: ForestRow) -> str:
    for index, run in enumerate(data.runs):
        if run is row:
            return BEST if index == 0 else COLOURS[(index + 1) % len(COLOURS)]
    if row.label.startswith(_AVERAGED) and row not in data.rows:
        return _AVERAGE
    return _OTHER if row.mark or not math.isfinite(row.value) else "black"


def _power(rows: list[ForestRow], data: Forest) -> int:
    """Power of ten in the unit of the axis."""
    sizes = [abs(row.value) for row in rows if math.isfinite(row.value)]
    sizes += [row.limit for row in rows if math.isfinite(row.limit)]
    largest = float(np.median(sizes)) if sizes else 1.0
    if largest <= 0.0 or 0.01 <= largest < 1000.0:
        return 0
    return math.floor(math.log10(largest))


def _ends(rows: list[ForestRow], data: Forest) -> tuple[float, float]:
    """Ends that show all values and errors; a limit far beyond them does not stretch the axis."""
    low = [row.value - row.minus for row in rows if math.isfinite(row.value)]
    high = [row.value + row.plus for row in rows if math.isfinite(row.value)]
    if math.isfinite(data.theory):
        low.append(data.theory - data.theory_error)
        high.append(data.theory + data.theory_error)
    limits = sorted(row.limit for row in rows if math.isfinite(row.limit))
    most = 2.5 * max(high) if high else math.inf
    high += [limit for limit in limits if limit <= most] or limits[:1]
    bottom, top = min([0.0, *low]), max(high)
    pad = 0.06 * (top - bottom)
    return (bottom - pad if bottom < 0.0 else 0.0), top + pad


def _draw_row(axes: Axes, row: ForestRow, line: int, factor: float, colour: str) -> None:
    if math.isfinite(row.value):
        bars = [[factor * row.minus], [factor * row.plus]]
        face = "white" if row.mark else colour
        axes.errorbar(
            factor * row.value, line, xerr=bars, fmt="o", color=colour, mfc=face, capsize=2,
            markersize=4, linewidth=1.3, zorder=3,
        )  # fmt: skip
    if math.isfinite(row.limit):
        tip = 0.0 if not math.isfinite(row.value) else None
        at = line if tip is not None else line + 0.28
        arrow = axes.annotate(
            "", xy=(0.72 * factor * row.limit, at), xytext=(factor * row.limit, at),
            arrowprops={"arrowstyle": "->", "color": colour, "lw": 1.1, "shrinkA": 0, "shrinkB": 0},
            annotation_clip=False, clip_on=True, zorder=2.8,
        )  # fmt: skip
        if arrow.arrow_patch is not None:
            arrow.arrow_patch.set_clip_path(axes.patch)
        axes.plot(factor * row.limit, at, marker="|", markersize=7, color=colour, zorder=2.8)


def _label_rows(axes: Axes, data: Forest, rows: list[ForestRow]) -> None:
    texts = []
    for row in rows:
        remarks = [row.mark] if row.mark else []
        if math.isfinite(row.level):
            remarks.append(f"{100 * row.level:g} % limit")
        remarks += [row.detail] if row.detail else []
        texts.append(
            plain(row.label, 40) + (f" ({plain(', '.join(remarks), 44)})" if remarks else "")
        )
    axes.set_yticks(range(len(rows)), texts, fontsize=font())
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    for at in {len(data.rows), len(data.rows) + len(_of_average(data))} - {0, len(rows)}:
        axes.axhline(at - 0.5, color="#888888", linewidth=0.6, linestyle=":")


def _handles(axes: Axes, data: Forest) -> list[Any]:
    from matplotlib.patches import Patch

    handles: list[Any] = []
    if any(math.isfinite(row.value) and not row.mark for row in data.rows):
        handles += axes.plot([], [], "ko", markersize=4, label="in the average")
    if any(row.mark for row in data.rows):
        style = {"marker": "o", "mfc": "white", "linestyle": "none", "markersize": 4}
        handles += axes.plot([], [], color=_OTHER, label="not in it", **style)  # type: ignore[arg-type]
    if math.isfinite(data.theory):
        handles.append(Patch(color=_BAND, label="Standard Model"))
    return handles
