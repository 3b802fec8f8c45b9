"""Batches that a likelihood term is given: predictions, and data measured or drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..errors import PredictionError

__all__ = [
    "LOG_UNIT_NORMAL",
    "NUISANCES",
    "Array",
    "Data",
    "auxiliary_values",
    "check_pairs",
    "count_values",
    "data_values",
    "drawn_counts",
    "log_poisson_at_mean",
    "poisson_log",
    "real_prediction",
    "true_prediction",
]

Array = np.ndarray

NUISANCES = ("conditional", "nominal", "prior")
"""At which values of a term's own nuisance parameters data are drawn (`histfactory.sample`)."""

# Largest number of events expected that counts are drawn for: the generator takes hardly more, and
# a float holds no larger count exactly.
MOST_EVENTS = 1e15


@dataclass(frozen=True, eq=False)
class Data:
    """What a term was told by experiments, or by a toy of them: batch axis first.

    The measured data are a batch of one, toys a batch of m. What evaluates takes n predictions and
    m data sets with ``n == m``, or one of either for all of the other.

    Attributes
    ----------
    values : (m, k) array
        Central values or counts, in the order and unit of the prediction; k = 0 for what is no
        datum, such as a wall.
    auxiliary : mapping of str to (m, j) array
        Auxiliary data by name: centres of the constraints of a term's own nuisance parameters.
    """

    values: Array
    auxiliary: Mapping[str, Array] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Array | slice) -> Data:
        """Some of the data sets: those of `rows`, an index array, mask or slice."""
        return Data(self.values[rows], {name: a[rows] for name, a in self.auxiliary.items()})

    @classmethod
    def joined(cls, parts: Sequence[Data]) -> Data:
        """Data sets of several batches of one term, one after the other."""
        return cls(
            np.concatenate([part.values for part in parts]),
            {
                name: np.concatenate([part.auxiliary[name] for part in parts])
                for name in parts[0].auxiliary
            },
        )


def real_prediction(name: str, prediction: Array, columns: int = 0) -> Array:
    """Prediction that a term is asked about, as floats.

    Parameters
    ----------
    name : str
        Of the term, for errors.
    prediction : (n,) or (n, columns) array, or one number if there are no columns
    columns : int
        None, 0, for one observable.

    Returns
    -------
    array of the same shape
        NaN stays: the term has no likelihood there.

    Raises
    ------
    PredictionError
        If it is not made of real numbers or has another shape.
    """
    try:
        array = np.asarray(prediction)
    except ValueError:  # lists of unequal lengths
        array = np.asarray("")
    fits = array.ndim == 2 and array.shape[1] == columns if columns else array.ndim <= 1
    if array.dtype.kind not in "iuf" or not fits:
        shape = f"(n, {columns})" if columns else "(n,)"
        raise PredictionError(
            f"{name}: a prediction of real numbers of shape {shape} is needed, not {array.dtype} "
            f"of shape {array.shape}"
        )
    return array.astype(np.float64, copy=False)


def true_prediction(name: str, prediction: Array, columns: int = 0) -> Array:
    """Predictions that data are drawn at: as of `real_prediction`, a batch, and finite.

    Raises
    ------
    PredictionError
        Naming the first that is not finite; or as `real_prediction`.
    """
    array = np.atleast_1d(real_prediction(name, prediction, columns))
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        raise PredictionError(
            f"{name}: no data can be drawn at point {bad[0, 0]}, where the prediction is "
            f"{array[tuple(bad[0])]}"
        )
    return array


def data_values(name: str, data: Data, columns: int, points: int | None = None) -> Array:
    """Values of the data sets that a term is asked about.

    Parameters
    ----------
    name : str
        Of the term, for errors.
    data : Data
    columns : int
        Values in each data set.
    points : int, optional
        Number of predictions that they are compared with.

    Returns
    -------
    (m, columns) array

    Raises
    ------
    PredictionError
        If they are no `Data` of finite real numbers of that shape, or if neither m and the number
        of predictions are the same nor one of them is 1.
    """
    if not isinstance(data, Data):
        raise PredictionError(f"{name}: a Data record is needed, not {type(data).__name__}")
    values = np.asarray(data.values)
    if values.dtype.kind not in "iuf" or values.ndim != 2 or values.shape[1] != columns:
        raise PredictionError(
            f"{name}: data of real numbers of shape (m, {columns}) are needed, not {values.dtype} "
            f"of shape {values.shape}"
        )
    if points is not None:
        check_pairs(name, points, len(values))
    bad = np.argwhere(~np.isfinite(values))
    if len(bad):
        raise PredictionError(f"{name}: data set {bad[0, 0]} holds {values[tuple(bad[0])]}")
    return values.astype(np.float64, copy=False)


def auxiliary_values(name: str, data: Data, key: str, columns: int) -> Array:
    """Auxiliary data of the data sets that a term is asked about.

    Parameters
    ----------
    name : str
        Of the term, for errors.
    data : Data
    key : str
    columns : int
        Numbers in each data set.

    Returns
    -------
    (m, columns) array

    Raises
    ------
    PredictionError
        If there are none, or not finite real numbers of that shape.
    """
    values = np.asarray(data.auxiliary.get(key))
    shape = (len(data), columns)
    if values.dtype.kind not in "iuf" or values.shape != shape:
        raise PredictionError(
            f"{name}: auxiliary data {key!r} of real numbers of shape {shape} are needed, not "
            f"{values.dtype} of shape {values.shape}"
        )
    bad = np.argwhere(~np.isfinite(values))
    if len(bad):
        raise PredictionError(
            f"{name}: auxiliary data {key!r} of data set {bad[0, 0]} hold {values[tuple(bad[0])]}"
        )
    return values.astype(np.float64, copy=False)


def check_pairs(name: str, points: int, sets: int) -> None:
    """Refuse numbers of predictions and data sets that are not the same, and neither is 1.

    Raises
    ------
    PredictionError
    """
    if points != sets and 1 not in (points, sets):
        raise PredictionError(
            f"{name}: {points} predictions and {sets} data sets do not fit: as many of one as of "
            "the other are needed, or one of either"
        )


def count_values(name: str, data: Data, points: int | None = None) -> Array:
    """Counts of data sets of one each: (m,); errors as of `data_values`, and below zero."""
    counts: Array = data_values(name, data, 1, points)[:, 0]
    if counts.size and counts.min() < 0:
        raise PredictionError(
            f"{name}: data set {counts.argmin()} holds {counts.min()} events, and a count is not "
            "negative"
        )
    return counts


def poisson_log(observed: Array | float, expected: Array) -> Array:
    """``ln [P(n; mu) / P(n; n)] = n ln mu - mu - (n ln n - n)``: zero where mu is n.

    Parameters
    ----------
    observed : (m,) array or float
        n, not necessarily an integer.
    expected : (n,) array
        mu.

    Returns
    -------
    array of their common shape
    """
    from scipy.special import xlogy

    log: Array = xlogy(observed, expected) - expected - (xlogy(observed, observed) - observed)
    return log


LOG_UNIT_NORMAL = -0.5 * math.log(2.0 * math.pi)
"""Logarithm of the height of a normal density of width 1."""


def log_poisson_at_mean(observed: float) -> float:
    """``ln P(n; n) = n ln n - n - ln Gamma(n + 1)``: what `poisson_log` leaves out."""
    from scipy.special import gammaln, xlogy

    return float(xlogy(observed, observed) - observed - gammaln(observed + 1.0))


def drawn_counts(name: str, expected: Array, rng: np.random.Generator) -> Data:
    """Data sets of one Poisson count each.

    Parameters
    ----------
    name : str
        Of the term, for errors.
    expected : (n,) array
        Finite.
    rng : numpy.random.Generator

    Returns
    -------
    Data
        With (n, 1) values.

    Raises
    ------
    PredictionError
        If a number of events expected is negative or above 1e15.
    """
    bad = np.flatnonzero(~((expected >= 0) & (expected <= MOST_EVENTS)))
    if bad.size:
        raise PredictionError(
            f"{name}: no count can be drawn at point {bad[0]}, where {expected[bad[0]]} events are "
            f"expected: allowed are 0 to {MOST_EVENTS:g}"
        )
    return Data(rng.poisson(expected).astype(float)[:, None])
