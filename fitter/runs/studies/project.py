"""Runs of projections: best fit, expected errors, table and picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ....chains.plots.searches.projection import projection_figure
from ....chains.plots.style import save
from ....chains.records import BestFit
from ....chains.records.projections import Projection
from ...checked import CheckedFile
from ...drivers.work import Work
from ...executors import Tally, check_executor
from ...options import fit_options
from ...reports.best_fit import best_fit
from ...reports.projection.expected import project
from ...reports.projection.samples import samples_of
from ...reports.projection.toys import Rival
from ...reports.studies.toys import At
from ..estimate import projection_seconds
from ..job import make_directory
from ..progress import Reporter
from ..working import workers_of

__all__ = ["drawn", "projected"]


def projected(
    analysis: CheckedFile,
    luminosities: Sequence[float],
    at: At,
    null: At,
    assumptions: Sequence[str],
    samples: Sequence[str | Path] = (),
    *,
    toys: int = 0,
    rival: CheckedFile | None = None,
    executor: Any = None,
    reporter: Reporter | None = None,
) -> Projection:
    """Expected errors and significances of an analysis.

    Parameters
    ----------
    analysis : CheckedFile
    luminosities, at, null, assumptions
        As for `project`; ends of intervals are those of the parameters in ``fit: minos``.
    samples : sequence of path
        Files of luminosities, patterns and errors, see `samples_of`.
    toys : int
        At each point.
    rival : CheckedFile, optional
        Analysis of the same data with another model.
    executor : str or object, optional
        Where points are done, as for `toys_only`.
    reporter : Reporter, optional
        Told which executor it is, and how far the work is.

    Returns
    -------
    Projection

    Raises
    ------
    FitError, ParameterError, PredictionError, UnknownNameError
        As for `project`.
    MissingExtraError, ExecutorError
        If the executor cannot be had, or points failed.
    """
    check_executor(executor)
    told = reporter or Reporter()

    @contextmanager
    def begin(shared: Any, points: int) -> Iterator[Work]:
        def seconds() -> float:
            return projection_seconds(analysis.problem, points, toys, rival is not None)

        def show(tally: Tally) -> None:
            told.step("projection", tally.done, tally.total, "")

        brought = [*analysis.own.plugins, *(() if rival is None else rival.own.plugins)]
        own = list({plugin.name: plugin for plugin in brought}.values())
        with workers_of(analysis, executor, told, seconds, points, shared, own) as workers:
            yield lambda task, items: workers.map(task, items, show)

    analysis.refuse_nothing_free()
    other = None if rival is None else Rival(rival.name, rival.problem, _best(rival))
    return project(
        analysis.problem,
        _best(analysis),
        luminosities,
        at,
        null,
        name=analysis.name,
        assumptions=assumptions,
        samples=samples_of(*samples),
        minos=analysis.spec.fit.minos,
        toys=toys,
        seed=analysis.seed,
        rival=other,
        begin=begin,
    )


def _best(analysis: CheckedFile) -> BestFit:
    options = fit_options(analysis.problem, analysis.spec.fit, analysis.seed, minos=())
    return best_fit(analysis.problem, options, asked=analysis.asked)


def drawn(found: Projection, directory: Path) -> Path:
    """Draw a projection in a directory, which is made if it is not there."""
    make_directory(directory)
    path = directory / "projection.png"
    save(projection_figure(found), path)
    return path
