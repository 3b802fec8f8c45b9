from __future__ import annotations

import contextlib
import os
import signal
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import executor_tasks as tasks
import pytest
from bsinv.errors import ExecutorError, ParameterError, UnknownNameError
from bsinv.fitter.analysis_file.executor import executor_name
from bsinv.fitter.executors import Tally, Workers, map_tasks


@pytest.mark.parametrize(
    ("text", "kind", "workers", "address"),
    [
        ("serial", "serial", None, ""),
        ("auto", "auto", None, ""),
        ("processes", "processes", None, ""),
        ("processes:12", "processes", 12, ""),
        ("dask:local", "dask", None, ""),
        ("dask:local:3", "dask", 3, ""),
        ("dask:tcp://node7:8786", "dask", None, "tcp://node7:8786"),
        ("dask:node7:8786", "dask", None, "node7:8786"),
        ("dask:/home/me/scheduler.json", "dask", None, "/home/me/scheduler.json"),
        ("mpi", "mpi", None, ""),
    ],
)
def test_names(text: str, kind: str, workers: int | None, address: str) -> None:
    found = executor_name(text)
    assert (found.kind, found.workers, found.address) == (kind, workers, address)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("proceses:2", "unknown executor 'proceses:2': did you mean 'processes'?"),
        ("slurm", "Allowed: serial, processes:N, dask:ADDRESS"),
        ("", "unknown executor ''"),
        ("processes:", "'' is no number of processes from 1 to 4096"),
        ("processes:0", "'0' is no number"),
        ("processes:-1", "'-1' is no number"),
        ("processes:2.5", "'2.5' is no number"),
        ("processes:99999999999999999999", "is no number"),
        ("dask", "the address of a scheduler is needed, such as dask:tcp://host:8786"),
        ("dask:node7", "the address of a scheduler is needed"),
        ("dask:local:0", "'0' is no number of processes"),
        ("serial:2", "nothing follows 'serial'"),
        ("mpi:4", "the number of ranks is that of mpirun"),
        (3, "executor 3: a text is needed"),
    ],
)
def test_what_is_no_name(text: Any, message: str) -> None:
    with pytest.raises(ParameterError) as caught:
        executor_name(text)
    assert message in str(caught.value)


def collect(workers: Workers, task: Any, items: Any, into: list[Any], *look: Any) -> None:
    for _, result in workers.map(task, items, *look):
        into.append(result)


def test_results_come_in_order_and_processes_have_one_thread() -> None:
    assert map_tasks(tasks.square, range(5), 2) == [0, 2, 8, 18, 32]
    with Workers("processes:2", 2) as workers:
        assert workers.name == "2 processes"
        assert workers.gather(tasks.square, range(5)) == [0, 2, 8, 18, 32]
        found = workers.gather(tasks.whoever, range(8))
        assert 1 <= len({process for process, _ in found}) <= 2
        assert {threads for _, threads in found} == {"1"}
        assert workers.gather(tasks.square, []) == []
        # Three tries, then it is told of; the others are done.
        seen: list[Any] = []
        with pytest.raises(ExecutorError, match=r"task 3 failed 3 times \(ValueError: not three"):
            collect(workers, tasks.fails_at_three, range(5), seen)
        assert sorted(seen) == [0, 1, 2, 4]
        # An error of the package would come again: it ends the work, as what it was.
        with pytest.raises(UnknownNameError, match="unknown model 'wte': did you mean 'wet'"):
            workers.gather(tasks.unknown, range(5))
        with pytest.raises(ExecutorError, match=r"task 2 failed 3 times \(BrokenProcessPool"):
            workers.gather(tasks.dies_at_two, range(4))
        # The pool goes on, also where processes are killed that have nothing to do.
        for process, _ in workers.gather(tasks.whoever, range(4)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.5)
        assert workers.gather(tasks.square, range(3)) == [0, 2, 8]


def test_here_failures_are_counted_in_the_same_way() -> None:
    seen: list[Any] = []
    with (
        Workers("serial", None) as workers,
        pytest.raises(ExecutorError, match=r"task 3 failed 3 times \(ValueError: not three"),
    ):
        collect(workers, tasks.fails_at_three, range(5), seen)
    assert seen == [0, 1, 2, 4]
    with pytest.raises(UnknownNameError, match="'wte'"):
        map_tasks(tasks.unknown, [1])
    with pytest.raises(ValueError, match="not three"):
        map_tasks(tasks.fails_at_three, [3])


def test_a_dead_worker_costs_its_task_alone(tmp_path: Path) -> None:
    assert map_tasks(tasks.dies_once, range(6), str(tmp_path), "processes:2") == [*range(6)]
    times = [len((tmp_path / f"done-{item}").read_text()) for item in range(6)]
    assert times == [1, 1, 2, 1, 1, 1]


def test_an_executor_of_ones_own() -> None:
    with ThreadPoolExecutor(2) as pool:
        assert map_tasks(tasks.square, range(4), 3, pool) == [0, 3, 12, 27]
        assert pool.submit(int, "1").result() == 1  # it is left as it was
    with pytest.raises(ExecutorError, match="ThreadPoolExecutor takes no tasks: cannot schedule"):
        map_tasks(tasks.square, range(4), 3, pool)
    with (
        ProcessPoolExecutor(1) as broken,
        pytest.raises(ExecutorError, match="ProcessPoolExecutor is broken"),
    ):
        map_tasks(tasks.dies_at_two, range(4), None, broken)
    for none in (3, None, ThreadPoolExecutor, object()):
        with pytest.raises(ParameterError, match="with the methods submit and shutdown"):
            Workers(none, None)

    class Other(Executor):
        def submit(self, *given: Any, **named: Any) -> Any:
            return 1

    with pytest.raises(ParameterError, match=r"submit gives int, not a concurrent.futures.Future"):
        map_tasks(tasks.square, [1], 1, Other())


def test_what_cannot_be_sent_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ExecutorError) as caught:
        map_tasks(tasks.square, [1], Future(), "processes:1")
    told = str(caught.value)
    assert told.startswith("the analysis cannot be sent to other processes (cannot pickle")
    assert told.endswith("plugin (docs/guide/your-own.md), or use the executor 'serial'.")


def test_processes_that_end_at_once_are_told() -> None:
    with pytest.raises(ExecutorError) as caught:
        map_tasks(tasks.square, [1, 2], tasks.Deadly(), "processes:1")
    assert "processes end before they have done anything. In a script," in str(caught.value)


def test_a_look_can_end_the_work() -> None:
    class Enough(Exception):
        pass

    def look(tally: Tally) -> None:
        if tally.done == 2:
            raise Enough

    for executor in ("serial", "processes:1"):
        seen: list[Any] = []
        began = time.monotonic()
        with pytest.raises(Enough), Workers(executor, 1) as workers:
            collect(workers, tasks.square, range(50), seen, look)
        assert seen == [0, 1]
        assert time.monotonic() - began < 60.0
