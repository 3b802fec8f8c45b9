"""References of an analysis, printed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .printing import print_json
from .terminal import terminal

if TYPE_CHECKING:
    from ..fitter.checked import CheckedFile
    from ..fitter.runs.resume import Own

__all__ = ["print_citations"]


def print_citations(
    source: Path, *, json: bool, tell: Callable[[str], None], own: Own | None = None
) -> None:
    """Print what a results file or an analysis rests on, as text and as BibTeX.

    Parameters
    ----------
    source : Path
        A results file (.h5), an analysis file, or the name of a built-in analysis.
    json : bool
        Print records instead.
    tell : callable
        Takes what is to be said of the file.
    own : Own, optional
        Objects of the user's own that the analysis needs.
    """
    from ..fitter.reports.references import KEYS, bibtex, citations

    found = citations(_analysis(source, tell, own).problem)
    if json:
        print_json(
            [
                {
                    "key": entry.key,
                    "text": entry.text,
                    "used_for": entry.used_for,
                    **dataclasses.asdict(entry.reference),
                }
                for entry in found
            ]
        )
        return
    console = terminal()
    for entry in found:
        console.print(f"{entry.text} [{entry.key}]", markup=False, soft_wrap=True)
        console.print(f"    {', '.join(entry.used_for)}", markup=False, soft_wrap=True)
    console.print(f"\n{KEYS}\n", markup=False, soft_wrap=True)
    print(bibtex(found))


def _analysis(source: Path, tell: Callable[[str], None], own: Own | None) -> CheckedFile:
    from ..chains.files.store import read
    from ..fitter.checked import CheckedFile
    from ..fitter.runs.resume import stored_analysis

    if source.suffix == ".h5":
        return stored_analysis(read(source, foreign=True, tell=tell), own)
    return CheckedFile(str(source), plugins=own.plugins if own else ())
