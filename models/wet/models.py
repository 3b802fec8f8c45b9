"""Models whose parameters are Wilson coefficients of the weak effective theory themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ...physics.arrays import Array
from ...physics.inputs import Inputs
from ...physics.wilson import WILSON_NAMES, Wilson
from ...physics.wilson_names import FLAVOUR_LATEX, FLAVOURS
from ..base import Model, points
from ..components import Component, LinearMap
from ..couplings import complex_parameters

__all__ = ["WET", "WET_DIAGONAL", "WET_LFU", "WetModel", "entries", "universal"]

_VECTORS = ("dC_L", "dC_R", "C_Lp", "C_Rp")
_SCALARS = ("C_SL", "C_SR")
_TENSORS = ("C_TL",)
_RANGE = 100.0


class WetModel(Model):
    """Coefficients as linear combinations of parameters.

    Parameters
    ----------
    name, description : str
    components : sequence of Component
        One for each parameter.
    """

    def __init__(self, name: str, description: str, components: Sequence[Component]) -> None:
        self.name = name
        self.description = description
        self._map = LinearMap(components)
        self.parameters = self._map.parameters

    def wilson(self, values: Mapping[str, Array], inputs: Inputs) -> Wilson:
        """Coefficients; those whose parameters are all zero are left out."""
        return Wilson(self.matrices(values), size=points(values))

    def matrices(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """Each coefficient that is not zero.

        Parameters
        ----------
        values : mapping of str to (1,) or (n,) array
            Every parameter of the model.

        Returns
        -------
        dict of str to (n, 3, 3) or (n,) array
        """
        return self._map.arrays(values)


def _component(key: str, suffix: str, latex: str, matrix: Array, imaginary: bool) -> Component:
    """Component for the real or imaginary part of a universal or single entry."""
    symbol = WILSON_NAMES[key].latex
    if latex and r"^\prime" in symbol:
        symbol = symbol.replace(r"^\prime", rf"^{{\prime\,{latex}}}")
    elif latex and symbol.endswith("^{cb}"):
        symbol = symbol.replace("^{cb}", rf"^{{cb,{latex}}}")
    elif latex:
        symbol += f"^{{{latex}}}"
    name = f"{key}_{suffix}" if suffix else key
    place = f"entry {suffix} of" if suffix else "flavour-universal value of"
    text = f"the {place} {WILSON_NAMES[key].description}"
    pair = complex_parameters(name, symbol, text, limit=_RANGE)
    return Component(pair[imaginary], key, matrix * (1j if imaginary else 1.0))


def universal(key: str, imaginary: bool = False) -> Component:
    """The same value for the three flavours, none off the diagonal."""
    return _component(key, "", "", np.eye(3, dtype=complex), imaginary)


def _entry(key: str, i: int, j: int, imaginary: bool = False) -> Component:
    """One entry; its mirror follows for symmetric and antisymmetric matrices."""
    matrix = np.zeros((3, 3), dtype=complex)
    if key in _SCALARS:
        matrix[j, i] = 1.0
    if key in _TENSORS:
        matrix[j, i] = -1.0
    matrix[i, j] = 1.0
    one, other = FLAVOURS[i], FLAVOURS[j]
    latex = FLAVOUR_LATEX[one] + FLAVOUR_LATEX[other]
    return _component(key, one + other, latex, matrix, imaginary)


def entries(key: str) -> list[Component]:
    """Real and imaginary parts of all independent entries."""
    pairs = [(i, j) for i in range(3) for j in range(3)]
    if key in _SCALARS:
        pairs = [(i, j) for i, j in pairs if i <= j]
    if key in _TENSORS:
        pairs = [(i, j) for i, j in pairs if i < j]
    return [_entry(key, i, j, imaginary) for i, j in pairs for imaginary in (False, True)]


WET = WetModel(
    "wet",
    "all b -> s nu nu operators: universal values plus every flavour entry, real and imaginary",
    [
        *(universal(key, part) for key in (*_VECTORS, *_SCALARS) for part in (False, True)),
        *(entry for key in (*_VECTORS, *_SCALARS, *_TENSORS) for entry in entries(key)),
    ],
)

WET_LFU = WetModel(
    "wet-lfu",
    "vector operators with the same coefficient for the three neutrino flavours",
    [
        universal("dC_L"),
        universal("dC_R"),
        universal("dC_L", imaginary=True),
        universal("dC_R", imaginary=True),
        universal("C_Lp"),
        universal("C_Rp"),
        universal("C_Lp", imaginary=True),
        universal("C_Rp", imaginary=True),
    ],
)

WET_DIAGONAL = WetModel(
    "wet-diagonal",
    "vector and scalar operators that conserve flavour, one coefficient for each neutrino flavour",
    [
        _entry(key, i, i, part)
        for key in (*_VECTORS, *_SCALARS)
        for i in range(3)
        for part in (False, True)
    ],
)
