"""Which likelihood an upper limit becomes: what was measured where that is known, else a half.

A limit alone says nothing of where the measurement lay: the half Gaussian takes it to have been
zero, so several of them combine as if nobody had seen an excess. Where a source gives more, the
default form ``measured`` uses the first of these that there is:

- a central value with its errors, in the entry or in another one of the same result;
- a fitted yield Y with its errors over efficiency and number of B-meson pairs, Y/(eps N);
- observed events and expected background, with the single-event sensitivity or with one that makes
  the limit come out (`limits.CountingLimit`).

Only one whose credible bound with a flat prior on x >= 0 is within 25 % of the published limit is
used: a likelihood that cannot reproduce the limit is not the one that it came from.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from ..errors import DataError
from .forms.gaussian import TwoPieceGaussian
from .forms.limits import CountingLimit, HalfGaussianLimit
from .options import check_choice

if TYPE_CHECKING:
    from ..data.records import Measurement
    from ..physics.observable import Observable
    from .base import Term

__all__ = [
    "TOLERANCE",
    "MeasuredForm",
    "chosen_form",
    "countable",
    "counts_term",
    "limit_term",
    "measured_forms",
]

TOLERANCE = 0.25
"""Largest relative distance of the bound of a form from the published limit."""


@dataclass(frozen=True)
class MeasuredForm:
    """What is known of a measurement that quotes a limit, as a likelihood.

    Attributes
    ----------
    kind : {"value", "yield", "counts"}
    words : str
        What it is made of.
    value, error_plus, error_minus : float
        Branching fraction measured (or whatever is bounded), in the unit of the limit; for counts
        that at the maximum of the likelihood, and NaN.
    observed, background, sensitivity : float
        Counts, and expected events for each unit of what is bounded (NaN: made from the limit);
        NaN for the other kinds.
    bound : float
        Credible bound with a flat prior at the level of the limit.
    limit : float
        The published one.
    """

    kind: str
    words: str
    value: float
    error_plus: float
    error_minus: float
    observed: float
    background: float
    sensitivity: float
    bound: float
    limit: float

    @property
    def good(self) -> bool:
        """Whether the bound is within `TOLERANCE` of the published limit."""
        return abs(self.bound - self.limit) <= TOLERANCE * self.limit


def limit_term(
    measurement: Measurement, description: str, observable: str | Observable, form: str
) -> Term:
    """Term of an upper limit.

    Parameters
    ----------
    measurement : Measurement
        With a limit and its level.
    description : str
    observable : str or Observable
    form : {"measured", "half-gaussian", "gamma"}

    Returns
    -------
    Term

    Raises
    ------
    DataError
        If counts are asked for and there are none, or there is no limit.
    ParameterError
        If the form is not known.
    """
    name, ids = measurement.id, (measurement.id,)
    (limit, level), found = _limit_of(measurement), chosen_form(measurement, form)
    if found is None:
        return HalfGaussianLimit(name, description, observable, limit, level, ids)
    if found.kind == "counts":
        counts = found.observed, found.background
        known = found.sensitivity if np.isfinite(found.sensitivity) else None
        return CountingLimit(name, description, observable, limit, level, *counts, ids, known)
    numbers = found.value, found.error_plus, found.error_minus
    return TwoPieceGaussian(name, description, observable, *numbers, ids)


def counts_term(measurement: Measurement, description: str, observable: str | Observable) -> Term:
    """Term of observed and expected events of which the sensitivity is known.

    Parameters
    ----------
    measurement : Measurement
        With ``observed`` and ``background`` (which does not matter if nothing was observed) among
        its counts, and ``single_event_sensitivity`` or both ``efficiency`` and ``b_pairs``.
    description : str
    observable : str or Observable

    Returns
    -------
    Term

    Raises
    ------
    DataError
        If one of them is missing.
    """
    name, counts = measurement.id, measurement.counts or {}
    sensitivity = expected_for_each_unit(measurement)
    if not countable(measurement) or sensitivity is None:
        raise DataError(
            f"measurement {name!r}: counts need observed, background, and single_event_sensitivity "
            "or efficiency and b_pairs"
        )
    numbers = counts["observed"], counts.get("background", 0.0)
    level = measurement.cl or 0.9
    return CountingLimit(
        name, description, observable, measurement.limit, level, *numbers, (name,), sensitivity
    )


def expected_for_each_unit(measurement: Measurement) -> float | None:
    """Signal events for each unit of what is measured; None if the counts do not say.

    Those of ``single_event_sensitivity``, or ``efficiency`` times ``b_pairs``.
    """
    counts = measurement.counts or {}
    if "single_event_sensitivity" in counts:
        return 1.0 / counts["single_event_sensitivity"]
    if {"efficiency", "b_pairs"} <= set(counts):
        return counts["efficiency"] * counts["b_pairs"]
    return None


def chosen_form(measurement: Measurement, form: str) -> MeasuredForm | None:
    """What an upper limit is used as; None for a half Gaussian.

    Parameters
    ----------
    measurement : Measurement
    form : {"measured", "half-gaussian", "gamma"}

    Returns
    -------
    MeasuredForm or None

    Raises
    ------
    DataError, ParameterError
        As for `limit_term`.
    """
    name = measurement.id
    if check_choice(name, "limit_form", form) == "half-gaussian":
        return None
    if form == "measured":
        return next((entry for entry in measured_forms(measurement) if entry.good), None)
    if not countable(measurement):
        raise DataError(
            f"measurement {name!r} gives no counts: its form can only be 'measured' or "
            "'half-gaussian'"
        )
    return _counts(measurement)


def measured_forms(measurement: Measurement) -> tuple[MeasuredForm, ...]:
    """All that is known of a measurement that quotes a limit, in the order of preference.

    Parameters
    ----------
    measurement : Measurement

    Returns
    -------
    tuple of MeasuredForm
        Also those whose bound is not that of the limit; empty if only the limit is known.
    """
    found = [*_values(measurement), *_yield(measurement)]
    return (*found, _counts(measurement)) if countable(measurement) else tuple(found)


def countable(measurement: Measurement) -> bool:
    """Whether events observed and expected from background are known.

    Of no event the background does not matter: exp(-b - k x) falls with x in the same way.
    """
    counts = measurement.counts or {}
    return "observed" in counts and ("background" in counts or counts["observed"] == 0.0)


def _values(measurement: Measurement) -> Iterator[MeasuredForm]:
    from ..data.measurements import measurement as find

    source = measurement
    words = "the measured value"
    if measurement.value_from is not None:
        source = find(measurement.value_from)
        words = f"the measured value of {source.id}"
    if source.values is None or source.errors_plus is None or source.errors_minus is None:
        return
    numbers = source.values[0], source.errors_plus[0], source.errors_minus[0]
    yield _gaussian(measurement, "value", words, *map(float, numbers))


def _yield(measurement: Measurement) -> Iterator[MeasuredForm]:
    counts = measurement.counts or {}
    sides = [
        counts.get(f"signal_yield_stat_{side}", counts.get("signal_yield_stat"))
        for side in ("plus", "minus")
    ]
    if None in sides or not {"signal_yield", "efficiency", "b_pairs"} <= set(counts):
        return
    events = counts["efficiency"] * counts["b_pairs"]
    errors = [np.hypot(float(side or 0.0), counts.get("signal_yield_syst", 0.0)) for side in sides]
    numbers = counts["signal_yield"] / events, *(float(error) / events for error in errors)
    yield _gaussian(measurement, "yield", "the fitted yield over efficiency and pairs", *numbers)


def _gaussian(
    measurement: Measurement, kind: str, words: str, value: float, plus: float, minus: float
) -> MeasuredForm:
    limit, level = _limit_of(measurement)
    none = (np.nan,) * 3
    bound = _gaussian_bound(value, plus, minus, level)
    return MeasuredForm(kind, words, value, plus, minus, *none, bound, limit)


def _counts(measurement: Measurement) -> MeasuredForm:
    counts, (limit, level) = measurement.counts or {}, _limit_of(measurement)
    observed, background = counts["observed"], counts.get("background", 0.0)
    known = counts.get("single_event_sensitivity")
    sensitivity = np.nan if known is None else 1.0 / known
    words = "the observed events and background, with "
    words += "a sensitivity from the limit" if known is None else "the single-event sensitivity"
    form = CountingLimit(
        *(measurement.id, "", measurement.observables[0], limit, level, observed, background, ()),
        sensitivity=None if known is None else sensitivity,
    )
    value = max(observed - background, 0.0) / form.sensitivity
    return MeasuredForm(
        *("counts", words, value, np.nan, np.nan, observed, background, sensitivity),
        *(form.bound(), limit),
    )


def _limit_of(measurement: Measurement) -> tuple[float, float]:
    if measurement.limit is None or measurement.cl is None:
        raise DataError(f"measurement {measurement.id!r} has no limit with a confidence level")
    return measurement.limit, measurement.cl


def _gaussian_bound(value: float, plus: float, minus: float, level: float) -> float:
    """Credible bound of a two-piece Gaussian with a flat prior on x >= 0.

    The tail beyond the bound is (1 - level) of the area on x >= 0, in units of sqrt(2 pi).
    """
    upper = plus * _normal_cdf(min(value, 0.0) / plus)
    lower = minus * (0.5 - _normal_cdf(-max(value, 0.0) / minus))
    tail = (1.0 - level) * (upper + lower)
    if tail <= 0.0:  # nothing of the density that a float can hold is on x >= 0
        return math.inf
    if tail <= 0.5 * plus:
        return value - plus * NormalDist().inv_cdf(tail / plus)
    return value + minus * NormalDist().inv_cdf(0.5 - (tail - 0.5 * plus) / minus)


def _normal_cdf(x: float) -> float:
    """Of one number: scipy, which has it too, takes longer to load than all of an analysis."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))
