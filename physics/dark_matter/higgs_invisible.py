"""Invisible decay of the Higgs boson to a pair of real dark scalars."""

from __future__ import annotations

import numpy as np

from ..arrays import Array
from ..inputs import Inputs
from ..wilson import Wilson, points
from .chiral_annihilation import dark_matter_mass

__all__ = ["higgs_invisible_fraction", "higgs_invisible_width"]


def higgs_invisible_width(wilson: Wilson, inputs: Inputs) -> Array:
    """Width of h -> phi phi for L = -(1/2) kappa phi^2 H^+ H.

    Gamma = kappa^2 v^2 beta/(32 pi m_H), v = (sqrt 2 G_F)^(-1/2) (arXiv:2403.12485); zero without
    kappa. The decay h -> s sbar phi phi through C_s h/v is negligible.

    Parameters
    ----------
    wilson : Wilson
        ``m_phi0`` and ``phi0_kappa``.
    inputs : Inputs

    Returns
    -------
    (n,) array, GeV
        NaN where the mass is not positive.

    Raises
    ------
    PredictionError
        If there is no dark scalar, or batch sizes differ.
    """
    size = points(wilson, inputs)
    mass = dark_matter_mass(wilson, "the invisible decay of the Higgs boson")
    higgs = inputs.constant("m_H")
    kappa = wilson.get("phi0_kappa", np.zeros(1))
    v_squared = 1.0 / (np.sqrt(2.0) * inputs.constant("G_F"))
    beta = np.sqrt(np.maximum(1.0 - 4.0 * mass**2 / higgs**2, 0.0))
    width = kappa**2 * v_squared * beta / (32.0 * np.pi * higgs)
    return np.broadcast_to(width, (size,)).copy()


def higgs_invisible_fraction(wilson: Wilson, inputs: Inputs) -> Array:
    """Branching fraction of h -> phi phi: (n,).

    The other decays have the width of the Standard Model, ``Gamma_H``; h -> ZZ -> 4 nu, 1e-3, is
    not added.
    """
    width = higgs_invisible_width(wilson, inputs)
    fraction: Array = width / (width + inputs.constant("Gamma_H"))
    return fraction
