"""All models by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..errors import UnknownNameError
from .base import Model
from .signal_strength import SIGNAL_STRENGTH
from .wet import WET, WET_DIAGONAL, WET_LFU
from .wet_eos import WET_EOS

__all__ = ["model", "models"]

_MODELS: Mapping[str, Model] = MappingProxyType(
    {
        "wet": WET,
        "wet-lfu": WET_LFU,
        "wet-diagonal": WET_DIAGONAL,
        "wet-eos": WET_EOS,
        "signal-strength": SIGNAL_STRENGTH,
    }
)


def models() -> Mapping[str, Model]:
    """All models by name."""
    return _MODELS


def model(name: str) -> Model:
    """Model of a name.

    Raises
    ------
    UnknownNameError
        If there is none.
    """
    try:
        return _MODELS[name]
    except KeyError:
        raise UnknownNameError("model", name, _MODELS) from None
