"""Log-likelihoods of every built-in and example analysis, before and after a change of the code.

    python tools/compare_log_likelihoods.py write before.npz
    python tools/compare_log_likelihoods.py write after.npz --at before.npz
    python tools/compare_log_likelihoods.py compare before.npz after.npz

Each analysis is evaluated at its start, at the defaults of its model (the Standard Model) and at
draws from its prior, 1000 points in all, in batches as a sampler makes them. With `--at` points are
those of another file, so that a change of the prior's random numbers does not hide a change of the
likelihood. Comparing exits with 1 if an analysis is in one file only, if points differ, or if a
log L differs by more than the tolerance times max(1, |log L|); infinities must agree.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bsinv
import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
# Names of parameters, points, log L of each.
Entry = tuple[tuple[str, ...], Array, Array]

ROOT = Path(__file__).resolve().parent.parent
POINTS, SEED, TOLERANCE = 1000, 20231124, 1e-12
# What a point is computed with can move its last digits: half of 256 walkers move at once.
BATCH = 128


def files(root: Path) -> dict[str, Path]:
    """Analysis files by name, built-in ones first."""
    found = sorted((root / "fitter" / "analyses").glob("*.yaml"))
    examples = (root / "examples").rglob("*.yaml")
    found += sorted(path for path in examples if path.parent.name != "hepdata")
    named = {path.stem: path for path in found}
    if len(named) < len(found):
        sys.exit(f"{root}: two analysis files have the same name")
    return named


def points(analysis: Any, size: int) -> Array:
    """Start, defaults of the model inside the bounds, and draws from the prior: (size, d)."""
    # What is fitted is an attribute of the analysis, or the analysis itself.
    problem = getattr(analysis, "problem", analysis)
    reference = np.array(problem.start, dtype=float)
    defaults = {entry.name: entry.default for entry in problem.model.parameters}
    for column, name in enumerate(problem.names):
        reference[column] = defaults.get(name, reference[column])
    reference = np.clip(reference, *np.asarray(problem.bounds).T)
    drawn = problem.sample_prior(np.random.default_rng(SEED), max(size - 2, 0))
    return np.concatenate([[problem.start], [reference], drawn])[:size]


def evaluate(analysis: Any, theta: Array) -> Array:
    """Log L of points (n, d), batch after batch: (n,)."""
    problem = getattr(analysis, "problem", analysis)
    parts = [problem.log_likelihood(theta[at : at + BATCH]) for at in range(0, len(theta), BATCH)]
    return np.concatenate(parts)


def made(paths: dict[str, Path], size: int, at: dict[str, Entry] | None) -> dict[str, Entry]:
    """Evaluate analyses at new points, or at those of another file."""
    found = {}
    for name, path in paths.items():
        began = time.process_time()
        analysis = bsinv.load(path)
        names = tuple(getattr(analysis, "problem", analysis).names)
        if at is None:
            theta = points(analysis, size)
        elif name in at and set(at[name][0]) == set(names):
            theta = at[name][1][:, [at[name][0].index(own) for own in names]]
        else:
            sys.exit(f"{name}: not in the other file, or not with the same parameters")
        found[name] = names, theta, evaluate(analysis, theta)
        finite = np.isfinite(found[name][2]).mean()
        spent = time.process_time() - began
        print(f"{name}: {len(theta)} points, {finite:.0%} finite, {spent:.1f} s", flush=True)
    return found


def save(path: Path, entries: dict[str, Entry]) -> None:
    """Write three arrays for each analysis."""
    arrays: dict[str, Any] = {}
    for name, (names, theta, log) in entries.items():
        arrays |= {f"{name}/names": np.array(names), f"{name}/theta": theta, f"{name}/log": log}
    np.savez_compressed(path, **arrays)


def read(path: Path) -> dict[str, Entry]:
    """What `save` wrote."""
    with np.load(path, allow_pickle=False) as arrays:
        stems = [key.removesuffix("/log") for key in arrays if key.endswith("/log")]
        return {
            stem: (
                tuple(str(name) for name in arrays[f"{stem}/names"]),
                arrays[f"{stem}/theta"],
                arrays[f"{stem}/log"],
            )
            for stem in stems
        }


def distances(old: Array, new: Array) -> Array:
    """|new - old| over max(1, |old|), zero where both are the same infinity: (n,)."""
    with np.errstate(invalid="ignore"):
        size = np.abs(new - old) / np.maximum(1.0, np.abs(old))
    return np.where(old == new, 0.0, np.where(np.isfinite(size), size, np.inf))


def differences(old: dict[str, Entry], new: dict[str, Entry], tolerance: float) -> list[str]:
    """What differs, one line an analysis, the worst first."""
    lines = [f"{name}: in one of the files only" for name in sorted({*old} ^ {*new})]
    worst: list[tuple[float, str]] = []
    for name in sorted({*old} & {*new}):
        (old_names, old_theta, old_log), (names, theta, log) = old[name], new[name]
        if set(old_names) != set(names):
            lines.append(f"{name}: parameters differ: {', '.join(sorted({*old_names} ^ {*names}))}")
            continue
        theta = theta[:, [names.index(own) for own in old_names]]
        if not np.array_equal(old_theta, theta):
            lines.append(f"{name}: the points differ; write the second with --at the first")
            continue
        size = distances(old_log, log)
        row = int(size.argmax())
        if size[row] > tolerance:
            count = int(np.count_nonzero(size > tolerance))
            text = (
                f"{name}: {size[row]:.1e} at point {row} ({old_log[row]!r}, now {log[row]!r}); "
                f"{count} of {len(size)} points above {tolerance:g}"
            )
            worst.append((float(size[row]), text))
    return lines + [text for _, text in sorted(worst, reverse=True)]


def main(arguments: Sequence[str] | None = None) -> None:
    """Write a file, or compare two."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    write = commands.add_parser("write", help="evaluate and write")
    write.add_argument("file", type=Path)
    write.add_argument("--at", type=Path, metavar="FILE", help="points of this file")
    write.add_argument("--only", nargs="+", metavar="NAME", help="some analyses")
    write.add_argument("--points", type=int, default=POINTS, help="of each analysis")
    write.add_argument("--root", type=Path, default=ROOT, help="checkout with the analysis files")
    compare = commands.add_parser("compare", help="compare two files")
    compare.add_argument("old", type=Path)
    compare.add_argument("new", type=Path)
    compare.add_argument("--tolerance", type=float, default=TOLERANCE)
    given = parser.parse_args(arguments)
    if given.command == "write":
        known = files(given.root)
        wanted = given.only or list(known)
        if strange := sorted(set(wanted) - set(known)):
            parser.error(f"no analysis {strange[0]!r}; there are {', '.join(known)}")
        if given.points < 1:
            parser.error(f"--points is {given.points}; at least 1")
        other = read(given.at) if given.at else None
        save(given.file, made({name: known[name] for name in wanted}, given.points, other))
        return
    old, new = read(given.old), read(given.new)
    lines = differences(old, new, given.tolerance)
    if lines:
        sys.exit("\n".join(lines))
    count = sum(len(log) for _, _, log in new.values())
    same = sum(np.array_equal(new[name][2], old[name][2]) for name in new)
    print(
        f"{len(new)} analyses, {count} points: equal within {given.tolerance:g}, "
        f"{same} of the analyses to the bit"
    )


if __name__ == "__main__":
    main()
