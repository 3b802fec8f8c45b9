"""Any observable of flavio (arXiv:1810.08132) as a likelihood term, with the extra ``flavio``."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from ...errors import MissingExtraError
from ..base import Quoted, Term
from ..batches import Array, Data
from ..forms.gaussian import TwoPieceGaussian
from ..forms.limits import HalfGaussianLimit
from .coefficients import refuse_unknown, translate

if TYPE_CHECKING:
    from ...physics.inputs import Inputs
    from ...physics.wilson import Wilson
    from .bridge import FlavioObservable

__all__ = ["FlavioTerm", "flavio_limit", "flavio_value"]

# Before the names of observables: flavio and bsinv have observables of one name.
PREFIX = "flavio:"

# Predictions that a term remembers: a fit asks for the same point again when it moves parameters
# that flavio does not know of.
REMEMBERED = 4096


class FlavioTerm(Term):
    """A measured value of, or limit on, an observable that flavio predicts.

    The Wilson coefficients go to flavio, each at the scale it has here. Those of b -> s with
    leptons are rescaled by (alpha lambda_t)/(alpha lambda_t)_flavio, with alpha = alpha(m_Z) here
    and alpha(4.8 GeV) there: only the product with the coefficient is physical. All other inputs
    are flavio's own central values; constants and form factors of an analysis do not change them.

    A coefficient that flavio does not have must be zero if it would change the observable: right-
    handed neutrinos, violated lepton number and dark particles in modes with missing energy.
    Which ones would is told by the sectors that the prediction asks for.

    flavio predicts one point at a time, in milliseconds to seconds.

    Parameters
    ----------
    form : TwoPieceGaussian or HalfGaussianLimit
        What was measured; its name is that of the term.
    observable : FlavioObservable
        What is predicted, in the unit of flavio.

    Raises
    ------
    PredictionError
        If a coefficient that flavio does not have is not zero (when predicting).
    """

    batched = False

    def __init__(
        self, form: TwoPieceGaussian | HalfGaussianLimit, observable: FlavioObservable
    ) -> None:
        self.name, self.description = form.name, form.description
        self.observables, self.data_ids = form.observables, form.data_ids
        self.includes_constants = form.includes_constants
        self.form, self.predicted = form, observable
        self._remembered: dict[tuple[tuple[str, complex], ...], float] = {}

    def predict(self, wilson: Wilson, inputs: Inputs) -> Array:
        """Prediction of flavio: (n,)."""
        refuse_unknown(wilson, self.predicted.sectors, self.predicted.name)
        values = translate(wilson, inputs, self.predicted.sectors)
        size = max(wilson.size, inputs.size)
        table = np.zeros((size, len(values)), dtype=complex)
        for column, value in enumerate(values.values()):
            table[:, column] = value
        return np.array([self._remember(tuple(values), row) for row in table])

    def _remember(self, names: tuple[str, ...], row: Array) -> float:
        if not np.isfinite(row).all():
            return float("nan")
        pairs = zip(names, row, strict=True)
        key = tuple((name, complex(value)) for name, value in pairs if value != 0)
        if key not in self._remembered:
            if len(self._remembered) >= REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = self.predicted.predict(dict(key))
        return self._remembered[key]

    @cached_property
    def data(self) -> Data:
        """What was measured, as of the form: (1, 1)."""
        return self.form.data

    def log_likelihood(self, prediction: Array, data: Data | None = None) -> Array:
        """Logarithm of the likelihood, as of the form: (n,)."""
        return self.form.log_likelihood(prediction, data)

    def pull(self, prediction: Array, data: Data | None = None) -> Array:
        """Pull, as of the form: (n,)."""
        return self.form.pull(prediction, data)

    def sample(self, prediction: Array, rng: np.random.Generator) -> Data:
        """Draw data, as of the form: (n, 1)."""
        return self.form.sample(prediction, rng)

    def asimov(self, prediction: Array) -> Data:
        """Data without fluctuation, as of the form: (n, 1)."""
        return self.form.asimov(prediction)

    def saturated(self, data: Data | None = None) -> Array:
        """Log-likelihood of the saturated model, as of the form: (m,)."""
        return self.form.saturated(data)

    def quoted(self) -> tuple[Quoted, ...]:
        """What was measured."""
        return self.form.quoted()


def flavio_value(
    name: str,
    observable: str,
    arguments: Mapping[str, float],
    value: float,
    error_plus: float,
    error_minus: float,
    data: tuple[str, ...] = (),
) -> FlavioTerm:
    """Term of a measured value.

    Parameters
    ----------
    name : str
        Of the term.
    observable : str
        Name in flavio.
    arguments : mapping of str to float
        Of the observable in flavio.
    value, error_plus, error_minus : float
        In the unit of flavio; the errors hold that of the prediction too.
    data : tuple of str
        Ids of measurements of bsinv made from the same data, for the overlap table.

    Returns
    -------
    FlavioTerm

    Raises
    ------
    MissingExtraError
        If flavio is not installed.
    UnknownNameError
        If flavio has no such observable or argument.
    PredictionError
        If an argument is missing, or the observable cannot be predicted.
    DataError
        If an error is not positive.
    """
    found, label = _observable(name, observable, arguments)
    description = f"value of {label[len(PREFIX) :]}, predicted by flavio"
    errors = (error_plus, error_minus)
    return FlavioTerm(
        TwoPieceGaussian(name, description, label, value, *errors, (name, *data)), found
    )


def flavio_limit(
    name: str,
    observable: str,
    arguments: Mapping[str, float],
    limit: float,
    level: float,
    data: tuple[str, ...] = (),
) -> FlavioTerm:
    """Term of an upper limit.

    Parameters
    ----------
    name, observable, arguments, data
        As for `flavio_value`.
    limit : float
        In the unit of flavio.
    level : float
        Confidence level.

    Returns
    -------
    FlavioTerm

    Raises
    ------
    MissingExtraError, UnknownNameError, PredictionError
        As for `flavio_value`.
    DataError
        If the limit is not positive or the level not between 0 and 1.
    """
    found, label = _observable(name, observable, arguments)
    description = f"limit on {label[len(PREFIX) :]}, predicted by flavio"
    return FlavioTerm(
        HalfGaussianLimit(name, description, label, limit, level, (name, *data)), found
    )


@contextmanager
def _logging_kept() -> Iterator[None]:
    """Take back what an import does to the root logger: flavio makes every library talk."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    try:
        yield
    finally:
        root.setLevel(level)
        root.handlers[:] = handlers


def _observable(
    name: str, observable: str, arguments: Mapping[str, float]
) -> tuple[FlavioObservable, str]:
    """The observable, and a label that no observable of bsinv has."""
    if find_spec("flavio") is None:
        raise MissingExtraError("flavio", "flavio", f"the likelihood {name!r}")
    with _logging_kept():
        from .bridge import FlavioObservable

    given = ", ".join(f"{key}={value:g}" for key, value in arguments.items())
    return (
        FlavioObservable(observable, arguments),
        f"{PREFIX}{observable}" + (f"[{given}]" if given else ""),
    )
