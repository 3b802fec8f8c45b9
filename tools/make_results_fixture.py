"""Make a small results file that holds all that one can, for later versions to read.

Tiny runs of one light particle give the numbers; chains and toys are cut to a few rows, and what
such a run does not have (a plugin, other minima) is filled in. Beside the file its numbers are
written as JSON, so that what is read later can be compared.

    python tools/make_results_fixture.py          # tests/chains/files/fixtures/layout-N.results
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from bsinv.chains.files.store import read, write
from bsinv.chains.records import SCHEMA_VERSION, RunFile

FIXTURES = Path(__file__).parents[1] / "tests" / "chains" / "files" / "fixtures"
FIRST = """\
name: one-particle
model: two-body-br
likelihoods:
  - belle2-2023-bknunu
  - {name: own-limit, observable: BR(B+->Knunu), limit: 1.0e-4, cl: 0.9, data: [], experiment: none}
parameters:
  m_X: {prior: {uniform: [0.5, 3.0]}, start: 2.0}
  BR_K: {prior: {uniform: [0, 40]}, start: 3.0}
cuts: ["BR_K < 39"]
fit: {profiles: {BR_K: 8}}
sampler: {walkers: 8, max_steps: 40}
seed: 20261130
"""
SECOND = """\
name: rescaled
model: signal-strength
likelihoods:
  - belle2-2023-bknunu
  - {name: own-limit, observable: BR(B+->Knunu), limit: 1.0e-4, cl: 0.9, data: [], experiment: none}
parameters:
  mu: {prior: {uniform: [0, 20]}, start: 1.0}
sampler: {walkers: 8, max_steps: 40}
seed: 20261130
"""
# Rows that are kept of samples and toys.
ROWS = 12


def bsinv(*arguments: object, into: Path) -> None:
    """Run a command, whatever its verdict on so short a chain."""
    done = subprocess.run(
        [sys.executable, "-m", "bsinv", *map(str, arguments)], cwd=into, check=False
    )
    if done.returncode not in (0, 3):
        raise SystemExit(f"bsinv {arguments[0]} ended with {done.returncode}")


def made(folder: Path) -> RunFile:
    """The runs, in a folder."""
    for name, text in (("first", FIRST), ("second", SECOND)):
        (folder / f"{name}.yaml").write_text(text)
        bsinv("run", f"{name}.yaml", "--out", name, into=folder)
    into = ("--out", "first")
    scan = ("--scan", "m_X=1.0:3.0:3")
    bsinv("toys", "first.yaml", "--at", "sm", "--number", 6, *into, into=folder)
    bsinv("limit", "first.yaml", "--of", "BR_K", *scan, *into, into=folder)
    bsinv("significance", "first.yaml", "--of", "BR_K", *scan, "--toys", 100, *into, into=folder)
    bsinv(
        "evidence", "first.yaml", "--seeds", 1, "--effective", 200, "--out", "laplace", into=folder
    )
    path = folder / "first" / "run.h5"
    bsinv("toys", path, "--at", "posterior", "--number", 20, into=folder)
    bsinv("compare", path, folder / "second" / "run.h5", "--toys", 6, into=folder)
    # Nested sampling integrates nuisance parameters out: a likelihood, and a file, of its own.
    weighted = read(folder / "laplace" / "run.h5").weighted
    return dataclasses.replace(read(path), weighted=weighted)


def cut(run: RunFile) -> RunFile:
    """The run with a few rows of what has many, and all that a file may hold."""
    assert run.best_fit is not None
    n = len(run.best_fit.names)
    return dataclasses.replace(
        run,
        best_fit=dataclasses.replace(
            run.best_fit,
            other_minima=np.arange(1.0, n + 1.0)[None],
            reference_undefined=("m_X",),
            ladder=run.best_fit.ladder or ("MIGRAD: converged",),
        ),
        ensembles=tuple(
            dataclasses.replace(
                one,
                chain=one.chain[-ROWS:],
                log_posterior=one.log_posterior[-ROWS:],
                log_likelihood=one.log_likelihood[-ROWS:],
                log_prior=one.log_prior[-ROWS:],
            )
            for one in run.ensembles
        ),
        weighted=tuple(
            dataclasses.replace(
                one,
                points=one.points[-ROWS:],
                log_weights=one.log_weights[-ROWS:],
                log_likelihood=one.log_likelihood[-ROWS:],
                log_prior=one.log_prior[-ROWS:],
                effective_samples=float("nan"),
            )
            for one in run.weighted
        ),
        predictions=tuple(
            dataclasses.replace(
                one,
                samples=one.samples[:ROWS],
                weights=np.full(len(one.samples[:ROWS]), 0.5),
            )
            for one in run.predictions
        ),
        files=dict(run.files) or {"table.csv": "m_X [GeV], limit\n1.0, 2.0\n"},
        plugins=dict(run.plugins) or {"mine.py": "# a plugin, which nothing executes\n"},
        notes=run.notes or ("A note.",),
    )


def numbers(file: Any) -> dict[str, Any]:
    """Every attribute and dataset: texts as they are, of arrays shape, sum and ends."""
    found: dict[str, Any] = {}

    def visit(name: str, item: Any) -> None:
        for key, value in item.attrs.items():
            found[f"{name}@{key}"] = described(value)
        if isinstance(item, h5py.Dataset):
            found[name] = described(item[()])

    visit("", file)
    file.visititems(visit)
    return dict(sorted(found.items()))


def described(value: Any) -> Any:
    """What is told of a value in JSON."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, str | bool | int):
        return value
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else str(value)
    if isinstance(value, np.generic):
        return value.item()
    if value.dtype.names:
        return {name: described(value[name]) for name in value.dtype.names}
    if value.dtype.kind == "O":
        return [entry.decode() for entry in value.ravel()]
    finite = value[np.isfinite(value)]
    ends = [described(entry) for entry in value.ravel()[[0, -1]]] if value.size else []
    return {
        "shape": list(value.shape),
        "finite": int(finite.size),
        "sum": float(finite.sum()),
        "ends": ends,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, help="directory of the runs; a temporary one if none")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.work or Path(temporary)
        folder.mkdir(exist_ok=True)
        run = cut(made(folder))
    path = write(FIXTURES / f"layout-{SCHEMA_VERSION}.results", run)
    with h5py.File(path, "r") as file:
        told = numbers(file)
    text = json.dumps(told, indent=1, ensure_ascii=False)
    path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    print(f"{path}: {path.stat().st_size} bytes, {len(told)} values")


if __name__ == "__main__":
    main()
