"""Several analyses at once: each is a task, and a row of one table."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ....chains.tables.sweep import SweepRow
from ....errors import BsinvError
from ...checked import CheckedFile
from ...executors import Tally, Workers
from ...plugins import Plugin, plugin_of
from ..job import Interrupted
from ..run import Outcome, run

__all__ = ["SweepTask", "row_of", "sweep", "texts_of"]

DONE, FAILED, WRONG = 0, 1, 2


@dataclass(frozen=True)
class SweepTask:
    """Runs of analyses, as workers do them: one after the other in each.

    Attributes
    ----------
    plugins : tuple of (str, str)
        Names and texts.
    changes : mapping of str to value
        As for `bsinv.load`.
    fresh : bool
        As for `run`.
    """

    plugins: tuple[tuple[str, str], ...] = ()
    changes: Mapping[str, Any] = field(default_factory=dict)
    fresh: bool = False

    def __call__(self, problem: None, item: tuple[str, str]) -> SweepRow:
        """Run the analysis of a file into a directory."""
        os.environ["MPLBACKEND"] = "agg"
        source, directory = item
        began = time.perf_counter()
        try:
            plugins = [plugin_of(name, text, f"<plugin {name}>") for name, text in self.plugins]
            analysis = CheckedFile(source, plugins=plugins, changes=self.changes)
            outcome = run(analysis, directory, executor="serial", fresh=self.fresh)
        except (BsinvError, OSError, MemoryError) as error:
            told = str(error) or type(error).__name__
            return SweepRow(source, directory, WRONG, told, time.perf_counter() - began)
        except Exception as error:  # a bug: the others shall run all the same
            traceback.print_exc()
            told = f"{type(error).__name__}: {error}"
            return SweepRow(source, directory, FAILED, told, time.perf_counter() - began)
        return row_of(source, outcome, time.perf_counter() - began)


def row_of(source: str, outcome: Outcome, seconds: float) -> SweepRow:
    """Row of an analysis that was run."""
    best, verdict = outcome.results.best_fit, outcome.verdict
    directory = str(outcome.directory)
    if best is None:
        return SweepRow(source, directory, FAILED, "no best fit", seconds)
    valid = bool(best.valid)
    converged = verdict is not None and verdict.converged
    told = f"ln L = {best.log_likelihood:.3f}"
    if verdict is not None:
        told += ", converged" if converged else ", not converged"
    return SweepRow(
        source,
        directory,
        DONE if valid else FAILED,
        told if valid else "the fit failed",
        seconds,
        name=outcome.results.name,
        log_likelihood=float(best.log_likelihood),
        converged="" if verdict is None else "yes" if converged else "no",
        values={
            name: (float(value), float(error))
            for name, value, error in zip(best.names, best.values, best.errors, strict=True)
        },
    )


def sweep(
    items: Sequence[tuple[str, Path]],
    workers: Workers,
    task: SweepTask,
    *,
    report: Callable[[int, SweepRow, Tally], None],
    stop: Callable[[], bool],
) -> list[SweepRow]:
    """Run analyses, each into a directory of its own.

    Parameters
    ----------
    items : sequence of (str, Path)
        Sources and directories.
    workers : Workers
        Of no problem.
    task : SweepTask
    report : callable
        Told of each that is done: its place in the list, its row and how far all are.
    stop : callable
        Asked now and then whether to stop.

    Returns
    -------
    list of SweepRow
        In the order of the items.

    Raises
    ------
    Interrupted
        If `stop` said so; what runs have stored is kept.
    ExecutorError
        If runs failed three times each, with an error that is none of the package.
    """
    given = [(_whole(source), str(Path(directory).resolve())) for source, directory in items]
    rows: dict[int, SweepRow] = {}
    tally = Tally(len(items))

    def tick(now: Tally) -> None:
        nonlocal tally
        tally = now
        if stop():
            raise Interrupted(f"stopped; {len(rows)} of {len(items)} analyses are done")

    for index, row in workers.map(task, given, tick):
        source, directory = items[index]
        rows[index] = replace(row, source=source, directory=str(directory))
        report(index, rows[index], tally)
    return [rows[index] for index in range(len(items))]


def _whole(source: str) -> str:
    """Path from the root: a worker may be in another directory."""
    return str(Path(source).resolve()) if Path(source).is_file() else source


def texts_of(plugins: Sequence[Plugin]) -> tuple[tuple[str, str], ...]:
    """Names and texts of plugins."""
    return tuple((plugin.name, plugin.text) for plugin in plugins)
