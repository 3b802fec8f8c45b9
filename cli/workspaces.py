"""HistFactory workspaces on the command line: what is wrong with one, what it holds, packing."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DataError, ParameterError

if TYPE_CHECKING:
    from ..fitter.analysis import Analysis
    from ..likelihoods.histfactory.compiling.workspace import Workspace

__all__ = ["is_workspace", "pack_likelihood", "show_workspace", "validate_workspace"]


def is_workspace(file: Path) -> bool:
    """Whether a file is meant as a workspace: JSON that is no analysis.

    Parameters
    ----------
    file : Path

    Returns
    -------
    bool
        True for what cannot be read too, so that its name decides who complains.
    """
    if file.suffix.lower() != ".json":
        return False
    try:
        content = jsonlib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return True
    return not (isinstance(content, Mapping) and {"model", "likelihoods"} & set(content))


def validate_workspace(file: str) -> list[str]:
    """Print that a workspace can be used, or tell why not.

    Parameters
    ----------
    file : str

    Returns
    -------
    list of str
        What does not fit, one sentence each.
    """
    from ..likelihoods.histfactory.compiling.workspace import explain

    try:
        content, measurements = _content(file)
    except DataError as error:
        return [str(error)]
    # Of several measurements an analysis names one: each is looked at.
    found: list[str] = []
    for measurement in measurements or (None,):
        found += explain(content, measurement, file)
    found = list(dict.fromkeys(found))
    if found:
        return found
    workspace = _read(content, file, measurements)
    bins = sum(channel.bins for channel in workspace.channels)
    samples = sum(len(channel.samples) for channel in workspace.channels)
    named = f"; measurements {', '.join(measurements)}" if len(measurements) > 1 else ""
    print(
        f"{file}: valid: a workspace of {len(workspace.channels)} channels, {bins} bins, "
        f"{samples} samples, parameter of interest {workspace.poi or 'none'}{named}"
    )
    return []


def show_workspace(file: Path, json: bool = False) -> None:
    """Print channels, samples, modifiers and observations of a workspace.

    Parameters
    ----------
    file : Path
    json : bool

    Raises
    ------
    DataError
        If it cannot be used.
    """
    from ..likelihoods.histfactory.compiling.workspace import describe_workspace
    from .printing import print_json

    content, measurements = _content(str(file))
    workspace = _read(content, str(file), measurements)
    if json:
        print_json(_record(workspace, measurements))
        return
    for line in describe_workspace(workspace):
        print(line)
    if len(measurements) > 1:
        print(f"measurements: {', '.join(measurements)}; shown is the first")


def _content(file: str) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """Workspace, of a file that redist saved too, and the names of its measurements."""
    from ..likelihoods.histfactory.file_text import read_json
    from ..likelihoods.reweighted.redist import saved_workspace

    content = read_json(file, file)
    if "new_pars" in content and "spec" in content:
        return saved_workspace(file, content), ()
    given = content.get("measurements")
    listed = given if isinstance(given, list) else []
    names = (one.get("name") for one in listed if isinstance(one, Mapping))
    return content, tuple(name for name in names if isinstance(name, str))


def _read(content: Mapping[str, Any], file: str, measurements: tuple[str, ...]) -> Workspace:
    from ..likelihoods.histfactory.compiling.workspace import read_workspace

    return read_workspace(content, measurements[0] if measurements else None, name=file)


def _record(workspace: Workspace, measurements: tuple[str, ...]) -> dict[str, Any]:
    """What is printed, as plain data."""
    return {
        "parameter_of_interest": workspace.poi,
        "measurements": list(measurements),
        "channels": [
            {
                "name": channel.name,
                "observed": channel.observed.tolist(),
                "samples": [
                    {
                        "name": sample.name,
                        "expected": sample.data.tolist(),
                        "modifiers": [
                            {"name": each.name, "type": each.type} for each in sample.modifiers
                        ],
                    }
                    for sample in channel.samples
                ],
            }
            for channel in workspace.channels
        ],
    }


def pack_likelihood(directory: Path, analysis: Analysis | None, name: str | None) -> list[Path]:
    """Write a likelihood as a folder.

    Parameters
    ----------
    directory : Path
        New or empty.
    analysis : Analysis or None
        With an entry with `reweighted`; the Belle II likelihood if None.
    name : str or None
        Of the entry.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    BsinvError
        If there is no such entry, or the folder is not empty.
    """
    from ..fitter.own_workspaces import packable
    from ..likelihoods.reweighted.belle2 import published_arguments
    from ..likelihoods.reweighted.pack import pack
    from ..likelihoods.reweighted.template import NAME

    if analysis is not None:
        chosen, arguments = packable(analysis.spec, analysis.files, name)
    elif name not in (None, NAME):
        raise ParameterError(f"--name {name}: without an analysis {NAME} is packed")
    else:
        # A name of the package cannot be that of a likelihood of one's own.
        chosen, arguments = f"{NAME}-packed", {**published_arguments(), "data": [NAME]}
    pack(directory, chosen, **arguments)
    return sorted(directory.iterdir())
