"""Runs of the significance of a scan: toys into a results file, from which they go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ....chains.files.autosave import Checkpointer
from ....chains.files.store import write
from ....chains.records import RunFile, ScanSignificance
from ....chains.tables.global_significance import significance_csv
from ...background import with_background
from ...checked import CheckedFile
from ...drivers.global_significance import CHUNK_SIZE
from ...executors import Tally
from ...reports.studies.significance import (
    PRECISION,
    SignificanceJob,
    checked_scan,
    significance_job,
)
from ..estimate import excess_seconds
from ..job import Interrupted, Job, Source, never, open_job
from ..pictures import draw_alone, write_files
from ..progress import Reporter
from ..working import workers_of

__all__ = ["SignificanceOutcome", "significance_only"]


@dataclass(frozen=True)
class SignificanceOutcome:
    """What a run of a significance made.

    Attributes
    ----------
    found : ScanSignificance
    results : RunFile
        All that the file holds.
    path : Path
        The results file.
    files : tuple of Path
        Written beside it.
    """

    found: ScanSignificance
    results: RunFile
    path: Path
    files: tuple[Path, ...]


def significance_only(
    source: Source,
    of: str,
    scan: Mapping[str, Any],
    toys: int = 1000,
    precision: float = PRECISION,
    background: str = "sm",
    out: str | Path | None = None,
    *,
    executor: Any = None,
    fresh: bool = False,
    reporter: Reporter | None = None,
    stop: Callable[[], bool] = never,
) -> SignificanceOutcome:
    """Find the significance of a scan, store it in the results file, and write CSV and picture.

    Toys of the same scan that the file holds are kept, and more are added up to the number.

    Parameters
    ----------
    source : str, path, mapping or CheckedFile
        As for `run`.
    of, scan, toys, precision, background
        As for `Analysis.significance`.
    out, fresh, reporter, stop
        As for `run`.
    executor : str or object, optional
        Where chunks of toys are done, as for `toys_only`.

    Returns
    -------
    SignificanceOutcome

    Raises
    ------
    AnalysisError, StoreError, Interrupted
        As for `run`.
    ParameterError, UnknownNameError, FitError
        As `Analysis.significance`.
    MissingExtraError, ExecutorError
        If the executor cannot be had, or chunks failed.
    """
    analysis = source if isinstance(source, CheckedFile) else CheckedFile(source)
    analysis.refuse_nothing_free()
    chosen = with_background(analysis, background)
    checked_scan(chosen.problem, of, scan, toys, precision)  # before there is a directory
    job, results = open_job(
        chosen, out, executor=executor, fresh=fresh, reporter=reporter, stop=stop
    )
    seconds = chosen.spec.sampler.checkpoint_seconds
    saver = Checkpointer(job.path, seconds, report=job.reporter.say, lease=job.lease)

    def with_found(found: ScanSignificance) -> RunFile:
        others = tuple(entry for entry in results.significances if not found.same(entry))
        return replace(results, significances=(*others, found))

    with job:
        job.reporter.step("toys", 0, toys)
        wanted = significance_job(
            chosen.problem,
            of,
            scan,
            toys=toys,
            precision=precision,
            background=background,
            seed=results.seed,
            begun=results.significances,
        )
        made = _found(job, wanted, executor, saver, with_found)
        results = with_found(made)
        write(job.path, results, job.lease)
        job.reporter.say(f"saved {job.path}")
        files = _export(results, made, job.path.parent)
    return SignificanceOutcome(made, results, job.path, files)


def _found(
    job: Job,
    wanted: SignificanceJob,
    executor: Any,
    saver: Checkpointer,
    with_found: Callable[[ScanSignificance], RunFile],
) -> ScanSignificance:
    """Have the toys drawn where an executor says; those done are saved if that ends early."""
    known = wanted.begun

    def report(found: ScanSignificance) -> None:
        nonlocal known
        known = found
        job.reporter.step("toys", found.drawn, found.most)
        if job.stop():
            raise Interrupted
        saver.save_if_due(lambda: with_found(found))

    left = known.most - known.drawn
    with workers_of(
        job.analysis,
        executor,
        job.reporter,
        lambda: excess_seconds(wanted.search, left),
        -(-left // CHUNK_SIZE),
        wanted.search,
    ) as workers:

        def watch(tally: Tally) -> None:
            if job.stop() and not workers.serial:  # else once the chunk is done
                raise Interrupted

        try:
            return wanted.find(
                lambda task, items: workers.map(task, items, watch), workers.workers, report
            )
        except Interrupted:
            saved = ""
            if known.toys:
                saver.save(with_found(known))
                saved = f"; {known.drawn} toys are saved in {job.path}"
            raise Interrupted(f"stopped{saved}") from None


def _export(results: RunFile, found: ScanSignificance, directory: Path) -> tuple[Path, ...]:
    """CSV and picture of a scan."""
    name = f"{found.stem}.csv"
    write_files(directory, {name: significance_csv(found)})
    drawn = draw_alone(results, directory, significances=(found,))
    return tuple(directory / file for file in (name, *drawn))
