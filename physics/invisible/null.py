"""The null prediction of the Belle II B+ -> K+ nu nubar analysis.

Its number densities were made with this spectrum (arXiv:2311.14647, arXiv:2402.08417), so that
weights and signal strengths are relative to it: the Standard Model with form factors of
arXiv:2207.12468 and the constants that the data layer ships with the likelihood.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from ...data.belle2 import belle2_2023
from ..arrays import Array
from ..inputs import Inputs
from ..wilson import Wilson
from .final_states.states import neutrino_terms
from .widths import binned_width, differential_width

__all__ = ["null_differential", "null_inputs", "null_masses", "null_spectrum"]

_CHANNEL = "B+->K+"


@lru_cache(maxsize=1)
def null_inputs() -> Inputs:
    """Constants and form factors of the null prediction."""
    null = belle2_2023().null
    return Inputs.default().replace(
        constants=null.constants, sets={null.form_factors.process: null.form_factors}
    )


def null_masses() -> tuple[float, float]:
    """Masses of B and K in the null prediction, GeV: isospin averages, not those of B+ and K+."""
    constants = belle2_2023().null.constants
    return constants["m_Bplus"], constants["m_Kplus"]


def null_spectrum(edges: ArrayLike, first_moment: bool = False) -> Array:
    """Branching fraction of the null prediction in bins of q2, or its first moments.

    Parameters
    ----------
    edges : (bins + 1,) array, GeV^2
    first_moment : bool
        Integrals of q2 dB/dq2 in place of those of dB/dq2.

    Returns
    -------
    (bins,) array, 1; GeV^2 for first moments
    """
    inputs = null_inputs()
    terms = neutrino_terms(Wilson(), inputs)
    width = binned_width(_CHANNEL, terms, inputs, edges, first_moment=first_moment)
    return np.asarray(width[0] * _lifetime(inputs))


def null_differential(q2: ArrayLike) -> Array:
    """Branching fraction of the null prediction differential in q2.

    Parameters
    ----------
    q2 : (k,) array, GeV^2

    Returns
    -------
    (k,) array, GeV^-2
    """
    inputs = null_inputs()
    width = differential_width(_CHANNEL, neutrino_terms(Wilson(), inputs), inputs, q2)
    return np.asarray(width[0] * _lifetime(inputs))


def _lifetime(inputs: Inputs) -> float:
    """Lifetime over hbar, GeV^-1."""
    return float(inputs.constant("tau_Bplus")[0] * 1e-12 / inputs.constant("hbar")[0])
