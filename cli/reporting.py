"""The command that writes a report of results files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import PluginOption, TrustOption
from .work import note, reading

__all__ = ["report"]


def report(
    files: Annotated[list[Path], typer.Argument(metavar="FILE.h5...", help="Results files.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE.html", help="Page; default NAME-report.html beside FILE."
        ),
    ] = None,
    plugin: PluginOption = None,
    trust: TrustOption = False,
) -> None:
    """Write a page of HTML that tells all of a run, or compares several.

    The page needs nothing from elsewhere. Plugins are needed only to name model and references.
    """
    from ..fitter.runs.report import write_report
    from ..fitter.runs.resume import Own

    own = Own(plugins=plugin or (), trust_stored=trust)
    with reading(files[0]):
        page = write_report(files, out, own=own, tell=note)
    told = str(files[0]) if len(files) == 1 else f"{len(files)} results files"
    print(f"{page}: report of {told}")
