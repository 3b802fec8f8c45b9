"""Limits on a particle that were published against its mass and its lifetime."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...errors import DataError
from ..base import Quoted, name_of, predict_one, unit_of
from ..batches import Array
from .limits import check_limit
from .mass_curves import LimitInWidths

if TYPE_CHECKING:
    from ...physics.inputs import Inputs
    from ...physics.observable import Observable
    from ...physics.wilson import Wilson

__all__ = ["LimitSurface"]

# Parameters, or Wilson coefficients, of a particle that decays; without them it is stable.
DECAY_LENGTH, INVISIBLE = "ctau", "BR_inv"
_COLUMNS = 4


class LimitSurface(LimitInWidths):
    """Upper limits against mass and proper decay length, each a half Gaussian in the observable.

    ``ln L = -(x/sigma)^2/2`` for x > 0 with ``sigma = limit/Phi^-1((1 + CL)/2)``, as for
    `mass_curves.LimitCurve`. The logarithm of the limit is interpolated linearly in the mass and in
    the logarithm of the decay length. There is no constraint, ln L = 0, outside the masses of the
    table, where the table has no limit, and below its smallest decay length; above its largest one
    the limits of that are used, which are weaker than those of a stable particle. The table is for
    visible decays. Of invisible ones a share BR_inv is as good as stable, and the inverse limits,
    which go like acceptances, add up:

        1/limit = BR_inv/limit(largest) + (1 - BR_inv)/limit(c tau).

    A particle without mass does not decay. Data are drawn as one excess in widths, as for
    `LimitCurve`.

    Parameters
    ----------
    name, description : str
    observable : str or Observable
        Branching fraction to the particle, whatever it decays to.
    mass, mass_unit : str
        Parameter of the model that is the mass, and its unit in the table.
    surface : (k, 1 + l) array
        Masses, rising, and limits for each decay length; infinite where there is none.
    lengths : (l,) array, m
        Decay lengths, positive and rising.
    level : float
        Confidence level.
    data_ids : tuple of str

    Raises
    ------
    DataError
        If masses or decay lengths do not rise, a limit is not positive or the level is not between
        0 and 1.
    """

    includes_constants = False

    def __init__(
        self,
        name: str,
        description: str,
        observable: str | Observable,
        mass: str,
        mass_unit: str,
        surface: Array,
        lengths: Array,
        level: float,
        data_ids: tuple[str, ...],
    ) -> None:
        self.name, self.description = name, description
        self.observables, self.data_ids = (name_of(observable),), data_ids
        self._asked = observable
        self.mass, self.mass_unit, self.level = mass, mass_unit, level
        self.columns = _COLUMNS
        self.surface, self.lengths = np.array(surface, float), np.array(lengths, float)
        _check(name, self.surface, self.lengths)
        limits = self.surface[:, 1:]
        finite = np.isfinite(limits)
        check_limit(name, limits[finite], level)
        self._logs = np.log(limits)
        self.unit = float(np.exp(self._logs[finite].mean()))

    def predict(self, wilson: Wilson, inputs: Inputs) -> Array:
        """Observable in `unit`, mass, decay length and BR_inv: (n, 4)."""
        from ...physics.invisible.densities.lives import STABLE
        from ...physics.workspace import parameter_of

        columns = [
            predict_one(self._asked, wilson, inputs) / self.unit,
            parameter_of(self.mass, wilson, self.name),
            wilson.get(DECAY_LENGTH, np.full(1, STABLE)),
            wilson.get(INVISIBLE, np.zeros(1)),
        ]
        return np.stack(np.broadcast_arrays(*columns), axis=1)

    def observable_values(self, prediction: Array) -> Array:
        """The observable: (n, 1)."""
        return np.asarray(prediction, float)[:, :1] * self.unit

    def limit_at(self, *where: Array) -> Array:
        """Limit for masses, decay lengths in m and BR_inv, infinite without one: (n,)."""
        mass, length, invisible = np.broadcast_arrays(*(np.asarray(one, float) for one in where))
        lasting = self._interpolated(mass, np.full(mass.shape, self.lengths[-1]))
        visible = self._interpolated(mass, np.where(mass == 0.0, self.lengths[-1], length))
        inverse = invisible / lasting + (1.0 - invisible) / visible
        with np.errstate(divide="ignore"):
            return np.asarray(1.0 / inverse)

    def _interpolated(self, mass: Array, length: Array) -> Array:
        """Limit of the table: (n,), infinite where it has none."""
        masses, logs = self.surface[:, 0], np.log(self.lengths)
        with np.errstate(divide="ignore"):
            place = np.minimum(np.log(length), logs[-1])
        total: Array = np.zeros(mass.shape)
        for row, row_share in _neighbours(masses, mass):
            for column, column_share in _neighbours(logs, place):
                share = row_share * column_share
                # A neighbour that does not count may have no limit.
                counts = share > 0.0
                total = total + share * np.where(counts, self._logs[row, column], 0.0)
        inside = (mass >= masses[0]) & (mass <= masses[-1]) & (place >= logs[0])
        unknown = np.isnan(mass) | np.isnan(length)
        return np.where(unknown, np.nan, np.where(inside, np.exp(total), np.inf))

    def quoted(self) -> tuple[Quoted, ...]:
        """No single number."""
        return (Quoted(self.observables[0], unit_of(self._asked)),)

    def notes(self) -> tuple[str, ...]:
        """Where it constrains."""
        low, high = self.surface[0, 0], self.surface[-1, 0]
        short, long = self.lengths[0], self.lengths[-1]
        lengths = (
            f"stable particles alone (decay lengths from {long:g} m)"
            if len(self.lengths) == 1
            else f"decay lengths from {short:.3g} m, from {long:.3g} m on as at {long:.3g} m"
        )
        return (
            f"{self.name}: no constraint for {self.mass} outside {low:g} to {high:g} "
            f"{self.mass_unit} or in gaps of the table; {lengths}.",
        )


def _check(name: str, surface: Array, lengths: Array) -> None:
    if surface.ndim != 2 or lengths.ndim != 1 or surface.shape[1] != 1 + len(lengths):
        raise DataError(f"{name}: a limit for each decay length and mass is needed")
    masses = surface[:, 0]
    if len(masses) < 2 or not np.isfinite(masses).all() or masses[0] < 0:
        raise DataError(f"{name}: two or more masses are needed, finite and not negative")
    if (np.diff(masses) <= 0).any() or (np.diff(lengths) <= 0).any():
        raise DataError(f"{name}: the masses and the decay lengths of the table must rise")
    if not np.isfinite(lengths).all() or (lengths <= 0).any():
        raise DataError(f"{name}: decay lengths must be positive and finite")
    if np.isnan(surface).any() or not np.isfinite(surface[:, 1:]).any():
        raise DataError(f"{name}: the table must have limits, positive or infinite")


def _neighbours(points: Array, at: Array) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Indices of the points on either side and their shares in a linear interpolation: (n,)."""
    if len(points) == 1:
        zero = np.zeros(at.shape, dtype=int)
        return (zero, np.ones(at.shape)), (zero, np.zeros(at.shape))
    low = np.clip(np.searchsorted(points, at, side="right") - 1, 0, len(points) - 2)
    share = np.clip((at - points[low]) / (points[low + 1] - points[low]), 0.0, 1.0)
    share = np.nan_to_num(share)
    return (low, 1.0 - share), (low + 1, share)
