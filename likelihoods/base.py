"""What a likelihood term is: a measurement and its statistical form."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..errors import PredictionError
from .batches import Array, Data, check_pairs, data_values, real_prediction, true_prediction

if TYPE_CHECKING:
    from ..data.records import Reference
    from ..physics.inputs import Inputs
    from ..physics.observable import Observable
    from ..physics.wilson import Wilson

__all__ = [
    "Array",
    "Data",
    "Quoted",
    "Term",
    "check_pairs",
    "data_values",
    "name_of",
    "predict_observables",
    "predict_one",
    "real_prediction",
    "true_prediction",
    "unit_of",
]


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

    `predict`, `log_likelihood` and `pull` are what a fit needs. With `data`, `sample` and `asimov`,
    and data sets as the second argument of `log_likelihood`, a term takes part in toys too.

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
    standard_model_spectrum : bool
        Whether it compares total rates that were measured with efficiencies for the q2 spectrum of
        the Standard Model, whatever the spectrum predicted.
    response : str
        How efficiencies go with q2 where that can be chosen, else empty.
    limit_form : str
        ``"half-gaussian"`` for an upper limit of which no more is used than the confidence level.
    null_label : str
        Name of the prediction that a reweighted template was simulated with, else empty.
    reference : Reference or None
        Where the data are from, if that is known.
    own : bool
        Whether the data are the user's own, not of the package.
    """

    name: str
    description: str
    observables: tuple[str, ...]
    data_ids: tuple[str, ...]
    includes_constants: bool
    hard: bool = False
    batched: bool = True
    standard_model_spectrum: bool = False
    response: str = ""
    limit_form: str = ""
    null_label: str = ""
    reference: Reference | None = None
    own: bool = False

    @property
    def row_names(self) -> tuple[str, ...]:
        """Name under which each observable stands in tables: that of the term, if it is one."""
        return (self.name,) * len(self.observables)

    @property
    def own_rows(self) -> tuple[bool, ...]:
        """Whether each observable is of data of the user's own."""
        return (self.own,) * len(self.observables)

    @property
    def log_normalisation(self) -> float:
        """What makes `log_likelihood` of the measured data that of a normalised density, added.

        It is the same at all points, and needed for an evidence alone. NaN where there is none, as
        of a curve of ln L without its data. A wall has no data to be the density of: 0.
        """
        return 0.0 if self.includes_constants or self.hard else np.nan

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
    def log_likelihood(self, prediction: Array, data: Data | None = None) -> Array:
        """Logarithm of the likelihood of a batch of predictions.

        Parameters
        ----------
        prediction : (n,) or (n, k) array
            As returned by `predict`.
        data : Data, optional
            m data sets in place of the measured one: m = n, or one of the two is 1. A term that
            does not take them can be fitted, but has no toys.

        Returns
        -------
        (n,) array, or (m,) for one prediction
            Not finite where the prediction is not.

        Raises
        ------
        PredictionError
            If the prediction or the data have another shape, or their numbers do not fit.
        """

    @abstractmethod
    def pull(self, prediction: Array) -> Array:
        """Signed distance of measured data and prediction in standard deviations: (n,).

        Positive if the data are above the prediction; NaN where the form defines none.
        """

    @cached_property
    def data(self) -> Data:
        """What was measured: a batch of one.

        Raises
        ------
        PredictionError
            If the term does not say.
        """
        raise self._lacks("data", "data set, as a Data record with a batch axis of length 1")

    def sample(self, prediction: Array, rng: np.random.Generator) -> Data:
        """Draw data as the experiment might find them.

        Parameters
        ----------
        prediction : (n,) or (n, k) array
            As returned by `predict`: what is true.
        rng : numpy.random.Generator

        Returns
        -------
        Data
            One data set for each row of the prediction.

        Raises
        ------
        PredictionError
            If the term does not define its data, or a prediction is not finite.
        """
        raise self._lacks("sample(prediction, rng)", "a data set for each prediction")

    def asimov(self, prediction: Array) -> Data:
        """Data without fluctuation: for them the likelihood is largest at this prediction.

        Parameters and errors as for `sample`.
        """
        raise self._lacks("asimov(prediction)", "the data without fluctuation")

    def saturated(self, data: Data | None = None) -> Array:
        """Log-likelihood of the saturated model, whose prediction is the data: (m,).

        NaN where the form has no goodness of fit, zero for a wall.
        """
        return np.full(1 if data is None else len(data), 0.0 if self.hard else np.nan)

    def _lacks(self, member: str, words: str) -> PredictionError:
        why = f"{type(self).__name__} does not define {member} ({words})."
        return self._no_data(why)

    def _no_data(self, why: str) -> PredictionError:
        """Error of a term that knows of no data sets."""
        return PredictionError(f"{self.name}: data cannot be drawn or replaced, since {why}")

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

    def notes(self) -> tuple[str, ...]:
        """Sentences that a report needs on how the likelihood was made; none for most."""
        return ()


def predict_observables(asked: Sequence[str | Observable], wilson: Wilson, inputs: Inputs) -> Array:
    """Observables by name, one column each.

    Parameters
    ----------
    asked : sequence of str or Observable
        Scalar observables: names, or records of one's own.
    wilson : Wilson
    inputs : Inputs

    Returns
    -------
    (n, len(asked)) array
    """
    from ..physics.workspace import predicted

    columns = [predicted(entry, wilson, inputs) for entry in asked]
    return np.stack(np.broadcast_arrays(*columns), axis=1)


def predict_one(asked: str | Observable, wilson: Wilson, inputs: Inputs) -> Array:
    """One scalar observable by name, or by a record of one's own: (n,)."""
    column: Array = predict_observables((asked,), wilson, inputs)[:, 0]
    return column


def name_of(asked: str | Observable) -> str:
    """Name of an observable that is asked for by it, or by a record of one's own."""
    return asked if isinstance(asked, str) else asked.name


def unit_of(asked: str | Observable) -> str:
    """Unit of an observable; ``"1"`` for one that only a term of a user's own knows."""
    from ..physics.observables import known_observable

    record = known_observable(asked) if isinstance(asked, str) else asked
    return "1" if record is None else record.unit
