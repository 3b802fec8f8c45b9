"""Progress of what is done in Python: a bar in a notebook, nothing in a script unless asked for.

The bar is HTML that is displayed again in its place, which every notebook shows without a package
for widgets.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ...chains.records import ScanStatus
from ..analysis_file.arguments import check_kind
from .progress import reporter

if TYPE_CHECKING:
    from ...chains.records import Scan, ScanSignificance, ToyStudy
    from ...chains.statistics.diagnostics import Verdict
    from ..drivers.sampling.ensembles import Report

__all__ = [
    "Bar",
    "bar",
    "counted",
    "drawn",
    "in_notebook",
    "nested",
    "sampled",
    "scanned",
    "searched",
]

# Seconds between two pictures of a bar.
_PAUSE = 0.2


class Bar(Protocol):
    """What is told how far something is."""

    def step(self, done: int, total: int | None = None, text: str = "") -> None:
        """Tell how far it is.

        Parameters
        ----------
        done : int
        total : int or None
            None if not known.
        text : str
            More about the state.
        """


@contextmanager
def bar(stage: str, wanted: bool | None, total: int | None = None) -> Iterator[Bar]:
    """A progress bar for the time of a stage.

    Parameters
    ----------
    stage : str
        Such as ``"sample"``.
    wanted : bool or None
        True shows a bar (on standard error outside notebooks), False none; None shows one in a
        notebook alone.
    total : int, optional
        What there is to do, if it is known.

    Yields
    ------
    Bar

    Raises
    ------
    ParameterError
        If `wanted` is something else.
    """
    if wanted is not None:
        check_kind("progress", wanted, bool, "True, False or None")
    if wanted is False or (wanted is None and not in_notebook()):
        yield _Silent()
    elif in_notebook():
        with _Displayed(stage, total) as displayed:
            yield displayed
    else:
        with reporter() as told:
            told.step(stage, 0, total)
            yield _Told(stage, told.step)


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook."""
    python = sys.modules.get("IPython")
    shell = None if python is None else python.get_ipython()
    return getattr(shell, "kernel", None) is not None


class _Silent:
    """Says nothing."""

    def step(self, done: int, total: int | None = None, text: str = "") -> None:
        """Pass."""


class _Told:
    """Tells a reporter of one stage."""

    def __init__(self, stage: str, step: Callable[..., None]) -> None:
        self._stage, self._step = stage, step

    def step(self, done: int, total: int | None = None, text: str = "") -> None:
        """Pass it on."""
        self._step(self._stage, done, total, text)


class _Displayed:
    """A bar in the output of a cell, displayed again as it moves."""

    def __init__(self, stage: str, total: int | None) -> None:
        self._stage, self._state = stage, (0, total, "")
        self._begun = self._last = time.monotonic()
        self._handle: Any = None

    def step(self, done: int, total: int | None = None, text: str = "") -> None:
        """Move the bar; it is drawn now and then."""
        self._state = (done, total, text)
        if time.monotonic() - self._last >= _PAUSE:
            self._draw("")

    def _draw(self, end: str) -> None:
        self._last = time.monotonic()
        self._handle.update(self._picture(end), raw=True)

    def _picture(self, end: str) -> dict[str, str]:
        done, total, text = self._state
        count = str(done) if total is None else f"{done} / {total}"
        parts = [self._stage, count, f"{time.monotonic() - self._begun:.0f} s", text, end]
        words = ", ".join(part for part in parts if part)
        # Without a value the bar only shows that something goes on.
        place = "" if total is None and not end else f' value="{done}" max="{total or done or 1}"'
        html = f'<progress{place} style="width:16em"></progress> {escape(words)}'
        return {"text/html": html, "text/plain": words}

    def __enter__(self) -> _Displayed:
        from IPython import display

        show: Any = display.display
        self._handle = show(self._picture(""), raw=True, display_id=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self._draw("done" if kind is None else "stopped")


def sampled(shown: Bar, also: Report | None = None) -> Report:
    """What sampling reports, told to a bar and to whoever else asked."""

    def report(steps: int, verdict: Verdict, collect: Any) -> None:
        needed = verdict.steps_needed
        shown.step(steps, None if needed is None else max(verdict.steps + needed, steps))
        if also is not None:
            also(steps, verdict, collect)

    return report


def scanned(shown: Bar) -> Callable[[Scan], None]:
    """What a scan reports, told to a bar."""

    def report(scan: Scan) -> None:
        done = int(np.count_nonzero(scan.status >= ScanStatus.CONVERGED))
        shown.step(done, int(np.count_nonzero(scan.status != ScanStatus.NOT_ASKED)))

    return report


def drawn(shown: Bar, also: Callable[[ToyStudy], None] | None = None) -> Callable[[ToyStudy], None]:
    """What toys report, told to a bar and to whoever else asked."""

    def report(study: ToyStudy) -> None:
        shown.step(study.done, study.number)
        if also is not None:
            also(study)

    return report


def counted(
    shown: Bar, also: Callable[[int, int], None] | None = None
) -> Callable[[int, int], None]:
    """What limits report, told to a bar and to whoever else asked."""

    def report(done: int, total: int) -> None:
        shown.step(done, total)
        if also is not None:
            also(done, total)

    return report


def searched(
    shown: Bar, also: Callable[[ScanSignificance], None] | None = None
) -> Callable[[ScanSignificance], None]:
    """What the search for an excess reports, told to a bar and to whoever else asked."""

    def report(found: ScanSignificance) -> None:
        shown.step(found.drawn, found.most)
        if also is not None:
            also(found)

    return report


def nested(
    shown: Bar, wanted: float, also: Callable[[int, int, float], None] | None = None
) -> Callable[[int, int, float], None]:
    """What nested sampling reports, told to a bar and to whoever else asked."""

    def report(run: int, calls: int, effective: float) -> None:
        # The last step of a sampler may have more effective samples than were asked for.
        done = min(int(effective), int(wanted))
        shown.step(done, int(wanted), f"run {run + 1}, {calls} points")
        if also is not None:
            also(run, calls, effective)

    return report
