"""Tasks that workers in other processes import: good ones and bad ones."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any


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


def memory(problem: Any, item: int) -> float:
    """Resident memory in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
