"""Observables of muons."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from ..observable import Observable
from ..single_valued import single_valued
from .muon import magnetic_moment, trident_ratio

__all__ = ["ALIASES", "OBSERVABLES"]

OBSERVABLES: tuple[Observable, ...] = (
    single_valued(
        "R_trident",
        r"\sigma/\sigma_{\mathrm{SM}}(\nu_\mu N\to\nu N\mu^+\mu^-)",
        "1",
        trident_ratio,
        "cross section of neutrino trident production over that of the Standard Model",
        ("1406.2332",),
    ),
    single_valued(
        "a_mu",
        r"a_\mu",
        "1",
        partial(magnetic_moment, "a_mu_SM"),
        "anomalous magnetic moment of the muon; Standard Model of 2025, with lattice QCD",
        ("2505.21476",),
        ("a_mu_SM",),
    ),
    single_valued(
        "a_mu(WP2020)",
        r"a_\mu",
        "1",
        partial(magnetic_moment, "a_mu_SM_2020"),
        "anomalous magnetic moment of the muon; Standard Model of 2020, with e+ e- data",
        ("2006.04822",),
        ("a_mu_SM_2020",),
    ),
)

ALIASES: Mapping[str, str] = MappingProxyType({})
