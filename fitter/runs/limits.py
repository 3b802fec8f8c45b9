"""Runs of limits: into a results file, and files for others to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...chains.files.disk import remove_stale_temporaries, replace_file
from ...chains.files.store import write
from ...chains.records import LimitScan, RunFile
from ...chains.tables.hepdata import hepdata_submission, hepdata_table
from ...chains.tables.limits import limit_csv
from ...errors import StoreError
from ..background import with_background
from ..checked import CheckedFile
from ..reports.limits import checked_request, limit_scan
from .job import Interrupted, Source, make_directory, never, open_job
from .pictures import draw
from .progress import Reporter

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
    fresh: bool = False,
    reporter: Reporter | None = None,
    stop: Callable[[], bool] = never,
) -> LimitOutcome:
    """Find limits, store them in the results file, and write CSV, HEPData table and picture.

    Limits on the same scan with the same method that the file holds are replaced.

    Parameters
    ----------
    source : str, path, mapping or CheckedFile
        As for `run`.
    of, scan, method, toys, background
        As for `Analysis.limit`.
    out, fresh, reporter, stop
        As for `run`.

    Returns
    -------
    LimitOutcome

    Raises
    ------
    AnalysisError, StoreError, Interrupted
        As for `run`.
    ParameterError, UnknownNameError, FitError
        As `Analysis.limit`.
    """
    analysis = source if isinstance(source, CheckedFile) else CheckedFile(source)
    analysis.refuse_nothing_free()
    chosen = with_background(analysis, background)
    checked_request(chosen.problem, of, scan, method, toys)  # before there is a directory
    job, results = open_job(chosen, out, fresh=fresh, reporter=reporter, stop=stop)

    def report(done: int, of_all: int) -> None:
        job.reporter.step("limits", done, of_all)
        if job.stop():
            raise Interrupted("stopped; limits are stored when all points are done")

    with job:
        found = limit_scan(
            chosen.problem,
            of,
            scan,
            method=method,
            toys=toys,
            background=background,
            seed=results.seed,
            report=report,
        )
        others = tuple(entry for entry in results.limits if entry.stem != found.stem)
        results = replace(results, limits=(*others, found))
        write(job.path, results, job.lease)
        job.reporter.say(f"saved {job.path}")
        files = _export(results, found, job.path.parent)
    return LimitOutcome(found, results, job.path, files)


def _export(results: RunFile, limits: LimitScan, directory: Path) -> tuple[Path, ...]:
    """CSV, HEPData documents and picture of limits."""
    folder = directory / f"{limits.stem}-hepdata"
    make_directory(folder)
    data_file = f"{limits.stem}.yaml"
    texts = {
        directory / f"{limits.stem}.csv": limit_csv(limits),
        folder / data_file: hepdata_table(limits),
        folder / "submission.yaml": hepdata_submission(limits, data_file, results.name),
    }
    for path, text in texts.items():
        try:
            remove_stale_temporaries(path)
            replace_file(path, text.encode())
        except OSError as error:
            raise StoreError(f"{path}: cannot be written: {error.strerror or error}.") from error
    alone = replace(results, limits=(limits,), scans=(), ensembles=(), weighted=(), predictions=(),
                    spectra=())  # fmt: skip
    drawn = draw(alone, directory)
    return (*texts, *(directory / name for name in drawn))
