"""Processes of this machine, each a pool of its own: one that dies takes only its task with it."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor
from concurrent.futures import wait as wait_for
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import Any

from ...errors import ExecutorError
from .engine import Engine, Task
from .shipping import Outcome, Payload, install, perform

__all__ = ["Processes", "cores"]


# Processes that may die before any has done a task.
_STILLBORN = 4


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Processes(Engine):
    """Processes of this machine.

    Parameters
    ----------
    number : int, optional
        As many as cores by default.
    """

    def __init__(self, number: int | None = None) -> None:
        self._number = number or cores()
        self.name = f"{self._number} process{'es' if self._number > 1 else ''}"
        self._pools: list[ProcessPoolExecutor | None] = [None] * self._number
        self._busy: dict[int, Future[Outcome]] = {}
        self._loaded: list[str] = [""] * self._number
        self._born, self._stillborn = False, 0

    @property
    def workers(self) -> int:
        """Their number."""
        return self._number

    def start(self, payload: Payload) -> None:
        """Nothing: a process gets the problem when it begins, or with its first task of it."""

    def submit(self, payload: Payload, task: Task, item: Any) -> Future[Outcome]:
        """Give a task to a process that has none."""
        place = self._place()
        pool = self._pools[place]
        if pool is None:
            # From the start rather than forked: threads and open files are not taken along.
            pool = self._pools[place] = ProcessPoolExecutor(
                1, multiprocessing.get_context("spawn"), _begin, (payload,)
            )
            self._loaded[place] = payload.key
        elif self._broken(place):
            self.recover(BrokenProcessPool())  # of work that was left
            return self.submit(payload, task, item)
        known = self._loaded[place] == payload.key
        self._loaded[place] = payload.key
        try:
            with _one_thread():  # a process is begun here
                future = pool.submit(perform, payload.key if known else payload, task, item)
        except BrokenProcessPool:  # it was killed while it had nothing to do
            self._drop(place)
            return self.submit(payload, task, item)
        future.add_done_callback(self._note)
        self._busy[place] = future
        return future

    def _note(self, future: Future[Outcome]) -> None:
        self._born = self._born or (not future.cancelled() and future.exception() is None)

    def _place(self) -> int:
        """A process without a task; what was left under way before is waited for."""
        while True:
            for at in range(self._number):
                if self._free(at):
                    return at
            wait_for(self._busy.values(), return_when=FIRST_COMPLETED)

    def _broken(self, place: int) -> bool:
        """Whether the process died over its last task."""
        future = self._busy.get(place)
        if future is None or not future.done() or future.cancelled():
            return False
        return isinstance(future.exception(), BrokenProcessPool)

    def _free(self, place: int) -> bool:
        return place not in self._busy or self._busy[place].done()

    def recover(self, error: BaseException) -> int:
        """Forget processes that died; others begin in their places."""
        if not isinstance(error, BrokenProcessPool):
            return 1
        self._stillborn += not self._born
        if self._stillborn > _STILLBORN:
            raise ExecutorError(
                f"executor {self.name}: processes end before they have done anything. In a script, "
                "what uses them must stand below if __name__ == '__main__': (each of them imports "
                "the script); else memory may be short."
            )
        for place in list(self._busy):
            if self._broken(place):
                self._drop(place)
        return 1

    def _drop(self, place: int) -> None:
        pool = self._pools[place]
        if pool is not None:
            pool.shutdown(wait=False)
        self._pools[place] = None
        self._busy.pop(place, None)

    def close(self, now: bool) -> None:
        """End the processes."""
        for place, pool in enumerate(self._pools):
            if pool is None:
                continue
            if now and not self._free(place):
                for process in list((getattr(pool, "_processes", None) or {}).values()):
                    process.kill()
            pool.shutdown(wait=True, cancel_futures=True)
            self._pools[place] = None


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Environment of a process that begins: its linear algebra has one thread."""
    names = [f"{library}_NUM_THREADS" for library in ("OPENBLAS", "OMP", "MKL")]
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _begin(payload: Payload) -> None:
    """Begin as a worker: the problem is kept, Ctrl-C is for the main process, as is its end."""
    with contextlib.suppress(ValueError, OSError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    install(payload)


def _end_with(sentinel: Any) -> None:
    """End this process when the one that began it is gone, however it ended."""
    wait([sentinel])
    os._exit(1)
