"""One list of tasks from the first to the last: what is left, under way, tried again, given up."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ...errors import BsinvError, ExecutorError
from .engine import TRIES, Engine, Task
from .shipping import Failure, Outcome, Payload, raised

__all__ = ["Here", "Tally", "There", "Tick", "no_tick"]

# Seconds between two looks at whether to stop.
_LOOK = 0.2
# Times that an engine is mended without one task done in between.
_MENDED = 10


@dataclass
class Tally:
    """How far a list of tasks is.

    Attributes
    ----------
    total, done, failed : int
    retried : int
        Tries that failed and were followed by another.
    begun : float
        Of `time.monotonic`.
    """

    total: int
    done: int = 0
    failed: int = 0
    retried: int = 0
    begun: float = field(default_factory=time.monotonic)


Tick: TypeAlias = Callable[[Tally], None]


def no_tick(tally: Tally) -> None:
    """Do nothing between two looks."""


class _Round:
    """What work here and elsewhere have in common: counting."""

    def __init__(self, items: Sequence[Any]) -> None:
        self.items, self.tally = items, Tally(len(items))
        self._tries, self._given_up = Counter[int](), dict[int, Failure]()

    def _failed(self, index: int, failure: Failure, tries: int) -> bool:
        """Count tries of a task that failed; whether it is given up."""
        self._tries[index] += tries
        if self._tries[index] < TRIES:
            self.tally.retried += tries
            return False
        self.tally.failed += 1
        self._given_up[index] = failure
        return True

    def raise_failures(self) -> None:
        """Raise ExecutorError if tasks were given up; it names them."""
        if not self._given_up:
            return
        failures = Counter(failure.sentence for failure in self._given_up.values())
        why = "; ".join(sentence.rstrip(".") for sentence, _ in failures.most_common(3))
        numbers = sorted(self._given_up)
        told = ", ".join(str(index) for index in numbers[:20])
        more = f" and {len(numbers) - 20} more" if len(numbers) > 20 else ""
        many = len(numbers) > 1
        raise ExecutorError(
            f"task{'s' * many} {told}{more} failed {TRIES} times{' each' * many} ({why})."
        )


class Here(_Round):
    """Tasks that are done in this process, one after the other."""

    def __init__(self, problem: Any, task: Task, items: Sequence[Any], tick: Tick) -> None:
        super().__init__(items)
        self._problem, self._task, self._tick = problem, task, tick

    def results(self) -> Iterator[tuple[int, Any]]:
        """Yield index and result of each task that did not fail."""
        left = deque(range(len(self.items)))
        while left:
            self._tick(self.tally)
            index = left.popleft()
            try:
                value = self._task(self._problem, self.items[index])
            except BsinvError:
                raise
            except Exception as error:
                if len(self.items) == 1:  # nothing else waits: the traceback says more
                    raise
                if not self._failed(index, Failure(type(error).__name__, str(error)), 1):
                    left.append(index)
                continue
            self.tally.done += 1
            yield index, value


class There(_Round):
    """Tasks that an engine does.

    Parameters
    ----------
    engine : Engine
    payload : Payload
    rejected : callable
        Told of what the problem rejected in each task.
    task, items, tick
        As for `Workers.map`.
    """

    def __init__(
        self,
        engine: Engine,
        payload: Payload,
        rejected: Callable[[Counter[str]], None],
        task: Task,
        items: Sequence[Any],
        tick: Tick,
    ) -> None:
        super().__init__(items)
        self._engine, self._payload, self._rejected = engine, payload, rejected
        self._task, self._tick = task, tick
        self._left, self._running = deque(range(len(items))), dict[Future[Outcome], int]()
        self._mended = 0

    def results(self) -> Iterator[tuple[int, Any]]:
        """Yield index and result of each task that did not fail, as they come."""
        self._engine.start(self._payload)
        try:
            while self._left or self._running:
                self._tick(self.tally)
                self._submit()
                done: set[Future[Outcome]] = set()
                if self._running:
                    done = wait(self._running, _LOOK, FIRST_COMPLETED).done
                elif self._left:
                    time.sleep(_LOOK)
                for future in sorted(done, key=self._running.__getitem__):
                    if future not in self._running:  # its engine was mended since
                        continue
                    index = self._running.pop(future)
                    outcome = self._outcome(future, index)
                    if outcome is not None:
                        self.tally.done += 1
                        yield index, outcome.value
        finally:
            for future in self._running:
                future.cancel()

    def _submit(self) -> None:
        """Give the engine as many tasks as it takes."""
        while self._left and len(self._running) < self._engine.capacity:
            try:
                future = self._engine.submit(self._payload, self._task, self.items[self._left[0]])
            except ConnectionError as error:
                self._mend(error)
                return
            self._running[future] = self._left.popleft()

    def _outcome(self, future: Future[Outcome], index: int) -> Outcome | None:
        """Outcome of a future; None if it failed, which was counted."""
        try:
            outcome = future.result()
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            failure = Failure(type(error).__name__, str(error) or "the worker is gone")
            if not self._failed(index, failure, self._mend(error)):
                self._left.append(index)
            return None
        if outcome.failure is None:
            self._mended = 0
            self._rejected(outcome.rejected)
            return outcome
        if outcome.failure.final:
            raise raised(outcome.failure)
        if not self._failed(index, outcome.failure, 1):
            self._left.append(index)
        return None

    def _mend(self, error: BaseException) -> int:
        """Mend the engine; tries that the task has used up."""
        self._mended += 1
        if self._mended > _MENDED + TRIES * self._engine.workers:
            raise ExecutorError(
                f"{self._engine.name}: workers are lost again and again "
                f"({type(error).__name__}: {error})."
            )
        generation = self._engine.generation
        tries = self._engine.recover(error)
        if self._engine.generation != generation:
            # All that was under way is lost, and nothing of it to blame.
            self._left.extend(self._running.values())
            self._running.clear()
            self._engine.start(self._payload)
        return tries
