"""Commands that run an analysis: all of it, its fit, its samples."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import (
    AnalysesArgument,
    ExecutorOption,
    FreshOption,
    OutOption,
    PluginOption,
    ResultsArgument,
    SetOption,
    TrustOption,
)
from .work import (
    at_work,
    complain,
    each,
    loader,
    note,
    refuse_changes_of_results,
    refuse_large,
    report,
)

if TYPE_CHECKING:
    from ..fitter.analysis import Analysis
    from ..fitter.runs.run import Outcome
    from .batch import Entry

__all__ = ["fit", "resume", "run", "sample"]


def run(
    analyses: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ANALYSIS...]", help="Built-in analyses or YAML files."),
    ] = None,
    out: OutOption = None,
    changes: SetOption = None,
    executor: ExecutorOption = "auto",
    fresh: FreshOption = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Begin even if it takes above an hour or 4 GB.")
    ] = False,
    plugin: PluginOption = None,
) -> None:
    """Fit, sample and draw an analysis (the built-in default one if none is named).

    If the directory holds results of the same analysis, the run goes on from there. Several are run
    one after the other, each in its own directory (below DIR).
    """
    from ..fitter.analysis_file.reading.builtin import DEFAULT
    from ..fitter.runs.run import run as run_all

    def check(chosen: Analysis) -> None:
        if not yes and sys.stdin is not None and sys.stdin.isatty():
            refuse_large(chosen)

    def work(chosen: Analysis, directory: Path | None) -> Outcome:
        with at_work() as (reporter, stop):
            return run_all(
                chosen, directory, executor=executor, fresh=fresh, reporter=reporter, stop=stop
            )

    def elsewhere(entries: list[Entry]) -> bool:
        return _run_elsewhere(entries, executor, plugin, changes, fresh)

    each(analyses or [DEFAULT], out, loader(plugin, changes), work, check, elsewhere)


def _run_elsewhere(
    entries: list[Entry],
    executor: str,
    plugin: list[Path] | None,
    changes: list[str] | None,
    fresh: bool,
) -> bool:
    """Run several analyses where an executor says; False if that is here."""
    from ..fitter.analysis_file.changes import parse_changes
    from ..fitter.executors import Workers
    from ..fitter.plugins import read_plugin
    from ..fitter.runs.batch.sweep import SweepTask, texts_of
    from ..fitter.runs.estimate import estimate
    from ..fitter.runs.working import chosen_executor
    from .batch import run_elsewhere

    loaded = [entry.analysis for entry in entries if entry.analysis is not None]
    if not loaded:
        return False
    with at_work() as work:
        named, told = chosen_executor(
            executor, lambda: len(loaded) * estimate(loaded[0]).seconds, len(loaded)
        )
        if named == "serial":
            note(f"executor: serial{told}")
            return False
        texts = texts_of([read_plugin(path) for path in plugin or ()])
        task = SweepTask(texts, parse_changes(changes or ()), fresh)
        with Workers(named, None) as workers:
            note(f"executor: {workers.name}{told}")
            run_elsewhere(entries, workers, task, work, complain)
    return True


def resume(
    file: ResultsArgument,
    executor: ExecutorOption = "auto",
    plugin: PluginOption = None,
    trust: TrustOption = False,
) -> None:
    """Go on with a results file, in place: fit, scan, sample and draw what is left to do."""
    from ..fitter.runs.run import resume as resume_run

    with at_work() as (reporter, stop):
        outcome = resume_run(
            file,
            plugins=plugin or (),
            trust_stored_plugin=trust,
            executor=executor,
            reporter=reporter,
            stop=stop,
        )
    report(outcome)


def fit(
    analyses: AnalysesArgument,
    out: OutOption = None,
    changes: SetOption = None,
    profile: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Profile of a parameter; repeatable.")
    ] = None,
    contour: Annotated[
        tuple[str, str] | None, typer.Option(metavar="A B", help="Contours of two parameters.")
    ] = None,
    fresh: FreshOption = False,
    plugin: PluginOption = None,
) -> None:
    """Find the best fit, its errors, profiles and contours; a chain that is there is kept.

    Several analyses are fitted one after the other, each in its own directory (below DIR).
    """
    from ..fitter.runs.run import fit_only

    def work(chosen: Analysis, directory: Path | None) -> Outcome:
        scans = (profile or (), contour or ())
        with at_work() as (reporter, stop):
            return fit_only(chosen, directory, *scans, fresh=fresh, reporter=reporter, stop=stop)

    each(analyses, out, loader(plugin, changes), work)


def sample(
    source: Annotated[
        str, typer.Argument(metavar="ANALYSIS|FILE.h5", help="Analysis, or results to go on with.")
    ],
    out: OutOption = None,
    changes: SetOption = None,
    max_steps: Annotated[
        int | None, typer.Option(min=1, help="Steps of each ensemble at which to stop.")
    ] = None,
    executor: ExecutorOption = "auto",
    fresh: FreshOption = False,
    plugin: PluginOption = None,
    trust: TrustOption = False,
) -> None:
    """Sample the posterior, from the best fit, or on from a results file."""
    from ..fitter.runs.resume import Own
    from ..fitter.runs.run import sample_only

    refuse_changes_of_results(source, changes)
    stored = source.endswith(".h5")
    own = Own(plugins=plugin or (), trust_stored=trust) if stored else None
    with at_work() as (reporter, stop):
        chosen = source if stored else loader(plugin, changes)(source)
        outcome = sample_only(
            chosen,
            out,
            max_steps,
            own=own,
            executor=executor,
            fresh=fresh,
            reporter=reporter,
            stop=stop,
        )
    report(outcome)
