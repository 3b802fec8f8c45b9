"""Credible intervals of samples."""

from __future__ import annotations

import math

import numpy as np

from ...errors import ParameterError, choices
from ..records import Array
from .weights import checked, cumulative, quantile

__all__ = ["INTERVALS", "equal_tailed", "hdi", "interval"]


def _prepared(samples: Array, content: float, weights: Array | None) -> tuple[Array, Array | None]:
    if not 0.0 < content < 1.0:
        raise ParameterError(f"the content of an interval must lie between 0 and 1, not {content}.")
    return checked(samples, weights, "an interval")


def equal_tailed(
    samples: Array, content: float, weights: Array | None = None
) -> tuple[float, float]:
    """Interval with the same probability left out on either side.

    Parameters
    ----------
    samples : (s,) array
    content : float
        Probability inside, between 0 and 1.
    weights : (s,) array, optional
        Not negative; all the same if not given.

    Returns
    -------
    lower, upper : float
        In the unit of the samples; NaN if there are none.

    Raises
    ------
    ParameterError
        If the content is not between 0 and 1, a sample is not finite or weights are wrong.
    """
    values, weights = _prepared(samples, content, weights)
    if not len(values):
        return math.nan, math.nan
    lower, upper = quantile(values, [0.5 - 0.5 * content, 0.5 + 0.5 * content], weights)
    return float(lower), float(upper)


def hdi(samples: Array, content: float, weights: Array | None = None) -> tuple[float, float]:
    """Highest-density interval: the shortest that holds the content.

    One interval is given even where the density has several maxima; it is then the shortest single
    interval. It lies at the edge where the density is largest at an edge.

    Parameters
    ----------
    samples : (s,) array
    content : float
        Probability inside, between 0 and 1.
    weights : (s,) array, optional
        Not negative; all the same if not given.

    Returns
    -------
    lower, upper : float
        In the unit of the samples; NaN if there are none.

    Raises
    ------
    ParameterError
        If the content is not between 0 and 1, a sample is not finite or weights are wrong.
    """
    values, weights = _prepared(samples, content, weights)
    if not len(values):
        return math.nan, math.nan
    if weights is not None:
        return _shortest(values, content, weights)
    values = np.sort(values)
    inside = math.ceil(content * len(values))
    first = int(np.argmin(values[inside - 1 :] - values[: len(values) - inside + 1]))
    return float(values[first]), float(values[first + inside - 1])


def _shortest(values: Array, content: float, weights: Array) -> tuple[float, float]:
    """Shortest interval from sample to sample whose weights hold the content."""
    order = np.argsort(values, kind="stable")
    values, sums = values[order], cumulative(weights[order])
    before = np.concatenate([[0.0], sums[:-1]])
    # The last sum may fall short of the content by rounding.
    last = np.searchsorted(sums, before + content - 1e-12)
    holds = last < len(values)
    lengths = values[last[holds]] - values[holds]
    first = int(np.argmin(lengths))
    return float(values[first]), float(values[last[first]])


INTERVALS = {"equal-tailed": equal_tailed, "hdi": hdi}


def interval(
    samples: Array, content: float, kind: str = "equal-tailed", weights: Array | None = None
) -> tuple[float, float]:
    """Interval of a kind given by name.

    Parameters
    ----------
    samples : (s,) array
    content : float
        Probability inside, between 0 and 1.
    kind : str
        ``"equal-tailed"`` or ``"hdi"``.
    weights : (s,) array, optional
        Not negative; all the same if not given.

    Returns
    -------
    lower, upper : float

    Raises
    ------
    ParameterError
        If the kind is not known, the content out of range, a sample not finite or weights wrong.
    """
    if kind not in INTERVALS:
        known = choices(kind, INTERVALS)
        raise ParameterError(f"unknown kind of interval {kind!r}; known: {known}")
    return INTERVALS[kind](samples, content, weights)
