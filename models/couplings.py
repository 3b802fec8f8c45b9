"""Parameters that models share, and coefficients that are linear combinations of parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..physics.arrays import Array, common_size
from .base import ModelParameter, default_value

__all__ = [
    "PERTURBATIVE",
    "RUNNING",
    "Component",
    "LinearMap",
    "add_arrays",
    "complex_parameters",
    "entry_components",
    "mass_parameter",
    "without_zeros",
]

# Largest modulus of a coupling whose expansion parameter |coupling|^2/(4 pi) is below 1.
PERTURBATIVE = float(np.sqrt(4.0 * np.pi))

RUNNING = ModelParameter(
    "running",
    "r",
    "1",
    1.0,
    0.0,
    1.0,
    "size of the running from the scale of new physics: 1 in full, 0 for none",
)


def complex_parameters(
    name: str, latex: str, description: str, unit: str = "1", limit: float = PERTURBATIVE
) -> tuple[ModelParameter, ModelParameter]:
    """Real and imaginary part of a complex number, zero by default.

    Parameters
    ----------
    name : str
        Name of the real part; the imaginary one has the prefix ``Im_``.
    latex : str
        Symbol of the number.
    description : str
        What it is.
    unit : str
    limit : float
        Largest modulus of each part.
    """
    real, imaginary = (
        ModelParameter(
            prefix + name,
            rf"\mathrm{{{part}}}\,{latex}",
            unit,
            0.0,
            -limit,
            limit,
            f"{which} part of {description}",
        )
        for prefix, part, which in (("", "Re", "real"), ("Im_", "Im", "imaginary"))
    )
    return real, imaginary


def mass_parameter(name: str, latex: str, default: float, description: str) -> ModelParameter:
    """Mass of a heavy particle, 0.1 to 50 TeV."""
    return ModelParameter(name, latex, "TeV", default, 0.1, 50.0, description)


def entry_components(
    pair: tuple[ModelParameter, ModelParameter],
    coefficient: str,
    index: tuple[int, ...] = (),
    shape: tuple[int, ...] = (),
    size: float = 1.0,
) -> Iterator[Component]:
    """Components of one entry of an array of complex numbers, or of a single number.

    Parameters
    ----------
    pair : two of ModelParameter
        Of `complex_parameters`.
    coefficient : str
        Name of the array.
    index : tuple of int
        Place of the entry.
    shape : tuple of int
        Of the array at one point.
    size : float
        Unit of the parameters.

    Yields
    ------
    Component
    """
    for parameter, value in zip(pair, (size, size * 1j), strict=True):
        array = np.zeros(shape, dtype=complex)
        array[index] = value
        yield Component(parameter, coefficient, array)


def add_arrays(found: dict[str, Array], more: Mapping[str, Array]) -> None:
    """Add arrays to those of the same names."""
    for name, array in more.items():
        found[name] = found[name] + array if name in found else array


def without_zeros(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The arrays that are not zero at every point."""
    return {name: array for name, array in arrays.items() if np.any(array)}


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
