"""Ranks of MPI: rank 0 gives out the tasks, the others do them (`mpi4py.futures`)."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from ...errors import ExecutorError, MissingExtraError
from .engine import Engine, Task
from .shipping import Outcome, Payload, install, perform

__all__ = ["Ranks"]

_START = "mpirun -n 8 python -m mpi4py.futures -m bsinv toys … --executor mpi"


class Ranks(Engine):
    """Ranks of MPI, in a program that was started as ``python -m mpi4py.futures``.

    Raises
    ------
    MissingExtraError
        If mpi4py is not installed.
    ExecutorError
        If there are no ranks that wait for tasks.
    """

    def __init__(self) -> None:
        try:
            from mpi4py.futures import _core
        except ImportError:
            raise MissingExtraError("mpi4py", "mpi", "the executor 'mpi'") from None
        except RuntimeError as error:  # mpi4py without a library of MPI
            raise ExecutorError(f"executor 'mpi': {str(error).partition(chr(10))[0]}") from error
        # A pool that spawns ranks of its own is what batch systems do not allow.
        if getattr(_core, "SharedPool", None) is None:
            raise ExecutorError(f"executor 'mpi': there are no ranks for tasks; start as {_START}")
        self._pool: Any = None
        self._number = 0
        self._loaded = ""
        self.name = "MPI"

    @property
    def workers(self) -> int:
        """Ranks but for the first."""
        return self._number

    @property
    def capacity(self) -> int:
        """Each rank has one that waits."""
        return 2 * self._number

    def start(self, payload: Payload) -> None:
        """Send a problem to all ranks."""
        from mpi4py.futures import MPIPoolExecutor

        if self._loaded == payload.key:
            return
        if self._pool is not None:
            self._pool.shutdown(wait=True)
        self._pool = MPIPoolExecutor(initializer=install, initargs=(payload,))
        self._pool.bootup(wait=True)
        self._number, self._loaded = int(self._pool.num_workers), payload.key
        self.name = f"{self._number} MPI rank{'s' if self._number > 1 else ''} beside the first"

    def submit(self, payload: Payload, task: Task, item: Any) -> Future[Outcome]:
        """Give a task to a rank."""
        future: Future[Outcome] = self._pool.submit(perform, payload.key, task, item)
        return future

    def recover(self, error: BaseException) -> int:
        """Ranks do not die alone: the whole program ends with them."""
        return 1

    def close(self, now: bool) -> None:
        """Let the ranks go; MPI has no way to leave what they are doing."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
