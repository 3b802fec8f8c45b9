"""B -> X_s gamma with new physics in the dipole operators."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from ..arrays import Array, squared_modulus
from ..inputs import Inputs
from ..observable import Observable, single_valued
from ..wilson import Wilson

__all__ = ["ALIASES", "OBSERVABLES", "xs_gamma"]

_NONE = np.zeros(1)


def xs_gamma(wilson: Wilson, inputs: Inputs) -> Array:
    """Branching fraction of B -> X_s gamma, E_gamma > 1.6 GeV, averaged over charges and CP.

    BR/BR_SM = 1 - 4.5296 Re C_7 - 0.0898 Re C_7' - 0.2975 Re C_8 - 0.0057 Re C_8'
    + 5.5912 (|C_7|^2 + |C_7'|^2) + 0.5862 Re(C_7 C_8* + C_7' C_8'*) + 0.1333 (|C_8|^2 + |C_8'|^2)
    with the shifts at 4.8 GeV, normalised with V_tb V_ts*: numbers from flavio 2.7.1
    (arXiv:1810.08132), which follows arXiv:1503.01789; BR_SM from arXiv:2002.01548. Terms linear in
    the imaginary parts, which come with the small strong and weak phases of the Standard Model
    amplitude, are left out.

    Returns
    -------
    (1,) or (n,) array, 1
    """
    c7, c7p, c8, c8p = (wilson.get(name, _NONE) for name in ("dC_7", "C_7p", "dC_8", "C_8p"))
    linear = -4.5296 * c7.real - 0.0898 * c7p.real - 0.2975 * c8.real - 0.0057 * c8p.real
    photon = 5.5912 * (squared_modulus(c7) + squared_modulus(c7p))
    mixed = 0.5862 * (c7 * c8.conj() + c7p * c8p.conj()).real
    gluon = 0.1333 * (squared_modulus(c8) + squared_modulus(c8p))
    return np.asarray(inputs.constant("BR_Xsgamma_SM") * (1.0 + linear + photon + mixed + gluon))


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
