"""Ends and scales of the axes of parameters, shared by all runs of a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import ParameterError
from ..records import Array, ParameterRecord
from ..statistics.modes import nearest
from ..statistics.samples import Posterior
from ..statistics.weights import quantile
from .subjects import Subject
from .ticks import axis_label, font_size, room_of, set_ticks, tick_power

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Frame", "frame_of", "set_frame"]

_TAIL = 0.001
_MARGIN = 0.06


@dataclass(frozen=True)
class Frame:
    """Axis of one parameter.

    Attributes
    ----------
    record : ParameterRecord
    low, high : float
    logarithmic : bool
        Its scale.
    """

    record: ParameterRecord
    low: float
    high: float
    logarithmic: bool = False

    @property
    def ends(self) -> tuple[float, float]:
        """Low and high end."""
        return self.low, self.high

    def turned(self, values: Array | float) -> Array:
        """Values of an angle where the axis has them; others as they are."""
        given = np.asarray(values, dtype=float)
        if not np.isfinite(self.record.period):
            return given
        turned: Array = nearest(given, 0.5 * (self.low + self.high), self.record.period)
        return turned

    def straight(self, values: Array | float) -> Array:
        """Values, or their logarithms to base ten: as far apart as they are drawn."""
        given = np.asarray(values, dtype=float)
        if not self.logarithmic:
            return given
        with np.errstate(divide="ignore", invalid="ignore"):
            found: Array = np.log10(given)
        return found

    def back(self, straight: Array) -> Array:
        """Inverse of `straight`."""
        return 10.0**straight if self.logarithmic else straight

    def text(self) -> str:
        """Label of the axis."""
        return axis_label(self.record, tick_power(self.low, self.high, self.logarithmic))


def frame_of(
    record: ParameterRecord,
    subjects: Sequence[Subject],
    samples: Sequence[Posterior | None],
    ends: tuple[float, float] | None = None,
    scanned: Sequence[Array] = (),
) -> Frame:
    """Axis that shows nearly all samples, what was scanned, and best fits that are not far.

    Parameters
    ----------
    record : ParameterRecord
    subjects : sequence of Subject
    samples : sequence of Posterior or None
        Of each of the subjects.
    ends : (low, high), optional
        In place of these.
    scanned : sequence of (k,) array
        Values of scans.

    Returns
    -------
    Frame

    Raises
    ------
    ParameterError
        If nothing lies between given ends, or they are not positive for a logarithmic axis.
    """
    columns, weights = [], []
    for one in samples:
        if one is not None and record.name in one.names:
            columns.append(one.column(record.name))
            weights.append(one.weights)
    values = [*columns, *(np.asarray(axis) for axis in scanned)]
    logarithmic = record.logarithmic and all((column > 0.0).all() for column in values)
    middle = _middle(record, samples, scanned)
    if ends is not None:
        frame = Frame(record, *ends, logarithmic and ends[0] > 0.0)
        turned = [frame.turned(column) for column in values]
        if values and not any(v.min() <= ends[1] and v.max() >= ends[0] for v in turned):
            seen = (min(v.min() for v in turned), max(v.max() for v in turned))
            raise ParameterError(
                f"--range {record.name}={ends[0]:g}:{ends[1]:g}: nothing lies there; what is "
                f"stored reaches from {seen[0]:.4g} to {seen[1]:.4g}."
            )
        return frame
    if middle is not None:
        columns = [nearest(column, middle, record.period) for column in columns]
    low, high = _seen(columns, weights, scanned, logarithmic)
    first, last = _with_points(record, subjects, low, high, middle, logarithmic)
    if logarithmic:
        first, last = 10.0**first, 10.0**last
    wide = logarithmic and last > 10.0 * first
    if logarithmic and not wide:
        logarithmic = False
    # Beyond the bounds of the prior there is nothing to see.
    if not np.isfinite(record.period) and first < record.lower < last:
        first = record.lower if columns and min(c.min() for c in columns) >= record.lower else first
    if not np.isfinite(record.period) and first < record.upper < last:
        last = record.upper if columns and max(c.max() for c in columns) <= record.upper else last
    return Frame(record, float(first), float(last), logarithmic)


def _middle(
    record: ParameterRecord, samples: Sequence[Posterior | None], scanned: Sequence[Array]
) -> float | None:
    """Where an angle is turned to; None for other parameters."""
    if not np.isfinite(record.period):
        return None
    for axis in scanned:
        return float(0.5 * (axis[0] + axis[-1]))
    for one in samples:
        if one is not None and record.name in one.names:
            return float(0.5 * sum(one.marginal(record).window))
    return 0.0


def _seen(
    columns: Sequence[Array],
    weights: Sequence[Array | None],
    scanned: Sequence[Array],
    logarithmic: bool,
) -> tuple[float, float]:
    ends = [
        quantile(column, [_TAIL, 1.0 - _TAIL], w)
        for column, w in zip(columns, weights, strict=True)
    ]
    ends += [np.array([axis[0], axis[-1]]) for axis in scanned]
    if not ends:
        return 0.0, 1.0
    low, high = min(e[0] for e in ends), max(e[1] for e in ends)
    return (float(np.log10(low)), float(np.log10(high))) if logarithmic else (low, high)


def _with_points(
    record: ParameterRecord,
    subjects: Sequence[Subject],
    low: float,
    high: float,
    middle: float | None,
    logarithmic: bool,
) -> tuple[float, float]:
    """Ends that hold best fits and reference points which are not far, with a margin."""
    width = high - low
    if not width > 1e-12 * max(abs(low), abs(high)):
        width = 0.1 * abs(low) or 1.0
        return float(low - 0.5 * width), float(high + 0.5 * width)
    for subject in subjects:
        for value in (subject.point(record.name), subject.point(record.name, reference=True)):
            if middle is not None:
                value = float(nearest(np.array(value), middle, record.period))
            if logarithmic:
                value = float(np.log10(value)) if value > 0.0 else np.nan
            if low - 0.5 * width < value < high + 0.5 * width:
                low, high = min(low, value), max(high, value)
    margin = _MARGIN * (high - low)
    return float(low - margin), float(high + margin)


def set_frame(axes: Axes, side: str, frame: Frame, labelled: bool = True) -> None:
    """Scale, ends and ticks of a side of axes; its label too.

    Parameters
    ----------
    axes : Axes
        Already of the size that they have on the page.
    side : str
        ``"x"`` or ``"y"``.
    frame : Frame
    labelled : bool
        Whether there are ticks with labels.
    """
    axis: Any = axes.xaxis if side == "x" else axes.yaxis
    set_scale = axes.set_xscale if side == "x" else axes.set_yscale
    set_lim = axes.set_xlim if side == "x" else axes.set_ylim
    if frame.logarithmic:
        set_scale("log")
    set_lim(*frame.ends)
    room = room_of(axes)[0 if side == "x" else 1]
    size = font_size(f"{side}tick.labelsize")
    set_ticks(axis, frame.ends, room, size, frame.logarithmic)
    if labelled:
        axis.set_label_text(frame.text())
