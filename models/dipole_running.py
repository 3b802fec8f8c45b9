"""Running of the dipole coefficients of b -> s between new physics and the scale of the decays."""

from __future__ import annotations

from ..physics.arrays import Array
from .running import ALPHA_S_48, descent

__all__ = ["dipoles_at_mb"]


def dipoles_at_mb(c_7: Array, c_8: Array, scale: Array) -> tuple[Array, Array]:
    """C_7 and C_8 at 4.8 GeV of those at a high scale, leading order in QCD (hep-ph/9512380).

    C_7 -> eta^a C_7 + (8/3)(eta^b - eta^a) C_8, C_8 -> eta^b C_8 with a = 16/(3 beta_0),
    b = 14/(3 beta_0) and eta = alpha_s(high)/alpha_s(low), six flavours above m_t, five below.

    Parameters
    ----------
    c_7, c_8 : (n,) complex arrays
        At the scale.
    scale : (1,) or (n,) array, TeV

    Returns
    -------
    tuple of two (n,) complex arrays
    """
    for eta, beta in descent(scale, ALPHA_S_48):
        photon, gluon = eta ** (16.0 / (3.0 * beta)), eta ** (14.0 / (3.0 * beta))
        c_7, c_8 = photon * c_7 + 8.0 / 3.0 * (gluon - photon) * c_8, gluon * c_8
    return c_7, c_8
