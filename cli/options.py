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
    "ResultsArgument",
    "ResultsArguments",
    "ScanOption",
    "SetOption",
    "TrustOption",
    "all_results",
    "needs_results",
]

LISTED = (
    "models|observables|likelihoods|analyses|data|form-factors|constants|groups|parameters|figures"
)


def _executor(text: str) -> str:
    """Refuse what is no executor before anything is read."""
    from ..fitter.executors import check_executor

    check_executor(text)
    return text


def needs_results(file: Path) -> Path:
    """Refuse the name of a built-in analysis where results are needed."""
    from ..errors import StoreError
    from ..fitter.analysis_file.reading.builtin import builtin_analyses

    if str(file) in builtin_analyses() and not file.exists():
        raise StoreError(
            f"{file}: this is a built-in analysis, and a results file (*.h5) is needed: 'bsinv run "
            f"{file}' makes one."
        )
    return file


def all_results(files: list[Path] | None) -> list[Path]:
    """Refuse names of built-in analyses among results files."""
    return [needs_results(file) for file in files or ()]


AnalysisArgument = Annotated[
    str, typer.Argument(metavar="ANALYSIS", help="Built-in analysis or YAML file.")
]
AnalysesArgument = Annotated[
    list[str], typer.Argument(metavar="ANALYSIS...", help="Built-in analyses or YAML files.")
]
ResultsArgument = Annotated[
    Path, typer.Argument(metavar="FILE.h5", help="Results file.", callback=needs_results)
]
ResultsArguments = Annotated[
    list[Path], typer.Argument(metavar="A.h5 B.h5...", help="Results files.", callback=all_results)
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
