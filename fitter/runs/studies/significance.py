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
from ...reports.studies.significance import PRECISION, checked_scan, scan_significance
from ..job import Interrupted, Source, never, open_job
from ..pictures import draw, write_files
from ..progress import Reporter

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

    Returns
    -------
    SignificanceOutcome

    Raises
    ------
    AnalysisError, StoreError, Interrupted
        As for `run`.
    ParameterError, UnknownNameError, FitError
        As `Analysis.significance`.
    """
    analysis = source if isinstance(source, CheckedFile) else CheckedFile(source)
    analysis.refuse_nothing_free()
    chosen = with_background(analysis, background)
    checked_scan(chosen.problem, of, scan, toys, precision)  # before there is a directory
    job, results = open_job(chosen, out, fresh=fresh, reporter=reporter, stop=stop)
    seconds = chosen.spec.sampler.checkpoint_seconds

    def tell(sentence: str) -> None:
        # That of a file without a chain tells how many steps it has.
        job.reporter.say(f"saved {job.path}" if sentence.startswith("saved ") else sentence)

    saver = Checkpointer(job.path, seconds, report=tell, lease=job.lease)

    def with_found(found: ScanSignificance) -> RunFile:
        others = tuple(entry for entry in results.significances if not found.same(entry))
        return replace(results, significances=(*others, found))

    def report(found: ScanSignificance) -> None:
        job.reporter.step("toys", found.drawn, found.most)
        if job.stop():
            saver.save(with_found(found))
            raise Interrupted(f"stopped; {found.drawn} toys are saved in {job.path}")
        saver.save_if_due(lambda: with_found(found))

    with job:
        job.reporter.step("toys", 0, toys)
        made = scan_significance(
            chosen.problem,
            of,
            scan,
            toys=toys,
            precision=precision,
            background=background,
            seed=results.seed,
            begun=results.significances,
            report=report,
        )
        results = with_found(made)
        write(job.path, results, job.lease)
        job.reporter.say(f"saved {job.path}")
        files = _export(results, made, job.path.parent)
    return SignificanceOutcome(made, results, job.path, files)


def _export(results: RunFile, found: ScanSignificance, directory: Path) -> tuple[Path, ...]:
    """CSV and picture of a scan."""
    name = f"{found.stem}.csv"
    write_files(directory, {name: significance_csv(found)})
    alone = replace(results, significances=(found,), limits=(), scans=(), ensembles=(),
                    weighted=(), predictions=(), spectra=())  # fmt: skip
    drawn = draw(alone, directory)
    return tuple(directory / file for file in (name, *drawn))
