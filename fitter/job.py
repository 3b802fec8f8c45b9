"""Where a run keeps its results, and whether it begins anew or goes on."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ..chains.records import RunFile
from ..chains.store import check_fingerprint, read, remove_stale_temporaries
from ..errors import AnalysisError, BsinvError, StoreError
from .notes import dead_sentence, identifiability_notes
from .progress import Reporter

if TYPE_CHECKING:
    from .analysis import Analysis
    from .spec import SamplerSpec

__all__ = [
    "RESULTS",
    "Interrupted",
    "Job",
    "Source",
    "make_directory",
    "never",
    "open_file",
    "open_job",
    "stored_analysis",
    "stored_sampler",
]

RESULTS = "run.h5"

Source: TypeAlias = "str | Path | Mapping[str, Any] | Analysis"


class Interrupted(KeyboardInterrupt):
    """A run was asked to stop and did so; its message says what is on disk."""


def never() -> bool:
    """Stand for "do not stop"."""
    return False


@dataclass(frozen=True)
class Job:
    """What the stages of a run share.

    Attributes
    ----------
    analysis : Analysis
    path : Path
        The results file.
    reporter : Reporter
        Told of progress.
    stop : callable
        Asked now and then whether to stop; a run then saves and raises `Interrupted`.
    """

    analysis: Analysis
    path: Path
    reporter: Reporter
    stop: Callable[[], bool] = never


def open_job(
    source: Source,
    out: str | Path | None = None,
    *,
    fresh: bool = False,
    reporter: Reporter | None = None,
    stop: Callable[[], bool] = never,
) -> tuple[Job, RunFile]:
    """Load an analysis and find its results, or begin new ones.

    Parameters
    ----------
    source : str, path, mapping or Analysis
        What `bsinv.load` takes, or what it gave.
    out : path, optional
        Directory of the results; ``./<name of the analysis>`` if not given.
    fresh : bool
        Rename results that are there already, and begin anew.
    reporter : Reporter, optional
    stop : callable, optional

    Returns
    -------
    Job, RunFile
        Nothing is written yet.

    Raises
    ------
    AnalysisError
        If the analysis has faults, or a parameter that no prediction depends on.
    FitError
        If it has no free parameter.
    StoreError
        If the directory cannot be used, or holds the results of another run.
    """
    from .analysis import Analysis
    from .face import load
    from .results import refuse_nothing_free

    analysis = source if isinstance(source, Analysis) else load(source)
    refuse_nothing_free(analysis)
    notes = _refuse_dead_parameters(analysis)
    directory = Path(analysis.name if out is None else out)
    make_directory(directory)
    path = directory / RESULTS
    job = Job(analysis, path, reporter or Reporter(), stop)
    remove_stale_temporaries(path)
    if path.exists() and fresh:
        job.reporter.say(f"renamed the results that were there to {_set_aside(path)}")
    if path.exists():
        return job, _resumed(job, read(path))
    return job, _begun(analysis, notes)


def open_file(
    path: str | Path, *, reporter: Reporter | None = None, stop: Callable[[], bool] = never
) -> tuple[Job, RunFile]:
    """Go on with a results file, from the analysis written in it.

    Parameters
    ----------
    path : path
    reporter : Reporter, optional
    stop : callable, optional

    Returns
    -------
    Job, RunFile

    Raises
    ------
    StoreError
        If the file cannot be read, or the same analysis means something else now.
    """
    results = read(path)
    remove_stale_temporaries(path)
    job = Job(stored_analysis(results), Path(path), reporter or Reporter(), stop)
    return job, _resumed(job, results)


def stored_analysis(results: RunFile) -> Analysis:
    """Analysis written in a results file."""
    from .analysis import Analysis

    text = results.analysis_text
    try:
        return Analysis(text if "\n" in text else text + "\n")
    except BsinvError as error:
        raise StoreError(f"the analysis stored in the results is not valid now: {error}") from error


def stored_sampler(results: RunFile) -> SamplerSpec:
    """Settings of the sampler written in a results file; the defaults if they cannot be read.

    Without the rest of the analysis, which may need a model of the user's own, or a package that is
    not installed here.
    """
    from pydantic import ValidationError

    from .spec import SamplerSpec
    from .yaml_source import read_text

    try:
        return SamplerSpec.model_validate(read_text(results.analysis_text).data.get("sampler", {}))
    except (BsinvError, ValidationError):
        return SamplerSpec()


def _begun(analysis: Analysis, notes: tuple[str, ...]) -> RunFile:
    from .fingerprint import fingerprint, versions
    from .results import parameter_records

    records = parameter_records(analysis)
    named = tuple(record for record in records if record.prior != "default")
    if len(named) < len(records):
        notes += (
            f"Parameters of the model {analysis.model.name!r} not listed: at their defaults.",
        )
    given = analysis.spec.seed
    seed = secrets.randbits(63) if given is None else given
    return RunFile(
        name=analysis.name,
        analysis_text=analysis.text,
        seed=seed,
        parameters=named,
        fingerprint=fingerprint(analysis, seed),
        versions=versions(),
        created=datetime.now().astimezone().isoformat(timespec="seconds"),
        notes=notes,
    )


def _resumed(job: Job, results: RunFile) -> RunFile:
    """Stored results, if they belong to the analysis; a seed that was drawn is kept."""
    from .fingerprint import fingerprint

    given = job.analysis.spec.seed
    seed = results.seed if given is None else given
    try:
        check_fingerprint(results.fingerprint, fingerprint(job.analysis, seed))
    except StoreError as error:
        raise StoreError(f"{job.path}: {error}") from None
    done = min((ensemble.steps for ensemble in results.ensembles), default=0)
    fitted = "the best fit" if results.best_fit is not None else "no best fit"
    job.reporter.say(f"going on from {job.path}: {fitted}, {done} steps")
    # What only says when to stop may have changed, and is written as it is now.
    return replace(results, analysis_text=job.analysis.text)


def _refuse_dead_parameters(analysis: Analysis) -> tuple[str, ...]:
    """Raise if a parameter does nothing; else sentences on what is only told by its prior."""
    found = analysis.check(points=2)
    if found.dead:
        raise AnalysisError(dead_sentence(analysis.name, found.dead))
    return identifiability_notes(found)


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
