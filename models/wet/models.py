"""Models whose parameters are coefficients themselves: of operators, or a signal strength."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from ...physics.arrays import Array
from ...physics.inputs import Inputs
from ...physics.wilson import Wilson
from ...physics.wilson_names import (
    FLAVOUR_LATEX,
    FLAVOURS,
    MIXING_OPERATORS,
    MIXING_PAIRS,
    WILSON_NAMES,
)
from .. import lagrangians
from ..base import Model, ModelParameter, points
from ..couplings import Component, LinearMap, complex_parameters, entry_components

__all__ = [
    "SIGNAL_STRENGTH",
    "WET",
    "WET_DIAGONAL",
    "WET_FULL",
    "WET_LFU",
    "SignalStrengthModel",
    "WetFullModel",
    "WetModel",
    "entries",
    "universal",
]

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
    lagrangian : str
        As `Model.lagrangian`.
    """

    def __init__(
        self, name: str, description: str, components: Sequence[Component], lagrangian: str = ""
    ) -> None:
        self.name = name
        self.description = description
        self.lagrangian = lagrangian
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
    unit = WILSON_NAMES[key].unit
    pair = complex_parameters(name, symbol, text, unit, limit=_RANGE)
    return Component(pair[imaginary], key, matrix * (1j if imaginary else 1.0))


def universal(key: str, imaginary: bool = False) -> Component:
    """The same value for the three flavours, none off the diagonal."""
    return _component(key, "", "", np.eye(3, dtype=complex), imaginary)


def _entry(key: str, i: int, j: int, imaginary: bool = False) -> Component:
    """One entry; its mirror follows for symmetric and antisymmetric matrices."""
    matrix = np.zeros((3, 3), dtype=complex)
    if key.removesuffix("_bd") in _SCALARS:
        matrix[j, i] = 1.0
    if key.removesuffix("_bd") in _TENSORS:
        matrix[j, i] = -1.0
    matrix[i, j] = 1.0
    one, other = FLAVOURS[i], FLAVOURS[j]
    latex = FLAVOUR_LATEX[one] + FLAVOUR_LATEX[other]
    return _component(key, one + other, latex, matrix, imaginary)


def entries(key: str) -> list[Component]:
    """Real and imaginary parts of all independent entries."""
    pairs = [(i, j) for i in range(3) for j in range(3)]
    if key.removesuffix("_bd") in _SCALARS:
        pairs = [(i, j) for i, j in pairs if i <= j]
    if key.removesuffix("_bd") in _TENSORS:
        pairs = [(i, j) for i, j in pairs if i < j]
    return [_entry(key, i, j, imaginary) for i, j in pairs for imaginary in (False, True)]


WET = WetModel(
    "wet",
    "all b -> s nu nu operators: universal values plus every flavour entry, real and imaginary",
    [
        *(universal(key, part) for key in (*_VECTORS, *_SCALARS) for part in (False, True)),
        *(entry for key in (*_VECTORS, *_SCALARS, *_TENSORS) for entry in entries(key)),
    ],
    lagrangians.WET,
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
    lagrangians.WET_LFU,
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
    lagrangians.WET_DIAGONAL,
)


_NEUTRINOS = ("dC_L", "dC_R", "C_Lp", "C_Rp")
_LEPTON_NUMBER = ("C_SL", "C_SR", "C_TL")
_B_TO_D = tuple(f"{key}_bd" for key in (*_NEUTRINOS, *_LEPTON_NUMBER))
_CHARGED = ("dC_9", "dC_10", "C_9p", "C_10p")
_CURRENT = ("C_VL_cb", "C_VR_cb", "C_SL_cb", "C_SR_cb", "C_T_cb")
_CHARGED_SCALARS = ("C_S", "C_P", "C_Sp", "C_Pp")
_DIPOLES = ("dC_7", "C_7p", "dC_8", "C_8p")
_MIXING = tuple(f"C_{name}_{pair}" for pair in MIXING_PAIRS for name in MIXING_OPERATORS)
# The Standard Model has 10^-12 GeV^-2 lambda_t^2/10^-3 and less.
_SIZE = 1e-12


def _number(key: str, unit: str, size: float, limit: float) -> Iterator[Component]:
    """Real and imaginary part of a coefficient without flavours."""
    known = WILSON_NAMES[key]
    text = f"the coefficient of {known.description}"
    yield from entry_components(
        complex_parameters(key, known.latex, text, unit, limit), key, size=size
    )


def _components() -> Iterator[Component]:
    for key in (*_NEUTRINOS, "C_SL", "C_SR", *_CHARGED, *_CHARGED_SCALARS):
        for imaginary in (False, True):
            yield universal(key, imaginary)
    for key in (*_NEUTRINOS, *_LEPTON_NUMBER, *_CHARGED, *_CHARGED_SCALARS, *_CURRENT):
        yield from entries(key)
    for key in _DIPOLES:
        yield from _number(key, "1", 1.0, 2.0)
    for key in _MIXING:
        yield from _number(key, "10^-12 GeV^-2", _SIZE, 1e4)
    for key in _B_TO_D:
        if key != "C_TL_bd":
            for imaginary in (False, True):
                yield universal(key, imaginary)
        yield from entries(key)


class WetFullModel(WetModel):
    """Every coefficient of the weak effective theory but those of dark sectors, free of each other.

    Attributes
    ----------
    units : mapping of str to float
        Unit of the parameters of each coefficient, in 1, GeV^-1 or GeV^-2.
    """

    units: Mapping[str, float] = MappingProxyType(
        {
            **dict.fromkeys(
                (
                    *_NEUTRINOS,
                    *_LEPTON_NUMBER,
                    *_B_TO_D,
                    *_CHARGED,
                    *_CHARGED_SCALARS,
                    *_CURRENT,
                    *_DIPOLES,
                ),
                1.0,
            ),
            **dict.fromkeys(_MIXING, _SIZE),
        }
    )


WET_FULL = WetFullModel(
    "wet-full",
    "all operators of the weak effective theory: b -> s nu nu, b -> d nu nu, b -> s l l, "
    "b -> c l nu, dipoles and meson mixing",
    tuple(_components()),
    lagrangians.WET_FULL,
)


class SignalStrengthModel(Model):
    """B+ -> K+ nu nubar as a multiple of the null prediction, 4.97e-6, of arXiv:2311.14647.

    It predicts no other observable. The null prediction keeps its own constants and form factors,
    so the result does not depend on the inputs.
    """

    name = "signal-strength"
    description = "B+ -> K+ nu nu as a multiple of the Standard Model rate used by Belle II"
    parameters = (
        # Not negative: the expected counts of the Belle II likelihood must stay positive.
        ModelParameter("mu", r"\mu", "1", 1.0, 0.0, 100.0, "signal strength of B+ -> K+ nu nubar"),
    )

    one_sided = frozenset({"mu"})
    reference_label = "μ = 1"
    scales_template = True
    lagrangian = lagrangians.SIGNAL_STRENGTH

    def wilson(self, values: Mapping[str, Array], inputs: Inputs) -> Wilson:
        """The signal strength under its own key, in place of amplitudes."""
        return Wilson({"signal_strength": values["mu"]})


SIGNAL_STRENGTH = SignalStrengthModel()
