"""Distributions of the ratio of the likelihoods of two models over toys of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ....errors import StoreError
from ...records import Array, NonNestedToys
from ...statistics.non_nested import log_ratios
from ..palette import BAND, BEST, new_figure
from ..placement import place_legend
from ..style import SIZES, on_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["model_ratios", "non_nested_figure"]

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
    kept = _ratios(studies)
    if not sum(map(len, kept)):
        return None
    figure = new_figure(5.6, 4.4)
    figure.set_layout_engine("constrained")
    axes = figure.add_subplot()
    axes.legend(handles=_drawn(axes, studies, kept, names), fontsize=8)
    return figure


def model_ratios(
    studies: Sequence[NonNestedToys],
    names: Sequence[str],
    *,
    axes: Axes | None = None,
    width: float = SIZES["page"],
) -> Axes:
    """Draw what `non_nested_figure` draws, on given axes or on those of a new figure.

    Parameters
    ----------
    studies : sequence of NonNestedToys
        Of one pair of models.
    names : sequence of str
        What to call the first and the second.
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
        If there is no toy of which both fits converged.
    """
    kept = _ratios(studies)
    if not sum(map(len, kept)):
        raise StoreError("no toy of which the fits of both models converged.")
    panel = on_axes(axes, width)
    place_legend(panel, _drawn(panel, studies, kept, names), own=axes is None)
    return panel


def _ratios(studies: Sequence[NonNestedToys]) -> list[Array]:
    """Finite statistics of the toys of each study."""
    ratios = [log_ratios(study) for study in studies]
    return [values[np.isfinite(values)] for values in ratios]


def _drawn(
    axes: Axes, studies: Sequence[NonNestedToys], kept: Sequence[Array], names: Sequence[str]
) -> list[Any]:
    """Draw the distributions; the handles of the legend."""
    observed = float(studies[0].observed[0] - studies[0].observed[1])
    every = np.concatenate([*kept, [observed]])
    low, high = float(every.min()), float(every.max())
    edges = np.linspace(low, high if high > low else low + 1.0, _BINS + 1)
    handles: list[Any] = []
    for study, values in zip(studies, kept, strict=True):
        first = study.under == "first"
        patches: Any = axes.hist(
            values,
            list(edges),
            histtype="step",
            color=BAND if first else BEST,
            label=f"{len(values)} toys of {names[0 if first else 1]}".replace("$", r"\$"),
        )
        handles.append(patches[2][0])
    handles.append(
        axes.axvline(observed, color="black", linestyle="--", label=f"observed, {observed:.2f}")
    )
    label = rf"$-2\,\ln\,[L($ {names[0]} $)/L($ {names[1]} $)]$"
    axes.set_xlabel(label if "$" not in "".join(names) else "T")
    axes.set_ylabel("toys")
    return handles
