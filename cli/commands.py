"""The command line: parses, calls, prints; no physics and no statistics."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

import typer

from . import completion
from .checking import check, list_, pack, validate
from .exporting import export, export_popxf, export_wcxf
from .jobs import merge, status
from .plotting import plot
from .reporting import report
from .running import fit, resume, run, sample
from .showing import compare, predict, project, show
from .studying import evidence, limit, significance, toys
from .terminal import forgiving_streams
from .work import INTERRUPT, SIGNALLED, complain

__all__ = ["app", "main"]

app = typer.Typer(
    help="Fit models of b -> s + invisible to data.",
    epilog="What an analysis file holds is told in docs/guide/analysis-file.md.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

WRONG, BROKEN_PIPE = 2, 141


def _version(wanted: bool) -> None:
    if wanted:
        from .. import __version__

        print(f"bsinv {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


# In the order in which help lists them.
_command: Callable[..., None]
for _command in (run, resume, fit, sample, toys, limit, significance, evidence, project):
    app.command()(_command)
for _command in (merge, status, plot, report, show, compare, predict, export):
    app.command()(_command)
app.command("export-wcxf")(export_wcxf)
app.command("export-popxf")(export_popxf)
for _command in (check, validate, pack):
    app.command()(_command)
app.command("list")(list_)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the program with its exit code.

    0: done; 1: the fit failed; 2: wrong input, or a machine that fails, one message on standard
    error; 130, 143: interrupted.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the program if not given.
    """
    # The matrices here are small: threads of the linear algebra only wait for each other.
    for library in ("OPENBLAS", "OMP", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    if completion.VARIABLE in os.environ:
        completion.complete(app)
    # Pictures go to files: a backend for windows, or one that is not there, is never wanted.
    os.environ["MPLBACKEND"] = "agg"
    given = list(sys.argv[1:] if arguments is None else arguments)
    with forgiving_streams() as (output, _), _signals() as came:
        code = _exit_code(given or ["--help"])
        if came:
            complain("interrupted; what was reported as saved is on disk.", kind="")
            code = SIGNALLED + came[0]
        if output.failure is not None:
            reason = output.failure.strerror
            complain(f"standard output cannot be written: {reason}; what was to be shown is lost.")
            code = code or WRONG
    sys.exit(code)


@contextmanager
def _signals() -> Iterator[list[int]]:
    """Let SIGTERM end the program as Ctrl-C does, outside of a run, which has its own way.

    The number of the signal is told apart, since versions of typer differ in what they make of it.
    """
    came: list[int] = []
    before = {}

    def end(number: int, frame: object) -> None:
        came.append(number)
        raise KeyboardInterrupt

    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, end)
    except ValueError:  # not the main thread: signals are the business of another one
        yield came
        return
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _exit_code(arguments: list[str]) -> int:
    from ..errors import BsinvError

    try:
        code = app(arguments, standalone_mode=False, prog_name="bsinv")
        sys.stdout.flush()
        return int(code or 0)
    except BsinvError as error:
        complain(str(error))
        return WRONG
    except (BrokenPipeError, SystemExit) as error:
        # typer turns a pipe that its reader closed into an exit of its own.
        if not isinstance(error.__context__ or error, BrokenPipeError):
            raise
        # So that the interpreter does not stumble over it again when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except (KeyboardInterrupt, typer.Abort):
        return SIGNALLED + INTERRUPT
    except MemoryError:
        complain("not enough memory; what was reported as saved is on disk.")
        return WRONG
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        complain(f"{where}{error.strerror or error}; what was reported as saved is on disk.")
        return WRONG
    except Exception as error:
        # Errors of the command line's own form; their class depends on the version of typer.
        told = getattr(error, "format_message", None)
        if told is None:
            raise
        complain(f"{told()} ('bsinv --help' shows what there is.)")
        return WRONG
