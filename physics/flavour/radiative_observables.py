"""Observables of b -> s gamma."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..observable import Observable
from ..single_valued import single_valued
from .radiative import xs_gamma

__all__ = ["ALIASES", "OBSERVABLES"]

OBSERVABLES: tuple[Observable, ...] = (
    single_valued(
        "BR(B->X_sgamma)",
        r"\mathcal{B}(B\to X_s\gamma)",
        "1",
        xs_gamma,
        "branching fraction of B -> X_s gamma with E_gamma > 1.6 GeV",
        ("2002.01548", "1810.08132"),
        ("BR_Xsgamma_SM",),
    ),
)

ALIASES: Mapping[str, str] = MappingProxyType({"BR(B->X_sgamma)[E>1.6 GeV]": "BR(B->X_sgamma)"})
