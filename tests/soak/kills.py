"""Runs killed at random instants in every stage: nothing that was told to be saved is lost."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from trial import Quiet, Trial, differences, faults_of_folder, source, start

__all__ = ["Saved", "trials"]

# The line that tells of a stage, and the seconds in which to kill after it.
STAGES = {
    "start": ("", 0.8),
    "fit": ("fit", 0.7),
    "scans": ("profile", 0.05),
    "contours": ("contour", 0.3),
    "sampling": ("sample", 0.8),
    "write": ("sample", 0.3),
    "predictions": ("predictions", 0.1),
    "pictures": ("pictures", 3.0),
}
SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


@dataclass
class Saved:
    """What a run has told to be on disk."""

    file: bool = False
    steps: int = 0

    def note(self, line: str) -> None:
        """Read a line of what it tells."""
        if line.startswith("saved "):
            self.file = True
            if line.endswith(" steps\n"):
                self.steps = max(self.steps, int(line.split()[-2]))

    def faults(self, path: Path) -> list[str]:
        """What of it is not there."""
        from bsinv.chains.files.store import read
        from bsinv.errors import StoreError

        if not path.exists():
            return ["the results are gone"] if self.file else []
        try:
            found = read(path)
        except StoreError as error:
            return [str(error)]
        steps = min((entry.steps for entry in found.ensembles), default=0)
        faults = [f"{steps} steps on disk, {self.steps} told"] if steps < self.steps else []
        return faults + (["no best fit on disk"] if found.best_fit is None else [])


def trials(number: int, seed: int, quiet: Quiet) -> Iterator[Trial]:
    """One run, killed once in each stage, and finished.

    Yields
    ------
    Trial
        One for each kill, and one for what came of the run in the end.
    """
    rng = source("kills", seed, number)
    out = quiet.folder / f"kills-{number}"
    saved = Saved()
    for stage in STAGES:
        process = start("run", quiet.file, "--out", out)
        sent, told = _kill(process, stage, out, saved, rng)
        if sent is None:
            if process.returncode:
                yield Trial(f"{stage}, none", f"exit code {process.returncode}: {told}", False)
            continue
        faults = _faults(process.returncode, sent, told)
        faults += saved.faults(out / "run.h5")
        faults += faults_of_folder(out, running=sent == signal.SIGKILL)
        yield Trial(f"{stage}, {sent.name}", "; ".join(faults) or "nothing lost", not faults)
    process = start("run", quiet.file, "--out", out)
    told = process.communicate()[1]
    yield _compared(out, quiet, process.returncode, told)


def _compared(out: Path, quiet: Quiet, code: int, told: str) -> Trial:
    from bsinv.chains.files.store import read

    if code:
        return Trial("resumed to the end", f"exit code {code}: {told}", False)
    faults = differences(quiet.results("run"), read(out / "run.h5"))
    faults += faults_of_folder(out, running=False)
    return Trial("resumed to the end", "; ".join(faults) or "the same bits", not faults)


def _kill(
    process: subprocess.Popen[str], stage: str, out: Path, saved: Saved, rng: random.Random
) -> tuple[signal.Signals | None, str]:
    """Send a signal somewhere in a stage; the signal, or None if it came too late."""
    line, longest = STAGES[stage]
    told = []
    assert process.stderr is not None
    for said in process.stderr if line else ():
        told.append(said)
        saved.note(said)
        if said.startswith(line):
            break
    wait = rng.uniform(0.0, longest)
    sent: signal.Signals | None = rng.choice(SIGNALS)
    assert sent is not None
    if not line:  # before the program has said what to do with other signals
        sent = signal.SIGKILL
    try:
        process.wait(wait)
        sent = None
    except subprocess.TimeoutExpired:
        if stage == "write":
            _wait_for_temporary(process, out, rng)
        process.send_signal(sent)
    rest = process.stderr.readlines()
    process.wait()
    for said in rest:
        saved.note(said)
    return sent, "".join(told + rest)


def _wait_for_temporary(process: subprocess.Popen[str], out: Path, rng: random.Random) -> None:
    """Return somewhere in the next write."""
    until = time.monotonic() + 5.0
    while process.poll() is None and time.monotonic() < until:
        if any(out.glob(".run.h5.*.tmp")):
            break
    time.sleep(rng.uniform(0.0, 0.002))


def _faults(code: int, sent: signal.Signals, told: str) -> list[str]:
    """What is wrong with the end of a process to which a signal was sent, perhaps too late."""
    expected = (-sent, 0) if sent == signal.SIGKILL else (128 + sent, 0)
    faults = [] if code in expected else [f"exit code {code} after {sent.name}: {told[-500:]}"]
    return faults + (["a traceback: " + told[-2000:]] if "Traceback" in told else [])
