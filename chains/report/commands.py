"""Commands that made results, as far as these tell, and those that would add what is not there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..records import LimitScan, RunFile, ScanSignificance, ToyStudy
from ..tables.table import Label, Table
from .about import Reported
from .blocks import Grid, Section, Text

__all__ = ["absent", "made_by"]

# Values of a scanned parameter that are written out one by one.
_FEW = 12


def made_by(entry: Reported) -> list[str]:
    """Commands of which a run holds the results; what they took from a terminal is not known.

    Parameters
    ----------
    entry : Reported
    """
    run, file, analysis = entry.run, entry.about.file, entry.about.analysis
    plugins = "".join(f" --plugin {name}" for name in run.plugins)
    found = []
    if run.ensembles:
        found.append(f"bsinv run {analysis}")
    elif run.best_fit is not None or run.scans:
        found.append(f"bsinv fit {analysis}")
    if run.weighted:
        found.append(f"bsinv evidence {analysis} --seeds {len(run.weighted)}")
    found += [f"bsinv limit {analysis}{_limit(one)}" for one in run.limits]
    found += [
        f"bsinv significance {analysis} --of {one.parameter}{_scans(one)} --toys {one.most}"
        for one in run.significances
    ]
    found += [f"bsinv toys {file} --at {_at(run, one)} --number {one.number}" for one in run.toys]
    found += [f"bsinv toys {file} --at posterior --number {one.number}" for one in run.predictive]
    others = dict.fromkeys((one.second, one.number) for one in run.non_nested)
    found += [f"bsinv compare {file} RESULTS-OF-{name}.h5 --toys {n}" for name, n in others]
    return [f"{command}{plugins}" for command in found]


def _limit(limits: LimitScan) -> str:
    toys = f" --toys {limits.toys}" if limits.toys else ""
    method = f" --method {limits.method}" if limits.method != "cls" else ""
    return f" --of {limits.parameter}{_scans(limits)}{method}{toys}"


def _scans(scan: LimitScan | ScanSignificance) -> str:
    """Options for the scanned parameters and the background."""
    told = []
    for number, name in enumerate(scan.axes):
        values = np.unique(scan.points[:, number])
        steps = np.diff(values)
        if len(values) > 2 and np.allclose(steps, steps[0], rtol=1e-6):
            told.append(f" --scan {name}={values[0]:.6g}:{values[-1]:.6g}:{len(values)}")
        else:
            listed = ",".join(f"{value:.6g}" for value in values[:_FEW])
            told.append(f" --scan {name}={listed}{',...' if len(values) > _FEW else ''}")
    if scan.background != "sm":
        told.append(f" --background {scan.background}")
    return "".join(told)


def _at(run: RunFile, study: ToyStudy) -> str:
    """Where toys were drawn, as the command takes it."""
    if study.at_best:
        return "best"
    if study.name == run.reference_name or "=" not in study.name:
        return "sm"
    return " --at ".join(part.replace(" ", "") for part in study.name.split(", "))


def absent(entry: Reported) -> Iterator[Section]:
    """What a run does not have, each with the command that adds it."""
    run, file, analysis = entry.run, entry.about.file, entry.about.analysis
    commands = (
        (run.best_fit is None, "best fit, pulls and spectra", f"bsinv fit {analysis}"),
        (not run.scans, "profiles and contours",
         f"bsinv fit {analysis} --profile NAME --contour NAME NAME"),
        (not (run.ensembles or run.weighted), "posterior", f"bsinv sample {file}"),
        (not run.predictions, "predictions", f"bsinv resume {file}"),
        (not run.weighted, "evidence", f"bsinv evidence {analysis}"),
        (not any(study.at_best for study in run.toys), "goodness of fit", f"bsinv toys {file}"),
        (not any(not study.at_best for study in run.toys), "test of the reference point",
         f"bsinv toys {file} --at sm"),
        (not run.predictive, "posterior predictive check", f"bsinv toys {file} --at posterior"),
        (not run.limits, "limits", f"bsinv limit {analysis} --of NAME"),
        (not run.significances, "significance of the largest excess",
         f"bsinv significance {analysis} --of NAME --scan NAME=FIRST:LAST:NUMBER"),
        (not run.non_nested, "toys of another model", f"bsinv compare {file} OTHER.h5 --toys 1000"),
        (True, "other luminosities (printed, not stored)", f"bsinv project {analysis}"),
    )  # fmt: skip
    rows = tuple((what, Label(command)) for missing, what, command in commands if missing)
    table = Table("What is not in these results", ("what", "command that adds it"), rows)
    note = Text(f"{analysis} is the analysis: its text stands under Provenance.")
    yield Section("absent", "What could be added", (Grid(table), note))
