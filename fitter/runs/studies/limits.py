"""Runs of limits: into a results file, and files for others to read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ....chains.files.store import write
from ....chains.records import LimitScan, RunFile
from ....chains.tables.hepdata import hepdata_submission, hepdata_table
from ....chains.tables.limits import limit_csv
from ....errors import ExecutorError
from ...background import with_background
from ...checked import CheckedFile
from ...drivers.limits import Limits
from ...executors.chunks import ChunkFolder, Page
from ...reports.studies.limits import LimitJob, checked_request, limit_job
from ..estimate import limit_seconds
from ..job import Interrupted, Job, Source, make_directory, never, open_job
from ..pictures import draw_alone, write_files
from ..progress import Reporter
from ..working import Watch, workers_of

__all__ = ["LimitOutcome", "limits_only"]


@dataclass(frozen=True)
class LimitOutcome:
    """What a run of limits made.

    Attributes
    ----------
    limits : LimitScan
    results : RunFile
        All that the file holds.
    path : Path
        The results file.
    files : tuple of Path
        Written beside it.
    """

    limits: LimitScan
    results: RunFile
    path: Path
    files: tuple[Path, ...]


def limits_only(
    source: Source,
    of: str,
    scan: Mapping[str, Any],
    method: str = "cls",
    toys: int = 0,
    background: str = "sm",
    out: str | Path | None = None,
    *,
    executor: Any = None,
    fresh: bool = False,
    reporter: Reporter | None = None,
    stop: Callable[[], bool] = never,
) -> LimitOutcome:
    """Find limits, store them in the results file, and write CSV, HEPData table and picture.

    Blocks of points that an earlier call left are kept. Limits on the same scan with the same
    method that the file holds are replaced.

    Parameters
    ----------
    source : str, path, mapping or CheckedFile
        As for `run`.
    of, scan, method, toys, background
        As for `Analysis.limit`.
    out, fresh, reporter, stop
        As for `run`.
    executor : str or object, optional
        Where blocks of points are done, as for `toys_only`.

    Returns
    -------
    LimitOutcome

    Raises
    ------
    AnalysisError, StoreError, Interrupted
        As for `run`.
    ParameterError, UnknownNameError, FitError
        As `Analysis.limit`.
    MissingExtraError, ExecutorError
        If the executor cannot be had, or blocks failed.
    """
    analysis = source if isinstance(source, CheckedFile) else CheckedFile(source)
    analysis.refuse_nothing_free()
    chosen = with_background(analysis, background)
    checked_request(chosen.problem, of, scan, method, toys)  # before there is a directory
    job, results = open_job(
        chosen, out, executor=executor, fresh=fresh, reporter=reporter, stop=stop
    )
    with job:
        wanted = limit_job(
            chosen.problem,
            of,
            scan,
            method=method,
            toys=toys,
            background=background,
            seed=results.seed,
        )
        parts, folder = _parts(job, results, wanted, executor)
        found = wanted.scan(parts)
        others = tuple(entry for entry in results.limits if entry.stem != found.stem)
        results = replace(results, limits=(*others, found))
        write(job.path, results, job.lease)
        folder.remove()
        job.reporter.say(f"saved {job.path}")
        files = _export(results, found, job.path.parent)
    return LimitOutcome(found, results, job.path, files)


def _parts(
    job: Job, results: RunFile, wanted: LimitJob, executor: Any
) -> tuple[list[Limits], ChunkFolder]:
    """Limits of all blocks, each of which is a file once it is done; and where these are."""
    task, items, points = wanted.task, wanted.items, len(wanted.task.points)
    asked = {
        "limits": f"{wanted.of}, {task.method}, {task.toys} toys, {wanted.background}, "
        f"seed {task.seed}, {len(items)} blocks",
        "points": hashlib.sha256(task.points.tobytes()).hexdigest(),
    }
    folder = ChunkFolder(
        job.path.parent, f"limits {wanted.of} {task.method}", {**results.fingerprint, **asked}
    )
    parts = folder.read(Limits, job.reporter.say)
    left = [index for index in range(len(items)) if index not in parts]
    before = sum(items[index][1] - items[index][0] for index in parts)
    job.reporter.step("limits", before, points)
    if left:
        problem = job.analysis.problem
        with workers_of(
            job.analysis,
            executor,
            job.reporter,
            lambda: limit_seconds(problem, points - before, task.toys),
            len(left),
        ) as workers:
            size = items[0][1]
            folder.begin(
                Page(
                    *(f"limits on {wanted.of}", "points", len(items), size, points),
                    executor=workers.name,
                    kept=len(parts),
                )
            )
            watch = Watch(job, "limits", workers, before, points, size, folder)
            told = f"of {len(items)} blocks of points are stored in {folder.path}"
            try:
                for index, made in workers.map(task, [items[index] for index in left], watch):
                    folder.write(left[index], made)
                    parts[left[index]] = made
            except Interrupted:
                raise Interrupted(f"stopped; {len(parts)} {told}") from None
            except ExecutorError as error:
                raise ExecutorError(f"limits: {error} {len(parts)} {told}.") from error
    return [parts[index] for index in range(len(items))], folder


def _export(results: RunFile, limits: LimitScan, directory: Path) -> tuple[Path, ...]:
    """CSV, HEPData documents and picture of limits."""
    folder = directory / f"{limits.stem}-hepdata"
    make_directory(folder)
    data_file = f"{limits.stem}.yaml"
    texts = {
        f"{limits.stem}.csv": limit_csv(limits),
        f"{folder.name}/{data_file}": hepdata_table(limits),
        f"{folder.name}/submission.yaml": hepdata_submission(limits, data_file, results.name),
    }
    write_files(directory, texts)
    drawn = draw_alone(results, directory, limits=(limits,))
    return tuple(directory / name for name in (*texts, *drawn))
