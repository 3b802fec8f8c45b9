"""Results files beside each other: the comparison, and pictures of them over each other."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from ....chains.files.store import read
from ....chains.plots.posterior.overlaid import (
    overlaid_posteriors,
    overlaid_profiles,
    overlaid_spectra,
)
from ....chains.plots.searches.non_nested import non_nested_figure
from ....chains.plots.style import save
from ....chains.records import RunFile
from ....chains.statistics.common import different_data
from ....chains.statistics.comparison import (
    CommonEvidence,
    Comparison,
    compared,
)
from ....chains.statistics.evidence import evidence, reweighted
from ....chains.statistics.non_nested import studies_of
from ....chains.statistics.samples import posterior_of
from ....errors import ParameterError, StoreError
from ...analysis_file.arguments import check_number
from ...reports.studies.common_prior import common_prior
from .. import stages
from ..job import make_directory
from ..resume import Own, stored_analysis

__all__ = ["compare", "names_of", "overlays", "refuse_twice"]


def compare(
    files: Sequence[str | Path],
    quantity: str | None = None,
    tell: Callable[[str], None] | None = None,
    rate: str | None = None,
    up_to: float = 1e-4,
    own: Own | None = None,
) -> tuple[Comparison, dict[str, RunFile]]:
    """Compare results files with the first of them.

    Parameters
    ----------
    files : sequence of path
        Two or more.
    quantity : str, optional
        Parameter in which the priors of the signals are stated, see `compared`.
    tell : callable, optional
        Told, in one sentence, if a file has no checksum.
    rate : str, optional
        Observable in which the priors of all signals are stated for evidences: uniform, of the new
        part alone (`reports.studies.common_prior`).
    up_to : float
        End of its range.
    own : Own, optional
        With a rate: what was brought along to the runs.

    Returns
    -------
    Comparison
    dict of str to RunFile
        The runs by the names they have in it: those of their analyses, with the path where
        several have the same.

    Raises
    ------
    StoreError
        If there are fewer than two files, one is given twice, or one cannot be read.
    UnknownNameError
        As for `compared`, or if there is no such rate.
    ParameterError
        If the end of a rate is not positive.
    """
    refuse_twice(files)
    if rate is not None:
        _check_end(up_to)
    runs = [read(file, foreign=True, tell=tell or (lambda sentence: None)) for file in files]
    names = names_of(runs, files)
    found = compared(runs, names, quantity)
    if rate is not None:
        common = _common(runs, names, rate, up_to, own)
        found = replace(found, common=common, rate=f"{rate} up to {up_to:g}")
    return found, dict(zip(names, runs, strict=True))


def names_of(runs: Sequence[RunFile], files: Sequence[str | Path]) -> list[str]:
    """Names of runs: those of their analyses, with the path where several have the same."""
    plain = [run.name for run in runs]
    return [
        f"{name} ({file})" if plain.count(name) > 1 else name
        for name, file in zip(plain, files, strict=True)
    ]


def refuse_twice(files: Sequence[str | Path]) -> None:
    """Raise `StoreError` if a file is given twice."""
    if len({str(Path(file).resolve()) for file in files}) < len(files):
        raise StoreError("a results file is given twice: give each once.")


def _check_end(end: float) -> None:
    if not check_number("up_to", end) > 0.0:
        raise ParameterError(f"up_to = {end:g} is not allowed: a rate above zero.")


def _common(
    runs: Sequence[RunFile], names: Sequence[str], rate: str, end: float, own: Own | None
) -> tuple[CommonEvidence, ...]:
    """Evidences with signal priors uniform in a rate, beside the first one."""
    every = [_restated(run, rate, end, own) for run in runs]
    first = every[0]
    rows = []
    for run, name, (logs, error, reason) in zip(runs, names, every, strict=True):
        different = different_data(run, runs[0])
        if different:
            reason = f"not compared with {names[0]}, whose data are others: {different}"
        given, halved, doubled = (
            math.nan if reason else log - base for log, base in zip(logs, first[0], strict=True)
        )
        fit = run.best_fit
        referred = fit is not None and bool(fit.reference_label)
        rows.append(
            CommonEvidence(
                name,
                logs[0],
                error,
                factor=given,
                factor_error=0.0 if run is runs[0] else math.hypot(error, first[1]),
                halved=halved,
                doubled=doubled,
                largest=0.5 * fit.minus_two_delta_log if fit and referred else math.nan,
                reason=reason,
            )
        )
    return tuple(rows)


def _restated(
    run: RunFile, rate: str, end: float, own: Own | None
) -> tuple[list[float], float, str]:
    """Evidences up to the end, half and twice of it; error of the first; why there is none."""
    nothing = [math.nan] * 3
    problem = stored_analysis(run, own).problem
    problem.record(rate)  # an unknown one is an error, also without evidence
    ended = [one for one in run.weighted if one.complete and one.size]
    if not ended:
        return nothing, math.nan, "no ln Z: run bsinv evidence"
    try:
        prior = common_prior(problem, rate)
    except ParameterError as error:
        return nothing, math.nan, str(error).rstrip(".")
    logs, errors = [], []
    for part in (1.0, 0.5, 2.0):
        made = [reweighted(one, prior.log_ratio(one.points, part * end)) for one in ended]
        inside = [one for one in made if one.size]
        if not inside and part == 1.0:
            return nothing, math.nan, (
                f"no sample of the posterior has a new part of {rate} between 0 and {end:g}: "
                "state a wider range"
            )  # fmt: skip
        short = not all(prior.reaches(one.points, one.weights, part * end) for one in made)
        found = evidence(inside) if inside and not short else None
        if found is None and part == 1.0:
            return nothing, math.nan, (
                f"the range of {prior.name} does not reach all of {rate} up to {end:g}, and the "
                "posterior does not end before: widen it"
            )  # fmt: skip
        logs.append(math.nan if found is None else found.log_evidence)
        errors.append(math.nan if found is None else found.error)
    return logs, errors[0], ""


def overlays(runs: dict[str, RunFile], directory: Path) -> dict[str, str]:
    """Draw posteriors, profiles and spectra of runs over each other, and toys of pairs of them.

    Parameters
    ----------
    runs : dict of str to RunFile
        The first one may hold toys of it and others.
    directory : Path
        Made if it is not there.

    Returns
    -------
    dict of str to str
        Names of the pictures, and what they show.
    """
    make_directory(directory)
    samples = {
        name: (run, found)
        for name, run in runs.items()
        if (found := posterior_of(run, stages.verdict_of(run))) is not None and len(found.samples)
    }
    figures = {"posteriors.png": (overlaid_posteriors(samples), "posteriors of all runs")}
    parameters = {
        scan.parameters[0] for run in runs.values() for scan in run.scans if len(scan.axes) == 1
    }
    for name in sorted(parameters):
        figures[f"profile-{name}.png"] = overlaid_profiles(runs, name), f"profiles of {name}"
    spectrum = "dBR/dq2(B+->Knunu)"
    figures["spectra.png"] = overlaid_spectra(runs, spectrum), f"{spectrum} at the best fits"
    (name, first), *others = runs.items()
    for index, (other, run) in enumerate(others):
        studies = studies_of(first, run)
        if studies:
            figures[f"toys{f'-{index + 1}' if len(others) > 1 else ''}.png"] = (
                non_nested_figure(studies, (name, other)),
                f"ratio of the likelihoods of {name} and {other} in toys of both",
            )
    made = {}
    for name, (figure, text) in figures.items():
        if figure is not None:
            save(figure, directory / name)
            made[name] = text
    return made
