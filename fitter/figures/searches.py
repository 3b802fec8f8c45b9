"""Figures of searches from stored runs: limits, p-values, toys, projections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from ...errors import ParameterError, StoreError, did_you_mean
from .planes import known_ranges
from .request import Request, Source, figure_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ...chains.records import LimitScan

__all__ = [
    "chosen_limits",
    "limits",
    "non_nested",
    "predictive",
    "projection",
    "significance",
    "support",
    "toys",
]

Entry = TypeVar("Entry")


def limits(sources: Sequence[Source], request: Request) -> Figure:
    """Limits of one run or several against a scanned parameter."""
    from ...chains.plots.searches.limits import limit_bands

    entries = [(one.label, one.run, chosen_limits(one, request.of)) for one in sources]
    found = entries[0][2]
    panel = limit_bands(entries, width=request.width)
    names = found.axes if int((found.shape > 1).sum()) > 1 else (_along(found), found.parameter)
    _set(panel, names, request)
    return figure_of(panel)


def chosen_limits(source: Source, name: str) -> LimitScan:
    """The limits of a run that are meant, of those that can be drawn."""
    known = {entry.stem: entry for entry in source.run.limits if entry.drawable}
    return _chosen(source, name, known, "limits along a scan", "'bsinv limit --scan'")


def _along(found: LimitScan) -> str:
    return found.axes[int(found.shape.argmax())]


def significance(sources: Sequence[Source], request: Request) -> Figure:
    """p-values of excesses along a scan."""
    from ...chains.plots.searches.significance import excess_probability

    source = sources[0]
    known = {entry.stem: entry for entry in source.run.significances if entry.drawable}
    found = _chosen(
        source, request.of, known, "significances along a scan", "'bsinv significance --scan'"
    )
    panel = excess_probability(source.run, found, width=request.width)
    _set(panel, (*found.axes, "p-value")[:2], request)
    return figure_of(panel)


def projection(sources: Sequence[Source], request: Request) -> Figure:
    """Significance, separation or an error against luminosity."""
    from ...chains.plots.searches.projection import projection_curves

    found = sources[0].projection
    if found is None:
        raise StoreError(
            f"{sources[0].path} is no projection: 'bsinv project ANALYSIS --json' writes one."
        )
    panel = projection_curves(found, request.of, width=request.width)
    _set(panel, ("luminosity", request.of or "significance"), request)
    return figure_of(panel)


def non_nested(sources: Sequence[Source], request: Request) -> Figure:
    """Ratio of likelihoods of two models in toys of both."""
    from ...chains.plots.searches.non_nested import model_ratios
    from ...chains.statistics.non_nested import studies_of

    if len(sources) != 2:
        raise ParameterError("--kind non-nested needs the results files of both models.")
    first, second = sources
    studies = studies_of(first.run, second.run)
    if not studies:
        raise StoreError(
            f"{first.path} holds no toys of it and {second.path}: "
            f"'bsinv compare {first.path.name} {second.path.name} --toys NUMBER' makes them."
        )
    return figure_of(model_ratios(studies, (first.label, second.label), width=request.width))


def predictive(sources: Sequence[Source], request: Request) -> Figure:
    """Counts over the bands that the posterior expects."""
    from ...chains.plots.measurements.predictive import predictive_bands

    run = sources[0].run
    if not run.predictive:
        raise StoreError(
            f"{sources[0].path} holds no posterior predictive check: "
            "'bsinv toys FILE.h5 --at posterior' makes one."
        )
    return figure_of(predictive_bands(run.predictive[0], width=request.width))


def toys(sources: Sequence[Source], request: Request) -> Figure:
    """Test statistic of toys."""
    from ...chains.plots.searches.toys import toy_statistic

    source = sources[0]
    known = {entry.label: entry for entry in source.run.toys if entry.done}
    found = _chosen(source, request.of, known, "toys", "'bsinv toys FILE.h5'")
    panel = toy_statistic(found, width=request.width)
    _set(panel, ("statistic", "toys"), request)
    return figure_of(panel)


def support(sources: Sequence[Source], request: Request) -> Figure:
    """Simulated events against q2, and the spectrum of the best fit."""
    from ...chains.plots.measurements.support import simulation_support

    report = sources[0].run.support
    if report is None:
        raise StoreError(
            f"{sources[0].path} holds no report on the simulation: 'bsinv run' makes one of an "
            "analysis with a likelihood that reweights a simulation, such as belle2-2023-bknunu."
        )
    return figure_of(simulation_support(report, width=request.width))


def _chosen(source: Source, name: str, known: dict[str, Entry], what: str, command: str) -> Entry:
    """The entry that ``--of`` names; the only one without."""
    if not known:
        raise StoreError(f"{source.path} holds no {what}: {command} makes them.")
    if name and name not in known:
        raise ParameterError(f"--of {name!r}: {source.path} has {what} {', '.join(known)}"
                             f"{did_you_mean(name, known)}")  # fmt: skip
    if not name and len(known) > 1:
        raise ParameterError(f"--of says which {what} of {source.path}: {', '.join(known)}.")
    return known[name or next(iter(known))]


def _set(panel: Any, names: Sequence[str], request: Request) -> None:
    from ...chains.plots.planes.grids import set_ranges

    set_ranges(panel, names, known_ranges(request, names))
