"""Other programs for tests of executors: a cluster of Dask, and their environment."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TESTS = Path(__file__).parent


def environment() -> dict[str, str]:
    """Environment of other programs: this package and the tasks of these tests."""
    import bsinv

    package = str(Path(bsinv.__file__).absolute().parent.parent)
    before = os.environ.get("PYTHONPATH", "")
    path = os.pathsep.join([package, str(TESTS), *([before] if before else [])])
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")}
    root = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    return {**os.environ, **threads, **root, "PYTHONPATH": path}


class Cluster:
    """A scheduler of Dask and workers, each a program of its own."""

    def __init__(self, directory: Path) -> None:
        self.file, self.log = directory / "scheduler.json", directory / "dask.log"
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []

    def _begin(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", *arguments, "--scheduler-file", str(self.file)]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command, env=environment(), stdout=log, stderr=log, cwd=self.file.parent
            )

    def start(self, port: int = 0) -> None:
        self.file.unlink(missing_ok=True)
        self.scheduler = self._begin(
            "distributed.cli.dask_scheduler", "--port", str(port), "--no-dashboard"
        )
        until = time.monotonic() + 60.0
        while not (self.file.exists() and self.file.stat().st_size):
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.1)

    def add_worker(self) -> None:
        self.workers.append(
            self._begin(
                *("distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny"),
                *("--no-dashboard", "--death-timeout", "60"),
            )
        )

    def end(self) -> None:
        for program in (*self.workers, self.scheduler):
            if program is not None:
                program.kill()
                program.wait()


@contextmanager
def cluster(directory: Path) -> Iterator[Cluster]:
    made = Cluster(directory)
    try:
        made.start()
        made.add_worker()
        made.add_worker()
        yield made
    finally:
        made.end()
