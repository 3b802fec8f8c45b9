"""Who does the work of a run: the executor that was asked for or chosen, and what is said of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..analysis_file.executor import AUTO
from ..checked import CheckedFile
from ..executors.chunks import ChunkFolder
from ..executors.workers import SERIAL, Tally, Workers
from ..plugins import Plugin
from .estimate import duration
from .job import Interrupted, Job
from .progress import Reporter

__all__ = ["LONG", "Watch", "chosen_executor", "workers_of"]

LONG = 10.0
"""Seconds of CPU from which processes are worth their start."""

# Seconds between two lines on how far the work is.
_TELL = 10.0


def workers_of(
    analysis: CheckedFile,
    executor: Any,
    reporter: Reporter,
    seconds: Callable[[], float],
    tasks: int,
    problem: Any = None,
    plugins: Sequence[Plugin] | None = None,
) -> Workers:
    """Begin the executor that was asked for, or choose one.

    Parameters
    ----------
    analysis : CheckedFile
        May name an executor itself.
    executor : str, object or None
        As for `Workers`; None for what the analysis says, which is serial if it says nothing.
        ``"auto"`` (of either) takes processes where the work takes above ten seconds.
    reporter : Reporter
        Told which it is.
    seconds : callable
        Estimates the CPU time; called only where one is chosen.
    tasks : int
        How many there are: one is done here.
    problem : object, optional
        In place of the problem of the analysis.
    plugins : sequence of Plugin, optional
        In place of those of the analysis.

    Returns
    -------
    Workers

    Raises
    ------
    ParameterError, MissingExtraError, ExecutorError
        As `Workers`.
    """
    if executor is None or executor == AUTO:
        executor = analysis.spec.executor or executor or SERIAL
    executor, told = chosen_executor(executor, seconds, tasks)
    if executor == SERIAL and not told:
        return Workers(SERIAL, problem or analysis.problem)
    brought = analysis.own.plugins if plugins is None else plugins
    workers = Workers(executor, problem or analysis.problem, brought)
    reporter.say(f"executor: {workers.name}{told}")
    return workers


def chosen_executor(executor: Any, seconds: Callable[[], float], tasks: int) -> tuple[Any, str]:
    """Executor that was asked for, or the one that suits; and why, in brackets.

    Parameters
    ----------
    executor : str or object
    seconds : callable
        Estimates the CPU time; called only where one is chosen.
    tasks : int
        How many there are: one is done here.
    """
    if executor != AUTO:
        return executor, ""
    from ..executors.processes import cores

    takes, number = seconds(), min(tasks, cores())
    named = f"processes:{number}" if takes >= LONG and number > 1 else SERIAL
    return named, f" (about {duration(takes)} on one core)"


@dataclass
class Watch:
    """Looks at tasks under way: shows how far they are, and stops them.

    Attributes
    ----------
    job : Job
    stage : str
        Such as ``"toys"``.
    workers : Workers
    before, number : int
        Things done before, and in all.
    size : int
        Things of a task.
    folder : ChunkFolder, optional
        Whose page is kept up to date.
    """

    job: Job
    stage: str
    workers: Workers
    before: int
    number: int
    size: int = 1
    folder: ChunkFolder | None = None
    _text: str = ""
    _told: float = 0.0

    def __call__(self, tally: Tally) -> None:
        """Look once.

        Raises
        ------
        Interrupted
            If the run was asked to stop.
        """
        done = min(self.before + tally.done * self.size, self.number)
        if time.monotonic() - max(self._told, tally.begun) >= _TELL:
            self._told, self._text = time.monotonic(), self.text(tally)
        self.job.reporter.step(self.stage, done, self.number, self._text)
        if self.folder is not None:
            self.folder.update(retried=tally.retried, failed=tally.failed)
        if self.job.stop():
            raise Interrupted(f"stopped during {self.stage}")

    def text(self, tally: Tally) -> str:
        """Executor, rate, time left and failures in a few words."""
        parts = [self.workers.name]
        if tally.done:
            rate = tally.done / (time.monotonic() - tally.begun)
            left = (tally.total - tally.done - tally.failed) / rate
            parts += [f"{rate * self.size:.2g}/s", f"{duration(left)} left"]
        if tally.retried:
            parts.append(f"{tally.retried} tried again")
        if tally.failed:
            parts.append(f"{tally.failed} failed")
        return ", ".join(parts)
