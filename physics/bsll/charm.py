"""C_9^eff(q2): quark loops of the four-quark operators at one loop."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from ...data.tables import table
from ..arrays import Array

__all__ = ["effective_c9", "quark_loop", "standard_model"]


@lru_cache(maxsize=1)
def standard_model() -> Mapping[str, float]:
    """Standard Model at 4.8 GeV: C_1 to C_6, C_7_eff, C_9, C_10 and what belongs to them.

    Returns
    -------
    mapping of str to float
        Besides, ``alpha_inv`` and ``lambda_t`` of the normalisation, ``mu``, ``m_b``, ``m_c`` (GeV,
        scale and pole masses), ``m_b_msbar`` (GeV, running mass at that scale).
    """
    columns = table("bsll_standard_model").columns
    return MappingProxyType({name: float(values[0]) for name, values in columns.items()})


def quark_loop(q2: Array, mass: float, scale: float) -> Array:
    """Function h(q2, m) of a quark loop, arXiv:hep-ph/0106067 eq. (11).

    h = -(4/9)(ln m^2/mu^2 - 2/3 - z) - (4/9)(2 + z) sqrt|z - 1| A with z = 4 m^2/q2 and
    A = arctan(1/sqrt(z - 1)) below the threshold, ln[(1 + sqrt(1 - z))/sqrt z] - i pi/2 above.

    Parameters
    ----------
    q2 : array, GeV^2
        Above zero.
    mass, scale : float, GeV
        Mass of the quark, zero allowed; mu.

    Returns
    -------
    complex array of the shape of `q2`, 1
    """
    if mass == 0.0:
        return np.asarray(4.0 / 9.0 * (2.0 / 3.0 + 1j * np.pi - np.log(q2 / scale**2)))
    z = 4.0 * mass**2 / np.asarray(q2)
    root = np.sqrt(np.abs(z - 1.0))
    # Both branches are evaluated everywhere: the inverse of a tiny root is not.
    open_ = np.log((1.0 + np.minimum(root, 1.0)) / np.sqrt(z)) - 0.5j * np.pi
    closed = np.arctan2(1.0, root)
    part = (2.0 + z) * root * np.where(z > 1.0, closed, open_)
    return np.asarray(-4.0 / 9.0 * (np.log(mass**2 / scale**2) - 2.0 / 3.0 - z + part))


def effective_c9(q2: Array) -> Array:
    """C_9^eff(q2) = C_9 + Y(q2) of the Standard Model at one loop, arXiv:0811.1214 eq. (10).

    Two-loop corrections and everything that is not a quark loop are left out: rates of the Standard
    Model come out 4 % (K l l at low q2) to 18 % (K* tau tau) too high.

    Parameters
    ----------
    q2 : array, GeV^2

    Returns
    -------
    complex array of the shape of `q2`, 1
    """
    sm = standard_model()
    c_1, c_2, c_3, c_4, c_5, c_6 = (sm[f"C_{k}"] for k in range(1, 7))
    charm = 4.0 / 3.0 * c_1 + c_2 + 6.0 * c_3 + 60.0 * c_5
    bottom = 7.0 * c_3 + 4.0 / 3.0 * c_4 + 76.0 * c_5 + 64.0 / 3.0 * c_6
    light = c_3 + 4.0 / 3.0 * c_4 + 16.0 * c_5 + 64.0 / 3.0 * c_6
    constant = 4.0 / 3.0 * c_3 + 64.0 / 9.0 * c_5 + 64.0 / 27.0 * c_6
    loops = (
        charm * quark_loop(q2, sm["m_c"], sm["mu"])
        - 0.5 * bottom * quark_loop(q2, sm["m_b"], sm["mu"])
        - 0.5 * light * quark_loop(q2, 0.0, sm["mu"])
    )
    return np.asarray(sm["C_9"] + loops + constant)
