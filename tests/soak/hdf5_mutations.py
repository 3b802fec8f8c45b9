"""Results files changed at random: refused in a sentence, or read and shown."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from trial import TESTS, Quiet, Trial, source

__all__ = ["trials"]

# Of each number, copies with a checksum, without one, and with one that agrees.
FORMS = ("with checksum", "without checksum", "with a forged checksum")
COPIES = 3
# The process that reads a file first is a new Python for one number in so many; for the others it
# is a fork of this one, with the same limits, which takes a tenth of the time.
WHOLE = 10


@cache
def _originals(folder: Path) -> dict[str, bytes]:
    """Bytes of a results file with all its parts and short chains, in two forms."""
    from attacks import unsealed
    from bsinv.chains.files import store

    place = TESTS / "chains" / "conftest.py"
    found = importlib.util.spec_from_file_location("synthetic_runs", place)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    run: Any = module.make_run(steps=24)
    # Long texts make a file long, and are of little interest.
    path = store.write(folder / "original.h5", replace(run, analysis_text="name: wet\nmu: 1\n"))
    sealed = path.read_bytes()
    _shown(path)  # so that all that the forks need is imported here, once
    return {"sealed": sealed, "unsealed": unsealed(path).read_bytes()}


def trials(number: int, seed: int, quiet: Quiet) -> Iterator[Trial]:
    """A few copies of each form, each read by a process of its own.

    Yields
    ------
    Trial
    """
    from attacks import mutations, resealed, verdict
    from bsinv.chains.files import rehearsal

    whole = number % WHOLE == 0
    originals = _originals(quiet.folder)
    path = quiet.folder / "mutated.h5"
    for form in FORMS:
        raw = originals["unsealed" if form == "without checksum" else "sealed"]
        given = source(form, seed, number).getrandbits(32)
        for copy in mutations(raw, COPIES, given):
            if copy == raw:
                continue
            forged = form == "with a forged checksum" and len(copy) > 600
            path.write_bytes(resealed(copy) if forged else copy)
            with patch.object(rehearsal, "rehearse", rehearsal.rehearse if whole else _forked):
                outcome = verdict(lambda: _shown(path))
            good = ("refused",) if form == "with checksum" else ("refused", "done")
            outcome_shown = "shown" if outcome == "done" else outcome
            yield Trial(form, outcome_shown, outcome in good)


def _forked(file: Any, verify: bool = True) -> Any:
    """Do what `rehearse` does without starting Python."""
    from bsinv.chains.files import rehearsal

    size, (given, taken) = os.fstat(file.fileno()).st_size, os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            rehearsal._limit(size, rehearsal._SECONDS + size / rehearsal._RATE)
            file.seek(0)
            os.write(taken, json.dumps(rehearsal._outcome(file, verify)).encode())
        os._exit(0)
    os.close(taken)
    with open(given) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    try:
        found = json.loads(told)
    except ValueError:
        return rehearsal.Rehearsal("damaged results file: HDF5 fails on it.")
    return rehearsal.Rehearsal(found["fault"], tuple(found["parts"]), found["checked"])


def _shown(path: Path) -> None:
    """Do what ``bsinv show`` does."""
    from bsinv.chains.files.store import read
    from bsinv.cli.plain_records import results_record
    from bsinv.cli.printing import print_json, print_latex, print_results
    from bsinv.cli.work import reading
    from bsinv.fitter.runs.stages import verdict_of

    silent = io.StringIO()
    with contextlib.redirect_stdout(silent), contextlib.redirect_stderr(silent), reading(path):
        results = read(path, foreign=True)
        found = verdict_of(results)
        print_json(results_record(results, found))
        print_latex(results, found)
        print_results(results, found)
