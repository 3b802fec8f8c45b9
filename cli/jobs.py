"""Commands for work in parts: how far it is, and putting it together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import JsonOption
from .work import FAILED, complain, note

__all__ = ["merge", "status"]

_Directory = Annotated[Path, typer.Argument(metavar="DIR", help="Directory of the results.")]


def merge(directory: _Directory) -> None:
    """Put the chunks that shards made into the results file, and name what is missing.

    Ends with exit code 1 if something is missing; what is there is in the results all the same.
    """
    from ..fitter.runs.batch.shards import merge as merge_all

    path, made = merge_all(directory, note)
    for study in made:
        print(f"{path}: {study.done} of {study.number} toys at {study.label}")
        for sentence in study.missing:
            complain(f"{study.label}: {sentence}", kind="")
    if any(study.missing for study in made):
        raise typer.Exit(FAILED)


def status(directory: _Directory, json: JsonOption = False) -> None:
    """Tell how far the jobs of a directory are, from the chunks on disk."""
    from ..fitter.runs.batch.status import status as status_of
    from .plain_records import plain
    from .printing import print_json

    found = status_of(directory)
    if json:
        print_json([{**plain(one), "running": one.running} for one in found])
        return
    for one in found:
        print(one.sentence)
    if not found:
        done = (directory / "run.h5").exists()
        print(f"{directory}: no chunks on disk{'; run.h5 is there' if done else ''}.")
