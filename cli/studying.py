"""Commands that study an analysis: toys, limits, significances, evidence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import (
    AnalysisArgument,
    BackgroundOption,
    ExecutorOption,
    FreshOption,
    JsonOption,
    OutOption,
    PluginOption,
    ScanOption,
    SetOption,
    TrustOption,
)
from .work import (
    at_work,
    loader,
    refuse_changes_of_results,
)

if TYPE_CHECKING:
    from ..fitter.runs.resume import Own

__all__ = ["evidence", "limit", "significance", "toys"]

POSTERIOR = "posterior"
STYLES = ("table", "csv", "json", "hepdata")


def toys(
    source: Annotated[
        str, typer.Argument(metavar="ANALYSIS|FILE.h5", help="Analysis, or results to go on with.")
    ],
    at: Annotated[
        list[str] | None,
        typer.Option(
            metavar="best|sm|posterior|NAME=VALUE",
            help="Where toys are drawn, and what is tested; values are repeatable; default best; "
            "posterior: at its samples in FILE.h5, not fitted.",
        ),
    ] = None,
    number: Annotated[int, typer.Option(min=1, help="Number of toys.")] = 1000,
    nuisances: Annotated[
        str,
        typer.Option(metavar="conditional|nominal|prior", help="Nuisance parameters of the toys."),
    ] = "conditional",
    out: OutOption = None,
    shard: Annotated[
        str | None,
        typer.Option(
            metavar="I/N", help="Only these chunks, into DIR/run.chunks; then: bsinv merge DIR."
        ),
    ] = None,
    executor: ExecutorOption = "auto",
    changes: SetOption = None,
    fresh: FreshOption = False,
    json: JsonOption = False,
    plugin: PluginOption = None,
    trust: TrustOption = False,
) -> None:
    """Draw data sets as they might have been measured and fit each: p-values, coverage, pulls.

    Toys that the results hold already are kept, and more are added up to the number. Those of the
    posterior are a posterior predictive check.
    """
    from ..errors import ParameterError
    from ..fitter.runs.resume import Own
    from ..fitter.runs.studies.toys import toys_only
    from .plain_records import toys_record
    from .printing import print_json, print_toys
    from .values import parse_point

    refuse_changes_of_results(source, changes)
    place, stored = parse_point(at or ["best"], "--at"), source.endswith(".h5")
    own = Own(plugins=plugin or (), trust_stored=trust) if stored else None
    if place == POSTERIOR and shard is not None:
        raise ParameterError("--shard: data of the posterior are drawn at once, not in chunks.")
    if place == POSTERIOR:
        _predictive(source, number, nuisances, own, json, bool(out or fresh))
        return
    if shard is not None:
        _toys_shard(
            source, shard, (place, number, nuisances), out, executor, plugin, changes, fresh
        )
        return
    with at_work() as (reporter, stop):
        chosen = source if stored else loader(plugin, changes)(source)
        outcome = toys_only(
            chosen,
            place,
            number,
            nuisances,
            out,
            executor=executor,
            own=own,
            fresh=fresh,
            reporter=reporter,
            stop=stop,
        )
    if json:
        print_json(toys_record(outcome.study))
    else:
        print_toys(outcome)


def _predictive(
    source: str, number: int, nuisances: str, own: Own | None, json: bool, elsewhere: bool
) -> None:
    """Draw data sets from the posterior in a results file."""
    from ..errors import ParameterError
    from ..fitter.runs.studies.predictive import predictive_only
    from .plain_records import predictive_record
    from .printing import print_json, print_predictive

    if own is None or elsewhere:
        raise ParameterError(
            f"--at posterior: {source} must be a results file (*.h5) with samples, which is "
            "continued in place, without --out and --fresh."
        )
    with at_work() as (reporter, stop):
        outcome = predictive_only(source, number, nuisances, own=own, reporter=reporter, stop=stop)
    if json:
        print_json(predictive_record(outcome.check))
    else:
        print_predictive(outcome)


def _toys_shard(
    source: str,
    shard: str,
    asked: tuple[Any, int, str],
    out: Path | None,
    executor: str,
    plugin: list[Path] | None,
    changes: list[str] | None,
    fresh: bool,
) -> None:
    """Do one shard of toys, and tell of it."""
    from ..errors import ParameterError
    from ..fitter.runs.batch.shards import toys_shard

    if source.endswith(".h5") or fresh:
        what = "--fresh" if fresh else source
        raise ParameterError(f"--shard does not go with {what}: give the analysis and --out DIR.")
    with at_work() as (reporter, stop):
        chosen = loader(plugin, changes)(source)
        made = toys_shard(
            chosen, shard, *asked, out, executor=executor, reporter=reporter, stop=stop
        )
    print(f"{made.folder}: {made.chunks} chunks, {made.toys} toys of shard {shard}")


def limit(
    analysis: AnalysisArgument,
    of: Annotated[str, typer.Option(metavar="NAME", help="Rate >= 0 that is limited.")],
    scan: ScanOption = None,
    method: Annotated[
        str, typer.Option(metavar="cls|feldman-cousins|bayes", help="How limits are found.")
    ] = "cls",
    toys: Annotated[int, typer.Option(min=0, help="Toys at each rate; 0: asymptotic CLs.")] = 0,
    background: BackgroundOption = "sm",
    out: OutOption = None,
    style: Annotated[
        str, typer.Option("--format", metavar="table|csv|json|hepdata", help="What is printed.")
    ] = "table",
    executor: ExecutorOption = "auto",
    fresh: FreshOption = False,
    changes: SetOption = None,
    plugin: PluginOption = None,
) -> None:
    """Limits of 90 and 95 % on a rate, with those expected of background alone, along a scan.

    The directory gets run.h5, a CSV, a HEPData table with its submission.yaml, and a picture.
    """
    from ..errors import ParameterError, choices
    from ..fitter.runs.studies.limits import limits_only
    from .printing import print_limits
    from .values import parse_axes

    if style not in STYLES:
        raise ParameterError(f"--format {style!r}: one of {choices(style, STYLES)}")
    axes = parse_axes(scan or (), "--scan")
    with at_work() as (reporter, stop):
        outcome = limits_only(
            loader(plugin, changes)(analysis), of, axes, method, toys, background, out,
            executor=executor, fresh=fresh, reporter=reporter, stop=stop,
        )  # fmt: skip
    print_limits(outcome, style)


def significance(
    analysis: AnalysisArgument,
    of: Annotated[str, typer.Option(metavar="NAME", help="Rate >= 0 that is zero or not.")],
    scan: ScanOption = None,
    toys: Annotated[int, typer.Option(min=1, help="At most; 100 or more.")] = 1000,
    precision: Annotated[
        float,
        typer.Option(
            metavar="PART", help="Relative error of the global p at which to stop; 0: all toys."
        ),
    ] = 0.2,
    background: BackgroundOption = "sm",
    out: OutOption = None,
    executor: ExecutorOption = "auto",
    fresh: FreshOption = False,
    json: JsonOption = False,
    changes: SetOption = None,
    plugin: PluginOption = None,
) -> None:
    """Local and global significance of the largest excess of a scan.

    The directory gets run.h5, a CSV and a picture. Toys that the results hold already are kept, and
    more are added up to the number.
    """
    from ..fitter.runs.studies.significance import significance_only
    from .plain_records import significance_record
    from .printing import print_json, print_significance
    from .values import parse_axes

    axes = parse_axes(scan or (), "--scan")
    with at_work() as (reporter, stop):
        outcome = significance_only(
            loader(plugin, changes)(analysis), of, axes, toys, precision, background, out,
            executor=executor, fresh=fresh, reporter=reporter, stop=stop,
        )  # fmt: skip
    if json:
        print_json(significance_record(outcome.found))
    else:
        print_significance(outcome)


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
    executor: ExecutorOption = "auto",
    fresh: FreshOption = False,
    json: JsonOption = False,
    plugin: PluginOption = None,
    changes: SetOption = None,
) -> None:
    """Find ln Z and weighted samples of the posterior by nested sampling (extra nested).

    Nuisance parameters inside likelihoods are integrated out (nuisances: laplace is set).
    """
    from ..fitter.drivers.sampling.nested import NestedOptions
    from ..fitter.runs.studies.evidence import evidence_only
    from .plain_records import results_record
    from .printing import print_evidence, print_json

    with at_work() as (reporter, stop):
        outcome = evidence_only(
            loader(plugin, changes)(analysis),
            out,
            seeds,
            options=NestedOptions(effective=float(effective)),
            executor=executor,
            fresh=fresh,
            reporter=reporter,
            stop=stop,
        )
    if json:
        record = results_record(outcome.results, None)
        print_json({key: record[key] for key in ("name", "evidence", "weighted") if key in record})
    else:
        print_evidence(outcome)
