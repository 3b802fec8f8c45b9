"""Runs of projections: best fit, expected errors, table and picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...chains.plots.projection import projection_figure
from ...chains.records.projections import Projection
from ..checked import CheckedFile
from ..options import fit_options
from ..reports.best_fit import best_fit
from ..reports.projection import project, samples_of
from ..reports.toys import At
from .job import make_directory
from .pictures import save_picture

__all__ = ["drawn", "projected"]


def projected(
    analysis: CheckedFile,
    luminosities: Sequence[float],
    at: At,
    null: At,
    assumptions: Sequence[str],
    samples: str | Path | None = None,
) -> Projection:
    """Expected errors and significances of an analysis.

    Parameters
    ----------
    analysis : CheckedFile
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
    options = fit_options(analysis.problem, analysis.spec.fit, analysis.seed, minos=())
    return project(
        analysis.problem,
        best_fit(analysis.problem, options, asked=analysis.asked),
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
