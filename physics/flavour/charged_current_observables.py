"""Observables of b -> c tau nu."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..observable import Observable
from ..single_valued import single_valued
from .charged_current import bc_tau_nu, r_d, r_dstar

__all__ = ["ALIASES", "OBSERVABLES"]

_MEAN = "; e and mu averaged, new physics in them with vector operators only"

OBSERVABLES: tuple[Observable, ...] = (
    single_valued(
        "R(D)",
        "R(D)",
        "1",
        r_d,
        "BR(B -> D tau nu)/BR(B -> D l nu)" + _MEAN,
        ("1810.08132", "2411.18639"),
        ("RD_SM",),
    ),
    single_valued(
        "R(D*)",
        "R(D^*)",
        "1",
        r_dstar,
        "BR(B -> D* tau nu)/BR(B -> D* l nu)" + _MEAN,
        ("1810.08132", "2411.18639"),
        ("RDstar_SM",),
    ),
    single_valued(
        "BR(Bc->taunu)",
        r"\mathcal{B}(B_c\to\tau\nu)",
        "1",
        bc_tau_nu,
        "branching fraction of Bc -> tau nu, all neutrinos",
        ("1611.06676", "1708.04072"),
        ("BR_Bctaunu_SM",),
    ),
)

ALIASES: Mapping[str, str] = MappingProxyType({})
