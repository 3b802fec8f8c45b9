"""Runs: all stages or some of them, from an analysis or a results file, without printing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...chains.files.store import read, refuse_other_file
from ...chains.records import RunFile
from ...chains.statistics.diagnostics import Verdict
from ...errors import StoreError
from ..checked import CheckedFile
from ..executors import Workers
from ..requests import scans_asked
from . import stages
from .estimate import estimate
from .job import Job, Source, make_directory, never, open_file, open_job
from .progress import Reporter
from .resume import Own, stored_analysis
from .working import workers_of

if TYPE_CHECKING:
    from ...likelihoods.base import Term
    from ...models import Model
    from ...physics.observable import Observable

__all__ = ["Outcome", "fit_only", "redraw", "resume", "run", "sample_only"]


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
    executor: Any = None,
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
    executor : str or object, optional
        Where blocks of scans are done and ensembles advanced: ``"serial"``, ``"processes:4"``,
        ``"dask:ADDRESS"``, ``"dask:local:4"``, ``"mpi"``, ``"auto"``, or an object with the
        interface of `concurrent.futures.Executor`; what the analysis says by default, else serial.
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
    job, results = open_job(
        source, out, executor=executor, fresh=fresh, reporter=reporter, stop=stop
    )
    return _all_stages(job, results, executor)


def resume(
    file: str | Path,
    *,
    model: Model | None = None,
    terms: Sequence[Term] = (),
    observables: Sequence[Observable] = (),
    plugins: Sequence[str | Path] = (),
    trust_stored_plugin: bool = False,
    executor: Any = None,
    reporter: Reporter | None = None,
    stop: Callable[[], bool] = never,
) -> Outcome:
    """Go on with a results file, in place: fit, scan, sample and draw what is left to do.

    Parameters
    ----------
    file : path
        Results (``run.h5``); the analysis is the one written in them.
    model, terms, observables, plugins
        What was brought along to the run, as for `bsinv.load`: it must be the same.
    trust_stored_plugin : bool
        Execute the plugins whose text is in the file, if none are given. **Only for files of people
        that you trust.**
    executor, reporter, stop
        As for `run`.

    Returns
    -------
    Outcome

    Raises
    ------
    StoreError
        If the file cannot be read, what was brought along is missing or another now, or the same
        analysis means something else now.
    ModelError, PluginError, LeaseError, Interrupted
        As for `bsinv.load` and `run`.
    """
    own = Own(model, terms, observables, plugins, trust_stored_plugin)
    job, results = open_file(file, executor=executor, own=own, reporter=reporter, stop=stop)
    return _all_stages(job, results, executor)


def _all_stages(job: Job, results: RunFile, executor: Any) -> Outcome:
    seconds: dict[str, float] = {}
    with job:
        with _timed(seconds, "fit"):
            results = stages.fit(job, results)
        with _workers(job, executor, scans=True) as workers:
            with _timed(seconds, "scans"):
                asked = scans_asked(job.analysis.problem, job.analysis.spec.fit)
                results = stages.scan(job, results, asked, work=workers.map)
            with _timed(seconds, "sampling"):
                results, verdict = stages.sample(job, results, work=workers.map)
        return _finished(job, results, verdict, seconds)


def _workers(job: Job, executor: Any, scans: bool) -> Workers:
    """Who does blocks of scans, and advances ensembles."""

    def takes() -> float:
        told = estimate(job.analysis)
        return told.sampling + (told.scans if scans else 0.0)

    ensembles = job.analysis.spec.sampler.ensembles
    return workers_of(job.analysis, executor, job.reporter, takes, ensembles)


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
    own: Own | None = None,
    executor: Any = None,
    fresh: bool = False,
    reporter: Reporter | None = None,
    stop: Callable[[], bool] = never,
) -> Outcome:
    """Sample an analysis, or go on with a results file; fit first if there is no best fit.

    Parameters
    ----------
    source : str, path, mapping or Analysis
        Analysis as for `run`, or a results file (``*.h5``), which is then continued in place.
    out, executor, fresh, reporter, stop
        As for `run`; with a results file there is no `out` and no `fresh`.
    max_steps : int, optional
        Steps of each ensemble at which to stop, in place of that of the analysis.
    own : Own, optional
        With a results file: what was brought along to the run.

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
        job, results = open_file(source, executor=executor, own=own, reporter=reporter, stop=stop)
    elif own is not None:
        raise StoreError(f"{source} is no results file (*.h5): load it with objects of your own.")
    else:
        job, results = open_job(
            source, out, executor=executor, fresh=fresh, reporter=reporter, stop=stop
        )
    seconds: dict[str, float] = {}
    with job:
        with _timed(seconds, "fit"):
            results = stages.fit(job, results)
        with _timed(seconds, "sampling"), _workers(job, executor, scans=False) as workers:
            results, verdict = stages.sample(job, results, max_steps, workers.map)
        results = stages.derive(job, results, verdict)
        files = {job.path.name: "results"}
        refuse_missing(job, results, files)
    return Outcome(results, verdict, job.path.parent, files, seconds)


def redraw(
    file: str | Path,
    out: str | Path | None = None,
    *,
    own: Own | None = None,
    tell: Callable[[str], None] | None = None,
) -> tuple[Path, dict[str, str]]:
    """Draw the pictures and write the summary of a results file, which stays as it is.

    Parameters
    ----------
    file : path
    out : path, optional
        Directory; that of the file if not given.
    own : Own, optional
        What was brought along to the run; needed only where predictions are not in the file yet.
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
        job = Job(stored_analysis(results, own), Path(file), Reporter())
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
