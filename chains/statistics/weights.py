"""Samples with weights: checked, their quantiles, and equal ones that stand for them.

A sample of weight zero is none, and weights that are all the same are no weights: then every number
is that of plain samples.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ...errors import ParameterError
from ..records.arrays import Array, kish

__all__ = [
    "checked",
    "cumulative",
    "deviation",
    "effective",
    "in_order",
    "mean",
    "quantile",
    "thinned",
]

# More samples than this are replaced by as many of their quantiles.
_MOST = 20000
# So many different values, or fewer, are points of their own.
_FEW = 12
# A value that is repeated so many times more often than both neighbours is a point too.
_OFTEN = 10
# Fewer effective samples than this say nothing of modes.
_UNKNOWN = 100.0


def checked(samples: Array, weights: Array | None, what: str) -> tuple[Array, Array | None]:
    """Samples that count, and their weights; None if these are all the same.

    Parameters
    ----------
    samples : array
    weights : array or None
        As many as there are samples, not negative; all the same if None.
    what : str
        What is asked for, for messages.

    Returns
    -------
    samples : (n,) array
    weights : (n,) array or None
        Positive.

    Raises
    ------
    ParameterError
        If a sample or weight is not finite, a weight is negative, the weights do not match the
        samples, or all of them vanish.
    """
    values = np.asarray(samples, dtype=float).ravel()
    if weights is not None:
        values, weights = _counting(values, np.asarray(weights, dtype=float).ravel())
    if not np.isfinite(values).all():
        raise ParameterError(f"{what} of samples that are not finite was asked for.")
    return values, weights


def _counting(values: Array, weights: Array) -> tuple[Array, Array | None]:
    if weights.shape != values.shape:
        raise ParameterError(f"{len(weights)} weights do not match {len(values)} samples.")
    if not (np.isfinite(weights).all() and (weights >= 0.0).all()):
        raise ParameterError("weights of samples must be finite and not negative.")
    if len(weights) and not weights.any():
        raise ParameterError("all weights of the samples are zero.")
    counts = weights > 0.0
    values, weights = values[counts], weights[counts]
    if not len(weights) or (weights == weights[0]).all():
        return values, None
    return values, weights


def effective(size: int, ess: float | None, weights: Array | None) -> float:
    """Effective number of samples; with weights at most Kish's, (sum w)^2 / sum w^2.

    Parameters
    ----------
    size : int
        Number of samples.
    ess : float or None
        What is known of it: NaN if it is small, None if the samples are independent.
    weights : (size,) array or None
    """
    found = float(size)
    if ess is not None:
        found = min(found, _UNKNOWN) if math.isnan(ess) else min(found, max(float(ess), 1.0))
    return found if weights is None or not size else min(found, kish(weights))


def cumulative(weights: Array) -> Array:
    """Sums of the weights up to and with each, divided by that of all: (n,), the last is 1."""
    sums: Array = np.cumsum(weights / np.max(weights))
    sums /= sums[-1]
    return sums


def mean(values: Array, weights: Array | None = None) -> float:
    """Mean of samples.

    Parameters
    ----------
    values : (n,) array
    weights : (n,) array, optional
    """
    return float(values.mean() if weights is None else np.average(values, weights=weights))


def deviation(values: Array, weights: Array | None = None) -> float:
    """Standard deviation of samples, with the number of samples (or sum of weights) as divisor.

    Parameters
    ----------
    values : (n,) array
    weights : (n,) array, optional
    """
    if weights is None:
        return float(values.std())
    return math.sqrt(np.average((values - mean(values, weights)) ** 2, weights=weights))


def quantile(samples: Array, ranks: Sequence[float] | float, weights: Array | None = None) -> Array:
    """Quantiles of samples, over the first axis.

    Without weights they are those of numpy, by linear interpolation (type 7 of Hyndman and Fan,
    Am. Stat. 50 (1996) 361). With weights they are the same estimate of as many samples as the
    weights are worth, n (Akinshin, 2304.07265, section 3): the mean of the weighted samples over
    ranks from p (n - 1) / n to p (n - 1) / n + 1 / n. For equal weights that is the linear
    interpolation.

    Parameters
    ----------
    samples : (s,) or (s, k) array
    ranks : sequence of r floats, or float
        Between 0 and 1.
    weights : (s,) array, optional
        Not negative.

    Returns
    -------
    array of shape (r,), (), (r, k) or (k,)

    Raises
    ------
    ParameterError
        If the weights are wrong.
    """
    if weights is not None:
        rows, left = _counting(np.arange(len(samples)), np.asarray(weights, dtype=float))
        samples, weights = np.asarray(samples)[rows], left
    if weights is None:
        plain: Array = np.quantile(samples, ranks, axis=0)
        return plain
    columns = samples.reshape(len(samples), -1)
    found = np.array([_weighted(column, np.ravel(ranks), weights) for column in columns.T])
    shaped: Array = found.T.reshape((*np.shape(ranks), *samples.shape[1:]))
    return shaped


def _weighted(values: Array, ranks: Array, weights: Array) -> Array:
    order = np.argsort(values, kind="stable")
    values, count = values[order], max(kish(weights), 1.0)
    upper = cumulative(weights[order])
    found = np.empty(len(ranks))
    for index, rank in enumerate(ranks):
        low = rank * (count - 1.0) / count
        high = low + 1.0 / count
        first = min(int(np.searchsorted(upper, low, side="right")), len(values) - 1)
        last = min(int(np.searchsorted(upper, high, side="left")), len(values) - 1)
        ends = np.clip(upper[first : last + 1], low, high)
        parts = np.diff(ends, prepend=low)
        total = parts.sum()
        inside = values[first : last + 1]
        found[index] = parts @ inside / total if total > 0.0 else inside[0]
    return found


def in_order(values: Array, weights: Array | None) -> Array:
    """Samples in ascending order, all of one weight, not too many: quantiles where needed.

    Parameters
    ----------
    values : (n,) array
    weights : (n,) array or None

    Returns
    -------
    (m,) array
    """
    order = np.argsort(values, kind="stable")
    values = values[order]
    if weights is not None:
        size = int(np.clip(4 * len(values), 400, _MOST))
        ranks = (np.arange(size) + 0.5) / size
        # steps, not lines, which would fill the gaps between modes and around a heavy sample
        values = values[np.searchsorted(cumulative(weights[order]), ranks)]
    elif len(values) > _MOST:
        values = values[((np.arange(_MOST) + 0.5) * len(values) / _MOST).astype(int)]
    return _spread(values)


def _spread(values: Array) -> Array:
    """Values in ascending order, repeated ones evenly between the middles to their neighbours.

    A walker that stays repeats its value, and a rounded number is one of many on a lattice: neither
    is a mode. A few values that hold everything are left as they are, and so is one that is
    repeated far more often than its neighbours: a part of the probability that sits at one point.
    """
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) == len(values) or len(distinct) <= _FEW:
        return values
    middles = 0.5 * (distinct[1:] + distinct[:-1])
    lower = np.concatenate([distinct[:1], middles])
    upper = np.concatenate([middles, distinct[-1:]])
    beside = np.maximum(np.r_[counts[1:], 0], np.r_[0, counts[:-1]])
    alone = (counts == 1) | (counts > _OFTEN * beside)
    lower[alone] = upper[alone] = distinct[alone]
    first = np.cumsum(counts) - counts
    place = (np.arange(len(values)) - np.repeat(first, counts) + 0.5) / np.repeat(counts, counts)
    spread: Array = np.repeat(lower, counts) + place * np.repeat(upper - lower, counts)
    return spread


def thinned(weights: Array, size: int) -> tuple[Array, Array]:
    """Choose samples in place of all: evenly along the sum of the weights (systematic).

    Parameters
    ----------
    weights : (s,) array
        Not negative, not all zero.
    size : int
        Most that are chosen.

    Returns
    -------
    rows : (m,) integer array
        Those chosen, each once, in ascending order; all if they are few enough.
    weights : (m,) array
        How often each was chosen, with sum 1.
    """
    if len(weights) <= size:
        return np.arange(len(weights)), weights / weights.sum()
    places = (np.arange(size) + 0.5) / size
    rows, counts = np.unique(np.searchsorted(cumulative(weights), places), return_counts=True)
    return rows, counts / size
