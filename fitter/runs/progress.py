"""What a run says while it works: nothing, plain lines, or a progress bar."""

from __future__ import annotations

import signal
import sys
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Self

from ...errors import printable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["BarReporter", "PlainReporter", "Reporter", "StopRequest", "reporter"]


class Reporter:
    """Says nothing: what a run in Python uses unless told otherwise."""

    def step(self, stage: str, done: int, total: int | None = None, text: str = "") -> None:
        """Tell how far a stage is.

        Parameters
        ----------
        stage : str
            Such as ``"sample"``.
        done : int
        total : int or None
            None if not known.
        text : str
            More about the state.
        """

    def say(self, sentence: str) -> None:
        """Tell something once."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None


class PlainReporter(Reporter):
    """Lines on standard error; of a stage that goes on, one for each new state."""

    def __init__(self) -> None:
        self._last: tuple[str, str] | None = None

    def step(self, stage: str, done: int, total: int | None = None, text: str = "") -> None:
        """Write a line when a stage begins and when its text changes."""
        if self._last == (stage, text):
            return
        self._last = (stage, text)
        self.say(f"{stage}: {done} done, {text}" if text else stage)

    def say(self, sentence: str) -> None:
        """Write a line."""
        print(printable(sentence), file=sys.stderr, flush=True)


class BarReporter(Reporter):
    """One progress bar for each stage, on a terminal's standard error."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._progress: Progress = Progress(
            TextColumn("{task.description:12}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[count]:>14}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[text]}", markup=False),
            console=Console(stderr=True),
        )
        self._tasks: dict[str, TaskID] = {}

    def step(self, stage: str, done: int, total: int | None = None, text: str = "") -> None:
        """Move the bar of a stage; the bars of earlier stages are filled."""
        if stage not in self._tasks:
            self._finish()
            self._tasks[stage] = self._progress.add_task(stage, total=None, count="", text="")
        count = str(done) if total is None else f"{done} / {total}"
        self._progress.update(
            self._tasks[stage], completed=done, total=total, count=count, text=text
        )

    def say(self, sentence: str) -> None:
        """Write a line above the bars; that of a write to disk is left to the bar's text."""
        if not sentence.startswith("saved "):
            self._progress.console.print(printable(sentence), markup=False, highlight=False)

    def _finish(self) -> None:
        for task in self._tasks.values():
            self._progress.update(task, total=max(self._progress.tasks[task].completed, 1))
            self._progress.stop_task(task)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *args: Any) -> None:
        if args[0] is None:
            self._finish()
        self._progress.stop()


def reporter() -> Reporter:
    """Return bars on a terminal, plain lines elsewhere."""
    return BarReporter() if sys.stderr.isatty() else PlainReporter()


class StopRequest:
    """Turns the first SIGINT or SIGTERM into a request; the second one ends the program.

    Attributes
    ----------
    signal : int or None
        The signal that came.
    """

    def __init__(self) -> None:
        self.signal: int | None = None
        self._before: dict[int, Any] = {}

    def __call__(self) -> bool:
        """Whether to stop."""
        return self.signal is not None

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.signal is not None:
            raise KeyboardInterrupt
        self.signal = number

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *args: Any) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
