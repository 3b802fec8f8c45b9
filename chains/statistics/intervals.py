"""Credible intervals of samples."""

from __future__ import annotations

import math

import numpy as np

from ...errors import ParameterError
from ..records import Array

__all__ = ["INTERVALS", "equal_tailed", "hdi", "interval"]


def _prepared(samples: Array, content: float) -> Array:
    if not 0.0 < content < 1.0:
        raise ParameterError(f"the content of an interval must lie between 0 and 1, not {content}.")
    values = np.asarray(samples, dtype=float).ravel()
    if not np.all(np.isfinite(values)):
        raise ParameterError("an interval of samples that are not finite was asked for.")
    return values


def equal_tailed(samples: Array, content: float) -> tuple[float, float]:
    """Interval with the same probability left out on either side.

    Parameters
    ----------
    samples : (s,) array
    content : float
        Probability inside, between 0 and 1.

    Returns
    -------
    lower, upper : float
        In the unit of the samples; NaN if there are none.

    Raises
    ------
    ParameterError
        If the content is not between 0 and 1 or a sample is not finite.
    """
    values = _prepared(samples, content)
    if not len(values):
        return math.nan, math.nan
    lower, upper = np.quantile(values, [0.5 - 0.5 * content, 0.5 + 0.5 * content])
    return float(lower), float(upper)


def hdi(samples: Array, content: float) -> tuple[float, float]:
    """Highest-density interval: the shortest that holds the content.

    One interval is given even where the density has several maxima; it is then the shortest single
    interval. It lies at the edge where the density is largest at an edge.

    Parameters
    ----------
    samples : (s,) array
    content : float
        Probability inside, between 0 and 1.

    Returns
    -------
    lower, upper : float
        In the unit of the samples; NaN if there are none.

    Raises
    ------
    ParameterError
        If the content is not between 0 and 1 or a sample is not finite.
    """
    values = np.sort(_prepared(samples, content))
    if not len(values):
        return math.nan, math.nan
    inside = math.ceil(content * len(values))
    first = int(np.argmin(values[inside - 1 :] - values[: len(values) - inside + 1]))
    return float(values[first]), float(values[first + inside - 1])


INTERVALS = {"equal-tailed": equal_tailed, "hdi": hdi}


def interval(samples: Array, content: float, kind: str = "equal-tailed") -> tuple[float, float]:
    """Interval of a kind given by name.

    Parameters
    ----------
    samples : (s,) array
    content : float
        Probability inside, between 0 and 1.
    kind : str
        ``"equal-tailed"`` or ``"hdi"``.

    Returns
    -------
    lower, upper : float

    Raises
    ------
    ParameterError
        If the kind is not known, the content out of range or a sample not finite.
    """
    if kind not in INTERVALS:
        raise ParameterError(f"unknown kind of interval {kind!r}; known: {', '.join(INTERVALS)}.")
    return INTERVALS[kind](samples, content)
