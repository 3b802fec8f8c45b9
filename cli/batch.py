"""Several analyses in one command: one after the other, each in a directory of its own."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..chains.tables.sweep import SweepRow, sweep_csv
from ..errors import BsinvError, ExecutorError, ParameterError
from .tables import rich_table
from .terminal import terminal

if TYPE_CHECKING:
    from ..fitter.analysis import Analysis
    from ..fitter.executors import Tally, Workers
    from ..fitter.runs.batch.sweep import SweepTask
    from ..fitter.runs.progress import Reporter
    from ..fitter.runs.run import Outcome

__all__ = [
    "TABLE",
    "Entry",
    "loaded_all",
    "print_entries",
    "refuse_one_directory",
    "run_all",
    "run_elsewhere",
    "write_rows",
]

TABLE = "runs.csv"
"""Name of the table of several analyses."""

DONE, FAILED, WRONG = 0, 1, 2


@dataclass
class Entry:
    """One analysis of several, and what came of it.

    Attributes
    ----------
    source : str
        As it was named.
    analysis : Analysis or None
        None if it could not be loaded.
    directory : Path or None
        Of its results.
    code : int
        0, 1 if the fit failed, 2 if it could not be done.
    told : str
        Sentence on the result.
    seconds : float
    row : SweepRow or None
        For the table of all.
    """

    source: str
    analysis: Analysis | None = None
    directory: Path | None = None
    code: int = DONE
    told: str = ""
    seconds: float = 0.0
    row: SweepRow | None = None


def loaded_all(
    sources: Sequence[str],
    load: Callable[[str], Analysis],
    out: Path | None,
    complain: Callable[[str], None],
) -> list[Entry]:
    """Load analyses; one that has faults is told of and does not stop the others.

    Parameters
    ----------
    sources : sequence of str
    load : callable
    out : Path, optional
        Directory in which each has its own; the working directory if not given.
    complain : callable
        Told of each that cannot be loaded.

    Returns
    -------
    list of Entry

    Raises
    ------
    ParameterError
        If two would write into one directory.
    """
    entries = [Entry(source) for source in sources]
    for entry in entries:
        try:
            entry.analysis = load(entry.source)
        except (BsinvError, OSError) as error:
            _failed(entry, error, complain)
        else:
            entry.directory = (out or Path()) / entry.analysis.name
    refuse_one_directory(entries)
    return entries


def refuse_one_directory(entries: Sequence[Entry]) -> None:
    """Raise if two analyses would write into one directory.

    Raises
    ------
    ParameterError
    """
    first: dict[Path, Entry] = {}
    for entry in entries:
        if entry.directory is None:
            continue
        where = entry.directory.resolve()
        other = first.setdefault(where, entry)
        if other is not entry:
            raise ParameterError(
                f"{other.source} and {entry.source} would both write into {entry.directory}: give "
                "them different names, or run one at a time with --out. Nothing was begun."
            )


def run_all(
    entries: Sequence[Entry],
    work: Callable[[Analysis, Path], Outcome],
    report: Callable[[Outcome], None],
    complain: Callable[[str], None],
) -> None:
    """Run analyses one after the other; one that fails does not stop the others.

    Parameters
    ----------
    entries : sequence of Entry
        What comes of each is written down.
    work : callable
        Of the analysis and its directory.
    report : callable
        Prints what a run made.
    complain : callable
        Told of what fails.
    """
    from ..fitter.runs.batch.sweep import row_of

    for entry in entries:
        if entry.analysis is None or entry.directory is None:
            continue
        began = time.perf_counter()
        try:
            outcome = work(entry.analysis, entry.directory)
            report(outcome)
        except typer.Exit:  # interrupted: that is meant for all
            raise
        except (BsinvError, OSError, MemoryError) as error:
            _failed(entry, error, complain)
        except Exception as error:  # a bug: the others of a long night shall run all the same
            traceback.print_exc()
            _failed(entry, error, complain, FAILED)
        else:
            row = row_of(entry.source, outcome, time.perf_counter() - began)
            entry.row, entry.code, entry.told = row, row.code, row.told
        entry.seconds = time.perf_counter() - began


def run_elsewhere(
    entries: Sequence[Entry],
    workers: Workers,
    task: SweepTask,
    work: tuple[Reporter, Callable[[], bool]],
    complain: Callable[[str], None],
) -> None:
    """Run analyses where an executor says; one that fails does not stop the others.

    Parameters
    ----------
    entries : sequence of Entry
        What comes of each is written down.
    workers : Workers
    task : SweepTask
    work : Reporter and callable
        Shows progress, and says whether to stop.
    complain : callable
        Told of what fails.
    """
    from ..fitter.runs.batch.sweep import sweep
    from ..fitter.runs.estimate import duration

    reporter, stop = work
    wanted = [entry for entry in entries if entry.directory is not None]

    def report(place: int, row: SweepRow, tally: Tally) -> None:
        entry = wanted[place]
        entry.row, entry.code, entry.told, entry.seconds = row, row.code, row.told, row.seconds
        if row.code:
            complain(row.told if entry.source in row.told else f"{entry.source}: {row.told}")
        taken, done = time.monotonic() - tally.begun, max(tally.done, 1)
        left = duration(taken / done * (len(wanted) - done))
        failed = sum(1 for one in wanted if one.row is not None and one.code)
        told = f"{workers.name}, {left} left" + (f", {failed} failed" if failed else "")
        reporter.step("analyses", tally.done, len(wanted), told)

    reporter.step("analyses", 0, len(wanted))
    items = [(entry.source, entry.directory or Path()) for entry in wanted]
    try:
        sweep(items, workers, task, report=report, stop=stop)
    except ExecutorError as error:
        for entry in wanted:
            if entry.row is None:
                _failed(entry, error, complain, FAILED)


def write_rows(entries: Sequence[Entry], directory: Path) -> Path:
    """Write the table of several analyses as CSV.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    from ..fitter.runs.pictures import write_files

    rows = [
        entry.row or SweepRow(entry.source, str(entry.directory or ""), entry.code, entry.told)
        for entry in entries
    ]
    write_files(directory, {TABLE: sweep_csv(rows)})
    return directory / TABLE


def _failed(
    entry: Entry, error: BaseException, complain: Callable[[str], None], code: int = WRONG
) -> None:
    """Write down what went wrong, and tell it."""
    if isinstance(error, MemoryError):
        sentence = f"{entry.source}: not enough memory."
    else:
        text = str(error) if isinstance(error, BsinvError) else f"{type(error).__name__}: {error}"
        sentence = text if entry.source in text else f"{entry.source}: {text}"
    complain(sentence)
    entry.code, entry.told = code, sentence.partition("\n")[0]


def print_entries(entries: Sequence[Entry]) -> int:
    """Print what came of several analyses.

    Returns
    -------
    int
        The worst of their exit codes.
    """
    words = {DONE: "done", FAILED: "failed", WRONG: "error"}
    rows = [
        (
            entry.source,
            words[entry.code],
            entry.told.removeprefix(f"{entry.source}: "),
            "" if entry.directory is None else str(entry.directory),
            f"{entry.seconds:.1f} s" if entry.seconds else "",
        )
        for entry in entries
    ]
    header = ("analysis", "", "result", "directory", "time")
    # A column in which nothing stands is left out.
    kept = [place for place in range(len(header)) if any(row[place] for row in rows)]
    table = rich_table(
        [header[place] for place in kept], [[row[place] for place in kept] for row in rows]
    )
    terminal().print(table)
    return max(entry.code for entry in entries)
