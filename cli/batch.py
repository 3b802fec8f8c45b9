"""Several analyses in one command: one after the other, each in a directory of its own."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..errors import BsinvError, ParameterError
from .listing import rich_table
from .terminal import terminal

if TYPE_CHECKING:
    from ..fitter.analysis import Analysis
    from ..fitter.runs.run import Outcome

__all__ = ["Entry", "loaded_all", "print_entries", "refuse_one_directory", "run_all"]

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
    """

    source: str
    analysis: Analysis | None = None
    directory: Path | None = None
    code: int = DONE
    told: str = ""
    seconds: float = 0.0


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
            best, verdict = outcome.results.best_fit, outcome.verdict
            entry.code = DONE if best is None or best.valid else FAILED
            entry.told = "" if best is None else f"ln L = {best.log_likelihood:.3f}"
            if entry.code:
                entry.told = "the fit failed"
            elif verdict is not None:
                entry.told += ", converged" if verdict.converged else ", not converged"
        entry.seconds = time.perf_counter() - began


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
