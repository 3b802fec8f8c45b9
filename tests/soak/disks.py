"""Runs on disks that fill up or fail: one sentence, nothing lost, and the same in the end."""

from __future__ import annotations

import errno
import random
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from kills import Saved
from trial import TESTS, Quiet, Trial, differences, faults_of_folder, source, start

__all__ = ["trials"]

# Results of the run to its end have this many bytes.
FULL_SIZE = 600_000

# A run in whose process one call that writes, or all from one on, fail.
FAILING = f"""\
import sys
sys.path.insert(0, {str(TESTS)!r})
import pytest
from attacks import FailingDisk
from bsinv.cli import main
number, error = int(sys.argv[1]), int(sys.argv[2])
disk = FailingDisk(pytest.MonkeyPatch(), number, error)
main(sys.argv[3:])
"""


def trials(number: int, seed: int, quiet: Quiet) -> Iterator[Trial]:
    """A run on a disk of each kind, which is mended in the end.

    Yields
    ------
    Trial
    """
    rng = source("disks", seed, number)
    # Pictures are written too by one in four.
    command = "run" if rng.random() < 0.25 else "sample"
    for attack in (_small_disk, _small_files, _failing_calls):
        out = quiet.folder / f"{attack.__name__}-{number}"
        yield attack(rng, command, out, quiet)


def _small_disk(rng: random.Random, command: str, out: Path, quiet: Quiet) -> Trial:
    """A file system with little room, which is made larger later."""
    import pytest
    from attacks import small_disk

    size = rng.randrange(20_000, 2 * FULL_SIZE, 4096)
    try:
        with small_disk(out, str(size)) as disk:

            def mend() -> None:
                order = ["mount", "-o", "remount,size=50m", str(disk)]
                subprocess.run(order, check=True, capture_output=True)

            process = start(command, quiet.file, "--out", disk / "out")
            return _judged("full disk", process, command, disk / "out", quiet, mend)
    except pytest.skip.Exception:
        return Trial("full disk", "left out: no file system can be mounted here", True)


def _small_files(rng: random.Random, command: str, out: Path, quiet: Quiet) -> Trial:
    """Files that cannot grow beyond a size."""
    limit = rng.randrange(1, FULL_SIZE)

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    process = start(command, quiet.file, "--out", out, preexec_fn=limited)
    return _judged("limit of file size", process, command, out, quiet)


def _failing_calls(rng: random.Random, command: str, out: Path, quiet: Quiet) -> Trial:
    """The n-th call of the system that writes fails; in a run there are some 300."""
    number = rng.randrange(1, 300)
    error = rng.choice((errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS))
    order = (sys.executable, "-c", FAILING, number, error, command, quiet.file, "--out", out)
    process = subprocess.Popen(
        [*map(str, order)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    return _judged("a call that fails", process, command, out, quiet)


def _judged(
    what: str,
    process: subprocess.Popen[str],
    command: str,
    out: Path,
    quiet: Quiet,
    mend: Callable[[], None] = lambda: None,
) -> Trial:
    told = process.communicate()[1]
    faults = []
    last = (told.splitlines() or [""])[-1]
    if process.returncode not in (0, 2):
        faults.append(f"exit code {process.returncode}: {told[-2000:]}")
    elif process.returncode == 2 and not last.startswith("bsinv: error: "):
        faults.append(f"no sentence: {told[-2000:]}")
    if "Traceback" in told:
        faults.append(f"a traceback: {told[-2000:]}")
    saved = Saved()
    for line in told.splitlines(keepends=True):
        saved.note(line)
    faults += saved.faults(out / "run.h5")
    # The lease may stay where its file cannot be removed; the next run clears it away.
    faults += faults_of_folder(out, running=True)
    faults += [f"{entry.name} was left behind" for entry in out.glob(".*.tmp")]
    mend()
    again = start(command, quiet.file, "--out", out)
    told = again.communicate()[1]
    if again.returncode:
        faults.append(f"exit code {again.returncode} on the mended disk: {told[-2000:]}")
    else:
        from bsinv.chains.files.store import read

        faults += differences(quiet.results(command), read(out / "run.h5"))
        faults += faults_of_folder(out, running=False)
    outcome = "the run went on" if process.returncode == 0 else "one sentence"
    return Trial(what, "; ".join(faults) or outcome, not faults)
