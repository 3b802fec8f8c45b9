"""What a likelihood term is: a measurement and its statistical form."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..physics.inputs import Inputs
    from ..physics.wilson import Wilson

__all__ = ["Array", "Term"]

Array = np.ndarray


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
    """

    name: str
    description: str
    observables: tuple[str, ...]
    data_ids: tuple[str, ...]
    includes_constants: bool

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
    from ..physics.observables import observable

    columns = [observable(name).function(wilson, inputs) for name in names]
    return np.stack(np.broadcast_arrays(*columns), axis=1)
