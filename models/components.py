"""Arrays that are linear combinations of parameters, quick when most parameters are zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..physics.arrays import Array, common_size
from .base import ModelParameter, default_value

__all__ = ["Component", "LinearMap"]


@dataclass(frozen=True, eq=False)
class Component:
    """A real parameter and the array that it multiplies in a coefficient.

    Attributes
    ----------
    parameter : ModelParameter
    coefficient : str
        Name of the coefficient.
    matrix : complex array
        Such as (3, 3) in the lepton flavours; imaginary for an imaginary part.
    """

    parameter: ModelParameter
    coefficient: str
    matrix: Array


class LinearMap:
    """Coefficients as sums of parameters times arrays.

    Parameters
    ----------
    components : sequence of Component
        One for each parameter; those of one coefficient have arrays of one shape.
    """

    def __init__(self, components: Sequence[Component]) -> None:
        self.parameters = tuple(component.parameter for component in components)
        self._groups: dict[str, tuple[tuple[str, ...], Array, tuple[int, ...]]] = {}
        for key in dict.fromkeys(component.coefficient for component in components):
            own = [component for component in components if component.coefficient == key]
            names = tuple(component.parameter.name for component in own)
            basis = np.stack([np.ravel(component.matrix) for component in own])
            self._groups[key] = (names, basis, np.shape(own[0].matrix))

    def arrays(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """Array of each coefficient that is not zero.

        Parameters
        ----------
        values : mapping of str to (1,) or (n,) array
            Every parameter.

        Returns
        -------
        dict of str to (n, ...) array
        """
        zero = default_value(0.0)
        found = {}
        for key, (names, basis, shape) in self._groups.items():
            # A hundred parameters mostly stay at their default: compare identities first.
            used = [
                index
                for index, name in enumerate(names)
                if values[name] is not zero and values[name].any()
            ]
            if used:
                size = common_size({names[index]: values[names[index]].size for index in used})
                columns = np.empty((size, len(used)))
                for column, index in enumerate(used):
                    columns[:, column] = values[names[index]]
                found[key] = (columns @ basis[used]).reshape(size, *shape)
        return found
