"""Tasks of one problem, done by an engine: retried, counted, told of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from types import TracebackType
from typing import Any, Self

from ...errors import MissingExtraError
from ..analysis_file.executor import AUTO, executor_name
from ..plugins import Plugin
from .engine import Engine, Task
from .rounds import Here, Tally, There, Tick, no_tick
from .shipping import Payload, packed

__all__ = ["SERIAL", "Tally", "Workers", "check_executor", "map_tasks"]

SERIAL = "serial"

# Packages that executors need, and the extras that install them.
_PACKAGES = {"dask": ("distributed", "dask"), "mpi": ("mpi4py", "mpi")}


def check_executor(executor: Any) -> None:
    """Refuse what is no executor, before any work is begun.

    Parameters
    ----------
    executor : str, object or None
        As for `Workers`; None for that of the analysis.

    Raises
    ------
    ParameterError
        If it is none.
    MissingExtraError
        If a package that it needs is not installed.
    """
    if executor is None:
        return
    if not isinstance(executor, str):
        from .given import Given

        Given(executor)
        return
    kind = executor_name(executor).kind
    package, extra = _PACKAGES.get(kind, ("", ""))
    if package and find_spec(package) is None:
        raise MissingExtraError(package, extra, f"the executor {kind!r}")


class Workers:
    """Does tasks of one problem; closed at its end.

    Parameters
    ----------
    executor : str or object
        ``"serial"``, ``"processes:4"``, ``"dask:ADDRESS"``, ``"dask:local:4"``, ``"mpi"``, or an
        object with the interface of `concurrent.futures.Executor`.
    problem : object
        First argument of every task.
    plugins : sequence of Plugin
        Those that objects of the problem are from.

    Raises
    ------
    ParameterError
        If the executor is none.
    MissingExtraError
        If a package that it needs is not installed.
    ExecutorError
        If its workers cannot be had.
    """

    def __init__(self, executor: Any, problem: Any, plugins: Sequence[Plugin] = ()) -> None:
        self.problem, self._plugins = problem, tuple(plugins)
        self._engine = _engine(executor)
        self._payload: Payload | None = None

    @property
    def serial(self) -> bool:
        """Whether tasks are done here, one after the other."""
        return self._engine is None

    @property
    def name(self) -> str:
        """As it is told, such as ``"2 processes"``."""
        return SERIAL if self._engine is None else self._engine.name

    @property
    def workers(self) -> int:
        """Tasks that are done at the same time."""
        return 1 if self._engine is None else max(self._engine.workers, 1)

    def map(
        self,
        task: Task,
        items: Sequence[Any],
        tick: Tick = no_tick,
    ) -> Iterator[tuple[int, Any]]:
        """Do a task for each item.

        Parameters
        ----------
        task : callable
            Pure function of the problem and an item, that can be pickled. It fixes its own batches
            and random numbers.
        items : sequence
        tick : callable, optional
            Called several times a second (between two tasks, if they are done here) with the
            `Tally`; what it raises ends the work.

        Yields
        ------
        index : int
            Of the item.
        result : object
            In the order in which they are done.

        Raises
        ------
        BsinvError
            As the task, if it raises one: at once.
        ExecutorError
            At the end, if tasks failed three times each: it names them.
        """
        if self._engine is None:
            work: Here | There = Here(self.problem, task, items, tick)
        else:
            work = There(self._engine, self._packed(), self._rejected, task, items, tick)
        yield from work.results()
        work.raise_failures()

    def gather(
        self,
        task: Task,
        items: Sequence[Any],
        tick: Tick = no_tick,
    ) -> list[Any]:
        """Results of `map` in the order of the items."""
        found = dict(self.map(task, items, tick))
        return [found[index] for index in range(len(items))]

    def _packed(self) -> Payload:
        if self._payload is None:
            self._payload = packed(self.problem, self._plugins)
        return self._payload

    def _rejected(self, counted: Counter[str]) -> None:
        own = getattr(self.problem, "rejected", None)
        if isinstance(own, Counter):
            own.update(counted)

    def close(self, now: bool = False) -> None:
        """End the workers; `now` leaves what is under way."""
        if self._engine is not None:
            self._engine.close(now)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close(now=error is not None)


def _engine(executor: Any) -> Engine | None:
    """Engine of a name or an object; None for work that is done here."""
    if not isinstance(executor, str):
        from .given import Given

        return Given(executor)
    named = executor_name(executor)
    if named.kind in (SERIAL, AUTO):
        return None
    if named.kind == "processes":
        from .processes import Processes

        return Processes(named.workers)
    if named.kind == "mpi":
        from .ranks import Ranks

        return Ranks()
    try:
        from .dask import DaskWorkers
    except ImportError:
        raise MissingExtraError(*_PACKAGES["dask"], "the executor 'dask'") from None
    return DaskWorkers(named)


def map_tasks(
    task: Task,
    items: Sequence[Any],
    problem: Any = None,
    executor: Any = SERIAL,
    plugins: Sequence[Plugin] = (),
    tick: Tick = no_tick,
) -> list[Any]:
    """Do a task for each item, and return the results in their order.

    Parameters
    ----------
    task : callable
        Pure function of the problem and an item, that can be pickled.
    items : sequence
    problem : object, optional
    executor, plugins
        As for `Workers`.
    tick : callable, optional
        As for `Workers.map`.

    Returns
    -------
    list

    Raises
    ------
    BsinvError
        As `Workers` and `Workers.map`.
    """
    with Workers(executor, problem, plugins) as workers:
        return workers.gather(task, items, tick)
