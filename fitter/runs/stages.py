"""Stages of a run: fit, scans, posterior, predictions, pictures.

Each takes a results record, returns it with its part filled in, and has stored it by then, so that
a run which was killed goes on with the first stage that is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from ...chains.files.autosave import Checkpointer
from ...chains.files.store import write
from ...chains.records import Alternative, BestFit, Ensemble, RunFile, Scan, ScanEnd, ScanStatus
from ...chains.statistics.diagnostics import Verdict, diagnose
from ...chains.statistics.samples import posterior, used
from ..drivers.work import Work
from ..reports.notes import notes_of
from ..requests import ScanRequest, Scans
from .job import Interrupted, Job
from .resume import stored_sampler

__all__ = [
    "derive",
    "derived",
    "finish",
    "fit",
    "fitted",
    "sample",
    "scan",
    "verdict_of",
]

# Below this there is nothing to quote quantiles of.
FEWEST_STEPS = 20


def fit(job: Job, results: RunFile, again: bool = False) -> RunFile:
    """Find the best fit and store it, unless it is there with all errors asked for.

    Parameters
    ----------
    job : Job
    results : RunFile
    again : bool
        Fit even if there is a best fit.

    Returns
    -------
    RunFile
    """
    best, wanted = results.best_fit, set(job.analysis.spec.fit.minos)
    if best is not None and not again:
        done = {name for name, told in zip(best.names, best.minos_status, strict=True) if told}
        if wanted <= done:
            return results

    def progress(points: int) -> None:
        _pause(job, "the fit")
        job.reporter.step("fit", points)

    job.reporter.step("fit", 0)
    best = fitted(job, results, progress)
    if not best.valid:
        job.reporter.say(f"warning: {best.status}")
    return _stored(job, replace(results, best_fit=best))


def fitted(
    job: Job,
    results: RunFile,
    progress: Callable[[int], None] | None = None,
    starts: Sequence[np.ndarray] = (),
) -> BestFit:
    """Best fit of a job, which is not stored."""
    from ..options import fit_options
    from ..reports.best_fit import best_fit

    analysis = job.analysis
    options = fit_options(analysis.problem, analysis.spec.fit, results.seed)
    return best_fit(analysis.problem, options, progress, starts, analysis.asked)


def _pause(job: Job, stage: str) -> None:
    """Raise if the run was asked to stop during a stage that is done as a whole."""
    if job.stop():
        there = f"what was done before is saved in {job.path}"
        raise Interrupted(
            f"stopped during {stage}; {there if job.path.exists() else 'nothing is saved yet'}"
        )


def _saver(job: Job) -> Checkpointer:
    seconds = job.analysis.spec.sampler.checkpoint_seconds
    return Checkpointer(job.path, seconds, report=job.reporter.say, lease=job.lease)


def _stored(job: Job, results: RunFile) -> RunFile:
    write(job.path, results, job.lease)
    job.reporter.say(f"saved {job.path}")
    return results


def scan(
    job: Job, results: RunFile, asked: Scans, again: bool = False, work: Work | None = None
) -> RunFile:
    """Scan the likelihood and store each scan as it grows, unless it is there.

    Parameters
    ----------
    job : Job
    results : RunFile
        With a best fit.
    asked : tuple of ScanRequest
    again : bool
        Scan even what is there.
    work : callable, optional
        Who does the blocks of points; here by default.

    Returns
    -------
    RunFile

    Raises
    ------
    Interrupted
        If the job was asked to stop: after the points done were stored.
    """
    for request in asked:
        begun = next((entry for entry in results.scans if _same(entry, request)), None)
        if again or begun is None or not _finished(begun):
            results = _scanned(job, results, request, None if again else begun, work)
    return results


def _same(scan: Scan, request: ScanRequest) -> bool:
    """Whether a scan is the one asked for; one around the best fit may have grown."""
    if scan.name != request.name or len(scan.axes) != len(request.shape):
        return False
    parts = dict(zip(scan.separate_names, scan.separate_terms, strict=True))
    if parts != {label: ", ".join(terms) for label, terms in request.separate.items()}:
        return False
    if request.grid() is not None:
        finest = tuple((size - 1) * 2**request.refine + 1 for size in request.shape)
        given = (slice(None, None, 2**request.refine),) * len(finest)
        # Another request for the same finest grid may have left out points of this one.
        return scan.status.shape == finest and bool(
            (scan.status[given] != ScanStatus.NOT_ASKED).all()
        )
    return all(k >= asked for k, asked in zip(scan.status.shape, request.shape, strict=True))


def _finished(scan: Scan) -> bool:
    left = bool((scan.status == ScanStatus.NOT_DONE).any())
    return not left and ScanEnd.UNFINISHED not in scan.ends


def _scanned(
    job: Job, results: RunFile, request: ScanRequest, begun: Scan | None, work: Work | None
) -> RunFile:
    from ..reports.profiles import lower_point, profile_scan

    saver = _saver(job)

    def with_scan(made: Scan) -> RunFile:
        named = replace(made, name=request.name, refitted=request.profiled)
        others = tuple(entry for entry in results.scans if entry.name != request.name)
        return replace(results, scans=(*others, named))

    def report(made: Scan) -> None:
        done = int(np.count_nonzero(made.status >= ScanStatus.CONVERGED))
        job.reporter.step(
            request.name, done, int(np.count_nonzero(made.status != ScanStatus.NOT_ASKED))
        )
        if job.stop():
            saver.save(with_scan(made))
            raise Interrupted(f"stopped; {done} points of the scan are saved in {job.path}")
        saver.save_if_due(lambda: with_scan(made))

    made = profile_scan(
        job.analysis.problem,
        tuple(request.axes),
        request.shape[0],
        results.best_fit or partial(fitted, job, results),
        axes=request.grid(),
        profiled=request.profiled,
        separate=request.separate,
        refine=request.refine,
        begun=begun,
        report=report,
        work=work,
    )
    results = with_scan(made)
    best = results.best_fit
    start = None if best is None else lower_point(best, made)
    if start is not None:
        job.reporter.say(f"{request.name}: a better fit was found, which is refined now")
        results = replace(results, best_fit=fitted(job, results, starts=[start]))
    return _stored(job, results)


def sample(
    job: Job, results: RunFile, max_steps: int | None = None, work: Work | None = None
) -> tuple[RunFile, Verdict]:
    """Sample the posterior, storing the chain every few seconds.

    Parameters
    ----------
    job : Job
    results : RunFile
        With a best fit; its chain is continued.
    max_steps : int, optional
        Steps of each ensemble at which to stop, in place of that of the analysis file.
    work : callable, optional
        Who advances the ensembles; here by default.

    Returns
    -------
    RunFile, Verdict

    Raises
    ------
    Interrupted
        If the job was asked to stop: after the chain was stored.
    """
    from ..options import sampler_options
    from ..reports.best_fit import posterior_samples

    saver = _saver(job)

    def with_chain(ensembles: tuple[Ensemble, ...]) -> RunFile:
        # Predictions belong to an earlier chain.
        return replace(results, ensembles=ensembles, predictions=())

    def report(steps: int, verdict: Verdict, collect: Callable[[], tuple[Ensemble, ...]]) -> None:
        # Steps still needed are counted from where the verdict was made.
        needed = verdict.steps_needed
        total = None if needed is None else max(verdict.steps + needed, steps)
        job.reporter.step("sample", steps, total, _state(verdict))
        if job.stop():
            saver.save(with_chain(collect()))
            raise Interrupted(f"stopped; {saver.saved_steps} steps are saved in {job.path}")
        saver.save_if_due(lambda: with_chain(collect()))

    before = min((entry.steps for entry in results.ensembles), default=0)
    job.reporter.step("sample", before)
    changes = {} if max_steps is None else {"max_steps": max_steps}
    if results.ensembles:  # the number chosen may depend on a target that has changed
        changes["walkers"] = results.ensembles[0].walkers
    problem = job.analysis.problem
    options = sampler_options(problem, job.analysis.spec.sampler, results.seed, **changes)
    ensembles, verdict = posterior_samples(
        problem, options, results.best_fit, results.ensembles, report, work
    )
    if min(entry.steps for entry in ensembles) > before:
        results = with_chain(ensembles)
    saver.save(results)
    return results, verdict


def _state(verdict: Verdict) -> str:
    """Worst numbers of a verdict, in a few words."""
    if not np.isfinite(verdict.ess).any() or not np.isfinite(verdict.rhat).any():
        return ""
    return f"ESS {np.nanmin(verdict.ess):.0f}, R-hat {np.nanmax(verdict.rhat):.3f}"


def verdict_of(results: RunFile) -> Verdict | None:
    """Verdict on a stored chain, with the targets of its analysis; None if there is no chain."""
    if not any(ensemble.steps for ensemble in results.ensembles):
        return None
    given = stored_sampler(results)
    return diagnose(results.ensembles, target_ess=given.target_ess, target_rhat=given.target_rhat)


def derive(job: Job, results: RunFile, verdict: Verdict | None) -> RunFile:
    """Compute observables at best fit, reference point and samples, and store them.

    Parameters
    ----------
    job : Job
    results : RunFile
    verdict : Verdict or None
        Gives the burn-in.

    Returns
    -------
    RunFile
    """
    return _stored(job, derived(job, results, verdict))


def derived(job: Job, results: RunFile, verdict: Verdict | None) -> RunFile:
    """Do the same as `derive` without writing anything."""
    from ..reports.alternatives import alternatives
    from ..reports.predictions import (
        SAMPLES,
        post_fit_spectra,
        predictions,
        support_report,
        thinned_samples,
        where_defined,
    )

    pause = partial(_pause, job, "the predictions")
    job.reporter.step("predictions", 0)
    analysis, best = job.analysis, results.best_fit
    problem, requests = analysis.problem, analysis.spec.predictions
    samples = np.empty((0, len(problem.names)))
    if verdict is not None and verdict.steps >= FEWEST_STEPS:
        samples = thinned_samples(results.ensembles, verdict.burn_in)
    weights = None
    if used(results):
        samples, weights = posterior(results).thinned(SAMPLES)
    made = predictions(problem, best, samples, requests, pause)
    predicted, undefined = where_defined(made, weights)
    pause()
    support = None if best is None else support_report(problem, best)
    pause()
    spectra = () if best is None else post_fit_spectra(problem, best)
    others: tuple[Alternative, ...] = ()
    if best is not None:
        others = alternatives(
            problem,
            analysis.requested,
            best,
            samples,
            predicted,
            support,
            requests,
            lambda points: pause(),
            weights,
        )
    return replace(
        results,
        predictions=predicted,
        spectra=spectra,
        support=support,
        alternatives=others,
        notes=tuple(dict.fromkeys((*notes_of(problem, results), *undefined))),
    )


def finish(job: Job, results: RunFile, verdict: Verdict | None) -> dict[str, str]:
    """Draw the pictures and write the summary beside the results file.

    Parameters
    ----------
    job : Job
    results : RunFile
    verdict : Verdict or None

    Returns
    -------
    dict of str to str
        Names of the files of the run and what they hold.
    """
    from .pictures import SUMMARY, draw, write_summary

    job.reporter.step("pictures", 0)
    directory = job.path.parent
    files = {job.path.name: "results: best fit, chain, predictions, all that was put in"}
    files |= draw(results, directory, verdict, partial(_pause, job, "the pictures"))
    files[SUMMARY] = "summary of the results"
    write_summary(results, directory, verdict, files)
    return files
