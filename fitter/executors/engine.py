"""What an engine is: it takes calls, has them done somewhere, and gives back futures."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from .shipping import Outcome, Payload

__all__ = ["TRIES", "Engine", "Task"]

Task = Callable[[Any, Any], Any]
"""A pure function of a problem and an item, that can be pickled."""


TRIES = 3
"""Failures after which a task is given up."""


class Engine(ABC):
    """Where tasks are done.

    Attributes
    ----------
    name : str
        As it is told, such as ``"2 processes"``.
    generation : int
        Rises when all that was under way is lost, and the problem has to be brought again.
    """

    name: str
    generation: int = 0

    @property
    @abstractmethod
    def workers(self) -> int:
        """Tasks that are done at the same time, now."""

    @property
    def capacity(self) -> int:
        """Tasks that may be under way."""
        return self.workers

    @abstractmethod
    def start(self, payload: Payload) -> None:
        """Bring a problem to the workers; another one may follow later."""

    @abstractmethod
    def submit(self, payload: Payload, task: Task, item: Any) -> Future[Outcome]:
        """Have a task done."""

    @abstractmethod
    def recover(self, error: BaseException) -> int:
        """Go on after a future that ended with an error, which is none of its task.

        Returns
        -------
        int
            Tries that the task has used up: none where something else than it is to blame.

        Raises
        ------
        ExecutorError
            If nothing can be done here any more.
        """

    @abstractmethod
    def close(self, now: bool) -> None:
        """End; `now` leaves what is under way."""
