"""Toys of results files beside each other, kept in the first of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ....chains.files.autosave import Checkpointer
from ....chains.files.store import read, write
from ....chains.records import NonNestedToys, RunFile
from ....chains.statistics.common import different_data
from ....chains.statistics.non_nested import pair_identity
from ....errors import StoreError
from ...analysis_file.arguments import check_count
from ...checked import CheckedFile
from ...executors import Workers, check_executor
from ...problem import Problem
from ...reports.studies.non_nested import CHUNK_SIZE, UNDER, Fitted, non_nested_toys
from ...reports.studies.toys import MOST
from ..estimate import toy_seconds
from ..job import Interrupted, Job, never, open_file
from ..progress import Reporter
from ..resume import Own, resumed, stored_analysis
from ..working import workers_of
from .compare import refuse_twice

__all__ = ["compare_toys"]


def compare_toys(
    files: Sequence[str | Path],
    number: int,
    *,
    executor: Any = None,
    own: Own | None = None,
    reporter: Reporter | None = None,
    stop: Callable[[], bool] = never,
) -> RunFile:
    """Draw toys at the best fits of the first run and of each other one, and fit both to them.

    Parameters
    ----------
    files : sequence of path
        Results files, two or more, with best fits to the same data.
    number : int
        Toys under each of two models; those that the first file holds already are kept.
    executor : str or object, optional
        Where chunks are done, as for `toys_only`; what the first analysis says by default.
    own : Own, optional
        What was brought along to the runs.
    reporter : Reporter, optional
    stop : callable, optional
        Asked now and then whether to stop; what is done is stored then, and `Interrupted` raised.

    Returns
    -------
    RunFile
        The first one, with the toys, as it is stored.

    Raises
    ------
    StoreError
        If there are fewer than two files, one cannot be read, has no best fit, or has other data.
    LeaseError
        If another process writes the first file.
    ParameterError, PredictionError, Interrupted
        As for `reports.studies.non_nested.non_nested_toys`.
    """
    check_count("toys", number, 1, MOST)
    check_executor(executor)
    if len(files) < 2:
        raise StoreError("a comparison needs two results files or more.")
    refuse_twice(files)
    told = reporter or Reporter()
    others = [read(file, foreign=True, tell=told.say) for file in files[1:]]
    first = read(files[0], foreign=True)
    for run, file in zip((first, *others), files, strict=True):
        if run.best_fit is None:
            raise StoreError(f"{file}: no best fit, at which toys are drawn: run bsinv fit.")
        why = "" if run is first else different_data(run, first)
        if why:
            raise StoreError(
                f"{file}: toys of two models need the same data, but those of {run.name} and "
                f"{first.name} differ: {why}."
            )
    job, results = open_file(files[0], own=own, reporter=told, stop=stop)
    with job:
        for run, file in zip(others, files[1:], strict=True):
            analysis = stored_analysis(run, own)
            run = resumed(analysis, Path(file), run)
            with _workers(job, executor, analysis, number) as workers:
                results = _with_toys(job, results, run, analysis.problem, number, workers)
    return results


def _workers(job: Job, executor: Any, other: CheckedFile, number: int) -> Workers:
    """Who does chunks of toys of two analyses."""
    problems = (job.analysis.problem, other.problem)
    plugins = {one.name: one for one in (*job.analysis.own.plugins, *other.own.plugins)}
    return workers_of(
        job.analysis,
        executor,
        job.reporter,
        lambda: sum(toy_seconds(problem, number) for problem in problems),
        -(-number // CHUNK_SIZE),
        problems,
        tuple(plugins.values()),
    )


def _with_toys(
    job: Job, results: RunFile, run: RunFile, problem: Problem, number: int, workers: Workers
) -> RunFile:
    """The first run with toys of one other, under both; stored every few seconds and at the end."""
    assert results.best_fit is not None
    assert run.best_fit is not None
    models = (
        Fitted(results.name, job.analysis.problem, results.best_fit),
        Fitted(run.name, problem, run.best_fit),
    )
    identity = pair_identity(results, run)
    seconds = job.analysis.spec.sampler.checkpoint_seconds
    saver = Checkpointer(job.path, seconds, report=job.reporter.say, lease=job.lease)
    for under, model in zip(UNDER, models, strict=True):
        stage = f"toys of {model.name}"

        def with_study(study: NonNestedToys, of: RunFile = results) -> RunFile:
            others = (
                one
                for one in of.non_nested
                if (one.under, one.identity) != (study.under, study.identity)
            )
            return replace(of, non_nested=(*others, study))

        def report(
            study: NonNestedToys,
            stage: str = stage,
            with_study: Callable[[NonNestedToys], RunFile] = with_study,
        ) -> None:
            job.reporter.step(stage, study.done, study.number)
            if job.stop():
                saver.save(with_study(study))
                raise Interrupted(f"stopped; {study.done} {stage} are saved in {job.path}")
            saver.save_if_due(lambda: with_study(study))

        job.reporter.step(stage, 0, number)
        study = non_nested_toys(
            models,
            under,
            number,
            seed=results.seed,
            identity=identity,
            begun=results.non_nested,
            report=report,
            work=workers.map,
        )
        results = with_study(study)
        write(job.path, results, job.lease)
    job.reporter.say(f"saved {job.path}")
    return results
