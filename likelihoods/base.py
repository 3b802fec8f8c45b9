"""What a likelihood term is: a measurement and its statistical form."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ..errors import PredictionError

if TYPE_CHECKING:
    from ..physics.inputs import Inputs
    from ..physics.wilson import Wilson

__all__ = [
    "Array",
    "Data",
    "Quoted",
    "Term",
    "predict_observables",
    "predict_one",
    "real_prediction",
    "unit_of",
]

Array = np.ndarray


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


@dataclass(frozen=True)
class Quoted:
    """What a source quotes for one observable, for tables.

    Attributes
    ----------
    observable : str
    unit : str
        Of all numbers here; ``"1"`` if there is none.
    kind : {"value", "upper limit", "lower limit", "likelihood"}
        A likelihood of its own has no numbers to quote.
    value, error_plus, error_minus : float
        Central value and the errors measured, both positive; NaN for limits.
    theory_error : float
        Error of the prediction that pulls count in besides.
    limit, level : float
        Limit and its confidence level; NaN for values.
    """

    observable: str
    unit: str = "1"
    kind: str = "likelihood"
    value: float = np.nan
    error_plus: float = np.nan
    error_minus: float = np.nan
    theory_error: float = 0.0
    limit: float = np.nan
    level: float = np.nan


class Term(ABC):
    """One contribution to the log-likelihood.

    Attributes
    ----------
    name : str
        Name under which the term is asked for and stored.
    description : str
        One sentence: the experiment, the quantity, the form.
    observables : tuple of str
        Names of the observables it needs.
    data_ids : tuple of str
        Identifiers of the data it uses, for the overlap table.
    includes_constants : bool
        Whether `log_likelihood` is the logarithm of a normalised density of the data.
    hard : bool
        Whether it only excludes: ``log_likelihood`` is zero or minus infinity.
    batched : bool
        Whether a batch of some hundred points costs little more than one point, as array code does;
        False if points are computed one after the other. The sampler chooses its walkers by it.
    """

    name: str
    description: str
    observables: tuple[str, ...]
    data_ids: tuple[str, ...]
    includes_constants: bool
    hard: bool = False
    batched: bool = True

    @abstractmethod
    def predict(self, wilson: Wilson, inputs: Inputs) -> Array:
        """Prediction of what is measured, in the unit of the measurement.

        Parameters
        ----------
        wilson : Wilson
            Coefficients of n points.
        inputs : Inputs
            Constants and form factors, of one or n points.

        Returns
        -------
        (n,) or (n, k) array
        """

    @abstractmethod
    def log_likelihood(self, prediction: Array) -> Array:
        """Logarithm of the likelihood of a batch of predictions.

        Parameters
        ----------
        prediction : (n,) or (n, k) array
            As returned by `predict`.

        Returns
        -------
        (n,) array
            Not finite where the prediction is not.
        """

    @abstractmethod
    def pull(self, prediction: Array) -> Array:
        """Signed distance of data and prediction in standard deviations: (n,).

        Positive if the data are above the prediction; NaN where the form defines none.
        """

    def observable_pulls(self, prediction: Array) -> Array:
        """Pull of each observable on its own: (n, len(observables)), NaN where there is none.

        Of correlated values each in units of its own error, so that their squares do not add up to
        the chi-square.
        """
        if len(self.observables) == 1:
            return np.asarray(self.pull(prediction), float)[:, None]
        return np.full((len(prediction), len(self.observables)), np.nan)

    def observable_values(self, prediction: Array) -> Array:
        """Prediction of each observable, in its unit: (n, len(observables)), NaN if not known."""
        values = np.asarray(prediction, float).reshape(len(prediction), -1)
        if values.shape[1] == len(self.observables):
            return values
        return np.full((len(prediction), len(self.observables)), np.nan)

    def quoted(self) -> tuple[Quoted, ...]:
        """What was measured of each observable, in their order."""
        return tuple(Quoted(name) for name in self.observables)


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


def predict_observables(names: tuple[str, ...], wilson: Wilson, inputs: Inputs) -> Array:
    """Observables by name, one column each.

    Parameters
    ----------
    names : tuple of str
        Scalar observables.
    wilson : Wilson
    inputs : Inputs

    Returns
    -------
    (n, len(names)) array
    """
    from ..physics.workspace import predicted

    columns = [predicted(name, wilson, inputs) for name in names]
    return np.stack(np.broadcast_arrays(*columns), axis=1)


def predict_one(name: str, wilson: Wilson, inputs: Inputs) -> Array:
    """One scalar observable by name: (n,)."""
    column: Array = predict_observables((name,), wilson, inputs)[:, 0]
    return column


def unit_of(name: str) -> str:
    """Unit of an observable; ``"1"`` for one that only a term of a user's own knows."""
    from ..physics.observables import ALIASES, observables

    record = observables().get(ALIASES.get(name, name))
    return "1" if record is None else record.unit
