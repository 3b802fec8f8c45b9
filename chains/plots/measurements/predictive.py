"""Measured counts over the bands of those that the posterior expects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ....errors import StoreError
from ...records.predictive import PredictiveCheck
from ..palette import BAND, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["predictive_figure"]


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
    rows = np.flatnonzero(np.array([bool(group) for group in check.groups], dtype=bool))
    rows = rows[check.quantiles[rows, 2] > 0.0]
    if not len(rows):
        raise StoreError("no bins with counts to draw.")
    middle = check.quantiles[rows, 2]
    ratios = check.quantiles[rows] / middle[:, None]
    figure = new_figure(max(6.0, 0.32 * len(rows) + 1.5), 4.4)
    figure.set_layout_engine("constrained")
    axes = figure.add_subplot()
    edges = np.arange(len(rows) + 1) - 0.5
    for low, high, alpha, text in ((0, 4, 0.2, "95 %"), (1, 3, 0.45, "68 %")):
        axes.stairs(
            ratios[:, high], edges, baseline=ratios[:, low], fill=True, color=BAND, alpha=alpha,
            linewidth=0.0, label=text,
        )  # fmt: skip
    axes.plot(np.arange(len(rows)), check.observed[rows] / middle, "ko", ms=4, label="measured")
    groups = [check.groups[row] for row in rows]
    starts = [i for i, name in enumerate(groups) if not i or name != groups[i - 1]]
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        if start:
            axes.axvline(start - 0.5, color="#888888", linewidth=0.8)
        axes.text(
            0.5 * (start + end - 1), 1.01, groups[start].replace("$", r"\$"),
            transform=axes.get_xaxis_transform(), ha="center", va="bottom", fontsize=6,
        )  # fmt: skip
    axes.axhline(1.0, color="#888888", linewidth=0.8, linestyle="--")
    axes.set_xlim(edges[0], edges[-1])
    axes.set_xlabel("bin")
    axes.set_ylabel("counts / median of the posterior")
    axes.legend(fontsize=8)
    return figure
