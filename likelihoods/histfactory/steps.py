"""Points of a batch on their way to a minimum, and the line search that all of them share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from .interpolation import Array
from .model import HistFactoryModel
from .rates import ModelData, Rates

if TYPE_CHECKING:
    from .parameters import Parameters

__all__ = ["MAX_STEPS", "TOLERANCE", "Batch", "Minimised", "Points", "Rows", "line_search"]

# Estimated distance to the minimum of -ln L at which a point is done; differences of 2 ln L of
# 1e-8 are far below what any interval or Metropolis step can see.
TOLERANCE = 1e-9
MAX_STEPS = 60


class Minimised(Protocol):
    """What is minimised: a model over its alphas, or over more (`joint`)."""

    @property
    def n_alpha(self) -> int:
        """Number of coordinates."""
        ...

    @property
    def parameters(self) -> Parameters:
        """Bounds, for projected searches."""
        ...

    def objective(self, rates: Any) -> Array:
        """``-ln L`` from what `Rows.rates` gives: (n,)."""
        ...

    def gradient(self, rates: Any) -> Array:
        """Its gradient in the coordinates: (n, n_alpha)."""
        ...


class Rows(Protocol):
    """What the points of a batch are given, whatever is minimised."""

    def take(self, rows: Array) -> Rows:
        """Some of the points."""
        ...

    def rates(self, model: Any, alpha: Array) -> Any:
        """What the objective needs at coordinates (n, n_alpha)."""
        ...


@dataclass(frozen=True)
class Batch:
    """What the points of a batch are given."""

    weights: Array
    widths: Array | None = None  # squared relative errors of the signal, if each has its own
    data: ModelData | None = None

    def take(self, rows: Array) -> Batch:
        """Some of the points."""
        return Batch(
            self.weights[rows],
            None if self.widths is None else self.widths[rows],
            None if self.data is None else self.data.take(rows),
        )

    def rates(self, model: HistFactoryModel, alpha: Array) -> Rates:
        """Expected counts of the points at their alphas: one (n_alpha,) row each."""
        return model.rates(alpha, self.weights, self.widths, self.data)


@dataclass
class Points:
    """The points of a batch still on their way, and what each step needs of them."""

    index: Array
    reference: Array  # which reference point is nearest, increasing
    batch: Rows
    alpha: Array
    objective: Array
    gradient: Array
    direction: Array  # -B g
    updates: Array  # (n, 2 k, n_alpha): x_i, v_i of the inverse Hessian

    def keep(self, mask: Array) -> Points:
        """The points that go on."""
        kept: dict[str, Any] = {
            name: value[mask] if isinstance(value, np.ndarray) else value.take(mask)
            for name, value in vars(self).items()
        }
        return Points(**kept)


def line_search(
    model: Minimised, points: Points, scale: Array | None = None, projected: bool = False
) -> tuple[Array, Array, Any, Array]:
    """Backtracking until the objective falls (Armijo); length 0 where it never does."""
    slope = np.einsum("ni,ni->n", points.gradient, points.direction)
    # No component of a first trial moves by more than five standard deviations.
    longest = abs(points.direction if scale is None else points.direction / scale)
    length = 1.0 / np.maximum(1.0, longest.max(axis=1, initial=0.0) / 5.0)
    bounds = model.parameters if projected and model.parameters.bounded else None
    slack = 1e-12 * (1.0 + abs(points.objective))
    for _ in range(25):
        alpha = points.alpha + length[:, None] * points.direction
        if bounds is not None:
            alpha = np.clip(alpha, bounds.lower, bounds.upper)
        rates = points.batch.rates(model, alpha)
        objective = model.objective(rates)
        bound = points.objective + 1e-4 * length * slope + slack
        failed = ~(objective <= bound)
        if not failed.any():
            return length, alpha, rates, objective
        length = np.where(failed, 0.3 * length, length)
    return np.where(failed, 0.0, length), alpha, rates, objective
