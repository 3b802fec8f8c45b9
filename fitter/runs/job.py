"""Where a run keeps its results, and whether it begins anew or goes on."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

from ...chains.files.lease import Lease
from ...chains.files.store import read, remove_stale_temporaries
from ...chains.records import RunFile
from ...errors import AnalysisError, LeaseError, StoreError
from ..checked import CheckedFile
from ..executors import check_executor
from ..executors.chunks import FOLDER
from ..reports.notes import dead_sentence, identifiability_notes
from ..sensitivity.check import identifiability
from .progress import Reporter
from .resume import Own, resumed, stored_analysis

__all__ = [
    "RESULTS",
    "Interrupted",
    "Job",
    "Source",
    "begun",
    "make_directory",
    "never",
    "open_file",
    "open_job",
]

RESULTS = "run.h5"

Source: TypeAlias = "str | Path | Mapping[str, Any] | CheckedFile"


class Interrupted(KeyboardInterrupt):
    """A run was asked to stop and did so; its message says what is on disk."""


def never() -> bool:
    """Stand for "do not stop"."""
    return False


@dataclass(frozen=True)
class Job:
    """What the stages of a run share; closed at its end, so that others may write.

    Attributes
    ----------
    analysis : CheckedFile
    path : Path
        The results file.
    reporter : Reporter
        Told of progress.
    stop : callable
        Asked now and then whether to stop; a run then saves and raises `Interrupted`.
    lease : Lease or None
        The right to write the results file.
    """

    analysis: CheckedFile
    path: Path
    reporter: Reporter
    stop: Callable[[], bool] = never
    lease: Lease | None = None

    def close(self) -> None:
        """Let others write the results."""
        if self.lease is not None:
            self.lease.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_job(
    source: Source,
    out: str | Path | None = None,
    *,
    executor: Any = None,
    fresh: bool = False,
    reporter: Reporter | None = None,
    stop: Callable[[], bool] = never,
) -> tuple[Job, RunFile]:
    """Load an analysis and find its results, or begin new ones.

    Parameters
    ----------
    source : str, path, mapping, CheckedFile or Analysis
        What `bsinv.load` takes, or what it gave.
    out : path, optional
        Directory of the results; ``./<name of the analysis>`` if not given.
    executor : str or object, optional
        Where the work will be done: refused here if it is none, before anything is written.
    fresh : bool
        Rename results that are there already, and begin anew.
    reporter : Reporter, optional
    stop : callable, optional

    Returns
    -------
    Job, RunFile
        Nothing is written yet, but nobody else may write there until the job is closed.

    Raises
    ------
    AnalysisError
        If the analysis has faults, or a parameter that no prediction depends on.
    FitError
        If it has no free parameter.
    StoreError
        If the directory cannot be used, or holds the results of another run.
    LeaseError
        If another process writes there.
    ParameterError, MissingExtraError
        If the executor is none, or a package that it needs is not installed.
    """
    check_executor(executor)
    analysis = source if isinstance(source, CheckedFile) else CheckedFile(source)
    analysis.refuse_nothing_free()
    notes = _refuse_dead_parameters(analysis)
    directory = Path(analysis.name if out is None else out)
    make_directory(directory)
    job = _leased(Job(analysis, directory / RESULTS, reporter or Reporter(), stop))
    try:
        if job.path.exists() and fresh:
            job.reporter.say(f"renamed the results that were there to {_set_aside(job.path)}")
        if fresh and (chunks := directory / FOLDER).exists():
            job.reporter.say(f"renamed the chunks that were there to {_set_aside(chunks)}")
        if job.path.exists():
            return job, _resumed(job, job.reporter)
        return job, _begun(analysis, notes)
    except BaseException:
        job.close()
        raise


def _leased(job: Job) -> Job:
    """Job that may write its results, and has tidied up after those that were killed."""
    lease = Lease(job.path)
    try:
        lease.acquire(job.stop, job.reporter.say)
    except LeaseError:
        if job.stop():
            raise Interrupted("stopped before the run began; nothing was changed") from None
        raise
    remove_stale_temporaries(job.path)
    return replace(job, lease=lease)


def open_file(
    path: str | Path,
    *,
    executor: Any = None,
    own: Own | None = None,
    reporter: Reporter | None = None,
    stop: Callable[[], bool] = never,
) -> tuple[Job, RunFile]:
    """Go on with a results file, from the analysis written in it.

    Parameters
    ----------
    path : path
    executor : str or object, optional
        As for `open_job`.
    own : Own, optional
        What was brought along to the run.
    reporter : Reporter, optional
    stop : callable, optional

    Returns
    -------
    Job, RunFile

    Raises
    ------
    StoreError
        If the file cannot be read, or the same analysis means something else now.
    LeaseError
        If another process writes it.
    ParameterError, MissingExtraError
        As `open_job`.
    """
    check_executor(executor)
    told = reporter or Reporter()
    # Read once to know the analysis, and again when nobody else can write any more.
    analysis = stored_analysis(read(path, foreign=True), own)
    for sentence in analysis.own.sentences():
        told.say(sentence)
    job = _leased(Job(analysis, Path(path), told, stop))
    try:
        return job, _resumed(job, told)
    except BaseException:
        job.close()
        raise


def begun(analysis: CheckedFile) -> RunFile:
    """Results of an analysis before anything was found.

    Raises
    ------
    AnalysisError
        If it has a parameter that no prediction depends on.
    """
    return _begun(analysis, _refuse_dead_parameters(analysis))


def _begun(analysis: CheckedFile, notes: tuple[str, ...]) -> RunFile:
    from ..reports.best_fit import parameter_records
    from .fingerprint import fingerprint, versions

    records = parameter_records(analysis.problem)
    named = tuple(record for record in records if record.prior != "default")
    if len(named) < len(records):
        notes += (
            f"Parameters of the model {analysis.spec.model_name!r} not listed: at their defaults.",
        )
    notes += analysis.own.sentences()
    given = analysis.spec.seed
    seed = secrets.randbits(63) if given is None else given
    return RunFile(
        name=analysis.name,
        analysis_text=analysis.text,
        seed=seed,
        parameters=named,
        fingerprint=fingerprint(analysis, seed),
        versions=versions(analysis.problem.terms),
        created=datetime.now().astimezone().isoformat(timespec="seconds"),
        notes=notes,
        files=analysis.files,
        plugins={plugin.name: plugin.text for plugin in analysis.own.plugins},
        prior_fraction=analysis.problem.table.kept.fraction,
        prior_fraction_error=analysis.problem.table.kept.error,
    )


def _refuse_dead_parameters(analysis: CheckedFile) -> tuple[str, ...]:
    """Raise if a parameter does nothing; else sentences on what is only told by its prior."""
    found = identifiability(analysis.problem, 2, seed=analysis.seed)
    if found.dead:
        raise AnalysisError(dead_sentence(analysis.name, found.dead))
    return identifiability_notes(found)


def _resumed(job: Job, told: Reporter) -> RunFile:
    """Stored results of a job, if they belong to its analysis."""
    results = resumed(job.analysis, job.path, read(job.path, tell=told.say))
    done = min((ensemble.steps for ensemble in results.ensembles), default=0)
    fitted = "the best fit" if results.best_fit is not None else "no best fit"
    told.say(f"going on from {job.path}: {fitted}, {done} steps")
    return results


def make_directory(directory: Path) -> None:
    """Make the output directory and try to write in it, before anything is computed.

    Parameters
    ----------
    directory : Path

    Raises
    ------
    StoreError
        If that cannot be.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except FileExistsError:
        raise StoreError(
            f"{directory} is a file: choose a directory for the results with --out."
        ) from None
    except OSError as error:
        why = error.strerror or error
        raise StoreError(
            f"cannot write to the directory {directory}: {why}: choose another with --out."
        ) from None


def _set_aside(path: Path) -> Path:
    """Rename a results file after the present time; nothing is ever overwritten."""
    stamp = f"{datetime.now():%Y%m%d-%H%M%S}"
    target, number = path.with_name(f"{path.stem}-{stamp}{path.suffix}"), 2
    while target.exists():
        target = path.with_name(f"{path.stem}-{stamp}-{number}{path.suffix}")
        number += 1
    try:
        path.rename(target)
    except OSError as error:
        raise StoreError(f"cannot rename {path}: {error.strerror}.") from None
    return target
