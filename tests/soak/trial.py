"""What is common to all attacks of the soak: a trial, and runs of the command line to attack."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

__all__ = ["ANALYSIS", "Quiet", "Trial", "differences", "faults_of_folder", "source", "start"]

# One of each stage, a second or two altogether; the chain ends at its last step.
ANALYSIS = """\
name: quick
model: wet-lfu
likelihoods: [belle_2013_kpnunu_value, babar_2013_k0nunu_combined]
parameters:
  dC_L: {prior: {uniform: [-6.4, 20]}}
inputs:
  X_t: {prior: {normal: [1.469, 0.017]}}
fit: {minos: [dC_L], profiles: {dC_L: 15}, contours: [[dC_L, X_t]]}
sampler: {ensembles: 2, walkers: 8, target_ess: 1000000, max_steps: 300, checkpoint_seconds: 0.001}
seed: 7
"""

# What differs between two runs that made the same: times, and a note that counts the points that
# were rejected "in one call of the program".
_TIMES = ("created", "seconds")
_ONE_CALL = "in one call of the program"
_PARTS_OF_LEASE = (".run.h5.lock", ".run.h5.writer")


@dataclass(frozen=True)
class Trial:
    """One attack and what came of it.

    Attributes
    ----------
    what : str
        Kind of attack, a row of the table.
    outcome : str
        Such as "refused"; if it failed, what was wrong.
    held : bool
    """

    what: str
    outcome: str
    held: bool


def source(kind: str, seed: int, number: int) -> random.Random:
    """Random numbers of one trial, whatever came before it."""
    return random.Random(f"{kind} {seed} {number}")


def start(*arguments: object, **options: Any) -> subprocess.Popen[str]:
    """Start the command line; what it tells is read line by line from its standard error."""
    return subprocess.Popen(
        [sys.executable, "-m", "bsinv", *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
        **options,
    )


class Quiet:
    """A run that nothing disturbs, to compare with.

    Parameters
    ----------
    folder : Path
        Where it is made, when it is needed first.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "quick.yaml"
        self._results: dict[str, Any] = {}
        folder.mkdir(parents=True, exist_ok=True)
        self.file.write_text(ANALYSIS)

    def results(self, command: str) -> Any:
        """Results of ``bsinv run`` or ``bsinv sample``."""
        from bsinv.chains.files.store import read

        if command not in self._results:
            out = self.folder / command
            process = start(command, self.file, "--out", out)
            told = process.communicate()[1]
            if process.returncode:
                raise RuntimeError(f"the undisturbed run fails: {told}")
            self._results[command] = read(out / "run.h5")
        return self._results[command]


def differences(one: Any, other: Any, where: str = "results") -> list[str]:
    """Fields of two records that are not the same to the last bit, but for times."""
    if is_dataclass(one):
        if type(one) is not type(other):
            return [where]
        found = []
        for entry in fields(one):
            if entry.name not in _TIMES:
                pair = tuple(_comparable(getattr(side, entry.name)) for side in (one, other))
                found += differences(*pair, f"{where}.{entry.name}")
        return found
    if isinstance(one, tuple | list) and isinstance(other, tuple | list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [text for index, pair in pairs for text in differences(*pair, f"{where}[{index}]")]
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        same = (one.dtype, one.shape) == (other.dtype, other.shape)
        return [] if same and one.tobytes() == other.tobytes() else [where]
    same = one == other or (one != one and other != other)
    return [] if same else [where]


def _comparable(value: Any) -> Any:
    if not isinstance(value, tuple):
        return value
    return tuple(one for one in value if not (isinstance(one, str) and _ONE_CALL in one))


def faults_of_folder(folder: Path, running: bool) -> list[str]:
    """What must not be in a folder of results: pieces of files, what nobody tidied up.

    Parameters
    ----------
    folder : Path
    running : bool
        Whether the last process was killed, so that its lease and its temporary file remain.
    """
    faults = []
    for entry in folder.iterdir() if folder.is_dir() else ():
        if entry.suffix == ".png":
            if not entry.read_bytes().endswith(b"IEND\xaeB`\x82"):
                faults.append(f"{entry.name} is not whole")
        elif entry.name.startswith("."):
            if not running:
                faults.append(f"{entry.name} was left behind")
            elif entry.name not in _PARTS_OF_LEASE and entry.suffix != ".tmp":
                faults.append(f"{entry.name}: what is that?")
        elif entry.suffix == ".md" and not entry.stat().st_size:
            faults.append(f"{entry.name} is empty")
    return faults
