"""How well the published simulation of Belle II supports a reweighted spectrum.

Reweighting (`signal`) gives each simulated event of generated bin b the weight ``w_b = dB_b /
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
from typing import TYPE_CHECKING

import numpy as np

from ....errors import PredictionError
from ...base import Array
from ..process import ANGLE, Q2, SpectrumProcess
from ..signal import ReweightedSignal, SignalEntry
from .bin_shape import Spectrum, changes_inside_bins, narrow_peaks

if TYPE_CHECKING:
    from ..term import ReweightedTerm

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
    q2_edges : (k + 1,) array, GeV^2
    weights : (K,) array
        w_b.
    simulated_events : (K,) array
        Simulated events in each generated bin, all analysis bins together.
    changes : (K,) array
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
    term: ReweightedTerm,
    prediction: Array,
    spectrum_at: Spectrum | None = None,
    options: SupportOptions | None = None,
    process: int = 0,
) -> SpectrumSupport:
    """Report on one prediction of a reweighted term.

    Parameters
    ----------
    term : ReweightedTerm
    prediction : (C,) array
        As for `ReweightedTerm.weights`.
    spectrum_at : callable, optional
        The same spectrum in bins of any edges; without it, or with bins in an angle, changes
        inside bins are not known.
    options : SupportOptions, optional
    process : int
        Which of the processes of the term, which must be a spectrum.

    Returns
    -------
    SpectrumSupport

    Raises
    ------
    PredictionError
        If the prediction is negative, not finite, or of another shape, or the process is no
        spectrum.
    """
    options = options or SupportOptions()
    signal, model = term.signal, term.model
    asked, block = signal.processes[process], signal.blocks[process]
    if not isinstance(asked, SpectrumProcess):
        raise PredictionError(f"{term.name}: {asked.observable} is no spectrum in bins")
    columns = term.columns(np.asarray(prediction, float)[None])[0]
    if not np.isfinite(columns).all():
        raise PredictionError(f"{term.name}: the spectrum is not finite")
    own = columns[block]
    places, counts = _places(signal, asked), simulated_events(signal, process)
    share, nominal = signal.shares[block][:, places], _first(model.nominal, model.signals)[places]
    weight = own / np.where(asked.columns > 0, asked.columns, 1.0)
    events = nominal * share * weight[:, None]  # (1 + K, X) expected, by generated bin
    expected, total = events.sum(axis=0), max(float(events.sum()), np.finfo(float).tiny)
    simulated = counts[1:].sum(axis=1)
    bare = simulated < options.few_events
    changes, peaks = np.full(len(own) - 1, np.nan), np.empty((0, 2))
    edges = np.asarray(asked.edges[Q2])
    if spectrum_at is not None and ANGLE not in asked.edges:
        changes = changes_inside_bins(spectrum_at, edges, null_at=asked.null_in)
        peaks = narrow_peaks(spectrum_at, edges, options.largest_change)
    changed = np.flatnonzero(changes > options.largest_change)
    numbers = {
        "unsupported_rate": _fraction(own[1:][bare].sum(), own[1:].sum()),
        "unsupported_events": float(events[1:][bare].sum() / total),
        "outside_fraction": float(events[0].sum() / total),
        "largest_weight": float(weight[1:].max()),
        "mean_weight": float(expected.sum() / nominal.sum()),
        "changed_events": float(events[1:][changed].sum() / total),
    }
    published = _first(model.relative_error, model.signals)[places]
    growth = np.sqrt(signal.inflation(columns[None])[0, places])
    counted = _counted_error(counts, weight)
    matters = (expected >= SMALL_SHARE * total) & (published > 0)
    width = float(np.median(np.diff(edges)))
    found = _problems(numbers, growth, published, counted, matters, (peaks, width), options)
    return SpectrumSupport(
        bins=_bin_names(term, places),
        nominal_events=nominal,
        expected_events=expected,
        outside_events=events[0],
        published_error=published,
        reweighted_error=published * growth,
        counted_error=counted,
        q2_edges=edges,
        weights=weight[1:],
        simulated_events=simulated,
        changes=changes,
        changed_bins=changed,
        peaks=peaks,
        supported=not found,
        verdict=_verdict(found, numbers, growth[matters], options),
        **numbers,
    )


def _first(values: Array, signals: int) -> Array:
    """What belongs to weighted samples, flat: (P * B,)."""
    return np.asarray(values[:signals].reshape(-1))


def _entries(signal: ReweightedSignal, process: SpectrumProcess) -> list[SignalEntry]:
    """Entries of a process in the order in which their bins lie in flat weights."""
    own = [entry for entry in signal.entries if entry.process is process]
    return sorted(own, key=lambda entry: signal.place(entry).start)


def _places(signal: ReweightedSignal, process: SpectrumProcess) -> Array:
    """Positions in flat weights of the bins with events of a process: (X,)."""
    model = signal.model
    nominal = _first(model.nominal, model.signals)
    rows = [
        np.arange(model.signals * model.observed.size)[signal.place(entry)]
        for entry in _entries(signal, process)
    ]
    places = np.concatenate(rows)
    return np.asarray(places[nominal[places] > 0])


def _fraction(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else 0.0


def _counted_error(counts: Array, weight: Array) -> Array:
    """Relative error of the weighted simulated events: (X,); NaN where none has a weight."""
    mean, square = weight @ counts, weight**2 @ counts
    empty = ~(mean > 0)
    ratio: Array = np.where(empty, np.nan, np.sqrt(square) / np.where(empty, 1.0, mean))
    return ratio


def _bin_names(term: ReweightedTerm, places: Array) -> tuple[str, ...]:
    model = term.model
    names = np.empty(model.observed.size, dtype=object)
    for channel, bins in model.channels:
        label = term.channel_labels[channel]
        size = bins.stop - bins.start
        names[bins] = [f"{label} {number}" for number in range(1, size + 1)]
    return tuple(names[places % model.observed.size])


def simulated_events(signal: ReweightedSignal, process: int = 0) -> Array:
    """Number of simulated events behind each entry of the densities.

    An estimate: all events of a sample have nearly the same weight, that of the entries which
    cannot be split any more (the median of those within a factor 1.5 of the smallest).

    Parameters
    ----------
    signal : ReweightedSignal
    process : int
        Which of its processes.

    Returns
    -------
    (1 + K, X) array
        By generated bin (the first is outside the bins) and analysis bin with signal.
    """
    asked, counts = signal.processes[process], []
    if not isinstance(asked, SpectrumProcess):
        raise PredictionError(f"{signal.name}: {asked.observable} is no spectrum in bins")
    for entry in _entries(signal, asked):
        inside = entry.density[:, 1:]
        smallest = inside[inside > 0].min(initial=np.inf)
        single = np.median(inside[(inside > 0) & (inside < 1.5 * smallest)]) if inside.any() else 1
        used = signal.workspace.sample(entry.channel, entry.sample).data > 0
        counts.append(entry.density[used].T / single)
    return np.concatenate(counts, axis=1)


def _problems(
    numbers: dict[str, float],
    growth: Array,
    published: Array,
    counted: Array,
    matters: Array,
    narrow: tuple[Array, float],
    options: SupportOptions,
) -> list[str]:
    """What is wrong, one clause each."""
    found = []
    peaks, width = narrow
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
            f"a peak at q2 = {position:.2f} GeV^2 narrower than a bin ({width:.2g} GeV^2), "
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
