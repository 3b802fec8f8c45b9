"""Runs: all stages or some of them, from an analysis or a results file, without printing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ...chains.files.store import read, refuse_other_file
from ...chains.records import RunFile
from ...chains.statistics.diagnostics import Verdict
from ...errors import StoreError
from ..checked import CheckedFile
from ..requests import scans_asked
from . import stages
from .job import Job, Source, make_directory, never, open_file, open_job
from .progress import Reporter
from .resume import stored_analysis

__all__ = ["Outcome", "fit_only", "redraw", "run", "sample_only"]


@dataclass(frozen=True)
class Outcome:
    """What a run made.

    Attributes
    ----------
    results : RunFile
    verdict : Verdict or None
        On the convergence of the chain; None without one.
    directory : Path
    files : mapping of str to str
        Names of the files in the directory, and what they hold.
    seconds : mapping of str to float
        Time taken by each stage of this call.
    """

    results: RunFile
    verdict: Verdict | None
    directory: Path
    files: Mapping[str, str]
    seconds: Mapping[str, float]


def run(
    source: Source,
    out: str | Path | None = None,
    *,
    fresh: bool = False,
    reporter: Reporter | None = None,
    stop: Callable[[], bool] = never,
) -> Outcome:
    """Fit, sample and draw an analysis; go on where an earlier run of it ended.

    Parameters
    ----------
    source : str, path, mapping, CheckedFile or Analysis
        What `bsinv.load` takes, or what it gave.
    out : path, optional
        Directory of the results; ``./<name of the analysis>`` if not given.
    fresh : bool
        Rename results that are there already, and begin anew.
    reporter : Reporter, optional
        Told of progress; silent if not given.
    stop : callable, optional
        Asked now and then whether to stop.

    Returns
    -------
    Outcome

    Raises
    ------
    AnalysisError
        If the analysis has faults, or a parameter that no prediction depends on.
    StoreError
        If the results cannot be written, or those there belong to another run.
    LeaseError
        If another process writes there.
    Interrupted
        If `stop` said so; what was done is stored.
    """
    job, results = open_job(source, out, fresh=fresh, reporter=reporter, stop=stop)
    seconds: dict[str, float] = {}
    with job:
        with _timed(seconds, "fit"):
            results = stages.fit(job, results)
        with _timed(seconds, "scans"):
            asked = scans_asked(job.analysis.problem, job.analysis.spec.fit)
            results = stages.scan(job, results, asked)
        with _timed(seconds, "sampling"):
            results, verdict = stages.sample(job, results)
        return _finished(job, results, verdict, seconds)


def fit_only(
    source: Source,
    out: str | Path | None = None,
    profiles: Sequence[str] = (),
    contour: Sequence[str] = (),
    *,
    fresh: bool = False,
    reporter: Reporter | None = None,
    stop: Callable[[], bool] = never,
) -> Outcome:
    """Fit an analysis and scan its likelihood; a chain that is there is kept.

    Parameters
    ----------
    source, out, fresh, reporter, stop
        As for `run`.
    profiles : sequence of str
        Parameters to profile, besides those of the analysis file.
    contour : sequence of str
        Two parameters of which contours are made, besides those of the analysis file, or none.

    Returns
    -------
    Outcome

    Raises
    ------
    AnalysisError, StoreError, Interrupted
        As for `run`.
    UnknownNameError
        If a parameter is not free.
    """
    analysis = source if isinstance(source, CheckedFile) else CheckedFile(source)
    asked = scans_asked(analysis.problem, analysis.spec.fit, profiles, contour)
    job, results = open_job(analysis, out, fresh=fresh, reporter=reporter, stop=stop)
    seconds: dict[str, float] = {}
    with job:
        with _timed(seconds, "fit"):
            results = stages.fit(job, results, again=True)
        with _timed(seconds, "scans"):
            results = stages.scan(job, results, asked, again=True)
        return _finished(job, results, stages.verdict_of(results), seconds)


def sample_only(
    source: Source,
    out: str | Path | None = None,
    max_steps: int | None = None,
    *,
    fresh: bool = False,
    reporter: Reporter | None = None,
    stop: Callable[[], bool] = never,
) -> Outcome:
    """Sample an analysis, or go on with a results file; fit first if there is no best fit.

    Parameters
    ----------
    source : str, path, mapping or Analysis
        Analysis as for `run`, or a results file (``*.h5``), which is then continued in place.
    out, fresh, reporter, stop
        As for `run`; with a results file there is no `out` and no `fresh`.
    max_steps : int, optional
        Steps of each ensemble at which to stop, in place of that of the analysis.

    Returns
    -------
    Outcome
        Without pictures.

    Raises
    ------
    AnalysisError, StoreError, Interrupted
        As for `run`.
    """
    if isinstance(source, str | Path) and str(source).endswith(".h5"):
        if out is not None or fresh:
            raise StoreError(f"{source} is continued in place: leave out --out and --fresh.")
        job, results = open_file(source, reporter=reporter, stop=stop)
    else:
        job, results = open_job(source, out, fresh=fresh, reporter=reporter, stop=stop)
    seconds: dict[str, float] = {}
    with job:
        with _timed(seconds, "fit"):
            results = stages.fit(job, results)
        with _timed(seconds, "sampling"):
            results, verdict = stages.sample(job, results, max_steps)
        results = stages.derive(job, results, verdict)
        files = {job.path.name: "results"}
        refuse_missing(job, results, files)
    return Outcome(results, verdict, job.path.parent, files, seconds)


def redraw(
    file: str | Path,
    out: str | Path | None = None,
    *,
    tell: Callable[[str], None] | None = None,
) -> tuple[Path, dict[str, str]]:
    """Draw the pictures and write the summary of a results file, which stays as it is.

    Parameters
    ----------
    file : path
    out : path, optional
        Directory; that of the file if not given.
    tell : callable, optional
        Told, in one sentence, if the file has no checksum.

    Returns
    -------
    directory : Path
    files : dict of str to str
        Names of the files written and what they show.

    Raises
    ------
    StoreError
        If the file cannot be read or a picture cannot be written.
    """
    from .pictures import SUMMARY, draw, write_summary

    results = read(file, foreign=True, tell=tell or Reporter().say)
    directory = Path(file).parent if out is None else Path(out)
    make_directory(directory)
    verdict = stages.verdict_of(results)
    if not results.predictions:  # the run ended before they were made
        job = Job(stored_analysis(results), Path(file), Reporter())
        results = stages.derived(job, results, verdict)
    files = draw(results, directory, verdict)
    files[SUMMARY] = "summary of the results"
    write_summary(results, directory, verdict, files)
    return directory, files


def _finished(
    job: Job, results: RunFile, verdict: Verdict | None, seconds: dict[str, float]
) -> Outcome:
    with _timed(seconds, "predictions and pictures"):
        results = stages.derive(job, results, verdict)
        files = stages.finish(job, results, verdict)
        refuse_missing(job, results, files)
    return Outcome(results, verdict, job.path.parent, files, seconds)


def refuse_missing(job: Job, results: RunFile, files: Mapping[str, str]) -> None:
    """Look whether all files of a run are on disk, and the results are the ones it made.

    Parameters
    ----------
    job : Job
    results : RunFile
    files : mapping of str to str
        Their names, and what they hold.

    Raises
    ------
    StoreError
        If one is missing or empty, or the results file is another one or damaged.
    """
    directory = job.path.parent
    missing = [name for name in files if not _has_content(directory / name)]
    if missing:
        raise StoreError(f"{directory}: not written or removed since: {', '.join(missing)}.")
    refuse_other_file(job.path, results)


def _has_content(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds[stage] = time.perf_counter() - began
