"""The weak effective theory in the normalisation of EOS, sector sbnunu."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...physics.arrays import Array
from ...physics.inputs import Inputs
from ...physics.invisible.final_states.states import sm_coefficient
from ...physics.wilson import Wilson
from .. import lagrangians
from ..base import Model, ModelParameter, points

__all__ = ["EOS_ALPHA_INV", "EOS_SM_VECTOR", "WET_EOS", "WetEosModel"]

# EOS (arXiv:2111.15428) multiplies its coefficients by alpha(m_b) and quotes this SM value with it;
# the product agrees with X_t alpha(m_Z)/sin^2(theta_W) to 0.13 %.
EOS_ALPHA_INV = 133.0
EOS_SM_VECTOR = 6.613

_OPERATORS = {
    "cVL": ("C_{VL}", "(sbar gamma^mu P_L b)(nubar gamma_mu P_L nu), SM included", EOS_SM_VECTOR),
    "cVR": ("C_{VR}", "(sbar gamma^mu P_R b)(nubar gamma_mu P_L nu)", 0.0),
    "cSL": ("C_{SL}", "(sbar P_L b)(nu^c P_L nu)", 0.0),
    "cSR": ("C_{SR}", "(sbar P_R b)(nu^c P_L nu)", 0.0),
    "cTL": ("C_{TL}", "(sbar sigma_munu P_L b)(nu^c sigma^munu P_L nu)", 0.0),
}

# Flavour matrices with sum_ij |c_ij|^2 = 3 |c|^2, as EOS sums over flavours. An antisymmetric
# matrix has no diagonal: its three pairs share the tensor coefficient.
_DIAGONAL = np.eye(3)
_ANTISYMMETRIC = np.array([[0.0, 1.0, 1.0], [-1.0, 0.0, 1.0], [-1.0, -1.0, 0.0]]) / np.sqrt(2.0)


class WetEosModel(Model):
    """Real coefficients of the EOS Hamiltonian, arXiv:2111.04327.

    H = +(4 G_F/sqrt 2) V_tb V_ts* alpha/(2 pi) [c_VL (sbar gamma^mu P_L b)(nubar gamma_mu P_L nu) +
    ...] with alpha = 1/133, so that C_L = -c_VL alpha_EOS/alpha(m_Z) in the normalisation of
    `bsinv.physics.wilson`.
    """

    name = "wet-eos"
    description = "flavour-universal operators in the normalisation of EOS, real coefficients"
    lagrangian = lagrangians.WET_EOS
    parameters = tuple(
        ModelParameter(name, latex, "1", default, -50.0, 50.0, description)
        for name, (latex, description, default) in _OPERATORS.items()
    )

    def wilson(self, values: Mapping[str, Array], inputs: Inputs) -> Wilson:
        """Coefficients in the normalisation with alpha(m_Z), the SM subtracted."""
        ratio = inputs.constant("alpha_inv") / EOS_ALPHA_INV
        own = {name: values[name] * ratio for name in _OPERATORS}
        found = {"dC_L": _matrix(-own["cVL"] - sm_coefficient(inputs), _DIAGONAL)}
        if own["cVR"].any():
            found["dC_R"] = _matrix(-own["cVR"], _DIAGONAL)
        if own["cSL"].any():
            found["C_SL"] = _matrix(own["cSL"], _DIAGONAL)
        if own["cSR"].any():
            found["C_SR"] = _matrix(own["cSR"], _DIAGONAL)
        if own["cTL"].any():
            found["C_TL"] = _matrix(own["cTL"], _ANTISYMMETRIC)
        return Wilson(found, size=points(values))


def _matrix(value: Array, shape: Array) -> Array:
    """Flavour matrices (n, 3, 3) of values (n,)."""
    return np.asarray(value[:, None, None] * shape)


WET_EOS = WetEosModel()
