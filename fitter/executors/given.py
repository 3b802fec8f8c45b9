"""Any executor with the interface of `concurrent.futures`: `submit` and `shutdown`."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, Future
from typing import Any

from ...errors import ExecutorError, ParameterError
from .engine import Engine, Task
from .shipping import Outcome, Payload, perform

__all__ = ["Given"]

# Tasks under way where an executor does not say how many workers it has.
_UNKNOWN = 16


class Given(Engine):
    """An executor that was brought along; who brought it ends it.

    Parameters
    ----------
    executor : object
        With ``submit(function, *arguments)``, which gives a `concurrent.futures.Future`.

    Raises
    ------
    ParameterError
        If it is none.
    """

    def __init__(self, executor: Any) -> None:
        for method in ("submit", "shutdown"):
            if not callable(getattr(executor, method, None)) or isinstance(executor, type):
                raise ParameterError(
                    f"executor {executor!r:.80}: a text such as 'processes:4', or an object with "
                    "the methods submit and shutdown of concurrent.futures.Executor, is needed."
                )
        self._executor = executor
        self.name = type(executor).__name__

    @property
    def workers(self) -> int:
        """As many as the executor says."""
        for attribute in ("num_workers", "_max_workers", "max_workers"):
            found = getattr(self._executor, attribute, None)
            if isinstance(found, int) and found > 0:
                return found
        return _UNKNOWN

    def start(self, payload: Payload) -> None:
        """Nothing: the problem goes with each task, since which worker has it is not known."""

    def submit(self, payload: Payload, task: Task, item: Any) -> Future[Outcome]:
        """Hand a task on."""
        try:
            future = self._executor.submit(perform, payload, task, item)
        except RuntimeError as error:  # broken, or shut down already
            raise ExecutorError(f"the executor {self.name} takes no tasks: {error}.") from error
        if not isinstance(future, Future):
            raise ParameterError(
                f"executor {self.name}: submit gives {type(future).__name__}, not a "
                "concurrent.futures.Future (of a Dask client: client.get_executor())."
            )
        return future

    def recover(self, error: BaseException) -> int:
        """Whether the task may be to blame; a broken executor cannot be mended here."""
        if isinstance(error, BrokenExecutor):
            raise ExecutorError(
                f"the executor {self.name} is broken ({error}): what was done before is kept, and "
                "the same command goes on with another executor."
            ) from error
        return 1

    def close(self, now: bool) -> None:
        """Leave it as it is."""
