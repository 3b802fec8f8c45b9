"""What commands have in common: loading, progress, interrupts, notes and errors."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from ..fitter.analysis import Analysis
    from ..fitter.runs.progress import Reporter, StopRequest
    from ..fitter.runs.run import Outcome
    from .batch import Entry

__all__ = [
    "FAILED",
    "INTERRUPT",
    "SIGNALLED",
    "at_work",
    "complain",
    "each",
    "loader",
    "note",
    "reading",
    "refuse_changes_of_results",
    "refuse_large",
    "report",
]

FAILED = 1
SIGNALLED, INTERRUPT = 128, 2


def loader(
    plugins: Sequence[Path] | None, changes: Sequence[str] | None
) -> Callable[[str], Analysis]:
    """Function that loads an analysis with changes, plugins read and told of once."""
    from ..fitter.analysis import load
    from ..fitter.analysis_file.changes import parse_changes
    from ..fitter.own_objects import gathered
    from ..fitter.plugins import read_plugin

    chosen, read = parse_changes(changes or ()), [read_plugin(path) for path in plugins or ()]
    for sentence in gathered(plugins=read).sentences():
        note(sentence)
    return lambda analysis: load(analysis, plugins=read, changes=chosen)


def each(
    analyses: Sequence[str],
    out: Path | None,
    load: Callable[[str], Analysis],
    work: Callable[[Analysis, Path | None], Outcome],
    check: Callable[[Analysis], None] = lambda analysis: None,
    elsewhere: Callable[[list[Entry]], bool] = lambda entries: False,
) -> None:
    """Do something with one analysis or several, and print what came of it.

    Several may be done by `elsewhere`, which says whether it did.
    """
    from .batch import loaded_all, print_entries, run_all, write_rows
    from .printing import print_outcome

    if len(analyses) == 1:
        chosen = load(analyses[0])
        check(chosen)
        report(work(chosen, out))
        return
    entries = loaded_all(analyses, load, out, complain)
    for entry in entries:
        if entry.analysis is not None:
            check(entry.analysis)
    try:
        if not elsewhere(entries):
            run_all(entries, work, print_outcome, complain)
    finally:
        table = write_rows(entries, out or Path())
    print(f"{table}: best fits of all")
    code = print_entries(entries)
    if code:
        raise typer.Exit(code)


def refuse_changes_of_results(source: str, changes: Sequence[str] | None) -> None:
    """Refuse changes of the analysis that is stored in results."""
    from ..errors import ParameterError

    if changes and source.endswith(".h5"):
        raise ParameterError(
            f"--set: {source} holds results, whose analysis stays as it is: give the analysis."
        )


def refuse_large(analysis: Analysis) -> None:
    """Have a person who sits there say yes to a run that takes above an hour or 4 GB."""
    from ..errors import ParameterError
    from ..fitter.runs.estimate import estimate

    told = estimate(analysis)
    if told.large:
        raise ParameterError(f"{analysis.name}: {told.sentence}: add --yes to begin.")


@contextmanager
def at_work() -> Iterator[tuple[Reporter, StopRequest]]:
    """Show progress, and turn an interrupt into a checkpoint, a message and an exit code."""
    from ..fitter.runs.progress import StopRequest, reporter

    with StopRequest() as stop:
        try:
            with reporter() as told:
                yield told, stop
        except KeyboardInterrupt as error:
            saved = str(error) or "stopped at once; what was reported as saved is on disk"
            complain(f"{saved}. The same command (without --fresh) goes on from there.", kind="")
            raise typer.Exit(SIGNALLED + (stop.signal or INTERRUPT)) from None


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """Name the file where records that can be read make no sense together."""
    from ..errors import StoreError

    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        told = str(error).partition("\n")[0][:300]
        raise StoreError(
            f"{file}: what is in it cannot be shown: {type(error).__name__}: {told}"
        ) from error


def note(sentence: str) -> None:
    """Say something on standard error that is no fault."""
    complain(sentence, kind="note: ")


def report(outcome: Outcome) -> None:
    """Print what a run made; end with exit code 1 if the fit failed."""
    from .printing import print_outcome

    print_outcome(outcome)
    best = outcome.results.best_fit
    if best is not None and not best.valid:
        complain(f"the fit failed: {best.status}")
        raise typer.Exit(FAILED)


def complain(sentence: str, kind: str = "error: ") -> None:
    """Write a sentence to standard error."""
    from ..errors import printable

    sentence = printable(sentence)
    print(f"bsinv: {kind}{sentence}", file=sys.stderr, flush=True)
