"""Records of results as JSON types."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ..chains.records import (
        LimitScan,
        Prediction,
        PredictiveCheck,
        RunFile,
        ScanSignificance,
        ToyStudy,
        WeightedSamples,
    )
    from ..chains.statistics.diagnostics import Verdict
    from ..chains.statistics.regions import Marginal
    from ..fitter.sensitivity.check import Identifiability
    from ..fitter.sensitivity.outlook import Outlook

__all__ = [
    "check_record",
    "limits_record",
    "plain",
    "predictive_record",
    "results_record",
    "significance_record",
    "toys_record",
]

QUANTILES = {
    "median": 0.5,
    "lower_68": 0.16,
    "upper_68": 0.84,
    "lower_95": 0.025,
    "upper_95": 0.975,
}


def check_record(found: Identifiability, seen: Outlook | None = None) -> dict[str, Any]:
    """Findings of a check as JSON types.

    Parameters
    ----------
    found : Identifiability
    seen : Outlook, optional
        What would tell of flat directions, and which are constrained by the priors only.

    Returns
    -------
    dict
    """
    record: dict[str, Any] = plain(found)
    del record["turning"]  # for programs that go on from here: many numbers, and none to read
    record["sensitivity"] = {
        term: dict(zip(found.parameters, plain(row), strict=True))
        for term, row in zip(found.terms, found.sensitivity, strict=True)
    }
    if seen is not None:
        record["outlook"] = plain(seen)
    return record


def results_record(results: RunFile, verdict: Verdict | None) -> dict[str, Any]:
    """Results without the chain itself, as JSON types; what is not a finite number is None.

    Parameters
    ----------
    results : RunFile
    verdict : Verdict or None

    Returns
    -------
    dict
    """
    from ..chains.statistics.evidence import evidence
    from ..chains.statistics.non_nested import non_nested_test
    from ..chains.statistics.samples import least_ess, posterior_of

    record: dict[str, Any] = {
        key: plain(getattr(results, key))
        for key in ("name", "seed", "created", "versions", "fingerprint", "parameters", "notes")
    }
    record["best_fit"] = plain(results.best_fit)
    record["support"] = plain(results.support)
    record["alternatives"] = plain(results.alternatives)
    if results.best_fit is not None:
        record["best_fit"]["minus_two_delta_log"] = plain(results.best_fit.minus_two_delta_log)
    record["verdict"] = plain(verdict)
    record["posterior"] = None
    samples = posterior_of(results, verdict)
    ess = least_ess(samples)
    if samples is not None:
        record["posterior"] = {
            name: _posterior_record(samples.marginal(results.parameter(name)))
            for name in samples.names
            if len(samples.samples)
        }
    record["weighted"] = [_sampler_record(entry) for entry in results.weighted]
    ended = [entry for entry in results.weighted if entry.complete and entry.size]
    record["evidence"] = plain(evidence(ended)) if ended else None
    record["toys"] = [toys_record(study) for study in results.toys]
    record["non_nested"] = [plain(non_nested_test(study)) for study in results.non_nested]
    record["predictive"] = [predictive_record(check) for check in results.predictive]
    record["limits"] = [limits_record(entry) for entry in results.limits]
    record["significances"] = [significance_record(entry) for entry in results.significances]
    record["predictions"] = [_prediction_record(entry, ess) for entry in results.predictions]
    record["scans"] = plain(results.scans)
    record["analysis"] = results.analysis_text
    record["files"] = dict(results.files)
    record["prior_fraction"] = results.prior_fraction
    record["prior_fraction_error"] = results.prior_fraction_error
    record["plugins"] = dict(results.plugins)
    return record


def toys_record(study: ToyStudy) -> dict[str, Any]:
    """What toys at one point say, without the fits of each, as JSON types.

    Parameters
    ----------
    study : ToyStudy

    Returns
    -------
    dict
    """
    from ..chains.statistics.coverage import coverage, pulls
    from ..chains.statistics.toys import discovery, goodness, likelihood_ratio

    found, without = goodness(study)
    told = ("name", "nuisances", "tested", "seed", "done", "notes")
    record: dict[str, Any] = {key: plain(getattr(study, key)) for key in told}
    record["truth"] = dict(zip(study.names, plain(study.truth), strict=True))
    record["failed"] = int((study.failed > 0).sum())
    record["likelihood_ratio"] = plain(likelihood_ratio(study))
    record["discovery"] = plain(discovery(study))
    record["goodness"] = plain(found)
    record["without_goodness"] = plain(without)
    record["coverage"] = plain(coverage(study))
    record["pulls"] = plain(pulls(study))
    return record


def predictive_record(check: PredictiveCheck) -> dict[str, Any]:
    """What data sets of the posterior say, without the discrepancy of each, as JSON types.

    Parameters
    ----------
    check : PredictiveCheck

    Returns
    -------
    dict
    """
    from ..chains.statistics.predictive import discrepancies

    told = ("names", "terms", "groups", "observed", "quantiles", "above", "nuisances", "seed")
    record: dict[str, Any] = {key: plain(getattr(check, key)) for key in (*told, "notes")}
    record["number"] = check.number
    record["discrepancies"] = plain(discrepancies(check))
    return record


def limits_record(limits: LimitScan) -> dict[str, Any]:
    """Limits as JSON types; one beyond the range of the rate is None.

    Parameters
    ----------
    limits : LimitScan

    Returns
    -------
    dict
    """
    record: dict[str, Any] = plain(limits)
    return record


def significance_record(found: ScanSignificance) -> dict[str, Any]:
    """Significance of a scan as JSON types, without what was counted of each toy.

    Parameters
    ----------
    found : ScanSignificance

    Returns
    -------
    dict
    """
    from ..chains.tables.global_significance import global_curve

    left_out = {"largest", "counts", "coarse", "above", "alive", "apart"}
    fields = [field.name for field in dataclasses.fields(found) if field.name not in left_out]
    record = {name: plain(getattr(found, name)) for name in fields}
    return record | {"toys": found.toys, "global_p_of_points": plain(global_curve(found))}


def _sampler_record(entry: WeightedSamples) -> dict[str, Any]:
    """What is said of a run of a sampler that gives weights, without its points."""
    left_out = {"points", "log_weights", "log_likelihood", "log_prior"}
    fields = [field.name for field in dataclasses.fields(entry) if field.name not in left_out]
    return {"size": entry.size} | {name: plain(getattr(entry, name)) for name in fields}


def _posterior_record(marginal: Marginal) -> dict[str, Any]:
    """What is said of one parameter.

    With separate modes there is neither median nor interval; of an angle, mean and standard
    deviation are those of directions, sqrt(-2 ln R) with R the length of the mean direction.
    """
    found: dict[str, Any] = {"mean": marginal.mean, "standard_deviation": marginal.deviation}
    found |= {"median": None, "interval_68": None, "interval_95": None}
    if marginal.period is not None:
        length = marginal.mean_length
        spread = math.sqrt(-2.0 * math.log(length)) if 0.0 < length < 1.0 else math.nan
        found["mean"] = marginal.location
        found["standard_deviation"] = marginal.period * spread / (2.0 * math.pi)
    elif not marginal.separate:
        found["median"] = marginal.location
        found["interval_68"] = marginal.interval(0.68)
        found["interval_95"] = marginal.interval(0.95)
    record: dict[str, Any] = plain(found)
    return record | _regions(marginal)


def _regions(marginal: Marginal) -> dict[str, Any]:
    """Modes and highest-density regions."""
    record: dict[str, Any] = {"modes": plain(marginal.modes)}
    for content in (0.68, 0.95):
        region = marginal.region(content)
        record[f"region_{100 * content:.0f}"] = [
            {"lower": lower, "upper": upper, "probability": part}
            for (lower, upper), part in zip(region.intervals, region.probabilities, strict=True)
        ]
    return record


def _prediction_record(prediction: Prediction, ess: float | None = None) -> dict[str, Any]:
    """A prediction with quantiles in place of its samples; with separate modes, no median.

    Of a number there are also its modes and highest-density regions.
    """
    from ..chains.statistics.regions import Marginal
    from ..chains.statistics.weights import quantile

    names = {entry.name for entry in dataclasses.fields(prediction)} - {"samples", "weights"}
    fields = [entry.name for entry in dataclasses.fields(prediction) if entry.name in names]
    record = {name: plain(getattr(prediction, name)) for name in fields}
    empty = not len(prediction.samples)
    for name, tail in QUANTILES.items():
        record[name] = None
        if not empty:
            record[name] = plain(quantile(prediction.samples, tail, prediction.weights))
    if not empty and prediction.axis is None:
        marginal = Marginal(prediction.samples[:, 0], ess, weights=prediction.weights)
        if marginal.separate:
            record |= dict.fromkeys(QUANTILES)
        record |= _regions(marginal)
    return record


def plain(value: Any) -> Any:
    """Turn records, arrays and mappings into JSON types; NaN and infinity become None.

    Parameters
    ----------
    value : object

    Returns
    -------
    object
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            entry.name: plain(getattr(value, entry.name)) for entry in dataclasses.fields(value)
        }
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
