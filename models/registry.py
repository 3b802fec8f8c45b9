"""All models by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..errors import find
from .base import Model
from .dark.benchmarks import ALP_TOP, ALP_W, HIGGS_MIXED_SCALAR, LIGHT_ZPRIME
from .dark.mediators import MEDIATOR_MAJORANA, MEDIATOR_SCALAR, MEDIATOR_SCALAR_COMPLEX
from .dark.models import (
    DM_FERMION,
    DM_FERMION_MAJORANA,
    DM_SCALAR,
    DM_SCALAR_COMPLEX,
    DM_SCALAR_THERMAL,
    DM_VECTOR,
    DM_VECTOR_REAL,
    MEDIATOR,
    STERILE_NEUTRINO,
    TWO_BODY,
    TWO_BODY_BR,
)
from .dark.relic_scalar import RELIC_SCALAR
from .dark.scalar_dm import SCALAR_DM
from .heavy.leptoquarks import LEPTOQUARK_MODELS
from .heavy.rpv import RPV
from .heavy.smeft import SMEFT
from .heavy.zprime import ZPRIME, ZPRIME_LMU_LTAU
from .wet.eos import WET_EOS
from .wet.models import SIGNAL_STRENGTH, WET, WET_DIAGONAL, WET_FULL, WET_LFU

__all__ = ["model", "models"]

_MODELS: Mapping[str, Model] = MappingProxyType(
    {
        "wet": WET,
        "wet-lfu": WET_LFU,
        "wet-diagonal": WET_DIAGONAL,
        "wet-eos": WET_EOS,
        "wet-full": WET_FULL,
        "signal-strength": SIGNAL_STRENGTH,
        "dm-scalar": DM_SCALAR,
        "dm-scalar-complex": DM_SCALAR_COMPLEX,
        "dm-scalar-thermal": DM_SCALAR_THERMAL,
        "dm-scalar-relic": RELIC_SCALAR,
        "dm-fermion": DM_FERMION,
        "dm-fermion-majorana": DM_FERMION_MAJORANA,
        "dm-vector": DM_VECTOR,
        "dm-vector-real": DM_VECTOR_REAL,
        "sterile-neutrino": STERILE_NEUTRINO,
        "two-body": TWO_BODY,
        "two-body-br": TWO_BODY_BR,
        "higgs-mixed-scalar": HIGGS_MIXED_SCALAR,
        "alp-w": ALP_W,
        "alp-top": ALP_TOP,
        "light-zprime": LIGHT_ZPRIME,
        "mediator": MEDIATOR,
        "mediator-scalar": MEDIATOR_SCALAR,
        "mediator-scalar-complex": MEDIATOR_SCALAR_COMPLEX,
        "mediator-majorana": MEDIATOR_MAJORANA,
        "smeft": SMEFT,
        "zprime": ZPRIME,
        "zprime-lmu-ltau": ZPRIME_LMU_LTAU,
        **LEPTOQUARK_MODELS,
        "rpv": RPV,
        "scalar-dm": SCALAR_DM,
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
    return find("model", name, _MODELS)
