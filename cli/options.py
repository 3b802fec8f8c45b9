"""Arguments and options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "LISTED",
    "AnalysesArgument",
    "AnalysisArgument",
    "BackgroundOption",
    "ExecutorOption",
    "FreshOption",
    "JsonOption",
    "OutOption",
    "PluginOption",
    "ScanOption",
    "SetOption",
    "TrustOption",
]

LISTED = (
    "models|observables|likelihoods|analyses|data|form-factors|constants|groups|parameters|figures"
)


def _executor(text: str) -> str:
    """Refuse what is no executor before anything is read."""
    from ..fitter.executors import check_executor

    check_executor(text)
    return text


AnalysisArgument = Annotated[
    str, typer.Argument(metavar="ANALYSIS", help="Built-in analysis or YAML file.")
]
AnalysesArgument = Annotated[
    list[str], typer.Argument(metavar="ANALYSIS...", help="Built-in analyses or YAML files.")
]
OutOption = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Directory of the results; default ./<name>.")
]
ExecutorOption = Annotated[
    str,
    typer.Option(
        "--executor",
        callback=_executor,
        metavar="serial|processes:N|dask:ADDRESS|dask:local:N|mpi",
        help="Where work is done (docs/guide/scale.md); as the analysis says, else processes "
        "if long.",
    ),
]
FreshOption = Annotated[
    bool, typer.Option("--fresh", help="Rename results that are there, and begin anew.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Value of the analysis to change, such as parameters.dC_L.start=2; repeatable.",
    ),
]
PluginOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--plugin",
        metavar="FILE.py",
        help="Python file with models, terms, observables of your own: executed; repeatable.",
    ),
]
TrustOption = Annotated[
    bool,
    typer.Option("--trust-stored-plugin", help="Execute the plugins stored in the results file."),
]
ScanOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=FIRST:LAST:NUMBER",
        help="Parameter that is held at these values, or NAME=VALUE,VALUE; up to two.",
    ),
]
BackgroundOption = Annotated[
    str,
    typer.Option(
        metavar="sm|rescaled-sm",
        help="Standard Model rate as predicted, or free (the input X_t floats).",
    ),
]
