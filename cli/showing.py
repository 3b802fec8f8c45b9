"""Commands on what results files hold, predictions without one, and projections."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import (
    AnalysisArgument,
    ExecutorOption,
    JsonOption,
    PluginOption,
    ResultsArguments,
    SetOption,
    TrustOption,
    needs_results,
)
from .work import at_work, loader, note, reading

__all__ = ["compare", "predict", "project", "show"]


def show(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="Results file (.h5) or workspace (.json); an analysis with --cite."
        ),
    ],
    latex: Annotated[bool, typer.Option("--latex", help="Print the tables in LaTeX.")] = False,
    cite: Annotated[
        bool, typer.Option("--cite", help="Print what to cite, as text and BibTeX.")
    ] = False,
    json: JsonOption = False,
    plugin: PluginOption = None,
    trust: TrustOption = False,
) -> None:
    """Print what a results file or a workspace holds; plugins are needed only with --cite."""
    from ..chains.files.store import read
    from ..fitter.runs.stages import verdict_of
    from .plain_records import results_record
    from .printing import print_json, print_latex, print_results
    from .references import print_citations
    from .workspaces import is_workspace, show_workspace

    if not cite and is_workspace(file):
        show_workspace(file, json=json)
        return
    if not cite:
        needs_results(file)
    else:
        from ..fitter.runs.resume import Own

        own = Own(plugins=plugin or (), trust_stored=trust)
        with reading(file):
            print_citations(file, json=json, tell=note, own=own)
        return
    with reading(file):
        results = read(file, foreign=True, tell=note)
        verdict = verdict_of(results)
        if json:
            print_json(results_record(results, verdict))
        elif latex:
            print_latex(results, verdict)
        else:
            print_results(results, verdict)


def compare(
    files: ResultsArguments,
    of: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Parameter in which the signal priors are stated."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Draw posteriors, profiles, spectra, toys here."),
    ] = None,
    rate: Annotated[
        str | None,
        typer.Option(metavar="OBS", help="State the priors of all signals in this rate."),
    ] = None,
    up_to: Annotated[
        float | None, typer.Option(metavar="R", help="End of the range of the rate; default 1e-4.")
    ] = None,
    toys: Annotated[
        int,
        typer.Option(
            min=0, help="Toys at the best fits of the first and each other, kept in the first file."
        ),
    ] = 0,
    executor: ExecutorOption = "auto",
    json: JsonOption = False,
    plugin: PluginOption = None,
    trust: TrustOption = False,
) -> None:
    """Compare runs with the first: likelihoods, evidence, goodness of fit, largest pulls.

    With --toys, models that are no special cases of each other are tested with toys of both.
    """
    from ..errors import ParameterError
    from ..fitter.runs.resume import Own
    from ..fitter.runs.studies.compare import compare as compare_runs
    from ..fitter.runs.studies.compare import overlays
    from ..fitter.runs.studies.non_nested import compare_toys
    from .plain_records import plain
    from .printing import print_comparison, print_json

    if rate is None and up_to is not None:
        raise ParameterError("--up-to is the end of a rate: name it with --rate.")
    end = 1e-4 if up_to is None else up_to
    own = Own(plugins=plugin or (), trust_stored=trust)
    if toys:
        with at_work() as (reporter, stop):
            compare_toys(files, toys, executor=executor, own=own, reporter=reporter, stop=stop)
    found, runs = compare_runs(files, of, note, rate, end, own)
    drawn = {} if out is None else overlays(runs, out)
    if json:
        print_json(plain(found))
    else:
        print_comparison(found)
        for name, text in drawn.items():
            print(f"{(out or Path()) / name}: {text}")


def project(
    analysis: AnalysisArgument,
    luminosity: Annotated[
        str, typer.Option(metavar="L[,L...]", help="Luminosities in 1/ab.")
    ] = "5,10,50",
    truth: Annotated[
        list[str] | None,
        typer.Option(metavar="best|sm|NAME=VALUE", help="What is true; repeatable; default best."),
    ] = None,
    null: Annotated[
        list[str] | None,
        typer.Option(metavar="sm|NAME=VALUE", help="What is tested; repeatable; default sm."),
    ] = None,
    assumption: Annotated[
        list[str] | None,
        typer.Option(metavar="statistical|published|scaled", help="Repeatable; default all."),
    ] = None,
    samples: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE.yaml|fcc-ee",
            help="Luminosities of samples, widths that fall, errors to come; repeatable.",
        ),
    ] = None,
    toys: Annotated[int, typer.Option(min=0, help="Toys at each luminosity; 0: Asimov.")] = 0,
    rival: Annotated[
        str | None,
        typer.Option(metavar="ANALYSIS", help="Model of the same data to be told apart."),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Draw the picture here.")] = None,
    executor: ExecutorOption = "auto",
    json: JsonOption = False,
    plugin: PluginOption = None,
    changes: SetOption = None,
) -> None:
    """Expected errors and significances at other luminosities, from Asimov data and toys."""
    from ..fitter.runs.progress import reporter
    from ..fitter.runs.studies.project import drawn, projected
    from ..likelihoods.reweighted.scaled import ASSUMPTIONS
    from .plain_records import plain
    from .printing import print_json, print_projection
    from .values import parse_numbers, parse_point

    asked = parse_numbers([luminosity], "--luminosity")
    at, tested = (
        parse_point(texts or [default], option)
        for texts, default, option in ((truth, "best", "--truth"), (null, "sm", "--null"))
    )
    chosen = assumption or ASSUMPTIONS
    load = loader(plugin, changes)
    with reporter() as told:
        found = projected(
            load(analysis),
            asked,
            at,
            tested,
            chosen,
            samples or (),
            toys=toys,
            rival=None if rival is None else load(rival),
            executor=executor,
            reporter=told,
        )
    picture = None if out is None else drawn(found, out)
    if json:
        print_json(plain(found))
    else:
        print_projection(found)
        if picture is not None:
            print(f"{picture}: expected errors and significances")


def predict(
    observables: Annotated[list[str], typer.Argument(metavar="OBS...", help="Observables.")],
    model: Annotated[str | None, typer.Option(help="Model; default wet.")] = None,
    wcxf: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Coefficients of a WCxf file, times the parameter kappa, in place of a model.",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE",
            help="Parameter of the model, constant, q2min, q2max or long_distance; repeatable.",
        ),
    ] = None,
    q2: Annotated[
        list[str] | None,
        typer.Option(metavar="Q2[,Q2...]", help="Points of q2 in GeV^2; repeatable."),
    ] = None,
    errors: Annotated[
        bool, typer.Option("--errors", help="Add errors of form factors and constants.")
    ] = False,
    json: JsonOption = False,
    plugin: PluginOption = None,
) -> None:  # fmt: skip
    """Predict observables, in the Standard Model unless parameters are set."""
    from ..errors import ParameterError
    from ..fitter.own_objects import gathered
    from .prediction_records import model_of_file, prediction_records
    from .printing import print_json, print_predictions
    from .values import parse_numbers, parse_settings

    chosen = parse_settings(settings or (), "--set")
    points = parse_numbers(q2 or (), "--q2")
    brought = gathered(plugins=plugin or ())
    for sentence in brought.sentences():
        note(sentence)
    if wcxf is None:
        name = model or "wet"
        records = prediction_records(observables, name, chosen, points, errors, brought)
    elif model is not None:
        raise ParameterError("--model and --wcxf both say where coefficients are from: give one.")
    else:
        name, (own, chosen) = str(wcxf), model_of_file(wcxf, chosen, note)
        records = prediction_records(observables, own, chosen, points, errors, brought)
    if json:
        print_json({"model": name, "settings": chosen, "predictions": records})
    else:
        print_predictions(name, chosen, records)
