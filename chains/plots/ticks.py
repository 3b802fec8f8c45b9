"""Ticks that stay inside their axis, level and apart, and what text takes of a figure."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from .palette import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

    from ..records import ParameterRecord

__all__ = [
    "axis_label",
    "fit_text",
    "font_size",
    "room_of",
    "set_ticks",
    "shortened",
    "text_height",
    "text_width",
    "tick_power",
]

# Space between two labels, in units of the font.
_APART = 0.9
_MOST, _SMALLEST = 7, 3.5
# A label that would be smaller than this part of its font is broken before its unit.
_TWO_LINES = 0.65


def font_size(setting: str) -> float:
    """Size of a font in the present style, points.

    Parameters
    ----------
    setting : str
        Of matplotlib, such as ``"axes.labelsize"``.
    """
    from matplotlib import rcParams
    from matplotlib.font_manager import FontProperties

    settings: Any = rcParams
    return float(FontProperties(size=settings[setting]).get_size_in_points())


@lru_cache(maxsize=4096)
def text_width(text: str, size: float) -> float:
    """Width of a line of text, in points.

    Parameters
    ----------
    text : str
    size : float
        Of the font, points.

    Returns
    -------
    float
    """
    from matplotlib.textpath import TextPath

    if not text.strip():
        return 0.0
    return float(TextPath((0, 0), text, size=size).get_extents().x1)


@lru_cache(maxsize=4096)
def text_height(text: str, size: float) -> float:
    """Height of a line of text with what hangs below it, points; at least that of letters.

    Parameters
    ----------
    text : str
    size : float
        Of the font, points.
    """
    from matplotlib.textpath import TextPath

    ink = float(TextPath((0, 0), text, size=size).get_extents().height) if text.strip() else 0.0
    return max(size, ink)


def tick_power(low: float, high: float, logarithmic: bool = False) -> int:
    """Power of ten that the labels of an axis leave to its own label; 0 if none.

    Parameters
    ----------
    low, high : float
        Ends of the axis.
    logarithmic : bool
    """
    largest = max(abs(low), abs(high))
    if logarithmic or not 0.0 < largest < math.inf:
        return 0
    power = math.floor(math.log10(largest))
    return power if power < -2 or power > 3 else 0


def axis_label(record: ParameterRecord, power: int = 0) -> str:
    """Symbol, power of ten and unit of a parameter.

    Parameters
    ----------
    record : ParameterRecord
    power : int
        As from `tick_power`.

    Returns
    -------
    str
    """
    plain = label(record.latex, record.unit, record.name)
    if not power:
        return plain
    symbol = label(record.latex, "", record.name)
    inside = plain[len(symbol) + 2 : -1] if plain != symbol else ""
    return f"{symbol} [{f'$10^{{{power}}}$ {inside}'.strip()}]"


def set_ticks(
    axis: Any, ends: tuple[float, float], room: float, font: float, logarithmic: bool = False
) -> None:
    """Put as many ticks on an axis as their labels leave room for, none at its ends.

    Parameters
    ----------
    axis : matplotlib.axis.Axis
    ends : (low, high)
    room : float
        Length of the axis, points.
    font : float
        Size of the labels, points.
    logarithmic : bool
        Of the axis, whose scale is set too.
    """
    from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator

    power = tick_power(*ends, logarithmic)
    places: list[float] = []
    texts: list[str] = []
    for most in range(_MOST, 0, -1):
        places, texts = _candidates(ends, most, power, logarithmic)
        places, texts = _inside(axis.axis_name, places, texts, ends, room, font, logarithmic)
        if places and _apart(axis.axis_name, places, texts, ends, room, font, logarithmic):
            break
    else:
        places, texts = places[:1], texts[:1]
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())
    axis.set_major_locator(FixedLocator(places))
    axis.set_ticklabels(texts)
    axis.set_tick_params(labelsize=font, labelrotation=0.0, which="major")


def _candidates(
    ends: tuple[float, float], most: int, power: int, logarithmic: bool
) -> tuple[list[float], list[str]]:
    from matplotlib.ticker import MaxNLocator

    low, high = ends
    if logarithmic and high >= 10.0 * low:
        first, last = math.log10(low), math.log10(high)
        decades = np.arange(math.ceil(first - 1e-9), math.floor(last + 1e-9) + 1)
        if len(decades) >= 2:
            decades = decades[:: max(1, math.ceil(len(decades) / most))]
            return [10.0**d for d in decades], [_decade(int(d)) for d in decades]
        between = [
            m * 10.0**d
            for d in range(math.floor(first), math.ceil(last) + 1)
            for m in ((1, 2, 5) if most > 2 else (1, 3))
        ]
        found = [v for v in between if low <= v <= high] or [math.sqrt(low * high)]
        found = found[:: max(1, math.ceil(len(found) / most))]
        return found, [_sign(f"{v:.3g}") for v in found]
    ticks = np.asarray(MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high))
    ticks = ticks[ticks > 0.0] if logarithmic else ticks
    scaled = ticks / 10.0**power
    step = abs(scaled[1] - scaled[0]) if len(scaled) > 1 else 1.0
    digits = 0
    while digits < 12 and abs(round(step, digits) - step) > 1e-6 * step:
        digits += 1
    texts = [_sign(f"{v + 0.0:.{digits}f}") for v in np.where(abs(scaled) < 1e-9 * step, 0, scaled)]
    return [float(t) for t in ticks], texts


def _decade(power: int) -> str:
    return _sign(f"{10.0**power:g}") if -1 <= power <= 2 else f"$10^{{{power}}}$"


def _sign(text: str) -> str:
    return text.replace("-", "−")


def _place(value: float, ends: tuple[float, float], room: float, logarithmic: bool) -> float:
    low, high = ends
    if logarithmic:
        low, high, value = math.log(low), math.log(high), math.log(value)
    return room * (value - low) / (high - low)


def _extent(side: str, text: str, font: float) -> float:
    return text_width(text, font) if side == "x" else 0.8 * font


def _inside(
    side: str,
    places: list[float],
    texts: list[str],
    ends: tuple[float, float],
    room: float,
    font: float,
    logarithmic: bool,
) -> tuple[list[float], list[str]]:
    kept = []
    for place, text in zip(places, texts, strict=True):
        at, half = _place(place, ends, room, logarithmic), 0.5 * _extent(side, text, font)
        if half <= at <= room - half:
            kept.append((place, text))
    return [place for place, _ in kept], [text for _, text in kept]


def _apart(
    side: str,
    places: list[float],
    texts: list[str],
    ends: tuple[float, float],
    room: float,
    font: float,
    logarithmic: bool,
) -> bool:
    at = [_place(place, ends, room, logarithmic) for place in places]
    halves = [0.5 * _extent(side, text, font) for text in texts]
    gaps = [at[i + 1] - halves[i + 1] - at[i] - halves[i] for i in range(len(at) - 1)]
    return all(gap >= _APART * font * (1.0 if side == "x" else 0.6) for gap in gaps)


def fit_text(text: Text, room: float) -> None:
    """Make a label smaller until it has room: in two lines if its unit stands apart.

    Parameters
    ----------
    text : Text
        Of one line.
    room : float
        Points.
    """
    words, size = text.get_text(), float(text.get_fontsize())
    width = text_width(words, size)
    if width <= room:
        return
    if room >= _TWO_LINES * width or not words.endswith("]") or " [" not in words:
        text.set_fontsize(max(0.99 * room / width * size, _SMALLEST))
        if text_width(words, float(text.get_fontsize())) > room:
            text.set_text(_cut(words, room))
        return
    symbol, _, unit = words.rpartition(" [")
    longest = max(text_width(symbol, size), text_width(f"[{unit}", size))
    size = max(min(_TWO_LINES, 0.99 * room / longest) * size, _SMALLEST)
    if text_width(symbol, size) > room:
        symbol = _cut(symbol, room)
    text.set(text=f"{symbol}\n[{unit}", fontsize=size, linespacing=1.0)


def shortened(text: str, size: float, room: float) -> str:
    """A text cut where it leaves the room; LaTeX cannot be cut and stays.

    Parameters
    ----------
    text : str
    size : float
        Of the font, points.
    room : float
        Points.
    """
    if "$" in text.replace(r"\$", ""):
        return text
    while len(text) > 2 and text_width(text, size) > room:
        text = text[:-2].rstrip("\\") + "…"
    return text


def _cut(words: str, room: float) -> str:
    """Words cut to the room at the smallest size; LaTeX cannot be cut and stays."""
    return shortened(words, _SMALLEST, room)


def room_of(axes: Axes) -> tuple[float, float]:
    """Width and height of axes, points."""
    box = axes.get_window_extent()
    points = 72.0 / axes.get_figure(root=True).dpi  # type: ignore[union-attr]
    return float(box.width * points), float(box.height * points)
