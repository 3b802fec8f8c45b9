"""Observables of one batch of points, each predicted once for all who ask."""

from __future__ import annotations

from .arrays import Array, frozen
from .inputs import Inputs
from .observables import observable
from .wilson import Wilson

__all__ = ["Workspace", "predicted"]


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
    """

    __slots__ = ("_inputs", "_predicted")

    def __init__(self, wilson: Wilson, inputs: Inputs) -> None:
        super().__init__(size=wilson.size)
        # Checked already, and read-only: shared, not copied.
        self._values = wilson._values
        self._inputs = inputs
        self._predicted: dict[str, Array] = {}

    @property
    def inputs(self) -> Inputs:
        """Constants and form factors of the batch."""
        return self._inputs

    def observable(self, name: str) -> Array:
        """Prediction of an observable without kinematics, made when it is first asked for.

        Parameters
        ----------
        name : str
            Name of the observable, or one of its aliases.

        Returns
        -------
        (n,) array, read-only

        Raises
        ------
        UnknownNameError
            If there is no such observable.
        """
        record = observable(name)
        found = self._predicted.get(record.name)
        if found is None:
            found = frozen(record.function(self, self._inputs))
            self._predicted[record.name] = found
        return found


def predicted(name: str, wilson: Wilson, inputs: Inputs) -> Array:
    """Prediction of an observable without kinematics, from the workspace of a batch if it is one.

    Parameters
    ----------
    name : str
    wilson : Wilson
        A `Workspace` answers from what it has, if it was made for these inputs.
    inputs : Inputs

    Returns
    -------
    (n,) array
    """
    if isinstance(wilson, Workspace) and wilson.inputs is inputs:
        return wilson.observable(name)
    return observable(name).function(wilson, inputs)
