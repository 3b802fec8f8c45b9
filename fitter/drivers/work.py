"""How drivers have work done: pure tasks of a problem, and whoever does them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

__all__ = ["Work", "one_by_one"]

Work: TypeAlias = Callable[
    [Callable[[Any, Any], Any], Sequence[Any]],
    Iterator[tuple[int, Any]],
]
"""Of a task (a pure function of a problem and an item) and items: yields the index of an item and
the result, in any order. `fitter.executors.Workers.map` is one."""


def one_by_one(problem: Any) -> Work:
    """Tasks that are done here, one after the other.

    Parameters
    ----------
    problem : Problem
        First argument of each task.
    """

    def work(task: Callable[[Any, Any], Any], items: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        for index, item in enumerate(items):
            yield index, task(problem, item)

    return work
