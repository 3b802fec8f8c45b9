"""Figures of data beside fits, from stored runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ...data.measurements import groups, measurements
from ...errors import ParameterError, StoreError
from .request import Request, Source, figure_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ...data.records import Measurement

__all__ = ["bins", "forest", "pulls", "short_name"]


def pulls(sources: Sequence[Source], request: Request) -> Figure:
    """Pulls of all observables at the best fits."""
    from ...chains.plots.measurements.pulls import pulls as draw

    fits = {}
    for source in sources:
        if source.run.best_fit is None:
            raise StoreError(f"{source.path} holds no fit: 'bsinv resume {source.path}' makes it.")
        fits[source.label] = source.run.best_fit
    terms = {entry.term for fit in fits.values() for entry in fit.observables}
    panels = draw(
        fits, _titles(terms), _short_names(terms), "reference" in request.show, width=request.width
    )
    return figure_of(panels[0])


def _titles(terms: Iterable[str]) -> dict[str, str]:
    """Topic of each term that is a measurement of the package."""
    from ...likelihoods.reweighted.template import NAME

    titles, known = groups(), measurements()
    found = {term: titles.get(known[term].group, "") for term in terms if term in known}
    return {NAME: titles["a"], **found}


def short_name(entry: Measurement) -> str:
    """Experiment and year of a measurement."""
    year = entry.reference.year
    named = entry.reference.experiment or entry.id
    return f"{named} {year}" if year and str(year) not in named else named


def _short_names(terms: Iterable[str]) -> dict[str, str]:
    from ...likelihoods.reweighted.template import NAME

    known = measurements()
    found = {term: short_name(known[term]) for term in terms if term in known}
    return {NAME: "Belle II 2023, likelihood", **found}


def bins(sources: Sequence[Source], request: Request) -> Figure:
    """Counts after the fit; with several runs the signals of the others as lines."""
    from ...chains.plots.measurements.counts import bins as draw

    for source in sources:
        if not source.run.spectra:
            raise StoreError(
                f"{source.path} holds no counts after a fit: they are made by 'bsinv run' of an "
                "analysis with the published likelihood of Belle II."
            )
    first, *others = sources
    signals = {source.label: source.run.spectra for source in others}
    panels = draw(first.run.spectra, first.label, signals, width=request.width)
    return figure_of(panels[0])


def forest(sources: Sequence[Source], request: Request) -> Figure:
    """Measurements of one observable, with predictions of runs if there are any."""
    from ...chains.plots.measurements.forest import forest as draw
    from .averages import measured_forest

    name = request.of or "BR(B+->Knunu)"
    data = measured_forest(name, sources, request.own, "superseded" in request.show)
    for given in request.ranges:
        if given != data.observable:
            raise ParameterError(f"--range {given}: the axis is that of {data.observable}.")
    drawn = [
        end
        for row in data.rows
        for end in (row.value - row.minus, row.value + row.plus, 0.7 * row.limit, row.limit)
        if math.isfinite(end)
    ]
    ends = request.range_over(data.observable, min(drawn), max(drawn)) if drawn else None
    return figure_of(draw(data, ends, width=request.width))
