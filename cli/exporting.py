"""Commands that write results in the formats of other tools."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import PluginOption, ResultsArgument, TrustOption
from .work import note, reading

if TYPE_CHECKING:
    from ..chains.records import RunFile

__all__ = ["export", "export_popxf", "export_wcxf"]

_FORMATS = ("arviz", "getdist", "csv", "hepdata")


def export(
    file: ResultsArgument,
    to: Annotated[str, typer.Option("--to", metavar="|".join(_FORMATS), help="Format.")],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Directory; default that of the file.")
    ] = None,
    discard: Annotated[
        int | None,
        typer.Option(
            metavar="STEPS", help="Stored steps to leave out; default the suggested burn-in."
        ),
    ] = None,
) -> None:
    """Write samples, scans, limits, toys for arviz (netCDF), getdist, spreadsheets, HEPData."""
    from ..chains.files.store import read
    from ..errors import ParameterError, choices
    from ..fitter.runs.pictures import write_files

    if to not in _FORMATS:
        raise ParameterError(f"--to {to!r}: one of {choices(to, _FORMATS)}")
    if discard is not None and to == "hepdata":
        raise ParameterError("--discard does not go with --to hepdata.")
    with reading(file):
        results = read(file, foreign=True, tell=note)
        contents = _contents(results, to, file.stem, discard)
    directory = file.parent if out is None else out
    write_files(directory, contents)
    for name in contents:
        print(f"{directory / name}: {results.name} for {to}")


def _contents(
    results: RunFile, to: str, stem: str, discard: int | None
) -> Mapping[str, str | bytes]:
    """Names and contents of the files of a format."""
    from ..chains.export import as_arviz, as_csv, as_getdist, as_hepdata
    from ..chains.statistics.samples import has_samples
    from ..chains.tables.global_significance import significance_csv
    from ..chains.tables.limits import limit_csv
    from ..errors import StoreError

    if discard is not None and not has_samples(results):
        raise StoreError(f"--discard: run {results.name!r} has no samples.")
    if to == "arviz":
        return {f"{stem}.nc": as_arviz.netcdf(results, discard)}
    if to == "getdist":
        return as_getdist.getdist_files(results, stem, discard)
    if to == "hepdata":
        return {f"{stem}_hepdata/{k}": v for k, v in as_hepdata.hepdata_files(results).items()}
    found: dict[str, str] = {}

    def add(name: str, text: str) -> None:
        """Keep a table, also where names differ by signs alone."""
        free = (name, *(f"{name}_{number}" for number in range(2, len(found) + 3)))
        found[next(f"{one}.csv" for one in free if f"{one}.csv" not in found)] = text

    for scan in results.scans:
        add(f"{stem}_scan_{as_hepdata.slug(scan.name)}", as_csv.scan_csv(results, scan))
    if has_samples(results):
        add(f"{stem}_samples", as_csv.samples_csv(results, discard))
    for study in results.toys:
        add(f"{stem}_toys_{as_hepdata.slug(study.label)}", as_csv.toys_csv(results, study))
    for entry in results.limits:
        add(f"{stem}_{entry.stem}", limit_csv(entry))
    for one in results.significances:
        add(f"{stem}_{one.stem}", significance_csv(one))
    if not found:
        raise StoreError(
            f"run {results.name!r} has no scans, samples, toys, limits or significances: run them "
            "first."
        )
    return found


def export_wcxf(
    file: ResultsArgument,
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
    from ..fitter.runs.pictures import write_files
    from ..fitter.runs.resume import Own
    from ..models.wcxf.documents import wcxf_text

    with reading(file):
        results = read(file, foreign=True, tell=note)
        own = Own(plugins=plugin or (), trust_stored=trust)
        document = wcxf_of_run(results, basis, ignore_others=ignore_others, own=own)
    if out is None:
        print(wcxf_text(document, "yaml"), end="")
    else:
        form = "yaml" if out.suffix.lower() in (".yaml", ".yml") else "json"
        write_files(out.parent, {out.name: wcxf_text(document, form)})
        print(f"{out}: best fit of {results.name}, WCxf, basis {basis}")


def export_popxf(
    observables: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[OBS]...", help="Observables; default the rates of b -> s nu nu and F_L."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.json", help="File; printed if not given.")
    ] = None,
    basis: Annotated[
        str,
        typer.Option(
            metavar="flavio|bsinv",
            help="flavio: the coefficients of WCxf; bsinv: all operators of neutrinos.",
        ),
    ] = "flavio",
    draws: Annotated[
        int, typer.Option(metavar="N", help="Draws for errors and correlations; 0 for none.")
    ] = 2000,
) -> None:
    """Write predictions as polynomials in the coefficients of neutrinos, in the format POPxf."""
    import json

    from .. import __version__
    from ..errors import ParameterError
    from ..fitter.reports.popxf import DEFAULT_OBSERVABLES, popxf_document
    from ..fitter.runs.pictures import write_files

    if draws < 0 or draws == 1:
        raise ParameterError(f"--draws {draws}: 0, or 2 and more for a standard deviation.")
    names = tuple(observables) if observables else DEFAULT_OBSERVABLES
    document = popxf_document(names, basis, samples=draws, version=__version__)
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    if out is None:
        print(text, end="")
        return
    write_files(out.parent, {out.name: text})
    print(f"{out}: {len(names)} observables, POPxf, basis {basis}")
