"""Analysis files with faults of every kind, made at random: each must give a sentence, not a crash.

    python tests/soak/yaml_mutations.py [NUMBER] [SEED]

prints a table of trials, held and failed; it ends with 1 if one failed.
"""

from __future__ import annotations

import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType

import bsinv
from bsinv.errors import BsinvError

# A trial may take this long, in seconds of CPU.
MOST_SECONDS = 10.0

# What people and programs write where something else is expected.
ODD = (
    *("", "null", "~", "true", "no", "0", "-1", "1e400", "-.inf", ".nan", "0x10", "1_000", "007"),
    *("[]", "{}", "[[]]", "{a: {}}", "''", "'1'", "!!python/object:os.system x", "&a b", "*a"),
    *("2026-11-29", "12:30", "1e-400", "9" * 400, "x" * 2000, "ÿ", "\N{SNOWMAN}", "\\x00", "|"),
    *(">", "- - -", "? a", "<<: *b", "%YAML 1.1", "---", "...", "dC_L", "__import__('os')"),
)


@dataclass(frozen=True)
class Trial:
    """What came of one file: how it was changed, what was said, and for how long it took."""

    change: str
    text: str
    outcome: str
    seconds: float

    @property
    def held(self) -> bool:
        """Whether the file was read or refused in a sentence, in time."""
        return self.outcome in ("read", "refused") and self.seconds < MOST_SECONDS


@cache
def analyses() -> tuple[str, ...]:
    """Texts to begin with: the built-in analyses and the examples."""
    root = Path(__file__).parents[2]
    files = [*root.glob("fitter/analyses/*.yaml"), *root.glob("examples/**/*.yaml")]
    files = [file for file in files if file.parent.name != "hepdata"]
    return tuple(file.read_text(encoding="utf-8") for file in sorted(files))


def _bytes(text: str, rng: random.Random) -> str:
    """Some characters replaced."""
    given = list(text)
    for _ in range(rng.randint(1, 8)):
        given[rng.randrange(len(given))] = chr(rng.choice((rng.randrange(1, 128), 0xFF, 0x2028)))
    return "".join(given)


def _cut(text: str, rng: random.Random) -> str:
    """A piece left out."""
    begin = rng.randrange(len(text))
    return text[:begin] + text[begin + rng.randint(1, 200) :]


def _repeat(text: str, rng: random.Random) -> str:
    """A piece written several times."""
    begin = rng.randrange(len(text))
    piece = text[begin : begin + rng.randint(1, 60)]
    return text[:begin] + piece * rng.choice((2, 3, 50, 2000)) + text[begin:]


def _lines(text: str, rng: random.Random) -> str:
    """Two lines exchanged, or one indented."""
    lines = text.splitlines(keepends=True)
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    if rng.random() < 0.5:
        lines[one], lines[other] = lines[other], lines[one]
    else:
        lines[one] = rng.choice((" ", "\t", "    ")) + lines[one]
    return "".join(lines)


def _value(text: str, rng: random.Random) -> str:
    """A value replaced by an odd one."""
    lines = text.splitlines(keepends=True)
    places = [index for index, line in enumerate(lines) if ":" in line]
    at = rng.choice(places)
    key, _, _ = lines[at].partition(":")
    lines[at] = f"{key}: {rng.choice(ODD)}\n"
    return "".join(lines)


def _word(text: str, rng: random.Random) -> str:
    """A word replaced by another of the file, or an odd one."""
    words = text.split()
    return text.replace(rng.choice(words), rng.choice((*ODD, *rng.sample(words, 1))), 1)


CHANGES: dict[str, Callable[[str, random.Random], str]] = {
    "characters": _bytes,
    "piece left out": _cut,
    "piece repeated": _repeat,
    "lines": _lines,
    "odd value": _value,
    "word": _word,
}


def trials(number: int, seed: int, most_seconds: float = MOST_SECONDS) -> Iterator[Trial]:
    """Change an analysis at random and load it, again and again.

    Parameters
    ----------
    number : int
    seed : int
    most_seconds : float
        A file that takes twice as long is given up.

    Yields
    ------
    Trial
    """
    rng = random.Random(seed)
    texts = analyses()

    def late(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, late)
    try:
        for _ in range(number):
            name = rng.choice(tuple(CHANGES))
            text = CHANGES[name](rng.choice(texts), rng)
            began = time.process_time()
            signal.setitimer(signal.ITIMER_VIRTUAL, 2.0 * most_seconds)
            try:
                bsinv.load(text if "\n" in text else text + "\n")
                outcome = "read"
            except BsinvError as error:
                outcome = "refused" if str(error).strip() else "refused without a word"
            except Exception as error:
                outcome = f"{type(error).__name__}: {error}"
            finally:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
            yield Trial(name, text, outcome, time.process_time() - began)
    finally:
        signal.signal(signal.SIGVTALRM, before)


def main(number: int = 3000, seed: int = 1) -> int:
    counted: Counter[tuple[str, str]] = Counter()
    slowest, failed = 0.0, 0
    for trial in trials(number, seed):
        slowest = max(slowest, trial.seconds)
        counted[trial.change, trial.outcome if trial.held else "failed"] += 1
        if not trial.held:
            failed += 1
            print(
                f"FAILED ({trial.change}, {trial.seconds:.1f} s): {trial.outcome}\n{trial.text}\n"
            )
    print("| change | trials | read | refused in a sentence | failed |\n|---|---|---|---|---|")
    for name in CHANGES:
        row = [counted[name, outcome] for outcome in ("read", "refused", "failed")]
        print(f"| {name} | {sum(row)} | " + " | ".join(map(str, row)) + " |")
    print(f"\n{number} files, {failed} failed, the slowest took {slowest:.1f} s of CPU.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
