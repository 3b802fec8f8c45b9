"""Panels of a corner plot: placed so that labels, ticks and the legend have room at any size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import ParameterError
from ..records import Array
from .frames import Frame
from .legends import columns_for, fitted, legend_size
from .palette import new_figure
from .ticks import fit_text, font_size, room_of, set_ticks, shortened, text_width

__all__ = ["Staircase", "staircase"]

# Points: around the figure, between panels, and the narrowest panel that has numbers at its ticks.
_EDGE, _GAP, _NARROW = 4.0, 3.0, 32.0
# Fonts are not larger than these parts of a panel.
_TICK, _NAME = 0.13, 0.17
_ROW = 1.35


@dataclass(frozen=True, eq=False)
class Staircase:
    """Panels of a corner plot.

    Parameters
    ----------
    axes : (n, n) array of Axes
    own : bool
        Whether they are on a figure of their own.
    panel : float
        Width of a panel, points.
    tick, name : float
        Sizes of fonts, points.
    tall : float
        Its height, points.
    margins : (left, below)
        Around the panels, points.
    titles : tuple of str
        Over the panels of the diagonal.
    """

    axes: Array
    own: bool
    panel: float
    tick: float
    name: float
    tall: float = 0.0
    margins: tuple[float, float] = (0.0, 0.0)
    titles: tuple[str, ...] = ()

    @property
    def title_size(self) -> float:
        """Size of the titles, points; 0 if they have no room."""
        widest = max((text_width(text, 1.0) for text in self.titles), default=0.0)
        size = min(0.85 * self.name, self.panel / widest) if widest > 0.0 else 0.0
        return size if size >= 5.0 else 0.0

    def mark(
        self, panel: Any, place: Sequence[float], frames: Sequence[Frame], marker: str, colour: str
    ) -> None:
        """Put a marker where it is inside a panel."""
        if not all(f.low <= p <= f.high for f, p in zip(frames, place, strict=True)):
            return
        size = float(np.clip(0.09 * self.panel, 3.0, 11.0)) * (1.0 if marker == "*" else 0.55)
        panel.plot(
            *place,
            marker=marker,
            color=colour,
            markersize=size,
            markeredgecolor="white",
            markeredgewidth=0.5,
            linestyle="none",
            zorder=6,
            clip_on=False,
        )

    def finish(self, frames: Sequence[Frame], handles: Sequence[Any]) -> None:
        """Set ends, ticks, labels and the legend."""
        count = len(frames)
        for row, frame in enumerate(frames):
            self.axes[row, row].set_ylim(0.0, 1.08)
            self.axes[row, row].set_yticks([])
            for column in range(row + 1):
                panel = self.axes[row, column]
                self._side(panel, "x", frames[column], row == count - 1)
                if column < row:
                    self._side(panel, "y", frame, column == 0)
        if self.own and self.title_size:
            for row, text in enumerate(self.titles):
                self.axes[row, row].set_title(text, fontsize=self.title_size, pad=4.5)
        if self.own:
            self._legend(list(handles))
        else:
            self.axes[0, 0].legend(handles=list(handles), frameon=False)

    def _side(self, panel: Any, side: str, frame: Frame, outer: bool) -> None:
        axis = panel.xaxis if side == "x" else panel.yaxis
        if frame.logarithmic:
            (panel.set_xscale if side == "x" else panel.set_yscale)("log")
        (panel.set_xlim if side == "x" else panel.set_ylim)(*frame.ends)
        set_ticks(axis, frame.ends, self.panel, self.tick, frame.logarithmic)
        axis.set_tick_params(length=min(3.5, 0.05 * self.panel), pad=2.0)
        if not outer or self.panel < _NARROW:
            axis.set_tick_params(**{f"label{'bottom' if side == 'x' else 'left'}": False})
        if outer:
            axis.set_label_text(frame.text(), fontsize=self.name)
            fit_text(axis.label, self.panel)
            if self.own:
                # side by side, however wide the numbers of each are
                away = -(self.margins[0 if side == "y" else 1] - _EDGE - 0.85 * self.name)
                away /= self.panel if side == "y" else self.tall
                axis.set_label_coords(*((away, 0.5) if side == "y" else (0.5, away)))
                axis.label.set(va="center" if side == "x" else "center_baseline")

    def _legend(self, handles: list[Any]) -> None:
        """In the free corner if it has room there, else above all panels."""
        figure: Any = self.axes.flat[0].get_figure(root=True)
        width, height = 72.0 * figure.get_size_inches()
        texts = [str(handle.get_label()) for handle in handles]
        style: dict[str, Any] = {"frameon": False, "handlelength": 1.8, "handletextpad": 0.6}
        size = legend_size()
        count, step = len(self.axes), self.panel + _GAP
        for free in range(1, count):
            room = (count - free) * step - 6.0
            columns = columns_for(texts, size, room, 1)
            high = _ROW * size * len(texts) + size
            if columns and high <= free * step - 6.0 - 1.9 * self.title_size:
                corner = (1.0 - _EDGE / width, 1.0 - _EDGE / height)
                figure.legend(
                    handles=handles,
                    loc="upper right",
                    bbox_to_anchor=corner,
                    fontsize=size,
                    **style,
                )
                return
        columns, size = fitted(texts, width - 2.0 * _EDGE)
        for handle, text in zip(handles, texts, strict=True):
            handle.set_label(shortened(text, size, width - 2.0 * _EDGE - 2.6 * size))
        more = (_ROW * -(-len(texts) // columns) + 0.8) * size
        taller(figure, more)
        figure.legend(
            handles=handles,
            loc="upper center",
            bbox_to_anchor=(0.5, 1.0 - 0.5 * _EDGE / (height + more)),
            ncol=columns,
            fontsize=size,
            borderaxespad=0.0,
            columnspacing=1.4,
            **style,
        )


def taller(figure: Any, more: float) -> None:
    """Make a figure higher by so many points; its axes stay where they are."""
    width, height = figure.get_size_inches()
    whole = height + more / 72.0
    for panel in figure.axes:
        box = panel.get_position()
        part = height / whole
        panel.set_position((box.x0, box.y0 * part, box.width, box.height * part))
    figure.set_size_inches(width, whole)


def staircase(
    frames: Sequence[Frame], width: float, axes: Any = None, titles: Sequence[str] = ()
) -> Staircase:
    """Panels for some parameters.

    Parameters
    ----------
    frames : sequence of Frame
    width : float
        Of a new figure, inches.
    axes : (n, n) array of Axes, optional
        Those to draw on.
    titles : sequence of str
        Over the panels of the diagonal.

    Returns
    -------
    Staircase

    Raises
    ------
    ParameterError
        If the axes given are not (n, n).
    """
    count = len(frames)
    tick, name = font_size("xtick.labelsize"), font_size("axes.labelsize")
    if axes is not None:
        given = np.atleast_2d(np.asarray(axes, dtype=object))
        if given.shape != (count, count):
            raise ParameterError(
                f"axes of shape {np.shape(axes)}: ({count}, {count}) are needed for the parameters "
                f"{', '.join(f.record.name for f in frames)}."
            )
        return Staircase(given, False, min(room_of(given[-1, 0])), tick, name)
    total = 72.0 * width
    panel = (total - 2.0 * _EDGE) / count
    for _ in range(3):  # the fonts follow from the panel, which is what they leave
        tick_size, name_size = min(tick, _TICK * panel), min(name, _NAME * panel)
        left = _left(frames, panel, tick_size, name_size)
        panel = (total - left - 2.0 * _EDGE - (count - 1) * _GAP) / count
    low = _EDGE + name_size * 1.7 + (tick_size * 1.5 + 4.0 if panel >= _NARROW else 2.0)
    top = _EDGE + (1.9 * name_size if any(titles) else 0.0)
    # a panel alone is wider than high
    tall = panel if count > 1 else 0.6 * panel
    height = low + count * tall + (count - 1) * _GAP + top
    figure = new_figure(width, height / 72.0)
    made = np.empty((count, count), dtype=object)
    for row in range(count):
        for column in range(count):
            box = (
                (left + column * (panel + _GAP)) / total,
                (low + (count - 1 - row) * (tall + _GAP)) / height,
                panel / total,
                tall / height,
            )
            made[row, column] = figure.add_axes(box)
            made[row, column].set_visible(column <= row)
    return Staircase(made, True, panel, tick_size, name_size, tall, (left, low), tuple(titles))


def _left(frames: Sequence[Frame], panel: float, tick: float, name: float) -> float:
    """Room for ticks and labels on the left, points."""
    if len(frames) == 1:
        return _EDGE + 2.0
    numbers = 0.0
    if panel >= _NARROW:
        import matplotlib.axis as parts
        from matplotlib.figure import Figure

        axes = Figure().add_subplot()
        for frame in frames[1:]:
            axis: parts.YAxis = axes.yaxis
            set_ticks(axis, frame.ends, panel, tick, frame.logarithmic)
            texts = [text.get_text() for text in axis.get_ticklabels()]
            numbers = max([numbers, *(text_width(text, tick) for text in texts)])
    return _EDGE + 1.7 * name + numbers + (5.0 if numbers else 0.0)
