"""Workers of Dask (`distributed`), on this machine or a cluster."""

from __future__ import annotations

import contextlib
import time
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any

import distributed

from ...errors import ExecutorError
from ..analysis_file.executor import ExecutorName
from .engine import TRIES, Engine, Task
from .processes import cores
from .shipping import Outcome, Payload, forget, install, perform

__all__ = ["DaskWorkers"]

# Its functions have no types.
_distributed: Any = distributed

# Seconds that a scheduler has to answer, and to come back after it was lost.
_ANSWER, _RETURN = 15.0, 120.0
# Seconds after which the number of workers is asked for again.
_RECOUNT = 2.0


class DaskWorkers(Engine):
    """Workers of a Dask scheduler; they may come and go.

    Parameters
    ----------
    given : ExecutorName
        An address, a file of the scheduler, or the number of local processes.

    Raises
    ------
    ExecutorError
        If no scheduler answers.
    """

    def __init__(self, given: ExecutorName) -> None:
        self._cluster: Any = None
        self._address = given.address
        if not given.address:
            number = given.workers or cores()
            self._cluster = _distributed.LocalCluster(
                n_workers=number, threads_per_worker=1, dashboard_address=None
            )
            self._address = self._cluster.scheduler_address
        self._client: Any
        self._plugins: list[str]
        self._pool: Any = None
        self._number, self._counted = 0, -_RECOUNT
        self._connect(_ANSWER)
        self.name = f"{self.workers} workers of Dask at {self._client.scheduler.address}"

    def _connect(self, seconds: float) -> None:
        """Find the scheduler, which may take a while to come back."""
        until = time.monotonic() + seconds
        while True:
            try:
                self._client = _distributed.Client(
                    **self._where(), timeout=min(seconds, 10.0), set_as_default=False
                )
                break
            except (OSError, ValueError, TimeoutError) as error:
                if time.monotonic() > until:
                    raise ExecutorError(
                        f"executor 'dask:{self._address}': no scheduler answers "
                        f"({type(error).__name__}): what was done before is kept."
                    ) from error
                time.sleep(0.5)
        self._plugins = []  # a scheduler that begins again knows none
        # One call is one task, even if the same was asked for before.
        self._pool = self._client.get_executor(pure=False)
        self._counted = -_RECOUNT

    def _where(self) -> dict[str, Any]:
        if self._address.endswith(".json"):
            if not Path(self._address).is_file():
                raise OSError(f"no file {self._address}")
            return {"scheduler_file": self._address}
        return {"address": self._address}

    @property
    def workers(self) -> int:
        """Threads of all workers that are there."""
        if time.monotonic() - self._counted > _RECOUNT:
            try:
                self._number = sum(self._client.nthreads().values())
            except (OSError, TimeoutError, CancelledError):  # told of by the futures
                self._number = max(self._number, 1)
            self._counted = time.monotonic()
        return self._number

    @property
    def capacity(self) -> int:
        """Some that wait, so that no worker does; one at least for workers that come later."""
        return max(self.workers + (self.workers + 1) // 2, 1)

    def start(self, payload: Payload) -> None:
        """Register a problem, which workers that come later get too."""
        # Other programs may have the same problem there.
        name = f"bsinv-{payload.key}-{self._client.id}"
        if name not in self._plugins:
            self._client.register_plugin(_Installed(payload), name=name)
            self._plugins.append(name)

    def submit(self, payload: Payload, task: Task, item: Any) -> Future[Outcome]:
        """Give a task to the scheduler."""
        try:
            future: Future[Outcome] = self._pool.submit(perform, payload.key, task, item)
        except Exception as error:
            raise ConnectionError(str(error)) from error
        return future

    def recover(self, error: BaseException) -> int:
        """Find the scheduler again; Dask itself moves tasks of workers that are gone."""
        if isinstance(error, distributed.KilledWorker):
            return TRIES  # it had several workers, one after the other
        if self._client.status != "running" or isinstance(error, CancelledError | OSError):
            self._drop_client()
            self._connect(_RETURN)
            self.generation += 1
        return 0

    def _drop_client(self) -> None:
        with contextlib.suppress(OSError, TimeoutError, RuntimeError):  # it may be gone
            self._client.close(timeout=2)

    def close(self, now: bool) -> None:
        """Leave the scheduler; one that was begun here ends."""
        try:
            self._pool.shutdown(wait=False)
            with contextlib.suppress(OSError, TimeoutError, RuntimeError, ValueError):
                for name in self._plugins:
                    self._client.unregister_worker_plugin(name)
        finally:
            self._drop_client()
            if self._cluster is not None:
                self._cluster.close(timeout=10)


class _Installed(distributed.WorkerPlugin):
    """Brings a problem to a worker when it begins."""

    def __init__(self, payload: Payload) -> None:
        self.payload = payload

    def setup(self, worker: Any) -> None:
        """Keep the problem."""
        install(self.payload)

    def teardown(self, worker: Any) -> None:
        """Drop it."""
        forget(self.payload.key)
