"""Complex couplings as pairs of real parameters, gathered into arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..physics.arrays import Array, common_size
from .base import ModelParameter, default_value

__all__ = [
    "PERTURBATIVE",
    "RUNNING",
    "complex_array",
    "complex_parameters",
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
    name: str, latex: str, description: str
) -> tuple[ModelParameter, ModelParameter]:
    """Real and imaginary part of a coupling, zero by default, each below sqrt(4 pi).

    Parameters
    ----------
    name : str
        Name of the real part; the imaginary one has the prefix ``Im_``.
    latex : str
        Symbol of the coupling.
    description : str
        What couples to what.
    """
    return (
        ModelParameter(
            name,
            rf"\mathrm{{Re}}\,{latex}",
            "1",
            0.0,
            -PERTURBATIVE,
            PERTURBATIVE,
            f"real part of the coupling of {description}",
        ),
        ModelParameter(
            f"Im_{name}",
            rf"\mathrm{{Im}}\,{latex}",
            "1",
            0.0,
            -PERTURBATIVE,
            PERTURBATIVE,
            f"imaginary part of the coupling of {description}",
        ),
    )


def mass_parameter(name: str, latex: str, default: float, description: str) -> ModelParameter:
    """Mass of a heavy particle, 0.1 to 50 TeV."""
    return ModelParameter(name, latex, "TeV", default, 0.1, 50.0, description)


def complex_array(
    values: Mapping[str, Array], names: Sequence[str], shape: tuple[int, ...]
) -> Array | None:
    """Couplings of a model as one array.

    Parameters
    ----------
    values : mapping of str to (1,) or (n,) array
        Every parameter of the model.
    names : sequence of str
        Real parts in the order of the flattened array; a missing imaginary part is an error.
    shape : tuple of int
        Shape of the array at one point.

    Returns
    -------
    (1, *shape) or (n, *shape) complex array, or None
        None if all couplings are zero.
    """
    zero = default_value(0.0)
    # Most couplings stay at their default: compare identities first.
    used = {
        name: value
        for base in names
        for name in (base, f"Im_{base}")
        if (value := values[name]) is not zero and value.any()
    }
    if not used:
        return None
    found = np.zeros(
        (common_size({name: value.size for name, value in used.items()}), len(names)), dtype=complex
    )
    for index, base in enumerate(names):
        if base in used:
            found[:, index].real = used[base]
        if f"Im_{base}" in used:
            found[:, index].imag = used[f"Im_{base}"]
    return found.reshape(-1, *shape)


def without_zeros(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The arrays that are not zero at every point."""
    return {name: array for name, array in arrays.items() if np.any(array)}
