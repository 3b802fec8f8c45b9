"""Figures as pictures inside the page; the one place that knows where figures are made."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ...errors import StoreError
from ..plots.likelihood.profiles import profile_figure
from ..plots.measurements.counts import bins
from ..plots.measurements.predictive import predictive_figure
from ..plots.measurements.pulls import pulls
from ..plots.measurements.spectra import rate_figure
from ..plots.posterior.corner import corner
from ..plots.posterior.overlaid import overlaid_posteriors, overlaid_profiles, overlaid_spectra
from ..plots.searches.limits import limit_figure
from ..plots.searches.non_nested import non_nested_figure
from ..plots.searches.significance import significance_figure
from ..plots.style import picture as content_of
from ..plots.style import style
from ..records import BestFit, PostFitSpectrum
from .blocks import Picture, Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "bin_figure",
    "corner",
    "limit_figure",
    "non_nested_figure",
    "overlaid_posteriors",
    "overlaid_profiles",
    "overlaid_spectra",
    "picture",
    "predictive_figure",
    "profile_figure",
    "pull_figure",
    "rate_figure",
    "significance_figure",
]

# Pixels of CSS in an inch.
_INCH = 96
# Drawings of more bytes than this are pictures of points.
_LARGEST = 600_000


def bin_figure(spectrum: PostFitSpectrum) -> Figure:
    """Counts of one channel after the fit, with the pull of each bin."""
    figure: Figure = bins([spectrum])[0].get_figure(root=True)  # type: ignore[assignment]
    return figure


def pull_figure(fits: Mapping[str, BestFit]) -> Figure:
    """Pulls of all observables of the fits; of one fit those at its reference point too."""
    panels = pulls(fits, reference=len(fits) == 1)
    figure: Figure = panels[0].get_figure(root=True)  # type: ignore[assignment]
    return figure


def picture(
    draw: Callable[[], Figure | None], alt: Callable[[], str], caption: str
) -> Picture | Text:
    """Draw a figure and put it in the page.

    Parameters
    ----------
    draw : callable
        Makes the figure; None if there is nothing to show.
    alt : callable
        Says what it shows.
    caption : str

    Returns
    -------
    Picture or Text
        A sentence where the figure cannot be drawn, as from too few samples, or with a label of the
        file that cannot be set.
    """
    with style():
        try:
            figure = draw()
            if figure is None:
                return Text(f"No picture: {caption}: nothing to draw.", "hint")
            content, kind = _saved(figure)
            told = alt()
        except (StoreError, ValueError, ArithmeticError) as error:
            return Text(f"No picture: {caption}: {str(error).partition(chr(10))[0]}", "hint")
    width, height = (round(_INCH * inches) for inches in figure.get_size_inches())
    encoded = base64.b64encode(content).decode("ascii")
    return Picture(f"data:image/{kind};base64,{encoded}", told, caption, width, height)


def _saved(figure: Figure) -> tuple[bytes, str]:
    """Bytes of a figure, as a drawing if that is not too large, and their type."""
    drawing = content_of(figure, "svg")
    return (drawing, "svg+xml") if len(drawing) <= _LARGEST else (content_of(figure, "png"), "png")
