"""From batches of points to predictions and log-likelihoods."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ..likelihoods.base import Term
from ..models import Model
from ..physics.inputs import Inputs
from ..physics.workspace import Workspace
from .drivers.target import Array
from .parameters.table import ParameterTable

if TYPE_CHECKING:
    from ..physics.wilson import Wilson

__all__ = ["Evaluation"]

# Points evaluated at once: large enough for the batch to pay, small enough for the caches.
CHUNK = 512


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A model with its parameters, and the likelihood terms that judge its predictions.

    Attributes
    ----------
    model : Model
    table : ParameterTable
    inputs : Inputs
        With the constants and form factors that do not float.
    terms : tuple of Term
    rejected : Counter
        How often each term, or an expression of parameters, was not finite at a point.
    """

    model: Model
    table: ParameterTable
    inputs: Inputs
    terms: tuple[Term, ...]
    rejected: Counter[str] = field(default_factory=Counter)

    def wilson(self, theta: Array) -> tuple[Wilson, Inputs]:
        """Wilson coefficients and inputs at points (n, d)."""
        theta = self.table.batch(theta)
        # What is infinite has no prediction either, and arithmetic with it would warn.
        values = self.table.values(np.where(np.isfinite(theta), theta, np.nan))
        inputs = self.inputs
        if values.constants or values.coefficients:
            inputs = inputs.replace(constants=values.constants, coefficients=values.coefficients)
        return self.model.at(values.model, inputs), inputs

    def _workspace(self, theta: Array) -> tuple[Workspace, Inputs]:
        """Coefficients of a batch, with what terms predict from them, and inputs."""
        wilson, inputs = self.wilson(theta)
        return Workspace(wilson, inputs), inputs

    def predictions(self, theta: Array) -> dict[str, Array]:
        """Prediction of each term at points (n, d): name to (n,) or (n, k) array."""
        wilson, inputs = self._workspace(theta)
        found = {}
        for term in self.terms:
            # What no parameter moves comes as one row for all points.
            given = np.asarray(term.predict(wilson, inputs))
            found[term.name] = np.broadcast_to(given, (len(theta), *given.shape[1:]))
        return found

    def term_log_likelihoods(self, theta: Array) -> dict[str, Array]:
        """Log-likelihood of each term at points (n, d): name to (n,) array."""
        wilson, inputs = self._workspace(theta)
        result = {}
        for term in self.terms:
            log = np.asarray(term.log_likelihood(term.predict(wilson, inputs)))
            result[term.name] = np.broadcast_to(log, (len(theta),))
        return result

    def log_likelihood(self, theta: Array) -> Array:
        """Sum over the terms at points (n, d): (n,), minus infinity where it is not finite."""
        theta = self.table.batch(theta)
        parts = [self._chunk(theta[at : at + CHUNK]) for at in range(0, len(theta), CHUNK)]
        total = np.concatenate(parts) if parts else np.empty(0)
        # Also where no term depends on the parameter that is not finite.
        return np.where(np.isfinite(theta).all(axis=1), total, -np.inf)

    def _chunk(self, theta: Array) -> Array:
        undefined = self.table.undefined(theta)
        if undefined:
            return self._where_defined(theta, undefined)
        total = np.zeros(len(theta))
        for name, log in self.term_log_likelihoods(theta).items():
            bad = ~np.isfinite(log)
            if bad.any():
                self.rejected[name] += int(np.count_nonzero(bad))
            total += np.where(bad, -np.inf, log)
        return total

    def _where_defined(self, theta: Array, undefined: Mapping[str, Array]) -> Array:
        """Log-likelihood without the points at which an expression is not defined: (n,)."""
        for name, bad in undefined.items():
            self.rejected[f"the expression of {name}"] += int(np.count_nonzero(bad))
        defined = ~np.any(list(undefined.values()), axis=0)
        total = np.full(len(theta), -np.inf)
        if defined.any():
            total[defined] = self._chunk(theta[defined])
        return total
