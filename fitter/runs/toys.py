"""Runs of toys: chunk by chunk into a results file, from which they go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ...chains.files.autosave import Checkpointer
from ...chains.files.store import write
from ...chains.records import RunFile, ToyStudy
from ...errors import StoreError
from ..reports.toys import BEST, At, toy_study
from . import stages
from .job import Interrupted, Job, Source, never, open_file, open_job
from .progress import Reporter
from .resume import Own

__all__ = ["ToyOutcome", "toys", "toys_only"]


@dataclass(frozen=True)
class ToyOutcome:
    """What a run of toys made.

    Attributes
    ----------
    study : ToyStudy
    results : RunFile
        All that the file holds.
    path : Path
        The file.
    """

    study: ToyStudy
    results: RunFile
    path: Path


def toys_only(
    source: Source,
    at: At = BEST,
    number: int = 1000,
    nuisances: str = "conditional",
    out: str | Path | None = None,
    *,
    own: Own | None = None,
    fresh: bool = False,
    reporter: Reporter | None = None,
    stop: Callable[[], bool] = never,
) -> ToyOutcome:
    """Draw and fit toys, or go on with those of a results file; fit first if there is no best fit.

    Parameters
    ----------
    source : str, path, mapping or Analysis
        Analysis as for `run`, or a results file (``*.h5``), which is then continued in place.
    at, number, nuisances
        As for `Analysis.toys`.
    out, fresh, reporter, stop
        As for `run`; with a results file there is no `out` and no `fresh`.
    own : Own, optional
        With a results file: what was brought along to the run.

    Returns
    -------
    ToyOutcome

    Raises
    ------
    AnalysisError, StoreError, Interrupted
        As for `run`.
    ParameterError, UnknownNameError, FitError, PredictionError
        As `Analysis.toys`.
    """
    if isinstance(source, str | Path) and str(source).endswith(".h5"):
        if out is not None or fresh:
            raise StoreError(f"{source} is continued in place: leave out --out and --fresh.")
        job, results = open_file(source, own=own, reporter=reporter, stop=stop)
    elif own is not None:
        raise StoreError(f"{source} is no results file (*.h5): load it with objects of your own.")
    else:
        job, results = open_job(source, out, fresh=fresh, reporter=reporter, stop=stop)
    with job:
        results = stages.fit(job, results)
        results, study = toys(job, results, at, number, nuisances)
    return ToyOutcome(study, results, job.path)


def toys(
    job: Job, results: RunFile, at: At, number: int, nuisances: str
) -> tuple[RunFile, ToyStudy]:
    """Draw and fit toys, storing whole chunks every few seconds.

    Parameters
    ----------
    job : Job
    results : RunFile
        With a best fit; toys of the same study are kept.
    at, number, nuisances
        As for `Analysis.toys`.

    Returns
    -------
    RunFile, ToyStudy

    Raises
    ------
    Interrupted
        If the job was asked to stop: after the chunks done were stored.
    """
    assert results.best_fit is not None
    seconds = job.analysis.spec.sampler.checkpoint_seconds

    def tell(sentence: str) -> None:
        # That of a file without a chain tells how many steps it has.
        job.reporter.say(f"saved {job.path}" if sentence.startswith("saved ") else sentence)

    saver = Checkpointer(job.path, seconds, report=tell, lease=job.lease)

    def with_study(study: ToyStudy) -> RunFile:
        others = tuple(entry for entry in results.toys if entry.label != study.label)
        return replace(results, toys=(*others, study))

    def report(study: ToyStudy) -> None:
        job.reporter.step("toys", study.done, study.number)
        if job.stop():
            saver.save(with_study(study))
            raise Interrupted(f"stopped; {study.done} toys are saved in {job.path}")
        saver.save_if_due(lambda: with_study(study))

    job.reporter.step("toys", 0, number)
    study = toy_study(
        job.analysis.problem,
        results.best_fit,
        at,
        number,
        seed=results.seed,
        nuisances=nuisances,
        begun=results.toys,
        report=report,
    )
    results = with_study(study)
    write(job.path, results, job.lease)
    job.reporter.say(f"saved {job.path}")
    return results, study
