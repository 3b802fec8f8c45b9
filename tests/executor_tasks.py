"""Tasks that workers in other processes import: good ones and bad ones."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any


class Deadly:
    """Ends the process that rebuilds it."""

    def __reduce__(self) -> Any:
        return os._exit, (1,)


def square(problem: Any, item: int) -> int:
    return problem * item * item


def whoever(problem: Any, item: int) -> tuple[int, str]:
    return os.getpid(), os.environ["OPENBLAS_NUM_THREADS"]


def fails_at_three(problem: Any, item: int) -> int:
    if item == 3:
        raise ValueError("not three")
    return item


def unknown(problem: Any, item: int) -> int:
    from bsinv.errors import UnknownNameError

    raise UnknownNameError("model", "wte", ["wet", "wet-lfu"])


def dies_at_two(problem: Any, item: int) -> int:
    if item == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def dies_once(problem: Any, item: int) -> int:
    """Kill the worker of item 2 once; the problem is the directory of a mark."""
    with (Path(problem) / f"done-{item}").open("a") as file:
        file.write("x")
    if item == 2 and (Path(problem) / "done-2").stat().st_size == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def marks_slowly(problem: Any, item: int) -> int:
    """Count that an item was begun; the problem is the directory of the marks."""
    with (Path(problem) / f"begun-{item}").open("a") as file:
        file.write("x")
    time.sleep(0.3)
    return item


def toys_and_memory(problem: Any, item: int) -> float:
    """Resident memory in MB after a chunk of four toys."""
    from bsinv.fitter.drivers.data_sets.toys import ToyPlan, toy_chunk

    toy_chunk(problem, ToyPlan(problem.start, (0,), seed=1, size=4), item)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
