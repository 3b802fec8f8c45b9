"""Runs of projections: best fit, expected errors, table and picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...chains.plots.projection import projection_figure
from ...chains.records.projections import Projection
from ..analysis import Analysis
from ..reports.projection import project, samples_of
from ..reports.toys import At
from .job import make_directory
from .pictures import save_picture

__all__ = ["drawn", "projected"]


def projected(
    analysis: Analysis,
    luminosities: Sequence[float],
    at: At,
    null: At,
    assumptions: Sequence[str],
    samples: str | Path | None = None,
) -> Projection:
    """Expected errors and significances of an analysis.

    Parameters
    ----------
    analysis : Analysis
    luminosities, at, null, assumptions
        As for `project`; ends of intervals are those of the parameters in ``fit: minos``.
    samples : path, optional
        File of luminosities and patterns, see `samples_of`.

    Returns
    -------
    Projection

    Raises
    ------
    FitError, ParameterError, PredictionError, UnknownNameError
        As for `project`.
    """
    analysis.refuse_nothing_free()
    return project(
        analysis.problem,
        analysis.fit(minos=()),
        luminosities,
        at,
        null,
        name=analysis.name,
        assumptions=assumptions,
        samples=samples_of(samples),
        minos=analysis.spec.fit.minos,
    )


def drawn(found: Projection, directory: Path) -> Path:
    """Draw a projection in a directory, which is made if it is not there."""
    make_directory(directory)
    path = directory / "projection.png"
    save_picture(projection_figure(found), path)
    return path
