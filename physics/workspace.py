"""Observables of one batch of points, each predicted once for all who ask."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from ..errors import PredictionError, did_you_mean
from .arrays import Array, frozen
from .inputs import Inputs
from .observable import Observable
from .observables import observable
from .wilson import Wilson

__all__ = ["Workspace", "parameter_of", "predicted"]

_NONE: Mapping[str, Array] = MappingProxyType({})

_NO_OBSERVABLES: Mapping[str, Observable] = MappingProxyType({})


class Workspace(Wilson):
    """Wilson coefficients of one batch, the inputs that go with them, and what they predict.

    Whoever evaluates a batch makes one, hands it to every likelihood term in place of the
    coefficients, and drops it: nothing outlives the batch. To a term it is what it always gets, a
    read-only mapping of coefficients.

    Parameters
    ----------
    wilson : Wilson
    inputs : Inputs
        Of as many points as the coefficients, or either of one.
    parameters : mapping of str to (n,) or (1,) array, optional
        Parameters that the coefficients were made of, such as the mass that a published curve
        depends on.
    own : mapping of str to Observable, optional
        Observables of the user's own, by names that none of the package has.
    """

    __slots__ = ("_inputs", "_own", "_parameters", "_predicted")

    def __init__(
        self,
        wilson: Wilson,
        inputs: Inputs,
        parameters: Mapping[str, Array] = _NONE,
        own: Mapping[str, Observable] = _NO_OBSERVABLES,
    ) -> None:
        super().__init__(size=wilson.size)
        # Checked already, and read-only: shared, not copied.
        self._values = wilson._values
        self._inputs = inputs
        self._own = own
        self._parameters = parameters
        # By name; a record of the user's own by its identity, kept alive with its prediction.
        self._predicted: dict[str | int, tuple[Observable, Array]] = {}

    @property
    def inputs(self) -> Inputs:
        """Constants and form factors of the batch."""
        return self._inputs

    @property
    def parameters(self) -> Mapping[str, Array]:
        """Parameters that the coefficients were made of."""
        return self._parameters

    def observable(self, asked: str | Observable) -> Array:
        """Prediction of an observable without kinematics, made when it is first asked for.

        Parameters
        ----------
        asked : str or Observable
            Name of the observable, one of its aliases, or a record of one's own.

        Returns
        -------
        (n,) array, read-only

        Raises
        ------
        UnknownNameError
            If there is no such observable.
        PredictionError
            If the function of a record of one's own returns something else.
        """
        if isinstance(asked, str):
            record = self._own[asked] if asked in self._own else observable(asked)
        else:
            record = asked
        key = record.name if isinstance(asked, str) else id(record)
        found = self._predicted.get(key)
        if found is None:
            values = record.function(self, self._inputs)
            found = record, frozen(values if record is not asked else _checked(record, values))
            self._predicted[key] = found
        return found[1]


def predicted(asked: str | Observable, wilson: Wilson, inputs: Inputs) -> Array:
    """Prediction of an observable without kinematics, from the workspace of a batch if it is one.

    Parameters
    ----------
    asked : str or Observable
        Name, or a record of one's own.
    wilson : Wilson
        A `Workspace` answers from what it has, if it was made for these inputs.
    inputs : Inputs

    Returns
    -------
    (n,) array

    Raises
    ------
    UnknownNameError, PredictionError
        As `Workspace.observable`.
    """
    if isinstance(wilson, Workspace) and wilson.inputs is inputs:
        return wilson.observable(asked)
    if isinstance(asked, str):
        return observable(asked).function(wilson, inputs)
    return _checked(asked, asked.function(wilson, inputs))


def _checked(record: Observable, values: Array) -> Array:
    """Prediction of a function of a user's own: real numbers, one for each point."""
    array = np.asarray(values)
    if array.dtype.kind not in "iuf" or array.ndim > 1:
        raise PredictionError(
            f"{record.name}: its function must return real numbers of shape (n,), not "
            f"{array.dtype} of shape {array.shape}."
        )
    return np.atleast_1d(array).astype(np.float64, copy=False)


def parameter_of(name: str, wilson: Wilson, asked_by: str) -> Array:
    """Parameter of the model, or Wilson coefficient, at every point of a batch.

    Parameters
    ----------
    name : str
    wilson : Wilson
        A `Workspace` that knows the parameters, else only coefficients are found.
    asked_by : str
        Who asks, for errors.

    Returns
    -------
    (n,) or (1,) array

    Raises
    ------
    PredictionError
        If there is none, or it is not real.
    """
    parameters = wilson.parameters if isinstance(wilson, Workspace) else _NONE
    found = parameters[name] if name in parameters else wilson.get(name)
    if found is None:
        hint = did_you_mean(name, {*parameters, *wilson})
        raise PredictionError(f"{asked_by}: no parameter of the model is called {name!r}{hint}")
    array = np.asarray(found)
    if array.dtype.kind == "c" and not array.imag.any():
        array = array.real
    if array.dtype.kind not in "iuf" or array.ndim > 1:
        raise PredictionError(f"{asked_by}: {name} is no real number.")
    return np.atleast_1d(array).astype(np.float64, copy=False)
