"""Records of how far results can be trusted: published simulation, other forms of likelihoods."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .arrays import Array, expect, fill, missing, read_only
from .shown import brief

__all__ = ["Alternative", "SupportReport"]


@dataclass(frozen=True, eq=False)
class SupportReport:
    """Support of one predicted spectrum by the simulation that a likelihood reweights.

    Parameters
    ----------
    term : str
        Name of the likelihood term.
    verdict : str
        One sentence.
    supported : bool
    bins : tuple of str
        The X analysis bins with signal: channel and number.
    nominal_events, expected_events, outside_events : (X,) arrays
        Signal events of the simulation as published, of the spectrum, and of these the ones
        outside the histograms of generated q2.
    published_error, reweighted_error, counted_error : (X,) arrays
        Relative error of the signal template: as published, following the weights, and that of the
        number of simulated events with their weights.
    q2_edges : (k + 1,) array, GeV^2
        Edges of the bins of generated q2.
    weights : (k,) array
        Weight of the simulated events of each.
    simulated_events : (k,) array
        Estimated number of simulated events in each, all analysis bins together.
    changes : (k,) array
        Relative change of the weight inside each; NaN where not known.
    changed_bins : (b,) integer array
        Positions of the bins in which it is larger than allowed.
    peaks : (p, 2) array, GeV^2
        Position and full width at half height of peaks narrower than a bin.
    unsupported_rate, unsupported_events : float
        Fractions of the branching fraction and of the expected events from bins of generated q2
        with nearly no simulated events.
    outside_fraction, changed_events : float
        Fractions of the expected events outside the histograms, and from `changed_bins`.
    largest_weight, mean_weight : float
        Largest weight, and the mean over the simulated events.
    """

    term: str
    verdict: str
    supported: bool
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
    changes: Array = field(default_factory=missing)
    changed_bins: Array = field(default_factory=missing, metadata={"integer": True})
    peaks: Array = field(default_factory=lambda: np.empty((0, 2)))
    unsupported_rate: float = np.nan
    unsupported_events: float = np.nan
    outside_fraction: float = np.nan
    changed_events: float = np.nan
    largest_weight: float = np.nan
    mean_weight: float = np.nan

    __repr__ = brief

    def __post_init__(self) -> None:
        k = len(self.q2_edges) - 1
        fill(self, "changes", (k,))
        read_only(self)
        for name in ("nominal_events", "expected_events", "outside_events"):
            expect(self, name, (len(self.bins),))
        for name in ("published_error", "reweighted_error", "counted_error"):
            expect(self, name, (len(self.bins),))
        for name in ("weights", "simulated_events", "changes"):
            expect(self, name, (k,))
        expect(self, "peaks", (len(self.peaks), 2))

    def channel(self, name: str) -> Array:
        """Positions of the analysis bins of a channel."""
        return np.array([i for i, entry in enumerate(self.bins) if _channel(entry) == name], int)

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels, in order."""
        return tuple(dict.fromkeys(_channel(entry) for entry in self.bins))


def _channel(name: str) -> str:
    return name.rpartition(" ")[0]


@dataclass(frozen=True, eq=False)
class Alternative:
    """A run's results with another form of some of its likelihoods, as far as they move.

    Parameters
    ----------
    option : str
        Option of the likelihoods that differs, such as ``"limit_form"``.
    used, other : str
        Its value in the run, and here.
    terms : tuple of str
        The likelihoods that it changes.
    names : tuple of str
        The n free parameters.
    values : (n,) array
        Best fit with the other form, found from that of the run.
    valid : bool
        Whether that minimum can be trusted.
    minus_two_delta_log : float
        -2 ln(L_reference/L_best) with the other form, both refitted; NaN without a reference.
    at_best_fit : float
        The same with both points as in the run, nothing refitted.
    median_shifts : (n,) array
        By how much the posterior medians move, from samples of the run with new weights; NaN where
        there are none, or the weights leave too few.
    effective_samples : float
        Effective number of the samples with these weights; NaN without samples.
    prediction_names : tuple of str
        The p predicted numbers.
    prediction_values, prediction_median_shifts : (p,) arrays
        At the best fit with the other form, and the move of the medians.
    """

    option: str
    used: str
    other: str
    terms: tuple[str, ...]
    names: tuple[str, ...]
    values: Array
    valid: bool
    minus_two_delta_log: float = np.nan
    at_best_fit: float = np.nan
    median_shifts: Array = field(default_factory=missing)
    effective_samples: float = np.nan
    prediction_names: tuple[str, ...] = ()
    prediction_values: Array = field(default_factory=missing)
    prediction_median_shifts: Array = field(default_factory=missing)

    __repr__ = brief

    def __post_init__(self) -> None:
        n, p = len(self.names), len(self.prediction_names)
        fill(self, "median_shifts", (n,))
        for name in ("prediction_values", "prediction_median_shifts"):
            fill(self, name, (p,))
        read_only(self)
        for name in ("values", "median_shifts"):
            expect(self, name, (n,))
        for name in ("prediction_values", "prediction_median_shifts"):
            expect(self, name, (p,))
