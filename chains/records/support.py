"""Record of how well the published simulation supports the spectrum of a best fit."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .arrays import Array, expect, fill, missing, read_only

__all__ = ["SupportReport"]


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
    changed_bins : integer array
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
