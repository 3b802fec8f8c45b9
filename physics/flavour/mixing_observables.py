"""Observables of neutral-meson mixing."""

from __future__ import annotations

from functools import partial

import numpy as np

from ..arrays import Array
from ..inputs import Inputs
from ..observable import Observable, single_valued
from ..transitions import PICOSECOND
from ..wilson import Wilson
from . import mixing

__all__ = ["OBSERVABLES"]

_REFERENCES = ("hep-ph/9512380", "1810.08132", "2212.10497")


def _phase(name: str, wilson: Wilson, inputs: Inputs) -> Array:
    """Phase of M_12 relative to the Standard Model, (-pi, pi]."""
    return np.asarray(np.angle(mixing.amplitude_ratio(name, wilson, inputs)))


def _epsilon_k_size(wilson: Wilson, inputs: Inputs) -> Array:
    return np.asarray(np.abs(mixing.epsilon_k_new(wilson, inputs)))


def _delta_m_k(wilson: Wilson, inputs: Inputs) -> Array:
    """|2 Re M_12| of new physics, GeV."""
    return np.asarray(2.0 * np.abs(mixing.new_amplitude("K0", wilson, inputs).real))


def _x12_d(wilson: Wilson, inputs: Inputs) -> Array:
    """2 |M_12| tau of new physics, 1."""
    width = inputs.constant("hbar") / (inputs.constant("tau_D0") * PICOSECOND)
    return np.asarray(2.0 * np.abs(mixing.new_amplitude("D0", wilson, inputs)) / width)


OBSERVABLES: tuple[Observable, ...] = (
    single_valued(
        "DeltaM_s",
        r"\Delta M_s",
        "ps^-1",
        partial(mixing.delta_m, "Bs", "norm_DeltaM_s"),
        "mass difference of the Bs",
        _REFERENCES,
        ("norm_DeltaM_s", "f_Bs", "VtbVts"),
    ),
    single_valued(
        "DeltaM_d",
        r"\Delta M_d",
        "ps^-1",
        partial(mixing.delta_m, "B0", "norm_DeltaM_d"),
        "mass difference of the B0; its theory error, norm_DeltaM_d, holds that of |V_tb V_td*|",
        _REFERENCES,
        ("norm_DeltaM_d", "f_B"),
    ),
    single_valued(
        "phase(M12_s)",
        r"\arg(M_{12}^s/M_{12}^{s,\mathrm{SM}})",
        "1",
        partial(_phase, "Bs"),
        "phase of the mixing amplitude of the Bs relative to the Standard Model, radian",
        _REFERENCES,
    ),
    single_valued(
        "phase(M12_d)",
        r"\arg(M_{12}^d/M_{12}^{d,\mathrm{SM}})",
        "1",
        partial(_phase, "B0"),
        "phase of the mixing amplitude of the B0 relative to the Standard Model, radian",
        _REFERENCES,
    ),
    single_valued(
        "phi_s",
        r"\phi_s",
        "1",
        mixing.phi_s,
        "phase of Bs mixing and b -> c cbar s, radian; decay amplitudes as in the Standard Model, "
        "penguins neglected",
        _REFERENCES,
        ("CKM_rhobar", "CKM_etabar"),
    ),
    single_valued(
        "sin2beta",
        r"\sin 2\beta",
        "1",
        mixing.sin_2beta,
        "CP asymmetry of B0 -> J/psi K_S, penguins neglected; its Standard Model part is that of "
        "the CKM constants, whose default values come from a fit that includes it",
        _REFERENCES,
        ("CKM_rhobar", "CKM_etabar"),
    ),
    single_valued(
        "|epsilon_K|",
        r"|\epsilon_K|",
        "1",
        mixing.epsilon_k,
        "CP violation in K0 mixing: Standard Model prediction with new physics added",
        ("1911.06822", "1002.3612", "1609.03334"),
        ("epsilon_K_SM",),
    ),
    single_valued(
        "epsilon_K(NP)",
        r"|\epsilon_K^{\mathrm{NP}}|",
        "1",
        _epsilon_k_size,
        "size of the contribution of new physics to epsilon_K",
        ("1002.3612", "1609.03334"),
    ),
    single_valued(
        "DeltaM_K(NP)",
        r"|2\,\mathrm{Re}\,M_{12}^{K,\mathrm{NP}}|",
        "GeV",
        _delta_m_k,
        "size of the contribution of new physics to the mass difference of KL and KS",
        ("1609.03334",),
    ),
    single_valued(
        "x12_D(NP)",
        r"x_{12}^{D,\mathrm{NP}}",
        "1",
        _x12_d,
        "2 |M_12| over the width of the D0, new physics alone",
        ("1505.06639",),
    ),
)
