"""Commands on analyses that compute nothing: checks, lists, a folder to publish."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import LISTED, AnalysisArgument, JsonOption, PluginOption, SetOption
from .work import complain, loader

__all__ = ["check", "list_", "pack", "validate"]


def check(
    analysis: AnalysisArgument,
    point: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Free parameter at the first point; repeatable."),
    ] = None,
    changes: SetOption = None,
    json: JsonOption = False,
    plugin: PluginOption = None,
) -> None:
    """Tell what each likelihood term says of each parameter; exit code 2 for dead parameters.

    Flat directions come with the observables that would lift them; what only the priors constrain
    is told at the best fit, or at the point given.
    """
    import numpy as np

    from ..errors import ParameterError
    from ..fitter.reports.notes import dead_sentence
    from ..fitter.sensitivity.outlook import outlook
    from .plain_records import check_record
    from .printing import print_check, print_json
    from .values import parse_settings

    loaded = loader(plugin, changes)(analysis)
    theta = loaded.point(parse_settings(point or (), "--point"))
    if not np.isfinite(loaded.problem.log_prior(theta)).all():
        raise ParameterError("--point: this point is outside the priors.")
    found = loaded.check(theta=theta)
    seen = outlook(loaded.problem, found, theta if point else None, loaded.seed)
    if json:
        print_json(check_record(found, seen))
    else:
        print_check(loaded.problem, found, seen, theta)
    if found.dead:
        raise ParameterError(dead_sentence(loaded.name, found.dead))


def validate(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Analysis files; workspaces (.json).")
    ],
    changes: SetOption = None,
    plugin: PluginOption = None,
) -> None:
    """Check analysis files without running them, and estimate what a run takes.

    Of a workspace it says in one sentence each what does not fit.
    """
    from ..errors import BsinvError
    from ..fitter.reports.notes import own_notes
    from ..fitter.runs.estimate import estimate
    from .batch import WRONG, Entry, print_entries
    from .workspaces import is_workspace, validate_workspace

    load, entries = loader(plugin, changes), [Entry(file) for file in files]
    for file, entry in zip(files, entries, strict=True):
        if is_workspace(Path(file)):
            wrong = (
                [f"{file}: --set and --plugin change analyses, and this is a workspace."]
                if changes or plugin
                else validate_workspace(file)
            )
            for sentence in wrong:
                complain(sentence)
            entry.code, entry.told = (WRONG, wrong[0]) if wrong else (0, "valid: a workspace")
            continue
        try:
            loaded = load(file)
        except BsinvError as error:
            complain(str(error))
            entry.code, entry.told = WRONG, str(error).partition("\n")[0]
        else:
            entry.told = f"valid: {loaded.name}"
            print(
                f"{file}: valid: {loaded.name}, model {loaded.model.name}, "
                f"{len(loaded.terms)} likelihood terms, {len(loaded.names)} free parameters; "
                f"{estimate(loaded).sentence}"
            )
            for note in own_notes(loaded.problem):
                print(f"  {note}")
    code = print_entries(entries) if len(files) > 1 else entries[0].code
    if code:
        raise typer.Exit(code)


def pack(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="New or empty folder.")],
    analysis: Annotated[
        str | None,
        typer.Argument(metavar="[ANALYSIS]", help="With a reweighted likelihood; else Belle II's."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of the likelihood, if it has several.")
    ] = None,
    plugin: PluginOption = None,
) -> None:
    """Write a HistFactory likelihood as a folder to publish: workspace, densities, null, README."""
    from .workspaces import pack_likelihood

    loaded = None if analysis is None else loader(plugin, None)(analysis)
    for file in pack_likelihood(directory, loaded, name):
        print(file)


def list_(
    what: Annotated[str, typer.Argument(metavar=LISTED, help="What to list.")],
    names: Annotated[
        str | None,
        typer.Option(metavar="eos|flavio", help="Parameters by their names in another code."),
    ] = None,
    unused: Annotated[
        bool, typer.Option("--unused", help="Data that enter no fit, and why.")
    ] = False,
    json: JsonOption = False,
    plugin: PluginOption = None,
) -> None:
    """List models, observables, likelihoods, data, form factors, constants and so on."""
    from ..errors import ParameterError, UnknownNameError
    from ..fitter.own_objects import gathered
    from .listing import LISTINGS, unused_data, with_own
    from .listing_inputs import parameters_listing
    from .printing import print_json
    from .tables import rich_table
    from .terminal import terminal

    if what not in LISTINGS:
        raise UnknownNameError("list", what, LISTINGS)
    if names is not None and what != "parameters":
        raise ParameterError(f"--names goes with the list of parameters, not with that of {what}.")
    if unused and what != "data":
        raise ParameterError(f"--unused goes with the list of data, not with that of {what}.")
    found = parameters_listing(names) if what == "parameters" else LISTINGS[what]()
    if unused:
        found = unused_data()
    elif plugin:
        found = with_own(found, what, gathered(plugins=plugin))
    if json:
        print_json(found.records)
    else:
        terminal().print(rich_table(found.header, found.rows))
