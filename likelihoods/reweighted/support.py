"""How well the published simulation of Belle II supports a reweighted spectrum.

Reweighting (`belle2`) gives each simulated event of generated bin b the weight ``w_b = dB_b /
dB_b^null``. It says nothing where there is no simulated event, loses statistical precision where
few events carry large weights, and takes the spectrum inside a bin to have the shape of the null
prediction. A `SpectrumSupport` puts numbers on all three.

Two statistical errors are told for each analysis bin x. The published relative error delta_x is
read as that of ``N_x = 1/delta_x^2`` equal events, ``k_b = N_x n(x, b)/sum n`` of them from bin b,
so that after reweighting

    delta_x(w)^2 = sum_b k_b w_b^2 / (sum_b k_b w_b)^2.

The densities themselves show more events than that: their smallest entries are single simulated
events, and n(x, b) in units of them counts the events m(x, b) that are there; their error is
``sum_b m_b w_b^2 / (sum_b m_b w_b)^2`` squared. It is far below the published one, which therefore
holds more than the size of the sample: delta_x(w) is an upper estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ...errors import PredictionError
from ..base import Array
from .belle2 import Belle2Likelihood
from .bin_shape import Spectrum, changes_inside_bins, narrow_peaks
from .template import N_SPECTRUM, data, shares

__all__ = [
    "SpectrumSupport",
    "SupportOptions",
    "simulated_events",
    "spectrum_support",
]

# When a verdict calls a prediction not supported: fractions of the branching fraction, of events
# without simulation, of events from bins that change inside, and growth of a template error.
UNSUPPORTED_RATE, UNSUPPORTED_EVENTS, CHANGED_EVENTS, GROWTH = 0.10, 0.01, 0.10, 2.0
# Width in GeV^2 below which a peak is not resolved: somewhat more than 1/64 bin.
LINE = 0.005
# Bins with less than this share of the expected signal do not matter for the growth.
SMALL_SHARE = 0.02


@dataclass(frozen=True)
class SupportOptions:
    """What counts as little support.

    Attributes
    ----------
    few_events : float
        A generated bin with fewer simulated events than this, all analysis bins together, has
        nearly none.
    largest_change : float
        Relative change of the weight inside one generated bin that is still ignored.
    """

    few_events: float = 10.0
    largest_change: float = 0.5


@dataclass(frozen=True)
class SpectrumSupport:
    """Support of one spectrum by the published simulation.

    Analysis bins are those with signal, in the order of the model; generated bins are those of q2.

    Attributes
    ----------
    bins : tuple of str
        The X analysis bins: channel and number.
    nominal_events, expected_events, outside_events : (X,) arrays
        Signal events of the null prediction, of this spectrum, and of those the ones outside the
        histograms.
    published_error, reweighted_error, counted_error : (X,) arrays
        Relative error of the template: as published, following the weights, and that of the number
        of simulated events with their weights.
    q2_edges : (101,) array, GeV^2
    weights : (100,) array
        w_b.
    simulated_events : (100,) array
        Simulated events in each generated bin, all analysis bins together.
    changes : (100,) array
        Relative change of the weight inside each generated bin; NaN if not known.
    changed_bins : (c,) integer array
        Generated bins (from 0) in which it is larger than allowed.
    peaks : (p, 2) array, GeV^2
        Position and full width at half height of peaks narrower than a bin.
    unsupported_rate, unsupported_events : float
        Fractions of the branching fraction, and of the expected events, from generated bins with
        nearly no simulated events.
    outside_fraction : float
        Fraction of the expected events outside the histograms.
    largest_weight, mean_weight : float
        Largest w_b, and the mean over the simulated events.
    changed_events : float
        Fraction of the expected events from `changed_bins`.
    supported : bool
    verdict : str
        One sentence.
    """

    bins: tuple[str, ...]
    nominal_events: Array
    expected_events: Array
    outside_events: Array
    published_error: Array
    reweighted_error: Array
    counted_error: Array
    q2_edges: Array
    weights: Array
    simulated_events: Array
    changes: Array
    changed_bins: Array
    peaks: Array
    unsupported_rate: float
    unsupported_events: float
    outside_fraction: float
    largest_weight: float
    mean_weight: float
    changed_events: float
    supported: bool
    verdict: str


def spectrum_support(
    term: Belle2Likelihood,
    prediction: Array,
    spectrum_at: Spectrum | None = None,
    options: SupportOptions | None = None,
) -> SpectrumSupport:
    """Report on one prediction of the Belle II term.

    Parameters
    ----------
    term : Belle2Likelihood
    prediction : (100,) or (101,) array
        As for `Belle2Likelihood.weights`.
    spectrum_at : callable, optional
        The same spectrum in bins of any edges; without it, changes inside bins are not known.
    options : SupportOptions, optional

    Returns
    -------
    SpectrumSupport

    Raises
    ------
    PredictionError
        If the prediction is negative, not finite, or of another shape.
    """
    options = options or SupportOptions()
    columns = term.columns(np.asarray(prediction, float)[None])[0]
    if not np.isfinite(columns).all():
        raise PredictionError(f"{term.name}: the spectrum is not finite")
    model, null = term.model, term.null_columns
    signal = np.flatnonzero(model.nominal[0] > 0)
    share, nominal = shares()[:, signal], model.nominal[0, signal]
    weight = columns / null
    events = nominal * share * weight[:, None]  # (101, X) expected, by generated bin
    expected, total = events.sum(axis=0), max(float(events.sum()), np.finfo(float).tiny)
    counts = simulated_events()
    simulated = counts[1:].sum(axis=1)
    bare = simulated < options.few_events
    changes = np.full(N_SPECTRUM, np.nan)
    peaks = np.empty((0, 2))
    if spectrum_at is not None:
        changes = changes_inside_bins(spectrum_at, term.q2_edges)
        peaks = narrow_peaks(spectrum_at, term.q2_edges, options.largest_change)
    changed = np.flatnonzero(changes > options.largest_change)
    numbers = {
        "unsupported_rate": _fraction(columns[1:][bare].sum(), columns[1:].sum()),
        "unsupported_events": float(events[1:][bare].sum() / total),
        "outside_fraction": float(events[0].sum() / total),
        "largest_weight": float(weight[1:].max()),
        "mean_weight": float(expected.sum() / nominal.sum()),
        "changed_events": float(events[1:][changed].sum() / total),
    }
    published = model.relative_error[0, signal]
    reweighted = np.sqrt(term.template_widths2(columns[None])[0, signal])
    counted = _counted_error(counts, weight)
    matters = expected >= SMALL_SHARE * total
    found = _problems(numbers, reweighted / published, published, counted, matters, peaks, options)
    return SpectrumSupport(
        bins=_bin_names(term, signal),
        nominal_events=nominal,
        expected_events=expected,
        outside_events=events[0],
        published_error=published,
        reweighted_error=reweighted,
        counted_error=counted,
        q2_edges=term.q2_edges,
        weights=weight[1:],
        simulated_events=simulated,
        changes=changes,
        changed_bins=changed,
        peaks=peaks,
        supported=not found,
        verdict=_verdict(found, numbers, (reweighted / published)[matters], options),
        **numbers,
    )


def _fraction(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else 0.0


def _counted_error(counts: Array, weight: Array) -> Array:
    """Relative error of the weighted simulated events: (X,); NaN where none has a weight."""
    mean, square = weight @ counts, weight**2 @ counts
    empty = ~(mean > 0)
    ratio: Array = np.where(empty, np.nan, np.sqrt(square) / np.where(empty, 1.0, mean))
    return ratio


def _bin_names(term: Belle2Likelihood, signal: Array) -> tuple[str, ...]:
    names = np.empty(term.model.observed.size, dtype=object)
    for channel, bins in term.model.channels:
        label = term.channel_labels[channel]
        size = bins.stop - bins.start
        names[bins] = [f"{label} {number}" for number in range(1, size + 1)]
    return tuple(names[signal])


@lru_cache(maxsize=1)
def simulated_events() -> Array:
    """Number of simulated events behind each entry of the densities.

    An estimate: all events of a channel have nearly the same weight, that of the entries which
    cannot be split any more (the median of those within a factor 1.5 of the smallest).

    Returns
    -------
    (101, X) array
        By generated bin (the first is outside the histogram) and analysis bin with signal.
    """
    term, counts = Belle2Likelihood(), {}
    for channel, density in data().densities.items():
        inside = density[:, 1:]
        smallest = inside[inside > 0].min()
        single = np.median(inside[(inside > 0) & (inside < 1.5 * smallest)])
        counts[channel] = density.T / single
    ordered = [counts[name] for name, _ in term.model.channels if name in counts]
    joined: Array = np.concatenate(ordered, axis=1)
    joined.flags.writeable = False
    return joined


def _problems(
    numbers: dict[str, float],
    growth: Array,
    published: Array,
    counted: Array,
    matters: Array,
    peaks: Array,
    options: SupportOptions,
) -> list[str]:
    """What is wrong, one clause each."""
    found = []
    few = f"with fewer than {options.few_events:g} simulated events"
    if numbers["unsupported_rate"] > UNSUPPORTED_RATE:
        found.append(
            f"{_percent(numbers['unsupported_rate'])} of the branching fraction lies in bins of q2 "
            f"{few}, where the data say nothing"
        )
    if numbers["unsupported_events"] > UNSUPPORTED_EVENTS:
        found.append(
            f"{_percent(numbers['unsupported_events'])} of the expected events come from bins {few}"
        )
    if numbers["outside_fraction"] > UNSUPPORTED_EVENTS:
        found.append(
            f"{_percent(numbers['outside_fraction'])} of the expected events are outside the "
            "histograms and not reweighted"
        )
    if len(peaks):
        found += [
            f"a peak at q2 = {position:.2f} GeV^2 narrower than a bin (0.23 GeV^2), "
            + ("a line as of a two-body decay" if extent < LINE else f"{extent:.2g} GeV^2 wide")
            for position, extent in peaks
        ]
    elif numbers["changed_events"] > CHANGED_EVENTS:
        found.append(
            f"{_percent(numbers['changed_events'])} of the expected events come from bins of q2 "
            f"inside which the weight changes by more than {_percent(options.largest_change)}"
        )
    if matters.any() and growth[matters].max() > GROWTH:
        worst = int(np.flatnonzero(matters)[growth[matters].argmax()])
        found.append(
            f"the template error of one bin grows from {_percent(published[worst])} to "
            f"{_percent(published[worst] * growth[worst])} if it follows the weights "
            f"({_percent(counted[worst])} from the number of simulated events)"
        )
    return found


def _verdict(
    found: list[str], numbers: dict[str, float], growth: Array, options: SupportOptions
) -> str:
    if found:
        return "The published simulation supports this spectrum only in part: " + (
            "; ".join(found) + "."
        )
    good = 1.0 - numbers["unsupported_events"] - numbers["outside_fraction"]
    largest = growth.max() if growth.size else 1.0
    return (
        f"The published simulation supports this spectrum: {_percent(good)} of the expected events "
        f"come from bins of q2 with at least {options.few_events:g} simulated events, and template "
        f"errors that follow the weights are at most {largest:.2f} times the published ones."
    )


def _percent(fraction: float) -> str:
    return f"{100.0 * fraction:.3g} %"
