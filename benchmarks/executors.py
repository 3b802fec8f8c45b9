"""Two processes against one: toys and scans, wall time and CPU time of all processes.

Run ``python benchmarks/executors.py [--workers 2] [--repeat 3] [--tiny]``. Serial and parallel runs
alternate, so that other work on the machine meets both. The efficiency T1 / (N TN) is that of wall
time, start of the workers included; where other programs take the cores, look at CPU time instead:
C1 / CN says what the work itself costs more, and the balance (time of all tasks over N times that
of the longest worker) how evenly it is shared.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import resource
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
from bsinv import load
from bsinv.fitter.executors import Workers, rounds, shipping

PARTICLE = """\
name: particle
model: two-body-br
likelihoods: [belle2-2023-bknunu]
parameters:
  m_X: {prior: {uniform: [0.0, 4.7]}}
  BR_K: {prior: {uniform: [0, 1000]}, start: 3.0}
form_factors:
  B->K: {set: BtoK_FLAG2021_HPQCD2022_BSZ, treatment: float}
seed: 1
"""


def cpu() -> float:
    """Seconds of CPU of this process and those that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def measured(work: Callable[[], Any]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    began, used = time.perf_counter(), cpu()
    work()
    return time.perf_counter() - began, cpu() - used


class Busy:
    """Seconds that each worker was at work."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._outcome = rounds.There._outcome

    def __enter__(self) -> "Busy":
        own, seconds = self._outcome, self.seconds

        def counted(there: Any, future: Any, index: int) -> shipping.Outcome | None:
            found = own(there, future, index)
            if found is not None:
                seconds[found.worker] += found.seconds
            return found

        rounds.There._outcome = counted  # type: ignore[assignment,method-assign]
        return self

    def __exit__(self, *args: Any) -> None:
        rounds.There._outcome = self._outcome  # type: ignore[method-assign]


def compared(name: str, work: Callable[[Any], Any], workers: int, repeat: int) -> None:
    walls, used, balance = [], [], []
    for _ in range(repeat):
        one = measured(lambda: work("serial"))
        with Busy() as busy:
            many = measured(lambda: work(f"processes:{workers}"))
        walls.append((one[0], many[0]))
        used.append((one[1], many[1]))
        balance.append(sum(busy.seconds.values()) / workers / max(busy.seconds.values()))
    wall, spent = np.min(walls, axis=0), np.min(used, axis=0)
    print(
        f"{name}: wall {wall[0]:.1f} s and {wall[1]:.1f} s, efficiency "
        f"{wall[0] / workers / wall[1]:.0%}; CPU {spent[0]:.1f} s and {spent[1]:.1f} s, "
        f"{spent[0] / spent[1]:.0%}; balance {np.median(balance):.0%}",
        flush=True,
    )


def start(workers: int) -> None:
    """Time until each worker has done its first task."""
    problem = load("belle2-signal-strength").problem

    def begin() -> None:
        with Workers(f"processes:{workers}", problem) as pool:
            pool.gather(abs_start, range(workers))

    wall, used = measured(begin)
    print(f"start of {workers} workers: {wall:.1f} s, {used:.1f} s of CPU", flush=True)


def abs_start(problem: Any, item: int) -> float:
    return float(problem.log_likelihood(problem.start[None])[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--toys", type=int, default=20_000)
    parser.add_argument("--points", type=int, default=80)
    parser.add_argument("--tiny", action="store_true", help="tiny sizes, to see that it runs")
    given = parser.parse_args()
    toys, points, repeat = given.toys, given.points, given.repeat
    if given.tiny:
        toys, points, repeat = 500, 11, 1
    start(given.workers)
    strength, particle = load("belle2-signal-strength"), load(PARTICLE)
    best = strength.fit(minos=())
    compared(
        f"{toys} toys of the signal strength",
        lambda executor: strength.toys({"mu": 1.0}, toys, best=best, seed=1, executor=executor),
        given.workers,
        repeat,
    )
    scan = {"m_X": np.linspace(0.1, 3.5, points)}
    compared(
        f"CLs limits at {points} points",
        lambda executor: particle.limit("BR_K", scan, executor=executor),
        given.workers,
        repeat,
    )


if __name__ == "__main__":
    main()
