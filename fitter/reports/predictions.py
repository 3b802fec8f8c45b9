"""Derived predictions of a run: observables at best fit, reference point and posterior samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ...chains.records import BestFit, Ensemble, PostFitSpectrum, Prediction, SupportReport
from ...errors import PluginError, PredictionError
from ..analysis_file.sections import PredictionSpec
from ..drivers.target import Array
from ..problem import Problem
from ..requests import label_of, value_of

if TYPE_CHECKING:
    from ...likelihoods.reweighted.belle2 import Belle2Likelihood
    from ...physics.observable import Observable

__all__ = [
    "end_point",
    "post_fit_spectra",
    "predictions",
    "support_report",
    "thinned_samples",
    "where_defined",
]

SAMPLES = 400
NUMBERS = (
    "BR(B+->Knunu)",
    "BR(B0->K0nunu)",
    "BR(B+->K*nunu)",
    "BR(B0->K*nunu)",
    "<FL>(B0->K*nunu)",
    "RK(nunu)",
    "RK*(nunu)",
)
# With the transition that says where they end.
SPECTRA = {"dBR/dq2(B+->Knunu)": "B+->K+", "dBR/dq2(B0->K*nunu)": "B0->K*0"}
SPECTRUM_POINTS = 120


def thinned_samples(ensembles: tuple[Ensemble, ...], burn_in: int, size: int = SAMPLES) -> Array:
    """Evenly spaced posterior samples of all ensembles together.

    Parameters
    ----------
    ensembles : tuple of Ensemble
    burn_in : int
        Stored steps dropped at the start.
    size : int
        Largest number of samples returned.

    Returns
    -------
    (s, d) array
    """
    kept = [ensemble.chain[burn_in:].reshape(-1, len(ensemble.names)) for ensemble in ensembles]
    joined = np.concatenate(kept)
    chosen = np.linspace(0, len(joined) - 1, min(size, len(joined))).astype(int)
    return np.asarray(joined[chosen])


def _go_on() -> None:
    """Never stop."""


def predictions(
    problem: Problem,
    best: BestFit | None,
    samples: Array,
    requests: Sequence[PredictionSpec] = (),
    pause: Callable[[], None] = _go_on,
) -> tuple[Prediction, ...]:
    """Observables that a run reports.

    Parameters
    ----------
    problem : Problem
    best : BestFit or None
    samples : (s, d) array
        Posterior samples, s = 0 allowed.
    requests : sequence of PredictionSpec
        Predictions that the analysis asks for besides.
    pause : callable, optional
        Called before each observable; what it raises ends the work.

    Returns
    -------
    tuple of Prediction
        Those of the list that the model predicts, and those asked for.
    """
    from ...physics.observables import observable

    found = []
    for name in NUMBERS:
        pause()
        record = observable(name)
        columns = _at(partial(problem.observable, name), best, samples)
        if columns is not None:
            found.append(Prediction(name, latex=record.latex, unit=_unit(record), **columns))
    for request in requests:
        pause()
        label = label_of(problem, request)
        columns = _at(_or_nan(partial(value_of, problem, request)), best, samples)
        if columns is not None and label["name"] not in [entry.name for entry in found]:
            found.append(Prediction(**label, **columns))
    for name, hadronic in SPECTRA.items():
        pause()
        record = observable(name)
        axis = np.linspace(0.0, end_point(hadronic), SPECTRUM_POINTS)
        columns = _at(partial(problem.observable, name, q2=axis), best, samples)
        if columns is not None:
            found.append(
                Prediction(name, latex=record.latex, unit=_unit(record), axis=axis, **columns)
            )
    return tuple(found)


def _at(
    predict: Callable[[Array], Array], best: BestFit | None, samples: Array
) -> dict[str, Any] | None:
    """Samples, best fit and reference of one prediction; None if the model lacks it."""
    points = [samples]
    if best is not None:
        points.append(best.values[None])
        if best.reference_label:
            points.append(best.reference_values[None])
    theta = np.concatenate(points)
    if not len(theta):
        return None
    try:
        values = predict(theta)
    except PredictionError:
        return None
    values = values.reshape(len(theta), -1)
    columns: dict[str, Any] = {"samples": values[: len(samples)]}
    for label, row in zip(("best_fit", "reference"), values[len(samples) :], strict=False):
        columns[label] = row
    return columns


def where_defined(
    predicted: Sequence[Prediction], weights: Array | None
) -> tuple[tuple[Prediction, ...], tuple[str, ...]]:
    """Predictions with their weights, and without the samples of those not defined at all of them.

    Parameters
    ----------
    predicted : sequence of Prediction
    weights : (s,) array or None
        Of the samples.

    Returns
    -------
    predictions : tuple of Prediction
        Intervals and medians are made of samples: where these are missing there are none.
    notes : tuple of str
        One sentence for each that is not defined everywhere.
    """
    kept, notes = [], []
    for entry in predicted:
        bad = int(np.count_nonzero(~np.isfinite(entry.samples).all(axis=1)))
        if not bad:
            kept.append(replace(entry, weights=weights))
            continue
        notes.append(
            f"{entry.name} is not a finite number at {bad} of {len(entry.samples)} samples: it has "
            "no median and no interval."
        )
        kept.append(replace(entry, samples=entry.samples[:0]))
    return tuple(kept), tuple(notes)


def _or_nan(predict: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """Prediction that is NaN at the points at which an observable of a user's own fails."""

    def each(theta: Array) -> Array:
        try:
            return predict(theta)
        except PluginError:
            rows = []
            for index in range(len(theta)):
                try:
                    rows.append(predict(theta[index : index + 1]))
                except PluginError:
                    rows.append(np.full(1, np.nan))
            return np.concatenate(rows)

    return each


def _unit(record: Observable) -> str:
    return "" if record.unit == "1" else record.unit


def end_point(name: str) -> float:
    """Largest q2 of a transition, GeV^2."""
    from ...data.constants import constant
    from ...physics.transitions import transition

    known = transition(name)
    parent, meson = constant(known.parent_mass), constant(known.meson_mass)
    return float((parent.value - meson.value) ** 2)


def _reweighted(problem: Problem) -> Belle2Likelihood | None:
    """Term that reweights a simulated template, if the analysis uses one."""
    # Only a term of that kind names the prediction that was simulated.
    found = next((term for term in problem.terms if term.null_label), None)
    return cast("Belle2Likelihood | None", found)


def post_fit_spectra(problem: Problem, best: BestFit) -> tuple[PostFitSpectrum, ...]:
    """Counts of the signal regions of a reweighted template at the best fit, if there is one.

    Parameters
    ----------
    problem : Problem
    best : BestFit

    Returns
    -------
    tuple of PostFitSpectrum
        Inclusive-tag and hadronic-tag signal regions.
    """
    from ...likelihoods.reweighted.inspection.post_fit import post_fit
    from ...likelihoods.reweighted.inspection.regions import SAMPLE_LABELS, SIGNAL_REGIONS

    term = _reweighted(problem)
    if term is None:
        return ()
    at_best = post_fit(term, problem.predictions(best.values[None])[term.name][0])
    # Without a reference point it is the Standard Model signal of the simulation.
    reference = term.null_columns
    if best.reference_label:
        reference = problem.predictions(best.reference_values[None])[term.name][0]
    at_reference = post_fit(term, reference)
    spectra = []
    for region in SIGNAL_REGIONS:
        if region.channel not in at_best:
            continue
        counts = at_best[region.channel]
        signal, *backgrounds = counts.samples
        spectra.append(
            PostFitSpectrum(
                channel=region.label,
                groups=region.groups,
                edges=np.array(region.edges),
                data=counts.observed,
                backgrounds={SAMPLE_LABELS[name]: counts.samples[name] for name in backgrounds},
                signal_best=counts.samples[signal],
                signal_reference=at_reference[region.channel].samples[signal],
                total_lower=counts.expected - counts.error,
                total_upper=counts.expected + counts.error,
                axis_latex=region.axis_latex,
                axis_unit=region.axis_unit,
                reference_label=best.reference_label or term.null_label,
            )
        )
    return tuple(spectra)


def support_report(problem: Problem, best: BestFit) -> SupportReport | None:
    """How well the published simulation of a reweighted template supports the best fit.

    Parameters
    ----------
    problem : Problem
    best : BestFit

    Returns
    -------
    SupportReport or None
        None if the analysis does not use the likelihood, or its spectrum there is not finite.
    """
    from ...likelihoods.reweighted.inspection.support import spectrum_support

    term = _reweighted(problem)
    if term is None:
        return None
    wilson, inputs = problem.wilson(best.values[None])
    prediction = term.predict(wilson, inputs)[0]
    if not np.isfinite(prediction).all():
        return None
    found = spectrum_support(
        term, prediction, lambda edges: term.spectrum(wilson, inputs, edges)[0]
    )
    stored = {entry.name: getattr(found, entry.name) for entry in fields(found)}
    return SupportReport(term=term.name, **stored)
