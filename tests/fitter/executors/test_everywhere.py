"""The same jobs on every executor give the same bits."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from executor_jobs import NAMES, differences, jobs
from executor_programs import TESTS, cluster, environment


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of the serial executor, small."""
    directory = tmp_path_factory.mktemp("serial")
    jobs("serial", directory, 4)
    return directory


def assert_same(one: Path, other: Path) -> None:
    for name in NAMES:
        assert differences(one / name / "run.h5", other / name / "run.h5") == [], name


def test_processes_and_threads(here: Path, tmp_path: Path) -> None:
    jobs("processes:2", tmp_path / "processes", 4)
    assert_same(here, tmp_path / "processes")
    with ThreadPoolExecutor(3) as pool:
        jobs(pool, tmp_path / "threads", 4)
    assert_same(here, tmp_path / "threads")


def test_dask(here: Path, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    with cluster(tmp_path) as made:
        jobs(f"dask:{made.file}", tmp_path / "dask", 4)
    assert_same(here, tmp_path / "dask")


def mpi(directory: Path, scale: int) -> None:
    pytest.importorskip("mpi4py")
    mpirun = shutil.which("mpirun", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if mpirun is None:
        pytest.skip("no mpirun: extra mpi")
    script = str(TESTS / "executor_jobs.py")
    command = [mpirun, "--oversubscribe", "-n", "2", sys.executable, "-m", "mpi4py.futures"]
    ended = subprocess.run(
        [*command, script, str(directory), str(scale)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=1800,
    )
    assert ended.returncode == 0, ended.stderr


def test_mpi(here: Path, tmp_path: Path) -> None:
    mpi(tmp_path / "mpi", 4)
    assert_same(here, tmp_path / "mpi")


@pytest.mark.slow
def test_full_sizes(tmp_path: Path) -> None:
    """2000 toys, 40 points, 4 ensembles of 600 steps."""
    jobs("serial", tmp_path / "serial", 40)
    jobs("processes:2", tmp_path / "processes", 40)
    assert_same(tmp_path / "serial", tmp_path / "processes")
    mpi(tmp_path / "mpi", 40)
    assert_same(tmp_path / "serial", tmp_path / "mpi")
    with cluster(tmp_path) as made:
        jobs(f"dask:{made.file}", tmp_path / "dask", 40)
    assert_same(tmp_path / "serial", tmp_path / "dask")
