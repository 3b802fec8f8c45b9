"""Runs that meet in one folder: one writes, the others are refused."""

from __future__ import annotations

import contextlib
import random
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from trial import Quiet, Trial, differences, faults_of_folder, source, start

__all__ = ["trials"]


def trials(number: int, seed: int, quiet: Quiet) -> Iterator[Trial]:
    """Each kind of meeting once.

    Yields
    ------
    Trial
    """
    rng = source("writers", seed, number)
    for attack in (_together, _fresh, _killed, _robbed):
        out = quiet.folder / f"{attack.__name__}-{number}"
        yield attack(rng, out, quiet)


def _together(rng: random.Random, out: Path, quiet: Quiet) -> Trial:
    """Three runs at about the same time."""
    processes = []
    for _ in range(3):
        processes.append(start("sample", quiet.file, "--out", out))
        time.sleep(rng.choice((0.0, rng.uniform(0.0, 2.0))))
    faults, done = _ends(processes)
    if not done:
        faults.append("none wrote")
    return _judged("three at once", faults, out, quiet)


def _fresh(rng: random.Random, out: Path, quiet: Quiet) -> Trial:
    """The second wants to begin anew."""
    first = start("sample", quiet.file, "--out", out)
    time.sleep(rng.uniform(0.5, 2.0))
    second = start("sample", quiet.file, "--out", out, "--fresh")
    faults, _ = _ends([first, second])
    return _judged("the second with --fresh", faults, out, quiet)


def _killed(rng: random.Random, out: Path, quiet: Quiet) -> Trial:
    """The first is killed; the second needs not wait."""
    first = start("sample", quiet.file, "--out", out)
    assert first.stderr is not None
    first.stderr.readline()
    time.sleep(rng.uniform(0.0, 1.0))
    first.kill()
    first.communicate()
    faults, done = _ends([start("sample", quiet.file, "--out", out)])
    if not done:
        faults.append("the second did not write")
    return _judged("the first killed", faults, out, quiet)


def _robbed(rng: random.Random, out: Path, quiet: Quiet) -> Trial:
    """The lock file of the first is removed, and the second begins."""
    first = start("sample", quiet.file, "--out", out)
    assert first.stderr is not None
    first.stderr.readline()
    time.sleep(rng.uniform(0.0, 1.0))
    with contextlib.suppress(FileNotFoundError):
        (out / ".run.h5.lock").unlink()
    faults, done = _ends([first, start("sample", quiet.file, "--out", out)])
    if not done:
        faults.append("none wrote")
    return _judged("the lock file removed", faults, out, quiet)


def _ends(processes: list[subprocess.Popen[str]]) -> tuple[list[str], int]:
    """What is wrong with how processes ended, and how many did their work."""
    faults, done = [], 0
    for process in processes:
        told = process.communicate()[1]
        last = (told.splitlines() or [""])[-1]
        if process.returncode == 0:
            done += 1
        elif process.returncode != 2 or not last.startswith("bsinv: error: "):
            faults.append(f"exit code {process.returncode}: {told[-2000:]}")
        elif "is being written by" not in last and "the lease of this run was taken" not in last:
            faults.append(f"another reason: {last}")
    return faults, done


def _judged(what: str, faults: list[str], out: Path, quiet: Quiet) -> Trial:
    from bsinv.chains.files.store import read

    faults += faults_of_folder(out, running=False)
    final = start("sample", quiet.file, "--out", out)
    told = final.communicate()[1]
    if final.returncode:
        faults.append(f"exit code {final.returncode} of a run that came later: {told[-2000:]}")
    else:
        faults += differences(quiet.results("sample"), read(out / "run.h5"))
    return Trial(what, "; ".join(faults) or "one wrote", not faults)
