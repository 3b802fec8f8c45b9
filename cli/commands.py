"""The command line: parses, calls, prints; no physics and no statistics."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .terminal import forgiving_streams

if TYPE_CHECKING:
    from ..fitter.analysis import Analysis
    from ..fitter.runs.progress import Reporter, StopRequest
    from ..fitter.runs.run import Outcome

__all__ = ["app", "main"]

app = typer.Typer(
    help="Fit models of b -> s + invisible to data.",
    epilog="What an analysis file holds is told in docs/analysis-file.md.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

FAILED, WRONG, BROKEN_PIPE = 1, 2, 141
SIGNALLED, INTERRUPT = 128, 2
LISTED = "models|observables|likelihoods|analyses|data|form-factors|constants|groups|parameters"


AnalysisArgument = Annotated[
    str, typer.Argument(metavar="ANALYSIS", help="Built-in analysis or YAML file.")
]
AnalysesArgument = Annotated[
    list[str], typer.Argument(metavar="ANALYSIS...", help="Built-in analyses or YAML files.")
]
OutOption = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Directory of the results; default ./<name>.")
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


def _version(wanted: bool) -> None:
    if wanted:
        from .. import __version__

        print(f"bsinv {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def run(
    analyses: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ANALYSIS...]", help="Built-in analyses or YAML files."),
    ] = None,
    out: OutOption = None,
    changes: SetOption = None,
    fresh: FreshOption = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Begin even if it takes above an hour or 4 GB.")
    ] = False,
    plugin: PluginOption = None,
) -> None:
    """Fit, sample and draw an analysis (the built-in default one if none is named).

    If the directory holds results of the same analysis, the run goes on from there. Several are run
    one after the other, each in its own directory (below DIR).
    """
    from ..fitter.analysis_file.reading.builtin import DEFAULT
    from ..fitter.runs.run import run as run_all

    def check(chosen: Analysis) -> None:
        if not yes and sys.stdin is not None and sys.stdin.isatty():
            _refuse_large(chosen)

    def work(chosen: Analysis, directory: Path | None) -> Outcome:
        with _at_work() as (reporter, stop):
            return run_all(chosen, directory, fresh=fresh, reporter=reporter, stop=stop)

    _each(analyses or [DEFAULT], out, _loader(plugin, changes), work, check)


@app.command()
def resume(
    file: Annotated[Path, typer.Argument(metavar="FILE.h5", help="Results file.")],
    plugin: PluginOption = None,
    trust: TrustOption = False,
) -> None:
    """Go on with a results file, in place: fit, scan, sample and draw what is left to do."""
    from ..fitter.runs.run import resume as resume_run

    with _at_work() as (reporter, stop):
        outcome = resume_run(
            file,
            plugins=plugin or (),
            trust_stored_plugin=trust,
            reporter=reporter,
            stop=stop,
        )
    _report(outcome)


def _loader(
    plugins: Sequence[Path] | None, changes: Sequence[str] | None
) -> Callable[[str], Analysis]:
    """Function that loads an analysis with changes, plugins read and told of once."""
    from ..fitter.analysis import load
    from ..fitter.analysis_file.changes import parse_changes
    from ..fitter.own_objects import gathered
    from ..fitter.plugins import read_plugin

    chosen, read = parse_changes(changes or ()), [read_plugin(path) for path in plugins or ()]
    for sentence in gathered(plugins=read).sentences():
        _note(sentence)
    return lambda analysis: load(analysis, plugins=read, changes=chosen)


def _each(
    analyses: Sequence[str],
    out: Path | None,
    load: Callable[[str], Analysis],
    work: Callable[[Analysis, Path | None], Outcome],
    check: Callable[[Analysis], None] = lambda analysis: None,
) -> None:
    """Do something with one analysis or several, and print what came of it."""
    from .batch import loaded_all, print_entries, run_all
    from .printing import print_outcome

    if len(analyses) == 1:
        chosen = load(analyses[0])
        check(chosen)
        _report(work(chosen, out))
        return
    entries = loaded_all(analyses, load, out, _complain)
    for entry in entries:
        if entry.analysis is not None:
            check(entry.analysis)
    run_all(entries, work, print_outcome, _complain)
    code = print_entries(entries)
    if code:
        raise typer.Exit(code)


def _refuse_changes_of_results(source: str, changes: Sequence[str] | None) -> None:
    from ..errors import ParameterError

    if changes and source.endswith(".h5"):
        raise ParameterError(
            f"--set: {source} holds results, whose analysis stays as it is: give the analysis."
        )


def _refuse_large(analysis: Analysis) -> None:
    """Have a person who sits there say yes to a run that takes above an hour or 4 GB."""
    from ..errors import ParameterError
    from ..fitter.runs.estimate import estimate

    told = estimate(analysis)
    if told.large:
        raise ParameterError(f"{analysis.name}: {told.sentence}: add --yes to begin.")


@app.command()
def fit(
    analyses: AnalysesArgument,
    out: OutOption = None,
    changes: SetOption = None,
    profile: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Profile of a parameter; repeatable.")
    ] = None,
    contour: Annotated[
        tuple[str, str] | None, typer.Option(metavar="A B", help="Contours of two parameters.")
    ] = None,
    fresh: FreshOption = False,
    plugin: PluginOption = None,
) -> None:
    """Find the best fit, its errors, profiles and contours; a chain that is there is kept.

    Several analyses are fitted one after the other, each in its own directory (below DIR).
    """
    from ..fitter.runs.run import fit_only

    def work(chosen: Analysis, directory: Path | None) -> Outcome:
        scans = (profile or (), contour or ())
        with _at_work() as (reporter, stop):
            return fit_only(chosen, directory, *scans, fresh=fresh, reporter=reporter, stop=stop)

    _each(analyses, out, _loader(plugin, changes), work)


@app.command()
def sample(
    source: Annotated[
        str, typer.Argument(metavar="ANALYSIS|FILE.h5", help="Analysis, or results to go on with.")
    ],
    out: OutOption = None,
    changes: SetOption = None,
    max_steps: Annotated[
        int | None, typer.Option(min=1, help="Steps of each ensemble at which to stop.")
    ] = None,
    fresh: FreshOption = False,
    plugin: PluginOption = None,
    trust: TrustOption = False,
) -> None:
    """Sample the posterior, from the best fit, or on from a results file."""
    from ..fitter.runs.resume import Own
    from ..fitter.runs.run import sample_only

    _refuse_changes_of_results(source, changes)
    stored = source.endswith(".h5")
    own = Own(plugins=plugin or (), trust_stored=trust) if stored else None
    with _at_work() as (reporter, stop):
        chosen = source if stored else _loader(plugin, changes)(source)
        outcome = sample_only(
            chosen, out, max_steps, own=own, fresh=fresh, reporter=reporter, stop=stop
        )
    _report(outcome)


@app.command()
def toys(
    source: Annotated[
        str, typer.Argument(metavar="ANALYSIS|FILE.h5", help="Analysis, or results to go on with.")
    ],
    at: Annotated[
        list[str] | None,
        typer.Option(
            metavar="best|sm|NAME=VALUE",
            help="Where toys are drawn, and what is tested; values are repeatable; default best.",
        ),
    ] = None,
    number: Annotated[int, typer.Option(min=1, help="Number of toys.")] = 1000,
    nuisances: Annotated[
        str,
        typer.Option(metavar="conditional|nominal|prior", help="Nuisance parameters of the toys."),
    ] = "conditional",
    out: OutOption = None,
    changes: SetOption = None,
    fresh: FreshOption = False,
    json: JsonOption = False,
    plugin: PluginOption = None,
    trust: TrustOption = False,
) -> None:
    """Draw data sets as they might have been measured and fit each: p-values, coverage, pulls.

    Toys that the results hold already are kept, and more are added up to the number.
    """
    from ..fitter.runs.resume import Own
    from ..fitter.runs.toys import toys_only
    from .plain_records import toys_record
    from .printing import parse_point, print_json, print_toys

    _refuse_changes_of_results(source, changes)
    place, stored = parse_point(at or ["best"], "--at"), source.endswith(".h5")
    own = Own(plugins=plugin or (), trust_stored=trust) if stored else None
    with _at_work() as (reporter, stop):
        chosen = source if stored else _loader(plugin, changes)(source)
        outcome = toys_only(
            chosen,
            place,
            number,
            nuisances,
            out,
            own=own,
            fresh=fresh,
            reporter=reporter,
            stop=stop,
        )
    if json:
        print_json(toys_record(outcome.study))
    else:
        print_toys(outcome)


@app.command()
def limit(
    analysis: AnalysisArgument,
    of: Annotated[str, typer.Option(metavar="NAME", help="Rate >= 0 that is limited.")],
    scan: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=FIRST:LAST:NUMBER",
            help="Parameter that is held at these values, or NAME=VALUE,VALUE; up to two.",
        ),
    ] = None,
    method: Annotated[
        str, typer.Option(metavar="cls|feldman-cousins|bayes", help="How limits are found.")
    ] = "cls",
    toys: Annotated[int, typer.Option(min=0, help="Toys at each rate; 0: asymptotic CLs.")] = 0,
    background: Annotated[
        str,
        typer.Option(
            metavar="sm|rescaled-sm",
            help="Standard Model rate as predicted, or free (the input X_t floats).",
        ),
    ] = "sm",
    out: OutOption = None,
    style: Annotated[
        str, typer.Option("--format", metavar="table|csv|json|hepdata", help="What is printed.")
    ] = "table",
    fresh: FreshOption = False,
) -> None:
    """Limits of 90 and 95 % on a rate, with those expected of background alone, along a scan.

    The directory gets run.h5, a CSV, a HEPData table with its submission.yaml, and a picture.
    """
    from ..errors import ParameterError
    from ..fitter.runs.limits import limits_only
    from .printing import parse_axes, print_limits

    if style not in ("table", "csv", "json", "hepdata"):
        raise ParameterError(f"--format {style!r}: one of table, csv, json, hepdata.")
    axes = parse_axes(scan or (), "--scan")
    with _at_work() as (reporter, stop):
        outcome = limits_only(
            analysis, of, axes, method, toys, background, out,
            fresh=fresh, reporter=reporter, stop=stop,
        )  # fmt: skip
    print_limits(outcome, style)


@app.command()
def evidence(
    analysis: AnalysisArgument,
    seeds: Annotated[int, typer.Option(min=1, help="Independent runs, compared.")] = 2,
    effective: Annotated[
        int, typer.Option(min=1, help="Effective samples of a run; the error of ln Z falls as 1/√.")
    ] = 5000,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Directory of the results; default ./<name>-evidence."),
    ] = None,
    fresh: FreshOption = False,
    json: JsonOption = False,
    plugin: PluginOption = None,
    changes: SetOption = None,
) -> None:
    """Find ln Z and weighted samples of the posterior by nested sampling (extra nested).

    Nuisance parameters inside likelihoods are integrated out (nuisances: laplace is set).
    """
    from ..fitter.drivers.sampling.nested import NestedOptions
    from ..fitter.runs.evidence import evidence_only
    from .plain_records import results_record
    from .printing import print_evidence, print_json

    with _at_work() as (reporter, stop):
        outcome = evidence_only(
            _loader(plugin, changes)(analysis),
            out,
            seeds,
            options=NestedOptions(effective=float(effective)),
            fresh=fresh,
            reporter=reporter,
            stop=stop,
        )
    if json:
        record = results_record(outcome.results, None)
        print_json({key: record[key] for key in ("name", "evidence", "weighted") if key in record})
    else:
        print_evidence(outcome)


@app.command()
def plot(
    file: Annotated[Path, typer.Argument(metavar="FILE.h5", help="Results file.")],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Directory; default that of the file.")
    ] = None,
    plugin: PluginOption = None,
    trust: TrustOption = False,
) -> None:
    """Draw the pictures and write the summary of a results file.

    Plugins are needed only where the run ended before its predictions were made.
    """
    from ..fitter.runs.resume import Own
    from ..fitter.runs.run import redraw

    own = Own(plugins=plugin or (), trust_stored=trust)
    with _reading(file):
        directory, files = redraw(file, out, own=own, tell=_note)
    for name, text in files.items():
        print(f"{directory / name}: {text}")


@app.command()
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
    if cite:
        from ..fitter.runs.resume import Own

        own = Own(plugins=plugin or (), trust_stored=trust)
        with _reading(file):
            print_citations(file, json=json, tell=_note, own=own)
        return
    with _reading(file):
        results = read(file, foreign=True, tell=_note)
        verdict = verdict_of(results)
        if json:
            print_json(results_record(results, verdict))
        elif latex:
            print_latex(results, verdict)
        else:
            print_results(results, verdict)


@app.command()
def compare(
    files: Annotated[list[Path], typer.Argument(metavar="A.h5 B.h5...", help="Results files.")],
    of: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Parameter in which the signal priors are stated."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Draw posteriors, profiles, spectra here.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Compare runs with the first: likelihoods, evidence, goodness of fit, largest pulls."""
    from ..fitter.runs.compare import compare as compare_runs
    from ..fitter.runs.compare import overlays
    from .plain_records import plain
    from .printing import print_comparison, print_json

    found, runs = compare_runs(files, of, _note)
    drawn = {} if out is None else overlays(runs, out)
    if json:
        print_json(plain(found))
    else:
        print_comparison(found)
        for name, text in drawn.items():
            print(f"{(out or Path()) / name}: {text}")


@app.command()
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
        Path | None,
        typer.Option(metavar="FILE.yaml", help="Luminosities of samples, widths that fall."),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Draw the picture here.")] = None,
    json: JsonOption = False,
    plugin: PluginOption = None,
    changes: SetOption = None,
) -> None:
    """Expected errors and significances at other luminosities, from Asimov data."""
    from ..fitter.runs.project import drawn, projected
    from ..likelihoods.reweighted.scaled import ASSUMPTIONS
    from .plain_records import plain
    from .printing import parse_numbers, parse_point, print_json, print_projection

    asked = parse_numbers([luminosity], "--luminosity")
    at, tested = (
        parse_point(texts or [default], option)
        for texts, default, option in ((truth, "best", "--truth"), (null, "sm", "--null"))
    )
    chosen = assumption or ASSUMPTIONS
    found = projected(_loader(plugin, changes)(analysis), asked, at, tested, chosen, samples)
    picture = None if out is None else drawn(found, out)
    if json:
        print_json(plain(found))
    else:
        print_projection(found)
        if picture is not None:
            print(f"{picture}: expected errors and significances")


@app.command()
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
    from .printing import parse_numbers, parse_settings, print_json, print_predictions

    chosen = parse_settings(settings or (), "--set")
    points = parse_numbers(q2 or (), "--q2")
    brought = gathered(plugins=plugin or ())
    for sentence in brought.sentences():
        _note(sentence)
    if wcxf is None:
        name = model or "wet"
        records = prediction_records(observables, name, chosen, points, errors, brought)
    elif model is not None:
        raise ParameterError("--model and --wcxf both say where coefficients are from: give one.")
    else:
        name, (own, chosen) = str(wcxf), model_of_file(wcxf, chosen, _note)
        records = prediction_records(observables, own, chosen, points, errors, brought)
    if json:
        print_json({"model": name, "settings": chosen, "predictions": records})
    else:
        print_predictions(name, chosen, records)


@app.command("export-wcxf")
def export_wcxf(
    file: Annotated[Path, typer.Argument(metavar="FILE.h5", help="Results file.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="YAML (.yaml, .yml) or JSON; default YAML, printed."),
    ] = None,
    basis: Annotated[
        str, typer.Option(help="flavio, Warsaw (of the model smeft), or one of wilson's for WET.")
    ] = "flavio",
    ignore_others: Annotated[
        bool, typer.Option("--ignore-others", help="Leave out what WCxf has no name for.")
    ] = False,
    plugin: PluginOption = None,
    trust: TrustOption = False,
) -> None:
    """Write the Wilson coefficients of the best fit in the exchange format WCxf."""
    from ..chains.files.store import read
    from ..fitter.runs.exchange import wcxf_of_run
    from ..fitter.runs.resume import Own
    from ..models.wcxf.documents import wcxf_text, write_wcxf

    with _reading(file):
        results = read(file, foreign=True, tell=_note)
        own = Own(plugins=plugin or (), trust_stored=trust)
        document = wcxf_of_run(results, basis, ignore_others=ignore_others, own=own)
    if out is None:
        print(wcxf_text(document, "yaml"), end="")
    else:
        write_wcxf(out, document)
        print(f"{out}: best fit of {results.name}, WCxf, basis {basis}")


@app.command()
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
    from .printing import parse_settings, print_check, print_json

    loaded = _loader(plugin, changes)(analysis)
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


@app.command()
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

    load, entries = _loader(plugin, changes), [Entry(file) for file in files]
    for file, entry in zip(files, entries, strict=True):
        if is_workspace(Path(file)):
            wrong = validate_workspace(file)
            for sentence in wrong:
                _complain(sentence)
            entry.code, entry.told = (WRONG, wrong[0]) if wrong else (0, "valid: a workspace")
            continue
        try:
            loaded = load(file)
        except BsinvError as error:
            _complain(str(error))
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


@app.command()
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

    loaded = None if analysis is None else _loader(plugin, None)(analysis)
    for file in pack_likelihood(directory, loaded, name):
        print(file)


@app.command("list")
def list_(
    what: Annotated[str, typer.Argument(metavar=LISTED, help="What to list.")],
    names: Annotated[
        str | None,
        typer.Option(metavar="eos|flavio", help="Parameters by their names in another code."),
    ] = None,
    json: JsonOption = False,
    plugin: PluginOption = None,
) -> None:
    """List models, observables, likelihoods, data, form factors, constants and so on."""
    from ..errors import ParameterError, UnknownNameError
    from ..fitter.own_objects import gathered
    from .listing import LISTINGS, rich_table, with_own
    from .listing_inputs import parameters_listing
    from .printing import print_json
    from .terminal import terminal

    if what not in LISTINGS:
        raise UnknownNameError("list", what, LISTINGS)
    if names is not None and what != "parameters":
        raise ParameterError(f"--names goes with the list of parameters, not with that of {what}.")
    found = parameters_listing(names) if what == "parameters" else LISTINGS[what]()
    if plugin:
        found = with_own(found, what, gathered(plugins=plugin))
    if json:
        print_json(found.records)
    else:
        terminal().print(rich_table(found.header, found.rows))


@contextmanager
def _at_work() -> Iterator[tuple[Reporter, StopRequest]]:
    """Show progress, and turn an interrupt into a checkpoint, a message and an exit code."""
    from ..fitter.runs.progress import StopRequest, reporter

    with StopRequest() as stop:
        try:
            with reporter() as told:
                yield told, stop
        except KeyboardInterrupt as error:
            saved = str(error) or "stopped at once; what was reported as saved is on disk"
            _complain(f"{saved}. The same command (without --fresh) goes on from there.", kind="")
            raise typer.Exit(SIGNALLED + (stop.signal or INTERRUPT)) from None


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    """Name the file where records that can be read make no sense together."""
    from ..errors import StoreError

    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        told = str(error).partition("\n")[0][:300]
        raise StoreError(
            f"{file}: what is in it cannot be shown: {type(error).__name__}: {told}"
        ) from error


def _note(sentence: str) -> None:
    _complain(sentence, kind="note: ")


def _report(outcome: Outcome) -> None:
    from .printing import print_outcome

    print_outcome(outcome)
    best = outcome.results.best_fit
    if best is not None and not best.valid:
        _complain(f"the fit failed: {best.status}")
        raise typer.Exit(FAILED)


def _complain(sentence: str, kind: str = "error: ") -> None:
    from ..errors import printable

    sentence = printable(sentence)
    print(f"bsinv: {kind}{sentence}", file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the program with its exit code.

    0: done; 1: the fit failed; 2: wrong input, or a machine that fails, one message on standard
    error; 130, 143: interrupted.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the program if not given.
    """
    # The matrices here are small: threads of the linear algebra only wait for each other.
    for library in ("OPENBLAS", "OMP", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    # Pictures go to files: a backend for windows, or one that is not there, is never wanted.
    os.environ["MPLBACKEND"] = "agg"
    given = list(sys.argv[1:] if arguments is None else arguments)
    with forgiving_streams() as (output, _), _signals() as came:
        code = _exit_code(given or ["--help"])
        if came:
            _complain("interrupted; what was reported as saved is on disk.", kind="")
            code = SIGNALLED + came[0]
        if output.failure is not None:
            reason = output.failure.strerror
            _complain(f"standard output cannot be written: {reason}; what was to be shown is lost.")
            code = code or WRONG
    sys.exit(code)


@contextmanager
def _signals() -> Iterator[list[int]]:
    """Let SIGTERM end the program as Ctrl-C does, outside of a run, which has its own way.

    The number of the signal is told apart, since versions of typer differ in what they make of it.
    """
    came: list[int] = []
    before = {}

    def end(number: int, frame: object) -> None:
        came.append(number)
        raise KeyboardInterrupt

    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, end)
    except ValueError:  # not the main thread: signals are the business of another one
        yield came
        return
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _exit_code(arguments: list[str]) -> int:
    from ..errors import BsinvError

    try:
        code = app(arguments, standalone_mode=False, prog_name="bsinv")
        sys.stdout.flush()
        return int(code or 0)
    except BsinvError as error:
        _complain(str(error))
        return WRONG
    except (BrokenPipeError, SystemExit) as error:
        # typer turns a pipe that its reader closed into an exit of its own.
        if not isinstance(error.__context__ or error, BrokenPipeError):
            raise
        # So that the interpreter does not stumble over it again when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except (KeyboardInterrupt, typer.Abort):
        return SIGNALLED + INTERRUPT
    except MemoryError:
        _complain("not enough memory; what was reported as saved is on disk.")
        return WRONG
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _complain(f"{where}{error.strerror or error}; what was reported as saved is on disk.")
        return WRONG
    except Exception as error:
        # Errors of the command line's own form; their class depends on the version of typer.
        told = getattr(error, "format_message", None)
        if told is None:
            raise
        _complain(f"{told()} ('bsinv --help' shows what there is.)")
        return WRONG
