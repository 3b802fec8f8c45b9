"""The model ``wet-full``: low-energy operators of neutrinos, charged leptons, quarks, dipoles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from ...physics.wilson_names import MIXING_OPERATORS, MIXING_PAIRS, WILSON_NAMES
from ..components import Component
from ..couplings import complex_parameters, entry_components
from .models import WetModel, entries, universal

__all__ = ["WET_FULL", "WetFullModel"]

_NEUTRINOS = ("dC_L", "dC_R", "C_Lp", "C_Rp")
_LEPTON_NUMBER = ("C_SL", "C_SR", "C_TL")
_CHARGED = ("dC_9", "dC_10", "C_9p", "C_10p")
_CURRENT = ("C_VL_cb", "C_VR_cb", "C_SL_cb", "C_SR_cb", "C_T_cb")
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
    for key in (*_NEUTRINOS, "C_SL", "C_SR", *_CHARGED):
        for imaginary in (False, True):
            yield universal(key, imaginary)
    for key in (*_NEUTRINOS, *_LEPTON_NUMBER, *_CHARGED, *_CURRENT):
        yield from entries(key)
    for key in _DIPOLES:
        yield from _number(key, "1", 1.0, 2.0)
    for key in _MIXING:
        yield from _number(key, "10^-12 GeV^-2", _SIZE, 1e4)


class WetFullModel(WetModel):
    """Every coefficient of the weak effective theory but those of dark sectors, free of each other.

    Attributes
    ----------
    units : mapping of str to float
        Unit of the parameters of each coefficient, in 1 or GeV^-2.
    """

    units: Mapping[str, float] = MappingProxyType(
        {
            **dict.fromkeys(
                (*_NEUTRINOS, *_LEPTON_NUMBER, *_CHARGED, *_CURRENT, *_DIPOLES),
                1.0,
            ),
            **dict.fromkeys(_MIXING, _SIZE),
        }
    )


WET_FULL = WetFullModel(
    "wet-full",
    "all operators of the weak effective theory: b -> s nu nu, b -> s l l, b -> c l nu, dipoles "
    "and meson mixing",
    tuple(_components()),
)
