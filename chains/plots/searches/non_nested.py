"""Distributions of the ratio of the likelihoods of two models over toys of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...records import NonNestedToys
from ...statistics.non_nested import log_ratios
from ..palette import BAND, BEST, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["non_nested_figure"]

_BINS = 50


def non_nested_figure(studies: Sequence[NonNestedToys], names: Sequence[str]) -> Figure | None:
    """T of toys at the best fits of two models, and what is observed.

    Parameters
    ----------
    studies : sequence of NonNestedToys
        Of one pair of models.
    names : sequence of str
        What to call the first and the second.

    Returns
    -------
    matplotlib.figure.Figure or None
        None without a toy of which both fits converged.
    """
    ratios = [log_ratios(study) for study in studies]
    kept = [values[np.isfinite(values)] for values in ratios]
    if not sum(map(len, kept)):
        return None
    observed = float(studies[0].observed[0] - studies[0].observed[1])
    every = np.concatenate([*kept, [observed]])
    low, high = float(every.min()), float(every.max())
    edges = np.linspace(low, high if high > low else low + 1.0, _BINS + 1)
    figure = new_figure(5.6, 4.4)
    figure.set_layout_engine("constrained")
    axes = figure.add_subplot()
    for study, values in zip(studies, kept, strict=True):
        first = study.under == "first"
        axes.hist(
            values,
            list(edges),
            histtype="step",
            color=BAND if first else BEST,
            label=f"{len(values)} toys of {names[0 if first else 1]}".replace("$", r"\$"),
        )
    axes.axvline(observed, color="black", linestyle="--", label=f"observed, {observed:.2f}")
    label = rf"$-2\,\ln\,[L($ {names[0]} $)/L($ {names[1]} $)]$"
    axes.set_xlabel(label if "$" not in "".join(names) else "T")
    axes.set_ylabel("toys")
    axes.legend(fontsize=8)
    return figure
