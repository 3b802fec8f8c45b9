"""Runs of toys: chunk by chunk into a results file, from which they go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ....chains.files.store import write
from ....chains.records import RunFile, ToyStudy
from ....errors import ExecutorError, StoreError
from ...checked import CheckedFile
from ...executors.chunks import ChunkFolder, Page
from ...reports.studies.toys import BEST, At, ToyJob, check_toys, toy_job
from .. import stages
from ..estimate import toy_seconds
from ..job import Interrupted, Job, Source, never, open_file, open_job
from ..progress import Reporter
from ..resume import Own
from ..working import Watch, workers_of

__all__ = ["ToyOutcome", "do_chunks", "kept_chunks", "toys", "toys_only"]


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
    executor: Any = None,
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
    executor : str or object, optional
        Where chunks are done: ``"serial"``, ``"processes:4"``, ``"dask:ADDRESS"``,
        ``"dask:local:4"``, ``"mpi"``, ``"auto"``, or an object with the interface of
        `concurrent.futures.Executor`; what the analysis says by default, else serial.
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
    MissingExtraError, ExecutorError
        If the executor cannot be had, or chunks failed.
    """
    if isinstance(source, str | Path) and str(source).endswith(".h5"):
        if out is not None or fresh:
            raise StoreError(f"{source} is continued in place: leave out --out and --fresh.")
        job, results = open_file(source, executor=executor, own=own, reporter=reporter, stop=stop)
        with job:
            return _toys_of(job, results, at, number, nuisances, executor)
    if own is not None:
        raise StoreError(f"{source} is no results file (*.h5): load it with objects of your own.")
    analysis = source if isinstance(source, CheckedFile) else CheckedFile(source)
    analysis.refuse_nothing_free()
    check_toys(analysis.problem, at, number, nuisances)  # before there is a directory
    job, results = open_job(
        analysis, out, executor=executor, fresh=fresh, reporter=reporter, stop=stop
    )
    with job:
        return _toys_of(job, results, at, number, nuisances, executor)


def _toys_of(
    job: Job, results: RunFile, at: At, number: int, nuisances: str, executor: Any
) -> ToyOutcome:
    """Fit if there is no best fit, then draw toys; the job is at work."""
    check_toys(job.analysis.problem, at, number, nuisances)
    results = stages.fit(job, results)
    results, study = toys(job, results, at, number, nuisances, executor)
    return ToyOutcome(study, results, job.path)


def toys(
    job: Job,
    results: RunFile,
    at: At,
    number: int,
    nuisances: str,
    executor: Any = None,
) -> tuple[RunFile, ToyStudy]:
    """Draw and fit toys; each chunk is a file at once, and part of the results at the end.

    Parameters
    ----------
    job : Job
    results : RunFile
        With a best fit; toys of the same study are kept.
    at, number, nuisances
        As for `Analysis.toys`.
    executor : str or object, optional
        As for `toys_only`.

    Returns
    -------
    RunFile, ToyStudy

    Raises
    ------
    Interrupted
        If the job was asked to stop: after the chunks done were stored.
    ExecutorError
        If chunks failed three times each: after the others were stored.
    """
    assert results.best_fit is not None
    problem = job.analysis.problem
    job.reporter.step("toys", 0, number)
    begun = toy_job(
        problem,
        results.best_fit,
        at,
        number,
        seed=results.seed,
        nuisances=nuisances,
        begun=results.toys,
    )
    folder = ChunkFolder(job.path.parent, f"toys {begun.study.label}", results.fingerprint)
    parts = list(kept_chunks(folder, begun, job.reporter.say).values())
    here = begun.joined(parts)

    def stored() -> tuple[RunFile, ToyStudy]:
        study = begun.joined(parts).study
        others = tuple(entry for entry in results.toys if entry.label != study.label)
        made = replace(results, toys=(*others, study))
        write(job.path, made, job.lease)
        folder.remove()
        job.reporter.say(f"saved {job.path}")
        return made, study

    try:
        do_chunks(job, here, folder, parts.append, here.items, executor)
    except Interrupted:
        _, study = stored()
        raise Interrupted(f"stopped; {study.done} toys are saved in {job.path}") from None
    except ExecutorError as error:
        _, study = stored()
        raise ExecutorError(
            f"toys: {error} {study.done} toys are saved in {job.path}; the same command tries the "
            "others again."
        ) from error
    return stored()


def kept_chunks(
    folder: ChunkFolder, job: ToyJob, tell: Callable[[str], None]
) -> dict[int, ToyStudy]:
    """Chunks on disk that are of the same study, by number.

    Parameters
    ----------
    folder : ChunkFolder
    job : ToyJob
    tell : callable
        Told of those that are not: they are left out.
    """
    found = {}
    for number, part in folder.read(ToyStudy, tell).items():
        if job.study.same(part):
            found[number] = part
        else:
            tell(f"{folder.path}: chunk {number} is of another study: it is made again.")
    return found


def do_chunks(
    job: Job,
    toys: ToyJob,
    folder: ChunkFolder,
    keep: Callable[[ToyStudy], None],
    items: Sequence[tuple[int, int]],
    executor: Any,
    shard: str = "",
) -> None:
    """Do chunks of toys, each of which is a file when it is told of.

    Parameters
    ----------
    job : Job
    toys : ToyJob
    folder : ChunkFolder
    keep : callable
        Told of each chunk, once it is on disk.
    items : sequence of (int, int)
        Numbers of chunks, and of their toys.
    executor : str or object
        As for `toys_only`.
    shard : str
        Of which these are, such as ``"3/100"``.

    Raises
    ------
    Interrupted, ExecutorError
        As `toys`.
    """
    study = toys.study
    if not items:
        return
    wanted = sum(count for _, count in items)
    with workers_of(
        job.analysis,
        executor,
        job.reporter,
        lambda: toy_seconds(job.analysis.problem, wanted),
        len(items),
    ) as workers:
        chunks = -(-study.number // study.chunk_size)
        page = Page(
            *(f"toys at {study.label}", "toys", chunks, study.chunk_size, study.number),
            executor=workers.name,
            kept=chunks - len(items),
            shard=shard,
        )
        folder.begin(page)
        before = study.number - wanted if not shard else 0
        number = wanted if shard else study.number
        watch = Watch(job, "toys", workers, before, number, study.chunk_size, folder)
        for index, made in workers.map(toys.task, items, watch):
            part = toys.part(made, items[index][0])
            folder.write(items[index][0], part)
            keep(part)
