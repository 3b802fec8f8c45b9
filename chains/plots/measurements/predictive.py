"""Measured counts over the bands of those that the posterior expects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ....errors import StoreError
from ...records import Array
from ...records.predictive import PredictiveCheck
from ..palette import BAND, new_figure
from ..placement import escaped, place_legend
from ..style import SIZES, on_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["predictive_bands", "predictive_figure"]


def predictive_figure(check: PredictiveCheck) -> Figure:
    """Counts in all bins relative to their medians, with bands of 68 and 95 %.

    Parameters
    ----------
    check : PredictiveCheck

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    StoreError
        If there are no bins in which counts are expected.
    """
    rows = _bins(check)
    figure = new_figure(max(6.0, 0.32 * len(rows) + 1.5), 4.4)
    figure.set_layout_engine("constrained")
    axes = figure.add_subplot()
    groups, _ = _drawn(axes, check, rows)
    for start, end in _spans(groups):
        axes.text(
            0.5 * (start + end - 1), 1.01, groups[start].replace("$", r"\$"),
            transform=axes.get_xaxis_transform(), ha="center", va="bottom", fontsize=6,
        )  # fmt: skip
    axes.legend(fontsize=8)
    return figure


def predictive_bands(
    check: PredictiveCheck,
    *,
    axes: Axes | None = None,
    width: float = SIZES["page"],
) -> Axes:
    """Draw what `predictive_figure` draws, on given axes or on those of a new figure.

    Channels are named along the axis, upright where they are many.

    Parameters
    ----------
    check : PredictiveCheck
    axes : Axes, optional
        Drawn on in place of those of a new figure; the legend is then inside.
    width : float
        Of a new figure, inches.

    Returns
    -------
    Axes

    Raises
    ------
    StoreError
        If there are no bins in which counts are expected.
    """
    rows = _bins(check)
    panel = on_axes(axes, width)
    groups, handles = _drawn(panel, check, rows)
    spans = _spans(groups)
    panel.set_xticks(
        [0.5 * (start + end - 1) for start, end in spans],
        [escaped(groups[start]) for start, _ in spans],
        rotation=0 if len(spans) == 1 else 90,
    )
    panel.tick_params(axis="x", length=0)
    panel.set_xlabel("bins by channel")
    place_legend(panel, handles, own=axes is None)
    return panel


def _bins(check: PredictiveCheck) -> Array:
    """Rows of the bins in which counts are expected."""
    rows = np.flatnonzero(np.array([bool(group) for group in check.groups], dtype=bool))
    rows = rows[check.quantiles[rows, 2] > 0.0]
    if not len(rows):
        raise StoreError("no bins with counts to draw.")
    return np.asarray(rows)


def _spans(groups: Sequence[str]) -> list[tuple[int, int]]:
    """First bin of each channel, and that after its last."""
    starts = [i for i, name in enumerate(groups) if not i or name != groups[i - 1]]
    return list(zip(starts, [*starts[1:], len(groups)], strict=True))


def _drawn(axes: Axes, check: PredictiveCheck, rows: Array) -> tuple[list[str], list[Any]]:
    """Draw bands and counts; the channel of each bin and the handles of the legend."""
    middle = check.quantiles[rows, 2]
    ratios = check.quantiles[rows] / middle[:, None]
    handles: list[Any] = []
    edges = np.arange(len(rows) + 1) - 0.5
    for low, high, alpha, text in ((0, 4, 0.2, "95 %"), (1, 3, 0.45, "68 %")):
        band = axes.stairs(
            ratios[:, high], edges, baseline=ratios[:, low], fill=True, color=BAND, alpha=alpha,
            linewidth=0.0, label=text,
        )  # fmt: skip
        handles.append(band)
    handles += axes.plot(
        np.arange(len(rows)), check.observed[rows] / middle, "ko", ms=4, label="measured"
    )
    groups = [check.groups[row] for row in rows]
    for start, _ in _spans(groups)[1:]:
        axes.axvline(start - 0.5, color="#888888", linewidth=0.8)
    axes.axhline(1.0, color="#888888", linewidth=0.8, linestyle="--")
    axes.set_xlim(edges[0], edges[-1])
    axes.set_xlabel("bin")
    axes.set_ylabel("counts / median of the posterior")
    return groups, handles
