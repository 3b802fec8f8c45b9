"""Figures of posteriors and profiles from stored runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...chains.plots.subjects import Subject
from ...chains.records import ForeignChain
from ...chains.records.prior_densities import PriorDensity
from ...errors import ParameterError
from ..runs.stages import verdict_of
from .prior_curves import prior_densities
from .request import Request, Source, figure_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["contour", "corner", "correlation", "prior_posterior", "profile"]


def corner(sources: Sequence[Source], request: Request) -> Figure:
    """Corner plot of one run or several."""
    from ...chains.plots.posterior.staircase import overlaid_corner

    axes = overlaid_corner(
        _subjects(sources, request, "prior" in request.show),
        request.params or None,
        ranges=request.ranges,
        show=request.show,
        width=request.width,
    )
    return figure_of(axes.flat[0])


def contour(sources: Sequence[Source], request: Request) -> Figure:
    """Regions of two parameters, of several runs over each other."""
    from ...chains.plots.likelihood.overlays import contours

    subjects = _subjects(sources, request)
    names = request.params or _scanned(subjects, 2)
    _count("contour", names, 2)
    _only(request, names)
    first, second = names
    axes = contours(
        subjects,
        (first, second),
        ranges=request.ranges,
        show=request.show,
        width=request.width,
    )
    return figure_of(axes)


def profile(sources: Sequence[Source], request: Request) -> Figure:
    """Profile likelihoods of one parameter, of several runs over each other."""
    from ...chains.plots.likelihood.overlays import profiles

    subjects = _subjects(sources, request, "prior" in request.show)
    names = request.params or _scanned(subjects, 1)
    _count("profile", names, 1)
    _only(request, names)
    axes = profiles(
        subjects,
        names[0],
        ends=request.ranges.get(names[0]),
        show=request.show,
        width=request.width,
    )
    return figure_of(axes)


def correlation(sources: Sequence[Source], request: Request) -> Figure:
    """Correlation matrix of the parameters of a run."""
    from ...chains.plots.posterior.correlations import correlations

    (subject,) = _subjects(sources, request)
    posterior = "posterior" in request.show or isinstance(subject.run, ForeignChain)
    return figure_of(
        correlations(subject, request.params or None, posterior=posterior, width=request.width)
    )


def prior_posterior(sources: Sequence[Source], request: Request) -> Figure:
    """Prior against posterior of every parameter of a run."""
    from ...chains.plots.posterior.prior_posterior import prior_posterior as draw

    (subject,) = _subjects(sources, request, True)
    axes = draw(subject, request.params or None, ranges=request.ranges, width=request.width)
    return figure_of(axes[0])


def _subjects(
    sources: Sequence[Source], request: Request, priors: bool = False
) -> tuple[Subject, ...]:
    """What is drawn of each source; priors are those of the analyses stored."""
    made = []
    for source in sources:
        if source.chain is not None:
            made.append(Subject(source.chain, source.label))
            continue
        found: tuple[PriorDensity, ...] = ()
        if priors:
            problem = source.analysis(request.own).problem
            found = prior_densities(problem, request.params, source.run.seed)
        made.append(Subject(source.run, source.label, verdict_of(source.run), found))
    return tuple(made)


def _scanned(subjects: Sequence[Subject], size: int) -> tuple[str, ...]:
    """Parameters of the first profile of so many; those of models that are sampled else."""
    for subject in subjects:
        for scan in subject.scans:
            if len(scan.parameters) == size and not scan.held:
                return tuple(scan.parameters)
    return ()


def _count(kind: str, names: Sequence[str], count: int) -> None:
    if len(names) != count or len(set(names)) < count:
        words = "one parameter" if count == 1 else "two different parameters"
        given = f"not {', '.join(names)}" if names else "and no such scan is stored to choose them"
        raise ParameterError(f"--kind {kind}: --params names {words}, {given}.")


def _only(request: Request, names: Sequence[str]) -> None:
    for name in request.ranges:
        if name not in names:
            raise ParameterError(f"--range {name}: the figure shows {', '.join(names)}.")
