"""All attacks, again and again for a given time.

    python tests/soak/soak.py --minutes 15 [--seed N] [--only kills,disks] [--first N --trials 1]

Each kind runs in a process of its own, all at the same time. Prints each trial that failed, with
the command that repeats it, and in the end a table in Markdown; ends with 1 if one failed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import queue
import secrets
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import disks
import hdf5_mutations
import kills
import writers
import yaml_mutations
from trial import Quiet, Trial, source

__all__ = ["main"]


def yaml_trials(number: int, seed: int, quiet: Quiet) -> Iterator[Trial]:
    """Twenty changed analysis files."""
    for made in yaml_mutations.trials(20, source("yaml", seed, number).getrandbits(32)):
        outcome = made.outcome if made.held else f"{made.outcome} ({made.seconds:.1f} s)"
        yield Trial(made.change, outcome, made.held)


KINDS: dict[str, Callable[[int, int, Quiet], Iterator[Trial]]] = {
    "kills": kills.trials,
    "disks": disks.trials,
    "writers": writers.trials,
    "hdf5": hdf5_mutations.trials,
    "yaml": yaml_trials,
}


def _work(kind: str, given: argparse.Namespace, folder: Path, told: Any) -> None:
    """Make trials of one kind until the time is over; the process of that kind."""
    quiet, number = Quiet(folder / kind), given.first
    until = time.monotonic() + 60.0 * given.minutes
    while time.monotonic() < until and number - given.first < given.trials:
        try:
            for trial in KINDS[kind](number, given.seed, quiet):
                told.put((kind, number, trial))
        except Exception:
            told.put((kind, number, Trial("the trial itself", traceback.format_exc(), False)))
        number += 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(KINDS))
    parser.add_argument("--first", type=int, default=0, help="number of the first trial")
    parser.add_argument("--trials", type=float, default=float("inf"), help="of each kind, at most")
    given = parser.parse_args()
    if unknown := set(given.only) - set(KINDS):
        parser.error(f"unknown kind {', '.join(sorted(unknown))}; known: {', '.join(KINDS)}")
    return given


def main() -> int:
    """Run the soak; the exit code."""
    given = _arguments()
    context = multiprocessing.get_context("fork")
    told = context.Queue()
    counted: Counter[tuple[str, str, str]] = Counter()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        workers = {
            kind: context.Process(target=_work, args=(kind, given, Path(folder), told))
            for kind in given.only
        }
        for worker in workers.values():
            worker.start()
        for kind, number, trial in _collected(workers, told):
            counted[kind, trial.what, trial.outcome if trial.held else "failed"] += 1
            if not trial.held:
                print(
                    f"FAILED {kind}, {trial.what}: {trial.outcome}\n  again: python tests/soak/"
                    f"soak.py --only {kind} --seed {given.seed} --first {number} --trials 1",
                    flush=True,
                )
        for kind, worker in workers.items():
            if worker.exitcode:
                counted[kind, "the soak itself", "failed"] += 1
                print(f"FAILED {kind}: its process ended with {worker.exitcode}")
    print(_table(counted))
    failed = sum(count for key, count in counted.items() if key[2] == "failed")
    print(f"\nSeed {given.seed}, {sum(counted.values())} trials, {failed} failed.")
    return 1 if failed else 0


def _collected(workers: dict[str, Any], told: Any) -> Iterator[tuple[str, int, Trial]]:
    """Trials as they come, until all processes have ended."""
    while True:
        alive = any(worker.is_alive() for worker in workers.values())
        try:
            while True:
                yield told.get(timeout=1.0)
        except queue.Empty:
            if not alive:
                break


def _table(counted: Counter[tuple[str, str, str]]) -> str:
    """Trials, held and failed of each kind of attack."""
    lines = ["| attack | trials | held | failed | of those that held |", "|---|---:|---:|---:|---|"]
    for kind, what in sorted({key[:2] for key in counted}, key=lambda key: (_rank(key[0]), key)):
        row = {key[2]: count for key, count in counted.items() if key[:2] == (kind, what)}
        failed, trials = row.pop("failed", 0), sum(row.values())
        held = ", ".join(f"{outcome} {count}" for outcome, count in sorted(row.items()))
        lines.append(f"| {kind}: {what} | {trials + failed} | {trials} | {failed} | {held} |")
    return "\n".join(lines)


def _rank(kind: str) -> int:
    return list(KINDS).index(kind)


if __name__ == "__main__":
    sys.exit(main())
