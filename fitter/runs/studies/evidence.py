"""Runs of nested sampling: seed by seed into a results file, from which they go on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ....chains.files.store import write
from ....chains.records import RunFile
from ....chains.statistics.evidence import Evidence, evidence
from ....errors import FitError
from ...analysis_file.arguments import check_count
from ...checked import CheckedFile
from ...drivers.sampling.nested import NestedOptions
from ...evidence import evidence_runs, marginalised, refuse
from ...executors import Workers, check_executor
from .. import stages
from ..estimate import seconds_of_points
from ..job import Interrupted, Job, Source, never, open_job
from ..progress import Reporter
from ..working import workers_of

__all__ = ["EvidenceOutcome", "evidence_only"]


# Points evaluated for each effective sample, as a rule; and the fewest that are worth a task.
POINTS, FEWEST = 10, 16


@dataclass(frozen=True)
class EvidenceOutcome:
    """What a run of nested sampling made.

    Attributes
    ----------
    found : Evidence
        Of the runs that ended.
    results : RunFile
        All that the file holds.
    path : Path
        The file.
    """

    found: Evidence
    results: RunFile
    path: Path


def evidence_only(
    source: Source,
    out: str | Path | None = None,
    seeds: int = 2,
    *,
    options: NestedOptions | None = None,
    executor: Any = None,
    fresh: bool = False,
    reporter: Reporter | None = None,
    stop: Callable[[], bool] = never,
) -> EvidenceOutcome:
    """Find the best fit and the evidence, nuisance parameters inside terms integrated out.

    Parameters
    ----------
    source : str, path, mapping or Analysis
        As for `run`.
    out : path, optional
        Directory of the results; ``./<name of the analysis>-evidence`` if not given, since the
        likelihood is another one than that of a run that profiles.
    seeds : int
        Independent runs; those that the results hold already are kept.
    options : NestedOptions, optional
        Its seed and number of runs are not used.
    executor : str or object, optional
        Where batches of points are evaluated, as for `toys_only`.
    fresh, reporter, stop
        As for `run`.

    Returns
    -------
    EvidenceOutcome

    Raises
    ------
    FitError
        If there is no evidence of the analysis, or a run ended before its goal.
    AnalysisError, StoreError, LeaseError, Interrupted
        As for `run`.
    MissingExtraError
        If nautilus or what the executor needs is not installed.
    ExecutorError
        If the executor cannot be had.
    """
    check_count("seeds", seeds, 1, 1000)
    check_executor(executor)
    told = reporter or Reporter()
    given = source if isinstance(source, CheckedFile) else CheckedFile(source)
    analysis, changed = marginalised(given)
    if changed:
        told.say(f"nuisances: laplace was set for {', '.join(changed)}")
    refuse(analysis.problem.terms, analysis.problem.table.priors)
    directory = Path(f"{analysis.name}-evidence") if out is None else Path(out)
    job, results = open_job(analysis, directory, fresh=fresh, reporter=told, stop=stop)
    with job:
        if fresh:
            for left in directory.glob(".nested-*.h5"):
                left.unlink()
        results = stages.fit(job, results)
        chosen, numbers = options or NestedOptions(), range(len(results.weighted), seeds)
        if numbers:
            with _workers(job, executor, chosen, len(numbers)) as workers:
                for number in numbers:
                    results = _with_run(job, results, number, chosen, workers)
    ended = [run for run in results.weighted if run.complete]
    if not ended:
        raise FitError("no run of nested sampling reached its effective number of samples.")
    return EvidenceOutcome(evidence(ended), results, job.path)


def _workers(job: Job, executor: Any, options: NestedOptions, runs: int) -> Workers:
    """Who evaluates the batches of points."""
    problem = job.analysis.problem

    def takes() -> float:
        return POINTS * options.effective * runs * seconds_of_points(problem, options.batch)

    return workers_of(job.analysis, executor, job.reporter, takes, options.batch // FEWEST)


def _with_run(
    job: Job, results: RunFile, number: int, options: NestedOptions, workers: Workers
) -> RunFile:
    """Results with one more run of the sampler; stored, and its checkpoint removed."""
    stage = f"nested sampling, run {number + 1}"

    def report(run: int, calls: int, effective: float) -> None:
        job.reporter.step(stage, int(effective), int(options.effective), f"{calls} points")
        if job.stop():
            raise Interrupted(
                f"stopped; {number} runs of nested sampling are saved in {job.path}, and the "
                "present one beside it"
            )

    job.reporter.step(stage, 0, int(options.effective))
    directory = job.path.parent
    (made,) = evidence_runs(
        job.analysis.problem,
        replace(options, runs=number + 1, seed=results.seed),
        first=number,
        checkpoint=directory,
        identity=json.dumps(dict(results.fingerprint), sort_keys=True),
        seconds=job.analysis.spec.sampler.checkpoint_seconds,
        report=report,
        work=None if workers.serial else workers.map,
        pieces=workers.workers,
    )
    results = replace(results, weighted=(*results.weighted, made), predictions=())
    write(job.path, results, job.lease)
    job.reporter.say(f"saved {job.path}")
    (directory / f".nested-{number}.h5").unlink(missing_ok=True)
    return results
