"""Workers, schedulers and whole jobs that are killed: what was done is kept, no more is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import executor_tasks as tasks
import pytest
from bsinv.chains.files.store import read
from bsinv.fitter.drivers.data_sets import toys as driver
from bsinv.fitter.executors import Workers, map_tasks
from executor_jobs import differences, toys_alone
from executor_programs import cluster, environment


def in_thread(executor: str, directory: Path, number: int) -> tuple[threading.Thread, list[Any]]:
    """Have items marked one by one, and collect what comes."""
    found: list[Any] = []

    def work() -> None:
        with Workers(executor, str(directory)) as workers:
            for _, result in workers.map(tasks.marks_slowly, range(number)):
                found.append(result)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread, found


def wait_for(condition: Any, seconds: float = 120.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def times(directory: Path, number: int) -> list[int]:
    return [(directory / f"begun-{item}").stat().st_size for item in range(number)]


def test_a_worker_of_dask_is_killed_and_the_scheduler_restarted(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    number = 24
    with cluster(tmp_path) as made:
        thread, found = in_thread(f"dask:{made.file}", tmp_path, number)
        wait_for(lambda: len(found) >= 4)
        made.workers[0].kill()
        wait_for(lambda: len(found) >= 8)
        assert made.scheduler is not None
        made.scheduler.kill()
        for worker in made.workers:
            worker.kill()
        before = len(found)
        made.start()
        made.add_worker()
        made.add_worker()
        thread.join(180.0)
        assert not thread.is_alive()
    assert sorted(found) == [*range(number)]
    assert before < number
    begun = times(tmp_path, number)
    # With the worker one task was lost, and with the scheduler those under way.
    assert sum(begun) - number <= 1 + 4, begun
    assert max(begun) <= 3


def test_a_job_is_killed_and_goes_on_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunks = 12
    script = (
        "from pathlib import Path; from executor_jobs import toys_alone\n"
        f"if __name__ == '__main__': toys_alone('processes:2', Path({str(tmp_path)!r}), {chunks})"
    )
    file = tmp_path / "job.py"
    file.write_text(script)
    job = subprocess.Popen([sys.executable, str(file)], env=environment())
    folder = tmp_path / "toys" / "run.chunks"

    def on_disk() -> list[Path]:
        return sorted(folder.glob("*/*[0-9].h5"))

    wait_for(lambda: len(on_disk()) >= 3)
    children = Path(f"/proc/{job.pid}/task/{job.pid}/children").read_text().split()
    job.send_signal(signal.SIGKILL)
    job.wait()
    # Workers end with the program that began them.
    wait_for(lambda: not any(runs(int(child)) for child in children), 30.0)
    kept = {int(path.stem) for path in on_disk()}
    assert 3 <= len(kept) < chunks

    damaged = max(kept)
    (path,) = folder.glob(f"*/{damaged:06d}.h5")
    content = bytearray(path.read_bytes())
    content[-1000] ^= 1
    path.write_bytes(bytes(content))

    again = []
    chunk = driver.toy_chunk

    def counted(problem: Any, plan: Any, number: int, count: int) -> Any:
        again.append(number)
        return chunk(problem, plan, number, count)

    monkeypatch.setattr(driver, "toy_chunk", counted)
    toys_alone("serial", tmp_path, chunks)
    assert sorted(again) == sorted(set(range(chunks)) - kept | {damaged})
    assert not folder.exists()
    assert read(tmp_path / "toys" / "run.h5").toys[0].done == 20 * chunks
    toys_alone("serial", tmp_path / "whole", chunks)
    assert differences(tmp_path / "toys/run.h5", tmp_path / "whole/toys/run.h5") == []


def runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="memory is read from /proc")
def test_memory_of_a_worker_is_flat() -> None:
    import bsinv

    problem = bsinv.load("belle2-signal-strength").problem
    found = map_tasks(tasks.toys_and_memory, range(500), problem, "processes:1")
    # MB; what is allocated once is there after the first chunks.
    assert max(found[250:]) - max(found[:50]) < 3.0, (found[0], found[50], found[-1])
