"""Record of what other forms of some likelihoods would have given."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .arrays import Array, expect, fill, missing, read_only

__all__ = ["Alternative"]


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
