"""Tree-level matching of heavy particles on s -> d nu nubar."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from ..physics.arrays import Array
from ..physics.ckm import ckm_matrix, height_of_v_cb
from ..physics.inputs import Inputs
from .couplings import add_arrays
from .matching import running_factors

__all__ = ["strange_down"]

# The signs of tree level are in the running factors.
_TARGETS: Mapping[str, str] = MappingProxyType({"lq1": "dC_L", "lq3": "dC_L", "ld": "dC_R"})


def strange_down(
    coefficients: Mapping[str, Array], inputs: Inputs, scale: Array, running: Array | float = 1.0
) -> dict[str, Array]:
    """Coefficients of s -> d nu nubar: C_L = N (C_lq1 - C_lq3)[ij,12], C_R = N C_ld[ij,12].

    N = pi/(sqrt 2 G_F alpha V_td* V_ts), as `matching.normalisation` for b -> s, and with the
    running of b -> s: the top Yukawa coupling of the b quark, which is not in s -> d, is 0.8 % of
    C_lq1 and C_lq3 at 2 TeV and 1.2 % at 10 TeV. Top loops of coefficients with a b quark are left
    out.

    Parameters
    ----------
    coefficients : mapping of str to (1, 3, 3) or (n, 3, 3) array, GeV^-2
        [point, i, j] of ``lq1``, ``lq3``, ``ld``, quarks 12; others are not used.
    inputs : Inputs
    scale : (1,) or (n,) array, TeV
    running : number or (n,) array
        1 for the full running, 0 for none.

    Returns
    -------
    dict of str to (n, 3, 3) array, 1
        ``dC_L_sd``, ``dC_R_sd``, those that are not zero at every point.
    """
    used = {name: coefficients[name] for name in _TARGETS if name in coefficients}
    used = {name: array for name, array in used.items() if array.any()}
    if not used:
        return {}
    matrix = ckm_matrix(inputs, height_of_v_cb(inputs))
    unit = np.pi * inputs.constant("alpha_inv") / (np.sqrt(2.0) * inputs.constant("G_F"))
    norm = unit / (matrix[:, 2, 0].conj() * matrix[:, 2, 1])
    factors = running_factors(tuple(used), scale, running)
    found: dict[str, Array] = {}
    for name, array in used.items():
        target = _TARGETS[name]
        factor = norm * np.asarray(factors[name][target])
        add_arrays(found, {f"{target}_sd": factor[:, None, None] * array})
    return found
