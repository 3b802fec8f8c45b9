"""Runs of posterior predictive checks, on the samples of a results file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ....chains.files.store import write
from ....chains.plots.measurements.predictive import predictive_figure
from ....chains.plots.style import save
from ....chains.records import RunFile
from ....chains.records.predictive import PredictiveCheck
from ....chains.statistics.samples import posterior_of
from ....errors import StoreError
from ...reports.studies.predictive import posterior_predictive
from .. import stages
from ..job import never, open_file
from ..progress import Reporter
from ..resume import Own

__all__ = ["PICTURE", "PredictiveOutcome", "predictive_only"]

PICTURE = "predictive.png"


@dataclass(frozen=True)
class PredictiveOutcome:
    """What a posterior predictive check made.

    Attributes
    ----------
    check : PredictiveCheck
    results : RunFile
        All that the file holds.
    path : Path
        The file.
    picture : Path or None
        None where no counts are expected.
    """

    check: PredictiveCheck
    results: RunFile
    path: Path
    picture: Path | None


def predictive_only(
    path: str | Path,
    number: int = 1000,
    nuisances: str = "conditional",
    *,
    own: Own | None = None,
    reporter: Reporter | None = None,
    stop: Callable[[], bool] = never,
) -> PredictiveOutcome:
    """Draw data sets from the posterior in a results file; store and draw what they say.

    Parameters
    ----------
    path : path
        With samples of the posterior. The check in it is replaced.
    number, nuisances
        As for `posterior_predictive`.
    own, reporter, stop
        As for `toys_only`.

    Returns
    -------
    PredictiveOutcome

    Raises
    ------
    StoreError
        If the file cannot be read or written, or has no samples.
    LeaseError, ParameterError, PredictionError
        As for `open_file` and `posterior_predictive`.
    """
    job, results = open_file(path, own=own, reporter=reporter, stop=stop)
    with job:
        samples = posterior_of(results, stages.verdict_of(results))
        if samples is None or not len(samples.samples):
            raise StoreError(
                f"{path}: no samples of the posterior, from which data are drawn: run bsinv sample "
                "or bsinv evidence."
            )
        job.reporter.step("data of the posterior", 0, number)
        check = posterior_predictive(
            job.analysis.problem, samples, number, seed=results.seed, nuisances=nuisances
        )
        results = replace(results, predictive=(check,))
        write(job.path, results, job.lease)
        job.reporter.say(f"saved {job.path}")
    picture: Path | None = job.path.parent / PICTURE
    try:
        save(predictive_figure(check), job.path.parent / PICTURE)
    except StoreError:
        if any(check.groups):
            raise
        picture = None
    return PredictiveOutcome(check, results, job.path, picture)
