"""What pictures show, in words and numbers, for who cannot see them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from ..records import (
    BestFit,
    LimitScan,
    NonNestedToys,
    PostFitSpectrum,
    Prediction,
    PredictiveCheck,
    RunFile,
    Scan,
    ScanSignificance,
)
from ..records.arrays import Array
from ..records.shown import with_unit
from ..statistics.samples import Posterior
from ..statistics.weights import quantile
from ..tables.profiles import (
    contour_levels,
    ends_text,
    profile_curve,
    profile_regions,
    scan_heights,
)
from ..tables.rounding import format_interval, format_measured, format_number

__all__ = [
    "limits_in_words",
    "overlay_in_words",
    "posterior_in_words",
    "predictive_in_words",
    "pulls_in_words",
    "rate_in_words",
    "scan_in_words",
    "significance_in_words",
    "spectrum_in_words",
    "toys_in_words",
]


def _with_unit(text: str, unit: str) -> str:
    return text if unit in ("", "1") else f"{text} {unit}"


def posterior_in_words(run: RunFile, samples: Posterior, names: Sequence[str]) -> str:
    """Median and 68 % interval of each parameter, or its regions."""
    told = []
    for name in names:
        record = run.parameter(name)
        marginal = samples.marginal(record)
        if marginal.separate or marginal.period is not None:
            regions = " and ".join(format_interval(*one) for one in marginal.region(0.68).intervals)
            told.append(f"{name}: 68 % in {_with_unit(regions, record.unit)}")
        else:
            low, high = marginal.interval(0.68)
            middle = marginal.location
            value = format_measured(middle, middle - low, high - middle)
            told.append(f"{name} = {_with_unit(value, record.unit)} (median, 68 %)")
    kind = "Distribution" if len(told) == 1 else "Distributions and correlations"
    return f"{kind} of the posterior. {'; '.join(told)}."


def scan_in_words(run: RunFile, scan: Scan) -> str:
    """Regions of one parameter, or the ends of the 68 and 95 % contours of two."""
    kind = "Section" if scan.held else "Profile"
    if len(scan.parameters) == 1:
        name = scan.parameters[0]
        curve = profile_curve(run.best_fit, scan)
        told = [f"{kind} of the likelihood in {name}, −2 Δ ln L"]
        for level in (1.0, 4.0):
            regions = profile_regions(*curve, level)
            if regions:
                told.append(f"below {level:g} in {_union(regions)}")
        ends = ends_text(scan)
        return ", ".join(told) + (f"; 95 % region {ends}." if ends else ".")
    heights = scan_heights(run.best_fit, scan)
    told = []
    for content, level in zip((68, 95), contour_levels(), strict=True):
        inside = np.nan_to_num(heights, nan=np.inf) <= level
        if inside.any():
            spans = [
                f"{name} from {axis[rows].min():.3g} to {axis[rows].max():.3g}"
                for name, axis, rows in zip(
                    scan.parameters, scan.axes, (inside.any(1), inside.any(0)), strict=True
                )
            ]
            told.append(f"{content} % region: {' and '.join(spans)}")
    names = " and ".join(scan.parameters)
    return f"{kind} of the likelihood in {names}. {'; '.join(told) or 'No region inside'}."


def _union(regions: Sequence[tuple[float, float]]) -> str:
    return " and ".join(format_interval(*one) for one in regions)


def spectrum_in_words(spectrum: PostFitSpectrum) -> str:
    """Sums of the counts of a channel."""
    background, signal = float(spectrum.background.sum()), float(spectrum.signal_best.sum())
    reference = float(spectrum.signal_reference.sum())
    told = (
        f"Counts of {spectrum.channel} in {len(spectrum.data)} bins after the fit: "
        f"{spectrum.data.sum():.0f} measured, {background:.0f} of background and {signal:.0f} of "
        f"signal expected at the best fit"
    )
    if math.isfinite(reference):
        told += f", {reference:.0f} of signal for {spectrum.reference_label}"
    return f"{told}."


def pulls_in_words(fits: Mapping[str, BestFit]) -> str:
    """How many observables have pulls, and the largest one of each fit."""
    told = []
    for name, fit in fits.items():
        known = [entry for entry in fit.observables if math.isfinite(entry.pull)]
        if known:
            largest = max(known, key=lambda entry: abs(entry.pull))
            far = sum(abs(entry.pull) > 2.0 for entry in known)
            told.append(
                f"{name}, {len(known)} observables, {far} beyond 2: the largest is "
                f"{largest.pull:+.2f}, {largest.observable} of {largest.term}"
            )
    return f"Pulls, measured minus predicted over the error. {'; '.join(told)}."


def rate_in_words(prediction: Prediction, reference: str) -> str:
    """The largest values of a spectrum, with the band there."""
    axis = np.asarray(prediction.axis)
    places = 0.5 * (axis[1:] + axis[:-1]) if prediction.binned else axis
    told = []
    for name, values in (("best fit", prediction.best_fit), (reference, prediction.reference)):
        if np.isfinite(values).any():
            at = int(np.nanargmax(values))
            value = _with_unit(format_number(float(values[at]), digits=3), prediction.unit)
            where = _with_unit(f"{places[at]:.3g}", prediction.axis_unit)
            told.append(f"{name} largest at {where}, {value}")
    if len(prediction.samples):
        middle = len(places) // 2
        low, high = quantile(prediction.samples, [0.16, 0.84], prediction.weights)
        where = _with_unit(f"{places[middle]:.3g}", prediction.axis_unit)
        told.append(
            f"68 % of the posterior at {where}: "
            f"{format_interval(float(low[middle]), float(high[middle]))}"
        )
    return f"{prediction.name} from {axis[0]:.3g} to {axis[-1]:.3g}: {'; '.join(told)}."


def limits_in_words(limits: LimitScan) -> str:
    """Smallest and largest limit along the scan."""
    k, what = int(limits.levels.argmax()), with_unit(limits.parameter, limits.unit)
    level = f"{100.0 * limits.levels[k]:g} %"
    along = f" against {' and '.join(limits.axes)}" if limits.axes else ""
    told = [f"Limits on {what} at {level}{along}"]
    for name, values in (("observed", limits.upper[:, k]), ("expected", limits.expected[:, k, 2])):
        known = np.flatnonzero(np.isfinite(values))
        if len(known):
            picked = (np.argmin, np.argmax)[: len(known)]
            ends = [known[int(pick(values[known]))] for pick in picked]
            span = " to ".join(f"{values[i]:.3g}{_place(limits, i)}" for i in ends)
            told.append(f"{name} {'from ' if len(ends) > 1 else ''}{span}")
    return "; ".join(told) + "."


def _place(scan: LimitScan | ScanSignificance, index: int) -> str:
    """Where a point of a scan is, in brackets; empty without scanned parameters."""
    values = scan.points[index]
    named = zip(scan.axes, values, strict=True)
    told = ", ".join(f"{name} = {value:.3g}" for name, value in named)
    return f" ({told})" if told else ""


def significance_in_words(found: ScanSignificance) -> str:
    """The largest excess, local and anywhere."""
    anywhere = f"{found.global_p:.2g}" if found.global_p else f"below {found.global_error:.2g}"
    points = "1 point" if len(found.points) == 1 else f"{len(found.points)} points"
    return (
        f"Excesses of {found.parameter} at {points}, the largest{_place(found, found.place)}: "
        f"local p {found.local_p:.2g}, anywhere {anywhere} from {found.toys} toys."
    )


def predictive_in_words(check: PredictiveCheck) -> str:
    """How many counts lie outside of the bands."""
    bins = np.array([bool(group) for group in check.groups], dtype=bool)
    outside = (check.observed < check.quantiles[:, 0]) | (check.observed > check.quantiles[:, 4])
    return (
        f"Counts of {bins.sum()} bins beside those of {check.number} data sets of the posterior: "
        f"{(outside & bins).sum()} outside of the band of 95 %."
    )


def toys_in_words(studies: Sequence[NonNestedToys]) -> str:
    """Observed ratio of likelihoods, and the medians of toys of each model."""
    observed = float(studies[0].observed[0] - studies[0].observed[1])
    told = []
    for study in studies:
        ratios: Array = study.values[:, 0] - study.values[:, 1]
        if np.isfinite(ratios).any():
            told.append(
                f"median {np.nanmedian(ratios):.2f} in {study.done} toys of {study.true_name}"
            )
    return (
        f"Ratio of the likelihoods of {studies[0].first} and {studies[0].second}: observed "
        f"{observed:.2f}; {'; '.join(told) or 'no toys'}."
    )


def overlay_in_words(what: str, values: Mapping[str, str]) -> str:
    """What is drawn of several runs, with a number for each."""
    told = "; ".join(f"{name}: {text}" for name, text in values.items())
    return f"{what}. {told}." if told else f"{what}."
