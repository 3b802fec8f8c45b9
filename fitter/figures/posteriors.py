"""Figures of posteriors from stored runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..runs.stages import verdict_of
from .request import Request, Source

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["corner"]


def corner(sources: Sequence[Source], request: Request) -> Figure:
    """Corner plot of one run."""
    from ...chains.plots.posterior.corner import corner as draw

    run = sources[0].run
    return draw(run, request.params or None, verdict=verdict_of(run))
